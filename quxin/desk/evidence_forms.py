"""The form that attaches files to a record that is there already."""

from django import forms
from django.utils.translation import gettext_lazy as _

from quxin.desk.entry import FilesField


class EvidenceForm(forms.Form):
    """One file or several."""

    evidence = FilesField(label=_("选择文件"), help_text=_("PDF、图片、docx、xlsx 或 pptx；不需要照片。"))
