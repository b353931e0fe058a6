"""Marks of a draft's parts: two people may set the same round up, and none overwrites what the other did unseen."""

from collections.abc import Callable, Sequence
from typing import Any

from quxin.records.evaluations.board import hash_of
from quxin.records.evaluations.models import RosterLine, Round, RoundSubject

WHAT = ("what",)
WHO = ("who",)
WHEN = ("when",)
ALL_PARTS = ("what", "who", "when")


def mark_of(round_: Round, parts: Sequence[str] = ALL_PARTS) -> str:
    """A short hash of what the draft says in these parts; equal content has an equal mark."""
    return hash_of([_PARTS[part](round_) for part in parts])[:16]


def _what(round_: Round) -> list[Any]:
    subjects = RoundSubject.objects.filter(round=round_)
    judged = sorted(subjects.values_list("organisation_id", "commitment_id", "person_id"), key=str)
    return [round_.title, round_.questionnaire, [list(one) for one in judged]]


def _who(round_: Round) -> list[Any]:
    # Not their numbers: those are drawn anew each time the roster is said anew.
    lines = RosterLine.objects.filter(round=round_).values_list("group", "person_id", "label")
    return [list(line) for line in sorted(lines, key=str)]


def _when(round_: Round) -> list[Any]:
    days = [round_.opens_at.isoformat(), round_.closes_at.isoformat()]
    return [*days, round_.minimum, round_.panel, round_.witnesses]


_PARTS: dict[str, Callable[[Round], list[Any]]] = {"what": _what, "who": _who, "when": _when}
