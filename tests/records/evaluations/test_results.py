"""Counting, weighing and suppressing: worked cases, and that nothing published depends on what is hidden."""

import json
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quxin.records.evaluations.counting import PANEL, ROSTER, Counter, tally
from quxin.records.evaluations.questionnaire import COMMON
from quxin.records.evaluations.results import SATISFIED, UNSATISFIED, grades_of, outcomes, plain_results, problems
from quxin.records.evaluations.suppression import COMPLEMENT, CONDITION, TOO_FEW, UNANIMOUS, withhold
from quxin.records.evaluations.weights import half_up, mean_score, rescaled, weighted
from tests.records.evaluations.questionnaires import asked, of_house

MANY = asked()
GROUPS = ("enterprises", "inspectors", "citizens")
WHY = {2: ["late"], 1: ["late", "rude"]}


def sheet(grade, **more):
    return {"overall": grade, **({"where": WHY[grade]} if grade in WHY else {}), **more}


def counted(**given_):
    """A counter of sheets on the subject "a": group → {grade: how many}."""
    counter = Counter(MANY, sample=ROSTER)
    for group, grades in given_.items():
        for grade, times in grades.items():
            counter.add({"a": sheet(grade)}, group=group, times=times)
    return counter


def overall(counter, **more):
    return next(one for one in outcomes(counter, ["a"], **more) if one.question.id == "overall" and one.subject == "a")


# --- counting ---


def test_counts_are_those_of_the_sheets():
    sheets = [
        ("citizens", "", {"a": sheet(5), "b": sheet(2, words="慢"), COMMON: {"often": "yes"}}),
        ("citizens", "", {"a": sheet(5, speed="quick")}),
    ]
    counter = tally(MANY, iter(sheets))
    assert counter.chosen["a", "citizens", "overall"] == {5: 2}
    assert counter.chosen["b", "citizens", "where"] == {"late": 1}
    assert counter.answered["b", "citizens", "words"] == 1
    assert ("b", "citizens", "words") not in counter.chosen
    assert counter.ballots == {("a", "citizens"): 2, ("b", "citizens"): 1, (COMMON, "citizens"): 1}


def test_a_sheet_on_one_subject_is_told_its_subject():
    counter = tally(asked(sheet=None, common=None), [("citizens", "a", sheet(4)), ("citizens", "b", sheet(4))])
    assert {key[0] for key in counter.chosen} == {"a", "b"}


def test_counters_are_kept_as_rows_and_put_together():
    first, second = counted(citizens={5: 3, 1: 1}), counted(citizens={1: 2}, inspectors={4: 9})
    both = Counter.from_rows(MANY, json.loads(json.dumps(first.rows() + second.rows())), sample=ROSTER)
    first.merge(second)
    assert both.rows() == first.rows()
    assert first.chosen["a", "citizens", "overall"] == {5: 3, 1: 3}


def test_a_panel_and_the_self_selected_are_never_put_together():
    with pytest.raises(ValueError, match="never put together"):
        Counter(MANY, sample=PANEL).merge(Counter(MANY))
    with pytest.raises(ValueError, match="another questionnaire"):
        Counter(MANY).merge(Counter(asked(minimum=6)))
    with pytest.raises(ValueError, match="unknown sample"):
        Counter(MANY, sample="both")
    with pytest.raises(ValueError, match="not for roster"):
        plain_results(counted(), ["a"], population={"citizens": 100})


def test_ballots_of_a_group_that_the_questionnaire_does_not_know():
    with pytest.raises(ValueError, match="strangers"):
        outcomes(counted(strangers={5: 9}), ["a"])


def test_the_memory_is_that_of_the_cells():
    counter = Counter(MANY)
    for _ in range(3):
        for grade in (5, 4, 3):
            counter.add({"a": sheet(grade)}, group="citizens", times=1_000_000)
    assert len(counter.rows()) == 5
    assert counter.ballots["a", "citizens"] == 9_000_000


# --- weights ---


def test_groups_weigh_as_declared():
    one = overall(counted(enterprises={5: 30, 2: 10}, inspectors={5: 5, 2: 5}, citizens={3: 12, 1: 48}))
    assert one.share(SATISFIED) == Fraction(47, 110)
    assert one.weighted_share(SATISFIED) == Fraction(400, 1000) * Fraction(3, 4) + Fraction(3, 10) * (
        Fraction(1, 2) + Fraction(1, 5)
    )
    assert not one.rescaled


def test_a_hidden_group_leaves_its_weight_to_the_others_and_it_is_told():
    one = overall(counted(enterprises={5: 30, 2: 10}, inspectors={5: 2, 2: 2}, citizens={3: 12, 1: 48}))
    assert [cell.hidden for cell in one.cells] == ["", TOO_FEW, ""]
    assert one.rescaled
    assert one.weights == {"enterprises": Fraction(4, 7), "citizens": Fraction(3, 7)}
    assert one.weighted_share(SATISFIED) == Fraction(4, 7) * Fraction(3, 4) + Fraction(3, 7) * Fraction(1, 5)
    assert one.answered == 100, "a total holds shown groups only"


def test_halves_go_up_and_away_from_zero():
    assert [str(half_up(Fraction(n, 8), 2)) for n in (1, 3, -1)] == ["0.13", "0.38", "-0.13"]
    assert str(half_up(Fraction(1, 3), 1)) == "0.3"
    assert str(half_up(Fraction(7), 1)) == "7.0"


@given(st.dictionaries(st.sampled_from("abcdef"), st.tuples(st.integers(1, 1000), st.fractions(0, 1)), min_size=1))
def test_a_weighted_mean_lies_among_its_parts(groups):
    weights = rescaled({group: weight for group, (weight, _) in groups.items()}, groups)
    values = {group: value for group, (_, value) in groups.items()}
    assert sum(weights.values()) == 1
    assert min(values.values()) <= weighted(values, weights) <= max(values.values())


@given(st.dictionaries(st.sampled_from("abc"), st.integers(0, 9)))
def test_scores_leave_out_what_has_none(counts):
    mean = mean_score(counts, {"a": 10, "b": 3})
    assert (mean is None) == (counts.get("a", 0) + counts.get("b", 0) == 0)
    assert mean is None or 3 <= mean <= 10


# --- suppression ---


def test_small_and_unanimous_groups_leave_nothing_but_the_reason():
    one = overall(counted(enterprises={5: 4}, inspectors={4: 9}, citizens={5: 10}))
    assert [(cell.hidden, cell.answered, cell.counts) for cell in one.cells[:2]] == [
        (TOO_FEW, None, None),
        (UNANIMOUS, None, None),
    ]
    assert one.answered == 10
    all_hidden = overall(counted(enterprises={5: 4}))
    assert (all_hidden.answered, all_hidden.counts, all_hidden.share(SATISFIED)) == (None, None, None)
    assert (all_hidden.weights, all_hidden.weighted_share(SATISFIED)) == ({}, None)


def test_a_question_led_to_by_a_hidden_one_is_hidden_too():
    counter = counted(enterprises={1: 7}, inspectors={1: 6, 5: 3})
    where = {cell.group: cell for cell in next(o for o in outcomes(counter, ["a"]) if o.question.id == "where").cells}
    assert where["enterprises"].hidden == CONDITION, "seven answers would tell that all seven were dissatisfied"
    assert where["inspectors"].hidden == UNANIMOUS
    assert where["citizens"].hidden == CONDITION


def test_where_all_made_one_choice_of_several_a_small_group_is_hidden():
    counter = Counter(MANY)
    for where in (["late"], ["late", "rude"], ["late"], ["late"], ["late"]):
        counter.add({"a": {"overall": 1, "where": where}}, group="citizens")
    counter.add({"a": {"overall": 5}}, group="citizens", times=5)
    where = next(o for o in outcomes(counter, ["a"]) if o.question.id == "where")
    assert where.cells[2].hidden == UNANIMOUS


def test_the_round_may_raise_the_minimum_not_lower_it():
    counter = counted(citizens={5: 5, 1: 1})
    assert overall(counter).cells[2].hidden == ""
    assert overall(counter, minimum=3).cells[2].hidden == ""
    assert overall(counter, minimum=7).cells[2].hidden == TOO_FEW


def test_a_total_known_from_elsewhere_hides_a_second_group():
    cells = {"a": ({5: 30, 1: 9}, 39), "b": ({5: 2, 1: 1}, 3), "c": ({5: 7, 4: 5}, 12)}
    assert withhold(cells, 5) == {"a": "", "b": TOO_FEW, "c": ""}
    assert withhold(cells, 5, total_is_known=True) == {"a": "", "b": TOO_FEW, "c": COMPLEMENT}
    empty = {**cells, "d": ({}, 0), "b": ({5: 8, 1: 4}, 12)}
    assert withhold(empty, 5, total_is_known=True)["c"] == "", "behind nobody there is nobody to hide"
    many = {**cells, "c": ({5: 3, 4: 2}, 5)}
    assert withhold(many, 5, total_is_known=True) == {"a": COMPLEMENT, "b": TOO_FEW, "c": COMPLEMENT}


CELL = st.dictionaries(st.sampled_from([5, 4, 3, 2, 1]), st.integers(0, 6), max_size=5)


@given(st.dictionaries(st.sampled_from(GROUPS), CELL), st.integers(5, 12))
def test_hidden_groups_behind_a_known_total_are_many_enough(cells, minimum):
    cells = {group: (counts, sum(counts.values())) for group, counts in cells.items()}
    reasons = withhold(cells, minimum, total_is_known=True)
    hidden = [group for group, reason in reasons.items() if reason and cells[group][1]]
    if hidden and len(hidden) < len([group for group in cells if cells[group][1]]):
        assert len(hidden) > 1
        assert sum(cells[group][1] for group in hidden) >= max(minimum, 10)
    assert all(not reason or reasons[group] for group, reason in withhold(cells, minimum).items())


GRADE = st.sampled_from([5, 4, 3, 2, 1])
BALLOT = st.tuples(
    GRADE, st.sampled_from([None, "quick", "slow", "unknown"]), st.sampled_from(["late", "rude", "other"])
)


def sheets_of(ballots):
    for grade, speed, where in ballots:
        answers = {"overall": grade}
        if grade in (2, 1):
            answers["where"] = [where]
            if where == "other":
                answers["words"] = "字"
        if speed:
            answers["speed"] = speed
        yield {"a": answers}


def published(ballots):
    counter = tally(MANY, ((group, "", one) for group in GROUPS for one in sheets_of(ballots[group])), sample=PANEL)
    return counter, plain_results(counter, ["a"], population=dict.fromkeys(GROUPS, 60))


BALLOTS = st.fixed_dictionaries({group: st.lists(BALLOT, max_size=14) for group in GROUPS})


@settings(max_examples=200, deadline=None)
@given(BALLOTS, st.data())
def test_whatever_a_group_too_small_said_nothing_published_changes(ballots, data):
    _, before = published(ballots)
    small = [group for group in GROUPS if 0 < len(ballots[group]) < MANY.minimum]
    for group in small:
        size = len(ballots[group])
        ballots = {**ballots, group: data.draw(st.lists(BALLOT, min_size=size, max_size=size))}
    assert published(ballots)[1] == before


@settings(max_examples=200, deadline=None)
@given(BALLOTS, st.lists(st.tuples(st.sampled_from(GROUPS), GRADE), min_size=1), st.integers(5, 9))
def test_what_a_small_group_said_alike_may_be_anything(ballots, unanimous, size):
    def with_grade(grade_of):
        changed = {**ballots}
        for group, grade in unanimous:
            changed[group] = [(grade_of(grade), "quick", "late")] * size
        return published(changed)[1]

    first = with_grade(lambda grade: grade)
    for shift in (1, 2, 3, 4):
        assert with_grade(lambda grade, by=shift: (grade + by - 1) % 5 + 1) == first


@settings(max_examples=200, deadline=None)
@given(BALLOTS, st.data())
def test_whatever_stands_in_a_hidden_cell_nothing_published_changes(ballots, data):
    counter, before = published(ballots)
    for one in outcomes(counter, ["a"]):
        for cell in one.cells:
            key = (one.subject, cell.group, one.question.id)
            if cell.hidden not in (TOO_FEW, CONDITION) or not counter.answered.get(key):
                continue
            # the same count of answers, on other choices
            total, choices = counter.answered[key], [choice.id for choice in one.question.choices]
            drawn = data.draw(st.lists(st.sampled_from(choices), min_size=total, max_size=total))
            counter.chosen[key] = {choice: drawn.count(choice) for choice in choices}
    assert plain_results(counter, ["a"], population=dict.fromkeys(GROUPS, 60)) == before


@settings(max_examples=100, deadline=None)
@given(BALLOTS)
def test_what_is_published_adds_up_and_hides_what_it_must(ballots):
    _, plain = published(ballots)
    assert json.loads(json.dumps(plain)) == plain
    assert not any(isinstance(value, float) for value in leaves(plain))
    for one in plain:
        shown = [cell for cell in one["groups"] if not cell["hidden"]]
        assert one["answered"] == (sum(cell["answered"] for cell in shown) if shown else None)
        assert all(cell["answered"] >= MANY.minimum for cell in shown)
        assert all(cell["answered"] is cell["counts"] is None for cell in one["groups"] if cell["hidden"])
        if "weighted" in one:
            assert sum(Fraction(weight) for _, weight in one["weighted"]["weights"]) == 1


def leaves(value):
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list):
        for one in value:
            yield from leaves(one)
    else:
        yield value


# --- what is published ---


def test_the_plain_form_says_it_all_in_text_and_whole_numbers():
    counter = Counter(MANY, sample=PANEL)
    counter.add({"a": {"overall": 5, "speed": "quick"}}, group="citizens", times=81)
    counter.add({"a": {"overall": 2, "speed": "slow"}}, group="citizens", times=182)
    plain = plain_results(counter, ["a"], population={"citizens": 10**9})
    first = next(one for one in plain if one["question"] == "overall")
    assert first["groups"][2] == {
        "group": "citizens", "hidden": "", "answered": 263, "counts": [[5, 81], [4, 0], [3, 0], [2, 182], [1, 0]],
        "interval": ["25.5", "36.6"],
    }  # fmt: skip
    assert first["groups"][0] == {"group": "enterprises", "hidden": "too-few", "answered": None, "counts": None}
    assert (first["satisfied"], first["unsatisfied"], first["score"]) == ("30.8", "69.2", None)
    assert first["weighted"] == {
        "weights": [["citizens", "1"]], "rescaled": True, "satisfied": "30.8", "unsatisfied": "69.2", "score": None,
    }  # fmt: skip
    speed = next(one for one in plain if one["question"] == "speed")
    assert (speed["score"], speed["weighted"]["score"]) == ("5.16", "5.16")
    assert [one["subject"] for one in plain] == [COMMON, "a", "a", "a"]


def test_shares_are_of_grades_not_of_several_choices():
    where = next(o for o in outcomes(counted(citizens={1: 20, 5: 3}), ["a"]) if o.question.id == "where")
    assert (where.share("problem"), where.weighted_share("problem")) == (None, None)
    one = overall(counted(citizens={1: 20, 5: 3}))
    assert one.share(UNSATISFIED) == Fraction(20, 23)


def test_a_diagnosis_lists_the_problems_found():
    asked_ = of_house("county-tiejun", "self")
    counter = Counter(asked_)
    base = {"style": "no", "first-asked": "yes", "in-time": "yes", "discipline": "no", "study": "yes"}
    counter.add(base, subject="a", times=6)
    counter.add({**base, "in-time": "no", "study": "no"}, subject="a", times=4)
    counter.add({**base, "in-time": "no"}, subject="a", times=2)
    found = problems(outcomes(counter, ["a"]))
    assert [(one.question, one.choice, one.count) for one in found] == [("in-time", "no", 6), ("study", "no", 4)]
    few = Counter(asked_)
    few.add({**base, "style": "yes"}, subject="a", times=3)
    assert problems(outcomes(few, ["a"])) == []


def test_what_goes_into_the_ledger_is_the_grades_that_are_shown():
    counter = counted(citizens={5: 20, 1: 3}, inspectors={5: 4})
    assert grades_of(MANY, outcomes(counter, ["a", "b"])) == {"a": {5: 20, 4: 0, 3: 0, 2: 0, 1: 3}}
