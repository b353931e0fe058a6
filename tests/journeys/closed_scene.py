"""What a journey through a closed round needs and no page gives: a round that runs, and one whose end has come.

Run beside the site, with its environment, as an administrator at a Python prompt would:

    python -m tests.journeys.closed_scene open ONE|PEERS|CONDUCT   prints the round, its cards, its accounts, as JSON
    python -m tests.journeys.closed_scene close CODE FOLDER        closes it as of after its end; the board is FOLDER/board.json
"""

import json
import os
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "quxin.config.settings")

PASSWORD = "correct-horse-battery-9"
WITNESS = "correct horse battery staple"
WORDS = {"id": "words", "text": {"zh": "您想说的话", "en": "In your own words"}, "words": 200}
WHERE = {
    "id": "where",
    "text": {"zh": "问题主要在哪里", "en": "Where the trouble lies"},
    "ask": {"question": "overall", "in": [2, 1]},
    "most": 2,
    "choices": [
        {"id": "rude", "title": {"zh": "态度生硬", "en": "Rude"}, "counts": "problem"},
        {"id": "slow", "title": {"zh": "办事拖拉", "en": "Slow"}, "counts": "problem"},
        {"id": "fees", "title": {"zh": "收费不明", "en": "Unclear fees"}, "counts": "problem"},
    ],
}
OVERALL = {"id": "overall", "text": {"zh": "您的总体评价", "en": "Your judgement as a whole"}, "scale": "five-grades"}
KINDS: dict[str, dict[str, Any]] = {
    "ONE": {
        "title": {"zh": "群众测评", "en": "People's test"},
        "by": "people",
        "of": ["organisation"],
        "questions": [OVERALL, WHERE, WORDS],
    },
    "PEERS": {
        "title": {"zh": "党员互评", "en": "Members judge one another"},
        "by": "peers",
        "of": ["member"],
        "scale": "four-grades",
        "words": "none",
    },
    "CONDUCT": {
        "title": {"zh": "民主评议行风", "en": "Public review of conduct"},
        "kind": "conduct",
        "by": "served",
        "of": ["organisation"],
        "sheet": "many",
        "questions": [
            OVERALL,
            WHERE,
            {"id": "in-time", "text": {"zh": "按时办结", "en": "Done in time"}, "scale": "yes-no", "required": False},
            {"id": "clean", "text": {"zh": "公正廉洁", "en": "Fair and clean"}, "scale": "yes-no", "required": False},
            WORDS,
        ],
        "common": [
            {"id": "often", "text": {"zh": "近一年办过事吗", "en": "Any business with us this year"}, "scale": "yes-no"}
        ],
    },
}


def open_round(kind: str) -> dict[str, Any]:
    """Publish a round of the kind that runs for three days more: five people with accounts, six cards."""
    from quxin.access import SYSTEM
    from quxin.kernel import clock, signing
    from quxin.orgs.models import Organisation, Person
    from quxin.orgs.operations import create_account
    from quxin.packs.evaluation_types import Evaluation
    from quxin.records.evaluations import drafting
    from quxin.records.evaluations.questionnaire import snapshot

    now = clock.now()
    top = Organisation.objects.filter(depth=1).order_by("path").first()
    assert top is not None
    people = [Person.objects.create(name=name) for name in ("赵一", "钱二", "孙三", "李四", "周五")]
    names = {}
    for person in people:
        made = create_account(
            username=f"voter{person.pk}", organisation=top, actor=SYSTEM, now=now, person=person, password=PASSWORD,
            must_change_password=False,
        )  # fmt: skip
        names[person.name] = made.account.username
    judged = list(Organisation.objects.filter(depth=2).order_by("path")[: 1 if kind == "ONE" else 3])
    subjects = drafting.Judged(members=people) if kind == "PEERS" else drafting.Judged(organisations=judged)
    asked = Evaluation.model_validate({"id": "journey", "access": "roster"} | KINDS[kind])
    round_ = drafting.draft_round(
        actor=SYSTEM, organiser=top, title=f"{asked.title.zh}：机关作风", questionnaire=snapshot(asked),
        judged=subjects, now=now,
    )  # fmt: skip
    cards = 0 if kind == "PEERS" else 6
    voters = {"": drafting.Voters(people=people, cards=cards)}
    drafting.set_voters(actor=SYSTEM, round_=round_, voters=voters)
    pair = signing.generate(WITNESS)
    terms = drafting.Terms(
        opens_at=now - timedelta(hours=1), closes_at=now + timedelta(days=3),
        witnesses=[drafting.Witness("赵监督", "纪检监督", pair.public)],
    )  # fmt: skip
    drafting.set_terms(actor=SYSTEM, round_=round_, terms=terms, now=now)
    published = drafting.publish_round(actor=SYSTEM, round_=round_, now=now)
    printed = [card.printed for card, _ in drafting.card_sheet(actor=SYSTEM, round_=published)]
    return {
        "code": published.code, "opening": published.opening_hash, "accounts": names, "cards": printed,
        "password": PASSWORD, "judged": [one.name for one in judged], "witness": pair.pem,
    }  # fmt: skip


def close(code: str, folder: str) -> dict[str, Any]:
    """Close the round as of an hour after its end, and write its board."""
    from quxin.access import SYSTEM
    from quxin.records.evaluations import closing, publication
    from quxin.records.evaluations.models import Round

    round_ = Round.objects.get(code=code)
    closing.close_round(actor=SYSTEM, round_=round_, now=round_.closes_at + timedelta(hours=1))
    round_.refresh_from_db()
    board = Path(folder) / "board.json"
    board.write_bytes(b"".join(publication.board_of(round_)))
    return {"board": str(board), "statement": round_.statement}


if __name__ == "__main__":
    import django

    django.setup()
    work = {"open": open_round, "close": close}[sys.argv[1]]
    print(json.dumps(work(*sys.argv[2:]), ensure_ascii=False))
