"""The questionnaire of a round that was set up without a pack: five grades of one question, and optional words."""

import json
from functools import lru_cache
from typing import Any

from quxin.packs.evaluation_types import Evaluation
from quxin.records.evaluations.board import canonical
from quxin.records.evaluations.models import Round
from quxin.records.evaluations.questionnaire import Questionnaire, read, snapshot

OVERALL = "overall"
WORDS = "words"


def simple_snapshot(question: str = "", *, asks_words: bool = True) -> dict[str, Any]:
    """The plain form of the one-question questionnaire; `question` stands in for its usual words."""
    declared = {"title": "群众测评", "by": "people", "words": "optional" if asks_words else "none"}
    plain = snapshot(Evaluation.model_validate({"id": "simple", "of": ["promise", "organisation"]} | declared))
    if question:
        plain["questions"][0]["text"] = {"zh": question, "en": question}
    return plain


def questionnaire_of(round_: Round) -> Questionnaire:
    """What a round asks. Rounds of before questionnaires ask the simple one."""
    plain = round_.questionnaire or simple_snapshot(round_.question, asks_words=round_.asks_words)
    return _read(canonical(plain))


@lru_cache(maxsize=256)
def _read(plain: bytes) -> Questionnaire:
    return read(json.loads(plain))
