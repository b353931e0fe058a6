"""Search: one box for everything, grouped; a group alone, page by page."""

from typing import Any

from django.http import HttpResponse
from django.urls import NoReverseMatch, path, reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from quxin.briefs.search import GROUPS, PAGE, Group, search
from quxin.desk.links import PAGES
from quxin.desk.shell import DeskRequest, desk_page, page

PLACES = {**PAGES, "person": "desk:person"}


@desk_page
def search_page(request: DeskRequest) -> HttpResponse:
    """What is found for `?q=`, a few of each kind; `?in=` one kind alone, with pages."""
    words = request.GET.get("q", "").strip()
    only = request.GET.get("in", "")
    only = only if only in GROUPS else ""
    asked = request.GET.get("page", "1")
    number = min(max(1, int(asked)), 10) if asked.isdigit() else 1
    groups = search(request.desk.actor, words, only=only, page=number)
    titles = _titles()
    return page(
        request,
        "desk/search/search.html",
        "search",
        q=words,
        only=only,
        only_title=titles.get(only, ""),
        groups=[_shown(group, titles, words) for group in groups if group.hits],
        number=number,
        next_href=_page(words, only, number + 1) if groups and groups[0].more and only else "",
        previous_href=_page(words, only, number - 1) if only and number > 1 else "",
        first=(number - 1) * PAGE + 1,
    )


def _titles() -> dict[str, str]:
    return {
        "organisation": _("单位"),
        "person": _("人员"),
        "campaign": _("主题活动"),
        "task": _("任务"),
        "commitment": _("承诺"),
        "activity": _("学习活动"),
        "progress": _("落实与表彰"),
    }


def _shown(group: Group, titles: dict[str, str], words: str) -> dict[str, Any]:
    return {
        "kind": group.kind,
        "title": titles[group.kind],
        "hits": [(hit, _href(hit.kind, hit.code)) for hit in group.hits],
        "more": f"?{urlencode({'q': words, 'in': group.kind})}" if group.more else "",
    }


def _href(kind: str, code: str) -> str:
    """The page of a hit; "" where the desk has none for its kind."""
    try:
        return reverse(PLACES[kind], args=[code])
    except NoReverseMatch:
        return ""


def _page(words: str, only: str, number: int) -> str:
    return f"?{urlencode({'q': words, 'in': only, 'page': str(number)})}"


urlpatterns = [path("search/", search_page, name="search")]
