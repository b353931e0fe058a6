"""The triggers that make tables append-only: all there after the migrations, missed when they are gone, put back by a command."""

import argparse

import pytest
from django.db import DatabaseError, connection, transaction

from quxin.jobs.commands import ledger
from quxin.ledger.guards import guarded_tables, put_back, unguarded_tables
from quxin.ledger.models import AuditEntry, Fact
from quxin.ledger.operations import open_book
from quxin.ledger.verification import verify

from .acts import entry, record, settle

pytestmark = pytest.mark.django_db


def command(action):
    """What the command line says."""
    return ledger.run(argparse.Namespace(action=action, seals=None, json=True))


def execute(*statements):
    """As somebody who owns the database."""
    settle()
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


def is_refused() -> bool:
    """Whether a change of a fact is refused."""
    try:
        with transaction.atomic():
            Fact.objects.update(label="x")
    except DatabaseError:
        return True
    return False


def test_every_guard_stands_after_the_migrations():
    assert {"ledger_fact", "ledger_seal", "ledger_auditentry", "evaluations_ballot"} <= set(guarded_tables())
    open_book(key="js", title="江苏", path="0001")
    assert unguarded_tables() == []
    assert command("verify").data["unguarded"] == []


GONE = {
    "sqlite": [
        ["DROP TRIGGER ledger_fact_no_update"],
        ["DROP TRIGGER ledger_fact_no_delete"],
        # One of the same name that lets everything pass.
        [
            "DROP TRIGGER ledger_fact_no_update",
            "CREATE TRIGGER ledger_fact_no_update BEFORE UPDATE ON ledger_fact BEGIN SELECT 1; END",
        ],
    ],
    "postgresql": [
        ["DROP TRIGGER ledger_fact_no_change ON ledger_fact"],
        ["DROP TRIGGER ledger_fact_no_truncate ON ledger_fact"],
        ["ALTER TABLE ledger_fact DISABLE TRIGGER USER"],
    ],
}


@pytest.mark.parametrize("way", range(3))
def test_a_guard_that_is_gone_is_missed_and_put_back(way):
    record(entry(1))
    execute(*GONE[connection.vendor][way])
    told = command("verify")
    assert told.ok  # no fact is wrong: this is a warning
    assert "ledger_fact" in told.data["unguarded"]
    assert any("quxin ledger guard" in line for line in told.lines)
    assert "ledger_fact" in command("guard").data["guarded"]
    assert AuditEntry.objects.filter(action="ledger.guard").count() == 1
    assert unguarded_tables() == []
    assert is_refused()
    assert verify().unguarded == ()
    assert put_back() == []


def test_the_guards_of_other_tables_are_looked_at_too():
    table = "commitments_commitmentevent"
    if connection.vendor == "sqlite":
        execute(f"DROP TRIGGER {table}_no_delete")
    else:
        execute(f"ALTER TABLE {table} DISABLE TRIGGER {table}_no_change")
    assert verify().unguarded == (table,)
    assert command("guard").data["guarded"] == [table]
    assert verify().unguarded == ()


@pytest.mark.postgres
@pytest.mark.parametrize("trigger", ["USER", "{part}_no_truncate", "ledger_fact_no_change"])
def test_a_partition_is_guarded_by_itself(trigger):
    record(entry(1))
    part = f"ledger_fact_b{Fact.objects.get().book_id}"
    execute(f"ALTER TABLE {part} DISABLE TRIGGER {trigger.format(part=part)}")
    assert unguarded_tables() == [part]
    assert put_back() == [part]
    assert unguarded_tables() == []
    assert is_refused()
