"""Collect the words of the interface into the English catalogue: `make messages`, or `python locale/extract.py [--check]`.

The msgids are Chinese and stand where they are used. They are found in four ways:

* templates: `trans`, `blocktrans` and `_()`, read by Django's own reader of templates;
* Python: the literals handed to gettext and its sisters;
* packs of the house: what they give in both languages;
* Python: every other literal with Chinese characters, because errors, refusals, remarks and choices are written as plain
  literals in packages that know no language, and are translated by the faces that show them.

So a Chinese literal is a msgid until this file says that it is not: `DATA` names the files, and the names in files, whose
Chinese is data or a document, each with the reason. Sentences put together by an f-string cannot be translated; they are
reported as `pieces`, unless `DATA` covers them. Not for the command line (`quxin/jobs`), which speaks Chinese only.
"""

import argparse
import ast
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import polib
import yaml
from django.utils.translation.template import templatize

ROOT = Path(__file__).resolve().parents[1]
CATALOGUE = ROOT / "locale" / "en" / "LC_MESSAGES" / "django.po"
HAN = re.compile(r"[\u3400-\u9fff]")
PLACEHOLDER = re.compile(r"%(?:\((\w+)\))?[-+#0]*\d*(?:\.\d+)?[a-zA-Z%]|\{(\w*)\}", re.ASCII)

#: The functions whose literals are msgids, and how many of their arguments are.
GETTEXT = {
    "_": 1, "gettext": 1, "gettext_lazy": 1, "gettext_noop": 1, "pgettext": 1, "pgettext_lazy": 1,
    "ngettext": 2, "ngettext_lazy": 2, "npgettext": 2, "npgettext_lazy": 2,
}  # fmt: skip
#: Calls whose Chinese is a pattern, or what people write in a sheet.
NO_WORDS = {"Column", "re.compile", "re.sub", "re.match", "re.fullmatch", "re.search", "re.split"}
#: Calls, and keys of dictionaries, that hold Chinese beside its own English: at which arguments, under which names.
OWN_ENGLISH_CALLS = {"Term": (0, 1), "declare": (1, 2)}
OWN_ENGLISH_KEYS = (("zh", "en"), ("label", "label_en"), ("description", "description_en"))
#: `file::name` -> the context of its msgids, where one Chinese word stands for two English ones.
CONTEXTS = {
    "quxin/briefs/traces.py::ACTIONS": "history",
    "quxin/portal/shell.py::PLACES": "place",
    "quxin/desk/organisation_forms.py::ACTS": "organisation",
    **{
        f"quxin/orgs/models.py::OrganisationChange.Kind.{name}": "change"
        for name in ("CREATED", "RENAMED", "MOVED", "MERGED", "SPLIT", "CLOSED", "CORRECTED")
    },
}
#: `file::name` of Terms that are units: singular and plural, in a context of their own.
UNITS = "quxin/packs/vocabulary.py::UNITS"

_SCHEMA = "descriptions in the schema of packs, which editors show to writers of Chinese YAML"
_PAPER = "words of the official document, which is Chinese in every interface"
_SHEET = "words of the Excel forms: matched when a form comes back, and the forms are Chinese documents"
_NUMERALS = "Chinese numerals and hedges: how Chinese texts write numbers"
_STORED = "kept in the database as it is, like a name"

#: file, or `file::name` for what stands under one name of the file -> why its Chinese is no msgid.
DATA: dict[str, str] = {
    "quxin/config/environment.py": "said on the terminal before there is a language",
    "quxin/kernel/characters.py": "family names",
    "quxin/kernel/text.py::_SURNAMES": "characters that are read differently in names",
    "quxin/kernel/text.py::_PLACES": "characters that are read differently in place names",
    "quxin/kernel/text.py::_IN_NAMES": "characters that are read differently in names",
    "quxin/kernel/text.py::_word_syllables": "characters that are read differently in words",
    **{
        f"quxin/kernel/hedged.py::{name}": _NUMERALS
        for name in (
            "Kind",
            "hedge",
            "check_hedge",
            "number_zh",
            "count_zh",
            "_ZH_DIGITS",
            "_ZH_PLACES",
            "_inner_zh",
            "_below_wan",
            "_wan_text",
            "_Claim.kind",
            "_read",
            "_zh_value",
        )
    },
    "quxin/briefs/figures.py::MONTHS": _NUMERALS,
    "quxin/briefs/figures.py::month_zh": _NUMERALS,
    "quxin/briefs/bulletins.py": _PAPER,
    "quxin/packs/bulletin.py": _PAPER,
    "quxin/reports/document.py::chinese": _NUMERALS,
    "quxin/reports/document.py::long_date": _PAPER,
    "quxin/reports/layout.py": "names of typefaces",
    "quxin/reports/letterhead.py::default_mark": _PAPER,
    "quxin/reports/letterhead.py::blank_number": _PAPER,
    "quxin/reports/paper.py": _PAPER,
    "quxin/reports/titles.py": _PAPER,
    "quxin/reports/word.py": _PAPER,
    "quxin/reports/word_letterhead.py": _PAPER,
    "quxin/ledger/operations.py::_books": _STORED,
    "quxin/measures/scratch.py": "a book of the bench",
    "quxin/orgs/imports.py::REASON": _STORED,
    "quxin/orgs/people.py::ERASED_NAME": _STORED,
    "quxin/orgs/sizes.py::_COMMITTEE_POSTS": "titles of posts, as people write them",
    "quxin/records/campaigns/operations_deploy.py::_write_leaders": _STORED,
    "quxin/orgs/import_words.py": _SHEET,
    "quxin/orgs/people_words.py": _SHEET,
    "quxin/records/activities/forms.py::_time": "how people write a time of day",
    "quxin/records/campaigns/forms.py::TITLE_ALIASES": _SHEET,
    "quxin/records/campaigns/forms.py::_fixed": _SHEET,
    "quxin/sheets/book.py": _SHEET,
    "quxin/sheets/headers.py": _SHEET,
    "quxin/sheets/templates.py": _SHEET,
    "quxin/sheets/writing.py::_totals": _SHEET,
    "quxin/sheets/cells.py::_YES": _SHEET,
    "quxin/sheets/cells.py::_NO": _SHEET,
    "quxin/sheets/cells.py::_text": _SHEET,
    "quxin/sheets/reading.py::_FOOT_STARTS": _SHEET,
    "quxin/sheets/reading.py::_STEMS": _SHEET,
    "quxin/sheets/reading.py::Table._not_data": _SHEET,
    "quxin/packs/base_types.py": _SCHEMA,
    "quxin/packs/campaign_types.py": _SCHEMA,
    "quxin/packs/evaluation_types.py": "descriptions in the schema of packs, and scales with their own English",
    "quxin/packs/measure_types.py": _SCHEMA,
    "quxin/packs/outline.py::NAMES": _SCHEMA,
    "quxin/packs/report_types.py": _SCHEMA,
    "quxin/packs/schema.py": "the reference of packs, written for readers of both languages",
    "quxin/packs/types.py": _SCHEMA,
    "quxin/packs/builtin.py": "units of measures; their words stand beside their own English",
    "quxin/packs/vocabulary.py::UNITS": "keys of units",
    "quxin/briefs/contributions.py": "units, printed after their number",
    "quxin/packs/vocabulary.py::VAGUE_WORDS": "words that are looked for in Chinese promises",
    "quxin/records/evaluations/free_words.py::_CALLED": "titles that are looked for in what people wrote",
    "quxin/records/evaluations/free_words.py::_BEFORE": "titles that are looked for in what people wrote",
    "quxin/records/evaluations/free_words.py::_is_han": "the first and the last Chinese character",
    "quxin/records/commitments/wording.py::_REASONS": "words that are looked for in Chinese promises",
    "quxin/desk/views/home.py::WEEKDAYS": "how Chinese names a weekday",
    "quxin/desk/views/home.py::_note": "how Chinese names a weekday",
    "quxin/ui/gallery.py": "an invented office for the page that shows every component",
    "quxin/ui/words.py::_CLASSIFIERS": "words that Chinese puts between number and thing; English drops them",
    "quxin/ui/words.py::zh_date": "how Chinese writes a date; the same function writes it in English",
    "quxin/ui/words.py::zh_day": "how Chinese writes a date; the same function writes it in English",
    "quxin/ui/words.py::zh_month": "how Chinese writes a date; the same function writes it in English",
    "quxin/kernel/periods.py::zh_date": "how Chinese writes a date; `Period.en` writes it in English",
    "quxin/kernel/periods.py::_zh_parts": "how Chinese writes a date; `Period.en` writes it in English",
}

#: `file::name` -> why parts of f-strings may stand there in Chinese only; its whole literals are msgids all the same.
PIECES: dict[str, str] = {
    "quxin/briefs/figures.py::printed": "how Chinese writes a month",
    "quxin/ledger/models.py::Seal.__str__": "for logs and the shell",
    "quxin/sheets/cells.py::CellProblem.__str__": "for the command line",
    "quxin/ledger/offline.py::check_seals": "the checker for outsiders, run on the command line without the product",
    "quxin/packs/checking.py::_drawn": "a drawing of task ids, for the command line",
    "quxin/portal/views/posters.py::lines": "the poster, which is Chinese in every interface",
    "quxin/desk/views/rounds.py::_poster_words": "the poster, which is Chinese in every interface",
    "quxin/desk/views/rounds_print.py::_card_lines": "the printed card, which is Chinese in every interface",
    "quxin/packs/wording.py::_spelled": "where in a YAML file, for the command line",
}


@dataclass(slots=True)
class Message:
    """One msgid: its context, its plural (the same as the msgid in Chinese), the English that the source itself gives it
    (and whether it is used without as well), and the files that use it.
    """

    msgid: str
    context: str = ""
    plural: str = ""
    english: set[str] = field(default_factory=set)
    is_plain: bool = False
    files: set[str] = field(default_factory=set)


@dataclass(slots=True)
class Found:
    """All that an extraction found; `pieces` are untranslatable parts of f-strings, `used` the entries of DATA met."""

    messages: dict[tuple[str, str], Message] = field(default_factory=dict)
    pieces: list[str] = field(default_factory=list)
    used: set[str] = field(default_factory=set)

    def add(self, file: str, msgid: str, *, context: str = "", plural: str = "", english: str = "") -> None:
        """Note that `file` uses `msgid`."""
        message = self.messages.setdefault((context, msgid), Message(msgid, context))
        message.plural = message.plural or plural
        message.files.add(file)
        if english:
            message.english.add(english)
        else:
            message.is_plain = True


def extract() -> Found:
    """Every msgid of the templates and the Python of the product."""
    found = Found()
    package = ROOT / "quxin"
    for path in sorted(package.rglob("*.html")):
        file = path.relative_to(ROOT).as_posix()
        for function, arguments in template_calls(path.read_text("utf-8")):
            _take_call(found, file, function, arguments)
    for path in sorted(package.rglob("*.py")):
        file = path.relative_to(ROOT).as_posix()
        if not path.is_relative_to(package / "jobs") and "migrations" not in path.parts:
            from_python(found, file, path.read_text("utf-8"))
    for path in sorted((ROOT / "packs").rglob("*.yaml")):
        from_pack(found, path.relative_to(ROOT).as_posix(), yaml.safe_load(path.read_text("utf-8")))
    return found


def from_pack(found: Found, file: str, part: Any) -> None:
    """Add what a part of a pack says in both languages."""
    if isinstance(part, dict):
        for zh, en in OWN_ENGLISH_KEYS:
            if isinstance(part.get(zh), str) and part.get(en):
                found.add(file, part[zh], english=part[en])
    for inner in part.values() if isinstance(part, dict) else part if isinstance(part, list) else ():
        from_pack(found, file, inner)


def template_calls(text: str) -> Iterator[tuple[str, list[str]]]:
    """The gettext calls that a template amounts to: function and literal arguments."""
    for match in re.finditer(r"\b(gettext|ngettext|pgettext|npgettext|_)\(", templatize(text)):
        rest = templatize_argument(match.string, match.end())
        yield match[1], rest


def templatize_argument(source: str, start: int) -> list[str]:
    """The string literals from `start` to the end of the call."""
    arguments, at = [], start
    literal = re.compile(r"\s*,?\s*u?('(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\")", re.DOTALL)
    while match := literal.match(source, at):
        arguments.append(ast.literal_eval(match[1]))
        at = match.end()
    return arguments


def _take_call(found: Found, file: str, function: str, arguments: list[str]) -> None:
    context = arguments.pop(0) if function.lstrip("n").startswith("pgettext") and arguments else ""
    if arguments:
        plural = arguments[1] if GETTEXT.get(function, 1) == 2 and len(arguments) > 1 else ""
        found.add(file, arguments[0], context=context, plural=plural)


def from_python(found: Found, file: str, source: str) -> None:
    """Add the msgids and the pieces of one Python file."""
    for name, statement in _named(ast.parse(source)):
        _Reader(found, file, name).visit(statement)


def _named(tree: ast.Module | ast.ClassDef, within: str = "") -> Iterator[tuple[str, ast.stmt]]:
    """The statements of a module with the name each stands under: `NAME`, `function`, `Class.method`."""
    for node in tree.body:
        name = within
        if isinstance(node, ast.ClassDef):
            yield from _named(node, f"{within}{node.name}.")
            continue
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            name += node.name
        elif isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            name += node.targets[0].id
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            name += node.target.id
        yield name, node


class _Reader(ast.NodeVisitor):
    """Reads one statement of a file."""

    def __init__(self, found: Found, file: str, name: str) -> None:
        self.found, self.file = found, file
        self.place = f"{file}::{name}"

    def is_data(self) -> bool:
        """Whether DATA covers this place; notes that it was of use."""
        covered = [key for key in (self.file, self.place) if key in DATA]
        self.found.used.update(covered)
        return bool(covered)

    def visit_Expr(self, node: ast.Expr) -> None:
        """A bare string is a docstring."""
        if not isinstance(node.value, ast.Constant):
            self.generic_visit(node)

    def visit_Dict(self, node: ast.Dict) -> None:
        """Keys of OWN_ENGLISH_KEYS give msgids with their English; the rest of the dictionary is read as ever."""
        values = {key.value: value for key, value in zip(node.keys, node.values, strict=True) if _is_text(key)}
        taken = set()
        for zh, en in OWN_ENGLISH_KEYS:
            if _is_text(values.get(zh)) and _is_text(values.get(en)):
                self.found.add(self.file, values[zh].value, english=values[en].value)
                taken |= {id(values[zh]), id(values[en])}
        for child in (*node.keys, *node.values):
            if child is not None and id(child) not in taken:
                self.visit(child)

    def visit_Call(self, node: ast.Call) -> None:
        """Calls of gettext give msgids; some others give msgids with their English, or none."""
        dotted = ast.unparse(node.func)
        function = dotted.split(".")[-1]
        literals = [one.value for one in node.args if isinstance(one, ast.Constant) and isinstance(one.value, str)]
        if function in GETTEXT and literals:
            _take_call(self.found, self.file, function.removesuffix("_lazy").removesuffix("_noop"), literals)
        elif dotted in OWN_ENGLISH_CALLS:
            self._own_english(*(node.args[at] for at in OWN_ENGLISH_CALLS[dotted]))
        elif dotted not in NO_WORDS:
            self.generic_visit(node)

    def _own_english(self, zh: ast.expr, en: ast.expr) -> None:
        if not (_is_text(zh) and HAN.search(zh.value)):
            return
        if self.place == UNITS:
            self.found.add(self.file, zh.value, context="unit", plural=zh.value)
        else:
            self.found.add(self.file, zh.value, english=en.value)

    def visit_JoinedStr(self, node: ast.JoinedStr) -> None:
        """Chinese between the braces of an f-string never reaches the catalogue."""
        for part in node.values:
            if isinstance(part, ast.FormattedValue):
                self.visit(part.value)
            elif HAN.search(part.value) and not self.is_data():
                self._piece(part.value, node.lineno)

    def _piece(self, text: str, line: int) -> None:
        if self.place in PIECES:
            self.found.used.add(self.place)
        else:
            self.found.pieces.append(f"{self.place} (line {line}): {text}")

    def visit_Constant(self, node: ast.Constant) -> None:
        """Any other Chinese literal is a msgid, unless DATA says why not."""
        if isinstance(node.value, str) and HAN.search(node.value) and not self.is_data():
            self.found.add(self.file, node.value, context=CONTEXTS.get(self.place, ""))


def _is_text(node: ast.expr | None) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str)


def placeholders(text: str) -> set[str]:
    """The placeholders of a message: `%(name)s`, `%s`, `{name}`; `%%` is none."""
    return {match[0] for match in PLACEHOLDER.finditer(text) if match[0] != "%%"}


def update(found: Found, path: Path = CATALOGUE) -> tuple[int, int]:
    """Bring the catalogue up to date: (added, dropped). Translations stay, words used nowhere go; order by file."""
    old = polib.pofile(str(path), wrapwidth=0) if path.exists() else polib.POFile()
    known = {(entry.msgctxt or "", entry.msgid): entry for entry in old if not entry.obsolete}
    new = polib.POFile(wrapwidth=0)
    new.metadata = {
        "Project-Id-Version": "Quxin",
        "Language": "en",
        "MIME-Version": "1.0",
        "Content-Type": "text/plain; charset=UTF-8",
        "Content-Transfer-Encoding": "8bit",
        "Plural-Forms": "nplurals=2; plural=(n != 1);",
    }
    for key, message in sorted(found.messages.items(), key=lambda one: (min(one[1].files), one[0])):
        new.append(_entry(message, known.get(key)))
    path.parent.mkdir(parents=True, exist_ok=True)
    new.save(str(path))
    return len(found.messages.keys() - known.keys()), len(known.keys() - found.messages.keys())


def _entry(message: Message, old: polib.POEntry | None) -> polib.POEntry:
    entry = polib.POEntry(msgid=message.msgid, occurrences=[(file, "") for file in sorted(message.files)])
    entry.msgctxt = message.context or None
    if re.search(r"%\(\w+\)", message.msgid):
        entry.flags = ["python-format"]
    if message.plural:
        entry.msgid_plural = message.plural
        entry.msgstr_plural = {0: "", 1: ""} | dict(old.msgstr_plural if old else {})
    else:
        entry.msgstr = old.msgstr if old else ""
        if message.english and not (message.is_plain and entry.msgstr) and entry.msgstr not in message.english:
            entry.msgstr = min(message.english)
    if old:
        entry.tcomment = old.tcomment
    return entry


def untranslated(path: Path = CATALOGUE) -> list[str]:
    """The msgids of the catalogue without English."""
    return [entry.msgid for entry in polib.pofile(str(path), wrapwidth=0) if not entry.translated()]


def main() -> int:
    """Write the catalogue, or with --check only say what writing it would change."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--check", action="store_true", help="change nothing; fail if the catalogue is behind")
    options = parser.parse_args()
    found = extract()
    if options.check:
        known = {(entry.msgctxt or "", entry.msgid) for entry in polib.pofile(str(CATALOGUE), wrapwidth=0)}
        added, dropped = len(found.messages.keys() - known), len(known - found.messages.keys())
    else:
        added, dropped = update(found)
    missing = untranslated()
    print(f"{len(found.messages)} messages, {added} new, {dropped} gone, {len(missing)} without English")
    for said in [*missing, *found.pieces]:
        print(f"  {said!r}")
    return 1 if missing or found.pieces or (options.check and (added or dropped)) else 0


if __name__ == "__main__":
    sys.exit(main())
