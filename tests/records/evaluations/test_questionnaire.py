"""A sheet against its questionnaire: what is taken, in which form, and what is turned back with which words."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quxin.kernel.errors import QuxinError
from quxin.records.evaluations.questionnaire import (
    COMMON,
    BadChoice,
    EmptySheet,
    MissingAnswer,
    NotAsked,
    SheetError,
    SheetTooLarge,
    TooLong,
    TooManyChoices,
    UnknownQuestion,
    UnknownSubject,
    check_sheet,
    parse_sheet,
    read,
    tidy,
    words_of,
)
from tests.records.evaluations.questionnaires import asked, declared, kept, of_house

MANY = asked()
ONE = asked(sheet=None, common=None)
SUBJECTS = ("aaaa", "bbbb")


def test_the_snapshot_is_plain_complete_and_the_same_each_time():
    plain = kept(declared(), pack="sample", version="1.2.0")
    assert plain == kept(declared(), pack="sample", version="1.2.0")
    assert "." not in json.dumps({**plain, "version": ""}), "no floats"
    where = plain["questions"][1]
    assert (where["form"], where["most"], where["ask"]) == ("many", 2, {"question": "overall", "in": [2, 1]})
    assert [choice["problem"] for choice in where["choices"]] == [True, True, False]
    assert [choice["id"] for choice in plain["questions"][0]["choices"]] == [5, 4, 3, 2, 1]
    assert (plain["kind"], plain["access"], plain["sheet"]) == ("conduct", "roster", "many")


def test_another_format_is_not_read():
    with pytest.raises(ValueError, match="quxin-questionnaire/1"):
        read({**kept(declared()), "format": "quxin-questionnaire/2"})


def test_a_sheet_comes_out_in_one_form():
    sheet = {"words": " 太慢\r\n了 ", "where": ["other", "rude"], "overall": "2", "speed": None}
    canonical = check_sheet(ONE, sheet)
    assert canonical == {"overall": 2, "where": ["rude", "other"], "words": "太慢\n了"}
    assert list(canonical) == ["overall", "where", "words"]
    assert check_sheet(ONE, canonical) == canonical


def test_a_sheet_over_many_judges_whom_it_will():
    sheet = {"bbbb": {"overall": 5}, "aaaa": {}, COMMON: {"often": "yes"}}
    assert check_sheet(MANY, sheet, SUBJECTS) == {COMMON: {"often": "yes"}, "bbbb": {"overall": 5}}
    with pytest.raises(UnknownSubject) as refused:
        check_sheet(MANY, {"cccc": {"overall": 5}}, SUBJECTS)
    assert "cccc" in refused.value.text()
    with pytest.raises(EmptySheet):
        check_sheet(MANY, {COMMON: {"often": "yes"}}, SUBJECTS)
    with pytest.raises(UnknownSubject):
        check_sheet(asked(common=None), {COMMON: {"often": "yes"}}, SUBJECTS)


def test_a_common_question_that_must_be_answered_is_asked_for():
    must = asked(common=[{"id": "often", "text": "常来吗", "scale": "yes-no"}])
    with pytest.raises(MissingAnswer, match="常来吗"):
        check_sheet(must, {"aaaa": {"overall": 5}}, SUBJECTS)


REFUSED = [
    ({}, MissingAnswer, "总体评价"),
    ({"overall": 6}, BadChoice, "总体评价"),
    ({"overall": 0}, BadChoice, "总体评价"),
    ({"overall": True}, BadChoice, "总体评价"),
    ({"overall": 5.0}, BadChoice, "总体评价"),
    ({"overall": "５"}, BadChoice, "总体评价"),
    ({"overall": "55"}, BadChoice, "总体评价"),
    ({"overall": [5]}, BadChoice, "总体评价"),
    ({"overall": {"5": 5}}, BadChoice, "总体评价"),
    ({"overall": 10**5000}, BadChoice, "总体评价"),
    ({"overall": 5, "grade": 5}, UnknownQuestion, "grade"),
    ({"overall": 5, 7: 5}, UnknownQuestion, "…"),
    ({"overall": 5, "where": ["rude"]}, NotAsked, "问题在哪里"),
    ({"overall": 2, "words": "好"}, NotAsked, "意见"),
    ({"overall": 2, "where": ["late"], "words": "好"}, NotAsked, "意见"),
    ({"overall": 2, "where": ["rude", "rude"]}, BadChoice, "问题在哪里"),
    ({"overall": 2, "where": "rude"}, BadChoice, "问题在哪里"),
    ({"overall": 2, "where": [["rude"]]}, BadChoice, "问题在哪里"),
    ({"overall": 2, "where": ["rude", "late", "other"]}, TooManyChoices, "最多选 2 项，现在选了 3 项"),
    ({"overall": 2, "where": ["rude"] * 10_000}, TooManyChoices, "10000"),
    ({"overall": 2, "where": ["other"], "words": "字" * 21}, TooLong, "“意见”最多写 20 字，现在是 21 字"),
    ({"overall": 2, "where": ["other"], "words": "字" * 10**6}, TooLong, "1000000"),
    ({"overall": 2, "where": ["other"], "words": ["字"]}, SheetError, "格式"),
    ([], SheetError, "格式"),
    (None, SheetError, "格式"),
    ("overall", SheetError, "格式"),
]


@pytest.mark.parametrize(("sheet", "error", "said"), REFUSED)
def test_each_refusal_names_the_question(sheet, error, said):
    with pytest.raises(error) as refused:
        check_sheet(ONE, sheet)
    assert type(refused.value) is error
    assert said in refused.value.text()
    assert refused.value.hint_text()


def test_a_refusal_over_many_names_the_subject_for_the_page():
    with pytest.raises(MissingAnswer) as refused:
        check_sheet(MANY, {"aaaa": {"speed": "quick"}}, SUBJECTS)
    assert (refused.value.params["id"], refused.value.params["subject"]) == ("overall", "aaaa")


def test_a_flood_of_keys_is_turned_back_before_it_is_read():
    with pytest.raises(SheetError):
        check_sheet(MANY, {str(number): {} for number in range(100_000)}, SUBJECTS)


@pytest.mark.parametrize(
    "raw",
    [
        b"{", b"\xff", b"[" * 100_000, b'{"a":' * 50_000, b'{"a":1,"a":2}', b'{"a":5.0}', b'{"a":NaN}', b'{"a":1e9}',
        b'{"a":' + b"9" * 10_000 + b"}",
    ],
)  # fmt: skip
def test_bytes_that_are_no_sheet(raw):
    with pytest.raises(SheetError):
        parse_sheet(raw)


def test_too_many_bytes():
    with pytest.raises(SheetTooLarge):
        parse_sheet(b'"' + b"a" * 300_000 + b'"')
    assert parse_sheet('{"overall":5,"words":"好"}'.encode()) == {"overall": 5, "words": "好"}


def test_words_can_be_stored_and_hashed():
    assert tidy("\ud800好\x00\u0007") == "好"
    assert tidy("e\u0301") == "é"
    must = asked(sheet=None, common=None, questions=[{"id": "w", "text": "意见", "words": 9, "required": True}])
    with pytest.raises(MissingAnswer):
        check_sheet(must, {"w": " \x00 \n"})


def test_only_words_are_taken_out_for_reading():
    sheet = check_sheet(MANY, {"aaaa": {"overall": 1, "where": ["other"], "words": "慢"}}, SUBJECTS)
    assert list(words_of(MANY, sheet)) == [("aaaa", "words", "慢")]
    one = check_sheet(ONE, {"overall": 1, "where": ["other"], "words": "慢"})
    assert list(words_of(ONE, one, "aaaa")) == [("aaaa", "words", "慢")]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=30) | st.sampled_from(["rude", "5", "yes"]),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(["overall", "where", "speed", "words", "aaaa", COMMON, "x"]), inner, max_size=5
        )
    ),
    max_leaves=20,
)


@given(JSON)
def test_whatever_comes_is_a_sheet_or_a_clear_refusal(sheet):
    for questionnaire in (ONE, MANY):
        canonical, said = taken(questionnaire, sheet)
        assert bool(canonical) != bool(said)
        assert "%(" not in said
        (said + json.dumps(canonical, ensure_ascii=False)).encode()
        assert not canonical or taken(questionnaire, canonical) == (canonical, "")


def taken(questionnaire, sheet):
    """(canonical sheet, "") or ({}, what the refusal says)."""
    try:
        return check_sheet(questionnaire, sheet, SUBJECTS), ""
    except QuxinError as refused:
        return {}, refused.text() + refused.hint_text()


@given(st.text(max_size=60))
def test_tidying_twice_changes_nothing(words):
    assert tidy(tidy(words)) == tidy(words)
    tidy(words).encode()


@pytest.mark.parametrize(
    ("pack", "name", "kind", "sheet"),
    [
        ("aqsiq-2010", "review", "comment", {"done": "办成三件"}),
        ("aqsiq-2010", "peers", "peers", {"aaaa": {"overall": 2, "ahead": ["study"], "advice": "多请教"}}),
        ("aqsiq-2010", "people", "people", {"overall": 4, "kept": "partly", "lacking": "还差两家"}),
        ("county-tiejun", "conduct", "conduct", {COMMON: {"contacts": "few"}, "bbbb": {"overall": 1, "where": ["slow"]}}),
        ("county-tiejun", "services", "service", {"overall": 1, "why": ["late", "fees"]}),
        ("county-tiejun", "self", "diagnosis", {"style": "yes", "first-asked": "no", "in-time": "yes", "discipline": "no",
                                                "study": "no"}),
        ("jiangsu-2024", "members", "members", {"aaaa": {"overall": 4}, "bbbb": {"overall": 3}}),
        ("jiangsu-2024", "people", "people", {"overall": 5, "words": "办得快"}),
        ("jiangsu-2024", "served", "service", {"overall": 5}),
    ],
)  # fmt: skip
def test_every_kind_of_round_in_the_house_packs_can_be_answered(pack, name, kind, sheet):
    questionnaire = of_house(pack, name)
    assert questionnaire.kind == kind
    assert check_sheet(questionnaire, sheet, SUBJECTS) == sheet
