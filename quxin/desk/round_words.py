"""What the pages of a round say alike: the steps of setting one up, and where two people's versions of a draft differ."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.http import QueryDict
from django.urls import reverse
from django.utils.translation import gettext as _

from quxin.desk.round_rosters import Standing, groups_of
from quxin.kernel import clock
from quxin.records.evaluations.drafting import Witness
from quxin.records.evaluations.models import Round
from quxin.records.evaluations.rules import last_day

STEPS = (
    ("what", "desk:round_what"),
    ("who", "desk:round_who"),
    ("when", "desk:round_when"),
    ("check", "desk:round_check"),
)


def draft_tabs(found: Round | None, here: str) -> list[dict[str, Any]]:
    """The three screens and the check; before the first is saved it stands alone."""
    titles = {"what": _("1 评什么"), "who": _("2 谁来评"), "when": _("3 什么时候评"), "check": _("核对、公布")}
    if found is None:
        return [{"title": titles["what"], "href": reverse("desk:round_setup"), "here": True}]
    return [
        {"title": titles[key], "href": reverse(name, args=[found.code]), "here": key == here} for key, name in STEPS
    ]


def what_differs(found: Round, given: Mapping[str, Any], stored: QueryDict) -> list[dict[str, Any]]:
    """Rows for <c-diff>: title and number of the judged, as stored and as typed."""
    found.refresh_from_db()
    lists = (("promises", _("承诺")), ("organisations", _("单位")), ("members", _("党员")))
    rows = [{"title": _("评议名称"), "before": found.title, "after": given.get("title", "")}]
    for name, title in lists:
        before, after = set(stored.getlist(name)), set(given.get(name, ()))
        if before or after:
            rows.append({"title": title, "before": _counted(before, after), "after": _counted(after, before)})
    return [row | {"same": row["before"] == row["after"]} for row in rows]


def who_differs(found: Round, sent: QueryDict, stored: Mapping[str, Standing]) -> list[dict[str, Any]]:
    """Rows for <c-diff>: per group who stands by name and on cards, as stored and as typed."""
    rows = []
    for number, group in enumerate(groups_of(found)):
        held = stored[group["id"]]
        before, after = held.labels, [one for one in sent.get(f"labels_{number}", "").splitlines() if one.strip()]
        told = _("领票卡：写明发给谁的 %(named)s 张，不写名的 %(cards)s 张")
        rows.append(
            {
                "title": group["title"],
                "before": told % {"named": len(before), "cards": held.cards} + f"；{_short(before)}",
                "after": told % {"named": len(after), "cards": sent.get(f"cards_{number}") or 0} + f"；{_short(after)}",
            }
        )
    return rows


def when_differs(stored: Round, given: Mapping[str, Any], witnesses: Sequence[Witness]) -> list[dict[str, Any]]:
    """Rows for <c-diff>: days, minimum, panel and witnesses, as stored and as typed."""
    pairs = [
        (_("第一天"), clock.local_date(stored.opens_at), given.get("opens_on")),
        (_("最后一天"), last_day(stored), given.get("last_on")),
        (_("最少票数"), stored.minimum, given.get("minimum")),
        (_("抽样人数（每个群体）"), stored.panel.get("size", 0), given.get("panel") or 0),
        (
            _("监票人"),
            _("、").join(one["name"] for one in stored.witnesses),
            _("、").join(one.name for one in witnesses),
        ),
    ]
    return [{"title": title, "before": str(a), "after": str(b), "same": a == b} for title, a, b in pairs]


def _counted(mine: set[str], other: set[str]) -> str:
    extra = len(mine - other)
    return _("%(n)s 个") % {"n": len(mine)} + (_("，其中 %(n)s 个对方没有") % {"n": extra} if extra else "")


def _short(names: Sequence[str]) -> str:
    return _("、").join(names[:20]) + ("…" if len(names) > 20 else "")
