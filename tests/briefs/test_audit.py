"""The audit: who reads which part of it, what the filters find, names for accounts."""

from datetime import UTC, date, datetime

import pytest

from quxin.access import ANYONE
from quxin.briefs.audit import AuditFilter, actions, audit_lines, audit_page
from quxin.ledger.operations import audit
from tests import cast
from tests.cast import NOW

pytestmark = pytest.mark.django_db


@pytest.fixture
def players():
    """The cast, and three entries: at headquarters, in 江苏, and one that belongs to no organisation."""
    made = cast.build()
    organiser = made.people["organiser"].pk
    late = datetime(2010, 11, 18, 17, 0, tzinfo=UTC)  # 19 November in Beijing
    audit("thing.made", "thing:1", actor=organiser, now=NOW, path=made.offices.hq.path, count=3)
    audit("thing.made", "thing:2", actor=None, now=late, path=made.offices.nanjing.path)
    audit("thing.kept", "thing:3", actor=organiser, now=NOW, what=["a", "b"])
    return made


def subjects(page) -> set[str]:
    """Which things a page speaks of."""
    return {row.subject for row in page.rows if row.subject.startswith("thing")}


def test_auditors_of_the_root_read_everything(players):
    for who in ("auditor", "audit-admin"):
        assert subjects(audit_page(players.actor(who), AuditFilter(action="thing"))) == {
            "thing:1",
            "thing:2",
            "thing:3",
        }


def test_an_auditor_below_reads_his_subtree_only(players):
    below = cast.actor("auditor", players.offices.jiangsu)
    assert subjects(audit_page(below, AuditFilter())) == {"thing:2"}


@pytest.mark.parametrize("who", ["organiser", "secretary", "member", "security-admin", "system-admin", "stranger"])
def test_nobody_else_reads_any_of_it(players, who):
    assert audit_page(players.actor(who), AuditFilter()).total == 0
    assert audit_page(ANYONE, AuditFilter()).total == 0
    assert actions(players.actor(who)) == []


def test_filters(players):
    auditor = players.actor("auditor")
    assert subjects(audit_page(auditor, AuditFilter(action="thing.kept"))) == {"thing:3"}
    assert subjects(audit_page(auditor, AuditFilter(actor="organiser"))) == {"thing:1", "thing:3"}
    assert subjects(audit_page(auditor, AuditFilter(subject="thing:2"))) == {"thing:2"}
    assert audit_page(auditor, AuditFilter(actor="nobody")).total == 0
    assert "thing.made" in actions(auditor)


def test_days_are_those_of_beijing(players):
    auditor = players.actor("auditor")
    day = date(2010, 11, 19)
    assert subjects(audit_page(auditor, AuditFilter(since=day, until=day))) == {"thing:2"}
    assert "thing:2" not in subjects(audit_page(auditor, AuditFilter(action="thing", until=date(2010, 11, 18))))


def test_a_line_names_account_place_and_details(players):
    line = audit_page(players.actor("auditor"), AuditFilter(subject="thing:1")).rows[0]
    assert line.actor.endswith("（organiser）")
    assert line.organisation == players.offices.hq.name
    assert line.details == (("count", "3"),)


def test_a_file_holds_what_the_filter_finds(players):
    auditor = players.actor("auditor")
    assert len(list(audit_lines(auditor, AuditFilter(action="thing")))) == 3
    assert len(list(audit_lines(auditor, AuditFilter(), most=2))) == 2
