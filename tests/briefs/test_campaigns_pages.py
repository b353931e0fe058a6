"""The worked examples of docs/reckoning/progress.md run as they stand."""

import doctest
import re
from pathlib import Path

PAGE = Path(__file__).parents[2] / "docs" / "reckoning" / "progress.md"
FENCE = re.compile(r"^```python\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def test_the_examples_hold():
    source = "\n".join(FENCE.findall(PAGE.read_text("utf-8")))
    examples = doctest.DocTestParser().get_doctest(source, {}, PAGE.name, PAGE.name, 0)
    said: list[str] = []
    outcome = doctest.DocTestRunner().run(examples, out=said.append)
    assert outcome.attempted >= 15
    assert outcome.failed == 0, "".join(said)
