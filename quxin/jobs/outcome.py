"""What a command returns: data for a program, lines for a person."""

from dataclasses import dataclass, field
from typing import Any

from quxin.kernel.errors import QuxinError


@dataclass(frozen=True)
class Outcome:
    """`ok`, the machine-readable `data` and the `lines` printed for a person."""

    ok: bool = True
    data: dict[str, Any] = field(default_factory=dict)
    lines: list[str] = field(default_factory=list)

    @classmethod
    def failed(cls, error: QuxinError) -> "Outcome":
        """The outcome of an error: what is wrong and what to do."""
        hint = error.hint_text()
        lines = [f"✗ {error}"] + ([f"  → {hint}"] if hint else [])
        return cls(ok=False, data={"error": str(error), "hint": hint}, lines=lines)
