"""Rolls and member files. Files are seen by those who may and by the person; numbers come with stars.

Numbers in full are for security administrators, who give a reason that stands in the audit, and for the person alone.
"""

import json
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from quxin.access import Action, Refused, may, require
from quxin.briefs import members as briefs
from quxin.briefs.commitments import promise_rows, with_words
from quxin.desk.entry import attachment, excel
from quxin.desk.people_forms import ACTS, NewPersonForm, PersonAct, UnmaskForm
from quxin.desk.shell import Desk, DeskRequest, desk_page, page, put_errors
from quxin.kernel.errors import QuxinError
from quxin.orgs import operations
from quxin.orgs.models import MemberStatus, Organisation, Person
from quxin.orgs.own_data import own_data
from quxin.orgs.people import paths_of
from quxin.orgs.queries import visible_organisation
from quxin.records.commitments.models import Commitment
from quxin.sheets.columns import Column

HERE = "organisations"
MOST_EXPORTED = 5000


@desk_page
def people(request: DeskRequest) -> HttpResponse:
    """The roll of an organisation, filtered and sorted as the address says."""
    desk = request.desk
    organisation = _organisation(request)
    require(desk.actor, Action.VIEW_MEMBER_FILE, organisation.path)
    wanted = _wanted(request)
    if request.GET.get("export"):
        return _export(desk, organisation, wanted)
    number = request.GET.get("page", "1")
    roll = briefs.roll_page(
        desk.actor, organisation, today=desk.today, page=int(number) if number.isdigit() else 1, **wanted
    )
    return page(
        request,
        "desk/people.html",
        HERE,
        roll=roll,
        organisation=organisation,
        columns=[
            {"title": _("姓名"), "sort": "name"},
            {"title": _("身份"), "sort": "status"},
            {"title": _("党组织")},
            {"title": _("职务")},
            {"title": _("入党日期"), "sort": "joined"},
            {"title": _("在册起"), "sort": "from"},
        ],
        may_manage=bool(may(desk.actor, Action.MANAGE_PEOPLE, organisation.path)),
        may_export=bool(may(desk.actor, Action.EXPORT, organisation.path)),
        crumbs=_place(organisation),
        wanted=wanted,
    )


def _organisation(request: DeskRequest) -> Organisation:
    code = request.GET.get("at", "")
    found = visible_organisation(request.desk.actor, code) if code else request.desk.organisation
    if found is None:
        raise Http404
    return found


def _wanted(request: DeskRequest) -> dict[str, Any]:
    status = request.GET.get("status", "")
    return {
        "search": request.GET.get("q", "").strip()[:60],
        "status": status if status in MemberStatus.values else "",
        "below": request.GET.get("below") == "1",
        "sort": request.GET.get("sort", "")[:20],
    }


def _place(organisation: Organisation) -> list[dict[str, str]]:
    return [
        {"title": _("组织"), "href": f"{reverse('desk:organisations')}?at={organisation.code}"},
        {"title": organisation.name, "href": reverse("desk:organisation", args=[organisation.code])},
    ]


def _export(desk: Desk, organisation: Organisation, wanted: dict[str, Any]) -> HttpResponse:
    require(desk.actor, Action.EXPORT, organisation.path)
    roll = briefs.roll_page(desk.actor, organisation, today=desk.today, size=MOST_EXPORTED, **wanted)
    columns = [
        Column("name", _("姓名")),
        Column("status", _("身份")),
        Column("organisation", _("党组织")),
        Column("posts", _("职务")),
        Column("joined_on", _("入党日期"), kind="date"),
        Column("from_on", _("在册起"), kind="date"),
    ]
    rows = (
        {
            "name": row.name,
            "status": _(row.status_title),
            "organisation": row.organisation,
            "posts": "、".join(row.posts),
            "joined_on": row.joined_on,
            "from_on": row.from_on,
        }
        for row in roll.rows
    )
    return excel(_("%s名册") % organisation.name, columns, rows, notes=[_("截至 %s") % desk.today.isoformat()])


@desk_page
def person_add(request: DeskRequest) -> HttpResponse:
    """Enter a person into the organisation `?at=`."""
    desk = request.desk
    organisation = _organisation(request)
    require(desk.actor, Action.MANAGE_PEOPLE, organisation.path)
    form = NewPersonForm(request.POST if request.method == "POST" else None, desk=desk, organisation=organisation)
    if form.is_bound and form.is_valid():
        try:
            made = form.save()
        except Refused:
            raise
        except QuxinError as error:
            put_errors(form, error)
        else:
            messages.success(request, _("人员已经登记。"))
            return redirect("desk:person", code=made.code)
    return page(
        request, "desk/person_add.html", HERE, form=form, organisation=organisation, crumbs=_place(organisation)
    )


@never_cache
@desk_page
def person(request: DeskRequest, code: str) -> HttpResponse:
    """A member's file; for a security administrator only who it is and the numbers, with stars."""
    desk = request.desk
    brief = briefs.member_brief(desk.actor, code, today=desk.today)
    if brief is None:
        masked = briefs.unmaskable(desk.actor).filter(code=code).first()
        if masked is None:
            raise Http404
        return page(request, "desk/person_masked.html", "accounts", person=briefs.masked_of(masked), form=UnmaskForm())
    home = brief.current.organisation if brief.current else None
    return page(
        request,
        "desk/person.html",
        HERE,
        brief=brief,
        file=brief.file,
        basics=_basics(brief),
        acts=_acts(brief),
        unmask_form=UnmaskForm() if brief.may_unmask else None,
        crumbs=_place(home) if home else [],
    )


def _basics(brief: briefs.MemberBrief) -> list[dict[str, Any]]:
    file = brief.file
    rows = [
        {"title": _("身份"), "value": _(brief.status_title) if brief.status_title else ""},
        {"title": _("入党日期"), "value": file.joined_on.isoformat() if file.joined_on else ""},
        {"title": _("工号"), "value": file.staff_number},
        {"title": _("公民身份号码"), "value": file.identity},
        {"title": _("手机"), "value": file.phone},
        {"title": _("退休"), "value": _("已退休") if file.retired else ""},
    ]
    return [row for row in rows if row["value"]]


def _acts(brief: briefs.MemberBrief) -> list[dict[str, Any]]:
    if not brief.may_manage:
        return []
    holds = {
        "member": brief.current is not None,
        "free": brief.current is None,
        "post": bool(brief.open_posts),
        "": True,
    }
    return [
        {
            "title": _(act.title),
            "href": reverse("desk:person_change", args=[brief.file.code, key]),
            "danger": act.danger,
        }
        for key, act in ACTS.items()
        if holds[act.when]
    ]


@never_cache
@desk_page
def person_change(request: DeskRequest, code: str, act: str) -> HttpResponse:
    """Join, transfer, change status, leave, appoint, correct, erase."""
    desk = request.desk
    found, chosen = _person(desk, code), ACTS.get(act)
    if chosen is None:
        raise Http404
    _require_over(desk, found)
    form = chosen.form(request.POST if request.method == "POST" else None, desk=desk, person=found)
    if chosen.when == "member" and form.current is None:
        raise Http404
    if form.is_bound and form.is_valid() and _done(desk, chosen, form):
        messages.success(request, _(chosen.done))
        return redirect("desk:people") if act == "erase" else redirect("desk:person", code=found.code)
    return page(
        request,
        "desk/person_change.html",
        HERE,
        form=form,
        act=act,
        person=found,
        title=_(chosen.title),
        note=_(chosen.note),
        danger=chosen.danger,
        crumbs=[{"title": found.name, "href": reverse("desk:person", args=[found.code])}],
    )


def _done(desk: Desk, chosen: PersonAct, form: Any) -> bool:
    """Whether the operation went through; its words are in the form when not."""
    try:
        chosen.do(form, dict(form.cleaned_data), {"actor": desk.actor, "now": desk.now})
    except Refused:
        raise
    except QuxinError as error:
        put_errors(form, error)
        return False
    return True


def _person(desk: Desk, code: str) -> Person:
    found = briefs.visible_person(desk.actor, code)
    if found is None:
        raise Http404
    return found


def _require_over(desk: Desk, found: Person) -> None:
    """Raises Refused unless the actor manages people where the person belongs."""
    paths = paths_of(found) or [desk.organisation.path]
    if not any(may(desk.actor, Action.MANAGE_PEOPLE, one) for one in paths):
        require(desk.actor, Action.MANAGE_PEOPLE, paths[0])


@desk_page
def person_study(request: DeskRequest, code: str) -> HttpResponse:
    """The workings of "took part in n activities": each activity, with the fact that says so."""
    found = _person(request.desk, code)
    study, total = briefs.study_of(found, most=200)
    fragment = request.headers.get("HX-Request") == "true"
    template = "desk/person_study_panel.html" if fragment else "desk/person_study.html"
    may_check = bool(may(request.desk.actor, Action.VERIFY_LEDGER, request.desk.organisation.path))
    return page(request, template, HERE, person=found, study=study, total=total, may_check=may_check)


@never_cache
@desk_page
def person_export(request: DeskRequest, code: str) -> HttpResponse:
    """Everything held about oneself, as a JSON file; POST only, because it is audited."""
    desk = request.desk
    found = _person(desk, code)
    if request.method != "POST":
        return redirect("desk:person", code=code)
    data = own_data(found, actor=desk.actor, now=desk.now)
    promises = with_words(Commitment.objects.visible_to(desk.actor).filter(person=found)).order_by("pk")
    study, _total = briefs.study_of(found, most=5000)
    data["promises"] = [
        {"text": row.text, "due_on": row.due_on.isoformat(), "state": row.state_title, "number": row.figure.text}
        for row in promise_rows(promises, today=desk.today)
    ]
    data["study"] = [{"on": one.on.isoformat(), "title": one.title} for one in study]
    content = json.dumps(data, ensure_ascii=False, indent=2).encode()
    return attachment(content, f"{_('本人信息')}.json", "application/json")


@never_cache
@desk_page
def person_unmask(request: DeskRequest, code: str) -> HttpResponse:
    """Show one number in full, once, to whoever may; the reason stands in the audit."""
    desk = request.desk
    found = briefs.unmaskable(desk.actor).filter(code=code).first()
    if found is None:
        raise Http404
    form = UnmaskForm(request.POST if request.method == "POST" else None)
    number = ""
    if form.is_bound and form.is_valid():
        given = form.cleaned_data
        number = operations.unmask(found, field=given["field"], reason=given["reason"], actor=desk.actor, now=desk.now)
    return page(
        request,
        "desk/person_masked.html",
        "accounts",
        person=briefs.masked_of(found),
        form=form,
        number=number,
        is_asked=form.is_bound and form.is_valid(),
    )


urlpatterns = [
    path("people/", people, name="people"),
    path("people/add/", person_add, name="person_add"),
    path("people/<str:code>/", person, name="person"),
    path("people/<str:code>/study/", person_study, name="person_study"),
    path("people/<str:code>/export/", person_export, name="person_export"),
    path("people/<str:code>/unmask/", person_unmask, name="person_unmask"),
    path("people/<str:code>/<str:act>/", person_change, name="person_change"),
]
