"""Forms about people: enter one, join, transfer, change status, leave, appoint, correct, erase; and what does each.

Not for rules: operations refuse what may not be, and their words come back into the form.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django import forms
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from quxin.desk.organisation_forms import DayInput, OrganisationName
from quxin.desk.shell import Desk
from quxin.orgs import operations
from quxin.orgs.models import Membership, MemberStatus, Organisation, OrganisationKind, Person

PARTY = (OrganisationKind.PARTY.value,)


class PersonForm(forms.Form):
    """A form about one person; `on` is the day from which it holds."""

    def __init__(self, *args: Any, desk: Desk, person: Person, **kwargs: Any) -> None:
        self.desk, self.person = desk, person
        self.current = (
            Membership.objects.filter(person=person, until_on__isnull=True).select_related("organisation").first()
        )
        kwargs["initial"] = {"on": desk.today} | self.first() | (kwargs.get("initial") or {})
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            if isinstance(field, OrganisationName):
                field.actor = desk.actor
        self.offer()

    def first(self) -> dict[str, Any]:
        """Initial values."""
        return {}

    def offer(self) -> None:
        """Fill choices that depend on the person."""


class NewPersonForm(forms.Form):
    """A person and where he belongs: on the roll of a party organisation, or in a post elsewhere."""

    name = forms.CharField(label=gettext_lazy("姓名"), max_length=60)
    staff_number = forms.CharField(label=gettext_lazy("工号"), max_length=40, required=False)
    identity_number = forms.CharField(
        label=gettext_lazy("公民身份号码"),
        max_length=18,
        required=False,
        help_text=gettext_lazy("加密存放，屏幕上只显示星号；不需要就不填。"),
        widget=forms.TextInput(attrs={"autocomplete": "off", "data-nodraft": ""}),
    )
    phone = forms.CharField(
        label=gettext_lazy("手机"),
        max_length=20,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off", "data-nodraft": "", "inputmode": "tel"}),
    )
    retired = forms.BooleanField(label=gettext_lazy("已退休"), required=False)
    status = forms.ChoiceField(label=gettext_lazy("党员身份"), required=False)
    joined_on = forms.DateField(label=gettext_lazy("入党日期"), required=False, widget=DayInput)
    title = forms.CharField(label=gettext_lazy("职务"), max_length=60, required=False)
    on = forms.DateField(label=gettext_lazy("从哪一天起"), widget=DayInput)

    def __init__(self, *args: Any, desk: Desk, organisation: Organisation, **kwargs: Any) -> None:
        self.desk, self.organisation = desk, organisation
        kwargs["initial"] = {"on": desk.today, "status": MemberStatus.FULL}
        super().__init__(*args, **kwargs)
        self.is_party = organisation.kind == OrganisationKind.PARTY
        self.fields["status"].choices = [(one.value, _(one.label)) for one in MemberStatus]  # type: ignore[attr-defined]
        for name in () if self.is_party else ("status", "joined_on"):
            del self.fields[name]
        self.fields["title"].required = not self.is_party

    def save(self) -> Person:
        """Enter the person with membership or post, all or nothing. Raises what the operations raise."""
        given, desk = self.cleaned_data, self.desk
        hand: dict[str, Any] = {"actor": desk.actor, "now": desk.now}
        with transaction.atomic():
            basics = {key: given[key] for key in ("name", "staff_number", "identity_number", "phone", "retired")}
            person = operations.create_person(organisation=self.organisation, **basics, **hand)
            where = {"organisation": self.organisation, "on": given["on"]}
            if self.is_party:
                operations.join(person, status=given["status"], joined_on=given["joined_on"], **where, **hand)
            if given["title"]:
                operations.appoint(person, title=given["title"], **where, **hand)
        return person


class JoinForm(PersonForm):
    """On the roll of a party organisation."""

    organisation = OrganisationName(label=gettext_lazy("党组织"), kinds=PARTY)
    status = forms.ChoiceField(label=gettext_lazy("党员身份"), choices=MemberStatus.choices)
    joined_on = forms.DateField(label=gettext_lazy("入党日期"), required=False, widget=DayInput)
    on = forms.DateField(label=gettext_lazy("从哪一天起"), widget=DayInput)


class TransferForm(PersonForm):
    """The organisational relation goes to another party organisation."""

    to = OrganisationName(label=gettext_lazy("转到哪个党组织"), kinds=PARTY)
    on = forms.DateField(label=gettext_lazy("从哪一天起"), widget=DayInput)


class StatusForm(PersonForm):
    """Another status from a day."""

    status = forms.ChoiceField(label=gettext_lazy("新的身份"), choices=MemberStatus.choices)
    on = forms.DateField(label=gettext_lazy("从哪一天起"), widget=DayInput)


class LeaveForm(PersonForm):
    """Off the roll."""

    on = forms.DateField(label=gettext_lazy("哪一天起不在册"), widget=DayInput)
    reason = forms.CharField(label=gettext_lazy("原因"), max_length=200)


class AppointForm(PersonForm):
    """A post."""

    organisation = OrganisationName(label=gettext_lazy("单位"))
    title = forms.CharField(label=gettext_lazy("职务"), max_length=60)
    staff = forms.BooleanField(
        label=gettext_lazy("在编岗位"),
        required=False,
        help_text=gettext_lazy("在编只计一处；支部书记、委员等党内职务不勾。"),
    )
    on = forms.DateField(label=gettext_lazy("从哪一天起"), widget=DayInput)


class LeavePostForm(PersonForm):
    """A post ends."""

    post = forms.ChoiceField(label=gettext_lazy("哪一项任职"))
    on = forms.DateField(label=gettext_lazy("从哪一天起不再担任"), widget=DayInput)

    def offer(self) -> None:
        """The posts that the person holds now."""
        self.posts = {
            str(row.pk): row for row in self.person.posts.filter(until_on__isnull=True).select_related("organisation")
        }
        self.fields["post"].choices = [  # type: ignore[attr-defined]
            (key, f"{row.organisation.name} {row.title}") for key, row in self.posts.items()
        ]


class CorrectPersonForm(PersonForm):
    """What was written wrongly. Numbers are never shown here: an empty field leaves them as they are."""

    name = forms.CharField(label=gettext_lazy("姓名"), max_length=60)
    staff_number = forms.CharField(label=gettext_lazy("工号"), max_length=40, required=False)
    identity_number = forms.CharField(
        label=gettext_lazy("公民身份号码"),
        max_length=18,
        required=False,
        help_text=gettext_lazy("不填就不改。"),
        widget=forms.TextInput(attrs={"autocomplete": "off", "data-nodraft": ""}),
    )
    phone = forms.CharField(
        label=gettext_lazy("手机"),
        max_length=20,
        required=False,
        help_text=gettext_lazy("不填就不改。"),
        widget=forms.TextInput(attrs={"autocomplete": "off", "data-nodraft": ""}),
    )
    retired = forms.BooleanField(label=gettext_lazy("已退休"), required=False)

    def first(self) -> dict[str, Any]:
        """What stands now, without the numbers."""
        person = self.person
        return {"name": person.name, "staff_number": person.staff_number or "", "retired": person.retired}


class EraseForm(PersonForm):
    """Erased for ever: the name is typed once more."""

    name = forms.CharField(
        label=gettext_lazy("请输入这位人员的姓名，确认要注销"),
        max_length=60,
        widget=forms.TextInput(attrs={"autocomplete": "off", "data-nodraft": ""}),
    )

    def clean_name(self) -> str:
        """The very name."""
        if self.cleaned_data["name"].strip() != self.person.name:
            raise forms.ValidationError(_("与这位人员的姓名不一致，没有注销。"))
        return self.person.name


# --- done ---

Done = Callable[[PersonForm, dict[str, Any], dict[str, Any]], Any]


def _membership(form: PersonForm) -> Membership:
    assert form.current is not None
    return form.current


def _appoint(form: PersonForm, given: dict[str, Any], hand: dict[str, Any]) -> Any:
    return operations.appoint(form.person, is_staff_post=given.pop("staff"), **given, **hand)


def _leave_post(form: PersonForm, given: dict[str, Any], hand: dict[str, Any]) -> Any:
    assert isinstance(form, LeavePostForm)
    return operations.leave_post(form.posts[given["post"]], on=given["on"], **hand)


def _correct(form: PersonForm, given: dict[str, Any], hand: dict[str, Any]) -> Any:
    kept = {name: value for name, value in given.items() if value or name in ("staff_number", "retired")}
    return operations.change_person(form.person, **kept, **hand)


@dataclass(frozen=True, slots=True)
class PersonAct:
    """Something done with a person. `when`: "member" on a roll, "free" not on one, "post" holds a post, "" always."""

    title: str
    note: str
    form: type[PersonForm]
    do: Done
    done: str
    when: str = ""
    danger: bool = False


ACTS: dict[str, PersonAct] = {
    "join": PersonAct(
        "转入", "登记到一个党组织的名册上。", JoinForm,
        lambda form, given, hand: operations.join(form.person, **given, **hand), "已经登记到名册。", "free",
    ),
    "transfer": PersonAct(
        "转接组织关系", "从某一天起转到另一个党组织；两边都要有管理权限。", TransferForm,
        lambda form, given, hand: operations.transfer(_membership(form), **given, **hand), "组织关系已经转接。",
        "member",
    ),
    "status": PersonAct(
        "变更身份", "例如预备党员转为正式党员。", StatusForm,
        lambda form, given, hand: operations.change_status(_membership(form), **given, **hand), "身份已经变更。",
        "member",
    ),
    "leave": PersonAct(
        "移出名册", "去世、出党、转往系统外等；以前的统计不变。", LeaveForm,
        lambda form, given, hand: operations.leave(_membership(form), **given, **hand), "已经移出名册。", "member",
    ),
    "appoint": PersonAct("任职", "登记一项职务。", AppointForm, _appoint, "任职已经登记。"),
    "leave-post": PersonAct("免职", "结束一项任职。", LeavePostForm, _leave_post, "任职已经结束。", "post"),
    "correct": PersonAct("更正信息", "改写错的姓名、工号、号码。", CorrectPersonForm, _correct, "已经更正。"),
    "erase": PersonAct(
        "注销个人信息",
        "删去姓名、号码和登录账号，不能恢复。以前的统计数字保留，但再也不能与本人对应。",
        EraseForm,
        lambda form, given, hand: operations.erase_person(form.person, **hand),
        "个人信息已经注销。",
        danger=True,
    ),
}  # fmt: skip


class UnmaskForm(forms.Form):
    """Which number, and what for."""

    field = forms.ChoiceField(
        label=gettext_lazy("看哪一个号码"),
        choices=[("identity", gettext_lazy("公民身份号码")), ("phone", gettext_lazy("手机"))],
    )
    reason = forms.CharField(
        label=gettext_lazy("用途"), max_length=200, help_text=gettext_lazy("会记入审计，审计管理员看得到。")
    )
