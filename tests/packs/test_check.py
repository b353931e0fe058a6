"""Whether the parts of a pack fit: each rule has a pack that breaks it, with the place where it does."""

import pytest

from quxin.packs.check import load_and_check
from tests.packs.sample import NAMES, PACKS, SAMPLE, place_of, spoil

CASES = [
    # replace, by, what the problem stands at, message, hint
    ("where: {record: memo}", "where: {record: memos}", "memos}", "没有这个记录类别", "是不是 memo"),
    ("{series: forum}}\n  talks.heads", "{series: forums}}\n  talks.heads", "forums}", "没有这个系列", "forum"),
    ("kind: lecture", "kind: lectur", "lectur}", "没有这个活动或记录类别", "lecture"),
    ("named_by: partner", "named_by: place", "place}", "没有在 asks 里", "asks"),
    ("[talks.people, members.all]", "[talks.people, member.all]", "member.all", "没有这个指标", "members.all"),
    ("[talks.people, members.all]", "[talks.coverage, members.all]", "{label: 覆盖面", "成了圈", "断开"),
    ("  begun:", "  tasks.done: {label: 完成, unit: 项, count: task}\n  begun:", "{label: 完成", "内置指标", "换一个编号"),
    ("sum: record, where: {series: drive}", "sum: activity, where: {series: drive}", "drive}}", "对不上", "progress.recorded"),
    ("measure: memos.all,", "measure: memo.all,", "memo.all,", "没有这个指标", "memos.all"),
    ("needs: [memos]", "needs: [memoz]", "memoz]", "没有这个任务", "memos"),
    ("needs: [memos]", "needs: [talks]", "{id: talks", "成了圈", "断开"),
    ("id: talks, title", "id: memos, title", "memos, title: 办讲座", "重复了", "别的编号"),
    ("phase: start", "phase: stat", "stat}", "没有这个阶段", "start"),
    ("period: 2010-04..2010-05", "period: 2010-03..2010-05", "2010-03..2010-05", "不在活动期间", "campaign.period"),
    ("period: 2010-04..2010-12", "period: 2010-04..2010-13", "2010-04..2010-13", "不存在的日期", "月份"),
    ("by: 2010-11-30", "by: 2011-11-30", "2011-11-30", "不在活动期间", "修改时限"),
    ("month: 2010-07", "month: 2011-07", "2011-07", "不在活动期间", "修改这里"),
    ("satisfied_by: {record: memo}", "satisfied_by: {series: ones}", "ones}}", "没有这个系列", "核对"),
    ("by: 2010-11-30}", "by: 2010-11-30, unit: 项}", "项}", "不一致", "unit"),
    ("by: 2010-11-30}", "by: 2010-11-30, fields_asked: [{measure: memos.all}]}", "memos.all}]", "账本已有", "reason"),
    ("{talks.held #F1}", "{talks.hold #F1}", "{talks.hold #F1}", "没有的指标", "talks.held"),
    ("{talks.held #F1}", "{talks.held month}", "{talks.held month}", "不是日期", "first"),
    ("{begun month}", "{begun}", "{begun}", "是日期", "month"),
    ("{talks.held #F1}", "{talks.heads names}", "", "", ""),
    ("{memos.all names}", "{members.all names}", "{members.all names}", "没有可列举的名称", "named_by"),
    ("~近2000 #F2", "~好多 #F2", "{talks.heads ~好多 #F2}", "看不懂约数", "近2000"),
    ("#F2}", "#F1}", "{talks.heads ~近2000 #F1}", "重复了", "一次"),
    ("办讲座{talks.held #F1}，", "办讲座3期，", "3期", "没有绑定", "literal"),
    ("办讲座{talks.held #F1}，", "办讲座{talks.held，", "{talks.held，", "没有成对", "{{"),
    ("literals: [ISO 9000]", "literals: []", "9000 办", "没有绑定", "literals"),
    ("title: 学习", "title: 学习20篇", "20篇", "没有绑定", "literals"),
]  # fmt: skip


@pytest.mark.parametrize(("before", "after", "at", "message", "hint"), CASES, ids=[case[1][:40] for case in CASES])
def test_each_rule_names_its_place_and_what_to_do(before, after, at, message, hint):
    loaded = spoil(before, after)
    assert loaded.pack is not None, [str(problem) for problem in loaded.problems]
    if not message:
        assert loaded.problems == ()
        return
    assert len(loaded.errors) == 1, [str(problem) for problem in loaded.errors]
    problem = loaded.errors[0]
    assert message in problem.text()
    assert hint in problem.hint_text()
    assert (problem.line, problem.column) == place_of(SAMPLE.replace(before, after, 1), at)


def test_a_known_number_may_be_asked_with_a_reason():
    asked = "by: 2010-11-30, fields_asked: [{measure: memos.all, reason: 与对方核对}, {text: 备注}]}"
    assert spoil("by: 2010-11-30}", asked).problems == ()


def test_a_long_circle_of_tasks_is_told_once_in_full():
    tasks = "".join(f"        - {{id: t{n}, title: 甲, for: hq, needs: [t{(n + 1) % 300}]}}\n" for n in range(300))
    loaded = spoil("        - {id: memos,", tasks + "        - {id: memos,")
    circles = [problem for problem in loaded.errors if "成了圈" in problem.text()]
    assert len(circles) == 1
    assert "t0 → t1 → " in circles[0].text()
    assert circles[0].text().endswith("（共 300 个） → t0")


def test_chinese_numbers_and_vague_examples_are_doubtful_not_wrong():
    loaded = spoil("办讲座{talks.held #F1}，", "办讲座六次，一次一议，")
    assert [(p.level, p.params["number"]) for p in loaded.problems] == [("warning", "六次")]
    promises = "promises:\n  member: {asks: [text], examples: [进一步提高服务, 每日办结20件]}\nreports:\n"
    loaded = spoil("reports:\n", promises)
    assert [problem.level for problem in loaded.problems] == ["warning"]
    assert "进一步、提高" in loaded.problems[0].text()


@pytest.mark.parametrize("name", NAMES)
def test_the_packs_of_the_house_have_no_problems(name):
    loaded = load_and_check(PACKS / name)
    assert [str(problem) for problem in loaded.problems] == []
    assert loaded.pack.pack == name
