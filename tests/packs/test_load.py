"""YAML → typed pack: hostile and mistaken files give problems with places, never exceptions."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quxin.packs.load import load, load_bytes
from quxin.packs.source import MAX_DEPTH
from quxin.packs.types import Pack, pack_content
from tests.packs.sample import SAMPLE, place_of, read, spoil


def only(loaded):
    assert len(loaded.problems) == 1, [str(problem) for problem in loaded.problems]
    return loaded.problems[0]


def test_the_sample_holds_and_survives_storage():
    loaded = read(SAMPLE)
    assert [str(problem) for problem in loaded.problems] == []
    assert Pack.model_validate(pack_content(loaded.pack)) == loaded.pack


def test_a_folder_is_merged_by_key(tmp_path):
    head, tail = SAMPLE.split("campaign:\n", 1)
    (tmp_path / "a.yaml").write_text(head, encoding="utf-8")
    (tmp_path / "b.yml").write_text("campaign:\n" + tail, encoding="utf-8")
    (tmp_path / ".hidden.yaml").write_text("nonsense: [", encoding="utf-8")
    assert load(tmp_path).pack == read(SAMPLE).pack


def test_the_same_thing_in_two_files_is_refused_with_its_place(tmp_path):
    (tmp_path / "a.yaml").write_text(SAMPLE, encoding="utf-8")
    (tmp_path / "b.yaml").write_text("measures:\n  begun: {label: 又, unit: 月, first: campaign}\n", encoding="utf-8")
    problem = only(load(tmp_path))
    assert (problem.file.rpartition("/")[2], problem.line, problem.column) == ("b.yaml", 2, 3)
    assert "measures.begun" in problem.text()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("a: &x [1]\nb: *x\n", "锚点"),
        ("a: *x\n", "锚点"),
        ("a: !!python/object/apply:os.system [ls]\n", "标签"),
        ("a: {<<: {b: 1}}\n", "合并键"),
        ("a: 1\na: 2\n", "重复"),
        ("a: " + "[" * (MAX_DEPTH + 1) + "]" * (MAX_DEPTH + 1), "层次太深"),
        ("a: 1\n---\nb: 2\n", "一份内容"),
        ("a: [1\nb: 2\n", "YAML"),
        ("a: '\t\n", "YAML"),
        ("[a]: 1\n", "键必须是文字"),
        ("- a\n", "键: 值"),
        ("", "空的"),
        ("x: [" + "1," * 60_000 + "]", "内容太多"),
    ],
)
def test_what_yaml_can_do_and_a_pack_must_not(text, words):
    loaded = load_bytes({"a.yaml": text.encode()})
    assert loaded.pack is None
    assert any(words in problem.text() for problem in loaded.problems), [str(p) for p in loaded.problems]
    assert all(problem.hint_text() and problem.line >= 1 and problem.column >= 1 for problem in loaded.problems)


def test_an_anchor_bomb_is_refused_at_its_first_anchor():
    bomb = "a: &a [x, x]\n" + "".join(
        f"{chr(98 + n)}: &{chr(98 + n)} [*{chr(97 + n)}, *{chr(97 + n)}]\n" for n in range(20)
    )
    problem = only(load_bytes({"bomb.yaml": bomb.encode()}))
    assert (problem.line, problem.column) == (1, 4)


def test_size_and_encoding(tmp_path):
    (tmp_path / "big.yaml").write_bytes(b"a: " + b"x" * 1_000_001)
    assert "太大" in only(load(tmp_path)).text()
    gbk = only(load_bytes({"a.yaml": "pack: x\ntitle: 中文\n".encode("gbk")}))
    assert (gbk.line, "UTF-8" in gbk.text()) == (2, True)
    assert "找不到" in only(load(tmp_path / "none.yaml")).text()
    (tmp_path / "empty").mkdir()
    assert "没有 YAML" in only(load(tmp_path / "empty")).text()


@pytest.mark.parametrize(
    ("before", "after", "place", "message", "hint"),
    [
        ("source: 测试\n", "", "pack: sample", "缺少“source”", "内容出处"),
        ("source:", "sorce:", "sorce", "不认识“sorce”", "是不是 source"),
        ("version: 1.0.0", "version: 1.0", "1.0\n", "应是文字", '"1.0"'),
        ("version: 1.0.0", "version: v1", "v1", "写法不对", "1.0.0"),
        ("count: activity,", "count: activty,", "activty,", "activty", "是不是 activity"),
        ("for: hq,", "for: headquarter,", "headquarter,", "headquarter", "hq"),
        ("target: 7", "target: seven", "seven,", "seven", "阿拉伯数字"),
        ("target: 7", "target: -7", "-7,", "超出范围", "不小于 0"),
        ("by: 2010-11-30", "by: 2010-11-31", "2010-11-31", "不是日期", "2010-12-31"),
        ("id: lesson", "id: Lesson One", "Lesson One", "写法不对", "小写字母"),
        (
            "unit: 月, first: campaign",
            "unit: 月, first: campaign, count: task",
            "{label: 开始",
            "只写一种算法",
            "ratio",
        ),
        ("{series: forum}}", "{series: forum, record: memo}}", "{series: forum, rec", "只写一项", "where"),
        ("measure: memos.all, target", "target", "{id: memos", "哪个指标", "measure"),
    ],
)
def test_each_mistake_has_its_place_and_says_what_to_do(before, after, place, message, hint):
    loaded = spoil(before, after)
    assert loaded.pack is None
    found = [p for p in loaded.problems if message in p.text()]
    assert found, [str(problem) for problem in loaded.problems]
    assert (found[0].line, found[0].column) == place_of(SAMPLE.replace(before, after, 1), place)
    assert hint in found[0].hint_text()


def test_folded_chinese_has_no_blanks_between_lines():
    text = read(SAMPLE).pack.reports["summary"].sections[0].text
    assert "#F1}，{talks.heads" in text


def test_plain_words_stay_words():
    pack = read(SAMPLE.replace("theme: 示例", "theme: no").replace("period: 2010-04..2010-12", "period: 2010")).pack
    assert (pack.campaign.theme.zh, pack.campaign.period) == ("no", "2010")


@given(st.text(max_size=200))
def test_any_text_gives_problems_and_never_raises(text):
    loaded = load_bytes({"a.yaml": text.encode("utf-8", "surrogatepass")})
    assert loaded.pack is None
    assert loaded.problems


@given(st.integers(0, len(SAMPLE) - 2), st.sampled_from(["", "{", "}", ":", "  ", "\n", "9", "~", "[", "'", "#"]))
def test_a_damaged_pack_is_read_or_refused_but_never_raises(at, with_what):
    damaged = SAMPLE[:at] + with_what + SAMPLE[at + 1 :]
    loaded = read(damaged)
    lines = damaged.count("\n") + 1
    assert loaded.pack or loaded.problems
    assert all(1 <= problem.line <= lines + 1 for problem in loaded.problems)
