"""The order to deploy as JSON and back, so that a run can carry it out and take it up again.

What an order needs of the day (which organisations stand in a class) is fixed by the day on which it was given.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from functools import partial
from typing import Any

from quxin.kernel.errors import QuxinError
from quxin.orgs.models import Organisation
from quxin.orgs.queries import of_class
from quxin.packs.models import PackVersion
from quxin.packs.queries import pack_of
from quxin.records.campaigns.deploying import Order, Seat, Weigh

DEPLOY = "campaigns.deploy"
"""The kind of run that deploys."""


class OrderGone(QuxinError):
    """The pack or the sponsor of an order is not there any more."""

    default_message = "要部署的包或主办单位已经不在了。"
    default_hint = "请回到“部署”页面重新选择。"


def order_of(given: Mapping[str, Any], *, token: str = "", weigh: Weigh | None = None) -> Order:
    """The order that `parameters_of` wrote down. Raises OrderGone."""
    version = PackVersion.objects.filter(pack=given["pack"], version=given["version"]).first()
    sponsor = Organisation.objects.filter(code=given["sponsor"]).first()
    if version is None or sponsor is None:
        raise OrderGone
    return Order(
        version=version,
        pack=pack_of(version),
        sponsor=sponsor,
        organisations_for=partial(of_class, root=sponsor.path, on=date.fromisoformat(given["on"])),
        key=given["key"],
        approval_number=given["approval_number"],
        seats=tuple(Seat(*seat) for seat in given["seats"]),
        reasons=given["reasons"],
        level=given["level"],
        addressed=given["addressed"],
        weigh=weigh,
        token=token,
    )


def parameters_of(
    *,
    version: PackVersion,
    sponsor: Organisation,
    on: date,
    key: str = "",
    approval_number: str = "",
    seats: Sequence[Seat] = (),
    reasons: Mapping[str, str] | None = None,
    level: str = "",
    addressed: str = "",
) -> dict[str, Any]:
    """An order as the parameters of a run; seats without people."""
    return {
        "pack": version.pack,
        "version": version.version,
        "sponsor": sponsor.code,
        "on": on.isoformat(),
        "key": key or version.pack,
        "approval_number": approval_number,
        "seats": [[seat.body, seat.position] for seat in seats],
        "reasons": dict(reasons or {}),
        "level": level,
        "addressed": addressed,
    }
