"""The board as a file: hashes byte by byte, written as a stream, read back."""

import hashlib
import json
import re
import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quxin.records.evaluations import board
from quxin.records.evaluations.verification import verify_board
from tests.records.evaluations import boards
from tests.records.evaluations import independent_verifier as independent

VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53) + 1, 2**53 - 1)
    | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=12,
)


def test_canonical_json_byte_by_byte():
    told = {"好": [1, True, None, -3], "a\n\x01\x7f/": {}, "A": '"\\'}
    assert board.canonical(told) == '{"A":"\\"\\\\","a\\n\\u0001\x7f/":{},"好":[1,true,null,-3]}'.encode()
    assert board.canonical({"\U0001f600": 1, "\uffff": 2}) == '{"\uffff":2,"\U0001f600":1}'.encode()


def nested(levels):
    value = "x"
    for _ in range(levels):
        value = [value]
    return value


@pytest.mark.parametrize("bad", [1.0, float("nan"), 2**53, "\ud800", {1: 2}, (1, 2), b"x", nested(33), {"a": [0.5]}])
def test_what_has_no_canonical_form(bad):
    with pytest.raises(board.NotPlain):
        board.canonical(bad)


def test_32_levels_are_not_too_deep():
    assert board.canonical(nested(32)).count(b"[") == 32


def test_a_receipt_is_reckoned_by_hand():
    told = b'{"answers":{"grade":5},"key":"","nonce":"00","round":"R","subject":"S"}'
    expected = hashlib.sha256(b"quxin ballot 1\n" + told).hexdigest()
    leaf = board.ballot_leaf(round_code="R", answers={"grade": 5}, nonce="00", subject="S")
    assert leaf == expected
    assert board.receipt_code(leaf).replace("-", "").lower() == leaf[:16]
    assert re.fullmatch(r"([0-9A-F]{4}-){3}[0-9A-F]{4}", board.receipt_code(leaf))


def test_a_mark_is_reckoned_by_hand():
    message = bytes(range(64))
    expected = hashlib.sha256(b"quxin token 1\n0123456789abcdef\n" + message).hexdigest()
    assert board.token_mark("0123456789abcdef", message) == expected


@given(VALUES)
def test_one_more_answer_is_another_receipt(answers):
    one = board.ballot_leaf(round_code="R", answers=answers, nonce="00")
    assert one != board.ballot_leaf(round_code="R", answers=[answers], nonce="00")
    assert one != board.ballot_leaf(round_code="R", answers=answers, nonce="01")


@given(st.lists(st.binary(min_size=32, max_size=32), max_size=40))
def test_roots_are_those_of_the_definition(leaves):
    assert board.root_of(leaf.hex() for leaf in leaves) == independent.root(leaves).hex()


@given(VALUES)
def test_canonical_json_is_what_the_page_says(value):
    assert board.canonical(value) == independent.canonical(value)
    assert json.loads(board.canonical(value)) == value


@pytest.mark.parametrize("made", [boards.good(), boards.good(0, voided=0), boards.good(closed=False)])
def test_written_and_read_back(tmp_path, made):
    path = tmp_path / "board.json"
    board.write(path, **board.parts_of(made))
    assert board.read(path) == made
    assert list(json.loads(path.read_bytes())) == list(board.NAMES)
    assert [left.name for left in tmp_path.iterdir()] == ["board.json"]


def test_a_writing_that_fails_leaves_the_old_board(tmp_path):
    path = tmp_path / "board.json"
    path.write_text("old")

    def failing():
        yield ["a", "b", "c"]
        raise RuntimeError

    parts = {**board.parts_of(boards.good()), "tokens": failing()}
    with pytest.raises(RuntimeError):
        board.write(path, **parts)
    assert path.read_text() == "old"
    assert [left.name for left in tmp_path.iterdir()] == ["board.json"]


def test_tokens_and_receipts_are_sorted_when_built():
    made = boards.good(7)
    marks = [board.token_mark(key, bytes.fromhex(message)) for key, message, _ in made["tokens"]]
    assert marks == sorted(marks)
    assert made["receipts"] == sorted(made["receipts"])


def test_writing_and_verifying_many_takes_the_memory_of_few(tmp_path):
    """200,000 receipts: a list of them alone would take over 20 MB."""
    count = 200_000
    path = tmp_path / "board.json"
    told = boards.round_part(closed=False)
    receipts = [f"{n:064x}" for n in range(count)]
    stated = board.statement(
        told, counts=board.Counts(count, count, 0, 0), receipts_root=board.root_of(receipts),
        tokens_root=boards.NOTHING, voided=[], results=[], closed_on="2026-11-22",
    )  # fmt: skip
    del receipts
    tracemalloc.start()
    parts = {"round_part": told, "tokens": [], "voided": [], "results": [], "statement_part": stated}
    board.write(path, receipts=map("{:064x}".format, range(count)), **parts)
    written = tracemalloc.get_traced_memory()[1]
    tracemalloc.reset_peak()
    found = verify_board(path)
    verified = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert found.ok
    assert found.receipts == count
    assert written < 2e6
    assert verified < 20e6
