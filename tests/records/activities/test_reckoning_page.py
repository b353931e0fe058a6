"""The worked examples of docs/reckoning/activities.md run as they stand."""

import doctest
import re
from pathlib import Path

import pytest
from django.db.models import Sum

from quxin.ledger.models import Fact
from tests import cast

PAGE = Path(__file__).parents[3] / "docs" / "reckoning" / "activities.md"
FENCE = re.compile(r"^```python\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def total(kind):
    """The sum of a kind in whole units, reversals included."""
    return (Fact.objects.filter(kind=kind).aggregate(total=Sum("quantity"))["total"] or 0) // 1000


def people_named():
    """How many keys stand in facts of people that nothing has reversed."""
    rows = Fact.objects.filter(kind="activity.person").values("person").annotate(left=Sum("sign"))
    return sum(1 for row in rows if row["left"] > 0)


@pytest.mark.django_db
def test_the_examples_hold():
    cast.pack()
    tree = cast.offices()
    given = {
        "tree": tree,
        "people": cast.people(tree),
        "today": cast.TODAY,
        "now": cast.NOW,
        "total": total,
        "people_named": people_named,
    }
    source = "\n".join(FENCE.findall(PAGE.read_text("utf-8")))
    examples = doctest.DocTestParser().get_doctest(source, given, "activities", str(PAGE), 0)
    said: list[str] = []
    outcome = doctest.DocTestRunner().run(examples, out=said.append)
    assert outcome.attempted >= 15
    assert outcome.failed == 0, "".join(said)
