import pytest

from quxin.kernel.text import initials, narrow, nearest, simplify, sort_key, squeeze, tokens


def test_narrow():
    assert narrow("　２０１０ Ａｂ（试行）\u200b\ufeff ") == "2010 Ab（试行）"
    assert narrow("质监\u3000 局\n一科") == "质监 局 一科"
    assert squeeze("张　 三\u00a0") == "张三"


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("单雄信", "shan xiong xin"),
        ("解晓东", "xie xiao dong"),
        ("曾国藩", "zeng guo fan"),
        ("仇和", "qiu he"),
        ("盖叫天", "ge jiao tian"),
        ("朴正", "piao zheng"),
        ("区伯", "ou bo"),
        ("查良镛", "zha liang yong"),
        ("尉迟恭", "yu chi gong"),
        ("欧阳修", "ou yang xiu"),
        ("单", "shan"),
        ("张　三", "zhang san"),
        ("解决", "jie jue"),
        ("任务", "ren wu"),
        ("单位", "dan wei"),
        ("区直机关", "qu zhi ji guan"),
        ("重庆市长安区", "chong qing shi chang an qu"),
        ("单县质监局", "shan xian zhi jian ju"),
        ("长治市", "chang zhi shi"),
        ("长丰县市场监督管理局", "chang feng xian shi chang jian du guan li ju"),
        ("长子县质监局", "zhang zi xian zhi jian ju"),
        ("天长市质监局", "tian chang shi zhi jian ju"),
        ("厦门市质监局", "xia men shi zhi jian ju"),
        ("花都区质监局", "hua du qu zhi jian ju"),
        ("成都市质监局", "cheng du shi zhi jian ju"),
        ("什邡市质监局", "shi fang shi zhi jian ju"),
        ("市长信箱", "shi zhang xin xiang"),
        ("長春市", "chang chun shi"),
        ("", ""),
    ],
)
def test_sort_key(name, key):
    assert sort_key(name) == key


def test_the_caller_may_know_who_is_a_person():
    assert sort_key("单位", person=True) == "shan wei"
    assert sort_key("单雄信", person=False) == "dan xiong xin"


def test_numbered_offices_sort_by_number():
    assert sorted(["第10党支部", "第2党支部", "第1党支部"], key=sort_key) == ["第1党支部", "第2党支部", "第10党支部"]


def test_initials():
    assert [initials(name) for name in ("单雄信", "重庆市长安区", "第2党支部")] == ["sxx", "cqscaq", "d2dzb"]


def test_tokens_find_words_and_single_characters():
    found = tokens("質量监督，满意度整改 ＡＢＣ！")
    assert {"质量", "整改", "满意度", "abc", "质", "改"} <= set(found)
    assert len(found) == len(set(found))
    assert not {"，", "！", " ", ""} & set(found)
    assert set(tokens("整改")) <= set(found)
    assert tokens("。 ") == []


def test_nearest():
    offices = ["重庆市长安区质量技术监督局", "西安市质监局", "北京市市场监督管理局"]
    assert nearest("长安区质监局", offices)[0] == offices[0]
    assert nearest("西安质监局", offices)[0] == "西安市质监局"
    assert nearest("手机号", ["姓名", "手机号码", "联系电话"]) == ["手机号码"]
    assert nearest("单位名称", ["组织名称", "单位"], n=1) == ["单位"]
    assert nearest("海关", offices) == []
    assert nearest(" ", offices) == []


def test_simplify():
    assert simplify("質量監督檢驗") == "质量监督检验"


def test_narrow_mends_whatever_there_is_to_mend_and_nothing_else():
    for code in (*range(0x3100), *range(0xFE00, 0x10000)):
        text = f"甲{chr(code)}乙"
        tidy = narrow(text)
        blank = chr(code).isspace() or chr(code) in "\u00a0\u202f\u3000"
        assert tidy == narrow(tidy)
        assert (tidy == "甲 乙") == blank, hex(code)
        assert tidy == text or blank or tidy == "甲乙" or tidy[1].isascii(), hex(code)
