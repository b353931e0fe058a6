import pickle

from quxin.kernel.errors import QuxinError, Stale, fill


class NoSuchOffice(QuxinError):
    default_message = "没有“%(name)s”这个单位"
    default_hint = "是不是“%(near)s”？"


def test_message_and_hint_are_filled():
    error = NoSuchOffice(name="西安局", near="西安市局", row=7)
    assert str(error) == "没有“西安局”这个单位"
    assert error.hint_text() == "是不是“西安市局”？"
    assert error.params["row"] == 7


def test_message_and_hint_given_at_the_place_win_over_the_class():
    error = NoSuchOffice("第%(row)d行是空的", hint="请删去。", row=3)
    assert (str(error), error.hint_text()) == ("第3行是空的", "请删去。")


def test_translation_comes_before_the_values():
    english = {"没有“%(name)s”这个单位": "There is no office “%(name)s”", "是不是“%(near)s”？": "“%(near)s”?"}
    error = NoSuchOffice(name="A", near="B")
    assert error.text(english.__getitem__) == "There is no office “A”"
    assert error.hint_text(english.__getitem__) == "“B”?"


def test_an_empty_hint_is_not_translated():
    assert QuxinError("坏了").hint_text(lambda _: "catalogue header") == ""


def test_filling_never_fails():
    assert fill("完成87.5%", {}) == "完成87.5%"
    assert fill("100%%，%(a)s，%(missing)s", {"a": "%(b)s", "b": 1}) == "100%，%(b)s，%(missing)s"
    assert fill("%(n)d", {"n": "七"}) == "七"
    assert fill("%(n).1f", {"n": 2}) == "2.0"


def test_errors_survive_another_process():
    copy = pickle.loads(pickle.dumps(NoSuchOffice(name="A", near="B")))
    assert type(copy) is NoSuchOffice
    assert copy.hint_text() == "是不是“B”？"


def test_a_stale_form_carries_both_versions():
    error = Stale(current={"name": "一科"}, attempted={"name": "二科"})
    assert (error.current, error.attempted) == ({"name": "一科"}, {"name": "二科"})
    assert error.hint_text()


def test_values_that_are_msgids_are_translated_with_the_message():
    english = {
        "不行：%(why)s（%(name)s）": "No: %(why)s (%(name)s)",
        "太长": "too long",
        "太短": "too short",
        "；": "; ",
    }
    error = QuxinError("不行：%(why)s（%(name)s）", why="太长；太短", name="太长")
    assert error.text(lambda msgid: english.get(msgid, msgid)) == "No: too long; too short (太长)"
    assert error.text() == "不行：太长；太短（太长）"
    assert error.hint_text(lambda msgid: 1 / 0) == ""
