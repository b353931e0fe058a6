"""What the desk's entry forms share: one record for a double click, files that are looked at first, lists, exports.

Not for rules of any record: those are its operations'.
"""

import io
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, TypeVar

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.core.paginator import EmptyPage, Page, Paginator
from django.db import IntegrityError, models
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, QueryDict
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _

from quxin.access import Action, Actor, may, scopes
from quxin.desk.shell import DeskRequest
from quxin.files.models import Evidence
from quxin.files.operations import attach_evidence, look_at
from quxin.kernel.errors import QuxinError
from quxin.kernel.hashes import canonical, digest
from quxin.kernel.identifiers import new_code
from quxin.kernel.periods import Period, PeriodError
from quxin.orgs.models import Organisation
from quxin.orgs.querysets import within
from quxin.sheets.columns import Column
from quxin.sheets.writing import write_table

ROWS = 50
MOST_OFFERED = 60
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
Saved = TypeVar("Saved", bound=models.Model)


# --- one record for a double click ---


def row_key_of(actor: Actor, what: str, nonce: str) -> str | None:
    """The key under which a form is recorded: the same form sent twice has the same key. None without a nonce."""
    if not nonce:
        return None
    return digest(canonical(("desk", what, actor.account or 0, nonce))).hex()


def record_once(found: QuerySet[Saved], key: str | None, record: Callable[[], Saved]) -> tuple[Saved, bool]:
    """What `record` makes, or what the same form made before, and whether it is new. Two at once end in one record."""
    if key and (there := found.filter(row_key=key).first()):
        return there, False
    try:
        return record(), True
    except IntegrityError:
        there = found.filter(row_key=key).first()
        if there is None:
            raise
        return there, False


# --- fields ---


class FilesInput(forms.ClearableFileInput):
    """Several files in one field."""

    allow_multiple_selected = True


class FilesField(forms.FileField):
    """Files, each looked at by its bytes before anything is saved: a wrong one is an error beside the field."""

    widget = FilesInput

    def clean(self, data: Any, initial: Any = None) -> list[UploadedFile]:
        """The uploads that hold; raises ValidationError with what is wrong with each of the others."""
        given = [one for one in (data if isinstance(data, list | tuple) else [data]) if one]
        wrong = []
        for upload in given:
            try:
                look_at(upload)
            except QuxinError as error:
                wrong.append(f"{error.text(_)} {error.hint_text(_)}".strip())
        if wrong:
            raise forms.ValidationError(wrong)
        if self.required and not given:
            raise forms.ValidationError(self.error_messages["required"])
        return given


class OrganisationField(forms.ChoiceField):
    """An organisation by its code, among those in whose scope the person may act. Its value is the organisation."""

    def __init__(self, *, actor: Actor, action: Action, here: Organisation, **kwargs: Any) -> None:
        self.allowed = Organisation.objects.filter(within(scopes(actor, action)), closed_on__isnull=True)
        offered = offer(self.allowed, actor, here)
        super().__init__(choices=[(one.code, one.name) for one in offered], **kwargs)

    def clean(self, value: Any) -> Organisation:
        """Any organisation in scope, offered or not."""
        found = self.allowed.filter(code=str(value or "")).first()
        if found is None:
            raise forms.ValidationError(_("请选择单位；只能为自己职责范围内的单位登记。"))
        return found


def offer(allowed: QuerySet[Organisation], actor: Actor, here: Organisation) -> list[Organisation]:
    """The organisations that a form offers: the one looked at first, those of the person's roles, those just below."""
    paths = [here.path, *(grant.path for grant in actor.grants)]
    near = allowed.filter(models.Q(path__in=paths) | models.Q(parent_id=here.pk))
    rows = list(near.order_by("depth", "sort_key", "pk")[:MOST_OFFERED])
    return sorted(rows, key=lambda one: one.pk != here.pk)


def nonce_field() -> forms.CharField:
    """The hidden field that makes a form's sending recognisable; every form shown has its own."""
    return forms.CharField(required=False, max_length=60, widget=forms.HiddenInput, initial=new_code)


def initial_from(data: QueryDict) -> dict[str, Any]:
    """What was sent, as the initial values of a form shown again without judging it."""
    return {name: data.getlist(name) if name == "people" else data.get(name) for name in data}


def attach_all(
    uploads: Iterable[UploadedFile],
    *,
    subject: str,
    path: str,
    actor: Actor,
    action: Action,
    now: datetime,
    person: int | None = None,
) -> int:
    """Attach the uploads of a form to the record it made (`person`: whose it is); how many there were."""
    count = 0
    for upload in uploads:
        attach_evidence(upload=upload, subject=subject, path=path, actor=actor, action=action, now=now, person=person)
        count += 1
    return count


def evidence_items(
    rows: Iterable[Evidence], href: Callable[[str], str], actor: Actor | None = None
) -> list[dict[str, Any]]:
    """Evidence as <c-evidence> takes it; with `actor` also what he may do about its being public."""
    return [
        {
            "title": one.filename,
            "href": href(one.code),
            "kind": one.filename.rpartition(".")[2][:5].lower(),
            "size": size_words(one.blob.size),
            "on": one.added_at,
            "hash": one.blob.sha256[:12],
            "code": one.code,
            "by": _("已公开") if one.is_public else "",
            "is_public": one.is_public,
            **_may_show(one, actor),
        }
        for one in rows
    ]


def _may_show(one: Evidence, actor: Actor | None) -> dict[str, bool]:
    """Whether the page offers to show a file to the public, or to take it down; the operations ask again."""
    publishes = actor is not None and bool(may(actor, Action.PUBLISH_EVIDENCE, one.path))
    uploaded = actor is not None and one.added_by is not None and one.added_by == actor.account
    return {
        "may_publish": publishes and not uploaded and not one.is_public,
        "may_unpublish": publishes and one.is_public,
    }


def size_words(size: int) -> str:
    """Bytes for people: 820 B, 12 KB, 3.4 MB."""
    if size < 1024:
        return f"{size} B"
    return f"{size / 1024:.0f} KB" if size < 1024 * 1024 else f"{size / 1048576:.1f} MB"


# --- lists ---


@dataclass(frozen=True, slots=True)
class Listing:
    """A page of a list, sorted as the address asks."""

    page: Page
    total: int
    rows: Sequence[Any] = field(default=())

    @property
    def number(self) -> int:
        """Which page."""
        return self.page.number

    @property
    def count(self) -> int:
        """How many pages."""
        return self.page.paginator.num_pages


def sorted_by(rows: QuerySet, wanted: str, allowed: Mapping[str, str], default: str) -> QuerySet:
    """`rows` in the order that the address asks for (`-key` is downwards), if it may; ties by key, so that pages hold still."""
    name = wanted.lstrip("-")
    field_name = allowed.get(name)
    if field_name is None:
        wanted, field_name = default, allowed[default.lstrip("-")]
    down = "-" if wanted.startswith("-") else ""
    return rows.order_by(f"{down}{field_name}", f"{down}pk")


def paged(rows: QuerySet, number: str, *, total: int | None = None) -> Listing:
    """The page that the address asks for; a number beyond the end is the last page. `total` spares counting."""
    paginator = Paginator(rows, ROWS)
    if total is not None:
        paginator.count = total
    try:
        page = paginator.page(int(number) if number.isdigit() and int(number) else 1)
    except EmptyPage:
        page = paginator.page(paginator.num_pages)
    return Listing(page, paginator.count, list(page.object_list))


def period_of(request: DeskRequest) -> tuple[Period | None, str]:
    """The period that a list is filtered by: `?when=`, else the desk's; None for "all". And what the address says."""
    asked = request.GET.get("when", "")
    if asked == "all":
        return None, asked
    try:
        return (Period.parse(asked), asked) if asked else (request.desk.period, "")
    except PeriodError:
        return request.desk.period, ""


def ever(today: date) -> Period:
    """All days on which anything can have been recorded: records lie in the past, and none is older than the state."""
    return Period(date(1949, 10, 1), today)


def chips_of(request: HttpRequest, titles: Mapping[str, str]) -> list[dict[str, str]]:
    """The filters that hold, each with the address without it; `titles` are by key of the address, "" for none."""
    chips = []
    for name, title in titles.items():
        if title:
            query = request.GET.copy()
            query.pop(name, None)
            query.pop("page", None)
            chips.append({"title": title, "href": f"{request.path}?{query.urlencode()}"})
    return chips


def excel(
    title: str,
    columns: Sequence[Column],
    rows: Iterable[Mapping[str, Any]],
    *,
    notes: Sequence[str] = (),
    totals: Mapping[str, Any] | None = None,
) -> HttpResponse:
    """A list as an Excel file to download."""
    stream = io.BytesIO()
    write_table(stream, title=title, columns=columns, rows=rows, notes=notes, totals=totals)
    return attachment(stream.getvalue(), f"{title}.xlsx")


def attachment(content: bytes, filename: str, kind: str = XLSX) -> HttpResponse:
    """Bytes to be saved, never shown in the page."""
    response = HttpResponse(content, content_type=kind)
    response["Content-Disposition"] = content_disposition_header(True, filename) or "attachment"
    response["X-Content-Type-Options"] = "nosniff"
    return response
