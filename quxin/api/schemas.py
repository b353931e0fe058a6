"""The shapes of the API's answers: plain data, the same numbers and words as pages and reports."""

from datetime import date

from ninja import Schema
from pydantic import Field


class Problem(Schema):
    """What went wrong, in words, and what to do."""

    message: str
    hint: str = ""


class FigureOut(Schema):
    """One number. `value` is a whole number, a plain decimal as text, an ISO date, or null when nobody recorded any."""

    measure: str
    label: str
    value: int | str | None
    printed: str
    unit: str
    organisation: str
    organisation_code: str
    period: str
    campaign: str = ""
    facts: int = Field(description="how many facts stand under it")
    corrections: int
    missing: str = Field("", description="why there is no value")
    link: str = Field(description="where its workings are shown to staff")
    public_link: str = ""


class OrganisationOut(Schema):
    """An organisation as it is now."""

    code: str
    official_code: str
    name: str
    short_name: str
    kind: str
    party_type: str
    level: str
    parent: str | None = Field(description="code of the parent; null for a root, or one that is not yours to see")
    opened_on: date | None
    closed_on: date | None


class OrganisationList(Schema):
    """A page of organisations."""

    items: list[OrganisationOut]
    total: int
    page: int
    pages: int


class ReportFigure(Schema):
    """A figure of a report, as `quxin report --out x.json` lists it."""

    id: str
    value: int | str | None
    unit: str
    printed: str
    measure: str
    measure_label: str
    facts: int
    link: str
    verdict: str


class RemarkOut(Schema):
    """What a careful reader would say of the report."""

    code: str
    message: str
    hint: str


class ReportOut(Schema):
    """A report's figures and remarks."""

    title: str
    organisation: str
    organisation_code: str
    campaign: str
    period: str
    figures: list[ReportFigure]
    remarks: list[RemarkOut]


class SealOut(Schema):
    """A published seal (docs/ledger.md)."""

    format: str
    book: str
    number: int
    first_seq: int
    last_seq: int
    root: str
    chained: str
    algorithm: str
    sealed_at: str
