"""What the code declares, the documents tell: fact kinds, measures, settings; and the other way round."""

import ast
import re

import pytest

from tests.structure.tree import PACKAGE, ROOT, backticked, dotted, parsed, python_files

READERS = {"read_flag", "read_int", "read_choice", "read_list", "getenv", "environ.get", "os.environ.get", "os.getenv"}
#: Read from the environment, and nobody's setting: what the shell and the runtime say of themselves.
NOT_SETTINGS = {"DJANGO_SETTINGS_MODULE", "USER", "HOME", "PATH", "LANG", "COLUMNS"}


def documented_kinds(text: str) -> set[str]:
    """Fact kinds in the first column of the table of kinds; `.kept` after `commitment.made` is `commitment.kept`."""
    kinds = set()
    table = re.search(r"^\| fact kind .*?\n\n", text, re.DOTALL | re.MULTILINE)
    for row in table.group(0).strip().splitlines()[2:] if table else ():
        stem = ""
        for word in re.findall(r"`([^`]+)`", row.split("|")[1]):
            stem = word.split(".")[0] if not word.startswith(".") else stem
            kinds.add(stem + word if word.startswith(".") else word)
    return kinds


def test_how_the_table_of_kinds_is_read():
    text = "| fact kind | label |\n| --- | --- |\n| `a.b` | `x.y` |\n| `c.d` `.e` | |\n\nmore `f.g`\n"
    assert documented_kinds(text) == {"a.b", "c.d", "c.e"}


def test_every_fact_kind_is_documented_and_declared():
    from quxin.ledger.kinds import all_kinds

    declared = {kind.id for kind in all_kinds()}
    documented = documented_kinds((ROOT / "docs/architecture.md").read_text("utf-8"))
    assert declared - documented == set()
    assert documented - declared == set()


def test_every_built_in_measure_is_documented():
    from quxin.packs.builtin import BUILTIN

    assert BUILTIN
    text = (ROOT / "docs/reference/measures.md").read_text("utf-8")
    assert sorted(set(BUILTIN) - backticked(text)) == []


def settings_read(tree: ast.Module) -> set[str]:
    """Names of the environment's variables that a file reads."""
    names = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            words = [part.value if isinstance(part, ast.Constant) else None for part in node.args] or [None]
            if dotted(node.func) in READERS:
                names.add(words[0])
            elif dotted(node.func) == "secret" and words[-1]:
                names.add(f"QUXIN_{words[-1]}".upper())
        elif (
            isinstance(node, ast.Subscript)
            and isinstance(node.ctx, ast.Load)
            and isinstance(node.slice, ast.Constant)
            and dotted(node.value) in {"environ", "os.environ"}
        ):
            names.add(node.slice.value)
    return names - NOT_SETTINGS - {None}


@pytest.mark.parametrize(
    ("source", "names"),
    [
        ("X = read_flag('QUXIN_X', False)", {"QUXIN_X"}),
        ("X = os.environ.get('QUXIN_X') or 1", {"QUXIN_X"}),
        ("X = os.environ['QUXIN_X']", {"QUXIN_X"}),
        ("os.environ['QUXIN_X'] = '1'", set()),
        ("KEY = secret(HOME, 'secret_key')", {"QUXIN_SECRET_KEY"}),
        ("x = headers.get('QUXIN_X')", set()),
    ],
)
def test_what_counts_as_reading_a_setting(source, names):
    assert settings_read(ast.parse(source)) == names


def test_every_setting_is_documented_and_every_documented_one_is_read():
    text = (ROOT / "docs/operate/settings.md").read_text("utf-8")
    documented = {word for word in backticked(text) if re.fullmatch(r"(QUXIN_[A-Z_]+|PORT|DATABASE_URL(_TEST)?)", word)}
    product = {name for path in python_files(migrations=True) for name in settings_read(parsed(path))}
    ours = [ROOT / "run.py", ROOT / "tests" / "stages.py", ROOT / "tests" / "browser.py"]
    all_read = product | {name for path in ours for name in settings_read(parsed(path))}
    assert "QUXIN_HOME" in product
    assert sorted(product - documented) == []
    assert sorted(documented - all_read) == []


def test_settings_are_read_in_configuration_only():
    allowed = {"config", "jobs"}
    stray = [
        path.relative_to(PACKAGE).as_posix()
        for path in python_files()
        if path.relative_to(PACKAGE).parts[0] not in allowed and settings_read(parsed(path))
    ]
    assert stray == []


def test_decisions_are_numbered_without_gaps():
    numbers = sorted(int(path.name[:4]) for path in (ROOT / "docs/decisions").glob("[0-9][0-9][0-9][0-9]-*.md"))
    assert numbers == list(range(1, len(numbers) + 1))
