"""docs/decisions/dependencies.md and pyproject.toml say the same, and nothing is carried along unseen."""

import re
import sys
import tomllib
from importlib.metadata import packages_distributions

from tests.structure.tree import ROOT, imports, parsed, python_files

DOCUMENT = "docs/decisions/dependencies.md"
#: Used without a name of theirs in the source: by Django's engine, by its hasher, by zoneinfo.
USED_UNNAMED = {"psycopg", "argon2-cffi", "tzdata"}
#: Released and pinned with another: pydantic names its core's error types.
PARTS = {"pydantic-core"}
#: Of what developers use, what tests import; the rest are commands.
LIBRARIES = {"axe-playwright-python", "hypothesis", "openpyxl", "playwright", "pytest"}


def plain(requirement: str) -> str:
    """`Psycopg[binary]>=3` -> `psycopg`."""
    return re.split(r"[^\w.-]", requirement)[0].lower().replace("_", "-")


def declared() -> tuple[set[str], set[str]]:
    """Dependencies of the product, and of its developers."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    return {plain(name) for name in project["project"]["dependencies"]}, {
        plain(name) for name in project["dependency-groups"]["dev"]
    }


def section(title: str) -> str:
    """The text of a section of the document."""
    return (ROOT / DOCUMENT).read_text("utf-8").split(f"\n## {title}\n")[1].split("\n## ")[0]


def first_column(text: str) -> set[str]:
    """The names in code font in the first column of a table."""
    return {
        name
        for row in text.splitlines()
        if row.startswith("| `")
        for name in re.findall("`([^`]+)`", row.split("|")[1])
    }


def used() -> set[str]:
    """Distributions that the source imports, or that the settings name."""
    of_module = packages_distributions()
    files = [*python_files(migrations=True), *(ROOT / "tests").rglob("*.py")]
    modules = {module.split(".")[0] for path in files for module, _, _ in imports(parsed(path))}
    settings = (ROOT / "quxin/config/settings.py").read_text("utf-8")
    modules |= {module for module in of_module if re.search(rf'"{re.escape(module)}[".]', settings)}
    return {plain(name) for module in modules for name in of_module.get(module, ())}


def test_every_dependency_has_its_row():
    product, developers = declared()
    assert first_column(section("What runs")) == product
    assert first_column(section("What developers use")) == developers


def idle() -> set[str]:
    """What is installed for the product or for its tests and imported nowhere."""
    product, developers = declared()
    return (product | (developers & LIBRARIES)) - used() - USED_UNNAMED


def test_nothing_is_carried_along_that_no_code_uses():
    assert idle() == set()


def test_what_is_used_is_declared():
    """Imported by the product itself, not by accident of what another dependency brings."""
    of_module = packages_distributions()
    ours = {module.split(".")[0] for path in python_files() for module, _, _ in imports(parsed(path))}
    needed = {plain(name) for module in ours for name in of_module.get(module, ())} - {"quxin", *PARTS}
    assert sorted(needed - declared()[0]) == []


def test_an_idle_dependency_is_found(monkeypatch):
    real = declared()
    monkeypatch.setattr(sys.modules[__name__], "declared", lambda: (real[0] | {"left-pad"}, real[1]))
    assert idle() == {"left-pad"}


def test_the_lock_holds_what_is_declared_and_nothing_that_nobody_needs():
    packages = tomllib.loads((ROOT / "uv.lock").read_text("utf-8"))["package"]
    needs: dict[str, set[str]] = {}
    for package in packages:
        groups = [package.get("dependencies", []), *package.get("dev-dependencies", {}).values()]
        groups += package.get("optional-dependencies", {}).values()
        needs.setdefault(package["name"], set()).update(need["name"] for group in groups for need in group)
    product, developers = declared()
    assert needs["quxin"] == product | developers
    reached, waiting = set(), ["quxin"]
    while waiting:
        name = waiting.pop()
        if name not in reached:
            reached.add(name)
            waiting += needs[name]
    assert set(needs) - reached == set()
