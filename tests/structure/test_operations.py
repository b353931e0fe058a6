"""An operation that writes a record leaves a trace: a fact in the ledger, or an entry in the audit.

A heuristic over the source: each public function of an operations module must reach the ledger's writers, itself or
through the functions that it calls.
"""

import ast
from collections.abc import Callable

import pytest

from tests.structure import exemptions
from tests.structure.tree import PACKAGE, calls, parsed

TRACES = {"append", "reverse", "audit"}
CHANGES = {"save", "create", "bulk_create", "bulk_update", "get_or_create", "update_or_create", "update", "delete"}
KEPT = [PACKAGE / "orgs", *sorted(path for path in (PACKAGE / "records").iterdir() if path.is_dir())]


def ledger_names(tree: ast.Module) -> set[str]:
    """Dotted names under which a module calls the ledger's writers, however it imported them."""
    names = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("quxin.ledger"):
            for alias in node.names:
                called = alias.asname or alias.name
                names |= {called} if alias.name in TRACES else {f"{called}.{verb}" for verb in TRACES}
        elif isinstance(node, ast.ImportFrom) and node.module == "quxin":
            called = next((alias.asname or alias.name for alias in node.names if alias.name == "ledger"), None)
            names |= {f"{called}.{verb}" for verb in TRACES} if called else set()
    return names


def functions(tree: ast.Module) -> dict[str, ast.FunctionDef]:
    """The functions at the top of a module."""
    return {node.name: node for node in tree.body if isinstance(node, ast.FunctionDef)}


def reaching(trees: list[ast.Module], meant: Callable[[ast.Module, set[str]], bool]) -> set[str]:
    """Names of functions whose calls are what is `meant`, directly or through one another."""
    reached: set[str] = set()
    called: dict[str, set[str]] = {}
    for tree in trees:
        for name, function in functions(tree).items():
            made = {dotted for dotted, _ in calls(function)}
            called.setdefault(name, set()).update(dotted.split(".")[-1] for dotted in made)
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


def is_operations(path) -> bool:
    """Whether a file holds operations: operations.py, or any module of a package of that name."""
    return path.stem.startswith("operations") or path.parent.name == "operations"


def public_operations() -> dict[str, ast.FunctionDef]:
    """Every public operation by `package.function`: what takes an actor or changes rows; the rest are helpers."""
    changes = changing(trees())
    return {
        f"{folder.name}.{name}": function
        for folder in KEPT
        for path in sorted(folder.rglob("*.py"))
        if is_operations(path)
        for name, function in functions(parsed(path)).items()
        if not name.startswith("_") and (name in changes or "actor" in parameters(function))
    }


def parameters(function: ast.FunctionDef) -> set[str]:
    """The names of all parameters."""
    given = function.args
    return {argument.arg for argument in [*given.posonlyargs, *given.args, *given.kwonlyargs]}


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("from quxin.ledger.operations import append\ndef keep(): append([])", {"keep"}),
        ("from quxin.ledger import operations as ledger\ndef keep(): ledger.audit(1)", {"keep"}),
        ("from quxin.ledger.operations import audit\ndef keep(): _note()\ndef _note(): audit(1)", {"keep", "_note"}),
        ("def keep(): [].append(1)", set()),
        ("from quxin.ledger.operations import append\ndef keep(): rows.append(1)", set()),
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
    silent = {name for name in public_operations() if name.split(".")[1] not in reached}
    assert silent - set(exemptions.SILENT_OPERATIONS) == set()
    assert set(exemptions.SILENT_OPERATIONS) - silent == set()


def test_operations_take_keywords_and_say_who_acts():
    wrong = []
    for name, function in public_operations().items():
        if function.args.args or function.args.posonlyargs:
            wrong.append(f"{name}: keyword-only, put * first")
        if "actor" not in {argument.arg for argument in function.args.kwonlyargs}:
            wrong.append(f"{name}: takes no actor")
    assert wrong == []


@pytest.mark.parametrize("folder", KEPT, ids=lambda folder: folder.name)
def test_each_kind_of_record_has_operations(folder):
    assert any(name.startswith(f"{folder.name}.") for name in public_operations())
