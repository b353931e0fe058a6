"""Whatever order voters, organiser and server act in: issued = cast + unused + void, one ballot a token, no receipt lost."""

import pytest
from django.db import connection, transaction
from hypothesis import settings as given_settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from quxin.access import ANYONE
from quxin.kernel import clock
from quxin.kernel.blind import finalize
from quxin.records.evaluations import closing, drafting, errors, urn
from quxin.records.evaluations.board import receipt_code
from quxin.records.evaluations.models import Ballot, Envelope, RosterLine, Round, Spent
from quxin.records.evaluations.tokens import Token, issue_tokens
from tests.records.evaluations import closed as the
from tests.records.evaluations.closed import AFTER, DURING

pytestmark = pytest.mark.django_db
CARDS = 6
OVER = (errors.NotOpen, errors.AlreadyClosed)


class Tokens(RuleBasedStateMachine):
    """The machine remembers what each was told; the database has to bear it out."""

    tokens, sheets = Bundle("tokens"), Bundle("sheets")

    @initialize()
    def open(self):
        self.way = transaction.atomic()
        self.way.__enter__()
        # One round for all examples, put back to where it was by each.
        self.round = Round.objects.get(title="机关作风评议")
        self.cards = the.codes(self.round)
        self.asked: dict[str, dict] = {}
        self.by_card: dict[str, str] = {}
        self.receipts: dict[str, str] = {}
        self.cancelled: set[str] = set()
        self.over = False

    def teardown(self):
        if hasattr(self, "way"):
            transaction.set_rollback(True)
            self.way.__exit__(None, None, None)

    def told(self, work, *refusals):
        """What came of it, or the refusal; after the end only that it is over."""
        try:
            with transaction.atomic():
                done = work()
        except (*refusals, *OVER) as error:
            if isinstance(error, OVER) and not self.over:
                raise
            return None
        return done

    @rule(target=tokens, place=st.integers(0, CARDS - 1), retry=st.booleans())
    def fetch(self, place, retry):
        card = self.cards[place]
        if not retry or card not in self.asked:
            made = the.blinded_for(self.round, card=card) if card not in self.cancelled else {}
        else:
            made = self.asked[card]
        ask = lambda: issue_tokens(  # noqa: E731
            actor=ANYONE, round_=self.round, card=card, now=self.now, today=clock.local_date(self.now),
            blinded={key: hidden.message for key, (_, hidden) in made.items()},
        )  # fmt: skip
        signed = self.told(ask, errors.AlreadyFetched, errors.CardCancelled)
        first = card not in self.by_card
        if signed is None:
            assert self.over or card in self.cancelled or not first
            return None
        assert first or (self.by_card[card] == "blind" and made is self.asked[card])
        self.by_card[card], self.asked[card] = "blind", made
        [(key, (message, hidden))] = made.items()
        public = bytes(self.round.keys.get().public)
        return Token(key, message, finalize(public, message, signed[key], hidden.inverse))

    @rule(target=tokens, place=st.integers(0, CARDS - 1))
    def draw(self, place):
        card = self.cards[place]
        drawn = self.told(lambda: the.draw(self.round, card, now=self.now), errors.AlreadyFetched, errors.CardCancelled)
        if drawn is None:
            assert self.over or card in self.cancelled or self.by_card.get(card) == "blind"
            return None
        assert self.by_card.setdefault(card, "pool") == "pool"
        return drawn[0]

    @rule(target=sheets, token=tokens, grade=st.integers(1, 5))
    def fill_in(self, token, grade):
        return None if token is None else the.sheet(self.round, token, {"overall": grade})

    @rule(sheet=sheets)
    def cast(self, sheet):
        if sheet is None:
            return
        spent = Spent.objects.filter(message=sheet.message).exists()
        given = self.told(
            lambda: the.cast_sheet(sheet=sheet, now=self.now, today=clock.local_date(self.now)), errors.TokenUsed
        )
        before = self.receipts.get(sheet.nonce)
        if given is None:
            assert before is None, "a ballot that was acknowledged is acknowledged again"
            assert spent or self.over
        else:
            assert (before or given.code, given.repeated) == (given.code, before is not None)
            assert spent == given.repeated
            self.receipts[sheet.nonce] = given.code

    @rule(place=st.integers(0, CARDS - 1))
    def cancel(self, place):
        line = RosterLine.objects.filter(round=self.round).order_by("number")[place]
        actor = the.organiser_of(self.round)
        cancel = lambda: drafting.cancel_card(  # noqa: E731
            actor=actor, round_=self.round, number=line.number, now=self.now
        )
        if not self.over and self.told(lambda: cancel() or True, errors.AlreadyFetched, errors.CardCancelled):
            assert line.way == ""
            self.cancelled.add(self.cards[place])

    @rule(least=st.integers(1, 3), keep=st.integers(0, 2))
    def mix(self, least, keep):
        urn.mix(self.round.pk, least=least, keep=keep)

    @precondition(lambda self: not self.over and len(self.by_card) > 2)
    @rule(void=st.booleans())
    def close(self, void):
        actor = the.organiser_of(self.round)
        if void:
            closing.void_round(actor=actor, round_=self.round, reason="名册用错了", now=DURING)
        else:
            closing.close_round(actor=actor, round_=self.round, now=AFTER)
        self.over = True

    @property
    def now(self):
        return AFTER if getattr(self, "over", False) else DURING

    @invariant()
    def conserved(self):
        if not hasattr(self, "way"):
            return
        issued = sum(RosterLine.objects.filter(round=self.round).values_list("tokens", flat=True))
        spent = Spent.objects.filter(round=self.round)
        put_down = list(Ballot.objects.filter(round=self.round).values_list("receipt", flat=True))
        waiting = [paper.leaf for one in Envelope.objects.filter(round=self.round) for paper in urn.take_out(one)]
        assert issued == len(self.by_card)
        assert spent.count() == spent.values("message").distinct().count() == len(put_down + waiting) <= issued
        assert sorted(map(receipt_code, put_down + waiting)) == sorted(self.receipts.values())
        if self.over:
            told = Round.objects.get(pk=self.round.pk).statement
            assert told["issued"] == told["cast"] + told["unused"] + told["void"] == issued
            assert told["cast"] == len(self.receipts)
            assert not waiting


def test_any_order_of_events_keeps_the_law():
    the.publish(cards=CARDS)

    few = given_settings(max_examples=8, stateful_step_count=25, deadline=None)
    run_state_machine_as_test(Tokens, settings=few)
    assert connection.in_atomic_block
