"""What the tests of closed rounds share: a round with a roster, and voters who do what the browser does."""

import secrets
from datetime import datetime
from typing import Any

from quxin.access import ANYONE, Actor, Role
from quxin.kernel import blind, clock, signing
from quxin.orgs.models import Person
from quxin.packs.evaluation_types import Evaluation
from quxin.records.evaluations import drafting
from quxin.records.evaluations.models import Round, RoundKey
from quxin.records.evaluations.operations import Receipt
from quxin.records.evaluations.questionnaire import snapshot
from quxin.records.evaluations.sheets import Sheet, cast_sheet
from quxin.records.evaluations.tokens import Token, draw_tokens, issue_tokens, keys_for, line_of
from tests import cast
from tests.records.evaluations.scene import AFTER, CLOSES, DURING, OPENS, TODAY  # noqa: F401

WITNESS = "correct horse battery staple"


def questionnaire(**declared: Any) -> dict[str, Any]:
    """The snapshot of a declaration; a people's test with a roster unless told otherwise."""
    usual = {"id": "test", "title": "群众测评", "by": "people", "of": ["organisation"], "access": "roster"}
    return snapshot(Evaluation.model_validate(usual | declared))


def people(count: int, prefix: str = "党员") -> list[Person]:
    """Persons who are on nobody's list yet."""
    return [Person.objects.create(name=f"{prefix}{number}") for number in range(count)]


def publish(
    *,
    voters: list[Person] = (),
    cards: int = 0,
    labels: list[str] = (),
    judged: drafting.Judged | None = None,
    asked: dict[str, Any] | None = None,
    groups: dict[str, drafting.Voters] | None = None,
    tree: cast.Offices | None = None,
    **terms: Any,
) -> Round:
    """A closed round on 江苏, organised from above, open from OPENS to CLOSES."""
    tree = tree or cast.offices()
    organiser = cast.actor(Role.ORGANISER, tree.hq)
    round_ = drafting.draft_round(
        actor=organiser,
        organiser=tree.hq,
        title="机关作风评议",
        questionnaire=asked or questionnaire(),
        judged=judged or drafting.Judged(organisations=[tree.jiangsu]),
        now=OPENS,
    )
    given = groups or {"": drafting.Voters(people=voters, cards=cards, labels=labels)}
    drafting.set_voters(actor=organiser, round_=round_, voters=given)
    when = {"opens_at": OPENS, "closes_at": CLOSES} | terms
    drafting.set_terms(actor=organiser, round_=round_, terms=drafting.Terms(**when), now=OPENS)
    return drafting.publish_round(actor=organiser, round_=round_, now=OPENS)


def organiser_of(round_: Round) -> Actor:
    return cast.actor(Role.ORGANISER, round_.organiser)


def as_voter(person: Person) -> Actor:
    """Somebody with an account and no role."""
    return Actor(account=person.pk + 1000, person=person.pk, name=person.name)


def fetch(round_: Round, actor: Actor = ANYONE, *, card: str = "", now: datetime = DURING) -> list[Token]:
    """What the browser does: make tokens, blind them, have them signed, unblind. One token for each key asked for."""
    made = blinded_for(round_, actor, card)
    signed = issue_tokens(
        actor=actor,
        round_=round_,
        card=card,
        blinded={key: hidden.message for key, (_, hidden) in made.items()},
        now=now,
        today=clock.local_date(now),
    )
    public = dict(RoundKey.objects.filter(round=round_).values_list("key_id", "public"))
    return [
        Token(key, message, blind.finalize(bytes(public[key]), message, signed[key], hidden.inverse))
        for key, (message, hidden) in made.items()
    ]


def blinded_for(round_: Round, actor: Actor = ANYONE, card: str = "") -> dict[str, tuple[bytes, blind.Blinded]]:
    """Key id → a fresh message and its blinded form."""
    keys = keys_for(line_of(round_, person=actor.person, card=card))
    made = {}
    for key in keys:
        message = blind.prepare()
        made[key.key_id] = (message, blind.blind(bytes(key.public), message))
    return made


def draw(round_: Round, card: str, *, now: datetime = DURING) -> list[Token]:
    """The way without script."""
    return draw_tokens(actor=ANYONE, round_=round_, card=card, now=now, today=clock.local_date(now))


def sheet(round_: Round, token: Token, answers: Any = None, **given: Any) -> Sheet:
    """A sheet under a token; five stars unless told otherwise."""
    subject = RoundKey.objects.select_related("subject").get(key_id=token.key).subject
    values = {"subject_code": subject.code if subject else "", "nonce": secrets.token_hex(16)} | given
    return Sheet(
        round_code=round_.code,
        key=token.key,
        message=token.message,
        signature=token.signature,
        answers={"overall": 5} if answers is None else answers,
        **values,
    )


def vote(round_: Round, token: Token, answers: Any = None, *, now: datetime = DURING, **given: Any) -> Receipt:
    """Cast one sheet."""
    return cast_sheet(sheet=sheet(round_, token, answers, **given), now=now, today=clock.local_date(now))


def codes(round_: Round) -> list[str]:
    """The codes of a round's cards, as printed."""
    sheet_ = drafting.card_sheet(actor=organiser_of(round_), round_=round_)
    return [card.printed for card, _ in sheet_]


def witness(name: str = "赵监督", role: str = "纪检监督") -> tuple[drafting.Witness, str]:
    """A witness and his key file."""
    pair = signing.generate(WITNESS)
    return drafting.Witness(name, role, pair.public), pair.pem
