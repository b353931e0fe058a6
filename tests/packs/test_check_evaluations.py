"""Whether an evaluation of a pack holds: each rule has a pack that breaks it, with the place where it does."""

import pytest

from quxin.packs.load import load
from quxin.packs.types import Pack, pack_content
from tests.packs.sample import NAMES, PACKS, SAMPLE, place_of, read

JUDGED = """\
evaluations:
  conduct:
    title: 行风评议
    kind: conduct
    by: served
    of: [conduct]
    sheet: many
    answer_within: 5
    groups:
      - {id: firms, title: 企业, weight: 600}
      - {id: citizens, title: 群众, weight: 400}
    scales:
      speed: {title: 快慢, choices: [{id: quick, title: 快}, {id: slow, title: 慢, score: -1, counts: problem}]}
    questions:
      - {id: overall, text: 总体评价, scale: five-grades}
      - {id: speed, text: 办得快吗, scale: speed}
      - id: why
        text: 哪里不好
        ask: {question: overall, in: [2, 1]}
        most: 1
        choices: [{id: rude, title: 态度}, {id: late, title: 拖拉}]
      - {id: words, text: 意见, words: 200, ask: {question: why, in: [late]}}
    common:
      - {id: often, text: 常来吗, scale: yes-no}
"""

YES_NO = "scales:\n      yes-no: {title: 是否, choices: [{id: a, title: 甲}, {id: b, title: 乙}]}\n"
MORE = "      - {id: more, text: 还有, words: 9, ask: {question: words, in: [x]}}\n    common:\n"

CASES = [
    # replace, by, what the problem stands at, message, hint
    ("weight: 600", "weight: 500", "- {id: firms", "合计 900", "正好 1000"),
    (", weight: 600", "", "{id: firms", "没有权重", "合计 1000"),
    ("id: citizens", "id: firms", "firms, title: 群众", "重复了", "别的编号"),
    ("    kind: conduct\n", "    kind: conduct\n    access: open\n", "- {id: firms", "不知道谁属于", "access: roster"),
    ("    kind: conduct\n", "    kind: conduct\n    access: signed\n", "signed", "必须署名", "open 或 roster"),
    ("scale: speed}", "scale: sped}", "sped}", "没有这个等次", "speed"),
    ("scales:\n", YES_NO, "{title: 是否", "内置等次", "换一个编号"),
    ("{id: slow, title: 慢, score", "{id: quick, title: 慢, score", "quick, title: 慢", "重复了", "别的编号"),
    ("in: [2, 1]", "in: [2, 0]", "0]}\n", "没有选项“0”", "5、4、3、2、1"),
    ("in: [late]", "in: [lat]", "lat]", "没有选项“lat”", "rude、late"),
    ("question: overall", "question: overal", "overal, in", "没有这个前面的题目", "overall"),
    ("question: overall", "question: words", "words, in", "不在这一题前面", "只能引用前面"),
    ("question: overall", "question: why", "why, in", "不在这一题前面", "只能引用前面"),
    ("question: overall", "question: often", "often, in", "没有这个前面的题目", "先在包里写上"),
    ("id: speed, text", "id: overall, text", "overall, text: 办", "重复了", "别的编号"),
    ("{id: often", "{id: overall", "overall, text: 总", "重复了", "别的编号"),
    ("most: 1", "most: 3", "3\n", "只有 2 个选项", "改小"),
    ("    sheet: many\n", "", "- {id: often", "一张答卷评多个对象", "sheet: many"),
    ("words: 200,", "words: 200, problem: [late],", "late], ask", "文字题", "删去"),
    ("    common:\n", MORE, "words, in", "是文字题，不能作条件", "选择题"),
    ("    kind: conduct\n", "    kind: members\n", "title: 行风评议", "四等次", "four-grades"),
]  # fmt: skip


@pytest.mark.parametrize(("before", "after", "at", "message", "hint"), CASES, ids=[case[1][:40] for case in CASES])
def test_each_rule_names_its_place_and_what_to_do(before, after, at, message, hint):
    assert before in JUDGED
    text = SAMPLE + JUDGED.replace(before, after, 1)
    loaded = read(text)
    assert loaded.pack is not None, [str(problem) for problem in loaded.problems]
    assert len(loaded.errors) == 1, [str(problem) for problem in loaded.errors]
    problem = loaded.errors[0]
    assert message in problem.text()
    assert hint in problem.hint_text()
    assert (problem.line, problem.column) == place_of(text, at)


def test_the_sample_holds():
    assert read(SAMPLE + JUDGED).problems == ()


@pytest.mark.parametrize(
    ("questions", "message"),
    [
        ("{id: a, text: 甲}", "须写且只写一项"),
        ("{id: a, text: 甲, scale: yes-no, words: 9}", "须写且只写一项"),
        ("{id: a, text: 甲, words: 9, most: 2}", "只有多选题能写 most"),
        ("{id: a, text: 甲, scale: yes-no, ask: {question: b, in: []}}", "至少要有 1 项"),
        ("{id: a, text: 甲, words: 9000}", "超出范围"),
    ],
)
def test_what_is_no_question_does_not_load(questions, message):
    loaded = read(SAMPLE + f"evaluations:\n  e: {{title: 评, of: [promise], questions: [{questions}]}}\n")
    assert loaded.pack is None
    assert any(message in problem.text() for problem in loaded.errors)
    assert all(problem.line == SAMPLE.count("\n") + 2 and problem.hint_text() for problem in loaded.errors)


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("{title: 差评, kind: service, by: served, of: [service]}", "几个工作日内答复"),
        ("{title: 测评, kind: diagnosis, by: peers, of: [member], scale: yes-no}", "没有一个选项算查出问题"),
        ("{title: 评议, kind: members, by: peers, of: [member], scale: four-grades, excellent_at_most: 4/3}", "不能超过全部"),
        ("{title: 点评, kind: comment, by: leader, of: [promise], access: open, scale: words}", "必须署名"),
        ("{title: 测评, of: [promise], scale: six-grades}", "没有这个等次"),
    ],
)  # fmt: skip
def test_each_kind_asks_for_what_it_needs(line, message):
    loaded = read(SAMPLE + f"evaluations:\n  e: {line}\n")
    assert [message in problem.text() for problem in loaded.errors] == [True], [str(one) for one in loaded.errors]


OLD = {"id": "self", "title": {"zh": "测评", "en": ""}, "by": "peers", "of": ["member"], "scale": "four-grades",
       "minimum": 5, "words": "optional"}  # fmt: skip


def test_a_pack_from_before_questionnaires_reads_asks_and_is_stored_as_ever():
    content = {"pack": "old", "version": "1.0.0", "title": "旧", "source": "测试", "evaluations": {"self": OLD}}
    pack = Pack.model_validate(content)
    assert pack_content(pack)["evaluations"]["self"] == OLD, "else installing it again would be another content"
    found = pack.evaluations["self"]
    assert (found.sort, found.entry, found.sheet) == ("peers", "roster", "one")
    assert [(question.id, question.must) for question in found.asked] == [("overall", True), ("words", False)]


@pytest.mark.parametrize(
    ("by", "of", "kind", "access"),
    [
        ("leader", ["promise"], "comment", "signed"),
        ("peers", ["member"], "peers", "roster"),
        ("people", ["promise"], "people", "open"),
        ("served", ["organisation", "conduct"], "conduct", "roster"),
        ("served", ["service"], "service", "open"),
        ("served", ["organisation"], "people", "open"),
    ],
)
def test_the_kind_follows_from_who_judges_what(by, of, kind, access):
    content = {"pack": "old", "version": "1.0.0", "title": "旧", "source": "测试"}
    pack = Pack.model_validate({**content, "evaluations": {"e": {**OLD, "id": "e", "by": by, "of": of}}})
    assert (pack.evaluations["e"].sort, pack.evaluations["e"].entry) == (kind, access)


def test_the_house_packs_hold_every_kind_and_mark_their_own_wording():
    found = [one for name in NAMES for one in load(PACKS / name).pack.evaluations.values()]
    assert {one.sort for one in found} == {"comment", "peers", "people", "conduct", "diagnosis", "members", "service"}
    assert all(one.ours for one in found)
    words = [question.text for one in found for question in one.asked] + [one.title for one in found]
    words += [choice["title"] for one in found for question in one.asked for choice in one.choices_of(question)]
    assert all((text["en"] if isinstance(text, dict) else text.en) for text in words)


def test_the_groups_of_the_county_weigh_a_thousand():
    groups = load(PACKS / "county-tiejun").pack.evaluations["conduct"].groups
    assert [group.id for group in groups] == ["enterprises", "inspectors", "citizens"]
    assert sum(group.weight for group in groups) == 1000
    assert all(group.ours and group.who for group in groups)
