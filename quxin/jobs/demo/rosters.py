"""Rounds with a roster, cast through real tokens: 民主评议行风 closed and signed, 民主评议党员 decided, one that is open now.

The open one's cards stand on the demonstration's log-in page, so that whoever tries it has one. A key takes 40 ms and a token of
the pool 6 ms: the rosters are as small as rounds may be.
"""

import hashlib
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from itertools import cycle
from typing import Any

from django.conf import settings

from quxin.access import ANYONE, SYSTEM, Actor
from quxin.jobs.demo.moment import Moment, at, noon
from quxin.kernel import blind, clock, signing
from quxin.orgs.models import Organisation
from quxin.packs.queries import current
from quxin.records.evaluations import drafting
from quxin.records.evaluations.answers import answer_complaint
from quxin.records.evaluations.board import signed_bytes
from quxin.records.evaluations.closing import close_round
from quxin.records.evaluations.decisions import decide_members
from quxin.records.evaluations.models import Answer, Round, RoundKey
from quxin.records.evaluations.questionnaire import snapshot
from quxin.records.evaluations.sheets import Sheet, cast_sheet
from quxin.records.evaluations.tokens import Token, draw_tokens, issue_tokens, keys_for, line_of
from quxin.records.evaluations.witnesses import countersign

PASSPHRASE = "demo witness passphrase"  # noqa: S105 - of a key that only the demonstration knows
KEY_FILE = "demo-witness.pem"
CARDS = 8
SECTIONS = ("质量发展处", "标准化处", "特种设备处")
# What the invented voters of each group say of the three sections, in turn, and their words.
SAID = {
    "enterprises": ((5, 4, 5), (5, 5, 4), (4, 4, 2), (4, 3, 5), (3, 5, 1)),
    "inspectors": ((4, 4, 3), (3, 5, 4), (4, 3, 4)),
    "citizens": ((5, 4, 2), (4, 5, 3), (2, 4, 5), (5, 3, 4)),
}
VOTERS = {"enterprises": 14, "inspectors": 8, "citizens": 12}
WORDS = {2: "电梯复检等了三周，没有人告诉一声。", 5: "希望办证窗口中午也有人值班。", 9: "网上的表格和窗口的不一样。"}


def make(moment: Moment) -> None:
    """The closed review of conduct, the decided review of members, and the round that is open now."""
    _conduct(moment)
    _members(moment)
    _open_now(moment)


def _conduct(moment: Moment) -> None:
    """Three groups judged three sections; one of two witnesses has signed, the other's key is there to be tried."""
    agency, opened = at("320000"), moment.today - timedelta(days=40)
    keys = [signing.generate(PASSPHRASE) for _ in range(2)]
    named = (("赵公正（示例）", "驻局纪检监督组"), ("钱群众（示例）", "企业代表"))
    witnesses = [drafting.Witness(*who, key.public) for who, key in zip(named, keys, strict=True)]
    round_ = _publish(
        moment,
        title="处室行风民主评议（示例）",
        asked=_asked("county-tiejun", "conduct"),
        judged=drafting.Judged(organisations=[_section(agency, name) for name in SECTIONS]),
        voters={group: drafting.Voters(cards=count) for group, count in VOTERS.items()},
        opens_at=noon(opened),
        closes_at=noon(opened + timedelta(days=14)),
        witnesses=witnesses,
    )
    subjects = list(round_.subjects.order_by("pk").values_list("code", flat=True))
    said = {group: cycle(grades) for group, grades in SAID.items()}
    for turn, card in enumerate(_cards(round_), 1):
        if turn % 16 == 0:
            continue  # somebody never came
        (token,) = draw_tokens(actor=ANYONE, round_=round_, card=card.code, now=noon(opened), today=opened)
        if turn % 11 == 0:
            continue  # somebody fetched a token and never cast it
        sheet = {code: _on_section(grade) for code, grade in zip(subjects, next(said[card.group]), strict=True)}
        if turn in WORDS:
            sheet[subjects[2]]["words"] = WORDS[turn]
        _cast(round_, token, sheet, turn, noon(opened + timedelta(days=1 + turn % 12)))
    closed = noon(opened + timedelta(days=15))
    close_round(actor=SYSTEM, round_=round_, now=closed)
    round_.refresh_from_db()
    for owed in list(Answer.objects.filter(subject__round=round_).select_related("subject__organisation"))[:-1]:
        words = "已核实，窗口负责人当面说明并改进，下月由行风监督员回访。"
        answer_complaint(actor=SYSTEM, answer=owed, words=words, today=owed.due_on, now=noon(owed.due_on))
    signature = signing.sign(keys[0].pem, signed_bytes(round_.statement or {}), passphrase=PASSPHRASE)
    countersign(round_=round_, signature=signature, now=closed, today=clock.local_date(closed))
    (settings.QUXIN_HOME / KEY_FILE).write_text(keys[1].pem, encoding="ascii")
    moment.trials["witness"] = {
        "round": round_.code, "title": round_.title, "name": witnesses[1].name, "file": str(settings.QUXIN_HOME / KEY_FILE),
        "passphrase": PASSPHRASE,
    }  # fmt: skip


def _members(moment: Moment) -> None:
    """A branch judged six of its members; the branch's body departed from the count once, and said why."""
    branch = Organisation.objects.within(at("320000").path).get(name="计量处党支部")
    people, opened = moment.people[branch.pk], moment.today - timedelta(days=30)
    round_ = _publish(
        moment,
        title="年度民主评议党员（示例）",
        asked=_asked("jiangsu-2024", "members"),
        judged=drafting.Judged(members=people[:6]),
        voters={"": drafting.Voters(people=people)},
        opens_at=noon(opened),
        closes_at=noon(opened + timedelta(days=7)),
        organiser=branch,
    )
    subjects = list(round_.subjects.order_by("pk").values_list("code", flat=True))
    for turn, person in enumerate(people):
        token = _fetch(round_, Actor(account=None, person=person.pk), noon(opened))
        sheet = {code: {"overall": 4 if (turn + place) % 6 > place else 3} for place, code in enumerate(subjects)}
        _cast(round_, token, sheet, turn, noon(opened + timedelta(days=1 + turn % 5)))
    closed = noon(opened + timedelta(days=8))
    close_round(actor=SYSTEM, round_=round_, now=closed)
    round_.refresh_from_db()
    grades = {code: one["grades"][0] for code, one in (round_.proposal or {})["members"].items()}
    departing = next(code for code in subjects if grades[code] == 4)
    decide_members(
        actor=SYSTEM,
        round_=round_,
        body="计量处党支部委员会",
        grades=grades | {departing: 3},
        reasons={departing: "评议期内有一次应到未到的组织生活，经支委会讨论定为合格。"},
        today=clock.local_date(closed),
        now=closed,
    )


def _open_now(moment: Moment) -> None:
    """A round that takes ballots now; who tries it finds its cards on the log-in page."""
    agency = at("320000")
    round_ = _publish(
        moment,
        title="机关作风群众测评（名册，进行中）",
        asked=_asked("jiangsu-2024", "people") | {"access": "roster"},
        judged=drafting.Judged(organisations=[agency]),
        voters={"": drafting.Voters(cards=CARDS)},
        opens_at=moment.now - timedelta(hours=1),
        closes_at=moment.now + timedelta(days=30),
    )
    codes = [card.printed for card in _cards(round_)]
    moment.trials["cards"] = {"round": round_.code, "title": round_.title, "codes": codes}


def _publish(
    moment: Moment,
    *,
    title: str,
    asked: dict[str, Any],
    judged: drafting.Judged,
    voters: Mapping[str, drafting.Voters],
    opens_at: datetime,
    closes_at: datetime,
    witnesses: Sequence[drafting.Witness] = (),
    organiser: Organisation | None = None,
) -> Round:
    round_ = drafting.draft_round(
        actor=SYSTEM,
        organiser=organiser or at("320000"),
        title=title,
        questionnaire=asked,
        judged=judged,
        now=opens_at,
    )
    drafting.set_voters(actor=SYSTEM, round_=round_, voters=voters)
    terms = drafting.Terms(opens_at=opens_at, closes_at=closes_at, witnesses=witnesses)
    drafting.set_terms(actor=SYSTEM, round_=round_, terms=terms, now=opens_at)
    return drafting.publish_round(actor=SYSTEM, round_=round_, now=opens_at)


def _asked(pack_id: str, evaluation: str) -> dict[str, Any]:
    pack = current(pack_id)
    return snapshot(pack.evaluations[evaluation], pack=pack_id, version=pack.version)


def _section(agency: Organisation, name: str) -> Organisation:
    return Organisation.objects.within(agency.path).get(name=name)


def _cards(round_: Round) -> list[drafting.Card]:
    return [card for card, _ in drafting.card_sheet(actor=SYSTEM, round_=round_)]


def _on_section(grade: int) -> dict[str, Any]:
    """A sheet's answers on one section: whoever is dissatisfied says where."""
    return {"overall": grade} | ({"where": ["slow"]} if grade < 3 else {})


def _fetch(round_: Round, voter: Actor, now: datetime) -> Token:
    """What a voter's browser does: make a token, have it signed blindly, unblind it."""
    (key,) = keys_for(line_of(round_, person=voter.person))
    message = blind.prepare()
    hidden = blind.blind(bytes(key.public), message)
    signed = issue_tokens(
        actor=voter, round_=round_, blinded={key.key_id: hidden.message}, now=now, today=clock.local_date(now)
    )
    return Token(key.key_id, message, blind.finalize(bytes(key.public), message, signed[key.key_id], hidden.inverse))


def _cast(round_: Round, token: Token, answers: dict[str, Any], turn: int, now: datetime) -> None:
    subject = RoundKey.objects.select_related("subject").get(key_id=token.key).subject
    sheet = Sheet(
        round_code=round_.code,
        subject_code=subject.code if subject else "",
        key=token.key,
        message=token.message,
        signature=token.signature,
        answers=answers,
        nonce=hashlib.sha256(f"demo {round_.code} {turn}".encode()).hexdigest()[:32],
    )
    cast_sheet(sheet=sheet, now=now, today=clock.local_date(now))
