"""The value of a measure nobody reported: not 0, not None, and never silently part of a sum.

Test it with ``is_missing``, not with truth: 0 is false too, and the difference between 0 and Missing is the
point.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NoReturn, TypeGuard


@dataclass(frozen=True, slots=True)
class Missing:
    """No data, and why (``reason`` is a Chinese msgid). False, but unequal to 0; reckoning with it raises
    TypeError.
    """

    reason: str = "没有数据"

    def __bool__(self) -> bool:
        return False

    def __str__(self) -> str:
        return self.reason

    def _refuse(self, *_: Any) -> NoReturn:
        raise TypeError(f"Missing ({self.reason}) is not a number: ask is_missing() before reckoning or comparing")

    __add__ = __radd__ = __sub__ = __rsub__ = __mul__ = __rmul__ = _refuse
    __truediv__ = __rtruediv__ = __floordiv__ = __rfloordiv__ = __mod__ = __rmod__ = __pow__ = __rpow__ = _refuse
    __neg__ = __pos__ = __abs__ = __round__ = __int__ = __float__ = __index__ = _refuse
    __lt__ = __le__ = __gt__ = __ge__ = _refuse


MISSING = Missing()


def is_missing(x: object) -> TypeGuard[Missing]:
    """Whether ``x`` stands for "no data"; None is not Missing, it is a mistake."""
    return isinstance(x, Missing)
