"""Organisations in public: the tree, search by name or pinyin, A–Z, and each one's promises, results and counts."""

from typing import Any

from django.core.paginator import Paginator
from django.db.models import Exists, OuterRef, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import path
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from quxin.briefs.commitments import with_words
from quxin.briefs.evaluations import evaluation_of
from quxin.briefs.evidence import latest_public_files
from quxin.briefs.wall import ORGANISATION_COUNTS
from quxin.briefs.wall import wall as wall_brief
from quxin.kernel import clock
from quxin.kernel.paths import ancestors
from quxin.kernel.text import narrow
from quxin.orgs.models import Organisation
from quxin.orgs.queries import by_name
from quxin.orgs.querysets import OrganisationQuerySet
from quxin.portal.shell import public_page
from quxin.records.commitments.queries import public_list

PAGE = 100
PROMISES = 20
FILES = 12
LETTERS = "abcdefghijklmnopqrstuvwxyz"


@require_safe
def organisations(request: HttpRequest) -> HttpResponse:
    """The first levels of the tree, or what is searched for, or one letter of the alphabet."""
    today = clock.today()
    words = narrow(request.GET.get("q", ""))[:60]
    letter = request.GET.get("letter", "").lower()[:1]
    standing = Organisation.objects.open_on(today)
    if words:
        found = _search(standing, words)
    elif letter in LETTERS and letter:
        found = standing.filter(initials__startswith=letter).order_by("sort_key", "pk")
    else:
        found = standing.filter(depth__lte=2).order_by("path")
    # Keys first, which an index has in their order: rows are fetched only of what the page shows.
    shown = Paginator(found.values_list("pk", flat=True), PAGE).get_page(request.GET.get("page"))
    keys = list(shown.object_list)
    rows = {row.pk: row for row in _with_parent(Organisation.objects.filter(pk__in=keys))}
    shown.object_list = [rows[key] for key in keys]
    context: dict[str, Any] = {"shown": shown, "q": words, "letter": letter, "letters": LETTERS}
    return public_page(request, "portal/organisations.html", tree=not words and not letter, **context)


@require_safe
def organisation(request: HttpRequest, code: str) -> HttpResponse:
    """One organisation: its counts, its promises and those of all below it, how it was judged, and what stands under it."""
    now = clock.now()
    today = clock.local_date(now)
    found = Organisation.objects.filter(code=code).select_related("successor").first()
    if found is None:
        raise Http404
    promises = public_list(today=today, path=found.path)
    shown = Paginator(with_words(promises), PROMISES).get_page(request.GET.get("page"))
    brief = wall_brief(
        shown, organisation=found, today=today, changed_among=promises, counts=ORGANISATION_COUNTS, most=0
    )
    above = list(Organisation.objects.filter(path__in=ancestors(found.path)).order_by("depth"))
    return public_page(
        request,
        "portal/organisation.html",
        place="",
        organisation=found,
        crumbs=[{"title": _("单位"), "href": "/organisations/"}]
        + [
            {"title": one.short_name or one.name, "href": f"/organisations/{one.code}/"}
            for one in above
            if one != found
        ],
        brief=brief,
        shown=shown,
        children=_with_children(
            Organisation.objects.open_on(today).filter(parent=found).order_by("kind", "sort_key", "pk")[:300]
        ),
        judged=evaluation_of(f"organisation:{found.pk}", now=now),
        files=latest_public_files(found.path, most=FILES),
        most_files=FILES,
        is_closed=found.closed_on is not None and found.closed_on <= today,
    )


def _search(standing: OrganisationQuerySet, words: str) -> OrganisationQuerySet:
    """By a part of the name, the first letters of its pinyin or the code; further words narrow it."""
    first, *more = words.split()[:6]
    found = by_name(standing, first)
    for word in more:
        found = found.filter(name__contains=word)
    return found


def _with_parent(rows: QuerySet[Organisation]) -> QuerySet[Organisation]:
    return _with_children(rows.select_related("parent"))


def _with_children(rows: QuerySet[Organisation]) -> QuerySet[Organisation]:
    return rows.annotate(has_children=Exists(Organisation.objects.filter(parent=OuterRef("pk"))))


urlpatterns = [
    path("organisations/", organisations, name="organisations"),
    path("organisations/<str:code>/", organisation, name="organisation"),
]
