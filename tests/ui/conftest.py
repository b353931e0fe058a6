"""The look is tested with addresses of its own, so that it never waits for a face."""

import pytest
from django.template import RequestContext, Template
from django.test import RequestFactory


@pytest.fixture(autouse=True)
def gallery_settings(settings):
    """The gallery's addresses, shown as in the demonstration."""
    settings.ROOT_URLCONF = "tests.ui.urls"
    settings.DEMO = True


@pytest.fixture
def draw():
    """Render a template's text: `draw('<c-lamp state="kept" />', name=value)`; `at` is the address asked for."""

    def render(text: str, at: str = "/", cookies: dict[str, str] | None = None, /, **values: object) -> str:
        from django_cotton.compiler_regex import CottonCompiler

        compiled = CottonCompiler().process("{% load ui i18n %}" + text)
        request = RequestFactory().get(at)
        request.COOKIES.update(cookies or {})
        return Template(compiled).render(RequestContext(request, values)).strip()

    return render
