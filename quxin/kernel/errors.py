"""The base of every error that a person may read.

A message and its hint are Chinese msgids with ``%(name)s`` placeholders, so that a face can translate them
before the values go in. Not for programming mistakes: those stay ``TypeError`` and ``ValueError`` and are
never shown.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

#: Placeholders whose values are msgids themselves, one or several joined by “；”: they are translated with the message.
WORDS = frozenset({"why", "what", "reason", "state", "status", "kind", "parent_kind", "role", "held"})
_PLACEHOLDER = re.compile(r"%(?:%|\((?P<name>\w+)\)(?P<how>[-+ #0]*\d*(?:\.\d+)?[sdrfgxX]))")


def fill(template: str, params: Mapping[str, Any]) -> str:
    """Put ``params`` into ``template``: ``%(name)s`` is replaced, ``%%`` is a percent sign.

    Never raises: a lone ``%`` ("87.5%") stays as it is and a placeholder without a value stays visible,
    because an error message that itself fails hides the error it was to tell.
    """

    def one(match: re.Match[str]) -> str:
        name = match["name"]
        if name is None:
            return "%"
        if name not in params:
            return match[0]
        try:
            return ("%" + match["how"]) % (params[name],)
        except (TypeError, ValueError):
            return str(params[name])

    return _PLACEHOLDER.sub(one, template)


def say(template: str, params: Mapping[str, Any], translate: Callable[[str], str]) -> str:
    """``template`` in the language of ``translate``, with its values: those of WORDS translated too, the rest as it is.

    An empty template stays empty (gettext of "" is the catalogue's header).
    """
    if not template:
        return ""
    said = {name: _spoken(value, translate) if name in WORDS else value for name, value in params.items()}
    return fill(translate(template), said)


def _spoken(value: Any, translate: Callable[[str], str]) -> Any:
    if not isinstance(value, str) or not value:
        return value
    return translate("；").join(translate(part) for part in value.split("；") if part)


class QuxinError(Exception):
    """Something a person did cannot be done; says what is wrong (``message``) and what to do (``hint``).

    Parameters named in WORDS are msgids themselves; all others are data and are never translated.
    ``params`` are the values of the placeholders; more than the templates use may be given, for machine
    readers. Subclasses set ``default_message`` and ``default_hint`` and are then raised with parameters only.
    """

    default_message = "操作没有完成"
    default_hint = ""

    def __init__(self, message: str = "", *, hint: str = "", **params: Any) -> None:
        self.message = message or self.default_message
        self.hint = hint or self.default_hint
        self.params = params
        super().__init__(self.message)

    def __str__(self) -> str:
        return self.text()

    def text(self, translate: Callable[[str], str] = lambda msgid: msgid) -> str:
        """The message with its values, after ``translate`` (gettext in a face) turned the msgid."""
        return say(self.message, self.params, translate)

    def hint_text(self, translate: Callable[[str], str] = lambda msgid: msgid) -> str:
        """What to do, with its values; empty when there is no hint."""
        return say(self.hint, self.params, translate)


class Stale(QuxinError):
    """Somebody else saved the same thing after this form was opened; both versions are to be shown.

    ``current`` maps field names to the values that are saved now, ``attempted`` to those of the form.
    """

    default_message = "您打开页面以后，别人已经改过这一项。"
    default_hint = "两边的内容都在下面：对照后再保存一次，或者放弃您的改动。"

    def __init__(self, *, current: Mapping[str, Any], attempted: Mapping[str, Any]) -> None:
        super().__init__()
        self.current = dict(current)
        self.attempted = dict(attempted)
