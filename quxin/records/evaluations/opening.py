"""What a round says of itself before it opens, frozen: everything that the result will be held against.

The hash of it goes into the audit trail, which is sealed like everything there; so does the number of voters. What is changed
afterwards shows.
"""

import base64
from datetime import datetime
from typing import Any

from quxin.kernel.clock import TZ
from quxin.records.evaluations.board import hash_of, opening_hash, root_of
from quxin.records.evaluations.models import PoolToken, RosterLine, Round, RoundKey
from quxin.records.evaluations.rules import line_leaf

ALL = {"id": "", "title": "", "weight": 1000}


def freeze(round_: Round, *, tokens_each: int = 1) -> None:
    """Set `opening` and `opening_hash` of a round whose subjects, roster and keys stand; not saved yet."""
    round_.opening = opening_part(round_, tokens_each=tokens_each)
    round_.opening_hash = opening_hash(round_.opening)


def opening_part(round_: Round, *, tokens_each: int = 1) -> dict[str, Any]:
    """The round's part of the public board (docs/reference/board.md), from what is stored now."""
    lines = list(RosterLine.objects.filter(round=round_).order_by("number").values_list("number", "group"))
    lookups = sorted(PoolToken.objects.filter(round=round_).values_list("lookup", flat=True))
    return {
        "code": round_.code,
        "title": round_.title,
        "organiser": round_.organiser.name,
        "kind": str(round_.kind),
        "opens_at": _moment(round_.opens_at),
        "closes_at": _moment(round_.closes_at),
        "minimum": round_.minimum,
        "questionnaire_sha256": hash_of(round_.questionnaire),
        "subjects": sorted(round_.subjects.values_list("code", flat=True)),
        "panel": {name: round_.panel[name] for name in sorted(round_.panel)},
        "roster": {
            "count": len(lines),
            "root": root_of(line_leaf(number, group) for number, group in lines),
            "groups": _groups(round_, lines),
            "tokens_each": tokens_each if lines else 0,
        },
        "pool": {"count": len(lookups), "root": root_of(lookups)},
        "keys": [
            _key(key) for key in RoundKey.objects.filter(round=round_).select_related("subject").order_by("key_id")
        ],
        "witnesses": [
            {name: one[name] for name in ("name", "role", "algorithm", "public_key")} for one in round_.witnesses
        ],
    }


def _groups(round_: Round, lines: list[tuple[str, str]]) -> list[dict[str, Any]]:
    if not lines:
        return []
    return [
        {
            "id": group["id"],
            "title": group["title"],
            "count": sum(1 for _, of in lines if of == group["id"]),
            "weight": group["weight"],
        }
        for group in round_.groups or [ALL]
    ]


def _key(key: RoundKey) -> dict[str, str]:
    return {
        "id": key.key_id,
        "group": key.group,
        "subject": key.subject.code if key.subject else "",
        "spki": base64.b64encode(bytes(key.public)).decode(),
    }


def _moment(value: datetime) -> str:
    return value.astimezone(TZ).isoformat(timespec="seconds")
