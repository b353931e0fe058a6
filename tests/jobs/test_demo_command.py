"""`quxin demo` never mixes the demonstration into an installation that is in use."""

import argparse

import pytest

from quxin.jobs.commands import demo
from tests.cast import offices


@pytest.mark.django_db
def test_an_installation_in_use_is_left_alone(scratch_home, settings):
    offices()
    outcome = demo.run(argparse.Namespace(json=True))
    assert not outcome.ok
    assert "QUXIN_HOME" in outcome.data["hint"]
    assert not (settings.QUXIN_HOME / "demo").exists()
