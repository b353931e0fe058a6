"""docs/decisions/dependencies.md and pyproject.toml say the same, and nothing is carried along unseen."""

import re
import tomllib
from importlib.metadata import packages_distributions

from tests.structure.tree import ROOT, imports, parsed, python_files

DOCUMENT = "docs/decisions/dependencies.md"
#: Used without a name of theirs in the source: by Django's engine, by its hasher, by zoneinfo.
USED_UNNAMED = {"psycopg", "argon2-cffi", "tzdata"}


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


def test_what_no_code_uses_is_listed_and_nothing_else():
    product, developers = declared()
    libraries = developers & {"axe-playwright-python", "factory-boy", "hypothesis", "openpyxl", "playwright", "pytest"}
    idle = (product | libraries) - used() - USED_UNNAMED
    assert set(re.findall("`([^`]+)`", section("Listed, not yet used"))) == idle
