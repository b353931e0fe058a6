"""Small hands for tests of the ledger: everyday entries, and a tamperer who gets past the triggers."""

from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta

from django.db import connection

from quxin.kernel.scaled import ONE
from quxin.ledger.models import Fact
from quxin.ledger.operations import Entry, append
from tests.conftest import guard_switches, run_all

START = datetime(2010, 12, 1, 8, 30, 0, 125000, tzinfo=UTC)


def entry(n=1, **more):
    """An everyday entry about activity `n`."""
    values = {
        "kind": "activity.held", "unit": 7, "path": "00000001", "subject": f"activity:{n}", "on": date(2010, 4, 15),
        "quantity": ONE, "label": "lecture",
    }  # fmt: skip
    return Entry(**(values | more))


def record(*entries, now=START):
    """Append in one go."""
    return append(entries, actor=3, now=now)


def later(minutes):
    """A moment some minutes after the first."""
    return START + timedelta(minutes=minutes)


@contextmanager
def guards_lifted():
    """As somebody who owns the database file: the triggers are gone for a moment."""
    lift, restore = guard_switches(connection)
    ledger = [[s for s in statements if "ledger_" in s] for statements in (lift, restore)]
    settle()
    run_all(connection, ledger[0])
    try:
        yield
    finally:
        settle()
        run_all(connection, ledger[1])


def settle():
    """PostgreSQL alters no table while its foreign keys are still to be checked."""
    if connection.vendor == "postgresql":
        run_all(connection, ["SET CONSTRAINTS ALL IMMEDIATE"])


def tamper(seq, column, value, table="ledger_fact"):
    """Change one column of one fact behind everybody's back."""
    with guards_lifted(), connection.cursor() as cursor:
        cursor.execute(f'UPDATE {table} SET "{column}" = %s WHERE seq = %s', [value, seq])


def standing():
    """The facts that nothing reversed."""
    reversals = Fact.objects.filter(sign=-1).values_list("book_id", "reverses")
    undone = set(reversals)
    return [fact for fact in Fact.objects.filter(sign=1) if (fact.book_id, fact.seq) not in undone]
