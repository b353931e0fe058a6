"""What deploying asks before it writes: who may run what, under which key, and how the targets are shared out.

Nothing here writes: `operations_deploy` does.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from quxin.access import Action, Actor, require
from quxin.kernel.errors import QuxinError
from quxin.kernel.scaled import ONE, scale
from quxin.kernel.sharing import share_by, share_equally
from quxin.orgs.models import Level, Organisation, OrganisationKind, Person
from quxin.packs import types as packs
from quxin.packs.models import PackVersion
from quxin.records.campaigns.burden import KnownField, require_light
from quxin.records.campaigns.models import Campaign

LOWER_LEVELS = {Level.PREFECTURE, Level.COUNTY}
EACH, EQUAL, HAND = "each", "equal", "hand"
"""How a target is shared out, beside `by:<measure>`; "" is not at all: all who owe the task owe it together."""
KEY = re.compile(r"[a-z0-9]+([._-][a-z0-9]+)*")

Weigh = Callable[[str, Sequence[Organisation]], Sequence[Decimal]]
"""The sizes of organisations by a measure, in their order; 0 where nothing was recorded."""


class NotAllowedToRun(QuxinError):
    """The sponsor may not run such a campaign (减负: who may run what)."""

    default_message = "%(sponsor)s 不能举办这项活动：%(reason)s"
    default_hint = "市、县的内设机构不得自行开展创建示范活动；请由本级机关报批后举办。"


class ApprovalMissing(QuxinError):
    """The pack asks for an approval number and none was given."""

    default_message = "这项活动须经批准，还没有填批准文号。"
    default_hint = "请填写批准机关的文号，例如“国质检党〔2010〕121号”。"


class AlreadyDeployed(QuxinError):
    """The same pack already runs under this key."""

    default_message = "“%(title)s”已经部署过。"
    default_hint = "再办一次请换一个活动代号，例如在后面加上年份。"


class KeyWrong(QuxinError):
    """A campaign's key that would not stand in the ledger's subjects."""

    default_message = "“%(key)s”不能作为活动代号。"
    default_hint = "请用小写字母和数字，中间可以加点或短横，例如 aqsiq-2010-b，不超过 56 个字符。"


class NothingToDeploy(QuxinError):
    """The pack has no campaign in it."""

    default_message = "这个包里没有主题活动。"
    default_hint = "请选择含有 campaign 一节的包。"


class SizesMissing(QuxinError):
    """A target is to be shared out by a size that nobody has recorded."""

    default_message = "“%(task)s”的目标要按“%(measure)s”分到各单位，可是各单位都还没有这个数。"
    default_hint = "请先登记这个数，或在包里改成平均分（share: equal）。"


@dataclass(frozen=True, slots=True)
class Seat:
    """A seat in the leading group, its office or a task force."""

    body: str
    position: str
    person: Person | None = None
    duty: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What is to be deployed.

    `organisations_for(class code)` gives the organisations of a class under the sponsor, always in the same order;
    `reasons` say why a number that the ledger knows is asked for all the same (keys of `burden.KnownField`); `level` and
    `addressed` (the object) are the pack's unless given; `token` is the code of the run that carries it out, "" for none.
    """

    version: PackVersion
    pack: packs.Pack
    sponsor: Organisation
    organisations_for: Callable[[str], Iterable[Organisation]]
    key: str = ""
    approval_number: str = ""
    seats: Sequence[Seat] = ()
    reasons: Mapping[str, str] = field(default_factory=dict)
    level: str = ""
    addressed: str = ""
    weigh: Weigh | None = None
    token: str = ""

    @property
    def campaign_key(self) -> str:
        """The key under which it will run."""
        return self.key or self.pack.pack


def require_deployable(actor: Actor, order: Order) -> tuple[packs.Campaign, list[KnownField]]:
    """The plan, and the known numbers that it asks for with a reason.

    Raises Refused, NothingToDeploy, NotAllowedToRun, ApprovalMissing, BurdenRefused, KeyWrong, AlreadyDeployed.
    """
    require(actor, Action.DEPLOY_CAMPAIGN, order.sponsor.path)
    plan = _plan_of(order)
    asked = require_light(order.pack, order.reasons)
    key = order.campaign_key
    if not KEY.fullmatch(key) or len(key) > 56:
        raise KeyWrong(key=key[:60])
    there = Campaign.objects.filter(key=key).first()
    if there is not None and not goes_on(there, order):
        raise AlreadyDeployed(title=str(order.pack.title))
    return plan, asked


def goes_on(there: Campaign, order: Order) -> bool:
    """Whether deploying `order` goes on with `there`: its own run's, or one of the same pack and sponsor left half done."""
    if order.token and there.deployment == order.token:
        return True
    same = there.pack_version_id == order.version.pk and there.sponsor_id == order.sponsor.pk
    return same and there.state == Campaign.State.DRAFT


def _plan_of(order: Order) -> packs.Campaign:
    """The pack's campaign, after asking whether this sponsor may run it."""
    plan, sponsor = order.pack.campaign, order.sponsor
    if plan is None:
        raise NothingToDeploy
    if sponsor.kind == OrganisationKind.DEPARTMENT and sponsor.level in LOWER_LEVELS:
        raise NotAllowedToRun(sponsor=sponsor.name, reason="它是市、县机关的内设机构")
    if plan.authority.approval == "required" and not order.approval_number.strip():
        raise ApprovalMissing
    return plan


# --- sharing out ---


def shares_of(task: packs.Task, owing: Sequence[Organisation], weigh: Weigh | None) -> list[int | None]:
    """The target of each of `owing` (scaled), in their order: its share, or None where all owe the target together.

    Who owes a task alone owes all of it, however it is shared. Raises SizesMissing.
    """
    if task.target is None or not owing:
        return [None] * len(owing)
    total = scale(task.target)
    if len(owing) == 1 or task.share == EACH:
        return [total] * len(owing)
    if task.share == EQUAL:
        return list(in_units(total, lambda units: share_equally(units, len(owing))))
    if not task.size:
        return [None] * len(owing)
    sizes = list(weigh(task.size, owing)) if weigh else []
    if not any(sizes):
        raise SizesMissing(task=task.title.zh, measure=task.size)
    return list(in_units(total, lambda units: share_by(units, sizes)))


def in_units(total: int, share: Callable[[int], Sequence[int]]) -> list[int]:
    """Share a scaled total out in whole units where it is whole, else in thousandths."""
    step = ONE if total % ONE == 0 else 1
    return [part * step for part in share(total // step)]
