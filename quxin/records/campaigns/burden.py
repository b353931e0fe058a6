"""What a campaign may ask people to type: a number that the ledger already knows is refused unless somebody says why.

Used by deploying, which refuses, and by the preview, which shows the same before. Must not read records.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from quxin.kernel.errors import QuxinError
from quxin.packs.builtin import BUILTIN
from quxin.packs.types import FieldAsked, Pack


class BurdenRefused(QuxinError):
    """The campaign asks for numbers that the ledger knows, without a reason."""

    default_message = "账本已经有这些数，不能再让基层填：%(fields)s。"
    default_hint = "请在包里删去这些栏目；确有必要时，逐项写明理由再部署。"


@dataclass(frozen=True, slots=True)
class KnownField:
    """A number that is asked for although the ledger knows it. `key` is `<task or form>/<measure>`."""

    key: str
    where: str
    label: str
    reason: str

    @property
    def is_refused(self) -> bool:
        """Whether nobody has said why."""
        return not self.reason


def known_fields(pack: Pack, reasons: Mapping[str, str] | None = None) -> list[KnownField]:
    """Every number that tasks and forms of `pack` ask for and the ledger knows; `reasons` (by key) add to the pack's own."""
    asked: list[tuple[str, str, FieldAsked]] = []
    for task in pack.campaign.tasks if pack.campaign else ():
        asked += [(task.id, task.title.zh, field) for field in task.asked]
    for form in pack.forms.values():
        asked += [(form.id, form.title.zh, field) for field in form.asked]
    known = []
    for owner, title, field in asked:
        spec = pack.measures.get(field.measure or "") or BUILTIN.get(field.measure or "")
        if spec is None:
            continue
        key = f"{owner}/{spec.id}"
        reason = field.reason.strip() or (reasons or {}).get(key, "").strip()
        known.append(KnownField(key, title, spec.label, reason))
    return known


def require_light(pack: Pack, reasons: Mapping[str, str] | None = None) -> list[KnownField]:
    """The known numbers that are asked for all the same, each with its reason. Raises BurdenRefused."""
    known = known_fields(pack, reasons)
    refused = [field for field in known if field.is_refused]
    if refused:
        raise BurdenRefused(fields="、".join(f"“{field.label}”（{field.where}）" for field in refused))
    return known
