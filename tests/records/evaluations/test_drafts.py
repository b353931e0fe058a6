"""Drafts: two who set the same round up, and a copy of a draft that is older than its publishing."""

import pytest

from quxin.records.evaluations import drafting, errors
from quxin.records.evaluations.draft_marks import ALL_PARTS, WHAT, WHEN, WHO, mark_of
from quxin.records.evaluations.models import RosterLine, Round
from tests import cast
from tests.records.evaluations import closed as the
from tests.records.evaluations.scene import CLOSES, OPENS

pytestmark = pytest.mark.django_db


@pytest.fixture
def draft():
    tree = cast.offices()
    made = drafting.draft_round(
        actor=cast.actor("organiser", tree.hq),
        organiser=tree.hq,
        title="草稿",
        questionnaire=the.questionnaire(),
        judged=drafting.Judged(organisations=[tree.jiangsu]),
        now=OPENS,
    )
    terms = drafting.Terms(opens_at=OPENS, closes_at=CLOSES)
    drafting.set_terms(actor=the.organiser_of(made), round_=made, terms=terms, now=OPENS)
    drafting.set_voters(actor=the.organiser_of(made), round_=made, voters={"": drafting.Voters(cards=6)})
    return made


def changes(made: Round):
    """Every way to change a draft, by the part that it changes."""
    actor = the.organiser_of(made)
    judged = drafting.Judged(organisations=[made.organiser])
    terms = drafting.Terms(opens_at=OPENS, closes_at=CLOSES, minimum=6)
    return {
        WHAT: lambda **more: drafting.set_judged(actor=actor, round_=made, judged=judged, title="改名", **more),
        WHO: lambda **more: drafting.set_voters(
            actor=actor, round_=made, voters={"": drafting.Voters(cards=9)}, **more
        ),
        WHEN: lambda **more: drafting.set_terms(actor=actor, round_=made, terms=terms, now=OPENS, **more),
    }


@pytest.mark.parametrize("part", [WHAT, WHO, WHEN])
def test_a_change_that_did_not_see_the_other_is_refused(draft, part):
    seen, change = mark_of(draft, part), changes(draft)[part]
    change(seen=seen)
    assert mark_of(Round.objects.get(pk=draft.pk), part) != seen
    with pytest.raises(errors.DraftChanged):
        change(seen=seen)


@pytest.mark.parametrize("part", [WHAT, WHO, WHEN])
def test_the_other_parts_may_be_changed_at_the_same_time(draft, part):
    seen = {other: mark_of(Round.objects.get(pk=draft.pk), other) for other in (WHAT, WHO, WHEN)}
    for other, change in changes(draft).items():
        if other != part:
            change(seen=seen[other])
    changes(Round.objects.get(pk=draft.pk))[part](seen=seen[part])


def test_the_mark_of_a_roster_is_what_it_says_and_not_its_random_numbers(draft):
    before = mark_of(draft, WHO)
    drafting.set_voters(actor=the.organiser_of(draft), round_=draft, voters={"": drafting.Voters(cards=6)})
    assert mark_of(draft, WHO) == before


@pytest.mark.parametrize("part", [WHAT, WHO, WHEN])
def test_a_copy_from_before_publishing_changes_nothing(draft, part):
    stale = Round.objects.select_related("organiser").get(pk=draft.pk)
    drafting.publish_round(actor=the.organiser_of(draft), round_=draft, now=OPENS)
    numbers = set(RosterLine.objects.values_list("number", "card"))
    with pytest.raises(errors.RosterFrozen):
        changes(stale)[part]()
    assert set(RosterLine.objects.values_list("number", "card")) == numbers
    assert Round.objects.get(pk=draft.pk).title == "草稿"


def test_what_was_published_is_what_the_page_showed(draft):
    seen = mark_of(Round.objects.get(pk=draft.pk), ALL_PARTS)
    changes(draft)[WHO]()
    with pytest.raises(errors.DraftChanged):
        drafting.publish_round(actor=the.organiser_of(draft), round_=draft, now=OPENS, seen=seen)
    assert Round.objects.get(pk=draft.pk).state == Round.State.DRAFT


def test_a_draft_that_was_dropped_says_so(draft):
    stale = Round.objects.select_related("organiser").get(pk=draft.pk)
    drafting.drop_draft(actor=the.organiser_of(draft), round_=draft, now=OPENS)
    with pytest.raises(errors.RosterFrozen, match="已经删去"):
        changes(stale)[WHO]()
