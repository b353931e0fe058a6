"""Log in, one-time passwords, and figures that a role has no right to."""

import pytest
from django.urls import reverse

from tests.cast import PASSWORD, build

pytestmark = pytest.mark.django_db
NEW = "another-long-password-7"


@pytest.fixture
def cast():
    return build()


def test_a_one_time_password_opens_only_the_page_that_changes_it(client, cast):
    account = cast.people["secretary"]
    account.must_change_password = True
    account.save()
    client.force_login(account)
    for name in ("desk:home", "desk:activities", "desk:help"):
        assert client.get(reverse(name)).headers["location"] == reverse("desk:account")
    form = {"old_password": PASSWORD, "new_password1": NEW, "new_password2": NEW}
    assert client.post(reverse("desk:account"), form).status_code == 302
    account.refresh_from_db()
    assert account.check_password(NEW)
    assert client.get(reverse("desk:home")).status_code == 200


@pytest.mark.parametrize("role", ["security-admin", "audit-admin"])
def test_administrators_of_accounts_and_audit_see_no_figures(client, cast, role):
    client.force_login(cast.people[role])
    assert client.get(reverse("desk:figure", args=["activities.sessions"])).status_code == 403


def test_a_wrong_password_says_what_to_do_and_keeps_the_name(client, cast):
    page = client.post(reverse("desk:login"), {"username": cast.people["secretary"].username, "password": "wrong"})
    assert page.status_code == 200
    assert "用户名或密码不对" in page.content.decode()
    assert cast.people["secretary"].username in page.content.decode()
