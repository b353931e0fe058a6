"""Forms that change the tree: what each asks, what it says before it is done, and the operation that does it.

Not for rules: operations refuse what may not be, and their words come back into the form.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django import forms
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from quxin.access import Action, Actor, scopes
from quxin.desk.shell import Desk
from quxin.kernel.text import squeeze
from quxin.orgs import operations
from quxin.orgs.models import Level, Membership, Organisation, OrganisationKind, PartyType
from quxin.orgs.querysets import within

Done = Callable[[Desk, Organisation, dict[str, Any]], Organisation]
OFFERED = 300


class DayInput(forms.DateInput):
    """The browser's own calendar."""

    input_type = "date"

    def __init__(self) -> None:
        super().__init__(format="%Y-%m-%d")


class OrganisationName(forms.CharField):
    """An organisation by its official code, address code or name in full, among those that the actor sees.

    Its value is the organisation; a name that means several, or none, is an error that says which are near.
    """

    def __init__(self, *, kinds: tuple[str, ...] = (), action: Action = Action.VIEW, **kwargs: Any) -> None:
        self.actor: Actor | None = None
        self.kinds, self.action = kinds, action
        kwargs.setdefault("help_text", gettext_lazy("写单位的编码或全称；写一部分时会列出相近的。"))
        super().__init__(max_length=120, **kwargs)

    def clean(self, value: Any) -> Any:
        """The organisation, or None for an empty optional field."""
        text = squeeze(super().clean(value) or "")
        if not text:
            return None
        found = self._found(text)
        if len(found) == 1:
            return found[0]
        near = [one.name for one in found] or self._near(text)
        raise forms.ValidationError(
            _("有多个单位叫这个名字，请改写编码。")
            if found
            else _("没有找到这个单位。") + (_("相近的有：%s。") % "、".join(near) if near else "")
        )

    def _seen(self) -> QuerySet[Organisation]:
        if self.actor is None:
            return Organisation.objects.none()
        seen = Organisation.objects.filter(within(scopes(self.actor, self.action)), closed_on__isnull=True)
        return seen.filter(kind__in=self.kinds) if self.kinds else seen

    def _found(self, text: str) -> list[Organisation]:
        by_code = list(self._seen().filter(Q(code=text) | Q(official_code=text.upper()))[:1])
        return by_code or list(self._seen().filter(Q(name=text) | Q(short_name=text))[:2])

    def _near(self, text: str) -> list[str]:
        near = self._seen().filter(Q(name__contains=text) | Q(initials__startswith=text.lower()))
        return list(near.order_by("depth", "sort_key").values_list("name", flat=True)[:5])


class ChangeForm(forms.Form):
    """What every change asks: the day and the reason; `version` is the one that the user saw."""

    on = forms.DateField(
        label=gettext_lazy("从哪一天起"),
        widget=DayInput,
        help_text=gettext_lazy("这一天之前的记录和数字，仍在原来的名称和位置上。"),
    )
    reason = forms.CharField(
        label=gettext_lazy("依据或理由"),
        max_length=300,
        required=False,
        help_text=gettext_lazy("例如批准文号。会写进这个单位的经过。"),
    )
    version = forms.IntegerField(required=False, widget=forms.HiddenInput)
    field_order: list[str] | None = None

    def __init__(self, *args: Any, desk: Desk, organisation: Organisation, **kwargs: Any) -> None:
        self.desk, self.organisation = desk, organisation
        initial = {"on": desk.today, "version": organisation.version} | kwargs.pop("initial", {})
        super().__init__(*args, **{**kwargs, "initial": initial})
        for field in self.fields.values():
            if isinstance(field, OrganisationName):
                field.actor = desk.actor
        order = [name for name in self.fields if name not in ("on", "reason", "version")]
        self.order_fields([*order, "on", "reason", "version"])

    def told(self) -> list[tuple[str, str]]:
        """What was filled in, as (label, words), for the page that asks whether to go on."""
        return [
            (str(self.fields[name].label), _shown(self.fields[name], value))
            for name, value in self.cleaned_data.items()
            if name != "version" and value not in (None, "", [])
        ]


def _shown(field: forms.Field, value: Any) -> str:
    if isinstance(field, forms.MultipleChoiceField):
        labels = dict(field.choices)  # type: ignore[arg-type]
        return "、".join(str(labels.get(one, one)) for one in value)
    if isinstance(field, forms.ChoiceField):
        return str(dict(field.choices).get(value, value))  # type: ignore[arg-type]
    return value.isoformat() if hasattr(value, "isoformat") else str(value)


def _choices(choices: type, empty: bool = True) -> list[tuple[str, Any]]:
    return ([("", _("（不填）"))] if empty else []) + [(value, _(label)) for value, label in choices.choices]  # type: ignore[attr-defined]


class CreateForm(ChangeForm):
    """A new organisation below this one."""

    name = forms.CharField(label=gettext_lazy("名称"), max_length=120, help_text=gettext_lazy("全称。"))
    kind = forms.ChoiceField(label=gettext_lazy("类别"))
    party_type = forms.ChoiceField(label=gettext_lazy("党组织类型"), required=False)
    level = forms.ChoiceField(label=gettext_lazy("层级"), required=False)
    official_code = forms.CharField(label=gettext_lazy("编码"), max_length=30, required=False)
    short_name = forms.CharField(label=gettext_lazy("简称"), max_length=60, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["kind"].choices = _choices(OrganisationKind, empty=False)  # type: ignore[attr-defined]
        self.fields["party_type"].choices = _choices(PartyType)  # type: ignore[attr-defined]
        self.fields["party_type"].help_text = _("类别选“党组织”时必填，其他不填。")
        self.fields["level"].choices = _choices(Level)  # type: ignore[attr-defined]
        self.fields["on"].help_text = _("批准设立的日期。")


class RenameForm(ChangeForm):
    """A new name from a day."""

    name = forms.CharField(label=gettext_lazy("新名称"), max_length=120)
    short_name = forms.CharField(label=gettext_lazy("新简称"), max_length=60, required=False)


class CorrectForm(ChangeForm):
    """What was written wrongly: no day, because it was never right."""

    name = forms.CharField(label=gettext_lazy("名称"), max_length=120)
    official_code = forms.CharField(label=gettext_lazy("编码"), max_length=30, required=False)
    short_name = forms.CharField(label=gettext_lazy("简称"), max_length=60, required=False)
    level = forms.ChoiceField(label=gettext_lazy("层级"), required=False)
    party_type = forms.ChoiceField(label=gettext_lazy("党组织类型"), required=False)
    note = forms.CharField(label=gettext_lazy("备注"), required=False, widget=forms.Textarea(attrs={"rows": 3}))

    def __init__(self, *args: Any, organisation: Organisation, **kwargs: Any) -> None:
        given = ("name", "short_name", "level", "party_type", "note")
        now = {name: getattr(organisation, name) for name in given}
        now["official_code"] = organisation.official_code or ""
        super().__init__(*args, organisation=organisation, initial=now, **kwargs)
        self.fields["level"].choices = _choices(Level)  # type: ignore[attr-defined]
        self.fields["party_type"].choices = _choices(PartyType)  # type: ignore[attr-defined]
        del self.fields["on"]
        if organisation.kind != OrganisationKind.PARTY:
            del self.fields["party_type"]


class MoveForm(ChangeForm):
    """Under another parent, with all below."""

    to = OrganisationName(label=gettext_lazy("划转到哪个单位之下"))


class MergeForm(ChangeForm):
    """Into another organisation."""

    into = OrganisationName(label=gettext_lazy("并入哪个单位"))


class CloseForm(ChangeForm):
    """Closed on a day; what still belongs to it goes to a successor."""

    successor = OrganisationName(
        label=gettext_lazy("由谁承接"),
        required=False,
        help_text=gettext_lazy("下级、党员和任职转给它。没有下级、没有人时可以不填。"),
    )


class ReopenForm(ChangeForm):
    """A closing that was wrong."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        del self.fields["on"]
        self.fields["reason"].required = True


class SplitForm(ChangeForm):
    """A part becomes an organisation of its own, beside this one."""

    name = forms.CharField(label=gettext_lazy("新单位的名称"), max_length=120)
    official_code = forms.CharField(label=gettext_lazy("新单位的编码"), max_length=30, required=False)
    children = forms.MultipleChoiceField(
        label=gettext_lazy("划出哪些下级"), required=False, widget=forms.CheckboxSelectMultiple
    )
    members = forms.MultipleChoiceField(
        label=gettext_lazy("划出哪些党员"), required=False, widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        below = Organisation.objects.filter(parent=self.organisation).open_on(self.desk.today)
        self.below = {row.code: row for row in below.order_by("sort_key", "pk")[:OFFERED]}
        people = Membership.objects.filter(organisation=self.organisation, until_on__isnull=True)
        people = people.select_related("person").order_by("person__sort_key", "pk")[:OFFERED]
        self.people = {row.person.code: row for row in people}
        self._offer("children", [(code, row.name) for code, row in self.below.items()])
        self._offer("members", [(code, row.person.name) for code, row in self.people.items()])

    def _offer(self, name: str, choices: list[tuple[str, str]]) -> None:
        if choices:
            self.fields[name].choices = choices  # type: ignore[attr-defined]
        else:
            del self.fields[name]


# --- done ---


def _create(desk: Desk, organisation: Organisation, given: dict[str, Any]) -> Organisation:
    given.pop("version")
    return operations.create_organisation(parent=organisation, actor=desk.actor, now=desk.now, **given)


def _rename(desk: Desk, organisation: Organisation, given: dict[str, Any]) -> Organisation:
    given["short_name"] = given["short_name"] or None
    return operations.rename(organisation, actor=desk.actor, now=desk.now, **given)


def _correct(desk: Desk, organisation: Organisation, given: dict[str, Any]) -> Organisation:
    """The name has a history of its own, the rest has not: two operations, each only where something differs."""
    name = given.pop("name")
    version, reason = given.pop("version"), given.pop("reason")
    hand = {"actor": desk.actor, "now": desk.now, "reason": reason}
    details = {field: value for field, value in given.items() if value != (getattr(organisation, field) or "")}
    if name != organisation.name:
        organisation = operations.correct_name(organisation, name=name, version=version, **hand)
        version = organisation.version
        if not details:
            return organisation
    return operations.correct_details(organisation, version=version, **details, **hand)


def _move(desk: Desk, organisation: Organisation, given: dict[str, Any]) -> Organisation:
    return operations.move(organisation, actor=desk.actor, now=desk.now, **given)


def _merge(desk: Desk, organisation: Organisation, given: dict[str, Any]) -> Organisation:
    given.pop("version")
    return operations.merge([organisation], actor=desk.actor, now=desk.now, **given)


def _close(desk: Desk, organisation: Organisation, given: dict[str, Any]) -> Organisation:
    return operations.close(organisation, actor=desk.actor, now=desk.now, **given)


def _reopen(desk: Desk, organisation: Organisation, given: dict[str, Any]) -> Organisation:
    return operations.reopen(organisation, actor=desk.actor, now=desk.now, **given)


def _split(desk: Desk, organisation: Organisation, given: dict[str, Any]) -> Organisation:
    form = SplitForm(desk=desk, organisation=organisation)
    part = operations.Part(
        name=given.pop("name"),
        official_code=given.pop("official_code"),
        children=tuple(form.below[code] for code in given.pop("children", [])),
        members=tuple(form.people[code] for code in given.pop("members", [])),
    )
    return operations.split(organisation, parts=[part], actor=desk.actor, now=desk.now, **given)[0]


@dataclass(frozen=True, slots=True)
class Act:
    """A change: its title, what it says beforehand, its form, what does it; whether it asks for rights above."""

    title: str
    note: str
    form: type[ChangeForm]
    do: Done
    done: str
    above: bool = False
    for_closed: bool = False


ACTS: dict[str, Act] = {
    "create": Act(
        "新建下级单位", "在这个单位之下设立内设机构、党组织或下级机关。", CreateForm, _create, "新单位已经建好。"
    ),
    "rename": Act(
        "更名", "从某一天起用新名称；那天以前的报告仍用旧名称。", RenameForm, _rename, "已经更名，旧名称留在经过里。"
    ),
    "move": Act(
        "划转",
        "连同全部下级，从某一天起归到另一个单位之下。以前的数字留在原处，在册人数随之划转。",
        MoveForm,
        _move,
        "已经划转。",
        above=True,
    ),
    "merge": Act("合并", "并入另一个单位：下级、党员和任职转过去，本单位撤销。", MergeForm, _merge, "已经合并。"),
    "split": Act("分设", "划出一部分成立新单位，与本单位并列。", SplitForm, _split, "新单位已经分设。", above=True),
    "close": Act("撤销", "从某一天起不再存在；历史记录和数字保留。", CloseForm, _close, "已经撤销，历史仍可查。"),
    "correct": Act(
        "更正",
        "改写错的名称、编码、层级、备注。真的更名请用“更名”。",
        CorrectForm,
        _correct,
        "已经更正，改动留在经过里。",
    ),
    "reopen": Act(
        "恢复",
        "撤销有误时恢复；已转给承接单位的下级和人员要另行转回。",
        ReopenForm,
        _reopen,
        "已经恢复。",
        for_closed=True,
    ),
}
