"""Long lists of what packs declare, as a select shows them: what the running campaigns ask for first, the rest behind.

Native option groups: they can be searched by keyboard, read aloud and used without script; with script a box above the
select (`data-find`, forms.js) narrows them.
"""

from collections.abc import Iterable
from datetime import date

from django.utils.translation import gettext as _

from quxin.access import Actor
from quxin.packs.queries import all_current
from quxin.records.campaigns.models import Campaign
from quxin.records.campaigns.queries import list_campaigns
from quxin.ui.words import spoken

Choices = list[tuple[str, str]]
Grouped = list[tuple[str, Choices]]
FIND = {"data-find": ""}


def running(actor: Actor, today: date) -> list[Campaign]:
    """The campaigns that run today and that the actor may see, the latest first."""
    rows = list_campaigns(actor).filter(starts_on__lte=today, ends_on__gte=today)
    return list(rows.exclude(state=Campaign.State.CLOSED).order_by("-starts_on", "pk"))


def by_campaign(options: Iterable[tuple[str, str, str]], campaigns: Iterable[Campaign]) -> Grouped:
    """`options` as (pack, value, title), the pack "" for what the product brings: grouped as a select takes it.

    First the packs of `campaigns` under the campaigns' titles, then what the product brings, then the other packs, named
    as not running. Each option stands once; a group without options is left out.
    """
    packs: dict[str, Choices] = {}
    for pack, value, title in options:
        packs.setdefault(pack, []).append((value, title))
    grouped: Grouped = []
    for campaign in campaigns:
        grouped.append((_(campaign.title), packs.pop(campaign.pack_version.pack, [])))
    grouped.append((_("通用"), packs.pop("", [])))
    titles = {pack.pack: spoken(pack.title) for pack in all_current()} if packs else {}
    for pack, choices in packs.items():
        grouped.append((_("现在没有在办：%(pack)s") % {"pack": titles.get(pack, pack)}, choices))
    return [(title, choices) for title, choices in grouped if choices]
