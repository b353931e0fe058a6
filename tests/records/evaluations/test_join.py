"""Somebody has copies of everything but the key file, at several moments, and tries to join the roster with the ballots.

Each attack looks for one kind of link and says what it found. None may find anything in what the product stores; each must
find what is planted in a copy, so that a test which finds nothing means something.
"""

import hashlib
import hmac
import json
import re
from collections.abc import Iterable, Iterator
from copy import deepcopy
from datetime import date, datetime
from math import sqrt

import pytest
from django.core.management import call_command
from django.db import connection
from django.test.utils import override_settings

from quxin.records.evaluations import limits, tokens, urn
from quxin.records.evaluations.board import canonical, token_mark
from quxin.records.evaluations.boxes import lookup_of
from quxin.records.evaluations.rosters import tidy_card
from tests.records.evaluations.copies import Copy, Story, happen

# For the test database to be made; the attacks themselves read nothing but the copies.
pytestmark = pytest.mark.django_db
BALLOTS = {f"evaluations_{name}" for name in ("ballot", "spent", "envelope", "answer", "setaside")}
#: What is the same for all voters of a round, or has nothing of a voter: it can't link one of them to anything.
SHARED = {f"evaluations_{name}" for name in ("round", "roundsubject", "roundkey", "canary")} | {
    "django_content_type", "django_migrations", "auth_permission", "ledger_book", "ledger_fact", "sqlite_sequence",
}  # fmt: skip
DAY = re.compile(r"\d{4}-\d\d-\d\d")
FINER = re.compile(r"\d\d:\d\d|T\d\d")
#: So many standard deviations of a shuffle: chance goes beyond them once in two million tries.
BEYOND_CHANCE = 5


@pytest.fixture(scope="module")
def story(django_db_setup, django_db_blocker, tmp_path_factory):
    """The rounds are held once; the attacks look at the copies and need no database."""
    assert "test" in str(connection.settings_dict["NAME"]) or "memory" in str(connection.settings_dict["NAME"])
    home = tmp_path_factory.mktemp("copied")
    with django_db_blocker.unblock(), pytest.MonkeyPatch.context() as patched, override_settings(QUXIN_HOME=home):
        try:
            yield happen(patched)
        finally:
            call_command("flush", verbosity=0, interactive=False, inhibit_post_migrate=True)


@pytest.fixture
def planted(story):
    """A copy of the story to plant a leak in; the truth stays as it was."""
    return deepcopy(story)


# --- order ---


def ranks(values: Iterable) -> list[float]:
    """Ranks from 0; equal values share theirs."""
    values = list(values)
    ordered = sorted(values, key=str) if any(isinstance(one, str | bytes) for one in values) else sorted(values)
    places: dict = {}
    for place, one in enumerate(ordered):
        places.setdefault(one, []).append(place)
    return [sum(places[one]) / len(places[one]) for one in values]


def spearman(some: Iterable, others: Iterable) -> float:
    """Rank correlation; 0 where one side has no order."""
    a, b = ranks(some), ranks(others)
    mean = (len(a) - 1) / 2
    spread = sqrt(sum((x - mean) ** 2 for x in a) * sum((y - mean) ** 2 for y in b))
    return sum((x - mean) * (y - mean) for x, y in zip(a, b, strict=True)) / spread if spread else 0.0


def batches(story: Story) -> Iterator[list[tuple]]:
    """Ballots that appeared together in a round, each with the row as last seen and its voter."""
    truth, seen = {voter.leaf: voter for voter in story.voters}, set()
    for copy in story.copies:
        new: dict[int, list[tuple]] = {}
        for row in copy.tables["evaluations_ballot"]:
            if row["receipt"] in truth and row["receipt"] not in seen:
                new.setdefault(row["round_id"], []).append((row, truth[row["receipt"]]))
        for batch in new.values():
            seen |= {row["receipt"] for row, _ in batch}
            yield batch


def by_order(story: Story) -> list[str]:
    """Does any order in which ballots can be read follow the order of fetching or casting?"""
    found = []
    for column in ("_place", "_when", "number", "receipt", "nonce", "key"):
        for event in ("fetched", "cast", "line"):
            together = list(batches(story))
            sums = sum(spearman([r[column] for r, _ in one], [getattr(v, event) for _, v in one]) for one in together)
            score = sums / sqrt(sum(1 / (len(one) - 1) for one in together))
            if abs(score) > BEYOND_CHANCE:
                found.append(f"{column} follows {event}: {score:.1f} deviations")
    return found


def by_order_of_the_pool(story: Story) -> list[str]:
    """Do sealed tokens lie in the order of the lines whose cards open them?"""
    sums = variance = 0.0
    tables = story.copy("before").tables
    keys = {row["id"]: row["key_id"] for row in tables["evaluations_roundkey"]}
    for round_key in {voter.round for voter in story.voters}:
        places = {
            row["lookup"]: (row["_place"], keys[row["key_id"]])
            for row in tables["evaluations_pooltoken"]
            if row["round_id"] == round_key
        }
        key = next(iter(places.values()))[1]
        holders = [voter for voter in story.of(round_key) if voter.card]
        own = [places[lookup_of(tidy_card(voter.card), key)][0] for voter in holders]
        sums += spearman(own, [voter.line for voter in holders])
        variance += 1 / (len(holders) - 1)
    return [f"pool follows roster: {sums / sqrt(variance):.1f}"] if abs(sums / sqrt(variance)) > BEYOND_CHANCE else []


def test_no_order_of_ballots_follows_that_of_voters(story):
    assert by_order(story) == []
    assert by_order_of_the_pool(story) == []


@pytest.mark.parametrize("event", ["fetched", "cast"])
def test_ballots_stored_unshuffled_would_be_found(planted, event):
    truth = {voter.leaf: getattr(voter, event) for voter in planted.voters}
    for copy in planted.copies:
        for row in copy.tables["evaluations_ballot"]:
            row["_place"] = truth.get(row["receipt"], 0)
    assert any(found.startswith(f"_place follows {event}") for found in by_order(planted))


def test_a_pool_in_the_order_of_the_cards_would_be_found(planted):
    lines = {lookup_of(tidy_card(v.card), key): v.line for v in planted.voters for key in known_keys(planted) if v.card}
    for row in planted.copy("before").tables["evaluations_pooltoken"]:
        row["_place"] = lines.get(row["lookup"], 0)
    assert by_order_of_the_pool(planted)


def known_keys(story: Story) -> list[str]:
    return [row["key_id"] for row in story.copy("before").tables["evaluations_roundkey"]]


# --- equal values, and what can be reckoned from them ---


def values(thing: object) -> Iterator[str]:
    """All scalars of eight characters or more, bytes as hex; not days."""
    if isinstance(thing, dict):
        for name, one in thing.items():
            yield from () if name in ("_place", "_when") else values(one)
    elif isinstance(thing, list | tuple):
        for one in thing:
            yield from values(one)
    elif isinstance(thing, bytes):
        yield thing.hex()
    elif isinstance(thing, str) and thing[:1] in ("[", "{") and thing[-1:] in ("]", "}"):
        yield from values(json.loads(thing))
    elif thing is not None and not isinstance(thing, date) and len(text := str(thing)) >= 8 and not DAY.match(text):
        yield text


def sides(copy: Copy) -> tuple[set[str], set[str]]:
    """Values on the side of the voters, and on that of the ballots. What all voters of a round share is on neither."""
    neutral = {value for name in SHARED & set(copy.tables) for value in values(copy.tables[name])}
    ballots = {value for name in BALLOTS for value in values(copy.tables[name])}
    voters = {value for name in set(copy.tables) - SHARED - BALLOTS for value in values(copy.tables[name])}
    return voters - neutral, ballots - neutral


def by_value(story: Story) -> list[str]:
    """Does a value stand on both sides, whole or within another?"""
    found = []
    for copy in story.copies:
        voters, ballots = sides(copy)
        blobs = "\n".join(voters), "\n".join(ballots)
        found += [f"{copy.when}: {one}" for one in ballots if one in blobs[0]]
        found += [f"{copy.when}: {one}" for one in voters if one in blobs[1]]
    return found


def reckoned(value: str, keys: Iterable[str]) -> Iterator[str]:
    """Hashes that somebody who has read our source would try on a value."""
    forms = [value.encode()] + ([bytes.fromhex(value)] if re.fullmatch(r"(?:[0-9a-f]{2})+", value) else [])
    for form in forms:
        yield hashlib.sha256(form).hexdigest()
        for key in keys:
            yield token_mark(key, form)
            yield tokens._fingerprint({key: form})
    for key in keys:
        yield lookup_of(value, key)


def by_reckoning(story: Story) -> list[str]:
    """Does a hash of what stands on one side stand on the other?"""
    found = []
    for copy in (story.copy("mixed"), story.copy("closed")):
        keys = [row["key_id"] for row in copy.tables["evaluations_roundkey"] if row["round_id"] == story.main]
        voters, ballots = sides(copy)
        found += [f"{copy.when}: hash of {one}" for one in voters for h in reckoned(one, keys) if h in ballots]
        found += [f"{copy.when}: hash of {one}" for one in ballots for h in reckoned(one, keys) if h in voters]
    return found


def test_nothing_stands_on_both_sides(story):
    assert len(sides(story.copy("closed"))[1]) > 600
    assert by_value(story) == []
    assert by_reckoning(story) == []


@pytest.mark.parametrize(
    ("table", "column", "of"),
    [
        ("ballot", "nonce", "number"),
        ("ballot", "number", "blinded"),
        ("spent", "mark", "card"),
        ("ballot", "answers", "card"),
    ],
)
def test_a_value_on_both_sides_would_be_found(planted, table, column, of):
    copy = planted.copy("closed")
    line = next(row for row in copy.tables["evaluations_rosterline"] if row[of])
    value = {"why": f"line {line[of]}"} if column == "answers" else line[of]
    copy.tables[f"evaluations_{table}"][0][column] = json.dumps(value) if isinstance(value, dict) else value
    assert by_value(planted)


def test_a_fingerprint_of_the_token_itself_would_be_found(planted):
    copy = planted.copy("closed")
    spent = next(row for row in copy.tables["evaluations_spent"] if row["round_id"] == planted.main)
    line = next(row for row in copy.tables["evaluations_rosterline"] if row["way"] == "blind")
    line["blinded"] = tokens._fingerprint({spent["key"]: spent["message"]})
    assert by_reckoning(planted)


# --- days, moments, and copies side by side ---


def day(value: object) -> date:
    return value if isinstance(value, date) else date.fromisoformat(str(value)[:10])


def by_day(story: Story) -> list[str]:
    """A ballot is of somebody who had fetched by its day: are these too few to hide among?"""
    found = []
    for copy in story.copies:
        lines = [row for row in copy.tables["evaluations_rosterline"] if row["fetched_on"]]
        for row in copy.tables["evaluations_ballot"]:
            able = [line for line in lines if line["round_id"] == row["round_id"]]
            by_then = [line for line in able if day(line["fetched_on"]) <= day(row["cast_on"])]
            if row["round_id"] != story.opened and len(by_then) < min(len(able), 2 * urn.ENOUGH - 1):
                found.append(f"{copy.when}: one of {len(by_then)}")
    return found


def by_difference(story: Story) -> list[str]:
    """Ballots of a key that one copy has and the one before has not: are they so few that they are of whoever came between?"""
    found, seen = [], set()
    for copy in story.copies:
        new: dict[str, int] = {}
        for row in copy.tables["evaluations_ballot"]:
            if row["key"] and row["receipt"] not in seen:
                new[row["key"]] = new.get(row["key"], 0) + 1
                seen.add(row["receipt"])
        found += [f"{copy.when}: {count} new" for count in new.values() if count < urn.ENOUGH - 1]
    return found


def by_moment(story: Story) -> list[str]:
    """Does anything beside a ballot say when, finer than the day?"""
    return [
        f"{copy.when} {name}.{column}"
        for copy in story.copies
        for name in BALLOTS
        for row in copy.tables[name]
        for column, value in row.items()
        if isinstance(value, datetime) or (isinstance(value, str) and column != "answers" and FINER.search(value))
    ]


def test_neither_days_nor_yesterdays_copy_single_anybody_out(story):
    assert {len(story.copy(when).tables["evaluations_ballot"]) > 12 for when in ("during", "mixed")} == {True, False}
    assert len({voter.cast_on for voter in story.of(story.main)}) >= 3
    assert by_day(story) == []
    assert by_difference(story) == []
    assert by_moment(story) == []


def test_a_ballot_with_its_own_day_would_be_found(planted):
    own = {voter.leaf: voter.cast_on for voter in planted.voters}
    for row in planted.copy("closed").tables["evaluations_ballot"]:
        row["cast_on"] = own.get(row["receipt"], row["cast_on"])
    assert by_day(planted)


def test_a_batch_too_small_and_a_moment_would_be_found(planted):
    rows = planted.copy("mixed").tables["evaluations_ballot"]
    late = next(row for row in rows if row["round_id"] == planted.main)
    rows.remove(late)
    planted.copy("later").tables["evaluations_ballot"].append(late | {"receipt": "0" * 64, "key": "0" * 16})
    assert by_difference(planted)
    late["nonce"] = "2010-11-20 09:41:07"
    planted.copy("closed").tables["evaluations_ballot"].append(late)
    assert by_moment(planted)


# --- what is encrypted, and what lies about ---


def by_length(story: Story) -> list[str]:
    """Does an envelope in the database or a line of a journal say how long its ballot is?"""
    found = []
    for copy in story.copies:
        rows = [row for row in copy.tables["evaluations_envelope"] if row["count"] == 1]
        lengths = {len(row["box"]) for row in rows}
        lengths |= {len(line) * -1 for content in copy.journals.values() for line in content.split()[1::2]}
        if len([one for one in lengths if one > 0]) > 1 or len([one for one in lengths if one < 0]) > 1:
            found.append(f"{copy.when}: {sorted(lengths)}")
    return found


def secrets_of(story: Story) -> dict[str, bytes]:
    """What nobody may read of the main round while ballots wait: words, nonces, receipts."""
    told = {f"words of {v.line}": v.words.encode() for v in story.of(story.main)}
    told |= {f"nonce of {v.line}": v.nonce.encode() for v in story.of(story.main)}
    return told | {f"receipt of {v.line}": v.leaf.encode() for v in story.of(story.main)}


def by_reading(story: Story) -> list[str]:
    """Do the raw bytes (free pages included), journals or logs hold what waits in the urn, or a card's code at any time?"""
    found = []
    told = secrets_of(story)
    cards = {f"card {v.line}": tidy_card(v.card).encode() for v in story.voters if v.card}
    cards |= {f"card as printed {v.line}": v.card.encode() for v in story.voters if v.card}
    logs = "\n".join(story.logs).encode()
    for copy in story.copies:
        put_down = b"\n".join(canonical({"row": str(row)}) for row in copy.tables["evaluations_ballot"])
        loose = b"\n".join(copy.journals.values()) + logs
        for what, secret in (told | cards).items():
            if secret in loose or (secret in copy.raw and secret not in put_down):
                found.append(f"{copy.when}: {what}")
    marks = {f"mark of {v.line}": v.mark.encode() for v in story.voters}
    networks = {one: one.encode() for one in story.addresses + story.devices}
    found += [f"log: {what}" for what, secret in (marks | networks).items() if secret in logs]
    found += [f"{copy.when}: {what}" for copy in story.copies for what, one in networks.items() if one in copy.raw]
    return found


def test_envelopes_tell_nothing_by_their_length(story):
    assert {len(voter.words) for voter in story.of(story.main)} > {22}
    assert story.copy("during").tables["evaluations_envelope"]
    assert by_length(story) == []


def test_an_envelope_of_the_length_of_its_ballot_would_be_found(planted):
    one = planted.copy("during").tables["evaluations_envelope"][0]
    one["box"] = one["box"][:-7]
    assert by_length(planted)


def test_nothing_that_waits_can_be_read_anywhere(story):
    assert story.logs
    assert by_reading(story) == []


@pytest.mark.parametrize("where", ["raw", "journals", "logs"])
def test_what_can_be_read_would_be_found(planted, where):
    copy, word = planted.copy("during"), planted.voters[0].words
    if where == "raw":
        copy.raw += word.encode()
    elif where == "journals":
        copy.journals[f"{planted.main}.journal"] += word.encode()
    else:
        planted.logs.append(f"POST /cast/ {word}")
    assert by_reading(planted)


@pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL's files are not its dump: see the threat model")
def test_what_was_thrown_away_is_gone_from_the_free_pages_too(story):
    before, during = story.copy("before"), story.copy("during")
    thrown = [row["private"] for row in before.tables["evaluations_roundkey"]]
    thrown += [row["box"] for row in before.tables["evaluations_cardsheet"]]
    thrown += [row["box"] for row in during.tables["evaluations_envelope"]]
    thrown += [row["mark"].encode() for row in during.tables["evaluations_limit"]]
    thrown += [row["key"] for row in during.tables["evaluations_dailykey"]]
    pieces = {piece[start : start + 32] for piece in thrown for start in range(0, len(piece) - 31, 64)}
    assert len(pieces) > 500
    assert all(piece in before.raw or piece in during.raw for piece in pieces if piece)
    assert [piece for piece in pieces if piece in story.copy("later").raw] == []


def by_force(story: Story, key: str) -> list[str]:
    """Try every address of a network under the day's key as the copy has it, mixed with `key`."""
    tables = story.copy("during").tables
    marks = {row["mark"] for row in tables["evaluations_limit"]}
    subjects = {row["subject_id"] for row in tables["evaluations_limit"]}
    days = [row["key"] for row in tables["evaluations_dailykey"]]
    days += [hmac.new(key.encode(), b"quxin/day/1" + one, hashlib.sha256).digest() for one in days]
    tried = [f"203.0.113.{last}" for last in range(256)]
    return [
        address
        for one in days
        for subject in subjects
        for address in tried
        if limits._mark(one, "address", subject, limits.network_of(address)) in marks
    ]


def test_addresses_cannot_be_found_by_trying_them_all(story):
    assert by_force(story, "") == []
    assert set(by_force(story, story.field_key)) == set(story.addresses)
