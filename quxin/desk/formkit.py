"""Small things that forms of the desk share."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, cast

from django.forms import BaseForm, ChoiceField, Form

from quxin.desk.shell import put_errors
from quxin.kernel.errors import QuxinError


def set_choices(form: BaseForm, name: str, choices: Iterable[Any]) -> None:
    """Give the choice field `name` of `form` its choices, known only now."""
    cast(ChoiceField, form.fields[name]).choices = list(choices)


def put_value(form: BaseForm, name: str, value: str) -> None:
    """Change what a bound form shows for `name`, keeping all else that was typed."""
    data = cast(Any, form.data).copy()
    data[name] = value
    form.data = data


def ask_all(
    form: Form,
    rule: Callable[[dict[str, Any]], None],
    neutral: Mapping[str, Any],
    field_of: Callable[[QuxinError], str | None],
) -> None:
    """Put all that a rule of an operation has against what was typed beside the fields at once, not one after the other.

    `rule` raises the first thing that is wrong with values by field; what is missing, wrong by itself or named already is
    taken as its `neutral` value, with which no rule quarrels. To be called in `clean()`.
    """
    said = {name: form.cleaned_data.get(name, value) for name, value in neutral.items()}
    said |= {name: neutral[name] for name in form.errors if name in neutral}
    said |= {name: neutral[name] for name, value in said.items() if value is None}
    for _round in range(len(neutral) + 1):
        try:
            rule(said)
            return
        except QuxinError as error:
            name = field_of(error)
            put_errors(form, error, name if name in form.fields else None)
            if name is None or name not in neutral or said[name] == neutral[name]:
                return
            said[name] = neutral[name]
