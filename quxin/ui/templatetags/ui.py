"""Tags and filters of every page: marks (lamps, figures, bars), dates, numbers, and links that keep the filters.

Marks are Python and not components because a board prints a thousand of them; `<c-lamp>` and `<c-figure>` call these,
so there is one markup for both.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from django import template
from django.http import QueryDict
from django.utils.html import conditional_escape, format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language, gettext

from quxin.ui import charts, words

register = template.Library()

for _filter in (
    words.zh_date,
    words.zh_day,
    words.zh_month,
    words.iso_date,
    words.iso_time,
    words.num,
    words.quantity,
    words.spoken,
    words.told,
    words.unit,
    words.lamp_title,
):
    register.filter(_filter.__name__, _filter)


# ---- marks ----------------------------------------------------------------------------------------------------------
@register.simple_tag
def lamp(state: str, text: Any = "", href: str = "", title: str = "", bare: bool = False) -> SafeString:
    """A lamp: shape and colour for the eye, a hidden word for the ear when `text` does not say the state itself.

    `state` is one of kept, going, due, late, none; anything else shows as none rather than as a false promise.
    """
    state = state if state in words.STATES else "none"
    word = words.lamp_title(state)
    shown = conditional_escape(text) if text not in ("", None) else conditional_escape(word)
    hidden = "" if text in ("", None) or title else format_html('<span class="sr">{}{}</span>', word, gettext("："))
    more = format_html(' title="{}"', title or word)
    css = f"lamp {state} bare" if bare else f"lamp {state}"
    if href:
        return format_html('<a class="{}" href="{}"{}>{}{}</a>', css, href, more, hidden, shown)
    return format_html('<span class="{}"{}>{}{}</span>', css, more, hidden, shown)


@register.simple_tag
def figure(text: Any, href: str = "", label: str = "", panel: bool = True) -> SafeString:
    """A number that is a link to its workings; it opens in the side panel, or as a page where there is no script.

    Without `href` it is plain text marked as having no source; without `text` it says that there are no data.
    """
    if text in ("", None):
        return format_html('<span class="fig void" title="{}">{}</span>', gettext("没有数据"), words.DASH)
    text = text if isinstance(text, SafeString) else _small_unit(words.quantity(text))
    label = words.spoken(label)
    if not href:
        return format_html('<span class="fig void">{}</span>', text)
    spoken = format_html(' aria-label="{}{}{}"', label, gettext("："), text) if label else ""
    opens = format_html(' hx-get="{}" hx-target="#panel"', href) if panel else ""
    return format_html('<a class="fig" href="{}"{}{}>{}</a>', href, opens, spoken, text)


def _small_unit(text: str) -> str:
    """An English unit is a word, and too long to be as large as its number."""
    number, blank, unit = text.partition(" ")
    is_quantity = not words.is_chinese() and blank and number.replace(",", "").replace(".", "").isdigit()
    return format_html("{} <small>{}</small>", number, unit) if is_quantity and unit.isalpha() else text


@register.simple_tag
def bar(share: Any, state: str = "", label: str = "", tall: bool = False) -> SafeString:
    """A bar as SVG (a width in a style attribute would be refused by the page's security policy). `share`: 0 to 100."""
    width = clamp(share)
    state = state if state in words.STATES else ("kept" if width >= 100 else "going")
    css = f"bar {state} tall" if tall else f"bar {state}"
    named = format_html(' role="img" aria-label="{}"', label) if label else mark_safe(' aria-hidden="true"')
    return format_html('<svg class="{}"{}><rect width="{}%" height="100%"/></svg>', css, named, f"{width:g}")


@register.filter
def clamp(value: Any) -> float:
    """A share between 0 and 100; anything that is no number is 0."""
    try:
        return min(100.0, max(0.0, round(float(value), 1)))
    except (TypeError, ValueError):
        return 0.0


@register.filter
def share(part: Any, whole: Any) -> float:
    """`part` of `whole` in per cent, 0 where there is no whole: for the length of bars, never for printing."""
    try:
        return clamp(100 * float(part) / float(whole))
    except (TypeError, ValueError, ZeroDivisionError):
        return 0.0


@register.simple_tag
def shape(state: str) -> SafeString:
    """The bare shape of a lamp, for legends and notices."""
    return format_html('<span class="shape {}" aria-hidden="true"></span>', state if state in words.STATES else "none")


@register.filter
def mask(name: Any) -> str:
    """A name on screens that need no full one: 王*, 欧阳**; the family name stays, the given name does not."""
    text = str(name or "").strip()
    if len(text) <= 1:
        return text
    keep = 2 if len(text) > 3 else 1
    return text[:keep] + "*" * (len(text) - keep)


# ---- attributes -----------------------------------------------------------------------------------------------------
@register.filter
def flat(attrs: Any) -> SafeString:
    """A component's left-over attributes as HTML, escaped: cotton's own `{{ attrs }}` does not escape bound values."""
    items = attrs.attrs_dict() if hasattr(attrs, "attrs_dict") else (attrs if isinstance(attrs, Mapping) else {})
    pairs = [(key, value) for key, value in items.items() if value not in (None, False) and _is_attribute(key)]
    return format_html_join("", ' {}="{}"', ((k, "" if v is True else v) for k, v in pairs))


def _is_attribute(key: str) -> bool:
    return key.replace("-", "").replace("_", "").replace(":", "").isalnum() and not key.lower().startswith("on")


# ---- links ----------------------------------------------------------------------------------------------------------
@register.simple_tag(takes_context=True)
def query(context: template.Context, **changes: Any) -> SafeString:
    """The current query string with changes: `{% query page=2 %}`; None or "" drops a key, page falls back to 1.

    Sorting and filtering start again at the first page, so `page` is dropped unless it is given.
    """
    request = context.get("request")
    values = request.GET.copy() if request is not None else QueryDict(mutable=True)
    values.pop("page", None)
    for key, value in changes.items():
        if value in (None, ""):
            values.pop(key, None)
        elif isinstance(value, (list, tuple)):
            values.setlist(key, [str(item) for item in value])
        else:
            values[key] = str(value)
    return mark_safe("?" + conditional_escape(values.urlencode()))  # noqa: S308 — urlencoded, then escaped


@register.simple_tag(takes_context=True)
def sort_link(context: template.Context, key: str, text: str, name: str = "sort") -> SafeString:
    """A column title that sorts: first ascending, then descending (`-key`), keeping every filter in the address."""
    now = current_sort(context, name)
    return format_html(
        '<a class="sort" href="{}">{}</a>', query(context, **{name: f"-{key}" if now == key else key}), text
    )


@register.simple_tag(takes_context=True)
def sort_state(context: template.Context, key: str, name: str = "sort") -> SafeString:
    """` aria-sort="…"` for a column head, or nothing when the list is not sorted by it."""
    now = current_sort(context, name)
    if now.lstrip("-") != key:
        return mark_safe("")
    return format_html(' aria-sort="{}"', "descending" if now.startswith("-") else "ascending")


def current_sort(context: template.Context, name: str) -> str:
    """What the address asks to sort by, "" for nothing."""
    request = context.get("request")
    return request.GET.get(name, "") if request is not None else ""


@register.simple_tag
def pages(number: int, count: int) -> list[int | None]:
    """Page numbers for a pager: both ends, the neighbours of the current one, None for each gap."""
    count = max(1, int(count or 1))
    wanted = {1, count, *range(max(1, int(number) - 2), min(count, int(number) + 2) + 1)}
    out: list[int | None] = []
    for page in sorted(wanted):
        if out and out[-1] is not None and page - out[-1] > 1:
            out.append(None)
        out.append(page)
    return out


# ---- page -----------------------------------------------------------------------------------------------------------
@register.simple_tag(takes_context=True)
def theme(context: template.Context) -> SafeString:
    """` data-theme="…"` when the reader chose one (a cookie, so that the first paint is right), else nothing."""
    request = context.get("request")
    chosen = request.COOKIES.get("theme", "") if request is not None else ""
    return format_html(' data-theme="{}"', chosen) if chosen in ("light", "dark") else mark_safe("")


@register.simple_tag
def html_lang() -> str:
    """The `lang` of the page; simplified Chinese unless another language is active (fonts and line breaks hang on it)."""
    code = get_language() or "zh-hans"
    return "zh-Hans" if code.lower().startswith("zh") else code


@register.filter
def tone(tags: Any) -> str:
    """A message's Django level words to the notice's tone: ok, warn, error or info."""
    known = str(tags or "").split()
    for level, name in (("error", "error"), ("warning", "warn"), ("success", "ok")):
        if level in known:
            return name
    return "info"


@register.filter
def tone_lamp(name: str) -> str:
    """The shape that goes with a notice's tone."""
    return {"ok": "kept", "warn": "due", "error": "late"}.get(name, "going")


@register.filter
def item(mapping: Any, key: Any) -> Any:
    """`mapping[key]`, or "" where there is none: for boards that look cells up by row and column."""
    try:
        return mapping[key]
    except (KeyError, IndexError, TypeError):
        return ""


# ---- charts ---------------------------------------------------------------------------------------------------------
@register.simple_tag
def trend_svg(points: Iterable[tuple[str, float | None]], label: str = "") -> SafeString:
    """A line over time; a month without data is a gap, not a zero."""
    return charts.trend(list(points), label)


@register.simple_tag
def dots_svg(points: Iterable[tuple[str, float | None]], mine: str = "", unit: str = "", label: str = "") -> SafeString:
    """Peers as dots on one line, mine marked and named."""
    return charts.dots(list(points), mine, unit, label)


@register.simple_tag
def spark_svg(values: Iterable[float | None], label: str = "") -> SafeString:
    """A word-sized trend for a table cell."""
    return charts.spark(list(values), label)
