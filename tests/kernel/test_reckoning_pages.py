"""The worked examples of docs/reckoning run as they stand: each fenced Python block, one after the other."""

import doctest
import re
from pathlib import Path

import pytest

PAGES = Path(__file__).parents[2] / "docs" / "reckoning"
FENCE = re.compile(r"^```python\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize("page", ["numbers.md", "sharing.md", "working-days.md"])
def test_the_examples_hold(page):
    text = (PAGES / page).read_text("utf-8")
    source = "\n".join(FENCE.findall(text))
    examples = doctest.DocTestParser().get_doctest(source, {}, page, page, 0)
    said: list[str] = []
    outcome = doctest.DocTestRunner().run(examples, out=said.append)
    assert outcome.attempted >= 8
    assert outcome.failed == 0, "".join(said)
