"""Home: what must I do. The to-dos come with the page; what can wait a moment follows as a fragment."""

from typing import Any

from django.http import HttpResponse
from django.urls import NoReverseMatch, path, reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from quxin.access import Action, may
from quxin.briefs.home import LATE, LATER, NEXT, TODAY, WEEK, Home, Todo, home_brief
from quxin.briefs.home_side import HomeSide, home_side
from quxin.desk.shell import DeskRequest, desk_page, page
from quxin.ui.words import zh_date, zh_day

WEEKDAYS = "一二三四五六日"


@desk_page
def home(request: DeskRequest) -> HttpResponse:
    """To-dos and tasks; `?part=side` is the fragment with promises, minutes and voices, `?all=1` the whole at once."""
    desk = request.desk
    if request.GET.get("part") == "side":
        return page(request, "desk/home/side.html", "home", **_side(request))
    brief = home_brief(desk.actor, desk.organisation, today=desk.today, now=desk.now)
    whole = _side(request) if request.GET.get("all") else {}
    return page(
        request,
        "desk/home/home.html",
        "home",
        brief=brief,
        groups=_groups(brief, request),
        note=_note(brief, request),
        may_record=may(desk.actor, Action.RECORD_ACTIVITY, desk.organisation.path),
        **whole,
    )


def _groups(brief: Home, request: DeskRequest) -> list[dict[str, Any]]:
    titles = {LATE: _("逾期"), TODAY: _("今天"), WEEK: _("本周"), NEXT: _("下周"), LATER: _("以后")}
    return [
        {"key": bucket, "title": titles[bucket], "items": [_item(todo, request) for todo in todos]}
        for bucket, todos in brief.todos
    ]


def _note(brief: Home, request: DeskRequest) -> str:
    """2026年11月21日 星期六 · 逾期 2 件，本周还要办 4 件."""
    today = request.desk.today
    parts = []
    if brief.late:
        parts.append(ngettext("逾期 %(n)s 件", "逾期 %(n)s 件", brief.late) % {"n": brief.late})
    if brief.this_week:
        parts.append(ngettext("本周还要办 %(n)s 件", "本周还要办 %(n)s 件", brief.this_week) % {"n": brief.this_week})
    day = f"{zh_date(today)} 星期{WEEKDAYS[today.weekday()]}" if zh_date(today).endswith("日") else zh_date(today)
    return f"{day} · {_('，').join(parts)}" if parts else f"{day} · {_('没有到期的事项')}"


# --- to-dos in words ---


def _item(todo: Todo, request: DeskRequest) -> dict[str, Any]:
    """A to-do as <c-todo> takes it: what, when, and the address of the form that ends it."""
    title, note, action = _words(todo)
    return {
        "title": title,
        "note": note,
        "action": action,
        "href": _href(todo),
        "when": _when(todo, request),
        "on": todo.on,
        "state": todo.bucket if todo.bucket in (LATE, TODAY) else "",
    }


def _words(todo: Todo) -> tuple[str, str, str]:
    """Title, the line below it, and the verb on the button."""
    title, note = _(todo.title), _(todo.note)
    said = {"title": title, "n": todo.count, "number": todo.number}
    several = [part for part in (note, todo.number) if part]
    told = {
        "duty": (title, " · ".join(several), _("去记一条") if todo.what else _("去办结")),
        "item": (_("补上“%(title)s”") % said, " · ".join(several), _("去登记")),
        "review": (
            _("审核承诺：%(title)s") % said,
            " · ".join([note, *([_("含模糊用语：%(number)s") % said] if todo.number else [])]),
            _("去审核"),
        ),
        "reviews": (
            ngettext("审核承诺 %(n)s 份", "审核承诺 %(n)s 份", todo.count) % said,
            _("其中 %(number)s 份含模糊用语，系统已标出") % said if todo.number != "0" else "",
            _("去审核"),
        ),
        "promise": (_("报一次进展：%(title)s") % said, " · ".join(several), _("去填报")),
        "returned": (_("修改被退回的承诺：%(title)s") % said, note, _("去修改")),
        "draft": (_("提交承诺：%(title)s") % said, note, _("去提交")),
        "explain": (_("公开说明未兑现的原因：%(title)s") % said, note, _("去说明")),
        "round": (_("评议已到期，请封存：%(title)s") % said, "", _("去封存")),
        "complaints": (
            ngettext("答复差评 %(n)s 条", "答复差评 %(n)s 条", todo.count) % said,
            _("最早一条的期限见左；答复公开"),
            _("去答复"),
        ),
        "decide": (_("评议已封存，请集体决定等次：%(title)s") % said, "", _("去决定")),
        "closing": (
            _("活动已期满，请写明成效、结束活动：%(title)s") % said,
            _("期限到 %(number)s；在结束以前，各单位仍可照常登记") % said,
            _("去结束"),
        ),
        "refused": (
            _("%(title)s：有 %(n)s 行被退回，改好再传") % said,
            _("退回的行已单独成表，写明了原因"),
            _("去看看"),
        ),
    }
    return told[todo.kind]


def _href(todo: Todo) -> str:
    """Where one click leads: the form, preset, where there is one; else the record's own page."""
    if todo.what:
        name = "desk:activity_new" if todo.what == "activity" else "desk:progress_new"
        preset = {
            "org": todo.organisation,
            "kind": todo.record,
            "series": todo.series,
            "campaign": todo.campaign,
        }
        return f"{reverse(name)}?{urlencode({key: value for key, value in preset.items() if value})}"
    places = {
        "duty": ("desk:assignment",),
        "review": ("desk:commitment_review", "desk:commitment"),
        "promise": ("desk:commitment_progress", "desk:commitment"),
        "returned": ("desk:commitment_edit", "desk:commitment"),
        "draft": ("desk:commitment",),
        "explain": ("desk:commitment_explain", "desk:commitment"),
        "round": ("desk:round",),
        "decide": ("desk:round_decide",),
        "closing": ("desk:campaign_close",),
        "refused": ("desk:run",),
    }
    if todo.kind == "complaints":
        return reverse("desk:complaints")
    if todo.kind == "reviews":
        return f"{reverse('desk:commitments')}?state=submitted"
    return _first(places[todo.kind], todo.code)


def _first(names: tuple[str, ...], code: str) -> str:
    """The address of the first of the pages that takes just the record's code."""
    for name in names[:-1]:
        try:
            return reverse(name, args=[code])
        except NoReverseMatch:
            continue
    return reverse(names[-1], args=[code])


def _when(todo: Todo, request: DeskRequest) -> str:
    today = request.desk.today
    if todo.on is None:
        return _("不限日期")
    late = todo.days_late(today)
    if late >= 2 * 365:
        return ngettext("逾期 %(n)s 年", "逾期 %(n)s 年", late // 365) % {"n": late // 365}
    if late:
        return ngettext("逾期 %(n)s 天", "逾期 %(n)s 天", late) % {"n": late}
    if todo.on == today:
        return _("今天")
    return zh_day(todo.on) if (todo.on - today).days < 100 else zh_date(todo.on)


# --- what stands below ---


def _side(request: DeskRequest) -> dict[str, Any]:
    desk = request.desk
    side: HomeSide = home_side(desk.actor, desk.organisation, today=desk.today, now=desk.now)
    return {
        "side": side,
        "promises": [(row, _(row.lamp_text) % {"n": row.days_left}) for row in side.promises],
        "promise_columns": [
            {"title": _("承诺事项")},
            {"title": _("衡量")},
            {"title": _("完成"), "num": True},
            {"title": _("期限")},
            {"title": _("状态")},
        ],
    }


urlpatterns = [path("", home, name="home")]
