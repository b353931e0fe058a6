"""A small world of facts and the plainest possible reckoning of it, to hold the SQL against."""

from collections import defaultdict
from datetime import UTC, date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal

from quxin.kernel.scaled import ONE, unscale
from quxin.ledger.models import Fact
from quxin.ledger.operations import Entry, append

START = datetime(2010, 12, 1, 8, tzinfo=UTC)


def entry(path="00000001", on="2010-04-15", kind="activity.held", label="lecture", subject="activity:1", **more):
    """An entry with everyday defaults; `on` may be a string."""
    day = date.fromisoformat(on) if isinstance(on, str) else on
    more.setdefault("quantity", ONE)
    return Entry(kind=kind, unit=more.pop("unit", 1), path=path, subject=subject, on=day, label=label, **more)


def record(*entries, now=START):
    """Append `entries` in one go."""
    return append(entries, actor=None, now=now)


def plain(form, kind, label, path, period, *, by="subject", as_of=None, campaign=""):
    """What a measure is, said with loops: value (Decimal, date or None for Missing), net, gross."""
    facts = [fact for fact in Fact.objects.all() if as_of is None or fact.recorded_at <= as_of]
    originals = {(fact.book_id, fact.seq): fact for fact in facts}
    inside = [fact for fact in facts if fact.path.startswith(path) and fact.kind == kind]
    counted = bool(inside)
    since = date(1, 1, 1) if form == "stock" else period.start
    chosen = [
        fact
        for fact in inside
        if since <= fact.on <= period.end
        and (not label or fact.label == label or fact.label.startswith(label + "/"))
        and (not campaign or fact.campaign == campaign)
    ]
    net = sum(fact.sign for fact in chosen)
    gross = sum(fact.sign > 0 for fact in chosen)
    taken_back = {
        (fact.book_id, fact.reverses)
        for fact in facts
        if fact.sign < 0 and fact.on <= originals[fact.book_id, fact.reverses].on
    }
    value = Decimal(0) if counted else None
    if form == "first":
        days = [f.on for f in chosen if f.sign > 0 and (f.book_id, f.seq) not in taken_back]
        value = min(days) if days else None
    elif form == "count":
        value = Decimal(net) if chosen else value
    elif form in ("sum", "stock"):
        value = unscale(sum(fact.quantity for fact in chosen)) if chosen else value
    elif form == "distinct" and chosen:
        totals = defaultdict(int)
        for fact in chosen:
            totals[fact.person if by == "person" else fact.subject] += fact.sign
        value = Decimal(sum(1 for who, total in totals.items() if who and total > 0))
    return value, net, gross


def percent(part, whole):
    """As a ratio in per cent is rounded."""
    return (Decimal(part) * 100 / Decimal(whole)).quantize(Decimal("0.001"), ROUND_HALF_UP)


def later(days):
    """A moment some days after the first records."""
    return START + timedelta(days=days)
