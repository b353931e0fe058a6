"""Accounts, for security administrators: open, grant, revoke, shut, reset. A first password is shown once, here.

Also where they ask for a person's number in full. Not for one's own password: that is `access`.
"""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache

from quxin.access import Action, Refused, Role, require, scopes
from quxin.briefs import accounts as briefs
from quxin.briefs.members import masked_people
from quxin.desk.organisation_forms import DayInput, OrganisationName
from quxin.desk.shell import Desk, DeskRequest, desk_page, page, put_errors
from quxin.kernel.errors import QuxinError
from quxin.kernel.text import squeeze
from quxin.orgs import operations
from quxin.orgs.accounts import NewAccount, RolesApart
from quxin.orgs.models import Account, Person, RoleGrant
from quxin.orgs.querysets import within

HERE = "accounts"


class NewAccountForm(forms.Form):
    """Who, and for which organisation with which role."""

    username = forms.CharField(label=gettext_lazy("登录名"), max_length=60)
    display_name = forms.CharField(label=gettext_lazy("显示名称"), max_length=60, required=False)
    staff_number = forms.CharField(
        label=gettext_lazy("本人工号"),
        max_length=40,
        required=False,
        help_text=gettext_lazy("填了就与名册上的这个人对应，可以写自己的承诺和学习。"),
    )
    organisation = OrganisationName(label=gettext_lazy("单位"), action=Action.MANAGE_ACCOUNTS)
    role = forms.ChoiceField(label=gettext_lazy("角色"))

    def __init__(self, *args: Any, desk: Desk, **kwargs: Any) -> None:
        self.desk = desk
        super().__init__(*args, **kwargs)
        self.fields["organisation"].actor = desk.actor  # type: ignore[attr-defined]
        self.fields["role"].choices = [(role.value, _(briefs.ROLE_TITLES[role])) for role in Role]  # type: ignore[attr-defined]

    def clean_staff_number(self) -> Person | None:
        """The person with that number, within what the administrator manages."""
        number = squeeze(self.cleaned_data["staff_number"])
        if not number:
            return None
        paths = scopes(self.desk.actor, Action.MANAGE_ACCOUNTS)
        place = within(paths, "memberships__organisation__path") | within(paths, "posts__organisation__path")
        found = Person.objects.filter(place, staff_number=number, erased_at__isnull=True).first()
        if found is None or Account.objects.filter(person=found).exists():
            raise forms.ValidationError(_("名册上没有这个工号，或者这个人已经有账号。"))
        return found


class GrantForm(forms.Form):
    """A role for a subtree, from a day."""

    role = forms.ChoiceField(label=gettext_lazy("角色"))
    organisation = OrganisationName(label=gettext_lazy("单位（含全部下级）"), action=Action.MANAGE_ACCOUNTS)
    on = forms.DateField(label=gettext_lazy("从哪一天起"), widget=DayInput)

    def __init__(self, *args: Any, desk: Desk, **kwargs: Any) -> None:
        kwargs["initial"] = {"on": desk.today}
        super().__init__(*args, **kwargs)
        self.fields["organisation"].actor = desk.actor  # type: ignore[attr-defined]
        self.fields["role"].choices = [(role.value, _(briefs.ROLE_TITLES[role])) for role in Role]  # type: ignore[attr-defined]


@desk_page
def accounts(request: DeskRequest) -> HttpResponse:
    """The accounts of the subtree, filtered; and people whose numbers may have to be seen."""
    desk = request.desk
    require(desk.actor, Action.MANAGE_ACCOUNTS, desk.organisation.path)
    role, number = request.GET.get("role", ""), request.GET.get("page", "1")
    wanted: dict[str, Any] = {
        "search": request.GET.get("q", "").strip()[:60],
        "role": role if role in set(Role) else "",
        "shut": request.GET.get("shut") == "1",
    }
    person = request.GET.get("person", "").strip()[:60]
    return page(
        request,
        "desk/accounts.html",
        HERE,
        found=briefs.account_page(
            desk.actor,
            today=desk.today,
            page=int(number) if number.isdigit() else 1,
            **wanted,
        ),
        roles=list(briefs.ROLE_TITLES.items()),
        people=masked_people(desk.actor, person),
        person=person,
        columns=[
            {"title": _("登录名")},
            {"title": _("名称")},
            {"title": _("角色和单位")},
            {"title": _("最近登录")},
            {"title": _("状态")},
        ],
        **wanted,
    )


@never_cache
@desk_page
def account_new(request: DeskRequest) -> HttpResponse:
    """Open an account with its first role; the password stands on the answer and nowhere else."""
    desk = request.desk
    require(desk.actor, Action.MANAGE_ACCOUNTS, desk.organisation.path)
    form = NewAccountForm(request.POST if request.method == "POST" else None, desk=desk)
    if form.is_bound and form.is_valid():
        made = _open(desk, form)
        if made is not None:
            return _shown(request, made.account, made.password, _("账号已经建好"))
    return page(request, "desk/account_new.html", HERE, form=form, crumbs=_crumbs())


def _open(desk: Desk, form: NewAccountForm) -> NewAccount | None:
    """The account with its role, both or neither; None when refused, with the words in the form."""
    given = form.cleaned_data
    hand: dict[str, Any] = {"actor": desk.actor, "now": desk.now}
    try:
        return operations.open_account(
            username=given["username"],
            display_name=given["display_name"],
            person=given["staff_number"],
            organisation=given["organisation"],
            role=given["role"],
            on=desk.today,
            **hand,
        )
    except Refused:
        raise
    except QuxinError as error:
        put_errors(form, _in_words(error))
        return None


def _in_words(error: QuxinError) -> QuxinError:
    """Roles by their titles, where an error names them."""
    if isinstance(error, RolesApart):
        titles = {key: _(briefs.ROLE_TITLES.get(str(value), str(value))) for key, value in error.params.items()}
        return RolesApart(**titles)
    return error


@never_cache
@desk_page
def account_page(request: DeskRequest, username: str) -> HttpResponse:
    """One account: its roles, and what can be done with it."""
    desk = request.desk
    found = briefs.visible_accounts(desk.actor, today=desk.today).filter(username=username).first()
    if found is None:
        raise Http404
    act = request.POST.get("act", "") if request.method == "POST" else ""
    form = GrantForm(request.POST if act == "grant" else None, desk=desk)
    if act == "password":
        password = operations.set_password(found, actor=desk.actor, now=desk.now)
        return _shown(request, found, password, _("密码已经重设"))
    if act and _acted(request, found, act, form):
        return redirect("desk:account_page", username=found.username)
    return page(
        request,
        "desk/account_page.html",
        HERE,
        row=briefs.account_rows([found], today=desk.today)[0],
        form=form,
        is_own=desk.actor.account == found.pk,
        crumbs=_crumbs(),
    )


def _acted(request: DeskRequest, found: Account, act: str, form: GrantForm) -> bool:
    """Whether the act was done; what refused it is in the form or in a message."""
    desk = request.desk
    hand: dict[str, Any] = {"actor": desk.actor, "now": desk.now}
    try:
        if act == "grant":
            if not form.is_valid():
                return False
            operations.grant_role(found, **form.cleaned_data, **hand)
            messages.success(request, _("已经授权。"))
        elif act == "revoke":
            operations.revoke_role(_grant(found, request.POST.get("grant", "")), on=desk.today, **hand)
            messages.success(request, _("授权已经收回。"))
        elif act == "deactivate":
            operations.deactivate(found, **hand)
            messages.success(request, _("账号已经停用。"))
        elif act == "reactivate":
            operations.reactivate(found, **hand)
            messages.success(request, _("账号已经启用。"))
    except Refused:
        raise
    except QuxinError as error:
        if act != "grant":
            messages.error(request, f"{error.text(_)} {error.hint_text(_)}".strip())
            return True
        put_errors(form, _in_words(error))
        return False
    return True


def _grant(found: Account, key: str) -> RoleGrant:
    grant = RoleGrant.objects.filter(account=found, pk=int(key) if key.isdigit() else 0).first()
    if grant is None:
        raise Http404
    return grant


def _shown(request: DeskRequest, account: Account, password: str, title: str) -> HttpResponse:
    return page(
        request,
        "desk/account_password.html",
        HERE,
        account_shown=account,
        password=password,
        title=title,
        crumbs=_crumbs(),
    )


def _crumbs() -> list[dict[str, str]]:
    return [{"title": _("账号"), "href": reverse("desk:accounts")}]


urlpatterns = [
    path("accounts/", accounts, name="accounts"),
    path("accounts/new/", account_new, name="account_new"),
    # A log-in name may be anything printable, so it stands last and whole.
    path("accounts/of/<path:username>/", account_page, name="account_page"),
]
