"""Posters of promises: what was promised, by when, and the QR code of its public page. A page to print, and a PDF of it."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from quxin.kernel.errors import QuxinError
from quxin.kernel.hedged import print_number
from quxin.kernel.periods import zh_date
from quxin.kernel.scaled import unscale
from quxin.portal.shell import absolute
from quxin.records.commitments.models import Commitment
from quxin.records.commitments.rules import is_limit
from quxin.reports.poster import FONT_PACKAGE, SIZES, NoChineseFont, Poster, has_chinese_font, poster_pdf, size_of


@require_safe
def promise_poster(request: HttpRequest, code: str) -> HttpResponse:
    """The poster of a public promise as a page to print: `?size=A3` for the larger sheet, `?as=pdf` for the file.

    Where no file can be made, the page comes all the same and says why.
    """
    promise = get_object_or_404(Commitment.objects.public().select_related("organisation", "person"), code=code)
    back = reverse("portal:promise", args=[promise.code])
    poster = Poster(
        title=promise.text,
        organisation=promise.organisation.name,
        lines=lines(promise),
        url=absolute(request, back),
        size=size_of(request.GET.get("size", "")) or "A4",
        call="扫一扫，看进展、看改动、作评价",
    )
    failed, status = None, 200
    if request.GET.get("as") == "pdf":
        try:
            answer = HttpResponse(poster_pdf(poster), content_type="application/pdf")
        except QuxinError as error:
            failed = {"message": error.text(_), "hint": error.hint_text(_)}
            status = 503 if isinstance(error, NoChineseFont) else 422
        else:
            answer["Content-Disposition"] = f'inline; filename="promise-{promise.code}-{poster.size}.pdf"'
            return answer
    context = {
        "poster": poster,
        "sizes": [{"title": size, "href": f"?size={size}", "here": size == poster.size} for size in SIZES],
        "pdf_href": f"?size={poster.size}&as=pdf" if has_chinese_font() else "",
        "font_package": FONT_PACKAGE,
        "failed": failed,
        "back_href": back,
    }
    return render(request, "ui/poster.html", context, status=status)


def lines(promise: Commitment) -> tuple[str, ...]:
    """What stands on the poster under the promise's words: always in Chinese, as the sheet is."""
    target = print_number(unscale(promise.target), promise.unit)
    bound = f"{Commitment.Direction(promise.direction).label} " if is_limit(promise.direction) else ""
    told = [f"目标：{bound}{target}", f"兑现期限：{zh_date(promise.due_on)}"]
    if promise.person:
        told.insert(0, f"承诺人：{promise.person.name}")
    if promise.verifier:
        told.append(f"由谁核验：{promise.verifier}")
    return (*told, "公开以后的每一次改动，连同理由，都在网页上。")


urlpatterns = [path("promises/<str:code>/poster/", promise_poster, name="promise_poster")]
