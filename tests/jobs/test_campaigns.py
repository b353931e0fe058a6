"""`quxin campaigns`: what it prints for a program, and what it refuses."""

import json

import pytest

from quxin.jobs.cli import main
from quxin.records.campaigns.models import Assignment, Campaign
from tests import cast

pytestmark = pytest.mark.django_db


def said(capsys, *words) -> tuple[int, dict]:
    code = main(["campaigns", *words, "--json"])
    return code, json.loads(capsys.readouterr().out)


def test_list_and_board_say_what_the_pages_say(capsys):
    tree = cast.offices()
    cast.campaign(tree)
    code, found = said(capsys, "list")
    assert code == 0
    assert [(row["key"], row["duties"]) for row in found["campaigns"]] == [("aqsiq-2010", Assignment.objects.count())]
    code, board = said(capsys, "board", "aqsiq-2010", "--aspect", "service")
    own = board["rows"][0]
    assert own["organisation"] == tree.hq.name
    assert own["cells"]["service.memoranda"]["state"] == "late"
    assert board["strip"]["total"] == sum(len(row["cells"]) for row in board["rows"])
    assert said(capsys, "board", "nothing")[0] == 1


def test_deploy_shows_the_burden_and_asks_for_approval(capsys):
    tree = cast.offices()
    cast.pack()
    given = ("deploy", "aqsiq-2010", "--sponsor", tree.hq.name)
    code, refused = said(capsys, *given)
    assert (code, Campaign.objects.count()) == (1, 0)
    assert "批准文号" in refused["error"]
    code, checked = said(capsys, *given, "--check")
    assert (code, Campaign.objects.count()) == (0, 0)
    code, made = said(capsys, *given, "--approval", cast.APPROVAL, "--key", "again")
    assert (code, made["accepted"]) == (0, "again")
    assert made["burden"]["duties"] == checked["burden"]["duties"] == Assignment.objects.count()
