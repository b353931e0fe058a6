"""The promise wall: the portal's first page, and the same for a big screen in a hall."""

from typing import Any

from django.core.paginator import Page, Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import path
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from quxin.briefs.commitments import with_words
from quxin.briefs.evaluations import Result, round_brief
from quxin.briefs.wall import wall as wall_brief
from quxin.kernel import clock
from quxin.orgs.models import Organisation
from quxin.portal.shell import public_page
from quxin.records.commitments import queries
from quxin.records.commitments.models import Commitment
from quxin.records.evaluations.models import Round

PAGE = 50
SCREEN = 8
VOICES = 4
SCREEN_SECONDS = 15
SCREEN_SECONDS_WIDEST = 300


@require_safe
def wall(request: HttpRequest) -> HttpResponse:
    """Published promises, filtered by what the address says; `?screen=1` turns the pages by itself."""
    today = clock.today()
    root = _root()
    if root is None:
        return public_page(request, "portal/wall_empty.html", place="")
    organisation = _organisation(request) or root
    asked = {key: request.GET.get(key, "").strip()[:60] for key in ("q", "stands", "kind")}
    found = queries.public_list(
        today=today,
        words=asked["q"],
        stands=asked["stands"],
        kind=asked["kind"],
        path="" if organisation == root else organisation.path,
    )
    screen = request.GET.get("screen") == "1"
    shown = Paginator(with_words(found), SCREEN if screen else PAGE).get_page(request.GET.get("page"))
    brief = wall_brief(shown, organisation=organisation, today=today, changed_among=found, most=4 if screen else 6)
    context: dict[str, Any] = {"brief": brief, "shown": shown, "today": today, "organisation": organisation}
    context |= {"place": root.name, "asked": asked, "filtered": any(asked.values()) or organisation != root}
    if screen:
        return _screen(request, shown, context)
    return public_page(request, "portal/wall.html", **context, **_filters(request, asked, organisation, root))


def _screen(request: HttpRequest, shown: Page, context: dict[str, Any]) -> HttpResponse:
    """A page for a hall. It turns by a header of the answer, so that it needs no script; `hold=1` stops it."""
    after = shown.number % max(1, shown.paginator.num_pages) + 1
    query = request.GET.copy()
    query["page"] = str(after)
    query.pop("hold", None)
    following = f"?{query.urlencode()}"
    held = request.GET.get("hold") == "1"
    query["page"], query["hold"] = str(shown.number), "1"
    response = public_page(
        request,
        "portal/wall_screen.html",
        **context,
        following=following,
        hold=f"?{query.urlencode()}",
        held=held,
        voices=_voices(),
    )
    if not held:
        response["Refresh"] = f"{_seconds(request)}; url={request.path}{following}"
    return response


def _voices() -> list[Result]:
    """What people said in the round closed last, where it may be shown."""
    latest = Round.objects.public().filter(state=Round.State.CLOSED).order_by("-closed_at").first()
    results = round_brief(latest, now=clock.now()).results if latest else ()
    return [one for one in results if one.satisfied is not None][:VOICES]


def _seconds(request: HttpRequest) -> int:
    asked = request.GET.get("seconds", "")
    return min(max(int(asked), 5), SCREEN_SECONDS_WIDEST) if asked.isdecimal() and len(asked) < 6 else SCREEN_SECONDS


def _root() -> Organisation | None:
    return Organisation.objects.filter(depth=1).order_by("path").first()


def _organisation(request: HttpRequest) -> Organisation | None:
    code = request.GET.get("org", "")
    if not code:
        return None
    found = Organisation.objects.filter(code=code).first()
    if found is None:
        raise Http404
    return found


def _filters(
    request: HttpRequest, asked: dict[str, str], organisation: Organisation, root: Organisation
) -> dict[str, Any]:
    """The choices of the filters, and a chip for each that is set."""
    kinds = [(str(value), _(str(label))) for value, label in Commitment.Kind.choices]
    stands = [(key, _(title)) for key, title in queries.STANDS.items()]
    titles = {"stands": dict(stands), "kind": dict(kinds)}
    chips = [
        {"title": titles.get(key, {}).get(value, value), "href": without(request, key)}
        for key, value in asked.items()
        if value
    ]
    if organisation != root:
        chips.append({"title": organisation.name, "href": without(request, "org")})
    return {"kinds": kinds, "stands": stands, "chips": chips}


def without(request: HttpRequest, *keys: str) -> str:
    """This address without some of its filters, and on the first page."""
    query = request.GET.copy()
    for key in (*keys, "page"):
        query.pop(key, None)
    return f"{request.path}?{query.urlencode()}" if query else request.path


urlpatterns = [path("", wall, name="wall")]
