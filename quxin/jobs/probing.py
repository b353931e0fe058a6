"""Casts the probes of `records.evaluations.canaries` the way a voter's browser does: opens the page, reads its form, solves its
puzzle, sends it. Through addresses and all middleware of this process, not past them; the network alone is left out.

It knows the page by what a browser sees of it, never by its code: a grade that the form does not offer is refused as well.
"""

import io
from dataclasses import dataclass, field
from html.parser import HTMLParser
from http.cookies import SimpleCookie
from urllib.parse import urlencode, urlsplit

from django.conf import settings
from django.core.handlers.wsgi import WSGIHandler, WSGIRequest
from django.http import HttpResponseBase
from django.urls import reverse
from django.utils import translation

from quxin.kernel.work import solve

NOT_OFFERED = "页面上没有这个等级。"
NO_FORM = "页面上没有评议表单（%s）。"
NOT_TAKEN = "提交以后没有给回执（%s）。"


@dataclass(slots=True)
class Form:
    """A page's ballot form: its hidden fields, the grades that it offers, its puzzle; and what the page says went wrong."""

    fields: dict[str, str] = field(default_factory=dict)
    grades: set[str] = field(default_factory=set)
    puzzle: str = ""
    said: str = ""


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.form = Form()
        self._alert = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if self._alert and tag not in ("path", "br", "input"):
            self._alert += 1
        elif given.get("role") == "alert":
            self._alert = 1
        if "data-work" in given:
            self.form.puzzle = given["data-work"]
        if tag == "input" and given.get("type") == "hidden":
            self.form.fields[given.get("name", "")] = given.get("value", "")
        if tag == "input" and given.get("type") == "radio" and given.get("name") == "grade":
            self.form.grades.add(given.get("value", ""))

    def handle_endtag(self, tag: str) -> None:
        self._alert = max(0, self._alert - 1)

    def handle_data(self, data: str) -> None:
        if self._alert:
            self.form.said = f"{self.form.said} {data.strip()}".strip()


class Browser:
    """One phone of one voter: keeps cookies, opens and sends pages of this site within this process."""

    def __init__(self) -> None:
        self._handler = WSGIHandler()
        self._cookies: SimpleCookie = SimpleCookie()

    def get(self, address: str) -> HttpResponseBase:
        """Open a page."""
        return self._ask("GET", address, b"")

    def post(self, address: str, fields: dict[str, str]) -> HttpResponseBase:
        """Send a form."""
        return self._ask("POST", address, urlencode(fields).encode())

    def _ask(self, method: str, address: str, body: bytes) -> HttpResponseBase:
        scheme = "https" if settings.HTTPS else "http"
        host = _host()
        environ = {
            "REQUEST_METHOD": method,
            "PATH_INFO": address,
            "QUERY_STRING": "",
            "SERVER_NAME": host.partition(":")[0],
            "SERVER_PORT": "443" if settings.HTTPS else "80",
            "SERVER_PROTOCOL": "HTTP/1.1",
            "REMOTE_ADDR": "127.0.0.1",
            "HTTP_HOST": host,
            "HTTP_X_FORWARDED_PROTO": scheme,
            "HTTP_REFERER": f"{scheme}://{host}{address}",
            "HTTP_ACCEPT_LANGUAGE": "zh-Hans",
            "HTTP_COOKIE": "; ".join(f"{name}={one.value}" for name, one in self._cookies.items()),
            "CONTENT_TYPE": "application/x-www-form-urlencoded",
            "CONTENT_LENGTH": str(len(body)),
            "wsgi.url_scheme": scheme,
            "wsgi.input": io.BytesIO(body),
            "wsgi.errors": io.StringIO(),
        }
        # A page leaves its reader's language behind; the worker's thread goes on in its own.
        with translation.override(translation.get_language()):
            answer = self._handler.get_response(WSGIRequest(environ))
        self._cookies.update(answer.cookies)
        return answer


def cast_probe(subject: str, grade: int, submission: str) -> str:
    """Cast one grade on a subject as a voter would; "" when a receipt was given, else what was said. `submission` is the page's
    own to choose, so the one offered is not used.
    """
    browser, address = Browser(), reverse("portal:evaluate", args=[subject])
    page = browser.get(address)
    form = _read(page)
    if page.status_code != 200 or "submission" not in form.fields:
        return form.said or NO_FORM % page.status_code
    if str(grade) not in form.grades:
        return NOT_OFFERED
    fields = form.fields | {"grade": str(grade), "work": solve(form.puzzle) if form.puzzle else ""}
    sent = browser.post(address, fields)
    receipt = sent.status_code == 302 and sent.headers.get("Location") == reverse("portal:evaluated", args=[subject])
    return "" if receipt else _read(sent).said or NOT_TAKEN % sent.status_code


def _read(answer: HttpResponseBase) -> Form:
    reader = _Reader()
    reader.feed(getattr(answer, "content", b"").decode("utf-8", "replace"))
    return reader.form


def _host() -> str:
    """A name under which this site answers."""
    if settings.PUBLIC_URL:
        return urlsplit(settings.PUBLIC_URL).netloc
    plain = [host for host in settings.ALLOWED_HOSTS if not host.startswith((".", "*"))]
    return plain[0] if plain else "localhost"
