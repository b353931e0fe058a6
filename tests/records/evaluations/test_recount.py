"""A recount from the file of all ballots finds what was left out, put in, or counted otherwise."""

import copy
import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from quxin.records.evaluations import board, recount
from quxin.records.evaluations.counting import Counter
from quxin.records.evaluations.questionnaire import read
from quxin.records.evaluations.results import plain_results
from quxin.records.evaluations.verification import verify_board
from tests.records.evaluations import boards
from tests.records.evaluations.questionnaires import declared, kept

GROUPS = (("enterprises", 12), ("inspectors", 9), ("citizens", 7))
ASKED = kept(declared(common=None))
SUBJECTS = ("OFF1", "OFF2")
FUZZ = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def sheet(number):
    """Every fourth is dissatisfied with the second office, and says with what."""
    second = {"overall": 2, "where": ["rude"]} if number % 4 == 0 else {"overall": 5, "speed": "quick"}
    return {"OFF1": {"overall": 3 + number % 3}, "OFF2": second}


def made():
    """(board, ballots) of a round of three groups; the inspectors are too few to be shown, one ballot is set aside."""
    told = boards.round_part(GROUPS, questionnaire_sha256=board.hash_of(ASKED))
    ballots, tokens = [], []
    for number in range(21):
        key = 0 if number < 10 else 1 if number < 14 else 2
        token = boards.token(number, key)
        tokens.append(token)
        nonce = boards.bytes_for("nonce", number, length=16).hex()
        ballots.append({"answers": sheet(number), "key": token[0], "nonce": nonce, "subject": ""})
    aside = boards.leaf(ballots[3])
    groups = {key["id"]: key["group"] for key in told["keys"]}
    counter = Counter(read(ASKED))
    for number, one in enumerate(ballots):
        if number != 3:
            counter.add(one["answers"], group=groups[one["key"]])
    published = plain_results(counter, SUBJECTS, minimum=told["minimum"])
    whole = board.build(
        told,
        counts=board.Counts(issued=24, cast=20, unused=3, void=1),
        closed_on="2026-11-22",
        tokens=tokens,
        receipts=[boards.leaf(one) for one in ballots],
        voided=[{"receipt": aside, "reason": "当场声明作废"}],
        results=published,
    )
    file = {"format": "quxin-ballots/1", "round": told["code"], "questionnaire": ASKED, "ballots": ballots[::-1]}
    return boards.sign(whole, 0), file


BOARD, BALLOTS = made()


def verdicts(path, ballots, told=BOARD):
    path.write_text(json.dumps(ballots), encoding="utf-8")
    found = verify_board(told, ballots=path)
    for finding in found.laws:
        assert "%(" not in finding.text()
    return {law: kept for law, kept in found.verdicts().items() if law.startswith("ballots.")}


def broken(path, ballots, told=BOARD):
    return {law for law, kept in verdicts(path, ballots, told).items() if not kept}


def test_an_honest_round_is_counted_again(tmp_path):
    assert verify_board(BOARD).ok
    told = verdicts(tmp_path / "b", BALLOTS)
    assert list(told) == list(recount.LAWS)
    assert all(told.values())
    # Something is hidden and something is shown, or this would prove little.
    assert any(group["hidden"] for one in BOARD["results"] for group in one["groups"])
    assert any(one["answered"] for one in BOARD["results"])


def test_results_that_were_steered_are_found_though_all_signed_them(tmp_path):
    told = copy.deepcopy(BOARD)
    shown = next(one for one in told["results"] if one["answered"])
    shown["counts"][0][1] += 1
    told["statement"]["results"] = board.hash_of(told["results"])
    boards.sign(told, 0)
    assert verify_board(told).ok
    assert broken(tmp_path / "b", BALLOTS, told) == {"ballots.results"}


def test_what_suppression_hides_may_not_be_shown(tmp_path):
    told = copy.deepcopy(BOARD)
    hidden = next(group for one in told["results"] for group in one["groups"] if group["hidden"])
    hidden["hidden"] = ""
    assert broken(tmp_path / "b", BALLOTS, told) == {"ballots.results"}


def test_a_subject_may_not_be_left_out(tmp_path):
    told = copy.deepcopy(BOARD)
    told["results"] = [one for one in told["results"] if one["subject"] != "OFF2"]
    assert "ballots.results" in broken(tmp_path / "b", BALLOTS, told)


def changed(change):
    told = copy.deepcopy(BALLOTS)
    change(told["ballots"])
    return told


@pytest.mark.parametrize(
    ("change", "laws"),
    [
        (lambda all_: all_.pop(), {"ballots.receipts", "ballots.keys", "ballots.results"}),
        (lambda all_: all_.append(all_[0]), {"ballots.receipts", "ballots.keys", "ballots.results"}),
        (lambda all_: all_[0].update(nonce="0" * 32), {"ballots.receipts"}),
        (lambda all_: all_[0]["answers"]["OFF1"].update(overall=1, where=["late"]), {"ballots.receipts", "ballots.results"}),
        (lambda all_: all_[0]["answers"]["OFF1"].update(overall=9), {"ballots.receipts", "ballots.sheets", "ballots.results"}),
        (lambda all_: all_[0].update(answers=[]), {"ballots.receipts", "ballots.sheets", "ballots.results"}),
        (lambda all_: all_[0].update(key="0" * 16), {"ballots.receipts", "ballots.keys", "ballots.results"}),
    ],
)  # fmt: skip
def test_a_ballot_left_out_put_in_or_changed(tmp_path, change, laws):
    assert broken(tmp_path / "b", changed(change)) == laws


@pytest.mark.parametrize(
    "bad",
    [
        {}, [], {**BALLOTS, "format": "x"}, {**BALLOTS, "round": "x"}, {**BALLOTS, "more": 1},
        {**BALLOTS, "questionnaire": {**ASKED, "minimum": 3}}, {**BALLOTS, "ballots": {}},
        {**BALLOTS, "ballots": [1]}, {**BALLOTS, "ballots": [{}]}, changed(lambda all_: all_[0].update(nonce="x")),
        changed(lambda all_: all_[0].update(subject=None)), changed(lambda all_: all_[0].update(answers={"\ud800": 1})),
    ],
)  # fmt: skip
def test_files_that_are_no_ballots_of_this_round(tmp_path, bad):
    assert verdicts(tmp_path / "b", bad) == {"ballots.format": False}


def test_a_questionnaire_that_is_none_of_ours(tmp_path):
    told = copy.deepcopy(BOARD)
    for odd in ({"format": "quxin-questionnaire/1"}, [1], {**ASKED, "questions": [{"id": []}]}):
        told["round"]["questionnaire_sha256"] = board.hash_of(odd)
        assert verdicts(tmp_path / "b", {**BALLOTS, "questionnaire": odd}, told) == {"ballots.format": False}


@FUZZ
@given(st.data())
def test_whatever_the_file_holds_there_is_an_answer(tmp_path, data):
    value = st.none() | st.integers(0, 9) | st.text(max_size=4) | st.lists(st.integers(0, 3), max_size=2)
    odd = copy.deepcopy(BALLOTS)
    one = data.draw(st.sampled_from(odd["ballots"]))
    where = data.draw(st.sampled_from([one, one["answers"], one["answers"]["OFF1"], odd, odd["questionnaire"]]))
    where[data.draw(st.sampled_from(sorted(where)))] = data.draw(value | st.dictionaries(st.text(max_size=3), value))
    verdicts(tmp_path / "b", odd)
