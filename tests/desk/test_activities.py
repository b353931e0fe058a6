"""Activities on the desk: entering one, seeing what it serves, correcting, withdrawing, the list with its totals."""

import io
import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from openpyxl import load_workbook

from quxin.files.models import Evidence
from quxin.ledger.models import Fact
from quxin.measures.reading import measure
from quxin.records.activities.models import Activity
from quxin.records.activities.operations import Happening, record_activity, withdraw_activity
from tests import cast
from tests.desk import scene
from tests.desk.scene import TODAY, browser, frozen, nonce_of  # noqa: F401

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen")]
PDF = b"%PDF-1.4 trailer"


@pytest.fixture
def players():
    """The cast, with the campaign of the pack deployed."""
    made = cast.build()
    cast.campaign(made.offices)
    return made


def entry(players, page, **changes):
    """What the entry form sends for a study session of the first branch."""
    return {
        "organisation": players.offices.branch.code,
        "kind": "study",
        "title": "集中学习：廉政准则",
        "held_on": "2010-11-10",
        "series": "",
        "campaign": "",
        "people": [players.members[0].code, players.members[1].code],
        "audience": "3",
        "nonce": nonce_of(page),
    } | changes


def open_form(client, **query):
    return client.get(reverse("desk:activity_new"), query)


def happened(players, **changes):
    """An activity of the first branch, recorded by the system."""
    said = {"kind": "study", "title": "集中学习", "held_on": TODAY} | changes
    return record_activity(
        actor=cast.actor("secretary", players.offices.branch),
        organisation=players.offices.branch,
        happening=Happening(**said),
        people=players.members[:2],
        today=TODAY,
        now=cast.NOW,
    )


def test_a_secretary_records_an_activity_and_sees_what_it_serves(players):
    client = browser(players, "secretary")
    page = open_form(client, kind="study")
    assert page.status_code == 200
    assert "王建国" in page.content.decode()
    answer = client.post(reverse("desk:activity_new"), entry(players, page))
    activity = Activity.objects.get()
    assert answer.status_code == 302
    assert answer["Location"] == reverse("desk:activity", args=[activity.code])
    assert (activity.organisation, activity.audience, activity.recorded_by) == (
        players.offices.branch,
        3,
        players.people["secretary"].pk,
    )
    shown = client.get(answer["Location"]).content.decode()
    assert "5 人次" in shown
    assert "李秀英" in shown


def test_a_form_sent_twice_makes_one_record(players):
    client = browser(players, "secretary")
    said = entry(players, open_form(client))
    first = client.post(reverse("desk:activity_new"), said)
    second = client.post(reverse("desk:activity_new"), said)
    assert first["Location"] == second["Location"]
    assert Activity.objects.count() == 1
    assert Fact.objects.filter(kind="activity.held").count() == 1


def test_two_forms_make_two_records(players):
    client = browser(players, "secretary")
    for _ in range(2):
        client.post(reverse("desk:activity_new"), entry(players, open_form(client)))
    assert Activity.objects.count() == 2


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"held_on": "2010-12-24"}, "还没有到"),
        ({"held_on": "2010-02-31"}, "日期"),
        ({"title": " "}, "没有保存"),
        ({"kind": "no-such"}, "没有保存"),
        ({"audience": "-1"}, "没有保存"),
        ({"contestants": "4"}, "没有参赛人数"),
        ({"organisation": "nowhere"}, "请选择单位"),
    ],
)
def test_an_error_keeps_what_was_typed(players, changes, words):
    client = browser(players, "secretary")
    answer = client.post(
        reverse("desk:activity_new"), entry(players, open_form(client), minutes="记下的话不能丢") | changes
    )
    said = answer.content.decode()
    assert answer.status_code == 422
    assert words in said
    assert "记下的话不能丢" in said
    assert Activity.objects.count() == 0


def test_all_that_is_wrong_is_said_at_once(players):
    client = browser(players, "secretary")
    wrong = {"title": "", "held_on": "2010-12-24", "contestants": "4", "audience": "20000000"}
    answer = client.post(reverse("desk:activity_new"), entry(players, open_form(client)) | wrong)
    assert set(answer.context["form"].errors) == {"title", "held_on", "contestants", "audience"}


def test_another_organisation_in_the_form_is_refused(players):
    client = browser(players, "secretary")
    answer = client.post(
        reverse("desk:activity_new"),
        entry(players, open_form(client), organisation=players.offices.zhejiang_branch.code),
    )
    assert answer.status_code == 422
    assert Activity.objects.count() == 0


def test_another_organisation_in_the_address_is_not_there(players):
    activity = happened(players)
    client = browser(players, "stranger")
    names = ("activity", "activity_edit", "activity_withdraw", "activity_restore")
    for name in names:
        assert client.get(reverse(f"desk:{name}", args=[activity.code])).status_code == 404
    assert client.get(reverse("desk:activities"), {"org": players.offices.branch.code}).status_code == 404


def test_without_a_token_nothing_is_recorded(players):
    client = browser(players, "secretary", enforce_csrf_checks=True)
    answer = client.post(reverse("desk:activity_new"), entry(players, open_form(client)))
    assert answer.status_code == 403
    assert Activity.objects.count() == 0


def test_the_form_says_which_tasks_a_record_will_serve(players):
    client = browser(players, "secretary")
    said = entry(players, open_form(client), kind="lecture", series="aqsiq-2010.quality-forum")
    shown = client.post(reverse("desk:activity_new") + "?show=1", said).content.decode()
    depends = shown[shown.index('id="depends"') :]
    assert "登记这一条，同时用于" in depends
    assert Activity.objects.count() == 0
    checked = re.findall(r'value="(\w+)"[^>]* checked', depends)
    assert set(checked) >= {players.members[0].code, players.members[1].code}


def test_a_wrong_file_is_told_beside_the_field_and_nothing_is_lost(players):
    client = browser(players, "secretary")
    said = entry(players, open_form(client), agenda="议程还在")
    said["evidence"] = SimpleUploadedFile("照片.exe", b"MZ not a picture")
    answer = client.post(reverse("desk:activity_new"), said)
    assert answer.status_code == 422
    assert "照片.exe" in answer.content.decode()
    assert "议程还在" in answer.content.decode()
    assert Activity.objects.count() == 0


def test_a_file_over_the_limit_is_refused(players, settings):
    settings.UPLOAD_LIMIT = 10
    client = browser(players, "secretary")
    said = entry(players, open_form(client))
    said["evidence"] = SimpleUploadedFile("签到表.pdf", PDF)
    answer = client.post(reverse("desk:activity_new"), said)
    assert answer.status_code == 422
    assert "超过上限" in answer.content.decode()


def test_evidence_is_handed_out_as_a_download_to_those_who_see_the_record(players):
    client = browser(players, "secretary")
    said = entry(players, open_form(client))
    said["evidence"] = [SimpleUploadedFile("签到表.pdf", PDF)]
    client.post(reverse("desk:activity_new"), said)
    evidence = Evidence.objects.get()
    href = reverse("desk:evidence", args=[evidence.code])
    answer = client.get(href)
    assert b"".join(answer.streaming_content) == PDF
    assert answer["Content-Disposition"].startswith("attachment")
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert browser(players, "stranger").get(href).status_code == 404
    assert browser(players, "member").post(reverse("desk:evidence_withdraw", args=[evidence.code])).status_code == 403
    assert client.post(reverse("desk:evidence_withdraw", args=[evidence.code])).status_code == 302
    assert client.get(href).status_code == 404


def test_a_file_is_attached_to_a_record_that_is_there(players):
    activity = happened(players)
    client = browser(players, "secretary")
    href = reverse("desk:activity", args=[activity.code])
    assert client.post(href, {}).status_code == 422
    assert client.post(href, {"evidence": SimpleUploadedFile("通知.pdf", PDF)}).status_code == 302
    assert "通知.pdf" in client.get(href).content.decode()
    member = browser(players, "member")
    assert member.post(href, {"evidence": SimpleUploadedFile("x.pdf", PDF)}).status_code == 403


def correction(client, activity, **changes):
    page = client.get(reverse("desk:activity_edit", args=[activity.code])).content.decode()
    version = re.search(r'name="version" value="(\d+)"', page)[1]
    return {
        "kind": activity.kind,
        "title": activity.title,
        "held_on": activity.held_on.isoformat(),
        "people": [person.person.code for person in activity.attendances.all()],
        "audience": "10",
        "reason": "漏记十人",
        "version": version,
    } | changes


def test_a_correction_moves_the_number_and_stays_in_the_history(players):
    activity = happened(players)
    client = browser(players, "secretary")
    answer = client.post(reverse("desk:activity_edit", args=[activity.code]), correction(client, activity))
    assert answer.status_code == 302
    shown = client.get(answer["Location"]).content.decode()
    assert "漏记十人" in shown
    assert "12 人次" in shown
    assert "含更正" in shown


def test_a_stale_correction_shows_both_versions(players):
    activity = happened(players)
    client = browser(players, "secretary")
    mine = correction(client, activity, title="我的题目")
    client.post(reverse("desk:activity_edit", args=[activity.code]), correction(client, activity, title="别人的题目"))
    answer = client.post(reverse("desk:activity_edit", args=[activity.code]), mine)
    said = answer.content.decode()
    assert answer.status_code == 409
    assert "别人的题目" in said
    assert "我的题目" in said
    activity.refresh_from_db()
    assert activity.title == "别人的题目"
    again = mine | {"version": re.search(r'name="version" value="(\d+)"', said)[1]}
    assert client.post(reverse("desk:activity_edit", args=[activity.code]), again).status_code == 302
    activity.refresh_from_db()
    assert activity.title == "我的题目"


def test_withdrawing_asks_for_a_reason_and_can_be_undone(players):
    activity = happened(players)
    client = browser(players, "secretary")
    href = reverse("desk:activity_withdraw", args=[activity.code])
    assert client.get(href).status_code == 200
    assert client.post(href, {"reason": ""}).status_code == 422
    assert client.post(href, {"reason": "重复登记"}).status_code == 302
    shown = client.get(reverse("desk:activity", args=[activity.code])).content.decode()
    assert "重复登记" in shown
    assert client.get(reverse("desk:activity_restore", args=[activity.code])).status_code == 302
    activity.refresh_from_db()
    assert activity.withdrawn_at is not None
    assert client.post(reverse("desk:activity_restore", args=[activity.code])).status_code == 302
    activity.refresh_from_db()
    assert activity.withdrawn_at is None


def test_a_member_sees_the_record_but_not_the_names_of_others(players):
    activity = happened(players)
    client = browser(players, "member")
    shown = client.get(reverse("desk:activity", args=[activity.code])).content.decode()
    assert "王建国" in shown
    assert "李秀英" not in shown
    assert client.get(reverse("desk:activity_edit", args=[activity.code])).status_code == 403
    assert client.get(reverse("desk:activity_new")).status_code == 403


def test_the_list_filters_by_its_address(players):
    happened(players, title="读书会一", kind="reading")
    happened(players, title="主题党日二", kind="theme-day")
    gone = happened(players, title="撤掉的")
    withdraw_activity(actor=cast.actor("secretary", players.offices.branch), activity=gone, reason="错", now=cast.NOW)
    client = browser(players, "secretary")

    def titles(**query):
        shown = client.get(reverse("desk:activities"), query).content.decode()
        return {title for title in ("读书会一", "主题党日二", "撤掉的") if f">{title}</a>" in shown}

    assert titles() == {"读书会一", "主题党日二"}
    assert titles(kind="reading") == {"读书会一"}
    assert titles(words="党日") == {"主题党日二"}
    assert titles(withdrawn="1") == {"撤掉的"}
    assert titles(period="2010-01") == set()
    assert titles(period="2010-01", when="all") == {"读书会一", "主题党日二"}
    assert titles(kind="reading", words="党日") == set()


def test_the_totals_of_the_list_are_the_measures(players):
    for _ in range(3):
        happened(players)
    client = browser(players, "secretary")
    shown = client.get(reverse("desk:activities"), {"period": "2010-11"}).content.decode()
    foot = shown[shown.index("<tfoot>") :]
    told = measure("activities.attendances", path=players.offices.branch.path, period=_month())
    assert told.value == 6
    assert re.search(r'<a class="fig"[^>]*>3场</a>', foot)
    assert re.search(r'<a class="fig"[^>]*>6人次</a>', foot)
    narrowed = client.get(reverse("desk:activities"), {"period": "2010-11", "words": "集中"}).content.decode()
    assert "6 人次" in narrowed[narrowed.index("<tfoot>") :]


def _month():
    from quxin.kernel.periods import Period

    return Period.parse("2010-11")


def test_the_export_holds_just_what_is_filtered(players):
    happened(players, title="=读书会", kind="reading")
    happened(players, title="主题党日", kind="theme-day")
    client = browser(players, "secretary")
    answer = client.get(reverse("desk:activities"), {"kind": "reading", "export": "1"})
    sheet = load_workbook(io.BytesIO(answer.content)).worksheets[0]
    cells = [str(cell.value) for row in sheet.iter_rows() for cell in row if cell.value is not None]
    assert "=读书会" in cells
    assert "主题党日" not in cells
    assert "合计" in cells


def test_the_list_costs_the_same_for_two_and_for_two_hundred(players):
    client = browser(players, "organiser")
    for _ in range(2):
        happened(players)
    href = reverse("desk:activities") + "?when=2010-11"
    client.get(href)
    few = scene.queries_of(client, href)
    for _ in range(60):
        happened(players)
    many = scene.queries_of(client, href)
    assert many == few
    assert many <= 12
    assert "第 1 页，共 2 页" in client.get(href).content.decode()


@pytest.mark.parametrize("number", ["0", "-1", "99", "x", "1e9"])
def test_a_page_that_is_not_there_shows_the_nearest(players, number):
    happened(players)
    client = browser(players, "secretary")
    assert client.get(reverse("desk:activities"), {"page": number}).status_code == 200
