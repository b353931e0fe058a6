"""The pages of docs/reckoning are the tests: what they say happens is recorded, what they say follows is asked."""

import pytest

from quxin.kernel.missing import is_missing
from quxin.ledger.verification import verify
from quxin.measures.folding import check, fold
from quxin.measures.reading import measure

from .worked import examples, held, how, place, play, value, wanted

EXAMPLES = [
    pytest.param(example, id=f"{page}: {example.title}")
    for page in ("ledger.md", "measures.md")
    for example in examples(page)
]


def test_the_pages_have_examples_and_every_example_expects_something():
    assert len(EXAMPLES) >= 10
    for parameter in EXAMPLES:
        (example,) = parameter.values
        assert example.tables["row"], example.title
        assert len(example.tables["measure"]) >= 2, example.title


@pytest.mark.django_db
@pytest.mark.parametrize("example", EXAMPLES)
def test_example(example):
    place(example.tables.get("unit", []))
    play(example.tables["row"])
    for turn in ("before folding", "after"):
        for row in example.tables["measure"]:
            said = measure(wanted(row["measure"]), **how(row))
            where = (turn, row, said)
            expected = value(row["value"])
            assert is_missing(said.value) if expected is None else said.value == expected, where
            if "unit" in row:
                assert said.unit == row["unit"], where
            for column, number in (
                ("facts", said.basis.gross), ("standing", said.basis.net), ("corrections", said.corrections),
            ):  # fmt: skip
                if column in row:
                    assert number == int(row[column]), (column, *where)
        assert fold() == (verify().facts if turn == "before folding" else 0)
        assert check() == []
    if "seq" in example.tables:
        assert held(example.tables["seq"]) == example.tables["seq"]
