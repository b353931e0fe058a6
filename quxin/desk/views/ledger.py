"""The ledger: books and seals, one fact with its proof, verification as long work; and the audit for auditors."""

import json
from datetime import date
from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from quxin.access import Action, require
from quxin.briefs import audit as audits
from quxin.briefs import ledger as briefs
from quxin.desk.entry import attachment, excel
from quxin.desk.links import href_of
from quxin.desk.run_pages import answer_poll, progress_of, stop, visible_run
from quxin.desk.shell import DeskRequest, desk_page, page
from quxin.ledger.models import Fact
from quxin.ledger.seals import NotSealed, proof
from quxin.runs.operations import request_run
from quxin.runs.queries import runs_visible_to
from quxin.sheets.columns import Column

HERE = "ledger"
RECENT = 5


@desk_page
def ledger(request: DeskRequest) -> HttpResponse:
    """Books, heads, seals, how much is not sealed yet; facts of a subject."""
    desk = request.desk
    require(desk.actor, Action.VERIFY_LEDGER, desk.organisation.path)
    asked = request.GET.get("q", "").strip()[:120]
    checks = runs_visible_to(desk.actor).filter(kind=briefs.VERIFY).order_by("-requested_at")[:RECENT]
    brief = briefs.ledger_brief(checks=list(checks))
    found = briefs.facts_about(desk.actor, asked) if asked else ()
    return page(
        request,
        "desk/ledger.html",
        HERE,
        brief=brief,
        books=[(book, book.facts - book.sealed) for book in brief.books],
        asked=asked,
        found=[(line, href_of(line.subject)) for line in found],
        book_columns=[
            {"title": _("账本")},
            {"title": _("事实"), "num": True},
            {"title": _("已封存"), "num": True},
            {"title": _("未封存"), "num": True},
            {"title": _("封存次数"), "num": True},
            {"title": _("最近封存")},
            {"title": _("算法")},
        ],
        seal_columns=[
            {"title": _("账本")},
            {"title": _("编号"), "num": True},
            {"title": _("起止"), "num": True},
            {"title": _("封存时间")},
            {"title": _("根")},
        ],
        fact_columns=[
            {"title": _("编号")},
            {"title": _("日期")},
            {"title": _("种类")},
            {"title": _("记录")},
            {"title": _("单位")},
            {"title": _("数量"), "num": True},
        ],
    )


@require_POST
@desk_page
def ledger_verify(request: DeskRequest) -> HttpResponse:
    """Ask for a verification of everything."""
    desk = request.desk
    require(desk.actor, Action.VERIFY_LEDGER, desk.organisation.path)
    run = request_run(
        kind=briefs.VERIFY,
        title="核验账本",
        parameters={},
        actor=desk.actor.account,
        now=desk.now,
        path=desk.organisation.path,
    )
    return redirect("desk:ledger_check", code=run.code)


@desk_page
def ledger_check(request: DeskRequest, code: str) -> HttpResponse:
    """A verification: its progress, then what it found. POST stops it."""
    run = visible_run(request, briefs.VERIFY, code)
    href = reverse("desk:ledger_check", args=[code])
    if request.method == "POST":
        return stop(request, run, href)
    progress = progress_of(run, href=href)
    polled = answer_poll(request, run, progress)
    if polled is not None:
        return polled
    columns = [{"title": _("账本")}, {"title": _("第几笔"), "num": True}, {"title": _("哪里不对")}]
    return page(request, "desk/ledger_check.html", HERE, run=run, progress=progress, columns=columns, crumbs=_crumbs())


@desk_page
def fact(request: DeskRequest, book: str, seq: int) -> HttpResponse:
    """One fact: what it says, its hash, its neighbours in the chain, its seal."""
    brief = briefs.fact_brief(_fact(request, book, seq))
    return page(
        request,
        "desk/fact.html",
        HERE,
        brief=brief,
        line=brief.line,
        rows=_fact_rows(brief),
        record_href=href_of(brief.line.subject),
        crumbs=_crumbs(),
    )


def _fact(request: DeskRequest, book: str, seq: int) -> Fact:
    found = briefs.find_fact(request.desk.actor, book, seq)
    if found is None:
        raise Http404
    return found


def _fact_rows(brief: briefs.FactBrief) -> list[dict[str, Any]]:
    line = brief.line
    rows = [
        {"title": _("种类"), "value": _(line.kind_title), "note": line.kind},
        {"title": _("标签"), "value": line.label},
        {"title": _("日期"), "value": line.on.isoformat()},
        {"title": _("单位"), "value": line.organisation},
        {"title": _("当天的位置"), "value": brief.path},
        {"title": _("关于"), "value": line.subject.title, "note": brief.subject, "href": href_of(line.subject)},
        {"title": _("数量"), "value": str(line.quantity)},
        {"title": _("主题活动"), "value": brief.campaign},
        {"title": _("人员"), "value": _("有（只存无法反查的代号）") if brief.has_person else ""},
        {"title": _("录入"), "value": brief.recorded_by or _("系统")},
        {"title": _("录入时间"), "value": timezone.localtime(line.recorded_at).isoformat(" ", "seconds")},
    ]
    for title, seq in ((_("冲销了"), brief.reverses), (_("被冲销于"), brief.reversed_by)):
        if seq:
            href = reverse("desk:fact", args=[line.book, seq])
            rows.append({"title": title, "value": f"#{seq}", "href": href})
    return [row for row in rows if row["value"]]


@desk_page
def fact_proof(request: DeskRequest, book: str, seq: int) -> HttpResponse:
    """The proof that the fact is under its seal, as JSON (docs/ledger.md says how to check it without us)."""
    found = _fact(request, book, seq)
    try:
        made = proof(found.book, found.seq)
    except NotSealed as error:
        raise Http404 from error
    content = json.dumps(made.as_json(), ensure_ascii=False, indent=2).encode()
    return attachment(content, f"proof-{book}-{seq}.json", "application/json")


def _crumbs() -> list[dict[str, str]]:
    return [{"title": _("账本"), "href": reverse("desk:ledger")}]


# --- the audit ---


@desk_page
def audit(request: DeskRequest) -> HttpResponse:
    """Who did what to what, when; filtered and, if asked, as a file."""
    desk = request.desk
    require(desk.actor, Action.VIEW_AUDIT, desk.organisation.path)
    wanted = _wanted(request)
    if request.GET.get("export"):
        return _export(request, wanted)
    number = request.GET.get("page", "1")
    return page(
        request,
        "desk/audit.html",
        "audit",
        found=audits.audit_page(desk.actor, wanted, page=int(number) if number.isdigit() else 1),
        wanted=wanted,
        actions=audits.actions(desk.actor),
        columns=[
            {"title": _("时间")},
            {"title": _("谁")},
            {"title": _("做了什么")},
            {"title": _("对象")},
            {"title": _("单位")},
            {"title": _("细节")},
        ],
    )


def _wanted(request: DeskRequest) -> audits.AuditFilter:
    get = request.GET.get
    return audits.AuditFilter(
        actor=get("actor", "").strip()[:60],
        action=get("action", "").strip()[:60],
        subject=get("subject", "").strip()[:120],
        since=_date(get("since", "")),
        until=_date(get("until", "")),
    )


def _date(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _export(request: DeskRequest, wanted: audits.AuditFilter) -> HttpResponse:
    columns = [
        Column("at", _("时间")),
        Column("actor", _("谁")),
        Column("action", _("做了什么")),
        Column("subject", _("对象")),
        Column("organisation", _("单位")),
        Column("details", _("细节")),
    ]
    rows = (
        {
            "at": line.at.isoformat(timespec="seconds"),
            "actor": line.actor or _("系统"),
            "action": line.action,
            "subject": line.subject,
            "organisation": line.organisation,
            "details": "；".join(f"{name}={value}" for name, value in line.details),
        }
        for line in audits.audit_lines(request.desk.actor, wanted)
    )
    return excel(_("审计记录"), columns, rows)


urlpatterns = [
    path("ledger/", ledger, name="ledger"),
    path("ledger/verify/", ledger_verify, name="ledger_verify"),
    path("ledger/checks/<str:code>/", ledger_check, name="ledger_check"),
    path("ledger/<str:book>/<int:seq>/", fact, name="fact"),
    path("ledger/<str:book>/<int:seq>/proof/", fact_proof, name="fact_proof"),
    path("audit/", audit, name="audit"),
]
