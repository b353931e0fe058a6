"""Every number is a link: the workings of a figure, as a panel beside the page or as a page of its own."""

from django.http import Http404, HttpResponse
from django.urls import path

from quxin.access import Action, require
from quxin.briefs.workings import workings
from quxin.desk.links import href_of
from quxin.desk.shell import DeskRequest, desk_page, page
from quxin.ledger.queries import BadPlace
from quxin.measures.registry import UnknownMeasure


@desk_page
def figure(request: DeskRequest, measure: str) -> HttpResponse:
    """The workings of `measure` for the organisation and period of the desk; 404 for an unknown one."""
    # A role may stand at an organisation without a right to its numbers (the administrators of accounts and of the audit).
    require(request.desk.actor, Action.VIEW, request.desk.organisation.path)
    try:
        brief = workings(
            measure,
            request.desk.organisation,
            request.desk.period,
            campaign=request.GET.get("campaign", ""),
            after=request.GET.get("after", ""),
        )
    except (UnknownMeasure, BadPlace) as error:
        raise Http404 from error
    rows = [(row, href_of(row.subject)) for row in brief.facts]
    fragment = request.headers.get("HX-Request") == "true"
    template = "desk/figure_panel.html" if fragment else "desk/figure.html"
    return page(request, template, "reports", brief=brief, rows=rows, title=brief.figure.text)


urlpatterns = [path("figures/<str:measure>/", figure, name="figure")]
