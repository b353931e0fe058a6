"""Templates carry no script or style of their own: the content security policy would block them."""

import re

import pytest

from tests.structure import exemptions
from tests.structure.tree import shown, templates

TEMPLATE_CODE = re.compile(r"\{#.*?#\}|\{%\s*comment.*?endcomment\s*%\}|\{%.*?%\}|\{\{.*?\}\}", re.DOTALL)
HTML_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
TAG = re.compile(r"<([a-zA-Z][\w.:-]*)((?:[^<>\"']|\"[^\"]*\"|'[^']*')*)>")
ATTRIBUTE = re.compile(r"([\w:@.-]+)\s*(?:=\s*(\"[^\"]*\"|'[^']*'|[^\s\"'>]+))?")
DATA_SCRIPT = re.compile(r"type=[\"']application/(ld\+)?json[\"']")


def own_script_or_style(text: str) -> list[str]:
    """Tags of a template with a script, a style, an event attribute or a `javascript:` address in them."""
    bare = HTML_COMMENT.sub("", TEMPLATE_CODE.sub("", text))
    found = []
    for name, rest in TAG.findall(bare):
        attributes = {key.lower(): value.strip("\"'") for key, value in ATTRIBUTE.findall(rest)}
        if (
            name.lower() == "style"
            or (name.lower() == "script" and "src" not in attributes and not DATA_SCRIPT.search(rest))
            or "style" in attributes
            or any(re.match(r"on[a-z]|hx-on|x-on|@", key) for key in attributes)
            or any(value.strip().lower().startswith("javascript:") for value in attributes.values())
        ):
            found.append(f"<{name}{rest[:60]}>")
    return found


@pytest.mark.parametrize(
    "bad",
    [
        "<script>go()</script>",
        '<script nonce="{{ n }}">go()</script>',
        "<style>p {}</style>",
        '<p style="color: red">x</p>',
        "<p style='color: {{ c }}'>x</p>",
        '<p {% if x %}class="a"{% endif %} style="top: 0">x</p>',
        '<a onclick="go()">x</a>',
        '<a\n  class="b"\n  onClick="go()"\n>x</a>',
        '<a href="javascript:go()">x</a>',
        '<button hx-on:click="go()">x</button>',
    ],
)
def test_what_is_caught(bad):
    assert own_script_or_style(bad)


@pytest.mark.parametrize(
    "good",
    [
        '<script src="{% static "ui/quxin.js" %}" defer></script>',
        '<script type="application/json" id="x">{}</script>',
        '<link rel="stylesheet" href="/static/ui.css">',
        '<p class="style" data-on="x" title="onclick=1 > 2">style="x"</p>',
        "{# <p style='x'> #}{% comment %}<style></style>{% endcomment %}<!-- <a onclick=1> -->",
        '<svg width="3"><rect fill="none" stroke="currentColor"/></svg>',
    ],
)
def test_what_may_stand(good):
    assert own_script_or_style(good) == []


def test_templates_have_no_script_or_style_of_their_own():
    found = {shown(path): own_script_or_style(path.read_text("utf-8")) for path in templates()}
    assert found
    assert {name: said for name, said in found.items() if said and name not in exemptions.INLINE} == {}
    assert [name for name in exemptions.INLINE if not found.get(name)] == []
