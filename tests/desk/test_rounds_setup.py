"""A round is set up in three screens: what is offered, what is kept, what two people see of each other, what is frozen."""

import base64
import io
import os
import re

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from quxin.access import SYSTEM
from quxin.ledger.models import AuditEntry
from quxin.packs.load import load
from quxin.packs.operations import install
from quxin.records.evaluations.models import CardSheet, RosterLine, Round
from tests import cast
from tests.desk.scene import NOW, browser, frozen, said_by  # noqa: F401

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen")]
ROOT = cast.PACK.parent


@pytest.fixture
def players():
    made = cast.build()
    cast.campaign(made.offices)
    for name in ("county-tiejun", "jiangsu-2024"):
        loaded = load(ROOT / name)
        assert loaded.pack is not None, loaded.problems
        install(actor=SYSTEM, loaded=loaded, now=NOW)
    return made


@pytest.fixture
def desk(players):
    return browser(players, "organiser")


def what(players, **given):
    return {
        "evaluation": "county-tiejun/conduct",
        "shown": "county-tiejun/conduct",
        "title": "2010年民主评议行风",
        "organisations": [players.offices.office.code, players.offices.jiangsu.code],
    } | given


def drafted(desk, players, **given) -> Round:
    answer = desk.post(reverse("desk:round_setup"), what(players, **given))
    assert answer.status_code == 302, said_by(answer)
    return Round.objects.get(state=Round.State.DRAFT)


def at(name: str, round_: Round) -> str:
    return reverse(f"desk:{name}", args=[round_.code])


def mark_on(page) -> str:
    return re.search(r'name="mark" value="(\w+)"', page.content.decode())[1]


def roster(desk, round_: Round, act: str = "next", **given):
    """Send the second screen as it stands, with changes."""
    mark = mark_on(desk.get(at("round_who", round_)))
    return desk.post(at("round_who", round_), {"mark": mark, "act": act} | given)


def days(**given):
    return {"opens_on": "2010-11-20", "last_on": "2010-11-26", "minimum": "5"} | given


def three_groups() -> dict[str, str]:
    names = "\n".join(f"企业{number}" for number in range(6))
    return {"labels_0": names, "cards_0": "0", "cards_1": "5", "labels_1": "", "cards_2": "7", "labels_2": ""}


class TestWhat:
    def test_running_campaigns_come_first_and_remarks_are_no_round(self, desk):
        page = desk.get(reverse("desk:round_setup")).content.decode()
        groups = re.findall(r'<optgroup label="([^"]+)"', page)
        assert groups[0] == "以质取胜、创先争优"
        assert "通用" in groups
        assert "铁军" in "".join(groups)
        assert "党员互评" in page
        assert "点评督促" not in page

    def test_the_questionnaire_is_seen_as_voters_will_see_it(self, desk, players):
        page = said_by(desk.post(reverse("desk:round_setup"), what(players, look="1")))
        for word in ("对这个股室行风的总体评价", "吃拿卡要", "权重 40%", "选了不满意、非常不满意才问", "最多 3 项"):
            assert word in page
        assert Round.objects.count() == 0

    def test_another_questionnaire_is_shown_before_anything_is_kept(self, desk, players):
        page = desk.post(reverse("desk:round_setup"), what(players, shown="simple", title="写了一半"))
        assert page.status_code == 200
        assert 'value="写了一半"' in page.content.decode()
        assert Round.objects.count() == 0

    def test_a_draft_is_kept_and_sending_twice_is_one(self, desk, players):
        first = desk.post(reverse("desk:round_setup"), what(players))
        again = desk.post(reverse("desk:round_setup"), what(players))
        made = Round.objects.get()
        assert first.url == again.url == at("round_who", made)
        assert (made.kind, made.access, [one["id"] for one in made.groups]) == (
            "conduct", "roster", ["enterprises", "inspectors", "citizens"],
        )  # fmt: skip
        assert {one.organisation for one in made.subjects.all()} == {players.offices.office, players.offices.jiangsu}

    @pytest.mark.parametrize(
        ("given", "said"),
        [
            ({"organisations": []}, "还没有选定评议对象"),
            ({"title": ""}, "有 1 处要改"),
            ({"organisations": ["x"]}, "要改"),
        ],
    )
    def test_what_is_wrong_is_said(self, desk, players, given, said):
        answer = desk.post(reverse("desk:round_setup"), what(players, **given))
        assert said in said_by(answer)
        assert Round.objects.count() == 0

    def test_members_are_those_of_a_branch_and_all_of_them_vote(self, desk, players):
        branch = players.offices.branch
        key = "jiangsu-2024/members"
        page = desk.post(
            reverse("desk:round_setup"), {"evaluation": key, "shown": key, "branch": branch.code, "find_now": "1"}
        ).content.decode()
        assert page.count('name="members"') == 5
        assert len(re.findall(r'name="members"[^>]*checked', page)) == 5
        codes = [one.code for one in players.members]
        made = drafted(desk, players, evaluation=key, shown=key, branch=branch.code, members=codes, title="评议党员")
        assert (made.organiser, made.kind) == (branch, "members")
        assert {one.person for one in made.subjects.all()} == set(players.members)
        assert set(RosterLine.objects.values_list("person", flat=True)) == {one.pk for one in players.members}

    def test_an_open_one_goes_straight_to_the_days(self, desk, players):
        made = desk.post(reverse("desk:round_setup"), what(players, evaluation="simple", shown="simple"))
        assert made.url == at("round_when", Round.objects.get())

    def test_two_people_see_both_versions(self, desk, players):
        made = drafted(desk, players)
        seen = mark_on(desk.get(at("round_what", made)))
        given = {"title": "别人的名字", "organisations": [players.offices.office.code]}
        assert desk.post(at("round_what", made), given | {"mark": seen}).status_code == 302
        answer = desk.post(at("round_what", made), given | {"mark": seen, "title": "我的名字"})
        assert "别人改过这份草稿" in said_by(answer)
        assert "别人的名字" in said_by(answer)
        assert 'value="我的名字"' in answer.content.decode()
        made.refresh_from_db()
        assert made.title == "别人的名字"
        desk.post(at("round_what", made), given | {"mark": mark_on(answer), "title": "我的名字"})
        made.refresh_from_db()
        assert made.title == "我的名字"


class TestWho:
    def test_names_cards_and_people_by_group(self, desk, players):
        made = drafted(desk, players)
        sheet = openpyxl.Workbook()
        for line in (["序号", "企业名称"], [1, "上传的企业"], [2, "企业1"]):
            sheet.active.append(line)
        stream = io.BytesIO()
        sheet.save(stream)
        file = SimpleUploadedFile("名单.xlsx", stream.getvalue())
        given = three_groups() | {"sheet_0": file, "org_1": players.offices.branch.code}
        answer = roster(desk, made, act="org-1", **given)
        assert answer.url == f"{at('round_who', made)}#group-1"
        lines = RosterLine.objects.filter(round=made)
        assert lines.filter(group="enterprises").count() == 7
        assert lines.filter(label="上传的企业").exists()
        assert lines.filter(group="inspectors").exclude(person=None).count() == 5
        assert lines.filter(group="citizens", label="").count() == 7
        page = said_by(desk.get(at("round_who", made)))
        assert "现在共 24 人" in page
        assert "有 4 人没有账号" in page  # the member of the cast has one

    def test_who_has_no_account_gets_a_card(self, desk, players):
        made = drafted(desk, players)
        roster(desk, made, act="org-1", org_1=players.offices.branch.code)
        roster(desk, made, act="cards-1")
        lines = RosterLine.objects.filter(round=made, group="inspectors")
        assert lines.exclude(person=None).count() == 1
        assert set(lines.filter(person=None).values_list("label", flat=True)) == {
            one.name for one in players.members[1:]
        }

    def test_people_are_found_added_and_taken_out(self, desk, players):
        made = drafted(desk, players)
        person = players.members[1]
        assert "find_1" in roster(desk, made, act="find-1", find_1=person.name).url
        page = desk.get(at("round_who", made), {"find_1": person.name}).content.decode()
        assert f'name="add_1" value="{person.code}"' in page
        roster(desk, made, act="add-1", add_1=[person.code])
        assert RosterLine.objects.get(round=made).person == person
        roster(desk, made, act="drop-1", drop_1=[person.code])
        assert not RosterLine.objects.filter(round=made).exists()

    def test_a_small_group_is_warned_of(self, desk, players):
        made = drafted(desk, players)
        roster(desk, made, labels_0="只有一家")
        assert "现在 1 人，不到 5 人" in said_by(desk.get(at("round_who", made)))

    @pytest.mark.parametrize(
        ("given", "said"), [({"cards_0": "很多"}, "张数请填整数"), ({"cards_0": "2001"}, "最多 2000")]
    )
    def test_what_is_wrong_is_said_and_names_stay(self, desk, players, given, said):
        made = drafted(desk, players)
        answer = roster(desk, made, **{"labels_1": "写了的名字"} | given)
        assert answer.status_code == 422
        assert said in said_by(answer)
        assert "写了的名字" in answer.content.decode()

    def test_a_file_that_is_none_is_refused(self, desk, players):
        made = drafted(desk, players)
        answer = roster(desk, made, sheet_0=SimpleUploadedFile("名单.xlsx", b"PK\x03\x04broken"))
        assert answer.status_code == 422

    def test_two_people_see_both_versions(self, desk, players):
        made = drafted(desk, players)
        seen = mark_on(desk.get(at("round_who", made)))
        desk.post(at("round_who", made), {"mark": seen, "labels_0": "别人写的", "act": "stay"})
        answer = desk.post(at("round_who", made), {"mark": seen, "labels_0": "我写的", "act": "stay"})
        assert answer.status_code == 409
        assert "别人写的" in said_by(answer)
        assert "我写的" in said_by(answer)
        assert RosterLine.objects.get(round=made).label == "别人写的"


class TestWhenAndPublishing:
    def ready(self, desk, players) -> Round:
        made = drafted(desk, players)
        roster(desk, made, **three_groups())
        seen = mark_on(desk.get(at("round_when", made)))
        key = base64.b64encode(os.urandom(32)).decode()
        witness = {"name_0": "赵监督", "role_0": "纪检监督", "key_0": key}
        answer = desk.post(at("round_when", made), days(mark=seen, **witness))
        assert answer.url == at("round_check", made)
        return made

    def test_everything_stands_on_the_check_page_and_publishing_freezes_it(self, desk, players):
        made = self.ready(desk, players)
        page = desk.get(at("round_check", made))
        text = said_by(page)
        for word in (
            "2010年民主评议行风",
            "江苏省质量技术监督局",
            "赵监督",
            "2010年11月26日",
            "都不能改",
            "18 张领票卡",
        ):
            assert word in text
        answer = desk.post(at("round_check", made), {"mark": mark_on(page)})
        assert answer.url == at("round", made)
        made.refresh_from_db()
        assert made.state == Round.State.OPEN
        assert made.opening["roster"]["count"] == 18
        assert CardSheet.objects.filter(round=made).exists()
        assert AuditEntry.objects.filter(action="round.open", subject=f"round:{made.pk}").exists()
        # The back button, and a second click: nothing moves.
        for name in ("round_what", "round_who", "round_when", "round_check", "round_drop"):
            assert desk.get(at(name, made)).url == at("round", made)
            assert desk.post(at(name, made), {"title": "改一改", "act": "next"}).url == at("round", made)
        assert RosterLine.objects.filter(round=made).count() == 18

    def test_a_stale_check_page_publishes_nothing(self, desk, players):
        made = self.ready(desk, players)
        seen = mark_on(desk.get(at("round_check", made)))
        roster(desk, made, **three_groups() | {"cards_2": "9"})
        answer = desk.post(at("round_check", made), {"mark": seen})
        assert answer.status_code == 422
        assert "别人改过这份草稿" in said_by(answer)
        made.refresh_from_db()
        assert made.state == Round.State.DRAFT

    def test_a_small_group_stops_it(self, desk, players):
        made = self.ready(desk, players)
        roster(desk, made, **three_groups() | {"cards_2": "1"})
        page = desk.get(at("round_check", made))
        assert "“群众”只有 1 人" in said_by(page)
        assert re.search(r'<button class="btn main" disabled>', page.content.decode())
        assert desk.post(at("round_check", made), {"mark": mark_on(page)}).status_code == 422

    @pytest.mark.parametrize(
        ("given", "said"),
        [
            ({"last_on": "2010-11-19"}, "最后一天不能早于第一天"),
            ({"opens_on": "2010-11-01", "last_on": "2010-11-02"}, "还没有过去"),
            ({"minimum": "2"}, "不能小于"),
            ({"panel": "3"}, "少于最少票数"),
            ({"name_0": "赵监督", "key_0": "不是公钥"}, "的公钥读不出来"),
            ({"key_0": "AAAA"}, "的公钥读不出来"),
        ],
    )
    def test_what_is_wrong_is_said_beside_its_field(self, desk, players, given, said):
        made = drafted(desk, players)
        answer = desk.post(at("round_when", made), days(**given))
        assert answer.status_code == 200
        assert said in said_by(answer)

    def test_another_witness_is_one_click(self, desk, players):
        made = drafted(desk, players)
        sent = days(more="1", **{f"{part}_{n}": "" for part in ("name", "role", "key") for n in range(2)})
        assert 'name="name_2"' in desk.post(at("round_when", made), sent).content.decode()

    def test_two_people_see_both_versions(self, desk, players):
        made = drafted(desk, players)
        seen = mark_on(desk.get(at("round_when", made)))
        desk.post(at("round_when", made), days(mark=seen, minimum="6"))
        answer = desk.post(at("round_when", made), days(mark=seen, minimum="7"))
        assert answer.status_code == 409
        assert "两个版本" in said_by(answer)
        made.refresh_from_db()
        assert made.minimum == 6


class TestDrafts:
    def test_they_are_listed_for_organisers_alone_and_can_be_dropped(self, desk, players):
        made = drafted(desk, players)
        here = reverse("desk:rounds") + "?state=draft"
        assert at("round_what", made) in desk.get(here).content.decode()
        for name in ("leader", "auditor", "secretary"):
            page = browser(players, name).get(here).content.decode()
            assert made.title not in page
            assert browser(players, name).get(at("round", made)).status_code == 404
        assert desk.get(at("round_drop", made)).status_code == 200
        assert desk.post(at("round_drop", made)).url == reverse("desk:rounds")
        assert not Round.objects.exists()

    def test_in_english(self, desk, players):
        made = drafted(desk, players)
        desk.cookies["django_language"] = "en"
        for name in ("round_what", "round_who", "round_when", "round_check"):
            page = said_by(desk.get(at(name, made)))
            assert "Drop the draft" in page
            assert "评议" not in page.replace(made.title, "").replace("民主评议行风", "")
