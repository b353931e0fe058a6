"""Simple records: recorded, corrected by reversing, withdrawn, restored; and the ledger at each step."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from django.db.models import Sum

from quxin.access import Refused, Role
from quxin.kernel.errors import Stale
from quxin.ledger.models import AuditEntry, Fact
from quxin.records.campaigns.models import ProgressRecord
from quxin.records.campaigns.operations import ReasonMissing
from quxin.records.campaigns.progress import (
    AlreadyWithdrawn,
    Draft,
    InTheFuture,
    NotWithdrawn,
    Progress,
    QuantityWrong,
    correct_progress,
    record_many,
    record_progress,
    restore_progress,
    withdraw_progress,
)
from tests import cast

ARTICLES = Progress("article", "以质取胜系列报道", date(2010, 6, 2), quantity=3000, unit="篇", partner="中国质量报")


@pytest.fixture
def tree(db):
    return cast.offices()


@pytest.fixture
def organiser(tree):
    return cast.actor(Role.ORGANISER, tree.hq)


@pytest.fixture
def record(tree, organiser):
    def make(progress=ARTICLES, **more):
        given = {"actor": organiser, "organisation": tree.hq, "today": cast.TODAY, "now": cast.NOW} | more
        return record_progress(progress=progress, **given)

    return make


def articles(**where):
    facts = Fact.objects.filter(kind="progress.recorded", label="article", **where)
    return (facts.aggregate(total=Sum("quantity"))["total"] or 0) / 1000


def test_a_record_becomes_one_fact(tree, record):
    row = record()
    fact = Fact.objects.get(kind="progress.recorded")
    assert (fact.label, fact.quantity, fact.on, fact.path, fact.subject, fact.campaign) == (
        "article",
        3000,
        date(2010, 6, 2),
        tree.hq.path,
        f"progress:{row.pk}",
        "",
    )


def test_it_names_its_campaign(tree, record):
    record(campaign=cast.campaign(tree))
    assert articles(campaign="aqsiq-2010") == 3


@pytest.mark.parametrize(
    ("progress", "error"),
    [
        (replace(ARTICLES, quantity=0), QuantityWrong),
        (replace(ARTICLES, quantity=-1000), QuantityWrong),
        (replace(ARTICLES, occurred_on=cast.TODAY + timedelta(days=1)), InTheFuture),
    ],
)
def test_what_cannot_be_is_refused(record, progress, error):
    with pytest.raises(error):
        record(progress)
    assert not ProgressRecord.objects.exists()


def test_only_who_may_report_does(tree, record):
    for actor in (cast.actor(Role.LEADER, tree.hq), cast.actor(Role.ORGANISER, tree.jiangsu)):
        with pytest.raises(Refused):
            record(actor=actor)


def test_a_correction_reverses_and_appends(record, organiser):
    row = record()
    right = replace(ARTICLES, quantity=2500, occurred_on=date(2010, 6, 3))
    given = {"actor": organiser, "record": row, "today": cast.TODAY, "now": cast.NOW}
    with pytest.raises(ReasonMissing):
        correct_progress(progress=right, reason=" ", version=1, **given)
    correct_progress(progress=right, reason="重复计了半篇", version=1, **given)
    assert (articles(), articles(on=date(2010, 6, 2)), articles(on=date(2010, 6, 3))) == (2.5, 0, 2.5)
    assert list(Fact.objects.filter(kind="progress.recorded").order_by("seq").values_list("sign", flat=True)) == [
        1,
        -1,
        1,
    ]
    assert AuditEntry.objects.get(action="progress.correct").details["fields"] == ["occurred_on", "quantity"]
    with pytest.raises(Stale) as caught:
        correct_progress(progress=ARTICLES, reason="再改", version=1, **given)
    assert caught.value.current["quantity"] == 2500
    assert articles() == 2.5


def test_withdrawn_and_restored(record, organiser):
    row = record()
    withdraw_progress(actor=organiser, record=row, reason="不是本单位的", now=cast.NOW)
    assert articles() == 0
    row.refresh_from_db()
    with pytest.raises(AlreadyWithdrawn):
        withdraw_progress(actor=organiser, record=row, reason="再撤", now=cast.NOW)
    with pytest.raises(AlreadyWithdrawn):
        correct_progress(
            actor=organiser, record=row, progress=ARTICLES, reason="改", today=cast.TODAY, now=cast.NOW, version=1
        )
    restore_progress(actor=organiser, record=row, now=cast.NOW)
    assert articles() == 3
    with pytest.raises(NotWithdrawn):
        restore_progress(actor=organiser, record=row, now=cast.NOW)


def test_many_are_all_or_none(tree, organiser):
    given = {"actor": organiser, "today": cast.TODAY, "now": cast.NOW}
    good = [Draft(tree.hq, ARTICLES), Draft(tree.nanjing, ARTICLES)]
    with pytest.raises(QuantityWrong):
        record_many(drafts=[*good, Draft(tree.hq, replace(ARTICLES, quantity=0))], **given)
    assert not ProgressRecord.objects.exists()
    rows = record_many(drafts=good, **given)
    assert ([row.organisation for row in rows], articles()) == ([tree.hq, tree.nanjing], 6)
    entry = AuditEntry.objects.get(action="progress.record")
    assert (entry.path, entry.details["count"]) == (tree.hq.path, 2)
    assert record_many(drafts=[], **given) == []
