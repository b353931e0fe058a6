"""Pages for what went wrong before a view could answer: they say what happened and where to go."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

STALE_PUBLIC = gettext_noop("这一页放得太久，或者浏览器没有存下本站的 Cookie，为安全起见没有收下这次提交。")
STALE_PUBLIC_HINT = gettext_noop(
    "请返回上一页，写过长话的先复制下来，刷新或重新扫码后再交一次；浏览器要允许本站的 Cookie。"
)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """The page for a form whose token is missing or stale; nothing was saved and the browser still has what was typed.

    Pages of the public keep no drafts (the page that judges has no script), so they get other advice.
    """
    public = not request.path.startswith("/desk/")
    context = {"message": _(STALE_PUBLIC), "hint": _(STALE_PUBLIC_HINT)} if public else {}
    return render(request, "ui/errors/csrf.html", context, status=403)


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """403: known person, not allowed."""
    return render(request, "ui/errors/403.html", {"reason": str(exception or "")}, status=403)


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """404: does not exist, or not for you; the page does not say which."""
    return render(request, "ui/errors/404.html", status=404)


def server_error(request: HttpRequest) -> HttpResponse:
    """500: our fault; says what to do."""
    # Without the request: a context processor may be what broke.
    return HttpResponse(render_to_string("ui/errors/500.html"), status=500)
