"""The tools that other tests stand on do what they promise."""

from datetime import UTC, datetime

import pytest
from django.db import DatabaseError, connection, transaction

from quxin.ledger.models import AuditEntry
from quxin.ledger.operations import audit
from tests.conftest import guard_switches

NOW = datetime(2026, 11, 21, tzinfo=UTC)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("turn", ["first", "second"])
def test_a_transactional_test_leaves_append_only_tables_empty_and_guarded(turn):
    assert AuditEntry.objects.count() == 0
    audit(actor=None, action="test.turn", subject=f"turn:{turn}", now=NOW)
    with pytest.raises(DatabaseError), transaction.atomic():
        AuditEntry.objects.all().delete()
    assert AuditEntry.objects.count() == 1


@pytest.mark.django_db
def test_the_guards_that_are_lifted_are_all_put_back():
    lift, restore = guard_switches(connection)
    assert lift
    assert len(lift) == len(restore)


def test_files_of_tests_go_nowhere_near_the_real_home(settings, scratch_home):
    assert settings.MEDIA_ROOT.is_relative_to(scratch_home)
