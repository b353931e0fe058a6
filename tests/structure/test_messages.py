"""The English catalogue is complete: every word of the interface has its English, with the same placeholders."""

import importlib.util
import sys

import polib
import pytest

from tests.structure.tree import ROOT


def _load():
    """`locale/extract.py`, which is a script beside the package and not in it."""
    spec = importlib.util.spec_from_file_location("quxin_messages", ROOT / "locale" / "extract.py")
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


extract = _load()


@pytest.fixture(scope="module")
def found():
    return extract.extract()


@pytest.fixture(scope="module")
def catalogue():
    return polib.pofile(str(extract.CATALOGUE), wrapwidth=0)


def english(entry):
    """All English of an entry: one text, or its singular and plural."""
    return list(entry.msgstr_plural.values()) if entry.msgid_plural else [entry.msgstr]


def test_every_message_is_in_the_catalogue_and_no_other(found, catalogue):
    known = {(entry.msgctxt or "", entry.msgid) for entry in catalogue}
    assert sorted(found.messages.keys() - known) == [], "run `make messages` and add their English"
    assert sorted(known - found.messages.keys()) == [], "run `make messages`: nothing uses these any more"


def test_every_message_has_english(catalogue):
    assert [entry.msgid for entry in catalogue if not all(text.strip() for text in english(entry))] == []


def test_no_english_is_the_chinese_again(catalogue):
    same = [entry.msgid for entry in catalogue if entry.msgid in english(entry) and extract.HAN.search(entry.msgid)]
    assert same == []


def test_nothing_is_fuzzy_or_obsolete(catalogue):
    assert [entry.msgid for entry in catalogue if entry.fuzzy or entry.obsolete] == []


def test_placeholders_are_the_same(catalogue):
    wrong = [
        (entry.msgid, text)
        for entry in catalogue
        for text in english(entry)
        if extract.placeholders(text) != extract.placeholders(entry.msgid)
    ]
    assert wrong == []


def test_words_with_their_own_english_keep_it(found, catalogue):
    by_key = {(entry.msgctxt or "", entry.msgid): entry.msgstr for entry in catalogue}
    own = {key: message.english for key, message in found.messages.items() if message.english and not message.is_plain}
    assert own, "terms, fact kinds and built-in measures have English of their own"
    assert {key: by_key[key] for key, texts in own.items() if by_key[key] not in texts} == {}


def test_no_sentence_is_put_together_from_pieces(found):
    assert found.pieces == [], (
        "write one literal with %(name)s, or say in locale/extract.py why it is no interface text"
    )


def test_every_exemption_is_needed(found):
    assert sorted((extract.DATA.keys() | extract.PIECES.keys()) - found.used) == []


@pytest.mark.parametrize(
    ("source", "msgids"),
    [
        ('x = _("存")', ["存"]),
        ('class E(Error):\n    default_message = "不行：%(why)s"', ["不行：%(why)s"]),
        ('raise E("没有了", hint="再找")', ["没有了", "再找"]),
        ('def f():\n    """说明文字"""\n    return {"a": "甲"}', ["甲"]),
        ('"""模块"""\nN = 1\n"""N 的说明"""', []),
        ('P = re.compile("[年月]")', []),
        ('C = Column("a", "名称", aliases=("名字",))', []),
        ('T = Term("讲座", "Lecture")', ["讲座"]),
        ("x = f\"{_('共')}\"", ["共"]),
    ],
)
def test_what_python_gives(source, msgids):
    found = extract.Found()
    extract.from_python(found, "quxin/x.py", source)
    assert sorted(key for _, key in found.messages) == sorted(msgids)


def test_python_gives_plurals_contexts_and_own_english():
    found = extract.Found()
    extract.from_python(found, "quxin/x.py", 'a = ngettext("%(n)s 件", "%(n)s 件", n)\nb = pgettext("history", "更正")')
    extract.from_python(found, "quxin/x.py", 'M = {"label": "场次", "label_en": "Events", "unit": "场"}')
    assert found.messages["", "%(n)s 件"].plural == "%(n)s 件"
    assert ("history", "更正") in found.messages
    assert found.messages["", "场次"].english == {"Events"}


def test_packs_of_the_house_give_what_they_say_in_both_languages():
    found = extract.Found()
    pack = {
        "tasks": [{"id": "a", "title": {"zh": "走访", "en": "Visits"}, "owner": "办公厅"}],
        "label": "期",
        "label_en": "",
    }
    extract.from_pack(found, "packs/x/pack.yaml", pack)
    assert {key: message.english for key, message in found.messages.items()} == {("", "走访"): {"Visits"}}


def test_pieces_of_f_strings_are_reported():
    found = extract.Found()
    extract.from_python(found, "quxin/x.py", 'def f(n):\n    return f"还有 {n} 天"')
    assert len(found.pieces) == 2
    assert found.messages == {}


@pytest.mark.parametrize(
    ("template", "calls"),
    [
        ('{% trans "保存" %}', [("gettext", ["保存"])]),
        ('<c-x title="{% trans \'说\' %}" />{{ a|default:_("空") }}', [("gettext", ["说"]), ("_", ["空"])]),
        ("{% blocktrans trimmed with n=3 %}\n 共 {{ n }} 条\n{% endblocktrans %}", [("gettext", ["共 %(n)s 条"])]),
        (
            "{% blocktrans count n=3 %}{{ n }} 处{% plural %}{{ n }} 处{% endblocktrans %}",
            [("ngettext", ["%(n)s 处", "%(n)s 处"])],
        ),
        ("{# 说明 #}<p>{{ name }}</p>", []),
    ],
)
def test_what_templates_give(template, calls):
    assert list(extract.template_calls(template)) == calls


def test_placeholders_are_found():
    assert extract.placeholders("“%(text)s”有 %(n)d 处，%s，{value}，100%%") == {"%(text)s", "%(n)d", "%s", "{value}"}


def test_a_run_keeps_translations_and_drops_what_is_gone(tmp_path):
    path = tmp_path / "django.po"
    found = extract.Found()
    extract.from_python(found, "quxin/x.py", 'a = _("存")\nb = _("旧")')
    assert extract.update(found, path) == (2, 0)
    po = polib.pofile(str(path))
    po.find("存").msgstr = "Save"
    po.save(str(path))
    later = extract.Found()
    extract.from_python(later, "quxin/x.py", 'a = _("存")\nb = _("新")')
    assert extract.update(later, path) == (1, 1)
    assert {entry.msgid: entry.msgstr for entry in polib.pofile(str(path))} == {"存": "Save", "新": ""}
    assert extract.untranslated(path) == ["新"]
