"""The WSGI entry that granian serves: Django, and in front of it a shortcut for ballots, which need nothing of a page."""

import os
from collections.abc import Callable, Iterable
from typing import Any

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "quxin.config.settings")
django_application = get_wsgi_application()

from quxin.portal import casting  # noqa: E402  (the settings must stand first)


def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    """Answer a request."""
    if environ["PATH_INFO"] == casting.PATH and environ["REQUEST_METHOD"] == "POST":
        return casting.application(environ, start_response)
    return django_application(environ, start_response)
