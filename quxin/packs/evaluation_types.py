"""The types of an evaluation: who judges what, on which scales, with which questions, in which groups.

A pack declares; a round keeps a plain copy (``records.evaluations.questionnaire.snapshot``), so that a later version of the
pack changes no round. Must not hold rules: :mod:`quxin.packs.check_evaluations` does.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal, Self, get_args

from pydantic import Field, SerializerFunctionWrapHandler, StringConstraints, model_serializer, model_validator
from pydantic_core import PydanticCustomError

from quxin.packs.base_types import KEYED, Id, KeyId, Strict, Words, about

Kind = Literal["comment", "peers", "people", "conduct", "diagnosis", "members", "service"]
Access = Literal["open", "roster", "signed"]
Counts = Literal["satisfied", "unsatisfied", "problem", "neither"]
#: What one chooses: a grade of a built-in scale (5 is the best of five), or the id of a choice.
ChoiceId = Annotated[int, Field(strict=True)] | Id

MOST_WORDS = 2000
OVERALL = "overall"
WORDS = "words"
#: What `scale` says when nothing is graded.
ONLY_WORDS = "words"
#: 优秀 is generally at most a third of the members judged.
ONE_THIRD = "1/3"


class Choice(Strict):
    """One choice: what it says, what it scores, and what choosing it means."""

    id: Id = about("编号", "id")
    title: Words = about("选项文字", "what it says")
    score: int | None = about("分值（整数），不写则不计分", "score, none by default", None, ge=-1000, le=1000)
    counts: Counts = about(
        "算作：satisfied 满意、unsatisfied 不满意、problem 查出问题、neither 都不算",
        "counts as satisfied, unsatisfied, a problem found, or neither",
        "neither",
    )


class Scale(Strict):
    """A scale of one's own, the best choice first."""

    id: KeyId = about("编号，取自键", "id, taken from the key", "")
    title: Words = about("名称", "title")
    choices: list[Choice] = about("选项，从好到差", "choices, the best first", min_length=2, max_length=20)
    ours: bool = about("措辞为我方所拟", "the wording is ours", False)


class Asked(Strict):
    """When a question is asked: after one of these choices of an earlier question."""

    question: Id = about("前面的哪一题", "an earlier question")
    in_: list[ChoiceId] = about("选了其中之一才问", "asked when one of these was chosen", alias="in", min_length=1)


class Question(Strict):
    """One question: a choice on a scale, several of some choices, or words."""

    id: Id = about("题号", "id")
    text: Words = about("题目", "the question")
    scale: Id | None = about(
        "单选：用哪个等次 five-grades、four-grades、yes-no 或本评议自己的 scales", "one choice of this scale", None
    )
    choices: list[Choice] = about("多选：可选的各项", "several of these choices", list, max_length=20)
    words: int | None = about("文字：最多几个字", "words, at most so many characters", None, ge=1, le=MOST_WORDS)
    most: int | None = about("多选最多选几项", "how many choices at most", None, ge=1, le=20)
    required: bool | None = about(
        "必答；不写则单选必答，其余选答", "must be answered; by default one choice must", None
    )
    ask: Asked | None = about("什么时候问，不写则总问", "when it is asked, always by default", None)
    problem: list[ChoiceId] = about("选了哪些算查出问题", "choices that name a problem", list)
    ours: bool = about("措辞为我方所拟", "the wording is ours", False)

    @model_validator(mode="after")
    def _one_form(self) -> Self:
        if sum((self.scale is not None, bool(self.choices), self.words is not None)) != 1:
            raise PydanticCustomError("question_form", "scale、choices、words 须写且只写一项", {})
        if self.most is not None and not self.choices:
            raise PydanticCustomError("most_of_nothing", "只有多选题能写 most", {})
        return self

    @property
    def must(self) -> bool:
        """Whether a sheet without an answer to it is turned back."""
        return self.scale is not None if self.required is None else self.required


class Group(Strict):
    """A group of those who judge, with its weight in the result."""

    id: Id = about("编号", "id")
    title: Words = about("名称", "title")
    who: str = about("由哪些人组成", "who belongs to it", "")
    weight: int | None = about(
        "权重（千分之几），各组合计 1000", "weight in thousandths, 1000 in all", None, ge=1, le=1000
    )
    ours: bool = about("划分和权重为我方所拟", "the division and weight are ours", False)


class Evaluation(Strict):
    """One kind of judgement: who judges what, by which questions."""

    id: KeyId = about("编号，取自键", "id, taken from the key", "")
    title: Words = about("名称", "title")
    kind: Kind | None = about(
        "种类：comment 点评、peers 党员互评、people 群众测评、conduct 民主评议行风、"
        "diagnosis 测评、members 民主评议党员、service 好差评",
        "kind; without it, it follows from `by` and `of`",
        None,
    )
    by: Literal["people", "peers", "leader", "served"] = about("由谁评", "who judges", "people")
    of: list[Literal["promise", "organisation", "member", "service", "conduct"]] = about(
        "评什么", "what is judged", min_length=1
    )
    access: Access | None = about(
        "怎么进入：open 公开、roster 名册、signed 署名；不写则点评署名，互评、行风、测评、评议党员用名册，其余公开",
        "open to all, by a frozen roster, or signed; by default as the kind asks",
        None,
    )
    sheet: Literal["one", "many"] = about(
        "一张答卷评 one 一个对象、many 多个对象", "a sheet judges one subject or many", "one"
    )
    scale: Id = about("等次；words 表示只写文字", "scale of the overall question; `words` for none", "five-grades")
    minimum: int = about("最少人数，不足不显示", "minimum count, nothing is shown below", 5, ge=3, le=30)
    words: Literal["none", "optional"] = about("文字意见", "words", "optional")
    answer_within: int | None = about("差评几个工作日内答复", "working days to answer", None, ge=1, le=250)
    excellent_at_most: Annotated[str, StringConstraints(pattern=r"^[1-9][0-9]?/[1-9][0-9]?$")] | None = about(
        "优秀最多占多少，如 1/3；民主评议党员不写则 1/3", "share of 优秀 at most; a third for members", None
    )
    groups: list[Group] = about("评议人群体", "groups of those who judge", list, max_length=12)
    scales: Annotated[dict[Id, Scale], KEYED] = about("自定的等次", "scales of its own", dict)
    questions: list[Question] = about(
        "题目；不写则问一个总体评价和文字意见", "questions; without any, one grade and words", list, max_length=60
    )
    common: list[Question] = about(
        "整张答卷只问一次的题目（一张答卷评多个对象时）", "asked once on a sheet over many", list, max_length=20
    )
    ours: bool = about("题目和等次为我方所拟", "questions and scales are ours", False)

    @model_serializer(mode="wrap")
    def _without_what_is_new(self, write: SerializerFunctionWrapHandler) -> dict[str, Any]:
        # A pack from before these fields is stored, and hashed, as it always was: installing it again changes nothing.
        content: dict[str, Any] = write(self)
        return {key: value for key, value in content.items() if key not in _NEW or value != _NEW[key]}

    @property
    def sort(self) -> Kind:
        """The kind, for a pack that does not name it from who judges what."""
        if self.kind:
            return self.kind
        if self.by == "served":
            return "conduct" if "conduct" in self.of else "service" if "service" in self.of else "people"
        return {"leader": "comment", "peers": "peers"}.get(self.by, "people")  # type: ignore[return-value]

    @property
    def entry(self) -> Access:
        """How one gets in: as declared, or as the kind asks."""
        if self.access:
            return self.access
        return "signed" if self.sort == "comment" else "open" if self.sort in ("people", "service") else "roster"

    @property
    def excellent(self) -> str:
        """The greatest share of 优秀, "1/3"; "" where nothing limits it."""
        return self.excellent_at_most or (ONE_THIRD if self.sort == "members" else "")

    @property
    def asked(self) -> list[Question]:
        """The questions on each subject: as declared, or one grade and perhaps words."""
        if self.questions:
            return self.questions
        graded = [] if self.scale == ONLY_WORDS else [Question(id=OVERALL, text=_OVERALL, scale=self.scale)]
        spoken = self.words == "optional" or not graded
        return graded + ([Question(id=WORDS, text=_WORDS, words=500, required=not graded)] if spoken else [])

    def choices_of(self, question: Question) -> list[dict[str, Any]]:
        """The choices of a question as plain data, the best first; none for words, or for a scale that is not known.

        Each: ``id``, ``title`` {zh, en}, ``score`` or None, ``counts`` satisfied/unsatisfied/"" and ``problem``.
        """
        if question.scale in BUILTIN_SCALES:
            plain = [dict(choice) for choice in BUILTIN_SCALES[question.scale]]
        else:
            own = self.scales.get(question.scale or "")
            plain = [_plain(choice) for choice in (own.choices if own else question.choices)]
        return [{**choice, "problem": choice["problem"] or choice["id"] in question.problem} for choice in plain]


_NEW: dict[str, Any] = {"sheet": "one", "groups": [], "scales": {}, "questions": [], "common": [], "ours": False}
_OVERALL: Any = {"zh": "您的总体评价", "en": "Your judgement as a whole"}
_WORDS: Any = {"zh": "您想说的话", "en": "In your own words"}


def _plain(choice: Choice) -> dict[str, Any]:
    return {
        "id": choice.id,
        "title": choice.title.model_dump(),
        "score": choice.score,
        "counts": choice.counts if choice.counts in ("satisfied", "unsatisfied") else "",
        "problem": choice.counts == "problem",
    }


def _graded(*grades: tuple[int | str, str, str, str]) -> list[dict[str, Any]]:
    return [
        {"id": key, "title": {"zh": zh, "en": en}, "score": None, "counts": counts, "problem": False}
        for key, zh, en, counts in grades
    ]


#: The scales that every pack has. The grades carry no score: how far 满意 is from 基本满意 is no number.
BUILTIN_SCALES: dict[str, list[dict[str, Any]]] = {
    # GB/T 39735-2020; the last two are 差评
    "five-grades": _graded(
        (5, "非常满意", "Very satisfied", "satisfied"),
        (4, "满意", "Satisfied", "satisfied"),
        (3, "基本满意", "Fairly satisfied", "satisfied"),
        (2, "不满意", "Dissatisfied", "unsatisfied"),
        (1, "非常不满意", "Very dissatisfied", "unsatisfied"),
    ),
    # 民主评议党员; 基本合格 is neither praise nor blame
    "four-grades": _graded(
        (4, "优秀", "Excellent", "satisfied"),
        (3, "合格", "Qualified", "satisfied"),
        (2, "基本合格", "Barely qualified", ""),
        (1, "不合格", "Not qualified", "unsatisfied"),
    ),
    # Whether yes is good depends on the question; a question may mark one of them as a problem
    "yes-no": _graded(("yes", "是", "Yes", ""), ("no", "否", "No", "")),
}
KINDS: tuple[str, ...] = get_args(Kind)
