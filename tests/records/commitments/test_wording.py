"""Vague words are found where they stand, the longest first, and each with its reason."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quxin.packs.vocabulary import VAGUE_WORDS
from quxin.records.commitments.wording import DEGREE, EFFORT, WHEN, marked, vague_words


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("力争尽快办结", [("力争", EFFORT), ("尽快", WHEN)]),
        ("5个工作日内出具报告", []),
        ("努力做到有问必答，加强服务", [("努力做到", EFFORT), ("加强", DEGREE)]),
        ("", []),
    ],
)
def test_which_words_bind_nobody_and_why(text, found):
    assert [(vague.word, vague.reason) for vague in vague_words(text)] == found


def test_where_a_word_stands_and_the_words_of_a_pack():
    (vague,) = vague_words("我们再上新台阶", more=("再上新台阶",))
    assert (vague.word, vague.start, vague.end) == ("再上新台阶", 2, 7)


@given(st.lists(st.sampled_from(["走访", "40家", "，", *VAGUE_WORDS[:8]]), max_size=8).map("".join))
def test_marking_loses_nothing(text):
    pieces = marked(text)
    assert "".join(piece.text for piece in pieces) == text
    assert [piece.text for piece in pieces if piece.reason] == [vague.word for vague in vague_words(text)]
