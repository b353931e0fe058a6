"""What a round may be set up from: the evaluations that installed packs declare, and the simple one of five grades.

Not for rules of a kind: those stand in `records.evaluations`. A leader's remark is no round and is not offered.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from quxin.desk.choices import Grouped, by_campaign
from quxin.packs.evaluation_types import Evaluation
from quxin.packs.queries import all_current
from quxin.records.campaigns.models import Campaign
from quxin.records.evaluations.models import Round
from quxin.records.evaluations.questionnaire import snapshot
from quxin.records.evaluations.simple import simple_snapshot
from quxin.ui.words import spoken

SIMPLE, SIMPLE_ROSTER = "simple", "simple-roster"
#: What the product brings: key → (title, by a roster).
BUILT_IN = {
    SIMPLE: (gettext_noop("五级评议：公开，谁都可以评"), False),
    SIMPLE_ROSTER: (gettext_noop("五级评议：按名册，一人一票"), True),
}
PROMISES, ORGANISATIONS, MEMBERS = "promises", "organisations", "members"
MEMBER_KINDS = (Round.Kind.PEERS, Round.Kind.MEMBERS)


@dataclass(frozen=True, slots=True)
class Offer:
    """One questionnaire to set a round up from; `plain` is the snapshot that the round will keep."""

    key: str
    pack: str
    title: str
    plain: dict[str, Any]

    @property
    def judges(self) -> frozenset[str]:
        """What it may judge: of "promises", "organisations", "members"."""
        return judges(self.plain)


def judges(plain: dict[str, Any]) -> frozenset[str]:
    """What a questionnaire (a snapshot) judges: of "promises", "organisations", "members"."""
    of = set(plain.get("of", ()))
    if plain.get("kind") in MEMBER_KINDS:
        return frozenset({MEMBERS})
    found = {PROMISES} if of & {"promise", "service"} else set()
    if of & {"organisation", "conduct", "service"}:
        found.add(ORGANISATIONS)
    return frozenset(found or {MEMBERS})


def offers() -> list[Offer]:
    """Everything that a round may be set up from, in the order of packs; the built-in ones first."""
    found = []
    for key, (title, by_roster) in BUILT_IN.items():
        plain = simple_snapshot()
        if by_roster:
            plain["access"] = "roster"
        found.append(Offer(key, "", _(title), plain))
    for pack in all_current():
        found += [
            Offer(f"{pack.pack}/{one.id}", pack.pack, spoken(one.title), _plain(one, pack.pack, pack.version))
            for one in pack.evaluations.values()
            if one.sort != "comment" and one.entry in ("open", "roster")
        ]
    return found


def grouped(found: Iterable[Offer], campaigns: Iterable[Campaign]) -> Grouped:
    """The offers as a select takes them: those of running campaigns first."""
    return by_campaign([(one.pack, one.key, one.title) for one in found], campaigns)


def _plain(one: Evaluation, pack: str, version: str) -> dict[str, Any]:
    return snapshot(one, pack=pack, version=version)
