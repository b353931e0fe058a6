"""Where a public number comes from. Only measures that are declared public; people are never listed, only counted."""

from dataclasses import dataclass

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from quxin.briefs.subjects import Subject
from quxin.briefs.workings import WorkingRow, Workings, workings
from quxin.kernel.periods import Period, PeriodError
from quxin.ledger.queries import BadPlace
from quxin.measures.registry import AmbiguousMeasure, UnknownMeasure, find
from quxin.measures.types import Declared
from quxin.orgs.models import Organisation
from quxin.packs.measure_types import PERSON_KINDS
from quxin.portal.shell import public_page
from quxin.records.commitments.models import Commitment


@dataclass(frozen=True, slots=True)
class PublicRow:
    """A fact as the public sees it: the record's title, and its page where it has a public one."""

    row: WorkingRow
    title: str
    href: str


@require_safe
def figure(request: HttpRequest, measure: str) -> HttpResponse:
    """The workings of a public measure for ?org=…&period=…; 404 for any other measure, organisation or period."""
    declared = _declared(measure)
    organisation = Organisation.objects.filter(code=request.GET.get("org", "")).first()
    if organisation is None:
        raise Http404
    try:
        brief = workings(
            declared.id,
            organisation,
            Period.parse(request.GET.get("period", "")),
            campaign=request.GET.get("campaign", "")[:60],
            after=request.GET.get("after", ""),
        )
    except (PeriodError, BadPlace) as error:
        raise Http404 from error
    fragment = request.headers.get("HX-Request") == "true"
    template = "portal/figure_panel.html" if fragment else "portal/figure.html"
    people = _counts_people(declared)
    return public_page(
        request, template, place="", brief=brief, rows=[] if people else _rows(brief), counts_people=people
    )


def _declared(measure: str) -> Declared:
    try:
        declared = find(measure)
    except (UnknownMeasure, AmbiguousMeasure) as error:
        raise Http404 from error
    if not _is_public(declared):
        raise Http404
    return declared


def _is_public(declared: Declared) -> bool:
    """A ratio is public when both of its parts are."""
    return declared.spec.public and all(_is_public(part) for part in declared.ratio)


def _counts_people(declared: Declared) -> bool:
    return declared.fold.kind in PERSON_KINDS or any(_counts_people(part) for part in declared.ratio)


def _rows(brief: Workings) -> list[PublicRow]:
    codes = {row.subject.code for row in brief.facts if row.subject.kind == "commitment"}
    shown = set(Commitment.objects.public().filter(code__in=codes).values_list("code", flat=True)) if codes else set()
    return [PublicRow(row, *_told(row.subject, shown)) for row in brief.facts]


def _told(subject: Subject, promises: set[str]) -> tuple[str, str]:
    """Title and address of what a fact is about; promises that are not public keep their words to themselves."""
    if subject.kind == "commitment":
        if subject.code not in promises:
            return _("一项还没有公开的承诺"), ""
        return subject.title, reverse("portal:promise", args=[subject.code])
    if subject.kind == "organisation":
        return subject.title, reverse("portal:organisation", args=[subject.code])
    return subject.title, ""


urlpatterns = [path("figures/<str:measure>/", figure, name="figure")]
