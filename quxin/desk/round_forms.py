"""The forms of the three screens that set a round up: what, who, when. One of each shows what a draft holds by itself."""

from datetime import timedelta
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from quxin.records.evaluations.drafting import Witness
from quxin.records.evaluations.suppression import HIGHEST_MINIMUM, LOWEST_MINIMUM

LONGEST_DAYS = 180
USUAL_DAYS = 7
MOST_CARDS = 2000
MOST_WITNESSES = 7
FEWEST_SHOWN = 2
LISTS = ("promises", "organisations", "members")


class DayInput(forms.DateInput):
    """A day as browsers take it."""

    def __init__(self) -> None:
        super().__init__(attrs={"type": "date"}, format="%Y-%m-%d")


def check_days(form: forms.Form, cleaned: dict[str, Any]) -> None:
    """Say beside the last day when the two days make no sense together."""
    first, last = cleaned.get("opens_on"), cleaned.get("last_on")
    if first and last and last < first:
        form.add_error("last_on", ValidationError(_("最后一天不能早于第一天。")))
    if first and last and (last - first).days > LONGEST_DAYS:
        form.add_error("last_on", ValidationError(_("一轮评议最长 %(days)s 天。") % {"days": LONGEST_DAYS}))


class WhatForm(forms.Form):
    """What is judged, by which questionnaire. `shown` is the questionnaire that the page was drawn for."""

    evaluation = forms.ChoiceField(
        label=gettext_lazy("用哪份问卷"),
        help_text=gettext_lazy("正在办的活动的问卷排在最前面。换一份以后，点“看这份问卷”。"),
    )
    shown = forms.CharField(required=False, widget=forms.HiddenInput)
    mark = forms.CharField(required=False, widget=forms.HiddenInput)
    title = forms.CharField(
        label=gettext_lazy("评议名称"),
        max_length=200,
        help_text=gettext_lazy("投票的人看得懂的名字，例如“2026年下半年民主评议行风”。"),
    )
    branch = forms.ChoiceField(label=gettext_lazy("哪个党组织"), required=False)
    find = forms.CharField(
        label=gettext_lazy("查找"),
        required=False,
        max_length=60,
        help_text=gettext_lazy("下面只列出一部分。写几个字再点“查找”，已经勾选的会留着。"),
    )
    promises = forms.MultipleChoiceField(
        label=gettext_lazy("评议已公开的承诺"), required=False, widget=forms.CheckboxSelectMultiple
    )
    organisations = forms.MultipleChoiceField(
        label=gettext_lazy("评议单位"), required=False, widget=forms.CheckboxSelectMultiple
    )
    members = forms.MultipleChoiceField(
        label=gettext_lazy("评议党员"), required=False, widget=forms.CheckboxSelectMultiple
    )


class WhenForm(forms.Form):
    """When, from how many ballots on, who witnesses (so many rows at least); of a roster also whether a panel is drawn."""

    mark = forms.CharField(required=False, widget=forms.HiddenInput)
    opens_on = forms.DateField(label=gettext_lazy("第一天"), widget=DayInput())
    last_on = forms.DateField(
        label=gettext_lazy("最后一天"),
        widget=DayInput(),
        help_text=gettext_lazy("这一天还可以投票。公布以后不能提前结束。"),
    )
    minimum = forms.IntegerField(
        label=gettext_lazy("最少票数"),
        min_value=LOWEST_MINIMUM,
        max_value=HIGHEST_MINIMUM,
        help_text=gettext_lazy("一个群体不到这么多票就不公布，免得看出是谁评的。"),
    )
    panel = forms.IntegerField(
        label=gettext_lazy("抽样人数（每个群体）"),
        required=False,
        min_value=0,
        max_value=5000,
        help_text=gettext_lazy(
            "不填就请名册上所有人来评。填了，就在公布时按账本的封存随机抽出这么多人，谁都能重抽核对。"
        ),
    )

    def __init__(self, *args: Any, by_roster: bool, witnesses: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not by_roster:
            del self.fields["panel"]
        given = self.data if self.is_bound else self.initial
        sent = [number + 1 for number in range(MOST_WITNESSES) if f"name_{number}" in given]
        self.rows = min(MOST_WITNESSES, max(FEWEST_SHOWN, witnesses, *sent, 0))
        for number in range(self.rows):
            self.fields |= _witness_fields(number)

    def clean(self) -> dict[str, Any]:
        """The days make sense together; anything else is the operation's to say."""
        cleaned = super().clean() or {}
        check_days(self, cleaned)
        return cleaned

    def witness_rows(self) -> list[tuple[int, list[Any]]]:
        """(number from 1, its three bound fields) of each row."""
        return [
            (number + 1, [self[f"{part}_{number}"] for part in ("name", "role", "key")]) for number in range(self.rows)
        ]

    def witnesses(self) -> list[Witness]:
        """The rows that somebody filled in."""
        given = self.cleaned_data
        rows = [
            [(given.get(f"{part}_{n}") or "").strip() for part in ("name", "role", "key")] for n in range(self.rows)
        ]
        return [Witness(name, role, "".join(key.split())) for name, role, key in rows if name or role or key]


def _witness_fields(number: int) -> dict[str, forms.Field]:
    return {
        f"name_{number}": forms.CharField(label=gettext_lazy("监票人姓名"), required=False, max_length=60),
        f"role_{number}": forms.CharField(
            label=gettext_lazy("身份（纪检监督、群众代表）"), required=False, max_length=60
        ),
        f"key_{number}": forms.CharField(
            label=gettext_lazy("公钥"),
            required=False,
            max_length=200,
            widget=forms.TextInput(attrs={"class": "mono", "autocomplete": "off", "spellcheck": "false"}),
        ),
    }


def usual_days(today: Any) -> dict[str, Any]:
    """The days that a form proposes: a week from today."""
    return {"opens_on": today, "last_on": today + timedelta(days=USUAL_DAYS - 1)}
