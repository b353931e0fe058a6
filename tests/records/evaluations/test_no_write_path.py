"""Nobody of the judged organisation or of the organiser, nor anybody else with an account, changes what was cast or closed.

Three walls, each tried as a whole: every route with every account, every operation with every role, SQL itself.
"""

import copy
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction

from quxin.access import Actor, Role
from quxin.kernel import clock
from quxin.kernel.errors import QuxinError
from quxin.ledger.models import Fact
from quxin.records.evaluations import answers, closing, decisions, drafting, remarks, tokens, urn
from quxin.records.evaluations import operations as ops
from quxin.records.evaluations.models import (
    Answer,
    Ballot,
    Envelope,
    Remark,
    RosterLine,
    Round,
    SetAside,
    Signature,
    Spent,
)
from quxin.records.evaluations.simple import simple_snapshot
from tests import cast as offices
from tests.records.evaluations import closed as the
from tests.records.evaluations import scene
from tests.records.evaluations.closed import AFTER, DURING, TODAY
from tests.structure.permissions import PEOPLE, ROUTES
from tests.structure.props import furnish
from tests.structure.test_operations import operations as all_operations
from tests.structure.test_routes import address_of, clients, routes

pytestmark = pytest.mark.django_db
OUTCOME = (
    "state",
    "opening",
    "opening_hash",
    "statement",
    "results",
    "proposal",
    "receipts_root",
    "closed_at",
    "void_reason",
)


def ballots() -> set[tuple[str, str]]:
    """Every ballot, wherever it lies: its receipt, and what it says."""
    waiting = [paper for envelope in Envelope.objects.all() for paper in urn.take_out(envelope)]
    stored = Ballot.objects.values_list("receipt", "answers")
    return {(paper.leaf, str(paper.answers)) for paper in waiting} | {(leaf, str(said)) for leaf, said in stored}


def outcomes() -> list[Any]:
    """Everything that a closed or void round came to, on the round and in the ledger."""
    rounds = Round.objects.filter(state__in=("closed", "void")).order_by("pk")
    aside, signed = SetAside.objects.values_list("ballot", "reason"), Signature.objects.values_list("round", "witness")
    facts = Fact.objects.filter(kind__startswith="evaluation.").order_by("pk").values_list("pk", "quantity")
    roster = RosterLine.objects.filter(round__in=rounds).order_by("pk").values_list("pk", "way", "tokens", "fetched_on")
    return [list(rounds.values_list("pk", *OUTCOME)), list(aside), list(signed), list(facts), list(roster)]


def stands() -> tuple[Any, ...]:
    return ballots(), set(Spent.objects.values_list("mark", flat=True)), outcomes()


# --- every route ---

#: What somebody may send who has seen every form of ours: all names that any of them has, and some that none has.
HOSTILE = {
    "grade": "5", "overall": "5", "words": "很好", "answers": '{"overall": 5}', "results": "[]", "statement": "{}",
    "state": "open", "receipt": "0" * 64, "receipts_root": "", "reason": "办错了", "confirm": "1", "sure": "1", "yes": "on",
    "submission": "s" * 32, "device": "d" * 32, "void": "1", "close": "1", "delete": "1", "_method": "DELETE", "title": "改",
    "signature": "AAAA", "closes_at": "2010-12-31", "opens_at": "2010-01-01", "minimum": "3", "weaker": "1", "card": "0" * 16,
}  # fmt: skip
JUDGING = ("round", "vote", "cast", "board", "evaluat", "remark", "complaint", "sign")
#: Who organises, and who writes for the judged; these two try every route, the others those about evaluations.
PARTIES = ("organiser", "secretary")


@pytest.fixture
def set_up(monkeypatch):
    """Everything that has an address, with a ballot in the urn of the running round; the addresses of all routes by name."""
    monkeypatch.setattr(clock, "now", lambda: offices.NOW)
    monkeypatch.setattr(clock, "today", lambda: offices.TODAY)
    cast = offices.build()
    props = furnish(cast)
    subject = Round.objects.get(code=props["round"]).subjects.first()
    for grade in "54321":
        scene.cast_one(subject, int(grade), now=offices.NOW, today=offices.TODAY)
    known = dict(routes())
    return cast, {name: address_of(name, known[name], row, props) for name, row in ROUTES.items()}


def test_no_route_lets_any_account_change_what_was_cast_or_closed(set_up):
    cast, addresses = set_up
    before = stands()
    assert len(before[0]) >= 5
    assert any(one for one in before[2][0])
    wrong = []
    tried = 0
    for person, client in clients(cast).items():
        about = [name for name in addresses if person in PARTIES or any(word in name for word in JUDGING)]
        methods = ("post", "put", "patch", "delete") if person in PARTIES else ("post",)
        for name in about:
            for method in methods if any(word in name for word in JUDGING) else ("post",):
                cookies = copy.deepcopy(client.cookies)
                with transaction.atomic():
                    getattr(client, method)(addresses[name], HOSTILE if method == "post" else "{}")
                    wrong += [f"{person} {method} {name}: {what}" for what in changed(before, person)]
                    transaction.set_rollback(True)
                client.cookies = cookies
                tried += 1
    assert tried > len(PEOPLE) * 20
    assert wrong == []


def changed(before: tuple[Any, ...], person: str) -> list[str]:
    """What is other than before. Somebody who is neither party may cast a ballot; closing a running round adds to the closed."""
    now = stands()
    gone = [name for name, a, b in (("ballot", before[0], now[0]), ("mark", before[1], now[1])) if a - b]
    more = [name for name, a, b in (("ballot", before[0], now[0]), ("mark", before[1], now[1])) if b - a]
    kept = [
        [one for one in later if one in earlier] == earlier for earlier, later in zip(before[2], now[2], strict=True)
    ]
    return (
        [f"{one} gone" for one in gone]
        + ([f"{one} more" for one in more] if person in PARTIES else [])
        + ([] if all(kept) else ["an outcome"])
    )


def test_a_route_that_changed_something_would_be_seen(set_up):
    before = stands()
    with transaction.atomic():
        scene.cast_one(
            Round.objects.filter(state="open", access="open").first().subjects.first(),
            now=offices.NOW,
            today=offices.TODAY,
        )
        assert changed(before, "organiser") == ["ballot more", "mark more"]
        transaction.set_rollback(True)
    with transaction.atomic():
        Round.objects.filter(state="closed").update(results=[])
        assert changed(before, "member") == ["an outcome"]
        transaction.set_rollback(True)
    with transaction.atomic():
        Envelope.objects.all().delete()
        assert changed(before, "member") == ["ballot gone"]
        transaction.set_rollback(True)


# --- every operation ---

Try = Callable[[Actor, Round], Any]
_when = {"now": AFTER + timedelta(days=1)}


def _vote(actor: Actor, round_: Round) -> Any:
    return ops.cast_ballot(actor=actor, vote=scene.vote(round_.subjects.first()), now=DURING, today=TODAY)


def _terms() -> drafting.Terms:
    return drafting.Terms(opens_at=DURING, closes_at=AFTER + timedelta(days=9))


def _answer(actor: Actor, round_: Round) -> Any:
    ballot = Ballot.objects.filter(round=round_).first()
    with transaction.atomic():
        owed = Answer.objects.create(ballot=ballot, subject=round_.subjects.first(), due_on=TODAY)
        answers.answer_complaint(actor=actor, answer=owed, words="已经整改", today=TODAY, **_when)


def _remark(actor: Actor, round_: Round) -> Any:
    return remarks.remark(
        actor=actor, organisation=round_.subjects.first().organisation, words="好", today=TODAY, **_when
    )


def _withdraw(actor: Actor, round_: Round) -> Any:
    said = Remark.objects.create(
        organisation=round_.subjects.first().organisation, words="好", said_on=TODAY, said_by=1, speaker="甲"
    )
    return remarks.withdraw_remark(actor=actor, remark=said, reason="说错了", today=TODAY, **_when)


def _decide(actor: Actor, round_: Round) -> Any:
    return decisions.decide_members(
        actor=actor, round_=round_, body="支部委员会", grades={}, reasons={}, today=TODAY, **_when
    )


def _fetch(actor: Actor, round_: Round) -> Any:
    return tokens.issue_tokens(actor=actor, round_=round_, blinded={}, today=TODAY, now=DURING)


def _draw(actor: Actor, round_: Round) -> Any:
    return tokens.draw_tokens(actor=actor, round_=round_, card=round_.cards[0], today=TODAY, now=DURING)


def _open(actor: Actor, round_: Round) -> Any:
    judged = [one.organisation for one in round_.subjects.select_related("organisation")]
    dates = {"opens_at": AFTER, "closes_at": AFTER + timedelta(days=9)}
    return ops.open_round(
        actor=actor, organiser=round_.organiser, title="又一轮", organisations=judged, now=AFTER, **dates
    )


def _draft(actor: Actor, round_: Round) -> Any:
    judged = drafting.Judged(organisations=[one.organisation for one in round_.subjects.select_related("organisation")])
    asked = simple_snapshot("", asks_words=True)
    return drafting.draft_round(
        actor=actor, organiser=round_.organiser, title="又一轮", questionnaire=asked, judged=judged, **_when
    )


#: Every operation that somebody acts in, tried on a round that is closed.
TRIES: dict[str, Try] = {
    "answer_complaint": _answer,
    "cancel_card": lambda a, r: drafting.cancel_card(actor=a, round_=r, number=r.roster.first().number, **_when),
    "cast_ballot": _vote,
    "close_due_rounds": lambda a, r: closing.close_due_rounds(actor=a, **_when),
    "close_round": lambda a, r: closing.close_round(actor=a, round_=r, **_when),
    "decide_members": _decide,
    "destroy_cards": lambda a, r: drafting.destroy_cards(actor=a, round_=r, **_when),
    "draft_round": _draft,
    "draw_tokens": _draw,
    "drop_draft": lambda a, r: drafting.drop_draft(actor=a, round_=r, **_when),
    "issue_tokens": _fetch,
    "open_round": _open,
    "publish_round": lambda a, r: drafting.publish_round(actor=a, round_=r, **_when),
    "remark": _remark,
    "set_terms": lambda a, r: drafting.set_terms(actor=a, round_=r, terms=_terms(), **_when),
    "void_round": lambda a, r: closing.void_round(actor=a, round_=r, reason="结果不好看", **_when),
    "withdraw_remark": _withdraw,
    # No moment among their arguments, but somebody acts:
    "set_judged": lambda a, r: drafting.set_judged(actor=a, round_=r, judged=drafting.Judged()),
    "set_voters": lambda a, r: drafting.set_voters(actor=a, round_=r, voters={}),
}


@pytest.fixture
def closed():
    """A closed round on 江苏 with ballots of persons and cards; the tree it was held in."""
    tree = offices.offices()
    voters = the.people(6)
    round_ = the.publish(voters=voters, cards=6, tree=tree)
    cards = the.codes(round_)
    held = [the.fetch(round_, the.as_voter(one))[0] for one in voters] + [the.draw(round_, cards[-1])[0]]
    for place, token in enumerate(held):
        the.vote(round_, token, {"overall": 1 + place % 5})
    closing.close_round(actor=the.organiser_of(round_), round_=round_, now=AFTER)
    round_ = Round.objects.select_related("organiser").get(pk=round_.pk)
    round_.cards = cards
    return round_, tree


def test_the_table_names_every_operation():
    known = {name.split(".")[1] for name in all_operations() if name.startswith("evaluations.")}
    nobody_acts = {"countersign", "destroy_old_cards", "cast_sheet", "probe"}
    assert known - set(TRIES) - nobody_acts == set()


@pytest.mark.parametrize("name", sorted(TRIES))
def test_no_operation_lets_any_role_change_a_closed_round(closed, name):
    round_, tree = closed
    before = stands()
    places = (tree.hq, tree.jiangsu)
    actors = [offices.actor(role, place, account=7000 + n) for n, role in enumerate(Role) for place in places]
    everything = tuple(grant for actor in actors for grant in actor.grants)
    for actor in [*actors, replace(actors[0], grants=everything)]:
        with transaction.atomic():
            try:
                with transaction.atomic():
                    TRIES[name](actor, round_)
            except QuxinError:
                pass
            assert stands() == before, f"{name} by {actor.grants}"
            transaction.set_rollback(True)


# --- SQL itself ---


@pytest.mark.parametrize("table", ["ballot", "spent", "signature"])
@pytest.mark.parametrize("sql", ["UPDATE {table} SET round_id = round_id", "DELETE FROM {table}"])
def test_the_database_itself_refuses(closed, table, sql):
    round_, _ = closed
    Signature.objects.create(round=round_, witness=0, signature=b"s", signed_on=TODAY)
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql.format(table=f"evaluations_{table}"))
    assert (Ballot.objects.count(), Spent.objects.count(), Signature.objects.count()) == (7, 7, 1)
