"""Set a round up in three steps (what, who, when), then publish it: from then on nothing of it can be changed.

Publishing freezes the roster, makes the keys, fills the pool, and writes down the hash of all that the result will be held
against, before anybody votes.
"""

import base64
import hashlib
import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import transaction

from quxin.access import Action, Actor, require
from quxin.kernel import signing
from quxin.kernel.identifiers import new_code
from quxin.ledger.models import Seal
from quxin.ledger.operations import audit
from quxin.ledger.seals import seal_all
from quxin.orgs import crypto
from quxin.orgs.models import Organisation, Person
from quxin.records.campaigns.models import Campaign
from quxin.records.evaluations.board import root_of
from quxin.records.evaluations.draft_marks import ALL_PARTS, WHAT, WHEN, WHO, mark_of
from quxin.records.evaluations.errors import (
    AlreadyClosed,
    AlreadyFetched,
    BadDates,
    BadGroup,
    BadMinimum,
    BadWitness,
    DraftChanged,
    NothingToJudge,
    PanelTooSmall,
    RosterFrozen,
)
from quxin.records.evaluations.models import CardSheet, RosterLine, Round, RoundSubject
from quxin.records.evaluations.opening import ALL, freeze
from quxin.records.evaluations.operations import Promise, require_public
from quxin.records.evaluations.questionnaire import read
from quxin.records.evaluations.rosters import CARD_LENGTH, Card, card_hash, check_groups, fill_pool, make_keys
from quxin.records.evaluations.rules import line_leaf
from quxin.records.evaluations.sampling import draw
from quxin.records.evaluations.simple import questionnaire_of
from quxin.records.evaluations.suppression import HIGHEST_MINIMUM, LOWEST_MINIMUM


@dataclass(frozen=True, slots=True)
class Judged:
    """What a round judges: published promises, organisations, or the members of a branch."""

    commitments: Sequence[Promise] = ()
    organisations: Sequence[Organisation] = ()
    members: Sequence[Person] = ()


@dataclass(frozen=True, slots=True)
class Voters:
    """One group of a closed round's voters: people who log in, names on cards, and cards without a name."""

    people: Collection[Person] = ()
    labels: Sequence[str] = ()
    cards: int = 0


@dataclass(frozen=True, slots=True)
class Witness:
    """Who will countersign the result: name, role (纪检监督, 群众代表 …), and the public key in base64."""

    name: str
    role: str
    public_key: str
    algorithm: str = signing.DEFAULT


@dataclass(frozen=True, slots=True)
class Terms:
    """When and how: the days, the minimum count, who witnesses; `panel` draws so many voters from the roster (0: everybody)."""

    opens_at: datetime
    closes_at: datetime
    minimum: int = 5
    witnesses: Sequence[Witness] = field(default=())
    panel: int = 0


def draft_round(
    *,
    actor: Actor,
    organiser: Organisation,
    title: str,
    questionnaire: dict[str, Any],
    judged: Judged,
    now: datetime,
    campaign: Campaign | None = None,
) -> Round:
    """A draft of a round with the questionnaire (as `questionnaire.snapshot` gives it). Raises NothingToJudge, NotPublic,
    Refused.
    """
    require(actor, Action.OPEN_ROUND, organiser.path)
    asked = read(questionnaire)
    with transaction.atomic():
        round_ = Round.objects.create(
            organiser=organiser,
            campaign=campaign,
            title=title,
            kind=asked.kind,
            access=Round.Access.OPEN if asked.access == "open" else Round.Access.ROSTER,
            questionnaire=questionnaire,
            groups=[{"id": one.id, "title": one.title["zh"], "weight": one.weight or 0} for one in asked.groups],
            minimum=asked.minimum,
            answer_within=asked.answer_within or 0,
            asks_words=any(one.form == "words" for one in asked.questions),
            opens_at=now,
            closes_at=now,
            made_at=now,
            made_by=actor.account,
        )
        set_judged(actor=actor, round_=round_, judged=judged)
        audit("round.draft", f"round:{round_.pk}", actor=actor.account, now=now, path=organiser.path)
    return round_


def set_judged(*, actor: Actor, round_: Round, judged: Judged, title: str = "", seen: str = "") -> None:
    """Say anew what a draft judges, and its title if one is given. `seen` is the mark of what the caller's page showed
    (`draft_marks.mark_of(round_, WHAT)`). Raises RosterFrozen, DraftChanged, NothingToJudge, NotPublic, Refused.
    """
    _require_draft(actor, round_)
    promises = list({one.pk: one for one in judged.commitments}.values())
    organisations = list({one.pk: one for one in judged.organisations}.values())
    members = list({one.pk: one for one in judged.members}.values())
    if not promises and not organisations and not members:
        raise NothingToJudge
    for organisation in [*organisations, *(one.organisation for one in promises)]:
        require(actor, Action.OPEN_ROUND, organisation.path)
    with transaction.atomic():
        _hold_draft(actor, round_, WHAT, seen)
        require_public(promises)
        if title:
            round_.title = title
            round_.save(update_fields=["title"])
        RoundSubject.objects.filter(round=round_).delete()
        RoundSubject.objects.bulk_create(
            [RoundSubject(round=round_, organisation=one.organisation, commitment_id=one.pk) for one in promises]
            + [RoundSubject(round=round_, organisation=one) for one in organisations]
            + [RoundSubject(round=round_, organisation=round_.organiser, person=one) for one in members]
        )


def set_voters(*, actor: Actor, round_: Round, voters: Mapping[str, Voters], seen: str = "") -> None:
    """Say anew who may vote in a draft, group by group ("" where there are no groups). Raises RosterFrozen, DraftChanged,
    BadGroup, Refused.
    """
    _require_draft(actor, round_)
    known = {group["id"] for group in round_.groups} or {""}
    if strange := set(voters) - known:
        raise BadGroup(group="、".join(sorted(strange)))
    placed: set[int] = set()
    lines = []
    for group, who in voters.items():
        people = [one for one in {one.pk: one for one in who.people}.values() if one.pk not in placed]
        placed |= {one.pk for one in people}
        lines += [RosterLine(round=round_, group=group, number=new_code(26), person=one) for one in people]
        named = [*dict.fromkeys(label.strip()[:120] for label in who.labels if label.strip()), *[""] * who.cards]
        lines += [RosterLine(round=round_, group=group, number=new_code(26), label=label) for label in named]
    with transaction.atomic():
        _hold_draft(actor, round_, WHO, seen)
        RosterLine.objects.filter(round=round_).delete()
        RosterLine.objects.bulk_create(lines, batch_size=1000)


def set_terms(*, actor: Actor, round_: Round, terms: Terms, now: datetime, seen: str = "") -> None:
    """Say anew when and how. Raises RosterFrozen, DraftChanged, BadDates, BadMinimum, BadWitness, PanelTooSmall, Refused."""
    _require_draft(actor, round_)
    if terms.closes_at <= terms.opens_at or terms.closes_at <= now:
        raise BadDates
    if not LOWEST_MINIMUM <= terms.minimum <= HIGHEST_MINIMUM:
        raise BadMinimum(low=LOWEST_MINIMUM, high=HIGHEST_MINIMUM, minimum=terms.minimum)
    for witness in terms.witnesses:
        if not witness.name.strip() or not _is_key(witness):
            raise BadWitness(name=witness.name or "？")
    if terms.panel and terms.panel < terms.minimum:
        raise PanelTooSmall(size=terms.panel, minimum=terms.minimum)
    round_.opens_at, round_.closes_at, round_.minimum = terms.opens_at, terms.closes_at, terms.minimum
    round_.panel = {"size": terms.panel} if terms.panel else {}
    round_.witnesses = [
        {"name": one.name.strip(), "role": one.role.strip(), "algorithm": one.algorithm, "public_key": one.public_key}
        for one in terms.witnesses
    ]
    with transaction.atomic():
        _hold_draft(actor, round_, WHEN, seen)
        round_.save(update_fields=["opens_at", "closes_at", "minimum", "panel", "witnesses"])
        audit("round.terms", f"round:{round_.pk}", actor=actor.account, now=now, path=round_.organiser.path)


def publish_round(*, actor: Actor, round_: Round, now: datetime, seen: str = "") -> Round:
    """Freeze a draft and open it: draw the panel, make cards and keys, fill the pool, write the opening down.

    Raises RosterFrozen, DraftChanged, NothingToJudge, NotPublic, BadDates, EmptyRoster, Refused.
    """
    with transaction.atomic():
        held = _hold_draft(actor, round_, ALL_PARTS, seen)
        subjects = list(RoundSubject.objects.filter(round=held).select_related("commitment", "organisation", "person"))
        if not subjects:
            raise NothingToJudge
        require_public([one.commitment for one in subjects if one.commitment is not None])
        if held.closes_at <= now:
            raise BadDates
        each = 0
        if held.access == Round.Access.ROSTER:
            each = _close_the_roster(held, subjects, now)
        held.state = Round.State.OPEN
        freeze(held, tokens_each=each)
        held.save()
        audit(
            "round.open",
            f"round:{held.pk}",
            actor=actor.account,
            now=now,
            path=held.organiser.path,
            opening=held.opening_hash,
            roster=(held.opening or {})["roster"]["count"],
        )
    return held


def drop_draft(*, actor: Actor, round_: Round, now: datetime) -> None:
    """Throw a draft away. Raises RosterFrozen, Refused."""
    with transaction.atomic():
        held = _hold_draft(actor, round_, ALL_PARTS, "")
        RosterLine.objects.filter(round=held).delete()
        RoundSubject.objects.filter(round=held).delete()
        audit("round.drop", f"round:{held.pk}", actor=actor.account, now=now, path=held.organiser.path)
        held.delete()


def card_sheet(*, actor: Actor, round_: Round) -> list[tuple[Card, str]]:
    """The cards of a published round with whom each is meant for, until they are destroyed. Raises Refused."""
    require(actor, Action.OPEN_ROUND, round_.organiser.path)
    sheet = CardSheet.objects.filter(round=round_).first()
    if sheet is None:
        return []
    rows = json.loads(crypto.decrypt(bytes(sheet.box), context=f"cards:{round_.pk}"))
    return [(Card(group, code), label) for group, code, label in rows]


def destroy_cards(*, actor: Actor, round_: Round, now: datetime) -> None:
    """Destroy the printer's sheet of codes: from now on only the cards themselves hold them. Raises Refused."""
    require(actor, Action.OPEN_ROUND, round_.organiser.path)
    with transaction.atomic():
        CardSheet.objects.filter(round=round_).delete()
        audit("round.cards-destroyed", f"round:{round_.pk}", actor=actor.account, now=now, path=round_.organiser.path)


def destroy_old_cards(*, now: datetime) -> int:
    """Destroy the sheets of rounds that have opened; how many there were."""
    return CardSheet.objects.filter(round__opens_at__lte=now).delete()[0]


def cancel_card(*, actor: Actor, round_: Round, number: str, now: datetime) -> None:
    """Cancel a card that was lost before it was used, in public: the line stays, and is told as cancelled. Raises Refused,
    AlreadyFetched, AlreadyClosed.
    """
    require(actor, Action.OPEN_ROUND, round_.organiser.path)
    lines = RosterLine.objects.filter(round=round_, number=number, person=None, way=RosterLine.Way.NONE)
    with transaction.atomic():
        held = Round.objects.select_for_update(of=("self",)).get(pk=round_.pk)
        if held.state != Round.State.OPEN:
            raise AlreadyClosed  # a closed round's roster stands as it was counted
        if not lines.update(way=RosterLine.Way.CANCELLED):
            raise AlreadyFetched
        audit("round.card-cancelled", f"round:{round_.pk}", actor=actor.account, now=now, path=round_.organiser.path)


def _is_key(witness: Witness) -> bool:
    """Whether the text could be a public key of its algorithm; an Ed25519 key has 32 bytes."""
    try:
        octets = base64.b64decode(witness.public_key, validate=True)
    except ValueError:
        return False
    if witness.algorithm not in signing.names():
        return False
    return len(octets) == 32 if witness.algorithm == signing.DEFAULT else bool(octets)


def _require_draft(actor: Actor, round_: Round) -> None:
    require(actor, Action.OPEN_ROUND, round_.organiser.path)
    if round_.state != Round.State.DRAFT:
        raise RosterFrozen


def _hold_draft(actor: Actor, round_: Round, parts: Sequence[str], seen: str) -> Round:
    """The draft as it is stored now, locked until the transaction ends: the caller's copy may be of before publishing.

    Raises RosterFrozen, DraftChanged, Refused.
    """
    found = Round.objects.select_for_update(of=("self",)).select_related("organiser").filter(pk=round_.pk).first()
    if found is None:
        raise RosterFrozen("这份草稿已经删去。", hint="请重新拟订一份。")
    _require_draft(actor, found)
    if seen and seen != mark_of(found, parts):
        raise DraftChanged
    return found


def _close_the_roster(held: Round, subjects: list[RoundSubject], now: datetime) -> int:
    """Draw the panel, hand out cards, make keys and pool; how many tokens a voter gets at most."""
    if held.panel:
        _draw_panel(held, now)
    check_groups(held)
    lines = list(RosterLine.objects.filter(round=held, person=None).order_by("number"))
    cards = [Card(line.group, new_code(CARD_LENGTH)) for line in lines]
    for line, card in zip(lines, cards, strict=True):
        line.card = card_hash(held.code, card.code)
    RosterLine.objects.bulk_update(lines, ["card"], batch_size=500)
    keys = make_keys(held, subjects)
    fill_pool(held, cards, keys)
    if cards:
        rows = [[card.group, card.code, line.label] for card, line in zip(cards, lines, strict=True)]
        box = crypto.encrypt(json.dumps(rows), context=f"cards:{held.pk}")
        CardSheet.objects.create(round=held, box=box)
    return 1 if questionnaire_of(held).many else len(subjects)


def _draw_panel(held: Round, now: datetime) -> None:
    """Leave on the roster only whom the draw names. Its seed is made of the roster's root and the ledger's latest seal, so
    nobody chose it, and anybody can draw again (`quxin evaluations draw`).
    """
    lines = list(RosterLine.objects.filter(round=held).order_by("number"))
    root = root_of(line_leaf(line.number, line.group) for line in lines)
    latest = Seal.objects.order_by("-pk").first() or next(iter(seal_all(now=now)), None)
    source = bytes(latest.root).hex() if latest else ""
    seed = hashlib.sha256(f"quxin panel 1\n{root}\n{source}".encode()).hexdigest()
    population: dict[str, int] = {}
    drawn: set[str] = set()
    for group in held.groups or [ALL]:
        numbers = [line.number for line in lines if line.group == group["id"]]
        population[group["id"]] = len(numbers)
        drawn |= set(draw(seed, numbers, held.panel["size"]))
    held.panel = {
        "size": held.panel["size"], "seed": seed, "source": source, "register_root": root, "population": population,
        "register": [[line.number, line.group] for line in lines],
    }  # fmt: skip
    RosterLine.objects.filter(round=held).exclude(number__in=drawn).delete()
    RosterLine.objects.filter(round=held).update(on_panel=True)
