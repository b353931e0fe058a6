"""Sealed roots: what anyone may save today and hold against the ledger tomorrow."""

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import path
from django.views.decorators.http import require_safe

from quxin.ledger.models import Seal
from quxin.ledger.seals import public_seals, seal_json
from quxin.portal.shell import public_page

PAGE = 50


@require_safe
def seals(request: HttpRequest) -> HttpResponse:
    """Every seal, the newest first, and how to verify it in plain words."""
    rows = Seal.objects.select_related("book").order_by("-sealed_at", "book__key", "-number")
    shown = Paginator(rows, PAGE).get_page(request.GET.get("page"))
    listed = [(seal, seal_json(seal, seal.book)) for seal in shown]
    return public_page(request, "portal/seals.html", shown=shown, listed=listed)


@require_safe
def seals_file(request: HttpRequest) -> HttpResponse:
    """All seals as JSON, to be saved by anybody."""
    response = JsonResponse({"seals": public_seals()}, json_dumps_params={"indent": 1})
    response["Content-Disposition"] = 'attachment; filename="quxin-seals.json"'
    return response


urlpatterns = [
    path("seals/", seals, name="seals"),
    path("seals/seals.json", seals_file, name="seals_file"),
]
