"""Questionnaires for tests: declared as a pack declares them, kept and read as a round does."""

import json

from quxin.packs.load import load
from quxin.packs.types import Evaluation
from quxin.records.evaluations.questionnaire import read, snapshot
from tests.packs.sample import PACKS

CONDUCT = {
    "title": "行风评议",
    "kind": "conduct",
    "by": "served",
    "of": ["organisation"],
    "sheet": "many",
    "minimum": 5,
    "groups": [
        {"id": "enterprises", "title": "企业", "weight": 400},
        {"id": "inspectors", "title": "监督员", "weight": 300},
        {"id": "citizens", "title": "群众", "weight": 300},
    ],
    "scales": {
        "speed": {
            "title": "快慢",
            "choices": [
                {"id": "quick", "title": "快", "score": 10, "counts": "satisfied"},
                {"id": "slow", "title": "慢", "score": 3, "counts": "unsatisfied"},
                {"id": "unknown", "title": "不清楚"},
            ],
        }
    },
    "questions": [
        {"id": "overall", "text": "总体评价", "scale": "five-grades"},
        {
            "id": "where",
            "text": "问题在哪里",
            "choices": [
                {"id": "rude", "title": "态度", "counts": "problem"},
                {"id": "late", "title": "拖拉", "counts": "problem"},
                {"id": "other", "title": "其他"},
            ],
            "most": 2,
            "ask": {"question": "overall", "in": [2, 1]},
        },
        {"id": "speed", "text": "办得快不快", "scale": "speed", "required": False},
        {"id": "words", "text": "意见", "words": 20, "ask": {"question": "where", "in": ["other"]}},
    ],
    "common": [{"id": "often", "text": "常来吗", "scale": "yes-no", "required": False}],
}


def declared(**changes):
    """The evaluation of `CONDUCT` with some fields replaced (None takes one out)."""
    content = {key: value for key, value in {**CONDUCT, **changes}.items() if value is not None}
    return Evaluation.model_validate({"id": "conduct", **content})


def kept(evaluation, **more):
    """Its snapshot after a journey through JSON, as a database gives it back."""
    return json.loads(json.dumps(snapshot(evaluation, **more), ensure_ascii=False))


def asked(**changes):
    """The questionnaire of `declared`."""
    return read(kept(declared(**changes)))


def of_house(pack, name):
    """A questionnaire out of a pack of the house."""
    found = load(PACKS / pack).pack
    return read(kept(found.evaluations[name], pack=pack, version=found.version))
