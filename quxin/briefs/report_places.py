"""Which reports there are, for which organisations and periods: what the list and the choosers of a report offer.

Not for the report itself: that is `reports`.
"""

from calendar import monthrange
from dataclasses import dataclass
from datetime import date

from django.db.models import QuerySet

from quxin.access import Actor
from quxin.briefs.reports import ReportBrief
from quxin.kernel.periods import Period
from quxin.orgs.models import Organisation, OrganisationKind
from quxin.packs.queries import pack_of
from quxin.packs.types import Pack
from quxin.records.campaigns.models import Campaign

OFFERED = 60


@dataclass(frozen=True, slots=True)
class Outline:
    """An outline of a campaign's pack."""

    id: str
    title: str


@dataclass(frozen=True, slots=True)
class CampaignReports:
    """A campaign with its outlines and the period that its reports are for unless another is asked for."""

    campaign: Campaign
    outlines: tuple[Outline, ...]
    period: Period


@dataclass(frozen=True, slots=True)
class Sources:
    """How many numbers a report prints, how many have a source, how many were typed by hand."""

    numbers: int
    sourced: int
    typed: int

    @property
    def is_whole(self) -> bool:
        """Whether every number has a source."""
        return self.sourced == self.numbers and not self.typed


def campaign_reports(actor: Actor, *, today: date) -> list[CampaignReports]:
    """Every campaign that the actor sees and whose pack has outlines, the latest first."""
    return [found for campaign in visible_campaigns(actor) if (found := reports_of(campaign, today=today)).outlines]


def visible_campaigns(actor: Actor) -> QuerySet[Campaign]:
    """Campaigns that the actor sees, with what reports need."""
    seen = Campaign.objects.visible_to(actor).exclude(state=Campaign.State.DRAFT)
    return seen.select_related("sponsor", "pack_version").defer("pack_version__content")


def reports_of(campaign: Campaign, *, today: date) -> CampaignReports:
    """The outlines of one campaign."""
    pack = pack_of(campaign.pack_version)
    outlines = tuple(Outline(key, _title(pack, key, campaign)) for key in pack.reports)
    return CampaignReports(campaign, outlines, default_period(campaign, today))


def _title(pack: Pack, key: str, campaign: Campaign) -> str:
    """The title of an outline in the campaign's words; the year and period are known only in the report itself."""
    words = {"{campaign.title}": campaign.title, "{campaign.theme}": campaign.theme}
    title = pack.reports[key].title
    for name, value in words.items():
        title = title.replace(name, value)
    return title.replace("{period.year}", "").replace("{period}", "").replace("{organisation}", "")


def default_period(campaign: Campaign, today: date) -> Period:
    """From the month in which the campaign began to that in which it ended, or to this month while it runs."""
    end = max(campaign.starts_on, min(campaign.ends_on, today))
    return Period(campaign.starts_on.replace(day=1), _last_of_month(end))


def offered_periods(campaign: Campaign, today: date) -> list[Period]:
    """The periods that people ask for: from the beginning to the end of each phase, and the whole; the shortest first."""
    begin = campaign.starts_on.replace(day=1)
    ends = [phase.ends_on for phase in campaign.phases.all()] + [campaign.ends_on]
    periods = [Period(begin, _last_of_month(end)) for end in ends if end >= begin]
    return sorted(dict.fromkeys([*periods, default_period(campaign, today)]), key=lambda period: period.end)


def offered_organisations(actor: Actor, campaign: Campaign, current: Organisation) -> list[Organisation]:
    """The organisations that a report is usually asked for: the sponsor, the one looked at, the agencies below it."""
    seen = Organisation.objects.visible_to(actor)
    agencies = seen.filter(parent=campaign.sponsor, kind=OrganisationKind.AGENCY, closed_on__isnull=True)
    below = list(agencies.order_by("sort_key", "pk")[:OFFERED])
    first = list(seen.filter(pk__in={campaign.sponsor_id, current.pk}).order_by("path"))
    return list(dict.fromkeys([*first, *below]))


def sources_of(brief: ReportBrief, typed: int) -> Sources:
    """Count the different numbers of a report; `typed` of them were found to be bound to nothing (reports.remarks)."""
    seen: dict[str, bool] = {}
    for figure in brief.figures():
        # One measure printed twice (as a count and as names) is one number.
        seen.setdefault(figure.measure, not figure.is_missing and figure.basis > 0)
    return Sources(len(seen) + typed, sum(seen.values()), typed)


def _last_of_month(day: date) -> date:
    return day.replace(day=monthrange(day.year, day.month)[1])
