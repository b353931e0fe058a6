"""What every public page shares: whose pages these are, the places to go, and the way to the desk.

No log-in, no session, no actor: what the public may see is decided by queries (`public()`), never here.
"""

from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import NoReverseMatch, reverse
from django.utils.translation import pgettext

from quxin.orgs.models import Organisation

PLACES = (
    # title, url name
    ("承诺墙", "portal:wall"),
    ("单位", "portal:organisations"),
    ("评议", "portal:rounds"),
    ("账本", "portal:seals"),
)


def public_page(request: HttpRequest, template: str, *, status: int = 200, **context: Any) -> HttpResponse:
    """Render `template` in the portal's frame; `context` may give place, links or owner itself (the place costs a query)."""
    frame = {"links": links(request), "desk_href": href("desk:home")}
    if "place" not in context:
        frame["place"] = place()
    return render(request, template, {**frame, **context}, status=status)


def links(request: HttpRequest) -> list[dict[str, Any]]:
    """The places of the portal that exist in this installation; `here` marks the one that this page belongs to."""
    found = []
    for title, name in PLACES:
        address = href(name)
        if address:
            here = request.path == address or (address != "/" and request.path.startswith(address))
            found.append({"title": pgettext("place", title), "href": address, "here": here})
    return found


def href(name: str) -> str:
    """The address of a route, "" while there is no such route."""
    try:
        return reverse(name)
    except NoReverseMatch:
        return ""


def vote_href(code: str) -> str:
    """Where the voters of a roster's round fetch their tokens; "" while there is no such route."""
    try:
        return reverse("portal:vote", args=[code])
    except NoReverseMatch:
        return ""


def place() -> str:
    """Whose pages these are: the name of the first root of the tree."""
    return Organisation.objects.filter(depth=1).order_by("path").values_list("name", flat=True).first() or ""


def absolute(request: HttpRequest, address: str) -> str:
    """`address` (from the root) as the whole public address: under PUBLIC_URL if it is set, else where it was asked."""
    return f"{settings.PUBLIC_URL}{address}" if settings.PUBLIC_URL else request.build_absolute_uri(address)
