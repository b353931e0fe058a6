"""The forms of campaigns: deploying one, closing and reopening what is owed, moving a deadline, sending in a pack."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from quxin.records.campaigns.burden import KnownField
from quxin.records.campaigns.models import Leader
from quxin.records.campaigns.operations import Seat

SEATS = ((Leader.Body.GROUP, "group"), (Leader.Body.OFFICE, "office"), (Leader.Body.TASK_FORCE, "force"))


class DeployForm(forms.Form):
    """What the pack cannot know: approval, leading group, key; and why numbers that the ledger knows are asked."""

    approval_number = forms.CharField(
        label=_("批准文号"),
        max_length=120,
        required=False,
        help_text=_("批准机关的文号，例如“国质检党〔2010〕121号”。"),
    )
    level = forms.CharField(label=_("举办层级"), max_length=40, required=False)
    addressed = forms.CharField(label=_("活动对象"), max_length=120, required=False)
    key = forms.CharField(
        label=_("活动代号"),
        max_length=56,
        required=False,
        help_text=_("小写字母和数字，以后不再改；同一个包再办一次请换一个。"),
    )
    group = forms.CharField(
        label=_("领导小组"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("一行一个职务，例如“组长：党组书记”。只写职务，不写姓名也可以。"),
    )
    office = forms.CharField(label=_("办公室"), required=False, widget=forms.Textarea(attrs={"rows": 2}))
    force = forms.CharField(label=_("工作专班"), required=False, widget=forms.Textarea(attrs={"rows": 2}))

    def __init__(self, *args: Any, known: Iterable[KnownField] = (), approval_required: bool = False, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.fields["approval_number"].required = approval_required
        self.reason_names: dict[str, str] = {}
        for number, asked in enumerate(field for field in known if field.is_refused):
            name = f"reason_{number}"
            self.reason_names[name] = asked.key
            self.fields[name] = forms.CharField(
                label=_("为什么还要填“%(label)s”") % {"label": asked.label},
                required=False,
                max_length=200,
                help_text=_("账本已经有这个数。不写理由就不能部署。"),
            )

    def clean(self) -> dict[str, Any]:
        """Seats are short lines: a line that would be cut is an error."""
        given = super().clean() or {}
        for _body, name in SEATS:
            if any(len(line) > 60 for line in _lines(given.get(name, ""))):
                self.add_error(name, _("每行不超过 60 个字。"))
        return given

    def seats(self) -> list[Seat]:
        """The seats as typed, one for each line."""
        return [Seat(body, line) for body, name in SEATS for line in _lines(self.cleaned_data[name])]

    def reasons(self) -> dict[str, str]:
        """Why each known number is asked, by its key."""
        return {key: self.cleaned_data[name] for name, key in self.reason_names.items()}


class CloseForm(forms.Form):
    """Close what is owed, on a day that has come."""

    on = forms.DateField(label=_("办结日期"), widget=forms.DateInput(attrs={"type": "date"}))
    note = forms.CharField(label=_("说明"), required=False, max_length=300)


class ReasonForm(forms.Form):
    """Why."""

    reason = forms.CharField(label=_("理由"), max_length=300, help_text=_("一句话即可，会留在经过里。"))


class CloseCampaignForm(forms.Form):
    """On which day a campaign ends, and how it went."""

    on = forms.DateField(label=_("结束日期"), widget=forms.DateInput(attrs={"type": "date"}))
    words = forms.CharField(
        label=_("成效和说明"),
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("一两句话：办得怎样，为什么现在结束。会写在活动的页面上。"),
    )


class ExtendForm(ReasonForm):
    """A new deadline, and why."""

    due_on = forms.DateField(label=_("新的期限"), widget=forms.DateInput(attrs={"type": "date"}))
    version = forms.IntegerField(widget=forms.HiddenInput)
    field_order = ("due_on", "reason", "version")


class PackForm(forms.Form):
    """A pack as one zip or as YAML files."""

    pack = forms.FileField(label=_("包文件"), help_text=_("一个 zip，或一个 YAML 文件；最多 1 MB。"))


def _lines(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip()]
