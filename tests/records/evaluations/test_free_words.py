"""Words before they are shown: what is held back, with which reasons, and what is not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quxin.records.evaluations.free_words import (
    ADDRESSED,
    GROUP_HIDDEN,
    IDENTITY,
    NAME,
    PHONE,
    REASONS,
    Names,
    look,
    sort_words,
)

STAFF = ["王小明", "欧阳静", "张三", "Li Lei", "李"]
NAMES = Names(STAFF)


@pytest.mark.parametrize(
    ("text", "held"),
    [
        ("办得快，态度好", ()),
        ("王小明办事拖拉", (NAME,)),
        ("王 小 明办事拖拉", (NAME,)),
        ("王·小·明，办事拖拉", (NAME,)),
        ("王\u200b小\u200b明", (NAME,)),
        ("找 ＬＩ ＬＥＩ 办的", (NAME,)),
        ("王局长态度不好", (ADDRESSED,)),
        ("老王不理人，欧阳主任也不管", (ADDRESSED,)),
        ("请打 138 0013 8000", (PHONE,)),
        ("１３８００１３８０００", (PHONE,)),
        ("我是11010519491231002X", (IDENTITY,)),
        ("张三，138-0013-8000", (NAME, PHONE)),
        ("赵局长不在名单里", ()),
        ("三张表要填三遍", ()),
        ("2026年11月22日等了3小时", ()),
        ("", ()),
    ],
)
def test_what_names_a_person_is_held_back(text, held):
    found = look(text, NAMES)
    assert found.held == held
    assert found.may_be_shown == (not held)
    assert all(reason in REASONS for reason in held)


def test_the_words_of_a_hidden_group_stay_hidden():
    assert look("办得快", NAMES, group_is_shown=False).held == (GROUP_HIDDEN,)


def test_nobody_on_the_list_hides_nothing():
    assert look("王小明和王局长", Names([])).held == ()
    assert look("王小明", Names(["", " ", "王"])).held == ()


def test_a_list_of_texts_is_parted_in_its_order():
    shown, held = sort_words(["一", "张三不好", "二", "13800138000"], STAFF)
    assert shown == ["一", "二"]
    assert [(one.text, one.held) for one in held] == [("张三不好", (NAME,)), ("13800138000", (PHONE,))]


SIGNS = st.text(alphabet=" \u3000·.，\u200b-", max_size=2)


@given(st.text(max_size=10), st.text(max_size=10), st.sampled_from(["王小明", "欧阳静", "张三"]), st.data())
def test_a_name_is_found_wherever_it_stands(before, after, name, data):
    written = "".join(char + data.draw(SIGNS) for char in name)
    assert NAME in look(before + "，" + written + "。" + after, NAMES).held


def test_a_long_list_of_names():
    staff = [f"{chr(0x4E00 + n % 900)}{chr(0x5000 + n // 900)}{chr(0x6000 + n % 7)}" for n in range(50_000)]
    many = Names(staff)
    assert look("办得快，态度好，" * 60, many).may_be_shown
    assert look("办得快，态度好，" * 60 + staff[-1], many).held == (NAME,)
