"""The form of a report's red letterhead."""

from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from quxin.desk.organisation_forms import DayInput
from quxin.reports.letterhead import Letterhead, NumberWrong, default_mark, letterhead, tidy_number


class LetterheadForm(forms.Form):
    """What stands above the red rule and at the end of the paper; what is left empty follows from the organisation."""

    mark = forms.CharField(
        label=gettext_lazy("发文机关标志"),
        max_length=60,
        required=False,
        help_text=gettext_lazy("单位全称或规范化简称，加“文件”二字。"),
    )
    number = forms.CharField(
        label=gettext_lazy("发文字号"),
        max_length=40,
        required=False,
        help_text=gettext_lazy("如 苏市监党〔2024〕5号；还没有编号的留空，纸上留出空位。"),
    )
    signer = forms.CharField(
        label=gettext_lazy("签发人"), max_length=20, required=False, help_text=gettext_lazy("只在上行文中填。")
    )
    copies = forms.CharField(
        label=gettext_lazy("抄送"),
        max_length=600,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=gettext_lazy("用逗号或换行分开。"),
    )
    printer = forms.CharField(label=gettext_lazy("印发机关"), max_length=40, required=False)
    printed_on = forms.DateField(label=gettext_lazy("印发日期"), widget=DayInput, required=False)
    draft = forms.BooleanField(label=gettext_lazy("草稿：标出没有出处的数字"), required=False)

    def __init__(self, *args: Any, issuer: str, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial = {**self.initial, "mark": default_mark(issuer), "printer": issuer, "printed_on": today}
        self._issuer, self._today = issuer, today

    def clean_number(self) -> str:
        """The number with the brackets of the standard."""
        try:
            return tidy_number(self.cleaned_data["number"])
        except NumberWrong as error:
            raise forms.ValidationError(f"{error.text(_)} {error.hint_text(_)}") from error

    def letterhead(self) -> Letterhead:
        """The letterhead that the valid form describes."""
        given = {name: value for name, value in self.cleaned_data.items() if name != "draft"}
        return letterhead(self._issuer, self._today, **given)
