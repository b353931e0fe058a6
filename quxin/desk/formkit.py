"""Small things that forms of the desk share."""

from collections.abc import Iterable
from typing import Any, cast

from django.forms import BaseForm, ChoiceField


def set_choices(form: BaseForm, name: str, choices: Iterable[Any]) -> None:
    """Give the choice field `name` of `form` its choices, known only now."""
    cast(ChoiceField, form.fields[name]).choices = list(choices)


def put_value(form: BaseForm, name: str, value: str) -> None:
    """Change what a bound form shows for `name`, keeping all else that was typed."""
    data = cast(Any, form.data).copy()
    data[name] = value
    form.data = data
