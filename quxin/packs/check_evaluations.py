"""Whether an evaluation holds: every question can be answered, every condition is met by an earlier one, weights add up.

Must not judge whether a question is a good one.
"""

from __future__ import annotations

from collections.abc import Sequence

from quxin.packs.checking import Checking
from quxin.packs.evaluation_types import BUILTIN_SCALES, ONLY_WORDS, Evaluation, Question
from quxin.packs.problems import Path

WHOLE = 1000


def check_evaluations(checking: Checking) -> None:
    """Note what does not fit in the evaluations of a pack."""
    for key, evaluation in checking.pack.evaluations.items():
        path: Path = ("evaluations", key)
        _check_scales(checking, path, evaluation)
        _check_questions(checking, path, evaluation)
        _check_groups(checking, path, evaluation)
        _check_kind(checking, path, evaluation)


def _check_scales(checking: Checking, path: Path, evaluation: Evaluation) -> None:
    for key, scale in evaluation.scales.items():
        here: Path = (*path, "scales", key)
        if key in BUILTIN_SCALES or key == ONLY_WORDS:
            checking.error(here, "“%(key)s”是内置等次，不能另行规定", "请换一个编号。", key=key)
        choices = enumerate(scale.choices)
        checking.unique((*here, "choices"), "选项", [((place,), choice.id) for place, choice in choices])
    known = [*BUILTIN_SCALES, *evaluation.scales]
    if not evaluation.questions:
        checking.known((*path, "scale"), "等次", evaluation.scale, [*known, ONLY_WORDS])
    for name in ("questions", "common"):
        for place, question in enumerate(getattr(evaluation, name)):
            checking.known((*path, name, place, "scale"), "等次", question.scale, known)


def _check_questions(checking: Checking, path: Path, evaluation: Evaluation) -> None:
    ids = [
        ((name, place), question.id)
        for name in ("common", "questions")
        for place, question in enumerate(getattr(evaluation, name))
    ]
    checking.unique(path, "题目", ids)
    if evaluation.common and evaluation.sheet == "one":
        checking.error(
            (*path, "common"), "只有一张答卷评多个对象时才有整卷只问一次的题目",
            "请写 sheet: many，或把这些题目写进 questions。",
        )  # fmt: skip
    for name in ("common", "questions"):
        asked: list[Question] = getattr(evaluation, name)
        for place, question in enumerate(asked):
            _check_question(checking, (*path, name, place), evaluation, question)
            _check_condition(checking, (*path, name, place), evaluation, question, asked[:place], asked)


def _check_question(checking: Checking, path: Path, evaluation: Evaluation, question: Question) -> None:
    choices = enumerate(question.choices)
    checking.unique((*path, "choices"), "选项", [((place,), choice.id) for place, choice in choices])
    _check_choices(checking, (*path, "problem"), evaluation, question, question.problem)
    if question.most is not None and question.most > len(question.choices) > 0:
        checking.error(
            (*path, "most"), "只有 %(count)s 个选项，不能说最多选 %(most)s 项", "请改小，或删去 most。",
            count=len(question.choices), most=question.most,
        )  # fmt: skip


def _check_condition(
    checking: Checking, path: Path, evaluation: Evaluation, question: Question, earlier: Sequence[Question],
    listed: Sequence[Question],
) -> None:  # fmt: skip
    if question.ask is None:
        return
    here: Path = (*path, "ask", "question")
    before = next((one for one in earlier if one.id == question.ask.question), None)
    if before is None:
        if any(one.id == question.ask.question for one in listed):
            checking.error(
                here, "条件里的“%(id)s”不在这一题前面", "条件只能引用前面的题目：请调换次序，或改用另一题。",
                id=question.ask.question,
            )  # fmt: skip
        else:
            checking.known(here, "前面的题目", question.ask.question, [one.id for one in earlier])
    elif before.words is not None:
        checking.error(here, "“%(id)s”是文字题，不能作条件", "请引用一道选择题。", id=before.id)
    else:
        _check_choices(checking, (*path, "ask", "in"), evaluation, before, question.ask.in_)


def _check_choices(
    checking: Checking, path: Path, evaluation: Evaluation, question: Question, wanted: Sequence[int | str]
) -> None:
    known = [choice["id"] for choice in evaluation.choices_of(question)]
    for place, value in enumerate(wanted):
        if known and value not in known:
            checking.error(
                (*path, place), "“%(question)s”没有选项“%(value)s”", "可选的有：%(known)s。",
                question=question.id, value=value, known="、".join(str(one) for one in known),
            )  # fmt: skip
        elif not known and question.words is not None:
            checking.error((*path, place), "“%(id)s”是文字题，没有选项", "请删去这一处。", id=question.id)


def _check_groups(checking: Checking, path: Path, evaluation: Evaluation) -> None:
    groups = evaluation.groups
    if not groups:
        return
    here: Path = (*path, "groups")
    checking.unique(here, "群体", [((place,), group.id) for place, group in enumerate(groups)])
    if evaluation.entry == "open":
        checking.error(
            here, "公开评议不知道谁属于哪个群体", "请写 access: roster，按名册分群体；或删去 groups。"
        )  # fmt: skip
    weights = [group.weight for group in groups]
    if all(weight is None for weight in weights):
        return
    for place, weight in enumerate(weights):
        if weight is None:
            checking.error(
                (*here, place), "群体“%(id)s”没有权重，别的群体有", "请给每个群体写 weight，合计 1000；或都不写。",
                id=groups[place].id,
            )  # fmt: skip
    total = sum(weight or 0 for weight in weights)
    if None not in weights and total != WHOLE:
        checking.error(
            here, "各群体权重合计 %(total)s，应为 1000", "权重是千分之几：请改到合计正好 1000。", total=total
        )  # fmt: skip


def _check_kind(checking: Checking, path: Path, evaluation: Evaluation) -> None:
    if (evaluation.sort == "comment") != (evaluation.entry == "signed"):
        checking.error(
            (*path, "access"), "点评必须署名，别的评议都不署名", "点评写 access: signed；其他写 open 或 roster。"
        )  # fmt: skip
    if evaluation.sort == "members" and not _has_scale(evaluation, "four-grades"):
        checking.error(
            path, "民主评议党员要有一道四等次的题目", "请写 scale: four-grades（优秀、合格、基本合格、不合格）。"
        )  # fmt: skip
    if evaluation.excellent and not _is_share(evaluation.excellent):
        checking.error((*path, "excellent_at_most"), "优秀的比例不能超过全部", "例如 1/3。")
    if evaluation.kind == "service" and evaluation.answer_within is None:
        checking.error(
            path, "好差评没有写差评几个工作日内答复", "请写 answer_within，例如 answer_within: 5。"
        )  # fmt: skip
    if evaluation.kind == "diagnosis" and not _finds_problems(evaluation):
        checking.error(
            path, "测评要找问题，却没有一个选项算查出问题", "请在题目上写 problem，或把选项写成 counts: problem。"
        )  # fmt: skip


def _has_scale(evaluation: Evaluation, scale: str) -> bool:
    return any(question.scale == scale for question in evaluation.asked)


def _is_share(text: str) -> bool:
    part, _, whole = text.partition("/")
    return int(part) <= int(whole)


def _finds_problems(evaluation: Evaluation) -> bool:
    return any(
        choice["problem"]
        for question in (*evaluation.common, *evaluation.asked)
        for choice in evaluation.choices_of(question)
    )
