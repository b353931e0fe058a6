"""What all pack types share: a strict frozen base, ids, words in two languages, closed word lists.

Must not know any particular part of a pack.
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
    StringConstraints,
)
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

from quxin.packs import vocabulary

ID_PATTERN = r"^[a-z0-9]+([._-][a-z0-9]+)*$"

#: A stable code: lower-case letters, digits, and single dots, hyphens or underscores between them.
Id = Annotated[str, StringConstraints(pattern=ID_PATTERN, max_length=56)]
#: An id that the loader fills from the key under which the thing stands.
KeyId = Annotated[str, StringConstraints(pattern=r"^$|" + ID_PATTERN, max_length=56)]
#: ``2010-04..2010-12``, ``2010-07`` or ``2010``; :mod:`quxin.packs.check` parses it.
PeriodText = Annotated[
    str,
    BeforeValidator(lambda value: str(value) if type(value) is int else value),
    StringConstraints(min_length=4, max_length=40),
]
#: What stands before the measure when a target is shared out by a size.
BY = "by:"
#: ``each``, ``equal`` or ``by:<measure>``.
ShareText = Annotated[str, StringConstraints(pattern=r"^(each|equal|by:" + ID_PATTERN[1:-1] + r")$", max_length=80)]


def about(zh: str, en: str, default: Any = ..., **more: Any) -> Any:
    """A pydantic field with its description in both languages (they feed schema and reference)."""
    if isinstance(default, type) and default in (list, dict, tuple):
        return Field(default_factory=default, description=f"{zh} / {en}", **more)
    return Field(default, description=f"{zh} / {en}", **more)


class Strict(BaseModel):
    """Unknown fields are refused, and what was read is never changed."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


class Bilingual(Strict):
    """Words in Chinese and, where somebody wrote them, in English. A bare string is the Chinese."""

    zh: str = about("中文", "Chinese", min_length=1)
    en: str = about("英文，可空", "English, may be empty", "")

    def __str__(self) -> str:
        return self.zh

    def in_language(self, language: str) -> str:
        """The words in ``language`` (``en``, ``en-gb`` …), falling back to the Chinese."""
        return self.en if language.startswith("en") and self.en else self.zh


def _from_string(value: Any) -> Any:
    return {"zh": value} if isinstance(value, str) else value


Words = Annotated[Bilingual, BeforeValidator(_from_string, json_schema_input_type=str | Bilingual)]


def nearest(word: str, known: Mapping[str, Any] | list[str] | tuple[str, ...]) -> str:
    """The known word most like ``word``, or an empty string when none is near."""
    found = difflib.get_close_matches(word, list(known), n=1, cutoff=0.5)
    return found[0] if found else ""


@dataclass(frozen=True, eq=False)
class OneOf:
    """Put into ``Annotated[str, OneOf(words)]``: only those codes pass, and editors list them."""

    known: Mapping[str, Any]

    def __call__(self, value: str) -> str:
        """Return ``value``, or refuse it and name the nearest code."""
        if value not in self.known:
            raise PydanticCustomError(
                "unknown_code",
                "“{value}”不在可用的代码中",
                {"value": value, "nearest": nearest(value, self.known), "known": "、".join(self.known)},
            )
        return value

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_after_validator_function(self, handler(source))

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        return {**handler(schema), "enum": list(self.known)}


def with_keys_as_ids(value: Any) -> Any:
    """``{key: {...}}`` → the same with ``id: key`` in each; an id that contradicts its key is refused."""
    if not isinstance(value, dict):
        return value
    filled = {}
    for key, item in value.items():
        if isinstance(item, dict):
            if item.get("id") not in (None, "", key):
                raise PydanticCustomError(
                    "id_differs", "编号“{id}”与键“{key}”不一致", {"id": str(item["id"]), "key": str(key)}
                )
            item = {**item, "id": key}
        filled[key] = item
    return filled


#: Put into ``Annotated[dict[Id, Thing], KEYED]``: each thing learns its id from its key.
KEYED = BeforeValidator(with_keys_as_ids)

ActivityKind = Annotated[str, OneOf(vocabulary.ACTIVITY_KINDS)]
RecordFamily = Annotated[str, OneOf(vocabulary.RECORD_FAMILIES)]
RecordField = Annotated[str, OneOf(vocabulary.RECORD_FIELDS)]
ForClass = Annotated[str, OneOf(vocabulary.ORGANISATION_CLASSES)]
EvidenceCode = Annotated[str, OneOf(vocabulary.EVIDENCE)]
PromiseKind = Annotated[str, OneOf(vocabulary.PROMISE_KINDS)]
PromiseAsk = Annotated[str, OneOf(vocabulary.PROMISE_ASKS)]
