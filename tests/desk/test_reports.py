"""Reports on the desk: paper with links, choosers, files, what changed, many at once."""

import io
import json
import re
import zipfile
from dataclasses import replace
from datetime import date
from urllib.parse import unquote

import docx
import pytest
from django.urls import reverse

from quxin.desk.views import reports as views
from quxin.jobs import handlers, worker  # noqa: F401
from quxin.records.activities.operations import withdraw_activity
from quxin.reports.document import Paragraph, Section, Words
from quxin.runs.models import Run
from tests import cast
from tests.briefs.making import lecture
from tests.desk.scene import browser, frozen, queries_of, said_by  # noqa: F401

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen")]
PERIOD = "period=2010-04..2010-11"


@pytest.fixture
def players():
    """The cast."""
    return cast.build()


@pytest.fixture
def campaign(players):
    """The campaign, with one lecture of 1,960 listeners."""
    made = cast.campaign(players.offices)
    lecture(players.offices.hq, players.actor("organiser"), date(2010, 5, 20), 1960, campaign=made)
    return made


@pytest.fixture
def organiser(players):
    """The organiser's browser."""
    return browser(players, "organiser")


def address(campaign, name: str = "report", *more: str) -> str:
    """The address of a page of the campaign's report."""
    return reverse(f"desk:{name}", args=[campaign.code, *more])


def test_the_list_leads_to_the_paper(campaign, organiser):
    assert f"{address(campaign)}?outline=summary" in organiser.get("/desk/reports/").content.decode()


def test_every_number_is_a_link_that_opens_its_workings(players, campaign, organiser):
    shown = organiser.get(f"{address(campaign)}?{PERIOD}").content.decode()
    link = re.search(r'<a class="fig" href="([^"]+)"[^>]*>近2000人次</a>', shown)[1].replace("&amp;", "&")
    assert 'hx-target="#panel"' in shown
    panel = organiser.get(link, headers={"HX-Request": "true"}).content.decode()
    assert "质检大讲堂" in panel
    assert "1960" in panel.replace(",", "")


def test_a_fifth_lecture_moves_the_number_and_a_withdrawn_one_moves_it_back(players, campaign, organiser):
    actor = players.actor("organiser")
    made = lecture(players.offices.hq, actor, date(2010, 6, 24), 300, campaign=campaign)
    assert "近2300人次" in said_by(organiser.get(f"{address(campaign)}?{PERIOD}"))
    withdraw_activity(actor=actor, activity=made, reason="没有开成", now=cast.NOW)
    assert "近2000人次" in said_by(organiser.get(f"{address(campaign)}?{PERIOD}"))


def test_numbers_without_a_source_are_told(campaign, organiser):
    told = said_by(organiser.get(address(campaign)))
    found = re.search(r"(\d+) 个数字，(\d+) 个有出处", told)
    assert int(found[2]) < int(found[1])
    assert "发出前请看" in told


def test_period_and_organisation_are_chosen_in_the_address(players, campaign, organiser):
    assert f"{PERIOD}" in organiser.get(address(campaign)).content.decode()  # the usual one
    early = said_by(organiser.get(f"{address(campaign)}?period=2010-06..2010-11"))
    assert "近2000人次" not in early
    other = said_by(organiser.get(f"{address(campaign)}?{PERIOD}&org={players.offices.jiangsu.code}"))
    assert "近2000人次" not in other
    assert organiser.get(f"{address(campaign)}?period=nonsense").status_code == 404
    assert organiser.get(f"{address(campaign)}?outline=nonsense").status_code == 404


def test_below_the_sponsor_one_gets_ones_own(players, campaign):
    client = browser(players, "stranger")
    shown = said_by(client.get(address(campaign)))
    assert players.offices.zhejiang_branch.name in shown
    assert "近2000人次" not in shown
    assert client.get(f"{address(campaign)}?org={players.offices.hq.code}").status_code == 404


def test_files(campaign, organiser):
    word = organiser.get(f"{address(campaign, 'report_file', 'docx')}?{PERIOD}").content
    assert "word/document.xml" in zipfile.ZipFile(io.BytesIO(word)).namelist()
    assert "近2000人次" in organiser.get(f"{address(campaign, 'report_file', 'html')}?{PERIOD}").content.decode()
    data = json.loads(organiser.get(f"{address(campaign, 'report_file', 'json')}?{PERIOD}").content)
    listed = next(one for one in data["figures"] if one["printed"] == "近2000人次")
    assert (listed["value"], listed["facts"], listed["verdict"]) == (1960, 1, "hedged")
    assert organiser.get(address(campaign, "report_file", "exe")).status_code == 404


def test_members_read_but_do_not_carry_off(players, campaign):
    client = browser(players, "member")
    assert client.get(address(campaign)).status_code == 200
    assert client.get(address(campaign, "report_file", "docx")).status_code == 403
    assert client.get(address(campaign, "report_batch")).status_code == 403
    assert browser(players, "security-admin").get(address(campaign)).status_code == 404


def test_what_changed_since_a_day(players, campaign, organiser):
    page = said_by(organiser.get(f"{address(campaign, 'report_changed')}?{PERIOD}&since=2010-11-17"))
    assert "近2000人次" in page
    assert "质检大讲堂" in page
    assert "没有变化" in said_by(organiser.get(f"{address(campaign, 'report_changed')}?{PERIOD}&since=2010-11-18"))


def test_many_at_once(players, campaign, organiser):
    tree = players.offices
    filled = {"organisations": [tree.hq.code, tree.jiangsu.code], "start": "2010-04-01", "end": "2010-11-30"}
    progress = organiser.post(address(campaign, "report_batch"), filled).url
    file = reverse("desk:report_batch_file", args=[Run.objects.get().code])
    assert organiser.get(file).status_code == 404
    assert 'hx-trigger="every 1s"' in organiser.get(progress).content.decode()
    assert worker.work_once()
    assert "写好了 2 份" in said_by(organiser.get(progress))
    archive = zipfile.ZipFile(io.BytesIO(b"".join(organiser.get(file).streaming_content)))
    assert archive.namelist() == [f"001 {tree.hq.name}.docx", f"002 {tree.jiangsu.name}.docx"]
    assert browser(players, "leader").get(file).status_code == 404


def test_whoever_lost_the_right_meanwhile_gets_nothing_written(players, campaign, organiser):
    from quxin.orgs.models import RoleGrant

    filled = {"organisations": [players.offices.hq.code], "start": "2010-04-01", "end": "2010-11-30"}
    organiser.post(address(campaign, "report_batch"), filled)
    RoleGrant.objects.filter(account=players.people["organiser"]).delete()
    assert worker.work_once()
    run = Run.objects.get()
    assert (run.result["written"], run.refused) == (0, 1)


def test_a_batch_of_what_one_may_not_see_is_not_asked_for(players, campaign, organiser):
    filled = {"organisations": ["nosuchcode"], "start": "2010-04-01", "end": "2010-11-30"}
    assert organiser.post(address(campaign, "report_batch"), filled).status_code == 200
    filled = {"organisations": [players.offices.hq.code], "start": "2010-11-30", "end": "2010-04-01"}
    assert "结束不能早于开始" in said_by(organiser.post(address(campaign, "report_batch"), filled))
    assert not Run.objects.exists()


def test_a_report_costs_few_queries(campaign, organiser):
    organiser.get(address(campaign))
    assert queries_of(organiser, address(campaign)) <= 30


def words_of(answer) -> tuple[str, list[str]]:
    """All words of a Word file, and those that are highlighted."""
    opened = docx.Document(io.BytesIO(answer.content))
    runs = [run for one in opened.paragraphs for run in one.runs]
    return "".join(run.text for run in runs), [run.text for run in runs if run.font.highlight_color]


@pytest.fixture
def typed(monkeypatch):
    """Somebody wrote a number by hand into the outline."""
    whole = Section(1, "走访", (Paragraph((Words("全年走访3000多人。"),)),))

    def compose(*args, **kwargs):
        made = composed(*args, **kwargs)
        return replace(made, sections=(*made.sections, whole))

    composed = views.compose
    monkeypatch.setattr(views, "compose", compose)


@pytest.mark.usefixtures("typed")
def test_a_draft_marks_numbers_without_a_source_and_says_so_in_its_name(campaign, organiser):
    page = organiser.get(f"{address(campaign)}?{PERIOD}").content.decode()
    href = re.search(r'href="([^"]+docx[^"]+draft=1)"', page)[1].replace("&amp;", "&")
    draft = organiser.get(href)
    assert "草稿" in unquote(draft["Content-Disposition"])
    final = organiser.get(f"{address(campaign, 'report_file', 'docx')}?{PERIOD}")
    text, marked = words_of(draft)
    assert marked == ["3000多人"]
    assert words_of(final) == (text, [])


@pytest.mark.usefixtures("typed")
def test_a_red_letterhead_is_asked_for_by_a_form(campaign, organiser):
    href = f"{address(campaign, 'report_letterhead')}?{PERIOD}"
    shown = organiser.get(href).content.decode()
    assert f"{campaign.sponsor.name}文件" in shown
    given = {
        "mark": "质检总局文件",
        "number": "国质检办[2010]14号",
        "signer": "张三",
        "copies": "甲局",
        "printed_on": "2010-11-20",
    }
    text, marked = words_of(organiser.post(href, given))
    assert text.startswith("质检总局文件　国质检办〔2010〕14号\t签发人：张三")
    assert not marked
    assert words_of(organiser.post(href, given | {"draft": "on"}))[1] == ["3000多人"]


def test_a_number_that_the_standard_does_not_know_is_told_at_its_field(campaign, organiser):
    answer = organiser.post(f"{address(campaign, 'report_letterhead')}?{PERIOD}", {"number": "第14号"})
    assert answer["Content-Type"].startswith("text/html")
    assert "“第14号”不是发文字号" in said_by(answer)


def test_members_get_no_letterhead(players, campaign):
    assert browser(players, "member").get(address(campaign, "report_letterhead")).status_code == 403
