"""What the pages of a record do alike, whatever its kind: take a correction, withdraw it with a reason, restore it.

Not for rules: `act` is the operation, with all that it is given.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.forms import Form
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from quxin.access import Refused
from quxin.desk.formkit import put_value
from quxin.desk.shell import DeskRequest, page, put_errors
from quxin.desk.trace_words import changes_of
from quxin.kernel.errors import QuxinError, Stale


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a correction was not taken: the status to answer with, and both versions where somebody else saved first."""

    status: int
    changes: Sequence[dict[str, Any]] = ()


def refusal_of(
    form: Form,
    record: Any,
    act: Callable[[], object],
    field_of: Callable[[QuxinError], str | None] = lambda error: None,
) -> Refusal | None:
    """Correct `record` by `act`; None when that was done, else what to show, with the words in `form`.

    When somebody else saved first, the form is set to their version: sent once more, it counts.
    """
    try:
        act()
    except Refused:
        raise  # no right is a page of its own
    except Stale as stale:
        record.refresh_from_db()
        put_value(form, "version", str(record.version))
        put_errors(form, stale)
        return Refusal(409, changes_of(stale))
    except QuxinError as error:
        put_errors(form, error, field_of(error))
        return Refusal(422)
    return None


def withdrawn(request: DeskRequest, record: Any, act: Callable[[str], object], *, here: str, back: str) -> HttpResponse:
    """The page that asks for the reason; a POST withdraws `record` by `act(reason)` and leads `back` to it."""
    error, reason = "", request.POST.get("reason", "")
    if request.method == "POST":
        try:
            act(reason)
        except QuxinError as problem:
            error = f"{problem.text(_)} {problem.hint_text(_)}".strip()
        else:
            messages.success(request, _("已撤销。要恢复，请按本页的“恢复”。"))
            return redirect(back)
    context = {"record": record, "error": error, "reason": reason, "back": back}
    return page(request, "desk/withdraw.html", here, status=422 if error else 200, **context)


def restored(request: DeskRequest, act: Callable[[], object], *, back: str) -> HttpResponse:
    """A POST undoes a withdrawal by `act`; leads `back` to the record."""
    if request.method == "POST":
        try:
            act()
            messages.success(request, _("已恢复，数字重新计入。"))
        except QuxinError as error:
            messages.error(request, f"{error.text(_)} {error.hint_text(_)}".strip())
    return redirect(back)
