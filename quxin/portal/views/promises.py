"""A promise in public: the page like a receipt, and the workings of its number."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import path
from django.views.decorators.http import require_safe

from quxin.briefs.commitments import promise_brief, promise_workings, with_words
from quxin.kernel import clock
from quxin.portal.shell import absolute, public_page
from quxin.records.commitments.models import Commitment, CommitmentEvent
from quxin.records.commitments.querysets import PUBLIC_STATES


@require_safe
def promise(request: HttpRequest, code: str) -> HttpResponse:
    """Who promised what, by when, how it is measured, where it stands, what was changed since, what people said."""
    events = _events(code)
    now = clock.now()
    brief = promise_brief(events[0].commitment, today=clock.local_date(now), now=now, events=events)
    return public_page(
        request,
        "portal/promise.html",
        place="",
        brief=brief,
        row=brief.row,
        address=absolute(request, request.path),
        **_judgement(brief.evaluation),
    )


@require_safe
def promise_figure(request: HttpRequest, code: str) -> HttpResponse:
    """The entries under a promise's own count, as a page or beside the promise."""
    found = with_words(Commitment.objects.public()).filter(code=code).first()
    if found is None or found.measure:
        raise Http404
    workings = promise_workings(found, today=clock.today())
    fragment = request.headers.get("HX-Request") == "true"
    template = "portal/promise_figure_panel.html" if fragment else "portal/promise_figure.html"
    return public_page(request, template, place="", workings=workings, row=workings.row)


def _events(code: str) -> list[CommitmentEvent]:
    """The events of a public promise, each with the promise and its words: one query. 404 for any other code."""
    events = list(
        CommitmentEvent.objects.filter(commitment__code=code, commitment__state__in=PUBLIC_STATES)
        .select_related("commitment__organisation__parent", "commitment__person", "commitment__campaign__pack_version")
        .defer("commitment__campaign__pack_version__content")
        .order_by("number")
    )
    if not events:
        raise Http404
    return events


def _judgement(evaluation: Any) -> dict[str, Any]:
    """The latest result and where the promise can be judged now."""
    if evaluation is None:
        return {"result": None, "open_now": (), "earlier": ()}
    return {"result": evaluation.latest, "open_now": evaluation.open_now, "earlier": evaluation.history}


urlpatterns = [
    path("promises/<str:code>/", promise, name="promise"),
    path("commitments/<str:code>/figure/", promise_figure, name="promise_figure"),
]
