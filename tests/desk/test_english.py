"""English is a whole second language: pages, errors and refusals in it, never half and half."""

import pytest
from django.conf import settings
from django.utils.translation import gettext, override

from quxin.access import ANYONE, Action, Refused, require
from quxin.orgs.nodes import BadDay


@pytest.mark.django_db
def test_a_page_in_english(client):
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"
    text = client.get("/desk/login/").content.decode()
    assert '<html lang="en"' in text
    assert "Log in" in text
    assert "Password" in text
    assert "登录" not in text
    assert "密码" not in text


def test_an_error_in_english_with_its_reason():
    with pytest.raises(Refused) as refused:
        require(ANYONE, Action.RECORD_ACTIVITY, "1")
    assert refused.value.text() == "您没有办这件事的权限：尚未登录"
    with override("en"):
        assert refused.value.text(gettext) == "You may not do this: you are not logged in"
        said = BadDay(day="2026-11-22", why="还没有到这一天").text(gettext)
    assert said == "The date 2026-11-22 cannot be used: that day has not come yet"
