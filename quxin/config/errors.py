"""Pages for what went wrong before a view could answer: they say what happened and where to go."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """The page for a form whose token is missing or stale; nothing was saved and the browser still has what was typed."""
    return render(request, "ui/errors/csrf.html", status=403)


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
