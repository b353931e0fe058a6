"""Rules that each source file keeps on its own. Each rule is a function, shown here to catch what it is for."""

import ast
import re

import pytest

from tests.structure import exemptions
from tests.structure.tree import (
    FACES,
    PACKAGE,
    ROOT,
    calls,
    dotted,
    house_of,
    imports,
    parsed,
    public_functions,
    python_files,
    shown,
)

CLOCKS = {
    "datetime.now", "datetime.utcnow", "datetime.today", "date.today", "time.time", "timezone.now",
    "timezone.localdate", "datetime.datetime.now", "datetime.date.today",
}  # fmt: skip
SQL_CALLS = {"cursor", "raw", "extra", "RawSQL", "executescript"}
LONGEST = 500


def model_lookups(tree: ast.Module) -> list[str]:
    """`apps.get_model` by name: an import that no contract sees."""
    return [f"line {call.lineno}" for name, call in calls(tree) if name.split(".")[-1] == "get_model"]


def raw_sql(tree: ast.Module) -> list[str]:
    """SQL past the ORM: cursors, raw queries, extra clauses."""
    return [f"line {call.lineno}: {name}" for name, call in calls(tree) if name.split(".")[-1] in SQL_CALLS]


def signals(tree: ast.Module) -> list[str]:
    """Signals: action at a distance that no reader of the operation sees."""
    banned = ("django.dispatch", "django.db.models.signals", "django.core.signals")
    return [f"line {line}: {module}" for module, name, line in imports(tree) if f"{module}.{name}".startswith(banned)]


def clock_reads(tree: ast.Module) -> list[str]:
    """Reads of the clock: direct, as a default, or through the kernel's own clock."""
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and dotted(node) in CLOCKS:
            found.append(f"line {node.lineno}: {dotted(node)}")
        if isinstance(node, ast.keyword) and node.arg in {"auto_now", "auto_now_add"}:
            found.append(f"line {node.value.lineno}: {node.arg}")
    for module, name, line in imports(tree):
        if f"{module}.{name}".rstrip(".") == "quxin.kernel.clock" or (
            module == "quxin.kernel.clock" and name in {"now", "today"}
        ):
            found.append(f"line {line}: the kernel's clock")
    return found


def model_methods(tree: ast.Module) -> dict[str, list[str]]:
    """Methods of model classes beyond `__str__`, by class."""
    found = {}
    for node in tree.body:
        if isinstance(node, ast.ClassDef) and any(
            "Model" in dotted(base) or "User" in dotted(base) for base in node.bases
        ):
            names = [part.name for part in node.body if isinstance(part, ast.FunctionDef) and part.name != "__str__"]
            if names:
                found[node.name] = names
    return found


def writes(tree: ast.Module) -> list[str]:
    """Changes of rows, and imports of operations, in a file that should only read."""
    verbs = {
        "save",
        "create",
        "bulk_create",
        "bulk_update",
        "get_or_create",
        "update_or_create",
        "delete",
        "select_for_update",
    }
    found = [
        f"line {call.lineno}: {name}" for name, call in calls(tree) if "." in name and name.split(".")[-1] in verbs
    ]
    found += [
        f"line {line}: {module}.{name}"
        for module, name, line in imports(tree)
        if "operations" in f"{module}.{name}".split(".") and not is_plain_helper(module, name)
    ]
    return found


def is_plain_helper(module: str, name: str) -> bool:
    """Whether an operations module offers under this name something that takes no actor and no moment: a word, a sum."""
    path = ROOT / (module.replace(".", "/") + ".py")
    found = [node for node in parsed(path).body if getattr(node, "name", "") == name] if path.is_file() else []
    if not found or not isinstance(found[0], ast.FunctionDef):
        return False
    given = {argument.arg for argument in [*found[0].args.args, *found[0].args.kwonlyargs]}
    return not given & {"actor", "now"} and not writes(ast.Module([found[0]], []))


@pytest.mark.parametrize(
    ("rule", "bad", "good"),
    [
        (model_lookups, "apps.get_model('orgs', 'Person')", "apps.get_models()"),
        (raw_sql, "connection.cursor().execute('x')", "Fact.objects.filter(path='x')"),
        (raw_sql, "Fact.objects.raw('select 1')", "raw = 1"),
        (raw_sql, "qs.annotate(x=RawSQL('1', []))", "qs.annotate(x=F('y'))"),
        (signals, "from django.db.models.signals import post_save", "from django.db.models import F"),
        (signals, "from django.dispatch import receiver", "import signal"),
        (signals, "from django.db.models import signals", "from django.db import models"),
        (clock_reads, "x = timezone.now()", "x = timezone.localtime(now)"),
        (clock_reads, "at = models.DateTimeField(default=timezone.now)", "at = models.DateTimeField()"),
        (clock_reads, "at = models.DateTimeField(auto_now_add=True)", "at = models.DateTimeField(null=True)"),
        (clock_reads, "from quxin.kernel.clock import now", "from quxin.kernel.clock import SHANGHAI"),
        (clock_reads, "from quxin.kernel import clock", "from quxin.kernel import periods"),
        (
            model_methods,
            "class A(models.Model):\n def save(self): ...",
            "class A(models.Model):\n def __str__(self): ...",
        ),
        (writes, "Promise.objects.create(x=1)", "Promise.objects.filter(x=1)"),
        (writes, "from quxin.records.campaigns import operations", "from quxin.records.campaigns import queries"),
        (writes, "from quxin.ledger.operations import append", "from quxin.ledger.queries import facts"),
    ],
)
def test_each_rule_catches_what_it_is_for(rule, bad, good):
    assert rule(ast.parse(bad))
    assert not rule(ast.parse(good))


def offenders(rule, paths, exempt):
    """Findings in the files not exempt, and exemptions that nothing needs any more."""
    found = {shown(path): rule(parsed(path)) for path in paths}
    wrong = {name: said for name, said in found.items() if said and name not in exempt}
    idle = sorted(name for name in exempt if not found.get(name))
    return wrong, idle


def test_models_are_imported_not_looked_up():
    assert offenders(model_lookups, python_files(), exemptions.MODEL_LOOKUPS) == ({}, [])


def test_raw_sql_stays_in_ledger_and_measures():
    paths = [path for path in python_files() if house_of(path) not in {"ledger", "measures"}]
    assert offenders(raw_sql, paths, exemptions.RAW_SQL) == ({}, [])


def test_no_signals():
    assert offenders(signals, python_files(), {}) == ({}, [])


def test_the_clock_is_read_only_in_faces_and_configuration():
    paths = [path for path in python_files() if house_of(path) not in FACES | {"config"}]
    paths = [path for path in paths if path != PACKAGE / "kernel" / "clock.py"]
    assert offenders(clock_reads, paths, exemptions.CLOCK) == ({}, [])


def test_models_hold_fields_and_constraints_only():
    found = {}
    for path in python_files():
        if path.name == "models.py":
            for name, methods in model_methods(parsed(path)).items():
                found[f"{path.parent.name}.{name}"] = methods
    assert {name: methods for name, methods in found.items() if name not in exemptions.MODEL_METHODS} == {}
    assert set(exemptions.MODEL_METHODS) <= set(found)


def test_briefs_and_queries_only_read():
    paths = [
        path for path in python_files() if house_of(path) == "briefs" or path.name in {"queries.py", "querysets.py"}
    ]
    assert offenders(writes, paths, {}) == ({}, [])


def test_files_stay_short_or_say_why():
    suffixes = {".py", ".html", ".css", ".js"}
    paths = [path for folder in ("quxin", "tests") for path in (ROOT / folder).rglob("*")] + [ROOT / "run.py"]
    paths = [path for path in paths if path.suffix in suffixes and "migrations" not in path.parts]
    long = {shown(path) for path in paths if len(path.read_text("utf-8").splitlines()) > LONGEST}
    assert long - set(exemptions.LONG_FILES) == set()
    assert set(exemptions.LONG_FILES) - long == set()


@pytest.mark.parametrize("house", ["kernel", "ledger", "access", "measures", "records"])
def test_public_functions_say_what_they_do(house):
    functions = [
        (shown(path), function)
        for path in python_files()
        if house_of(path) == house
        for function in public_functions(parsed(path))
        if not is_override(function)
    ]
    assert functions
    bare = [f"{name}:{function.lineno} {function.name}" for name, function in functions if not says_something(function)]
    assert bare == []


def is_override(function: ast.FunctionDef) -> bool:
    """Whether a decorator says that the docstring stands elsewhere."""
    return any(dotted(decorator).split(".")[-1] in {"override", "overload"} for decorator in function.decorator_list)


def says_something(function: ast.FunctionDef) -> bool:
    """Whether the docstring is more than the name again."""
    words = re.findall(r"\w+", ast.get_docstring(function) or "")
    return len(words) >= 3 and "".join(words).lower() != function.name.replace("_", "")


def test_a_docstring_must_say_more_than_the_name():
    def function(source: str) -> ast.FunctionDef:
        return ast.parse(source).body[0]

    assert not says_something(function("def close_round(): ..."))
    assert not says_something(function("def close_round(): 'Close round.'"))
    assert says_something(function("def close_round(): 'Append the aggregates above the minimum.'"))


def test_nothing_is_left_for_later():
    words = re.compile(r"\b(" + "|".join(("TO" + "DO", "FIX" + "ME", "XX" + "X")) + r")\b")
    assert words.search("# " + "TO" + "DO: later")
    suffixes = {".py", ".html", ".css", ".js", ".md", ".yaml", ".yml", ".toml", ".txt", ".po"}
    inside = [path for folder in ("quxin", "tests", "packs", "docs", "locale") for path in (ROOT / folder).rglob("*")]
    texts = [path for path in [*inside, *ROOT.iterdir()] if path.suffix in suffixes and path.is_file()]
    assert [shown(path) for path in texts if words.search(path.read_text("utf-8", "replace"))] == []
