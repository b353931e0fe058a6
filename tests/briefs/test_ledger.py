"""The ledger as the desk shows it: books and seals, a fact with its neighbours, facts of a record, for whom."""

import pytest

from quxin.access import ANYONE
from quxin.briefs.ledger import fact_brief, facts_about, find_fact, ledger_brief
from quxin.ledger.models import Book, Fact
from quxin.ledger.offline import check_proof
from quxin.ledger.seals import proof, seal
from quxin.records.activities.operations import withdraw_activity
from tests import cast
from tests.briefs.making import lecture
from tests.cast import NOW

pytestmark = pytest.mark.django_db


@pytest.fixture
def tree():
    """The offices with five members of the first branch: five facts."""
    cast.pack()
    made = cast.offices()
    cast.people(made)
    return made


@pytest.fixture
def organiser(tree):
    """An organiser of headquarters."""
    return cast.actor("organiser", tree.hq)


def test_how_far_the_books_are_sealed(tree):
    assert ledger_brief().unsealed == 5
    seal(Book.objects.get(), now=NOW)
    brief = ledger_brief()
    assert brief.unsealed == 0
    assert (brief.seals[0].number, brief.seals[0].first, brief.seals[0].last, brief.seals[0].facts) == (1, 1, 5, 5)


def test_a_fact_stands_between_its_neighbours(tree, organiser):
    brief = fact_brief(find_fact(organiser, "main", 3))
    rows = {row.seq: bytes(row.hash).hex() for row in Fact.objects.all()}
    assert (brief.previous_hash, brief.hash, brief.next_hash) == (rows[2], rows[3], rows[4])
    assert (brief.previous, brief.next) == (2, 4)
    assert brief.has_person
    assert brief.seal is None
    assert fact_brief(find_fact(organiser, "main", 1)).previous is None
    assert fact_brief(find_fact(organiser, "main", 5)).next is None


def test_a_sealed_fact_has_a_proof_that_needs_no_trust(tree, organiser):
    seal(Book.objects.get(), now=NOW)
    fact = find_fact(organiser, "main", 2)
    assert fact_brief(fact).seal.number == 1
    assert check_proof(proof(fact.book, fact.seq).as_json()) == []


def test_the_account_of_a_record_by_its_address_or_its_subject(tree, organiser):
    made = lecture(tree.hq, organiser, cast.days_ago(5), 120)
    found = facts_about(organiser, made.code)
    assert {line.kind for line in found} == {"activity.held", "activity.attendances"}
    assert found == facts_about(organiser, f"activity:{made.pk}")
    withdraw_activity(actor=organiser, activity=made, reason="没有开成", now=NOW)
    told = facts_about(organiser, made.code)
    assert sum(line.is_reversal for line in told) == 2
    reversal = next(line for line in told if line.is_reversal)
    brief = fact_brief(find_fact(organiser, reversal.book, reversal.seq))
    assert brief.reverses
    assert fact_brief(find_fact(organiser, reversal.book, brief.reverses)).reversed_by == reversal.seq


def test_facts_are_for_those_who_check_the_ledger_there(tree, organiser):
    made = lecture(tree.hq, organiser, cast.days_ago(5), 120)
    for actor in (ANYONE, cast.actor("member", tree.hq), cast.actor("secretary", tree.zhejiang_branch)):
        assert find_fact(actor, "main", 1) is None
        assert facts_about(actor, made.code) == ()


def test_what_is_no_record_has_no_account(organiser):
    assert facts_about(organiser, "nosuchcode") == ()
    assert facts_about(organiser, "") == ()
    assert find_fact(organiser, "other", 1) is None
