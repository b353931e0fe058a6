"""The source tree as the structure tests see it: packages, their layers, parsed files.

The layers are read from `.importlinter`, so that the order of the house is written once.
"""

import ast
import configparser
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "quxin"
FACES = {"desk", "portal", "api", "jobs"}


@cache
def contract_layers(contract: str) -> tuple[tuple[str, ...], ...]:
    """The layers of a contract in `.importlinter`, lowest first; names keep their parentheses."""
    parser = configparser.ConfigParser(interpolation=None)
    parser.read(ROOT / ".importlinter", encoding="utf-8")
    text = parser[f"importlinter:contract:{contract}"]["layers"]
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return tuple(tuple(name.strip() for name in line.split("|")) for line in reversed(lines))


@cache
def ranks() -> dict[str, tuple[int, int]]:
    """How high each package stands: `records.campaigns` lies within the layer of `records`."""
    high = {name.strip("()"): level for level, names in enumerate(contract_layers("house")) for name in names}
    inner = {
        f"records.{name.strip('()')}": (high["records"], level)
        for level, names in enumerate(contract_layers("records"))
        for name in names
    }
    return {name: (level, 0) for name, level in high.items()} | inner


def package_of(module: str) -> str | None:
    """`quxin.records.campaigns.models` -> `records.campaigns`; None for what is not ours."""
    parts = module.split(".")
    if parts[0] != "quxin" or len(parts) < 2:
        return None
    return ".".join(parts[1:3]) if parts[1] == "records" and len(parts) > 2 else parts[1]


def house_of(path: Path) -> str:
    """The top package a file of `quxin/` belongs to, or "" for a file beside the packages."""
    parts = path.relative_to(PACKAGE).parts
    return parts[0] if len(parts) > 1 else ""


def python_files(*, migrations: bool = False) -> list[Path]:
    """Every Python file of the product, without migrations unless asked for."""
    return [path for path in sorted(PACKAGE.rglob("*.py")) if migrations or "migrations" not in path.parts]


@cache
def parsed(path: Path) -> ast.Module:
    """The syntax tree of a file."""
    return ast.parse(path.read_text("utf-8"), str(path))


def shown(path: Path) -> str:
    """A path as people name it."""
    return path.relative_to(ROOT).as_posix()


def dotted(node: ast.AST) -> str:
    """`a.b.c` of a name or attribute; "" at the front for what is neither (a call, an index)."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        return f"{dotted(node.value)}.{node.attr}"
    return ""


def calls(tree: ast.AST) -> Iterator[tuple[str, ast.Call]]:
    """Every call with its dotted name."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            yield dotted(node.func), node


def imports(tree: ast.AST) -> Iterator[tuple[str, str, int]]:
    """Every import as (module, name, line); `import a.b` is ("a.b", "", line)."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((alias.name, "", node.lineno) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield from ((node.module, alias.name, node.lineno) for alias in node.names)


def public_functions(tree: ast.Module) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    """Functions of the module and methods of its classes whose names, and classes', have no underscore."""
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and not node.name.startswith("_"):
            yield node
        elif isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
            for member in node.body:
                if isinstance(member, ast.FunctionDef) and not member.name.startswith("_"):
                    yield member


def templates() -> list[Path]:
    """Every HTML template of the product."""
    return sorted(path for path in PACKAGE.rglob("*.html") if "templates" in path.parts)


def backticked(text: str) -> set[str]:
    """What a Markdown text sets in code font."""
    return set(re.findall(r"`([^`\n]+)`", text))
