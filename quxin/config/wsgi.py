"""The WSGI entry that granian serves: Django, and in front of it a shortcut for ballots, which need nothing of a page."""

import os
from collections.abc import Callable, Iterable
from typing import Any

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "quxin.config.settings")
django_application = get_wsgi_application()

from quxin.portal import casting  # noqa: E402  (the settings must stand first)


def application(asked: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    """Answer a request."""
    if asked["PATH_INFO"] == casting.PATH and asked["REQUEST_METHOD"] == "POST":
        return casting.application(asked, start_response)
    return django_application(asked, start_response)
