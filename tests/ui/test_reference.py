"""docs/reference/components.md names every component and every variable that the component itself names."""

import re
from pathlib import Path

import pytest

import quxin.ui

ROOT = Path(__file__).resolve().parents[2]
COTTON = Path(quxin.ui.__file__).parent / "templates" / "cotton"
REFERENCE = (ROOT / "docs" / "reference" / "components.md").read_text("utf-8")
ROWS = dict(re.findall(r"^\| `<c-([a-z-]+)>` \| (.+) \|$", REFERENCE, re.MULTILINE))


@pytest.mark.parametrize("path", sorted(COTTON.glob("*.html")), ids=lambda path: path.stem)
def test_each_component_is_in_the_reference_with_its_variables(path):
    row = ROWS[path.stem.replace("_", "-")]
    declared = re.search(r"<c-vars ([^>]*)/>", path.read_text("utf-8"))
    for name in re.findall(r":?([a-z_]+)=\"", declared.group(1)) if declared else []:
        assert re.search(rf"\b{name}\b", row), f"the reference does not explain {name} of {path.stem}"


def test_the_reference_names_nothing_that_is_gone():
    assert {path.stem.replace("_", "-") for path in COTTON.glob("*.html")} == set(ROWS)
