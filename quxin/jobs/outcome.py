"""What a command returns: data for a program, lines for a person."""

from dataclasses import dataclass, field
from typing import Any

from quxin.kernel.errors import QuxinError

PARTLY = 3
"""Exit code of an import that took some of what it was given and refused the rest (2 is argparse's: wrong words)."""

EXIT_CODES = (
    f"退出码：0 全部接受；{PARTLY} 一部分被拒收（行或整个文件），其余已导入；1 什么也没有导入；2 命令写错。"
    "--check 相同，但不写入。"
)


def exit_code(*, accepted: int, refused: int) -> int:
    """The exit code of an import (or its check) of so many rows and unreadable files."""
    if not refused:
        return 0
    return PARTLY if accepted else 1


@dataclass(frozen=True)
class Outcome:
    """`ok`, the machine-readable `data` and the `lines` printed for a person; `code` when 0 for ok and 1 do not say enough."""

    ok: bool = True
    data: dict[str, Any] = field(default_factory=dict)
    lines: list[str] = field(default_factory=list)
    code: int | None = None

    @property
    def exit_code(self) -> int:
        """What the process returns."""
        return (0 if self.ok else 1) if self.code is None else self.code

    @classmethod
    def failed(cls, error: QuxinError) -> "Outcome":
        """The outcome of an error: what is wrong and what to do."""
        hint = error.hint_text()
        lines = [f"✗ {error}"] + ([f"  → {hint}"] if hint else [])
        return cls(ok=False, data={"error": str(error), "hint": hint}, lines=lines)
