"""Promises on the desk: the list with its filters, the page of one, making and wording it before it is public."""

from collections.abc import Iterator
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.urls import path, reverse
from django.utils.translation import gettext as _

from quxin.access import Action, may, require
from quxin.briefs.commitments import PromiseRow, promise_brief, promise_rows, promise_workings, with_words
from quxin.briefs.promise_history import differences
from quxin.desk.choices import running
from quxin.desk.commitment_forms import MINE, NewPromiseForm, PromiseForm, field_of, typed
from quxin.desk.commitment_rights import rights
from quxin.desk.entry import attach_all, evidence_items, excel, row_key_of
from quxin.desk.evidence_forms import EvidenceForm
from quxin.desk.shell import DeskRequest, desk_page, get_visible, page, put_errors
from quxin.kernel.errors import QuxinError, Stale
from quxin.orgs.models import Person
from quxin.records.campaigns.models import Campaign
from quxin.records.commitments import queries
from quxin.records.commitments.models import Commitment
from quxin.records.commitments.operations import edit_commitment, make_commitment, subject_of
from quxin.records.commitments.wording import marked, vague_words
from quxin.records.evaluations.models import Remark
from quxin.sheets.columns import Column

HERE = "commitments"
ROWS = 50
CHUNK = 60
MOST_EXPORTED = 20_000
FILTERS = ("q", "stands", "kind", "mine", "sort")
COLUMNS = (
    Column("organisation", "单位"),
    Column("person", "承诺人"),
    Column("text", "承诺内容"),
    Column("kind", "类别"),
    Column("measured_by", "衡量办法"),
    Column("value", "完成", kind="decimal"),
    Column("direction", "目标的意思"),
    Column("target", "目标", kind="decimal"),
    Column("unit", "单位（计量）"),
    Column("published_on", "公开日期", kind="date"),
    Column("due_on", "兑现期限", kind="date"),
    Column("stands", "进展"),
    Column("changes", "公开后改动", kind="integer"),
)


@desk_page
def commitments(request: DeskRequest) -> HttpResponse:
    """The list, filtered and sorted by what stands in the address; `?export=1` gives just that as Excel."""
    desk = request.desk
    require(desk.actor, Action.VIEW, desk.organisation.path)
    asked = {key: request.GET.get(key, "").strip()[:60] for key in FILTERS}
    found = queries.staff_list(
        desk.actor,
        today=desk.today,
        words=asked["q"],
        stands=asked["stands"],
        kind=asked["kind"],
        path="" if asked["mine"] else desk.organisation.path,
        mine=bool(asked["mine"]),
        sort=asked["sort"] or "due",
    )
    if request.GET.get("export"):
        require(desk.actor, Action.EXPORT, desk.organisation.path)
        return _export(request, found)
    shown = Paginator(with_words(found), ROWS).get_page(request.GET.get("page"))
    return page(
        request,
        "desk/commitments.html",
        HERE,
        rows=promise_rows(shown, today=desk.today),
        shown=shown,
        asked=asked,
        chips=_chips(request, asked),
        stands=_titles(queries.STANDS | queries.STEPS_BEFORE),
        kinds=_titles(dict(Commitment.Kind.choices)),
        columns=_columns(),
        waiting=queries.to_review(desk.actor, desk.organisation.path).count() if _reviews(request) else 0,
        may_promise=_may_promise(request),
        may_export=may(desk.actor, Action.EXPORT, desk.organisation.path),
    )


@desk_page
def commitment(request: DeskRequest, code: str) -> HttpResponse:
    """One promise with its number, history, evidence and the next steps; a POST brings files of evidence."""
    desk, found = request.desk, visible(request, code)
    may_do = rights(desk.actor, found, desk.today)
    form = EvidenceForm()
    if request.method == "POST":
        require(desk.actor, Action.MAKE_COMMITMENT, found.organisation.path, person=found.person_id)
        form = EvidenceForm(request.POST, request.FILES)
        if form.is_valid() and attach_all(
            form.cleaned_data["evidence"],
            subject=subject_of(found),
            path=found.organisation.path,
            actor=desk.actor,
            action=Action.MAKE_COMMITMENT,
            now=desk.now,
            person=found.person_id,
        ):
            messages.success(request, _("文件已附上。"))
            return redirect("desk:commitment", code=code)
    brief = promise_brief(found, today=desk.today, now=desk.now, public_only=False)
    return page(
        request,
        "desk/commitment.html",
        HERE,
        status=422 if form.errors else 200,
        brief=brief,
        row=brief.row,
        form=form,
        evidence=evidence_items(brief.evidence, lambda one: reverse("desk:evidence", args=[one]), desk.actor),
        may_edit=may_do.evidence,
        may_do=may_do,
        may_comment=bool(may(desk.actor, Action.COMMENT, found.organisation.path)),
        remarks=Remark.objects.visible_to(desk.actor).filter(commitment=found),
        mine=desk.actor.account,
        pieces=marked(found.text, vague_of(found)),
        vague=vague_words(found.text, vague_of(found)),
        crumbs=crumbs(),
    )


@desk_page
def commitment_new(request: DeskRequest) -> HttpResponse:
    """提诺: one column; the same form sent twice makes one promise."""
    desk = request.desk
    if not _may_promise(request):
        require(desk.actor, Action.MAKE_COMMITMENT, desk.organisation.path)
    form = NewPromiseForm(
        request.POST if request.method == "POST" else None,
        actor=desk.actor,
        here=desk.organisation,
        may_promise=bool(may(desk.actor, Action.MAKE_COMMITMENT, desk.organisation.path)),
        campaigns=Campaign.objects.visible_to(desk.actor).filter(ends_on__gte=desk.today),
        running=running(desk.actor, desk.today),
        today=desk.today,
    )
    if form.is_valid():
        made = _make(request, form)
        if made is not None:
            return _saved(request, made, f"promise-new-{desk.organisation.code}")
    return page(
        request,
        "desk/commitment_new.html",
        HERE,
        status=422 if form.errors else 200,
        form=form,
        crumbs=crumbs(),
        draft=f"promise-new-{desk.organisation.code}",
    )


@desk_page
def commitment_edit(request: DeskRequest, code: str) -> HttpResponse:
    """Word a promise anew before it is public. When somebody else saved meanwhile, both versions are shown."""
    desk, found = request.desk, visible(request, code)
    require(desk.actor, Action.MAKE_COMMITMENT, found.organisation.path, person=found.person_id)
    sent = request.POST if request.method == "POST" else None
    form = PromiseForm(sent, initial=typed(found), running=running(desk.actor, desk.today), today=desk.today)
    changes: Any = ()
    if form.is_valid():
        try:
            edit_commitment(
                actor=desk.actor,
                commitment=found,
                promise=form.promise(),
                today=desk.today,
                now=desk.now,
                version=version_of(request),
            )
            return _saved(request, found, f"promise-{code}")
        except Stale as error:
            put_errors(form, error)
            changes = differences(error.current, error.attempted, unit=found.unit)
            found.refresh_from_db()
        except QuxinError as error:
            put_errors(form, error, field_of(error))
    return page(
        request,
        "desk/commitment_edit.html",
        HERE,
        status=422 if form.errors else 200,
        form=form,
        commitment=found,
        changes=changes,
        version=found.version,
        crumbs=crumbs(found),
    )


@desk_page
def commitment_figure(request: DeskRequest, code: str) -> HttpResponse:
    """The entries under a promise's own count, beside the page or as a page."""
    found = visible(request, code)
    if found.measure:
        raise Http404
    workings = promise_workings(found, today=request.desk.today)
    may_do = rights(request.desk.actor, found, request.desk.today)
    fragment = request.headers.get("HX-Request") == "true"
    template = "desk/commitment_figure_panel.html" if fragment else "desk/commitment_figure.html"
    return page(request, template, HERE, workings=workings, row=workings.row, may_do=may_do, crumbs=crumbs(found))


@desk_page
def commitment_poster(request: DeskRequest, code: str) -> HttpResponse:
    """The poster of a public promise: the portal prints it."""
    found = visible(request, code)
    if not found.published_at:
        raise Http404
    size = "?size=A3" if request.GET.get("size") == "A3" else ""
    return redirect(reverse("portal:promise_poster", args=[found.code]) + size)


# --- shared with the steps ---


def visible(request: DeskRequest, code: str) -> Commitment:
    """The promise if the actor may see it; 404 otherwise."""
    return get_visible(with_words(Commitment.objects.all()), request.desk.actor, code=code)


def crumbs(found: Commitment | None = None) -> list[dict[str, str]]:
    """Where a page of promises hangs."""
    trail = [{"title": _("承诺"), "href": reverse("desk:commitments")}]
    if found is not None:
        trail.append({"title": found.text[:24], "href": reverse("desk:commitment", args=[found.code])})
    return trail


def version_of(request: DeskRequest) -> int:
    """The version that the form was opened with; a tampered one is stale."""
    text = request.POST.get("version", "")
    return int(text) if text.isdecimal() and len(text) < 10 else 0


def vague_of(found: Commitment) -> tuple[str, ...]:
    """The vague words that the pack of its campaign adds."""
    from quxin.packs.queries import pack_of

    promises = pack_of(found.campaign.pack_version).promises if found.campaign else None
    return tuple(promises.vague_words) if promises else ()


def _make(request: DeskRequest, form: NewPromiseForm) -> Commitment | None:
    desk, data = request.desk, form.cleaned_data
    mine = data["whose"] == MINE
    try:
        return make_commitment(
            actor=desk.actor,
            organisation=desk.organisation if mine else data.get("organisation") or desk.organisation,
            person=Person.objects.filter(pk=desk.actor.person or 0).first() if mine else None,
            campaign=data["campaign"],
            promise=form.promise(),
            today=desk.today,
            now=desk.now,
            row_key=row_key_of(desk.actor, "commitment", data["nonce"]),
        )
    except QuxinError as error:
        put_errors(form, error, field_of(error))
        return None


def _saved(request: DeskRequest, found: Commitment, draft: str) -> HttpResponse:
    """To the promise's page; vague words are told there, and never hold anything up."""
    messages.success(request, _("已保存。"))
    if vague_words(found.text, vague_of(found)):
        messages.warning(request, _("有模糊的说法，已在正文里标出；可以改，也可以照样提交。"))
    return redirect("desk:commitment", code=found.code)


def _may_promise(request: DeskRequest) -> bool:
    desk = request.desk
    return bool(may(desk.actor, Action.MAKE_COMMITMENT, desk.organisation.path)) or desk.actor.person is not None


def _reviews(request: DeskRequest) -> bool:
    return bool(may(request.desk.actor, Action.REVIEW_COMMITMENT, request.desk.organisation.path))


def _titles(titles: dict[str, Any]) -> list[tuple[str, str]]:
    return [(key, _(str(title))) for key, title in titles.items()]


def _columns() -> list[dict[str, Any]]:
    return [
        {"title": _("承诺事项"), "sort": "text"},
        {"title": _("单位"), "sort": "organisation"},
        {"title": _("完成"), "num": True},
        {"title": _("期限"), "sort": "due"},
        {"title": _("状态"), "sort": "state"},
    ]


def _chips(request: DeskRequest, asked: dict[str, str]) -> list[dict[str, str]]:
    titles: dict[str, dict[str, str]] = {
        "stands": dict(_titles(queries.STANDS | queries.STEPS_BEFORE)),
        "kind": dict(_titles(dict(Commitment.Kind.choices))),
        "mine": {"1": _("我的")},
    }
    chips = []
    for key in ("q", "stands", "kind", "mine"):
        if asked[key]:
            query = request.GET.copy()
            query.pop(key, None)
            query.pop("page", None)
            title = titles.get(key, {}).get(asked[key], asked[key])
            chips.append({"title": title, "href": f"{request.path}?{query.urlencode()}"})
    return chips


def _export(request: DeskRequest, found: QuerySet[Commitment]) -> HttpResponse:
    return excel(
        _("承诺"),
        COLUMNS,
        _sheet_rows(request, found),
        notes=[f"{request.desk.organisation.name} · {request.desk.today.isoformat()}"],
    )


def _sheet_rows(request: DeskRequest, found: QuerySet[Commitment]) -> Iterator[dict[str, Any]]:
    rows = with_words(found)
    for at in range(0, MOST_EXPORTED, CHUNK):
        some = promise_rows(rows[at : at + CHUNK], today=request.desk.today)
        yield from (_sheet_row(row) for row in some)
        if len(some) < CHUNK:
            return


def _sheet_row(row: PromiseRow) -> dict[str, Any]:
    return {
        "organisation": row.organisation,
        "person": row.person,
        "text": row.text,
        "kind": _(row.kind_title),
        "measured_by": _(row.measured_by),
        "value": None if row.figure.is_missing else row.figure.value,
        "direction": _(str(Commitment.Direction(row.direction).label)),
        "target": row.target,
        "unit": row.figure.unit,
        "published_on": row.published_on,
        "due_on": row.due_on,
        "stands": _(row.lamp_text) % {"n": row.days_left},
        "changes": row.changes,
    }


urlpatterns = [
    path("commitments/", commitments, name="commitments"),
    path("commitments/new/", commitment_new, name="commitment_new"),
    path("commitments/<str:code>/", commitment, name="commitment"),
    path("commitments/<str:code>/edit/", commitment_edit, name="commitment_edit"),
    path("commitments/<str:code>/figure/", commitment_figure, name="commitment_figure"),
    path("commitments/<str:code>/poster/", commitment_poster, name="commitment_poster"),
]
