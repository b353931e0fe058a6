"""The tree on the desk: browsing, days, exports, changes in two steps, and what they refuse."""

import io
from datetime import date

import pytest
from django.urls import reverse
from openpyxl import load_workbook

from quxin.access import SYSTEM
from quxin.orgs.models import Organisation, OrganisationChange
from quxin.orgs.operations import close, rename
from tests import cast
from tests.desk.scene import NOW, browser, frozen, queries_of, said_by  # noqa: F401

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen")]
TREE = "/desk/organisations/"


@pytest.fixture
def players():
    """The cast."""
    return cast.build()


@pytest.fixture
def organiser(players):
    """The organiser's browser."""
    return browser(players, "organiser")


def change(organisation: Organisation, act: str) -> str:
    """The address of a change."""
    return reverse("desk:organisation_change", args=[organisation.code, act])


def test_the_tree_from_the_top_and_from_a_node(players, organiser):
    top = said_by(organiser.get(TREE))
    assert players.offices.jiangsu.name in top
    assert players.offices.nanjing.name not in top
    node = organiser.get(f"{TREE}?at={players.offices.jiangsu.code}")
    assert players.offices.nanjing.name in said_by(node)


def test_a_day_before_shows_the_old_names(players, organiser):
    rename(players.offices.jiangsu, name="江苏新局", on=date(2010, 9, 1), actor=SYSTEM, now=NOW)
    then = said_by(organiser.get(f"{TREE}?on=2010-08-31"))
    assert "江苏省质量技术监督局" in then
    assert "现名江苏新局" in then
    assert "江苏省质量技术监督局" not in said_by(organiser.get(TREE))
    assert organiser.get(f"{TREE}?on=nonsense").status_code == 200


def test_every_count_leads_to_its_workings(players, organiser):
    shown = organiser.get(TREE).content.decode()
    assert f"figures/members.all/?org={players.offices.committee.code}" in shown


def test_what_is_not_seen_is_not_there(players):
    stranger = browser(players, "stranger")
    for address in (
        f"{TREE}?at={players.offices.hq.code}",
        reverse("desk:organisation", args=[players.offices.hq.code]),
        change(players.offices.hq, "rename"),
    ):
        assert stranger.get(address).status_code == 404


def test_the_file_holds_what_is_filtered(players, organiser):
    answer = organiser.get(f"{TREE}?kind=agency&export=1")
    sheet = load_workbook(io.BytesIO(answer.content)).active
    cells = {cell for row in sheet.iter_rows(values_only=True) for cell in row if cell}
    assert players.offices.jiangsu.name in cells
    assert players.offices.office.name not in cells


def test_members_may_look_but_not_export_or_change(players):
    member = browser(players, "member")
    assert member.get(TREE).status_code == 200
    assert "导出 Excel" not in member.get(TREE).content.decode()
    assert member.get(f"{TREE}?export=1").status_code == 403
    assert member.get(change(players.offices.branch, "rename")).status_code == 403


def test_the_tree_costs_at_most_twelve_queries(players, organiser):
    organiser.get(TREE)
    assert queries_of(organiser, TREE) <= 12
    assert queries_of(organiser, f"{TREE}?on=2010-08-31") <= 12
    assert queries_of(organiser, f"{TREE}?q=njs") <= 12


def test_a_change_is_shown_before_it_is_done(players, organiser):
    nanjing = players.offices.nanjing
    filled = {"name": "南京新局", "on": "2010-11-01", "reason": "示例", "version": nanjing.version}
    preview = organiser.post(change(nanjing, "rename"), filled)
    assert "确认办理" in said_by(preview)
    assert "以前的报告数字不变" in said_by(preview)
    nanjing.refresh_from_db()
    assert nanjing.name == "南京市质量技术监督局"
    done = organiser.post(change(nanjing, "rename"), filled | {"confirmed": "1"}, follow=True)
    assert "南京市质量技术监督局 → 南京新局" in said_by(done)
    again = organiser.post(change(nanjing, "rename"), filled | {"back": "1"})
    assert 'value="南京新局"' in again.content.decode()


def test_somebody_else_saved_first(players, organiser):
    nanjing = players.offices.nanjing
    seen = nanjing.version
    rename(nanjing, name="别人改的名", on=date(2010, 11, 1), actor=SYSTEM, now=NOW)
    filled = {"name": "我改的名", "on": "2010-11-02", "version": seen, "confirmed": "1"}
    answer = said_by(organiser.post(change(nanjing, "rename"), filled))
    assert "别人改的名" in answer
    assert "我改的名" in answer
    assert Organisation.objects.get(pk=nanjing.pk).name == "别人改的名"


def test_a_parent_by_part_of_its_name_gets_near_ones(players, organiser):
    answer = organiser.post(change(players.offices.nanjing, "move"), {"to": "浙江", "on": "2010-11-01"})
    assert "浙江省质量技术监督局" in said_by(answer)


@pytest.mark.parametrize("named", ["330000", "浙江省局", "浙江省质量技术监督局"])
def test_moving_by_code_short_name_or_name(players, organiser, named):
    nanjing = players.offices.nanjing
    filled = {"to": named, "on": "2010-11-01", "version": nanjing.version, "confirmed": "1"}
    assert organiser.post(change(nanjing, "move"), filled).status_code == 302
    assert Organisation.objects.get(pk=nanjing.pk).parent_id == players.offices.zhejiang.pk


def test_create_merge_split_close_and_undo(players, organiser):
    tree = players.offices
    new = {"name": "苏州市局", "kind": "agency", "level": "prefecture", "on": "2010-05-01", "confirmed": "1"}
    assert organiser.post(change(tree.jiangsu, "create"), new).status_code == 302
    suzhou = Organisation.objects.get(name="苏州市局")
    assert suzhou.parent_id == tree.jiangsu.pk
    part = {"name": "苏南局", "on": "2010-06-01", "confirmed": "1", "version": tree.jiangsu.version}
    tree.jiangsu.refresh_from_db()
    part["version"] = tree.jiangsu.version
    assert organiser.post(change(tree.jiangsu, "split"), part | {"children": [suzhou.code]}).status_code == 302
    suzhou.refresh_from_db()
    assert suzhou.parent.name == "苏南局"
    merged = {"into": "江苏省质量技术监督局", "on": "2010-07-01", "confirmed": "1"}
    assert organiser.post(change(suzhou.parent, "merge"), merged).status_code == 302
    suzhou.refresh_from_db()
    assert suzhou.parent_id == tree.jiangsu.pk
    gone = {"on": "2010-08-01", "confirmed": "1", "version": suzhou.version}
    assert organiser.post(change(suzhou, "close"), gone).status_code == 302
    assert "撤销" in said_by(organiser.get(reverse("desk:organisation", args=[suzhou.code])))
    suzhou.refresh_from_db()
    back = {"reason": "撤销有误", "confirmed": "1", "version": suzhou.version}
    assert organiser.post(change(suzhou, "reopen"), back).status_code == 302
    suzhou.refresh_from_db()
    assert suzhou.closed_on is None


def test_correcting_name_and_details_at_once(players, organiser):
    nanjing = players.offices.nanjing
    filled = {
        "name": "南京市质量技术监督管理局",
        "official_code": "320199",
        "short_name": "南京市局",
        "level": "prefecture",
        "note": "",
        "version": nanjing.version,
        "confirmed": "1",
    }
    assert organiser.post(change(nanjing, "correct"), filled).status_code == 302
    nanjing.refresh_from_db()
    assert (nanjing.name, nanjing.official_code) == ("南京市质量技术监督管理局", "320199")
    kinds = OrganisationChange.objects.filter(organisation=nanjing).values_list("kind", flat=True)
    assert list(kinds).count("corrected") == 2


def test_what_is_not_empty_needs_a_successor_and_says_so(players, organiser):
    answer = organiser.post(change(players.offices.jiangsu, "close"), {"on": "2010-11-01", "confirmed": "1"})
    assert "指定承接机构" in said_by(answer)
    assert Organisation.objects.get(pk=players.offices.jiangsu.pk).closed_on is None


def test_acts_offered_are_those_that_may_be_done(players, organiser):
    page = organiser.get(reverse("desk:organisation", args=[players.offices.hq.code])).content.decode()
    assert change(players.offices.hq, "rename") in page
    assert change(players.offices.hq, "move") not in page  # only the system moves a root
    close(players.offices.office, on=date(2010, 11, 1), actor=SYSTEM, now=NOW)
    shut = organiser.get(reverse("desk:organisation", args=[players.offices.office.code])).content.decode()
    assert change(players.offices.office, "reopen") in shut
    assert change(players.offices.office, "rename") not in shut
    assert organiser.get(change(players.offices.hq, "nonsense")).status_code == 404
