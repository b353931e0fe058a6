"""Figures, report figures, organisations and seals for other programs: read-only, by the session of a logged-in person.

Every answer starts from what the actor may see; what he may not see is 404. Seals are public. Must not write.
"""

from datetime import date
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from ninja import NinjaAPI, Query, Router
from ninja.errors import HttpError
from ninja.security import SessionAuth

from quxin.access import Action, Actor, may
from quxin.api.schemas import FigureOut, OrganisationList, OrganisationOut, Problem, ReportOut, SealOut
from quxin.briefs.figures import Figure, read_figure
from quxin.briefs.report_places import default_period, visible_campaigns
from quxin.briefs.reports import report_brief
from quxin.kernel import clock
from quxin.kernel.errors import QuxinError
from quxin.kernel.periods import Period, quarter_of
from quxin.ledger.models import Book
from quxin.ledger.seals import public_seals
from quxin.measures.registry import UnknownMeasure
from quxin.orgs.models import Organisation, OrganisationKind
from quxin.orgs.operations import build_actor
from quxin.packs.queries import pack_of
from quxin.records.campaigns.models import Campaign
from quxin.reports.compose import compose
from quxin.reports.files import report_data

PAGE = 50

api = NinjaAPI(
    title="取信 Quxin",
    version="1",
    description="Figures and checks, read-only. Log in on the desk first: there are no other keys.",
    urls_namespace="api",
    auth=SessionAuth(csrf=False),  # nothing here writes
    docs_decorator=login_required,
)
router = Router()
REFUSALS: dict[int, Any] = {400: Problem, 404: Problem}


@api.exception_handler(QuxinError)
def _told(request: HttpRequest, error: QuxinError) -> HttpResponse:
    status = 404 if isinstance(error, UnknownMeasure) else 400
    return api.create_response(request, {"message": error.text(_), "hint": error.hint_text(_)}, status=status)


@api.exception_handler(HttpError)
def _refused(request: HttpRequest, error: HttpError) -> HttpResponse:
    return api.create_response(request, {"message": str(error), "hint": ""}, status=error.status_code)


def _actor(request: HttpRequest) -> tuple[Actor, date]:
    today = clock.today()
    return build_actor(request.user, today), today  # type: ignore[arg-type]


def _organisation(actor: Actor, code: str) -> Organisation:
    found = Organisation.objects.visible_to(actor).select_related("parent").filter(code=code).first()
    if found is None:
        raise HttpError(404, _("没有这个单位，或者不在您的范围内"))
    return found


@router.get("/figures/{str:measure}", response={200: FigureOut} | REFUSALS, url_name="figure", tags=["figures"])
def figure(request: HttpRequest, measure: str, org: str, period: str = "", campaign: str = "") -> FigureOut:
    """One measure for an organisation with all below it, over a period (2010-04..2010-11; this quarter without one)."""
    actor, today = _actor(request)
    organisation = _organisation(actor, org)
    if campaign and not Campaign.objects.visible_to(actor).filter(key=campaign).exists():
        raise HttpError(404, _("没有这项活动，或者不在您的范围内"))
    wanted = Period.parse(period) if period else quarter_of(today)
    return _figure(read_figure(measure, organisation, wanted, campaign=campaign))


def _figure(found: Figure) -> FigureOut:
    return FigureOut(
        measure=found.measure,
        label=found.label,
        value=_plain(found),
        printed=found.text,
        unit=found.unit,
        organisation=found.organisation,
        organisation_code=found.organisation_code,
        period=str(found.period),
        campaign=found.campaign,
        facts=found.basis,
        corrections=found.corrections,
        missing=str(found.value) if found.is_missing else "",
        link=found.desk_href,
        public_link=found.public_href,
    )


def _plain(found: Figure) -> int | str | None:
    """As json_figures writes values: whole numbers whole, others as text, because a float would lie."""
    value = found.value
    if found.is_missing:
        return None
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else f"{value:f}"
    return value.isoformat() if isinstance(value, date) else None


@router.get("/reports/{str:campaign}", response={200: ReportOut} | REFUSALS, url_name="report", tags=["reports"])
def report(request: HttpRequest, campaign: str, outline: str = "", org: str = "", period: str = "") -> dict[str, Any]:
    """Every figure of a campaign's report; `campaign` is its address code or key, `org` defaults to the sponsor."""
    actor, today = _actor(request)
    seen = visible_campaigns(actor)
    found = seen.filter(code=campaign).first() or seen.filter(key=campaign).first()
    if found is None:
        raise HttpError(404, _("没有这项活动，或者不在您的范围内"))
    pack = pack_of(found.pack_version)
    if not pack.reports or (outline and outline not in pack.reports):
        raise HttpError(404, _("活动包里没有这份提纲"))
    organisation = _organisation(actor, org or found.sponsor.code)
    if not may(actor, Action.VIEW, organisation.path):
        raise HttpError(404, _("没有这个单位，或者不在您的范围内"))
    brief = report_brief(
        pack=pack,
        campaign=found,
        organisation=organisation,
        period=Period.parse(period) if period else default_period(found, today),
        report_id=outline,
    )
    site = settings.PUBLIC_URL or f"{request.scheme}://{request.get_host()}"
    return report_data(brief, compose(brief, on=today, site=site))


@router.get(
    "/organisations", response={200: OrganisationList} | REFUSALS, url_name="organisations", tags=["organisations"]
)
def organisations(
    request: HttpRequest, parent: str = "", kind: str = "", page: int = Query(1, ge=1)
) -> OrganisationList:
    """The organisations that you see, in the order of the tree; below `parent` (a code) only its direct children."""
    actor, today = _actor(request)
    seen = Organisation.objects.visible_to(actor).open_on(today).select_related("parent").order_by("path")
    if parent:
        seen = seen.filter(parent=_organisation(actor, parent))
    if kind:
        if kind not in OrganisationKind.values:
            raise HttpError(400, _("类别只有这几种：%(known)s") % {"known": "、".join(OrganisationKind.values)})
        seen = seen.filter(kind=kind)
    found = Paginator(seen, PAGE).get_page(page)
    return OrganisationList(
        items=[_out(one, actor) for one in found],
        total=found.paginator.count,
        page=found.number,
        pages=found.paginator.num_pages,
    )


@router.get(
    "/organisations/{str:code}",
    response={200: OrganisationOut} | REFUSALS,
    url_name="organisation",
    tags=["organisations"],
)
def organisation(request: HttpRequest, code: str) -> OrganisationOut:
    """One organisation."""
    actor, _today = _actor(request)
    return _out(_organisation(actor, code), actor)


def _out(found: Organisation, actor: Actor) -> OrganisationOut:
    parent = found.parent
    return OrganisationOut(
        code=found.code,
        official_code=found.official_code or "",
        name=found.name,
        short_name=found.short_name,
        kind=found.kind,
        party_type=found.party_type,
        level=found.level,
        parent=parent.code if parent and may(actor, Action.VIEW, parent.path) else None,
        opened_on=found.opened_on,
        closed_on=found.closed_on,
    )


@router.get("/seals", auth=None, response={200: list[SealOut]} | REFUSALS, url_name="seals", tags=["seals"])
def seals(request: HttpRequest, book: str = "") -> list[dict[str, Any]]:
    """Every published seal (of one book), oldest first. Public: save them elsewhere, and check the ledger against them."""
    if not book:
        return public_seals()
    found = Book.objects.filter(key=book).first()
    if found is None:
        raise HttpError(404, _("没有这本账"))
    return public_seals(found)


api.add_router("", router)
