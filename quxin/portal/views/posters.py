"""Posters of promises as PDF: what was promised, by when, and the QR code of its public page."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from quxin.kernel.errors import QuxinError
from quxin.kernel.hedged import print_number
from quxin.kernel.periods import zh_date
from quxin.kernel.scaled import unscale
from quxin.portal.shell import absolute, public_page
from quxin.records.commitments.models import Commitment
from quxin.reports.poster import Size, poster_pdf


@require_safe
def promise_poster(request: HttpRequest, code: str) -> HttpResponse:
    """The poster of a public promise; `?size=A3` for the larger sheet. A poster that cannot be printed says why."""
    promise = get_object_or_404(Commitment.objects.public().select_related("organisation", "person"), code=code)
    size: Size = "A3" if request.GET.get("size", "").upper() == "A3" else "A4"
    try:
        pdf = poster_pdf(
            title=promise.text,
            organisation=promise.organisation.name,
            lines=lines(promise),
            url=absolute(request, reverse("portal:promise", args=[promise.code])),
            size=size,
            call="扫一扫，看进展、看改动、作评价",
        )
    except QuxinError as error:
        words = {"message": error.text(_), "hint": error.hint_text(_)}
        return public_page(request, "portal/poster_failed.html", status=503, place="", promise=promise, **words)
    response = HttpResponse(pdf, content_type="application/pdf")
    response["Content-Disposition"] = f'inline; filename="promise-{promise.code}-{size}.pdf"'
    return response


def lines(promise: Commitment) -> list[str]:
    """What stands on the poster under the promise's words: always in Chinese, as the sheet is."""
    told = [f"目标：{print_number(unscale(promise.target), promise.unit)}", f"兑现期限：{zh_date(promise.due_on)}"]
    if promise.person:
        told.insert(0, f"承诺人：{promise.person.name}")
    if promise.verifier:
        told.append(f"由谁核验：{promise.verifier}")
    return [*told, "公开以后的每一次改动，连同理由，都在网页上。"]


urlpatterns = [path("promises/<str:code>/poster.pdf", promise_poster, name="promise_poster")]
