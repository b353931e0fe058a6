"""`quxin ledger verify --seals FILE` takes the file that the portal gives, and no other."""

import argparse
import json

import pytest
from django.urls import reverse

from quxin.jobs.commands import ledger
from quxin.ledger.seals import seal_all
from tests.cast import NOW, campaign, offices

pytestmark = pytest.mark.django_db


def verify(path):
    return ledger.run(argparse.Namespace(action="verify", seals=path, json=True))


@pytest.fixture
def saved(client, tmp_path):
    campaign(offices())
    seal_all(now=NOW)
    path = tmp_path / "seals.json"
    path.write_bytes(client.get(reverse("portal:seals_file")).content)
    return path


def test_the_published_file_is_what_the_ledger_still_holds(saved):
    outcome = verify(saved)
    assert outcome.ok
    assert outcome.data["seals"] > 0


def test_a_saved_root_that_differs_is_named(saved):
    told = json.loads(saved.read_text(encoding="utf-8"))
    told["seals"][0]["root"] = "00" * 32
    saved.write_text(json.dumps(told), encoding="utf-8")
    outcome = verify(saved)
    assert not outcome.ok
    assert outcome.data["problems"][0]["book"] == told["seals"][0]["book"]


@pytest.mark.parametrize("content", ['{"a": 1}', '["x"]', "12"])
def test_another_file_is_refused_by_name(tmp_path, content):
    path = tmp_path / "other.json"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(ledger.NotSeals) as caught:
        verify(path)
    assert "other.json" in str(caught.value)
