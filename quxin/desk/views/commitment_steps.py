"""The steps of a promise: hand in, review, change in public, extend, report, explain, withdraw.

Each is a page that works without script: it says what will happen, asks for what is needed, and takes one step however
often it is sent. Who may, and when, is asked of the operations; a refusal is a page or stands beside the field.
"""

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.urls import path
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from quxin.access import Action, require
from quxin.briefs.commitments import promise_rows
from quxin.briefs.promise_history import Difference, differences
from quxin.desk.choices import running
from quxin.desk.commitment_forms import (
    ChangeForm,
    ExplainForm,
    ExtendForm,
    ProgressForm,
    ReasonForm,
    ReviewForm,
    field_of,
    first_day,
    typed,
)
from quxin.desk.entry import attach_all, row_key_of
from quxin.desk.shell import DeskRequest, desk_page, page, put_errors
from quxin.desk.views.commitments import HERE, crumbs, vague_of, version_of, visible
from quxin.files.queries import evidence_of
from quxin.kernel.errors import QuxinError, Stale
from quxin.records.commitments import operations as ops
from quxin.records.commitments import queries
from quxin.records.commitments.models import Commitment, CommitmentProgress
from quxin.records.commitments.operations import Promise
from quxin.records.commitments.rules import AfterDue, WrongStep, require_reviewer
from quxin.records.commitments.wording import marked, vague_words


@desk_page
def commitment_submit(request: DeskRequest, code: str) -> HttpResponse:
    """提交审核: hand a promise in."""
    desk, found = request.desk, visible(request, code)
    require(desk.actor, Action.MAKE_COMMITMENT, found.organisation.path, person=found.person_id)

    def step(form: forms.Form) -> str:
        ops.submit_commitment(actor=desk.actor, commitment=found, now=desk.now)
        return _("已提交审核。")

    words = {
        "title": pgettext("act", "提交审核"),
        "note": _("提交以后不能再改，直到审核通过或者退回。"),
        "submit": _("提交"),
        "pieces": marked(found.text, vague_of(found)),
        "vague": vague_words(found.text, vague_of(found)),
    }
    return _stepped(request, found, forms.Form, step, words)


@desk_page
def commitment_review(request: DeskRequest, code: str) -> HttpResponse:
    """审诺: pass a promise and show it to the public, or send it back; then the next that waits."""
    desk, found = request.desk, visible(request, code)
    require_reviewer(desk.actor, found)

    def step(form: forms.Form) -> str:
        if form.cleaned_data["decision"] == "publish":
            ops.publish_commitment(actor=desk.actor, commitment=found, today=desk.today, now=desk.now)
            return _("已通过，承诺已经公开。")
        reason = form.cleaned_data["reason"]
        ops.return_commitment(actor=desk.actor, commitment=found, reason=reason, now=desk.now)
        return _("已退回，提出人会看到理由。")

    (row,) = promise_rows([found], today=desk.today)
    words = {
        "title": _("审诺"),
        "note": _("看得懂、数得清、到期能判定，就通过；说不清的退回，写明怎么改。"),
        "submit": _("确定"),
        "row": row,
        "pieces": marked(found.text, vague_of(found)),
        "vague": vague_words(found.text, vague_of(found)),
    }
    return _stepped(request, found, ReviewForm, step, words, after=lambda: _next_to_review(request))


@desk_page
def commitment_change(request: DeskRequest, code: str) -> HttpResponse:
    """Change a published promise: first the public difference is shown, then it is saved with the reason."""
    desk, found = request.desk, visible(request, code)
    require(desk.actor, Action.PUBLISH_COMMITMENT, found.organisation.path)
    sent = request.POST if request.method == "POST" else None
    form = ChangeForm(sent, initial=typed(found), running=running(desk.actor, desk.today), today=desk.today)
    context: dict[str, Any] = {"changes": (), "preview": (), "fingerprint": ""}
    if form.is_valid():
        promise = form.promise()
        if version_of(request) != found.version:
            # A preview takes the newest version with it: what another tab saved meanwhile would vanish unseen.
            _show_both(form, found, promise, context)
        elif not form.is_previewed():
            context |= {"preview": _difference(found, promise), "fingerprint": form.fingerprint()}
        else:
            try:
                ops.change_commitment(
                    actor=desk.actor,
                    commitment=found,
                    promise=promise,
                    reason=form.cleaned_data["reason"],
                    today=desk.today,
                    now=desk.now,
                    version=version_of(request),
                )
                return _done(request, found, _("已改，改前改后和理由都已公开。"))
            except Stale:
                found.refresh_from_db()
                _show_both(form, found, promise, context)
            except (WrongStep, AfterDue) as error:
                return _refused(request, found, error)
            except QuxinError as error:
                put_errors(form, error, field_of(error))
    return page(
        request,
        "desk/commitment_change.html",
        HERE,
        status=422 if form.errors else 200,
        form=form,
        commitment=found,
        version=found.version,
        crumbs=crumbs(found),
        **context,
    )


@desk_page
def commitment_extend(request: DeskRequest, code: str) -> HttpResponse:
    """延期: a later day, with a reason that is public."""
    desk, found = request.desk, visible(request, code)
    require(desk.actor, Action.PUBLISH_COMMITMENT, found.organisation.path)

    def step(form: forms.Form) -> str:
        ops.extend_commitment(
            actor=desk.actor,
            commitment=found,
            due_on=form.cleaned_data["due_on"],
            reason=form.cleaned_data["reason"],
            today=desk.today,
            now=desk.now,
            version=version_of(request),
        )
        return _("已延期，新旧期限和理由都已公开。")

    words = {
        "title": _("延期"),
        "note": _("延期会和理由一起公开；期限过了就不能再延。"),
        "submit": _("延期并公开"),
        "version": found.version,
        "facts": [(_("现在的期限"), found.due_on)],
    }
    return _stepped(request, found, ExtendForm, step, words)


@desk_page
def commitment_progress(request: DeskRequest, code: str) -> HttpResponse:
    """践诺: one entry of progress; the same form sent twice is one entry."""
    desk, found = request.desk, visible(request, code)
    require(desk.actor, Action.MAKE_COMMITMENT, found.organisation.path, person=found.person_id)

    def step(form: forms.Form) -> str:
        data = form.cleaned_data
        entry = ops.report_commitment_progress(
            actor=desk.actor,
            commitment=found,
            on=data["on"],
            quantity=data["quantity"],
            note=data["note"].strip(),
            today=desk.today,
            now=desk.now,
            row_key=row_key_of(desk.actor, "commitment-progress", data["nonce"]),
        )
        if not evidence_of(ops.progress_subject(entry)).exists():
            # The same form sent again gives the entry that is there already, with its files.
            attach_all(
                data["evidence"],
                subject=ops.progress_subject(entry),
                path=found.organisation.path,
                actor=desk.actor,
                action=Action.MAKE_COMMITMENT,
                now=desk.now,
                person=found.person_id,
            )
        return _("已记下，公开页上的数已经变了。")

    (row,) = promise_rows([found], today=desk.today)
    words = {
        "title": _("报进展"),
        "note": _("没有发生也要记 0：到期还没有数，就算没有兑现。会公开。")
        if row.is_limit
        else _("做了多少记多少，不填百分比；会公开。"),
        "submit": _("记下"),
        "row": row,
        "draft": f"promise-progress-{code}",
        "unit": found.unit,
    }
    return _stepped(request, found, ProgressForm, step, words, initial=first_day(desk.today))


@desk_page
def commitment_progress_withdraw(request: DeskRequest, code: str, entry: str) -> HttpResponse:
    """Take back one entry of progress, with a reason; both stay to be seen."""
    desk, found = request.desk, visible(request, code)
    require(desk.actor, Action.MAKE_COMMITMENT, found.organisation.path, person=found.person_id)
    progress = CommitmentProgress.objects.select_related("commitment__organisation", "commitment__person").filter(
        code=entry, commitment=found
    )
    taken = progress.first()
    if taken is None:
        raise Http404

    def step(form: forms.Form) -> str:
        ops.withdraw_commitment_progress(
            actor=desk.actor, progress=taken, reason=form.cleaned_data["reason"], now=desk.now
        )
        return _("已撤回，数已经减去；这一笔和理由都留在经过里。")

    words = {
        "title": _("撤回一笔进展"),
        "note": taken.note,
        "submit": pgettext("act", "撤回"),
        "facts": [(_("日期"), taken.occurred_on)],
    }
    return _stepped(request, found, ReasonForm, step, words)


@desk_page
def commitment_explain(request: DeskRequest, code: str) -> HttpResponse:
    """公开说明: why a promise was not, or may not be, kept."""
    desk, found = request.desk, visible(request, code)
    require(desk.actor, Action.PUBLISH_COMMITMENT, found.organisation.path)

    def step(form: forms.Form) -> str:
        words = form.cleaned_data["explanation"]
        ops.explain_commitment(actor=desk.actor, commitment=found, explanation=words, now=desk.now)
        return _("说明已经公开。")

    words = {
        "title": _("公开说明"),
        "note": _("没有兑现，有理由的要公开说明；说明不改变结果。"),
        "submit": _("公开"),
        "draft": f"promise-explain-{code}",
    }
    return _stepped(request, found, ExplainForm, step, words, initial={"explanation": found.explanation})


@desk_page
def commitment_withdraw(request: DeskRequest, code: str) -> HttpResponse:
    """Withdraw a promise that was never public."""
    desk, found = request.desk, visible(request, code)
    require(desk.actor, Action.MAKE_COMMITMENT, found.organisation.path, person=found.person_id)

    def step(form: forms.Form) -> str:
        reason = form.cleaned_data["reason"]
        ops.withdraw_commitment(actor=desk.actor, commitment=found, reason=reason, now=desk.now)
        return _("已撤回。")

    words = {
        "title": _("撤回承诺"),
        "note": _("还没有公开的可以撤回；公开过的不能消失，只能改动、延期或者说明。"),
        "submit": pgettext("act", "撤回"),
    }
    return _stepped(request, found, ReasonForm, step, words)


# --- one way for all of them ---

Step = Callable[[Any], str]


def _stepped(
    request: DeskRequest,
    found: Commitment,
    form_class: type[forms.Form],
    step: Step,
    words: dict[str, Any],
    *,
    initial: dict[str, Any] | None = None,
    after: Callable[[], HttpResponse] | None = None,
) -> HttpResponse:
    """Show the step's form, or take the step; what cannot be taken any more leads back with the reason."""
    is_sent = request.method == "POST"
    form = form_class(request.POST if is_sent else None, request.FILES if is_sent else None, initial=initial)
    changes: tuple[Difference, ...] = ()
    if form.is_valid():
        try:
            told = step(form)
        except (WrongStep, AfterDue, ops.CountedElsewhere) as error:
            return _refused(request, found, error)
        except Stale as error:
            put_errors(form, error)
            changes = differences(error.current, error.attempted, unit=found.unit)
            found.refresh_from_db()
            words |= {"version": found.version}
        except QuxinError as error:
            field = field_of(error)
            put_errors(form, error, "quantity" if field == "target" else field if field in form.fields else None)
        else:
            return _done(request, found, told, after)
    return page(
        request,
        "desk/commitment_step.html",
        HERE,
        status=422 if form.errors else 200,
        form=form,
        commitment=found,
        changes=changes,
        crumbs=crumbs(found),
        **words,
    )


def _done(
    request: DeskRequest, found: Commitment, told: str, after: Callable[[], HttpResponse] | None = None
) -> HttpResponse:
    messages.success(request, told)
    return after() if after else redirect("desk:commitment", code=found.code)


def _refused(request: DeskRequest, found: Commitment, error: QuxinError) -> HttpResponse:
    messages.warning(request, f"{error.text(_)} {error.hint_text(_)}".strip())
    return redirect("desk:commitment", code=found.code)


def _next_to_review(request: DeskRequest) -> HttpResponse:
    """The promise that has waited longest and that this person may pass; the list when none waits."""
    desk = request.desk
    for waiting in queries.to_review(desk.actor, desk.organisation.path).select_related("organisation")[:20]:
        try:
            require_reviewer(desk.actor, waiting)
        except QuxinError:
            continue
        return redirect("desk:commitment_review", code=waiting.code)
    return redirect("desk:commitments")


def _show_both(form: ChangeForm, found: Commitment, promise: Promise, context: dict[str, Any]) -> None:
    """Somebody else saved since the form was opened: their version beside the one typed."""
    before, after = _apart(found, promise)
    put_errors(form, Stale(current=before, attempted=after))
    context["changes"] = differences(before, after, unit=found.unit)


def _difference(found: Commitment, promise: Promise) -> tuple[Difference, ...]:
    return differences(*_apart(found, promise), unit=found.unit)


def _apart(found: Commitment, promise: Promise) -> tuple[dict[str, Any], dict[str, Any]]:
    """What stands and what was typed, of the fields that differ."""
    names = [name for name in Promise.__slots__ if getattr(found, name) != getattr(promise, name)]
    return {name: getattr(found, name) for name in names}, {name: getattr(promise, name) for name in names}


urlpatterns = [
    path("commitments/<str:code>/submit/", commitment_submit, name="commitment_submit"),
    path("commitments/<str:code>/review/", commitment_review, name="commitment_review"),
    path("commitments/<str:code>/change/", commitment_change, name="commitment_change"),
    path("commitments/<str:code>/extend/", commitment_extend, name="commitment_extend"),
    path("commitments/<str:code>/progress/", commitment_progress, name="commitment_progress"),
    path(
        "commitments/<str:code>/progress/<str:entry>/withdraw/",
        commitment_progress_withdraw,
        name="commitment_progress_withdraw",
    ),
    path("commitments/<str:code>/explain/", commitment_explain, name="commitment_explain"),
    path("commitments/<str:code>/withdraw/", commitment_withdraw, name="commitment_withdraw"),
]
