"""The plan of an import of organisations: pure, from rows and what is known, to what would be created, changed, moved,
left and refused.

Reads no database and writes nothing: `imports` loads what is known and carries the plan out. Rows may come in any order.
"""

import re
from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from quxin.kernel.identifiers import check_credit_code
from quxin.kernel.paths import STEP, is_within
from quxin.kernel.text import narrow, nearest, squeeze
from quxin.orgs.import_words import COLUMNS, KIND_OF, LEVEL_OF
from quxin.orgs.models import Level, OrganisationKind
from quxin.orgs.nodes import MAX_DEPTH, PARENTS
from quxin.orgs.refusals import Outcome, Refusal, Refuser, Source
from quxin.sheets.reading import Row

_CODE_FORMS = re.compile(
    r"[0-9]{1,12}|[0-9A-Z]{8}-[0-9X]|[A-Z][A-Z0-9]{0,19}|[0-9A-Z]{1,18}(?:[-._][0-9A-Z]{1,12}){1,5}"
)
_DIVISION = re.compile(r"[0-9]{6}")
# How many of a file's codes must be six digits before shorter numbers count as having lost their leading zeros.
_MOSTLY = 0.8
_SUGGESTIONS = 50


@dataclass(frozen=True, slots=True)
class Known:
    """An organisation that is there: `parent` is the parent's official code, "" for a root, "#id" if that has none."""

    pk: int
    code: str
    name: str
    kind: str
    party_type: str
    level: str
    parent: str
    path: str
    closed: bool = False


@dataclass(slots=True)
class Wanted:
    """What a row asks for. `parent` is an official code or "" for none; `kind` and `level` are "" when the row is silent."""

    row: int
    code: str
    name: str
    level: str
    parent: str
    kind: str
    party_type: str
    cells: Sequence[Any] = ()
    depth: int = 0


@dataclass(frozen=True, slots=True)
class Change:
    """A row about an organisation that is there and differs: the new values of the fields that differ."""

    wanted: Wanted
    known: Known
    fields: Mapping[str, str]


@dataclass(slots=True)
class Plan:
    """What an import would do. `created` stands parents first; a moved one may be `changed` as well (`renamed`).

    `accepted` counts each row once.
    """

    created: list[Wanted] = field(default_factory=list)
    changed: list[Change] = field(default_factory=list)
    moved: list[Change] = field(default_factory=list)
    unchanged: int = 0
    refused: list[Refusal] = field(default_factory=list)
    source: Source = field(default_factory=Source)

    @property
    def accepted(self) -> int:
        """Rows that are not refused."""
        return len(self.created) + len(self.changed) + len(self.moved) + self.unchanged

    def outcome(self) -> Outcome:
        """The plan in numbers, as if it were carried out without a hitch."""
        return Outcome(len(self.created), len(self.changed), len(self.moved), self.unchanged, list(self.refused))

    def as_json(self) -> dict[str, Any]:
        """For machine readers: the numbers, and which column was read as what."""
        return self.outcome().as_json() | {
            "sheet": self.source.sheet,
            "mapping": [one._asdict() for one in self.source.mapping],
        }


def plan_import(
    rows: Iterable[Row],
    *,
    known: Mapping[str, Known],
    scopes: Sequence[str],
    source: Source | None = None,
) -> Plan:
    """What importing `rows` over the organisations `known` (by official code) would do.

    `scopes` are the paths within which the importer may manage organisations, "" for everywhere. The `source` is best
    filled in afterwards when rows stream from a table.
    """
    source = source or Source()
    return _Planner(known, scopes, Refuser(COLUMNS, source)).plan(rows, source)


class _Planner:
    def __init__(self, known: Mapping[str, Known], scopes: Sequence[str], refuser: Refuser) -> None:
        self.known, self.scopes, self.refuser = known, scopes, refuser
        self.wanted: dict[str, Wanted] = {}
        self.refused_rows: dict[str, int] = {}
        self.suggested = 0
        self.mine: dict[str, bool] = {}

    def plan(self, rows: Iterable[Row], source: Source) -> Plan:
        for row in self._tidy(rows):
            self._take(row)
        self._resolve_parents()
        plan = Plan(source=source)
        for one in self._from_the_top():
            self._classify(one, plan)
        plan.refused = sorted(self.refuser.refused, key=lambda refusal: refusal.row)
        return plan

    def _refuse(self, one: Wanted, id: str, value: object, reason: str, hint: str = "", /, **params: Any) -> None:
        self.refuser.refuse(one.row, one.cells, id, value, reason, hint, **params)
        self.wanted.pop(one.code, None)
        self.refused_rows.setdefault(one.code, one.row)

    # --- one row at a time ---

    def _tidy(self, rows: Iterable[Row]) -> list[Wanted]:
        """Rows whose cells fit, with codes in one form."""
        taken: list[Wanted] = []
        for row in rows:
            values = row.values
            if row.problems:
                self.refuser.problems(row)
                if values.get("code"):
                    self.refused_rows.setdefault(_tidy_code(values["code"]), row.number)
                continue
            taken.append(
                Wanted(
                    row=row.number,
                    code=_tidy_code(values.get("code") or ""),
                    name=narrow(values.get("name") or ""),
                    level=squeeze(values.get("level") or ""),
                    parent=_tidy_code(values.get("parent") or ""),
                    kind=squeeze(values.get("kind") or ""),
                    party_type="",
                    cells=row.cells,
                )
            )
        six = sum(1 for one in taken if _DIVISION.fullmatch(one.code))
        if taken and six >= _MOSTLY * len(taken):
            for one in taken:
                one.code, one.parent = _padded(one.code), _padded(one.parent)
        return taken

    def _take(self, one: Wanted) -> None:
        """Keep a row if code, name, level and type make sense and the code is new in the file."""
        code, name = one.code, one.name
        if not code:
            self._refuse(one, "code", "", "代码空着", "请填写机构代码。")
        elif (wrong := _malformed(code)) is not None:
            reason, hint, why = wrong
            self._refuse(one, "code", code, reason, hint, why=why)
        elif code in self.wanted or code in self.refused_rows:
            earlier = self.wanted[code].row if code in self.wanted else self.refused_rows[code]
            # The refusal is of this row alone: the earlier one keeps the code.
            self.refuser.refuse(
                one.row,
                one.cells,
                "code",
                code,
                "代码 %(code)s 与第 %(earlier)s 行重复",
                "请核对是不是同一个机构：是，删去一行；不是，改正代码。",
                code=code,
                earlier=earlier,
            )
        elif not name or len(name) > 120:
            self._refuse(one, "name", name, "机构名称应为1至120个字", "请填写机构的全称。")
        elif self._understand(one):
            self.wanted[code] = one

    def _understand(self, one: Wanted) -> bool:
        if one.level:
            level = LEVEL_OF.get(one.level)
            if level is None:
                self._refuse(one, "level", one.level, "看不懂层级“%(level)s”", _LEVEL_HINT, level=one.level)
                return False
            one.level = str(level)
        if one.kind:
            found = KIND_OF.get(one.kind)
            if found is None:
                near = nearest(one.kind, KIND_OF, 1)
                hint = "是不是“%(near)s”？" if near else "可填：机关、内设机构、直属单位、党委、党总支、党支部等。"
                self._refuse(one, "kind", one.kind, "没有“%(kind)s”这种机构", hint, kind=one.kind, near="".join(near))
                return False
            one.kind, one.party_type = found
        return True

    # --- parents ---

    def _resolve_parents(self) -> None:
        """Find each row's parent by code, else by a name that only one has; refuse rows whose parent is not to be
        found.
        """
        names = self._names()
        for one in list(self.wanted.values()):
            parent = one.parent
            if not parent or parent in self.wanted or parent in self.known or parent in self.refused_rows:
                continue
            by_name = names.get(narrow(parent), ())
            if len(by_name) == 1:
                one.parent = by_name[0]
                continue
            hint, params = self._suggest(one)
            self._refuse(one, "parent", parent, "没有代码为 %(parent)s 的上级机构", hint, parent=parent, **params)

    def _names(self) -> dict[str, list[str]]:
        names: dict[str, list[str]] = {}
        if all(not one.parent or one.parent in self.wanted or one.parent in self.known for one in self.wanted.values()):
            return names
        for code, known in self.known.items():
            if code not in self.wanted:
                names.setdefault(known.name, []).append(code)
        for code, wanted in self.wanted.items():
            names.setdefault(wanted.name, []).append(code)
        return names

    def _suggest(self, one: Wanted) -> tuple[str, dict[str, str]]:
        """A hint that names the parent that was probably meant."""
        for code in _division_parents(one.code):
            if code != one.code and (name := self._name(code)):
                return "是不是 %(near)s（%(near_name)s）？", {"near": code, "near_name": name}
        self.suggested += 1
        if self.suggested <= _SUGGESTIONS and one.parent:
            near = nearest(one.parent, [*self.wanted, *(c for c in self.known if c not in self.wanted)], 1)
            if near and near[0] != one.code:
                return "最接近的是 %(near)s（%(near_name)s）。", {"near": near[0], "near_name": self._name(near[0])}
        return "请核对上级代码，或者把上级机构也填进表里。", {}

    def _name(self, code: str) -> str:
        if code in self.wanted:
            return self.wanted[code].name
        return self.known[code].name if code in self.known else ""

    def _parent_of(self, code: str) -> str:
        """The parent that `code` will have in the end; "" for none."""
        one, known = self.wanted.get(code), self.known.get(code)
        if one is not None and one.parent:
            return one.parent
        return known.parent if known is not None else ""

    def _from_the_top(self) -> list[Wanted]:
        """The rows whose line of parents is sound, parents first; the others are refused."""
        below: dict[str, list[Wanted]] = {}
        ready: deque[Wanted] = deque()
        for one in self.wanted.values():
            parent = one.parent
            if parent and parent in self.wanted:
                below.setdefault(parent, []).append(one)
            elif not parent or parent in self.known:
                ready.append(one)
        sound: list[Wanted] = []
        roots = sum(1 for known in self.known.values() if not known.parent)
        while ready:
            one = ready.popleft()
            fresh_root = not one.parent and one.code not in self.known
            if fresh_root and roots and one.level != Level.NATION:
                hint, params = self._suggest(one)
                self._refuse(one, "parent", "", "没有填上级机构代码", hint, **params)
                continue
            if not self._stands(one):
                continue
            roots += fresh_root
            sound.append(one)
            ready.extend(below.get(one.code, ()))
        self._refuse_the_rest({one.code for one in sound})
        return sound

    def _stands(self, one: Wanted) -> bool:
        """Whether the row may stand where it wants to; refuses it otherwise."""
        known = self.known.get(one.code)
        parent_code = one.parent
        if known is not None and known.closed:
            self._refuse(one, "code", one.code, "这个机构已经撤销", "如果撤销有误，请先恢复它。")
            return False
        above = self.known.get(parent_code)
        if known is None and above is not None and above.closed:
            self._refuse(
                one, "parent", parent_code, "上级“%(name)s”已经撤销", "请填写承接它的机构的代码。", name=above.name
            )
            return False
        if one.parent and known is not None and self._turns_in_a_circle(one.code):
            self._refuse(one, "parent", one.parent, "上级的上级又是它自己", _CIRCLE_HINT)
            return False
        one.depth = self._depth(one)
        if one.depth > MAX_DEPTH:
            self._refuse(one, "parent", one.parent, "层级超过 %(limit)s 层", "请减少中间层级。", limit=MAX_DEPTH)
            return False
        parent_kind = self._kind(parent_code) if parent_code else ""
        kind = self._kind(one.code)
        if parent_kind and parent_kind not in PARENTS[kind]:
            self._refuse(
                one,
                "parent",
                one.parent,
                "%(kind)s不能设在%(parent_kind)s之下",
                "请核对上级代码和机构类型。",
                kind=OrganisationKind(kind).label,
                parent_kind=OrganisationKind(parent_kind).label,
            )
            return False
        return True

    def _turns_in_a_circle(self, code: str) -> bool:
        seen: set[str] = set()
        at = self._parent_of(code)
        while at and at not in seen:
            if at == code:
                return True
            seen.add(at)
            at = self._parent_of(at)
        return False

    def _depth(self, one: Wanted) -> int:
        if one.parent:
            above = self.wanted.get(one.parent)
            return (above.depth if above else len(self.known[one.parent].path) // STEP) + 1
        return len(self.known[one.code].path) // STEP if one.code in self.known else 1

    def _kind(self, code: str) -> str:
        if code in self.known:
            return self.known[code].kind
        one = self.wanted.get(code)
        return (one.kind if one else "") or str(OrganisationKind.AGENCY)

    def _refuse_the_rest(self, sound: set[str]) -> None:
        """Rows that no sound line of parents leads to: below a refused row, or in a circle."""
        for one in [one for code, one in self.wanted.items() if code not in sound]:
            seen = [one.code]
            at = one.parent
            while at in self.wanted and at not in sound and at not in seen:
                seen.append(at)
                at = self.wanted[at].parent
            if at in seen:
                inside = at == one.code
                reason = "上级的上级又是它自己" if inside else "它的上级在一个互为上级的圈里"
                self.refuser.refuse(one.row, one.cells, "parent", one.parent, reason, _CIRCLE_HINT)
            else:
                self.refuser.refuse(
                    one.row,
                    one.cells,
                    "parent",
                    one.parent,
                    "它的上级（第 %(at)s 行）没有被接受",
                    "改正上级那一行后，这一行不用改，再导入一次即可。",
                    at=self.refused_rows.get(at, ""),
                )
        for code in [code for code in self.wanted if code not in sound]:
            del self.wanted[code]

    # --- what becomes of a sound row ---

    def _classify(self, one: Wanted, plan: Plan) -> None:
        known = self.known.get(one.code)
        if known is None:
            self._create(one, plan)
            return
        self.mine[one.code] = self._in_scope(known.path)
        if one.kind and (one.kind, one.party_type) != (known.kind, known.party_type):
            label = OrganisationKind(known.kind).label
            self._refuse(one, "kind", one.kind, "它现在是%(kind)s，导入不能改类型", "请在它的页面上办理。", kind=label)
            return
        fields = {
            name: value
            for name, value, old in (("name", one.name, known.name), ("level", one.level, known.level))
            if value and value != old
        }
        moved = bool(one.parent) and one.parent != known.parent
        if (fields or moved) and not self.mine[one.code]:
            self._refuse(one, "code", one.code, "不在您管理的范围内", "请由它的上级单位导入。")
        elif moved and not self._is_mine(one.parent):
            self._refuse(one, "parent", one.parent, "新的上级不在您管理的范围内", "请由共同的上级单位导入。")
        elif moved:
            plan.moved.append(Change(one, known, fields))
        elif fields:
            plan.changed.append(Change(one, known, fields))
        else:
            plan.unchanged += 1

    def _create(self, one: Wanted, plan: Plan) -> None:
        mine = self._is_mine(one.parent) if one.parent else "" in self.scopes
        self.mine[one.code] = mine
        if not mine:
            self._refuse(one, "parent", one.parent, "上级不在您管理的范围内", "请由上级单位导入。")
            return
        one.kind = one.kind or str(OrganisationKind.AGENCY)
        if one.kind == OrganisationKind.AGENCY and not one.level:
            one.level = guess_level(one.code)
        plan.created.append(one)

    def _is_mine(self, code: str) -> bool:
        if code not in self.mine:
            self.mine[code] = code in self.known and self._in_scope(self.known[code].path)
        return self.mine[code]

    def _in_scope(self, path: str) -> bool:
        return any(scope == "" or is_within(path, scope) for scope in self.scopes)


_LEVEL_HINT = "可填：国家级、省级、地级、县级。"
_CIRCLE_HINT = "请改正其中一行的上级代码。"


def guess_level(code: str) -> str:
    """The level that a division code (GB/T 2260) says: 000000 nation, xx0000 province, xxxx00 prefecture, else county.

    Empty for codes of other forms.
    """
    if not _DIVISION.fullmatch(code):
        return ""
    if code == "000000":
        return str(Level.NATION)
    if code.endswith("0000"):
        return str(Level.PROVINCE)
    return str(Level.PREFECTURE if code.endswith("00") else Level.COUNTY)


def _division_parents(code: str) -> list[str]:
    """The codes above a division code, nearest first."""
    if not _DIVISION.fullmatch(code):
        return []
    return ["000000"] if code.endswith("0000") else [code[:4] + "00", code[:2] + "0000"]


def _tidy_code(text: str) -> str:
    code = squeeze(text).upper()
    return code[:-2] if code.endswith(".0") and code[:-2].isdigit() else code


def _padded(code: str) -> str:
    return code.zfill(6) if code.isdigit() and len(code) < 6 else code


def _malformed(code: str) -> tuple[str, str, str] | None:
    """Why a code cannot be one (reason, hint, and what the reason's `why` says), or None."""
    if len(code) == 18 and code.isalnum():
        problems = check_credit_code(code).problems
        return ("统一社会信用代码有误：%(why)s", "请逐位核对。", "；".join(problems)) if problems else None
    if len(code) <= 30 and _CODE_FORMS.fullmatch(code):
        return None
    return "代码的写法不对", "一般是6位数字的行政区划代码；请去掉多余的字母、空格和符号。", ""
