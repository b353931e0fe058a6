"""Selections, the history of a subject, unread facts, the page of the ledger."""

from datetime import date

import pytest

from quxin.kernel.paths import PathError
from quxin.ledger import queries
from quxin.ledger.models import Book
from quxin.ledger.operations import advance, reverse
from quxin.ledger.seals import seal

from .acts import START, entry, later, record

pytestmark = pytest.mark.django_db


def numbers(**selection):
    """The sequences that a selection finds."""
    chosen = queries.Selection(**({"kind": "activity.held", "path": "0000"} | selection))
    return sorted(queries.facts(chosen).values_list("seq", flat=True))


@pytest.mark.parametrize(
    ("selection", "found"),
    [
        ({}, [1, 2, 3, 4]),
        ({"label": "lecture"}, [1, 2]),
        ({"label": "lecture/p.forum"}, [2]),
        ({"path": "00000001"}, [1, 2, 3]),
        ({"path": "0001"}, []),
        ({"path": None}, [1, 2, 3, 4, 6]),
        ({"since": date(2010, 4, 16)}, [3, 4]),
        ({"until": date(2010, 4, 15)}, [1, 2]),
        ({"since": date(2010, 4, 15), "until": date(2010, 4, 15)}, [1, 2]),
        ({"campaign": "c1"}, [3]),
        ({"kind": "activity.attendances"}, [5]),
        ({"as_of": START}, [1, 2, 3, 4]),
    ],
)
def test_a_selection_finds(selection, found):
    record(
        entry(1),
        entry(2, label="lecture/p.forum", path="0000000100a0"),
        entry(3, label="lecture-series", on=date(2010, 4, 16), campaign="c1"),
        entry(4, label="lecture0", path="00000002", on=date(2010, 5, 1)),
        entry(4, kind="activity.attendances"),
    )
    record(entry(5, path="0002"), now=later(1))
    assert numbers(**selection) == found


def test_no_selection_finds_nothing_and_several_are_joined():
    record(entry(1), entry(2, kind="activity.attendances"), entry(3, kind="task.done"))
    assert not queries.facts().exists()
    chosen = [queries.Selection("activity.held", "0000"), queries.Selection("task.done", "0000")]
    assert queries.facts(*chosen).count() == 2


def test_an_empty_path_is_no_subtree():
    with pytest.raises(PathError):
        queries.Selection("activity.held", "").condition()


def test_the_history_of_a_subject_keeps_what_was_reversed():
    record(entry(1), entry(1, kind="activity.attendances", quantity=30_000), entry(2))
    reverse("activity:1", actor=1, now=later(1), kinds=["activity.attendances"])
    assert [fact.seq for fact in queries.of_subject("activity:1")] == [1, 2, 4]
    assert [fact.seq for fact in queries.of_subject("activity:1", ["activity.held"])] == [1]
    totals = queries.subject_totals(["activity:1", "activity:9"], ["activity.held", "activity.attendances"])
    assert totals == {("activity:1", "activity.held"): (1, 1000), ("activity:1", "activity.attendances"): (0, 0)}


def test_a_reader_sees_what_is_new_to_him():
    record(entry(1), entry(2))
    book = Book.objects.get()
    assert [fact.seq for fact in queries.newest("inbox", book)] == [1, 2]
    advance("inbox", book, 1)
    assert [fact.seq for fact in queries.newest("inbox", book)] == [2]


def test_the_page_of_the_ledger():
    record(entry(1), entry(2))
    seal(Book.objects.get(), now=later(1))
    record(entry(3))
    (line,) = queries.books()
    assert (line.key, line.facts, line.sealed, line.seals, line.algorithm) == ("main", 3, 2, 1, "sha256")
    assert line.last_sealed_at == later(1)
