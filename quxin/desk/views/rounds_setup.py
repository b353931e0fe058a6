"""Set a round up in three screens (what, who, when), look at all of it once more, publish. Until then it is a draft.

A draft is there for those who may open rounds for its organiser; for anybody else, also the judged, it does not exist.
"""

from datetime import datetime, time, timedelta
from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpResponse, QueryDict
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import path, reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from quxin.access import Action, Refused, require, scopes
from quxin.desk import round_offers as offers
from quxin.desk import round_rosters, round_subjects
from quxin.desk.choices import running
from quxin.desk.formkit import put_value, set_choices
from quxin.desk.round_forms import LISTS, WhatForm, WhenForm, usual_days
from quxin.desk.round_preview import preview
from quxin.desk.round_watch import path_of
from quxin.desk.round_words import draft_tabs, what_differs, when_differs, who_differs
from quxin.desk.shell import Desk, DeskRequest, View, desk_page, page, put_errors
from quxin.kernel import clock
from quxin.kernel.errors import QuxinError
from quxin.orgs.models import Organisation
from quxin.orgs.querysets import within
from quxin.records.evaluations import drafting
from quxin.records.evaluations.draft_marks import ALL_PARTS, WHAT, WHEN, WHO, mark_of
from quxin.records.evaluations.errors import DraftChanged, NothingToJudge
from quxin.records.evaluations.models import Round, RoundSubject
from quxin.records.evaluations.rules import judges_members, last_day

HERE = "rounds"
TWICE = timedelta(minutes=2)


def drafts(desk: Desk) -> QuerySet[Round]:
    """The drafts that the person may work on."""
    mine = within(scopes(desk.actor, Action.OPEN_ROUND), "organiser__path")
    return Round.objects.filter(mine, state=Round.State.DRAFT).select_related("organiser", "campaign")


def draft_page(view: View) -> View:
    """A page about a draft: what is published by now leads to its own page, what is not mine does not exist."""

    @desk_page
    def wrapped(request: DeskRequest, code: str) -> HttpResponseBase:
        mine = within(scopes(request.desk.actor, Action.OPEN_ROUND), "organiser__path")
        found = Round.objects.filter(mine, code=code).select_related("organiser", "campaign").first()
        if found is None:
            raise Http404
        if found.state != Round.State.DRAFT:
            messages.info(request, _("这一轮已经公布，不能再改。"))
            return redirect("desk:round", code=code)
        return view(request, found)

    return wrapped


# --- what ---


@desk_page
def round_setup(request: DeskRequest) -> HttpResponse:
    """The first screen of a new round: which questionnaire, what is judged; with the questionnaire as voters will see it."""
    desk = request.desk
    require(desk.actor, Action.OPEN_ROUND, desk.organisation.path)
    found = offers.offers()
    choices = offers.grouped(found, running(desk.actor, desk.today))
    given: QueryDict = request.POST if request.method == "POST" else request.GET
    offer = _chosen(found, given.get("evaluation", ""), choices)
    settled = request.method == "POST" and given.get("shown") == offer.key and not {"look", "find_now"} & set(given)
    if given.get("title") in {one.title for one in found} - {offer.title} and not settled:
        # The suggested name of a questionnaire that was looked at before: the new one suggests its own.
        suggested = given.copy()
        suggested["title"] = offer.title
        given = suggested
    form, branch = _what_form(desk, desk.organisation, offer.judges, given, bound=settled, title=offer.title)
    set_choices(form, "evaluation", choices)
    form.initial.update(evaluation=offer.key, shown=offer.key)
    if settled and form.is_valid():
        made = _drafted(desk, form, offer, branch)
        if made is not None:
            return redirect(_next(made), code=made.code)
    return page(
        request, "desk/rounds/what.html", HERE, form=form, preview=preview(offer.plain), judges=offer.judges,
        tabs=draft_tabs(None, "what"), crumbs=_crumbs(),
    )  # fmt: skip


@draft_page
def round_what(request: DeskRequest, found: Round) -> HttpResponse:
    """The first screen of a draft: its title and what it judges; its questionnaire stays."""
    desk = request.desk
    sorts = offers.judges(found.questionnaire)
    given = request.POST if request.method == "POST" else _judged(found)
    settled = request.method == "POST" and "find_now" not in given
    form, branch = _what_form(desk, found.organiser, sorts, given, bound=settled, title=found.title)
    del form.fields["evaluation"]
    if offers.MEMBERS in sorts:
        del form.fields["branch"]
    form.initial["mark"] = mark_of(found, WHAT)
    changes: list[dict[str, Any]] = []
    if settled and form.is_valid():
        try:
            drafting.set_judged(
                actor=desk.actor, round_=found, judged=_picked(desk, found.organiser, form, branch),
                title=form.cleaned_data["title"], seen=form.cleaned_data["mark"],
            )  # fmt: skip
            return redirect(_next(found), code=found.code)
        except Refused:
            raise
        except DraftChanged as error:
            changes = what_differs(found, form.cleaned_data, _judged(found))
            _offer_again(form, error, mark_of(_fresh(found), WHAT))
        except QuxinError as error:
            put_errors(form, error, _list_of(form, error))
    return page(
        request, "desk/rounds/what.html", HERE, round=found, form=form, preview=preview(found.questionnaire),
        judges=sorts, changes=changes, tabs=draft_tabs(found, "what"), crumbs=_crumbs(),
    )  # fmt: skip


def _chosen(found: list[offers.Offer], key: str, choices: Any) -> offers.Offer:
    """The questionnaire asked for, else the first of the list: that of a running campaign, if there is one."""
    by_key = {one.key: one for one in found}
    if key in by_key:
        return by_key[key]
    return by_key[choices[0][1][0][0]]


def _what_form(
    desk: Desk, home: Organisation, sorts: frozenset[str], given: QueryDict, *, bound: bool, title: str
) -> tuple[WhatForm, Organisation | None]:
    """The form with what may be chosen, and the branch whose members it lists; what was typed stands in it either way."""
    initial: dict[str, Any] = {name: given.getlist(name) for name in LISTS if name in given}
    initial |= {name: given[name] for name in ("title", "find", "branch", "mark") if name in given}
    initial.setdefault("title", title)
    form = WhatForm(given if bound else None, initial=initial)
    find, branch = given.get("find", ""), None
    if offers.PROMISES in sorts:
        rows = round_subjects.promises(desk.actor, home.path, find, given.getlist("promises"))
        set_choices(form, "promises", [(one.code, f"{one.text}（{one.organisation.name}）") for one in rows])
    if offers.ORGANISATIONS in sorts:
        places = round_subjects.organisations(desk.actor, home, find, given.getlist("organisations"), today=desk.today)
        set_choices(form, "organisations", [(one.code, one.name) for one in places])
    if offers.MEMBERS in sorts:
        branch = _branch(desk, home, form, find, given)
    for name in LISTS:
        if name not in sorts:
            del form.fields[name]
    if offers.MEMBERS not in sorts:
        del form.fields["branch"]
    return form, branch


def _branch(desk: Desk, home: Organisation, form: WhatForm, find: str, given: QueryDict) -> Organisation | None:
    """Fill in the branches and the members of the chosen one; all of them are chosen until somebody says otherwise."""
    rows = round_subjects.branches(desk.actor, home, find, given.get("branch", ""), today=desk.today)
    set_choices(form, "branch", [(one.code, one.name) for one in rows])
    branch = next((one for one in rows if one.code == given.get("branch", "")), rows[0] if rows else None)
    people = round_subjects.members(desk.actor, branch, today=desk.today) if branch else []
    set_choices(form, "members", people)
    known = {code for code, _name in people}
    if not known & set(form.initial.get("members", ())):
        form.initial["members"] = sorted(known)
    return branch


def _drafted(desk: Desk, form: WhatForm, offer: offers.Offer, branch: Organisation | None) -> Round | None:
    """The draft that the form asks for; the same one when the form comes twice. None when the operation refuses."""
    given = form.cleaned_data
    organiser = branch if branch is not None and given.get("members") else desk.organisation
    same = drafts(desk).filter(
        organiser=organiser, title=given["title"], questionnaire=offer.plain, made_by=desk.actor.account,
        made_at__gte=desk.now - TWICE,
    )  # fmt: skip
    if (twin := same.first()) is not None:
        return twin
    campaigns = running(desk.actor, desk.today)
    try:
        made = drafting.draft_round(
            actor=desk.actor,
            organiser=organiser,
            title=given["title"],
            questionnaire=offer.plain,
            judged=_picked(desk, desk.organisation, form, branch),
            campaign=next((one for one in campaigns if one.pack_version.pack == offer.pack), None),
            now=desk.now,
        )
    except Refused:
        raise
    except QuxinError as error:
        put_errors(form, error, _list_of(form, error))
        return None
    if judges_members(made):
        people = round_subjects.persons(desk.actor, [code for code, _name in form.fields["members"].choices])  # type: ignore[attr-defined]
        first = made.groups[0]["id"] if made.groups else ""
        drafting.set_voters(actor=desk.actor, round_=made, voters={first: drafting.Voters(people=people)})
    return made


def _picked(desk: Desk, home: Organisation, form: WhatForm, branch: Organisation | None) -> drafting.Judged:
    given = form.cleaned_data
    promises = round_subjects.promises(desk.actor, home.path, "", given.get("promises", []))
    places = round_subjects.organisations(desk.actor, home, "", given.get("organisations", []), today=desk.today)
    return drafting.Judged(
        commitments=[one for one in promises if one.code in given.get("promises", ())],
        organisations=[one for one in places if one.code in given.get("organisations", ())],
        members=round_subjects.persons(desk.actor, given.get("members", ())) if branch is not None else (),
    )


def _judged(found: Round) -> QueryDict:
    """What a draft judges, as its form would have sent it."""
    told = QueryDict(mutable=True)
    for one in RoundSubject.objects.filter(round=found).select_related("organisation", "commitment", "person"):
        if one.commitment is not None:
            told.appendlist("promises", one.commitment.code)
        elif one.person is not None:
            told.appendlist("members", one.person.code)
        else:
            told.appendlist("organisations", one.organisation.code)
    if "members" in told:
        told["branch"] = found.organiser.code
    told["title"] = found.title
    return told


def _list_of(form: WhatForm, error: QuxinError) -> str | None:
    """Beside which list an error of the operation stands."""
    if isinstance(error, NothingToJudge):
        return next((name for name in LISTS if name in form.fields), None)
    return "promises" if "promises" in form.fields else None


# --- who ---


@draft_page
def round_who(request: DeskRequest, found: Round) -> HttpResponse:
    """The second screen: who may vote. Every button saves the whole screen; `act` says where to go then."""
    desk = request.desk
    error, changes = "", []
    if request.method == "POST" and found.access == Round.Access.ROSTER:
        try:
            voters = round_rosters.read_voters(found, desk.actor, request.POST, request.FILES, today=desk.today)
            drafting.set_voters(actor=desk.actor, round_=found, voters=voters, seen=request.POST.get("mark", ""))
            messages.success(request, _("名册已保存。"))
            return redirect(_after_who(found, request.POST))
        except Refused:
            raise
        except DraftChanged as changed:
            error = _told(changed)
            changes = who_differs(found, request.POST, round_rosters.standing(found))
        except QuxinError as bad:
            error = _told(bad)
        except ValueError:
            error = _("张数请填整数。")
    elif request.method == "POST":
        return redirect("desk:round_when", code=found.code)
    asked = request.POST if error else request.GET
    groups = round_rosters.parts(found, desk.actor, found.organiser, asked, today=desk.today, sent=bool(error))
    return page(
        request, "desk/rounds/who.html", HERE, round=found, groups=groups, error=error, changes=changes,
        mark=mark_of(_fresh(found), WHO), total=sum(one.count for one in groups), by_roster=_by_roster(found),
        tabs=draft_tabs(found, "who"), crumbs=_crumbs(), status=409 if changes else 422 if error else 200,
    )  # fmt: skip


def _after_who(found: Round, sent: QueryDict) -> str:
    """On to the third screen, or back to the second where something was only added or looked for."""
    act = sent.get("act", "")
    if act == "next":
        return reverse("desk:round_when", args=[found.code])
    here, _sep, number = reverse("desk:round_who", args=[found.code]), *act.partition("-")[1:]
    query = {f"find_{number}": sent.get(f"find_{number}", "")} if act.startswith("find-") else {}
    return f"{here}{'?' if query else ''}{urlencode(query)}#group-{number}" if number else here


# --- when ---


@draft_page
def round_when(request: DeskRequest, found: Round) -> HttpResponse:
    """The third screen: the days, the minimum, who witnesses, and of a roster whether a panel is drawn."""
    desk = request.desk
    more = "more" in request.POST  # one row more, and what was typed stands in it unjudged
    rows = sum(1 for name in request.POST if name.startswith("name_")) if more else len(found.witnesses)
    form = WhenForm(
        request.POST if request.method == "POST" and not more else None,
        initial=_terms_of(found, desk) | (request.POST.dict() if more else {}),
        by_roster=_by_roster(found),
        witnesses=rows + 1,
    )
    changes: list[dict[str, Any]] = []
    if form.is_bound and form.is_valid():
        try:
            drafting.set_terms(
                actor=desk.actor, round_=found, terms=_terms(form), now=desk.now, seen=form.cleaned_data["mark"]
            )
            return redirect("desk:round_check", code=found.code)
        except Refused:
            raise
        except DraftChanged as error:
            stored = _fresh(found)
            changes = when_differs(stored, form.cleaned_data, form.witnesses())
            _offer_again(form, error, mark_of(stored, WHEN))
        except QuxinError as error:
            put_errors(form, error, _term_of(form, error))
    return page(
        request, "desk/rounds/when.html", HERE, round=found, form=form, changes=changes, by_roster=_by_roster(found),
        key_href=path_of("portal:witness_key"), tabs=draft_tabs(found, "when"), crumbs=_crumbs(),
        status=409 if changes else 200,
    )  # fmt: skip


def _terms_of(found: Round, desk: Desk) -> dict[str, Any]:
    """What the draft says of when and how; a week from today while nothing was said."""
    said = {"opens_on": clock.local_date(found.opens_at), "last_on": last_day(found)}
    initial = (said if found.closes_at > found.opens_at else usual_days(desk.today)) | {
        "minimum": found.minimum,
        "panel": found.panel.get("size") or None,
        "mark": mark_of(found, WHEN),
    }
    for number, one in enumerate(found.witnesses):
        initial |= {f"name_{number}": one["name"], f"role_{number}": one["role"], f"key_{number}": one["public_key"]}
    return initial


def _terms(form: WhenForm) -> drafting.Terms:
    given = form.cleaned_data
    return drafting.Terms(
        opens_at=_midnight(given["opens_on"]),
        closes_at=_midnight(given["last_on"] + timedelta(days=1)),
        minimum=given["minimum"],
        witnesses=form.witnesses(),
        panel=given.get("panel") or 0,
    )


def _term_of(form: WhenForm, error: QuxinError) -> str | None:
    """Beside which field an error of the operation stands."""
    name = {"BadDates": "last_on", "BadMinimum": "minimum", "PanelTooSmall": "panel"}.get(type(error).__name__)
    if type(error).__name__ == "BadWitness":
        wrong = error.params.get("name", "")
        name = next((f"key_{n}" for n in range(form.rows) if form.cleaned_data.get(f"name_{n}") == wrong), "name_0")
    return name if name in form.fields else None


# --- all of it, and publish ---


@draft_page
def round_check(request: DeskRequest, found: Round) -> HttpResponse:
    """Everything that will be frozen, on one page; a POST publishes just what the page showed."""
    desk = request.desk
    error = ""
    if request.method == "POST":
        try:
            drafting.publish_round(actor=desk.actor, round_=found, now=desk.now, seen=request.POST.get("mark", ""))
        except Refused:
            raise
        except DraftChanged:
            error = _("您打开这一页以后，别人改过这份草稿。下面是现在的内容：核对以后再公布。")
        except QuxinError as refused:
            error = _told(refused)
        else:
            messages.success(request, _("已经公布。名册、问卷和日期从现在起都不能再改。"))
            return redirect("desk:round", code=found.code)
    held = _fresh(found)
    groups = round_rosters.parts(held, desk.actor, held.organiser, QueryDict(), today=desk.today)
    return page(
        request, "desk/rounds/check.html", HERE, round=held, error=error, mark=mark_of(held, ALL_PARTS),
        by_roster=_by_roster(held), preview=preview(held.questionnaire), until=last_day(held),
        timed=held.closes_at > held.opens_at, **_checked(held, groups), tabs=draft_tabs(held, "check"), crumbs=_crumbs(),
        status=422 if error else 200,
    )  # fmt: skip


def _checked(held: Round, groups: list[round_rosters.GroupPart]) -> dict[str, Any]:
    """What the check page lists, and what stands in the way of publishing."""
    judged = list(RoundSubject.objects.filter(round=held).select_related("organisation", "commitment", "person"))
    small = [one for one in groups if one.count < held.minimum] if _by_roster(held) else []
    return {
        "judged": judged,
        "groups": groups,
        "small": small,
        "total": sum(one.count for one in groups),
        "cards": sum(one.named + one.cards for one in groups),
        "without_account": sum(one.without_account for one in groups),
        "blocked": bool(small) or held.closes_at <= held.opens_at,
    }


@draft_page
def round_drop(request: DeskRequest, found: Round) -> HttpResponse:
    """Throw a draft away: the page that asks, and the deed."""
    if request.method == "POST":
        drafting.drop_draft(actor=request.desk.actor, round_=found, now=request.desk.now)
        messages.success(request, _("草稿已删去。"))
        return redirect("desk:rounds")
    return page(request, "desk/rounds/drop.html", HERE, round=found, crumbs=_crumbs())


# --- shared ---


def _next(found: Round) -> str:
    return "desk:round_who" if _by_roster(found) else "desk:round_when"


def _by_roster(found: Round) -> bool:
    return found.access == Round.Access.ROSTER


def _fresh(found: Round) -> Round:
    return Round.objects.select_related("organiser", "campaign").get(pk=found.pk)


def _offer_again(form: WhatForm | WhenForm, error: QuxinError, mark: str) -> None:
    """Say that somebody else saved first; sent once more, this form counts."""
    put_value(form, "mark", mark)
    put_errors(form, error)


def _told(error: QuxinError) -> str:
    return f"{error.text(_)} {error.hint_text(_)}".strip()


def _midnight(day: Any) -> datetime:
    return datetime.combine(day, time(), tzinfo=clock.TZ)


def _crumbs() -> list[dict[str, str]]:
    return [{"title": _("评议"), "href": reverse("desk:rounds")}]


urlpatterns = [
    path("rounds/new/screens/", round_setup, name="round_setup"),
    path("rounds/<str:code>/what/", round_what, name="round_what"),
    path("rounds/<str:code>/who/", round_who, name="round_who"),
    path("rounds/<str:code>/when/", round_when, name="round_when"),
    path("rounds/<str:code>/check/", round_check, name="round_check"),
    path("rounds/<str:code>/drop/", round_drop, name="round_drop"),
]
