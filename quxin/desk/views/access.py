"""Log in, log out, my account, help."""

import json
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import update_session_auth_hash, views
from django.contrib.auth.forms import AuthenticationForm, PasswordChangeForm
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import path
from django.utils.translation import gettext as _

from quxin.desk.shell import DeskRequest, desk_page, page


def demo_accounts() -> list[dict[str, Any]]:
    """The demonstration's accounts ({username, password, role, organisation}); none outside the demonstration."""
    return _demo().get("accounts", [])


def demo_trials() -> dict[str, Any]:
    """What may be tried without an account in the demonstration: "cards" ({round, title, codes}) and the "witness" who has not
    signed ({round, title, name, file, passphrase}).
    """
    return _demo().get("trials", {})


def _demo() -> dict[str, Any]:
    told = settings.QUXIN_HOME / "demo"
    if not (settings.DEMO and told.exists()):
        return {}
    return json.loads(told.read_text(encoding="utf-8"))


class LogIn(views.LoginView):
    """The log-in page; it lists the demonstration's accounts only when the demonstration runs."""

    template_name = "desk/login.html"
    authentication_form = AuthenticationForm
    redirect_authenticated_user = True

    def get_context_data(self, **kwargs):
        """Add the demonstration's accounts."""
        columns = [{"title": _(word)} for word in ("职责", "单位", "用户名", "密码")]
        given = {"demo_accounts": demo_accounts(), "demo_columns": columns, "demo_trials": demo_trials()}
        return super().get_context_data(**kwargs, **given)


@desk_page
def account(request: DeskRequest) -> HttpResponse:
    """My account: roles held, and the password."""
    form = PasswordChangeForm(request.user, request.POST or None)
    if request.method == "POST" and form.is_valid():
        user = form.save(commit=False)
        user.must_change_password = False
        user.save(update_fields=["password", "must_change_password"])
        update_session_auth_hash(request, user)
        messages.success(request, _("密码已经更换。"))
        return redirect("desk:account")
    return page(request, "desk/account.html", "account", form=form)


@desk_page
def help_page(request: DeskRequest) -> HttpResponse:
    """Help: what each place is for."""
    return page(request, "desk/help.html", "help")


urlpatterns = [
    path("login/", LogIn.as_view(), name="login"),
    path("logout/", views.LogoutView.as_view(), name="logout"),
    path("account/", account, name="account"),
    path("help/", help_page, name="help"),
]
