"""Every test in this folder is a journey: it wants a browser and a server, and has a stage of its own."""

from pathlib import Path

import pytest

HERE = Path(__file__).parent


def pytest_collection_modifyitems(items):
    """Mark the journeys, so that `-m journey` finds all of them."""
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.journey)
