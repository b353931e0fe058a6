"""What must not be shown: too few, all alike, what a condition would betray, what a total would give by subtraction.

Pure. Decisions look at counts and at what is told anyway, never at the grades inside a hidden cell: what is published is a
function of what may be seen. The one thing told about a hidden cell is its reason (docs/reckoning/evaluation.md).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

LOWEST_MINIMUM = 3
HIGHEST_MINIMUM = 30
# In a group smaller than this a unanimous result says what each member said.
UNANIMITY_FLOOR = 10

TOO_FEW = "too-few"
UNANIMOUS = "unanimous"
#: The question before it, on which it depends, is hidden: how many were led to it would tell.
CONDITION = "condition"
#: It could be shown by itself, but the total less what is shown would be a smaller group.
COMPLEMENT = "complement"

REASONS = {
    TOO_FEW: "人数不足，不公布",
    UNANIMOUS: "人数少而且评价相同，不公布",
    CONDITION: "前一题不公布，这一题也不公布",
    COMPLEMENT: "与合计相减会看出小组的评价，不公布",
}
"""Reason → what a page says (msgids)."""


def hidden_because(counts: Mapping[Any, int], minimum: int, answered: int | None = None) -> str:
    """Why these counts must not be shown: "too-few", "unanimous", or "" when they may.

    ``answered`` is the number who answered when each could choose several; then a small group is hidden when there is a
    choice that all of them made.
    """
    total = sum(counts.values()) if answered is None else answered
    if total < minimum:
        return TOO_FEW
    if total < UNANIMITY_FLOOR and max(counts.values(), default=0) == total:
        return UNANIMOUS
    return ""


def withhold(
    cells: Mapping[str, tuple[Mapping[Any, int], int]],
    minimum: int,
    *,
    already: Mapping[str, str] | None = None,
    total_is_known: bool = False,
) -> dict[str, str]:
    """Group → why it is hidden ("" for the shown), for one question on one subject; ``cells`` are (counts, answered),
    ``already`` those hidden for another reason.

    Our own totals are sums of shown groups, so that nothing can be subtracted. Where a total over **all** groups is known
    from elsewhere, ``total_is_known`` hides more: shown groups, the smallest first, until those hidden are at least two and
    together as many as the minimum and the floor of unanimity ask. That choice looks at counts only. When even all of them
    together are fewer, nothing can mend it: then such a total must not be told.
    """
    reasons = {group: hidden_because(counts, minimum, answered) for group, (counts, answered) in cells.items()}
    reasons.update(already or {})
    if not total_is_known or not any(reasons.values()):
        return reasons
    needed = max(minimum, UNANIMITY_FLOOR)
    for group in sorted(cells, key=lambda group: (cells[group][1], group)):
        # Somebody who answered is needed in each: an empty group hides nobody behind it.
        hidden = [one for one, reason in reasons.items() if reason and cells[one][1]]
        if not hidden or (len(hidden) > 1 and sum(cells[one][1] for one in hidden) >= needed):
            break
        if not reasons[group]:
            reasons[group] = COMPLEMENT
    return reasons
