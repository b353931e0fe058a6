"""A number as every face shows it: value, the words it is printed with, and the address of its workings.

The same number everywhere: a page, a report and an endpoint all make their figures here.
"""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from urllib.parse import urlencode

from quxin.kernel.hedged import check_hedge, count_zh, hedge, print_number
from quxin.kernel.missing import Missing, is_missing
from quxin.kernel.periods import Period, zh_date
from quxin.kernel.scaled import unscale
from quxin.measures.reading import measure
from quxin.measures.types import Measured
from quxin.orgs.models import Organisation

# Verdicts on how a number is printed (the same words as reports.document uses).
EXACT, HEDGED, WRONG, MISSING = "exact", "hedged", "wrong", "missing"
MONTHS = "一二三四五六七八九十"


@dataclass(frozen=True, slots=True)
class Figure:
    """One printed number. `address` is relative to a face's root; `basis` counts the facts that stand under it."""

    measure: str
    label: str
    value: Decimal | date | Missing
    text: str
    unit: str
    organisation: str
    organisation_code: str
    path: str
    period: Period
    basis: int
    corrections: int
    verdict: str
    address: str
    is_public: bool
    campaign: str = ""
    figure_id: str = ""

    @property
    def is_missing(self) -> bool:
        """Whether nobody has recorded anything."""
        return is_missing(self.value)

    @property
    def desk_href(self) -> str:
        """Where staff see the workings."""
        return f"/desk/{self.address}"

    @property
    def public_href(self) -> str:
        """Where the public sees the workings; "" for a measure that is not public."""
        return f"/{self.address}" if self.is_public else ""


def read_figure(
    wanted: str,
    organisation: Organisation,
    period: Period,
    *,
    campaign: str = "",
    as_of: datetime | None = None,
    style: str = "exact",
    wording: str = "",
    figure_id: str = "",
) -> Figure:
    """Measure and print in one go; arguments as in `measures.reading.measure` and `figure_of`."""
    measured = measure(wanted, path=organisation.path, period=period, campaign=campaign, as_of=as_of)
    return figure_of(measured, organisation, style=style, wording=wording, figure_id=figure_id)


def figure_of(
    measured: Measured, organisation: Organisation, *, style: str = "exact", wording: str = "", figure_id: str = ""
) -> Figure:
    """The figure of something measured. `style`: exact · number · hedged · chinese · month · date; `wording` is a given hedge."""
    text, verdict = printed(measured.value, measured.unit, style, wording)
    return Figure(
        measure=measured.id,
        label=measured.spec.label,
        value=measured.value,
        text=text,
        unit=measured.unit,
        organisation=organisation.name,
        organisation_code=organisation.code,
        path=measured.path,
        period=measured.period,
        basis=measured.basis.net,
        corrections=measured.basis.corrections,
        verdict=verdict,
        address=figure_address(measured.id, organisation.code, measured.period, measured.campaign),
        is_public=measured.spec.public,
        campaign=measured.campaign,
        figure_id=figure_id,
    )


def figure_address(measure_id: str, organisation_code: str, period: Period, campaign: str = "") -> str:
    """The address of a figure's workings, relative to a face's root."""
    query = {"org": organisation_code, "period": str(period)} | ({"campaign": campaign} if campaign else {})
    return f"figures/{measure_id}/?{urlencode(query)}"


def printed(value: Decimal | date | Missing, unit: str, style: str = "exact", wording: str = "") -> tuple[str, str]:
    """A value as words and the verdict on them. Nothing recorded prints as such, never as 0."""
    if is_missing(value):
        return "（没有数据）", MISSING
    if isinstance(value, date):
        return (f"{month_zh(value.month)}月" if style == "month" else zh_date(value)), EXACT
    assert isinstance(value, Decimal)
    if style == "hedged":
        return _hedged(value, unit, wording)
    if style == "chinese":
        return (count_zh(int(value)) if value == int(value) else print_number(value, "")), EXACT
    return print_number(value, "" if style == "number" else unit), EXACT


def plain_quantity(scaled: int, unit: str = "") -> str:
    """A scaled quantity as words."""
    return print_number(unscale(scaled), unit)


def month_zh(month: int) -> str:
    """1–12 → 一 … 十二."""
    return MONTHS[month - 1] if month <= 10 else f"十{MONTHS[month - 11]}"


def _hedged(value: Decimal, unit: str, wording: str) -> tuple[str, str]:
    """The writer's own wording if there is one (checked), else ours."""
    if not wording:
        hedged = hedge(value, unit)
        return hedged.text, EXACT if hedged.kind == "exact" else HEDGED
    return f"{wording}{unit}", HEDGED if check_hedge(wording, value).ok else WRONG
