"""docs/reference/measures.md says what the code declares."""

from quxin.measures.reference import PAGE, page
from quxin.packs.builtin import BUILTIN


def test_the_page_is_up_to_date():
    assert PAGE.read_text("utf-8") == page(), "run: python -m quxin.measures.reference"


def test_every_measure_has_a_row_that_says_how_it_is_reckoned():
    rows = {line.split("`")[1]: line for line in page().splitlines() if line.startswith("| `")}
    assert set(rows) == set(BUILTIN)
    assert "ratio of `activities.people` ÷ `members.all`" in rows["activities.coverage"]
    assert "count of `activity`" in rows["activities.sessions"]
