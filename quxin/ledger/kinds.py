"""The register of fact kinds. Records packages declare theirs in `facts.py`; an undeclared kind cannot be appended."""

from dataclasses import dataclass

from quxin.kernel.errors import QuxinError


class UnknownKind(QuxinError):
    """A fact of a kind that nobody declared."""

    default_message = "没有登记过的事实种类：%(kind)s"
    default_hint = "在 records 的 facts.py 里用 declare() 登记，并写进 docs/architecture.md 的表。"


@dataclass(frozen=True, slots=True)
class Kind:
    """What a fact kind means: `title` in Chinese, `title_en`, `label` what its label says, `per_person` if it names one."""

    id: str
    title: str
    title_en: str
    label: str = ""
    per_person: bool = False


_KINDS: dict[str, Kind] = {}


def declare(id: str, title: str, title_en: str, *, label: str = "", per_person: bool = False) -> Kind:
    """Declare a fact kind and return it; declaring it twice alike is harmless, differently raises ValueError."""
    kind = Kind(id, title, title_en, label, per_person)
    if _KINDS.setdefault(id, kind) != kind:
        raise ValueError(f"fact kind {id} declared twice, differently")
    return kind


def kind_of(id: str) -> Kind:
    """The declared kind `id`; raises UnknownKind."""
    try:
        return _KINDS[id]
    except KeyError:
        raise UnknownKind(kind=id) from None


def all_kinds() -> tuple[Kind, ...]:
    """Every declared kind, sorted by id."""
    return tuple(sorted(_KINDS.values(), key=lambda kind: kind.id))
