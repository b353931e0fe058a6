"""What every page of the desk shares: who acts, for which organisation and period, and the frame around the page.

Not for rules: a view loads, makes one domain call and renders; what may be done is asked of `access`.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from functools import wraps
from typing import Any

from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.forms import Form
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from quxin.access import Action, Actor, Refused, may
from quxin.kernel import clock
from quxin.kernel.errors import QuxinError
from quxin.kernel.periods import Period, PeriodError, quarter_of
from quxin.orgs.accounts import build_actor
from quxin.orgs.models import Account, Organisation
from quxin.ui.words import spoken

View = Callable[..., HttpResponseBase]


@dataclass(frozen=True, slots=True)
class Desk:
    """Where the person stands: the actor, the organisation looked at, the period, and the clock as of this request."""

    actor: Actor
    organisation: Organisation
    period: Period
    today: date
    now: datetime


class DeskRequest(HttpRequest):
    """A request that went through `desk_page`: somebody is logged in."""

    desk: Desk
    user: Account


# What may be opened with a one-time password: the page that changes it.
BEFORE_PASSWORD = frozenset({"desk:account"})


def desk_page(view: View) -> View:
    """Log-in, actor, organisation and period for a staff page; what the actor may not see does not exist (404)."""

    @wraps(view)
    def wrapped(request: DeskRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not request.user.is_authenticated:
            return redirect_to_login(request.get_full_path())
        if request.user.must_change_password and _name_of(request) not in BEFORE_PASSWORD:
            messages.warning(request, _("这是一次性密码：请先换成自己的密码，再办别的事。"))
            return redirect("desk:account")
        request.desk = _desk(request)
        try:
            return view(request, *args, **kwargs)
        except Refused as refused:
            return _refuse(request, refused)

    return wrapped


def _name_of(request: HttpRequest) -> str:
    return request.resolver_match.view_name if request.resolver_match else ""


def page(request: DeskRequest, template: str, here: str, *, status: int = 200, **context: Any) -> HttpResponse:
    """Render `template` in the desk's frame; `here` is the key of the place in the navigation."""
    return render(request, template, {**frame(request, here), **context}, status=status)


def frame(request: DeskRequest, here: str) -> dict[str, Any]:
    """The context that ui/desk.html takes."""
    desk = request.desk
    return {
        "desk": desk,
        "nav": navigation(desk, here),
        "org_switch": {
            "title": desk.organisation.short_name or desk.organisation.name,
            "options": _organisation_options(request),
            "search_href": reverse("desk:organisations"),
        },
        "period_switch": {"title": spoken(desk.period), "options": _period_options(request)},
        "search_href": reverse("desk:search"),
        "help_href": reverse("desk:help"),
        "account": {
            "name": str(request.user),
            "role": desk.organisation.name,
            "links": [{"title": _("我的账号"), "href": reverse("desk:account")}],
            "logout_href": reverse("desk:logout"),
        },
        "user_key": f"a{request.user.pk}",
    }


PLACES = (
    # key, group, title, url name, key after g, action that opens the place
    ("home", "", "今日要办", "desk:home", "h", Action.VIEW),
    ("campaigns", "闭环", "部署", "desk:campaigns", "d", Action.VIEW),
    ("commitments", "闭环", "承诺", "desk:commitments", "c", Action.VIEW),
    ("progress", "闭环", "落实", "desk:progress", "l", Action.VIEW),
    ("activities", "闭环", "学习活动", "desk:activities", "a", Action.VIEW),
    ("rounds", "闭环", "评议", "desk:rounds", "p", Action.VIEW),
    ("honours", "底册", "表彰", "desk:honours", "b", Action.VIEW),
    ("reports", "底册", "报告", "desk:reports", "r", Action.VIEW),
    ("organisations", "底册", "组织", "desk:organisations", "o", Action.VIEW),
    ("imports", "底册", "导入", "desk:imports", "i", Action.IMPORT),
    ("ledger", "底册", "账本", "desk:ledger", "z", Action.VERIFY_LEDGER),
    ("audit", "底册", "审计", "desk:audit", "u", Action.VIEW_AUDIT),
    ("accounts", "底册", "账号", "desk:accounts", "n", Action.MANAGE_ACCOUNTS),
)


def navigation(desk: Desk, here: str) -> list[dict[str, Any]]:
    """The left navigation, following the loop; places that the actor may not open are left out."""
    return [
        {
            "key": letter,
            "group": _(group) if group else "",
            "title": _(title),
            "href": reverse(name),
            "here": key == here,
        }
        for key, group, title, name, letter, action in PLACES
        if may(desk.actor, action, desk.organisation.path)
    ]


def put_errors(form: Form, error: QuxinError, field: str | None = None) -> None:
    """Put an error of an operation into its form, translated, with what to do; nothing typed is lost."""
    words = error.text(_)
    hint = error.hint_text(_)
    form.add_error(field, f"{words} {hint}".strip())


def get_visible(queryset: Any, actor: Actor, **lookup: Any) -> Any:
    """The one object of `queryset` that the actor may see; Http404 otherwise, whether or not it exists."""
    found = queryset.visible_to(actor).filter(**lookup).first()
    if found is None:
        raise Http404
    return found


def _desk(request: DeskRequest) -> Desk:
    now = clock.now()
    today = clock.local_date(now)
    actor = build_actor(request.user, today)
    organisation = _organisation(request, actor)
    return Desk(actor, organisation, _period(request, today), today, now)


def _organisation(request: HttpRequest, actor: Actor) -> Organisation:
    """The organisation asked for (?org=CODE), else the one looked at last, else the first that the actor has a role in."""
    asked = request.GET.get("org", "")
    visible = Organisation.objects.visible_to(actor)
    if asked:
        found = visible.filter(code=asked).first()
        if found is None:
            raise Http404
        _keep(request, "org", found.code)
        return found
    kept = request.session.get("org")
    found = visible.filter(code=kept).first() if kept else None
    if found is None and actor.grants:
        found = Organisation.objects.filter(path=min(grant.path for grant in actor.grants)).first()
    if found is None:
        raise Http404(_("这个账号还没有授权到任何单位。"))
    return found


def _period(request: HttpRequest, today: date) -> Period:
    """The period asked for (?period=2010-04..2010-11), else the one used last, else this quarter."""
    asked = request.GET.get("period", "")
    if asked:
        try:
            period = Period.parse(asked)
        except PeriodError as error:
            raise Http404 from error
        # A link to a figure or a report says its own period; only the switch in the top bar changes the desk's.
        if "keep" in request.GET:
            _keep(request, "period", str(period))
        return period
    kept = request.session.get("period")
    return Period.parse(kept) if kept else quarter_of(today)


def _keep(request: HttpRequest, name: str, value: str) -> None:
    """Remember a choice for the next page; a panel that opens beside the page does not move the page."""
    if request.headers.get("HX-Request") != "true" and request.session.get(name) != value:
        request.session[name] = value


def _organisation_options(request: DeskRequest) -> list[dict[str, Any]]:
    paths = {grant.path for grant in request.desk.actor.grants}
    current = request.desk.organisation
    if paths <= {current.path}:
        return [{"title": current.name, "href": _with(request, org=current.code), "here": True}]
    rows = list(Organisation.objects.filter(path__in=paths).order_by("path")[:12])
    if current.pk not in {row.pk for row in rows}:
        rows.append(current)
    return [{"title": row.name, "href": _with(request, org=row.code), "here": row.pk == current.pk} for row in rows]


def _period_options(request: DeskRequest) -> list[dict[str, Any]]:
    today, current = request.desk.today, request.desk.period
    named = [
        quarter_of(today),
        Period.parse(f"{today:%Y-%m}"),
        Period.parse(str(today.year)),
        Period.parse(str(today.year - 1)),
    ]
    options = list(dict.fromkeys([*named, current]))
    return [
        {"title": spoken(option), "href": _with(request, period=str(option), keep="1"), "here": option == current}
        for option in options
    ]


def _with(request: HttpRequest, **changes: str) -> str:
    query = request.GET.copy()
    for key, value in changes.items():
        query[key] = value
    query.pop("page", None)
    return f"{request.path}?{query.urlencode()}"


def _refuse(request: DeskRequest, refused: Refused) -> HttpResponse:
    """A known person without the right gets the reason; what he cannot even see gets 404 in get_visible."""
    return render(request, "ui/errors/403.html", {"reason": refused.text(_)}, status=403)
