"""The forms of evidence: attach files to a record that is there already, show one to the public, take it down again."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from quxin.desk.entry import FilesField


class EvidenceForm(forms.Form):
    """One file or several."""

    evidence = FilesField(label=_("选择文件"), help_text=_("PDF、图片、docx、xlsx 或 pptx；不需要照片。"))


class PublishForm(forms.Form):
    """Show a file to the public. Where a machine could not read all of it, the person says to have looked."""

    def __init__(self, *args: Any, unread: Sequence[str] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if unread:
            self.fields["looked"] = forms.BooleanField(
                label=_("我打开看过全文：没有个人号码，也没有不该公开的姓名、照片和内容"),
                help_text=_("谁在何时确认的，会记入审计。"),
                error_messages={"required": _("请先下载打开看过，再勾选。")},
            )


class UnpublishForm(forms.Form):
    """Take a file from the public, with a reason that the public reads."""

    reason = forms.CharField(
        label=_("为什么撤下"), max_length=300, help_text=_("会公开，例如“换成更清楚的扫描件”。不写人名和号码。")
    )
