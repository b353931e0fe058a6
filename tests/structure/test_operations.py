"""An operation that writes a record leaves a trace: a fact in the ledger, or an entry in the audit.

A heuristic over the source: each operation must reach the ledger's writers, itself or through the functions of ours
that it calls.
"""

import ast
from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest

from tests.structure import exemptions
from tests.structure.tree import PACKAGE, calls, parsed

TRACES = {"append", "end", "reverse", "audit"}
CHANGES = {"save", "create", "bulk_create", "bulk_update", "get_or_create", "update_or_create", "update", "delete"}
RECORDS = sorted(path.parent for path in (PACKAGE / "records").glob("*/migrations"))
KEPT = [PACKAGE / "orgs", *RECORDS]
#: Packages whose modules are named for their matter.
BY_MATTER = {"orgs", "evaluations"}


@cache
def ledger_names(tree: ast.Module) -> set[str]:
    """Dotted names under which a module calls the ledger's writers, however it imported them."""
    names = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("quxin.ledger"):
            for alias in node.names:
                called = alias.asname or alias.name
                names |= {called} if alias.name in TRACES else {f"{called}.{verb}" for verb in TRACES}
        elif isinstance(node, ast.ImportFrom) and node.module == "quxin":
            called = next((alias.asname or alias.name for alias in node.names if alias.name == "ledger"), "")
            names |= {f"{called}.{verb}" for verb in TRACES} if called else set()
    return names


def functions(tree: ast.Module) -> dict[str, ast.FunctionDef]:
    """The functions at the top of a module."""
    return {node.name: node for node in tree.body if isinstance(node, ast.FunctionDef)}


def classes(tree: ast.Module) -> dict[str, ast.ClassDef]:
    """The classes at the top of a module."""
    return {node.name: node for node in tree.body if isinstance(node, ast.ClassDef)}


@cache
def ours(tree: ast.Module) -> set[str]:
    """Names that a module imports from the product."""
    return {
        alias.asname or alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("quxin")
        for alias in node.names
    }


def own_calls(tree: ast.Module, made: set[str]) -> set[str]:
    """Of the calls made, those to functions of ours, without their module: `rows.replace()` is none of them."""
    return {name.split(".")[-1] for name in made if "." not in name or name.split(".")[0] in ours(tree)}


def reaching(trees: list[ast.Module], meant: Callable[[ast.Module, set[str]], bool]) -> set[str]:
    """Names of functions whose calls are what is `meant`, directly or through one another."""
    reached: set[str] = set()
    called: dict[str, set[str]] = {}
    for tree in trees:
        # A class counts as one function of all its methods: whoever makes one sets it to work.
        for name, function in (functions(tree) | classes(tree)).items():
            made = {dotted for dotted, _ in calls(function)}
            called.setdefault(name, set()).update(own_calls(tree, made))
            if meant(tree, made):
                reached.add(name)
    while more := {name for name, inner in called.items() if inner & reached} - reached:
        reached |= more
    return reached


def traced(trees: list[ast.Module]) -> set[str]:
    """Functions that reach the ledger's writers."""
    return reaching(trees, lambda tree, made: bool(made & ledger_names(tree)))


def changing(trees: list[ast.Module]) -> set[str]:
    """Functions that change rows: a method of a row or of a set of rows, by its name."""
    return reaching(trees, lambda tree, made: any("." in name and name.split(".")[-1] in CHANGES for name in made))


def trees() -> list[ast.Module]:
    """Everything that operations may call on their own side of the ledger."""
    return [parsed(path) for folder in KEPT for path in sorted(folder.rglob("*.py"))]


def parameters(function: ast.FunctionDef) -> set[str]:
    """The names of all parameters."""
    given = function.args
    return {argument.arg for argument in [*given.posonlyargs, *given.args, *given.kwonlyargs]}


def is_operation(folder: Path, path: Path, function: ast.FunctionDef, changes: set[str]) -> bool:
    """Whether a function is an operation: in operations*.py what takes an actor or changes rows.

    Where modules are named for their matter it is what takes both an actor and a moment.
    """
    if function.name.startswith("_"):
        return False
    if folder.name in BY_MATTER:
        return {"actor", "now"} <= parameters(function)
    in_operations = path.stem.startswith("operations") or path.parent.name == "operations"
    return in_operations and ("actor" in parameters(function) or function.name in changes)


@cache
def operations() -> dict[str, ast.FunctionDef]:
    """Every operation by `package.function`."""
    changes = changing(trees())
    return {
        f"{folder.name}.{name}": function
        for folder in KEPT
        for path in sorted(folder.rglob("*.py"))
        for name, function in functions(parsed(path)).items()
        if is_operation(folder, path, function, changes)
    }


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("from quxin.ledger.operations import append\ndef keep(): append([])", {"keep"}),
        ("from quxin.ledger import operations as ledger\ndef keep(): ledger.audit(1)", {"keep"}),
        ("from quxin import ledger\ndef keep(): ledger.append(1)", {"keep"}),
        ("from quxin.ledger.operations import audit\ndef keep(): _note()\ndef _note(): audit(1)", {"keep", "_note"}),
        ("def keep(): [].append(1)", set()),
        ("from quxin.ledger.operations import append\ndef keep(): rows.append(1)", set()),
        ("from quxin.ledger.operations import append\ndef keep(): x.add(1)\ndef add(): append(1)", {"add"}),
        (
            "from quxin.ledger.operations import audit\n"
            "class Import:\n def run(self): audit(1)\n"
            "def keep(): Import().run()",
            {"keep", "Import"},
        ),
        ("def keep(): row.save()", set()),
    ],
)
def test_what_counts_as_a_trace(source, expected):
    assert traced([ast.parse(source)]) == expected


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("def keep(): row.save()", {"keep"}),
        ("def keep(): _put()\ndef _put(): Promise.objects.create(x=1)", {"keep", "_put"}),
        ("def subject(task): return f'task:{task}'", set()),
        ("def create(): return 1", set()),
    ],
)
def test_what_counts_as_a_change(source, expected):
    assert changing([ast.parse(source)]) == expected


def test_every_operation_leaves_a_trace():
    reached = traced(trees())
    silent = {name for name in operations() if name.split(".")[1] not in reached}
    assert silent - set(exemptions.SILENT_OPERATIONS) == set()
    assert set(exemptions.SILENT_OPERATIONS) - silent == set()


def test_operations_take_keywords_and_say_who_acts():
    wrong = []
    kinds = {folder.name for folder in RECORDS}
    nobodys = set()
    for name, function in operations().items():
        if name.split(".")[0] not in kinds:
            continue
        if function.args.args or function.args.posonlyargs:
            wrong.append(f"{name}: keyword-only, put * first")
        if "actor" not in parameters(function):
            nobodys.add(name)
    assert wrong == []
    assert nobodys - set(exemptions.NO_ACTOR) == set()
    assert set(exemptions.NO_ACTOR) - nobodys == set()


@pytest.mark.parametrize("folder", KEPT, ids=lambda folder: folder.name)
def test_each_kind_of_record_has_operations(folder):
    assert any(name.startswith(f"{folder.name}.") for name in operations())
