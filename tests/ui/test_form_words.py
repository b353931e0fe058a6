"""What forms say when an answer will not do: our words, in Chinese first, over every form of the product."""

import importlib
import pkgutil
import re

import pytest
from django import forms
from django.utils import translation

import quxin

HAN = re.compile(r"[\u4e00-\u9fff]")


def modules():
    """Every module of the product that declares forms, imported."""
    for module in pkgutil.walk_packages(quxin.__path__, "quxin."):
        if re.search(r"_forms$|\.views\.|\.gallery$|desk\.imports$", module.name):
            yield importlib.import_module(module.name)


def fields():
    """Each field of each form, with where it stands."""
    for module in modules():
        for name, form in vars(module).items():
            if isinstance(form, type) and issubclass(form, forms.BaseForm):
                for field, made in form.base_fields.items():
                    yield f"{module.__name__}.{name}.{field}", made


def messages(field) -> dict[str, str]:
    """What a field may say, before it is translated."""
    codes = {validator.code for validator in field.validators if getattr(validator, "code", "")}
    with translation.override(None):
        said = {code: str(words) for code, words in field.error_messages.items()}
        return said | {code: "" for code in codes if code not in said}


def test_no_field_speaks_djangos_words():
    there = list(fields())
    assert len(there) > 60
    foreign = [
        f"{where} {code}: {words}"
        for where, field in there
        for code, words in messages(field).items()
        if not HAN.search(words)
    ]
    assert foreign == []


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        (forms.CharField(max_length=3), "", "请填写。"),
        (forms.CharField(max_length=3), "四个字了", "最多 3 个字，现在有 4 个。"),
        (forms.IntegerField(min_value=1), "0", "不能小于 1。"),
        (forms.IntegerField(), "many", "请填写整数，例如 12。"),
        (forms.DateField(), "2010-02-30", "请填写日期，例如 2010-04-15。"),
        (forms.ChoiceField(choices=[("a", "甲")]), "b", "没有“b”这个选项，请重新选择。"),
        (forms.BooleanField(), False, "请先勾选。"),
    ],
)
def test_what_is_said(field, value, words):
    with pytest.raises(forms.ValidationError) as caught:
        field.clean(value)
    assert caught.value.messages == [words]


def test_a_form_may_use_words_of_its_own():
    field = forms.CharField(error_messages={"required": "请写明理由。"})
    with pytest.raises(forms.ValidationError, match="请写明理由"):
        field.clean("")
