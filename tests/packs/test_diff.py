"""Two versions of a pack, matched by ids."""

from quxin.packs.diff import Change, Item, breaking, difference
from tests.packs.sample import SAMPLE, read


def changed_to(*swaps):
    text = SAMPLE
    for before, after in swaps:
        assert before in text
        text = text.replace(before, after, 1)
    loaded = read(text.replace("version: 1.0.0", "version: 1.1.0"))
    assert loaded.errors == (), [str(problem) for problem in loaded.errors]
    return difference(read(SAMPLE).pack, loaded.pack)


def test_the_same_content_differs_in_nothing():
    diff = changed_to()
    assert not diff
    assert (diff.before, diff.after) == ("1.0.0", "1.1.0")


def test_order_is_no_difference():
    assert not changed_to(
        ("  begun: {label: 开始, unit: 月, first: campaign}\n", ""),
        ("measures:\n", "measures:\n  begun: {label: 开始, unit: 月, first: campaign}\n"),
    )


def test_added_removed_changed():
    diff = changed_to(
        ("  drive: {title: 质量行, kind: memo}\n", ""),
        ("  memos.drive: {label: 质量行备忘录, unit: 份, sum: record, where: {series: drive}}\n", ""),
        ("target: 7, by", "target: 9, by"),
        ("- {id: memo, t", "- {id: talk, title: 讲座, satisfied_by: {activity: lecture}}\n        - {id: memo, t"),
    )
    assert diff.added == (Item("checklist-item", "ones/talk", "讲座"),)
    assert set(diff.removed) == {Item("series", "drive", "质量行"), Item("measure", "memos.drive", "质量行备忘录")}
    assert diff.changed == (Change("task", "memos", "target", "7", "9"),)


def test_a_task_that_moves_to_another_aspect_stays_the_same_task():
    task = "        - {id: talks, title: 办讲座, for: province, measure: talks.held, needs: [memos], phase: start}\n"
    diff = changed_to((task, "    - id: second\n      title: 第二方面\n      tasks:\n" + task))
    assert diff.changed == (Change("task", "talks", "aspect", "first", "second"),)
    assert diff.added == (Item("aspect", "second", "第二方面"),)
    assert diff.removed == ()


def test_running_campaigns_keep_what_was_removed():
    diff = changed_to(
        ("  drive: {title: 质量行, kind: memo}\n", ""),
        ("  memos.drive: {label: 质量行备忘录, unit: 份, sum: record, where: {series: drive}}\n", ""),
        ("sum: activity.attendances", "sum: activity.contestants"),
        ("id: talks, title: 办讲座, for: province", "id: talks, title: 办讲座, for: county"),
        ("literals: [ISO 9000]", "literals: [ISO 9000, 第一号]"),
    )
    assert breaking(diff) == ()
    effects = {(effect.kind, effect.id, effect.effect) for effect in breaking(diff, running=["c1"])}
    assert effects == {
        ("series", "drive", "retired"),
        ("measure", "memos.drive", "retired"),
        ("measure", "talks.heads", "refolded"),
        ("task", "talks", "frozen"),
    }
