"""What every form of the product says when an answer will not do: in our words, at one place, whatever the form.

Django's own words are a translation that speaks of fields; ours say what to do. A form may still give a field words of its
own (`error_messages`).
"""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

WORDS: dict[type[forms.Field], dict[str, Any]] = {
    forms.Field: {
        "required": _("请填写。"),
        "invalid": _("填得不对，请核对。"),
        "max_length": _("最多 %(limit_value)s 个字，现在有 %(show_value)s 个。"),
        "min_length": _("至少 %(limit_value)s 个字，现在有 %(show_value)s 个。"),
        "max_value": _("不能大于 %(limit_value)s。"),
        "min_value": _("不能小于 %(limit_value)s。"),
        "step_size": _("请填写 %(limit_value)s 的整数倍。"),
        "null_characters_not_allowed": _("里面有不能保存的字符，请删去。"),
    },
    forms.IntegerField: {"invalid": _("请填写整数，例如 12。")},
    forms.FloatField: {"invalid": _("请填写数字，例如 98.5。")},
    forms.DecimalField: {"invalid": _("请填写数字，例如 98.5。")},
    forms.DateField: {"invalid": _("请填写日期，例如 2010-04-15。")},
    forms.TimeField: {"invalid": _("请填写时间，例如 14:30。")},
    forms.DateTimeField: {"invalid": _("请填写日期和时间，例如 2010-04-15 14:30。")},
    forms.BooleanField: {"required": _("请先勾选。")},
    forms.ChoiceField: {"required": _("请选择一项。"), "invalid_choice": _("没有“%(value)s”这个选项，请重新选择。")},
    forms.MultipleChoiceField: {
        "required": _("请至少选择一项。"),
        "invalid_choice": _("没有“%(value)s”这个选项，请重新选择。"),
        "invalid_list": _("选择没有收全，请重新选择。"),
    },
    forms.ModelChoiceField: {"required": _("请选择一项。"), "invalid_choice": _("没有这个选项，请重新选择。")},
    forms.ModelMultipleChoiceField: {
        "invalid_list": _("选择没有收全，请重新选择。"),
        "invalid_choice": _("没有“%(value)s”这个选项，请重新选择。"),
        "invalid_pk_value": _("没有“%(pk)s”这个选项，请重新选择。"),
    },
    forms.FileField: {
        "required": _("请选择文件。"),
        "invalid": _("没有收到文件，请重新选择。"),
        "missing": _("没有收到文件，请重新选择。"),
        "empty": _("这个文件是空的，请重新选择。"),
        "max_length": _("文件名最多 %(max)d 个字，现在有 %(length)d 个。"),
        "contradiction": _("请选一样：换一个文件，或者去掉文件。"),
    },
    forms.URLField: {"invalid": _("请填写完整的网址，例如 https://www.samr.gov.cn/。")},
    forms.EmailField: {"invalid": _("请填写电子邮件地址，例如 name@example.cn。")},
}


def install() -> None:
    """Give every kind of field its words; fields made afterwards have them."""
    for kind, words in WORDS.items():
        kind.default_error_messages = {**vars(kind).get("default_error_messages", {}), **words}
