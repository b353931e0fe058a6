"""The second screen of a round: who may vote, group by group. Every button saves, so that nothing typed is ever lost.

People are added and taken away one step at a time; names for cards and the number of cards without a name are what stands in
the form. Not for rules: `set_voters` freezes nothing, publishing does.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.db.models import Q
from django.http import QueryDict
from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext as _

from quxin.access import Actor
from quxin.desk.round_forms import MOST_CARDS
from quxin.desk.round_preview import said
from quxin.desk.round_subjects import OFFERED
from quxin.kernel.errors import QuxinError
from quxin.orgs.models import Account, Organisation, Person, Post
from quxin.orgs.queries import roll, search_organisations, search_people
from quxin.orgs.querysets import within
from quxin.records.evaluations.drafting import Voters
from quxin.records.evaluations.models import RosterLine, Round
from quxin.sheets.columns import Column
from quxin.sheets.guard import Limits, open_workbook
from quxin.sheets.reading import NoTable, find_table
from quxin.sheets.workbook import Workbook

SHOWN = 300  # people of one group that the page lists by name
FOUND = 12
MOST_PEOPLE = 3000
LIMITS = Limits(max_bytes=2 * 1024 * 1024, max_rows=20_000)
NAME = Column("name", "名称", ("姓名", "名字", "单位名称", "企业名称", "企业", "单位", "发给谁", "对象"), required=True)


class TooManyVoters(QuxinError):
    """More cards or people than one round takes."""

    default_message = "“%(group)s”有 %(count)s %(what)s，一轮最多 %(most)s。"
    default_hint = "请减少一些，或者分成几轮来办；人数很多时可以抽样。"


@dataclass(frozen=True, slots=True)
class GroupPart:
    """One group as the page shows it. `labels` is the text of the box; `found` and `places` are what a search gave."""

    number: int
    id: str
    title: str
    who: str
    weight: str
    people: tuple[Person, ...]
    without_account: int
    labels: str
    named: int
    cards: int
    find: str = ""
    found: tuple[Person, ...] = ()
    places: tuple[Organisation, ...] = ()
    dropped: frozenset[str] = frozenset()
    chosen: frozenset[str] = frozenset()

    @property
    def count(self) -> int:
        """How many may vote."""
        return len(self.people) + self.named + self.cards

    @property
    def shown(self) -> tuple[Person, ...]:
        """The people whom the page lists."""
        return self.people[:SHOWN]


@dataclass
class Standing:
    """A group's roster as it is stored."""

    people: list[Person] = field(default_factory=list)
    labels: list[str] = field(default_factory=list)
    cards: int = 0


def standing(round_: Round) -> dict[str, Standing]:
    """Group → what the draft's roster holds; two queries."""
    held = {group["id"]: Standing() for group in round_.groups or [{"id": ""}]}
    lines = RosterLine.objects.filter(round=round_).select_related("person").order_by("person__sort_key", "pk")
    for line in lines:
        part = held.setdefault(line.group, Standing())
        if line.person is not None:
            part.people.append(line.person)
        elif line.label:
            part.labels.append(line.label)
        else:
            part.cards += 1
    return held


def parts(
    round_: Round, actor: Actor, home: Organisation, asked: QueryDict, *, today: date, sent: bool = False
) -> list[GroupPart]:
    """The groups for the page; `asked` says what is searched for in which group, and when `sent`, what was typed."""
    stored = standing(round_)
    everybody = [one.pk for part in stored.values() for one in part.people]
    near = nearby(actor, home, today=today)
    reachable: set[int | None] = set(
        Account.objects.filter(person__in=everybody, is_active=True).values_list("person_id", flat=True)
    )
    found = []
    for number, group in enumerate(groups_of(round_)):
        part = _part(number, group, stored[group["id"]], reachable, asked if sent else None)
        text = asked.get(f"find_{number}", "").strip()
        found.append(_searched(part, actor, text, today) if text else replace(part, places=near))
    return found


def groups_of(round_: Round) -> list[dict[str, Any]]:
    """The groups of a round's questionnaire (id, title, who, weight); one without an id where it has none."""
    declared = {one["id"]: one for one in round_.questionnaire.get("groups", ())}
    if not round_.groups:
        return [{"id": "", "title": _("全体投票人"), "who": "", "weight": ""}]
    return [
        {
            "id": one["id"],
            "title": said(declared[one["id"]]["title"]) if one["id"] in declared else one["title"],
            "who": declared.get(one["id"], {}).get("who", ""),
            "weight": f"{one['weight'] / 10:g}%" if one.get("weight") else "",
        }
        for one in round_.groups
    ]


def read_voters(
    round_: Round, actor: Actor, sent: QueryDict, files: MultiValueDict[str, UploadedFile], *, today: date
) -> dict[str, Voters]:
    """What the form makes of the roster that stands. Raises TooManyVoters, a BadWorkbook, ValueError for no number."""
    stored = standing(round_)
    act = sent.get("act", "")
    found = {}
    for number, group in enumerate(groups_of(round_)):
        held = stored[group["id"]]
        labels = _lines(sent.get(f"labels_{number}", ""))
        upload = files.get(f"sheet_{number}")
        if upload is not None:
            labels += names_in(upload)
        people = _people(held.people, actor, sent, number, act, today)
        if act == f"cards-{number}":
            people, labels = _to_cards(people, labels)
        cards = int(sent.get(f"cards_{number}") or 0)
        voters = Voters(people=people, labels=list(dict.fromkeys(labels)), cards=max(0, cards))
        _require_few(group["title"], voters)
        found[group["id"]] = voters
    return found


def _require_few(title: str, voters: Voters) -> None:
    cards = len(voters.labels) + voters.cards
    if cards > MOST_CARDS:
        raise TooManyVoters(group=title, count=cards, what=_("张领票卡"), most=MOST_CARDS)
    if len(voters.people) > MOST_PEOPLE:
        raise TooManyVoters(group=title, count=len(voters.people), what=_("人"), most=MOST_PEOPLE)


def people_of(actor: Actor, organisation: Organisation, *, today: date) -> list[Person]:
    """The members and the holders of posts of an organisation and all below it whose files the actor may see."""
    members = {row.person for row in roll(actor, organisation, on=today, below=True, limit=MOST_PEOPLE)}
    posts = Post.objects.filter(within((organisation.path,), "organisation__path"), from_on__lte=today)
    holders = set(posts.exclude(until_on__lte=today).values_list("person_id", flat=True)[:MOST_PEOPLE])
    visible = Person.objects.visible_to(actor).filter(pk__in=members | holders, erased_at__isnull=True)
    return list(visible.order_by("sort_key", "pk"))


def names_in(upload: UploadedFile) -> list[str]:
    """The names in a sheet: the column so titled, else the first column. Raises a BadWorkbook."""
    workbook = open_workbook(upload.read(), limits=LIMITS)
    try:
        rows = find_table(workbook, [NAME]).rows()
        names = [str(row.values["name"] or "") for row in rows]
    except NoTable:
        names = _first_column(workbook)
    return [name.strip()[:120] for name in names if name.strip()]


def _first_column(workbook: Workbook) -> list[str]:
    names = []
    for sheet in workbook.sheets[:1]:
        for cells in workbook.sheet(sheet).rows():
            first = next((cell for cell in cells if cell not in (None, "")), None)
            names.append("" if first is None else str(first))
    return names


def _people(held: Sequence[Person], actor: Actor, sent: QueryDict, number: int, act: str, today: date) -> list[Person]:
    """Those who stand, less those taken away, and those added by name or by organisation."""
    if act == f"clear-{number}":
        return []
    dropped = set(sent.getlist(f"drop_{number}"))
    people = [one for one in held if one.code not in dropped]
    codes = sent.getlist(f"add_{number}")[:SHOWN]
    if codes:
        people += list(Person.objects.visible_to(actor).filter(code__in=codes, erased_at__isnull=True))
    if act == f"org-{number}":
        place = Organisation.objects.visible_to(actor).filter(code=sent.get(f"org_{number}", "")).first()
        people += people_of(actor, place, today=today) if place is not None else []
    return list({one.pk: one for one in people}.values())


def _to_cards(people: list[Person], labels: list[str]) -> tuple[list[Person], list[str]]:
    """Whoever has no account gets a card with his name instead."""
    with_account = set(Account.objects.filter(person__in=people, is_active=True).values_list("person_id", flat=True))
    left = [one for one in people if one.pk in with_account]
    return left, labels + [one.name for one in people if one.pk not in with_account]


def nearby(actor: Actor, home: Organisation, *, today: date) -> tuple[Organisation, ...]:
    """The organisations that the page offers without a search: `home` and what lies right below it."""
    visible = Organisation.objects.visible_to(actor).open_on(today)
    near = visible.filter(Q(pk=home.pk) | Q(parent=home)).order_by("depth", "sort_key", "pk")
    return tuple(near[:OFFERED])


def _part(
    number: int, group: dict[str, Any], held: Standing, reachable: set[int | None], sent: QueryDict | None
) -> GroupPart:
    labels = "\n".join(held.labels) if sent is None else sent.get(f"labels_{number}", "")
    cards = str(held.cards) if sent is None else sent.get(f"cards_{number}", "")
    return GroupPart(
        number=number,
        id=group["id"],
        title=group["title"],
        who=group["who"],
        weight=group["weight"],
        people=tuple(held.people),
        without_account=sum(1 for one in held.people if one.pk not in reachable),
        labels=labels,
        named=len(dict.fromkeys(_lines(labels))),
        cards=int(cards) if cards.isdecimal() else 0,
        find=sent.get(f"find_{number}", "") if sent else "",
        dropped=frozenset(sent.getlist(f"drop_{number}") if sent else ()),
        chosen=frozenset(sent.getlist(f"add_{number}") if sent else ()),
    )


def _searched(part: GroupPart, actor: Actor, text: str, today: date) -> GroupPart:
    """The group with whom and what a search finds; those who stand already are left out."""
    already = {one.pk for one in part.people}
    found = tuple(one for one in search_people(actor, text, limit=FOUND) if one.pk not in already)
    places = tuple(search_organisations(actor, text, on=today, limit=FOUND))
    return replace(part, find=text, found=found, places=places)


def _lines(text: str) -> list[str]:
    """The names in pasted text: one a line, or in cells of a row; blank ones left out."""
    lines = (cell.strip() for line in text.splitlines() for cell in line.split("\t"))
    return [line[:120] for line in lines if line]
