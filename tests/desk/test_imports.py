"""Importing on the desk: form, upload, preview, confirm, result, refused rows that come back."""

import io
import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from openpyxl import Workbook, load_workbook

from quxin.jobs import handlers  # noqa: F401
from quxin.jobs.worker import work_once
from quxin.orgs.models import Organisation, Person
from quxin.records.activities.models import Activity
from quxin.runs.models import Run, RunState
from tests import cast
from tests.desk import scene
from tests.desk.scene import browser, frozen, said_by  # noqa: F401

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen")]
HEAD = ["单位", "活动种类", "活动名称", "日期", "实到人数"]
GOOD = ["办公厅第一党支部", "集中学习", "学习廉政准则", "2010-11-10", 12]
BAD = ["办公厅第一党支部", "集中学习", "学习明天的文件", "2010-12-31", 12]


@pytest.fixture
def players():
    """The cast."""
    return cast.build()


def sheet(*rows, head=HEAD):
    book = Workbook()
    for row in (["活动登记表"], head, *rows):
        book.active.append(row)
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def upload(client, *contents, kind="activities", names=None):
    """Upload files and let the worker look at them; the address of the preview."""
    files = [
        SimpleUploadedFile((names or [f"表{n}.xlsx" for n in range(9)])[n], content)
        for n, content in enumerate(contents)
    ]
    answer = client.post(reverse("desk:imports"), {"kind": kind, "files": files})
    assert answer.status_code == 302, said_by(answer)
    assert work_once()
    return answer["Location"]


def confirm(client, preview):
    answer = client.post(preview + "confirm/")
    work_once()
    return answer["Location"]


def test_preview_writes_nothing_and_confirming_imports_what_is_sound(players):
    client = browser(players, "secretary")
    preview = upload(client, sheet(GOOD, BAD))
    shown = said_by(client.get(preview))
    assert "将新录入 1 行" in shown
    assert "退回 1 行" in shown
    assert "还没有到" in shown
    assert Activity.objects.count() == 0
    result = confirm(client, preview)
    assert Activity.objects.get().title == "学习廉政准则"
    assert "新录入 1 行" in said_by(client.get(result))


def test_the_same_file_again_enters_nothing_twice(players):
    client = browser(players, "secretary")
    for _ in range(2):
        confirm(client, upload(client, sheet(GOOD)))
    assert Activity.objects.count() == 1
    preview = upload(client, sheet(GOOD), sheet(GOOD))
    shown = said_by(client.get(preview))
    assert "以前已有 2 行" in shown
    assert "导入可以录入的行" not in shown


def test_a_double_click_on_confirm_makes_one_run(players):
    client = browser(players, "secretary")
    preview = upload(client, sheet(GOOD))
    first, second = (client.post(preview + "confirm/")["Location"] for _ in range(2))
    assert first == second
    assert Run.objects.filter(kind="records.import").count() == 1


def test_refused_rows_come_back_and_pass_when_mended(players):
    client = browser(players, "secretary")
    result = confirm(client, upload(client, sheet(GOOD, BAD)))
    back = load_workbook(io.BytesIO(client.get(result + "refused/0/").content))
    rows = [[cell.value for cell in row] for row in back.worksheets[0].iter_rows()]
    refused = next(row for row in rows if "学习明天的文件" in row)
    assert "还没有到" in refused[0]
    at = next(n for n, row in enumerate(rows, start=1) if "学习明天的文件" in row)
    column = refused.index("2010-12-31") + 1 if "2010-12-31" in refused else None
    assert column is not None
    back.worksheets[0].cell(at, column).value = "2010-11-11"
    stream = io.BytesIO()
    back.save(stream)
    confirm(client, upload(client, stream.getvalue()))
    assert set(Activity.objects.values_list("title", flat=True)) == {"学习廉政准则", "学习明天的文件"}


def test_a_file_that_cannot_be_read_spoils_no_other(players):
    client = browser(players, "secretary")
    preview = upload(client, b"PK\x03\x04 not a workbook", sheet(GOOD), sheet(["x"], head=["没有", "关系"]))
    page = said_by(client.get(preview))
    assert page.count("这个文件读不了") == 2
    confirm(client, preview)
    assert Activity.objects.count() == 1


@pytest.mark.parametrize(("name", "words"), [("病毒.exe", "不是可以上传的文件"), ("页面.html", "不是可以上传的文件")])
def test_an_upload_of_the_wrong_kind_is_refused_at_once(players, name, words):
    client = browser(players, "secretary")
    answer = client.post(reverse("desk:imports"), {"kind": "activities", "files": SimpleUploadedFile(name, b"MZ")})
    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert Run.objects.count() == 0


def test_an_upload_over_the_limit_is_refused_at_once(players, settings):
    settings.UPLOAD_LIMIT = 100
    client = browser(players, "secretary")
    answer = client.post(
        reverse("desk:imports"), {"kind": "activities", "files": SimpleUploadedFile("大表.xlsx", b"PK" * 100)}
    )
    assert answer.status_code == 422
    assert "超过上限" in answer.content.decode()


def test_no_file_and_no_kind_are_told(players):
    client = browser(players, "secretary")
    assert "请选择要导入的文件" in client.post(reverse("desk:imports"), {"kind": "activities"}).content.decode()
    answer = client.post(reverse("desk:imports"), {"kind": "x", "files": SimpleUploadedFile("a.xlsx", b"PK")})
    assert answer.status_code == 422


def test_columns_that_were_guessed_wrong_can_be_set(players):
    client = browser(players, "secretary")
    preview = upload(client, sheet([*GOOD, "错的名称"], head=[*HEAD, "备用"]))
    page = client.get(preview).content.decode()
    assert re.search(r'<select id="column-title".*?<option value="C" selected', page, re.DOTALL)
    columns = {"organisation": "A", "kind": "B", "title": "F", "held_on": "D", "heads": "E"}
    said = {f"column-{key}": value for key, value in columns.items()} | {"remap": "1"}
    again = client.post(preview + "confirm/", said)["Location"]
    assert again != preview
    work_once()
    confirm(client, again)
    assert Activity.objects.get().title == "错的名称"


def test_every_kind_has_its_blank_form(players):
    client = browser(players, "organiser")
    page = client.get(reverse("desk:imports")).content.decode()
    links = re.findall(r'href="(/desk/imports/[^"]+/template/)"', page)
    assert len(links) >= 6
    for link in links:
        assert load_workbook(io.BytesIO(client.get(link).content)).sheetnames
    assert client.get(reverse("desk:import_template", args=["nothing"])).status_code == 404


def test_organisations_are_imported_by_who_keeps_them(players):
    head = ["机构代码", "机构名称", "上级机构代码"]
    content = sheet(["320200", "无锡市质量技术监督局", "320000"], ["320300", "无上级", "999999"], head=head)
    secretary = browser(players, "secretary")
    page = secretary.get(reverse("desk:imports")).content.decode()
    assert 'value="organisations"' not in page
    client = browser(players, "system-admin")
    result = confirm(client, upload(client, content, kind="organisations"))
    assert Organisation.objects.filter(official_code="320200").exists()
    assert not Organisation.objects.filter(official_code="320300").exists()
    assert client.get(result + "refused/0/").status_code == 200


def test_people_are_imported_and_their_numbers_are_kept_nowhere_in_clear(players, settings):
    head = ["姓名", "工号", "公民身份号码", "所在党组织", "党员类别"]
    number = "11010519491231002X"
    content = sheet(
        ["赵一", "P900", number, "办公厅第一党支部", "正式党员"],
        ["钱二", "P901", "440524188001010014", "没有的支部", "正式党员"],
        head=head,
    )
    client = browser(players, "organiser")
    preview = upload(client, content, kind="people")
    result = confirm(client, preview)
    assert Person.objects.filter(staff_number="P900").exists(), said_by(client.get(result))
    assert not Person.objects.filter(staff_number="P901").exists()
    run = Run.objects.get(kind="people.import")
    kept = [str(row.cells) + row.value for row in run.refused_rows.all()]
    assert kept
    assert not [text for text in kept if "440524188001010014" in text]
    assert [path for path in settings.MEDIA_ROOT.rglob("*") if path.is_file()] == []


def test_a_run_is_seen_by_who_asked_for_it(players):
    client = browser(players, "secretary")
    preview = upload(client, sheet(GOOD))
    stranger = browser(players, "stranger")
    for address in (preview, preview + "confirm/", preview + "cancel/", preview + "refused/0/"):
        assert stranger.get(address).status_code == 404
        assert stranger.post(address).status_code == 404
    assert browser(players, "member").get(reverse("desk:imports")).status_code == 403


def test_progress_is_asked_for_again_until_the_run_is_over(players):
    client = browser(players, "secretary")
    files = {"kind": "activities", "files": SimpleUploadedFile("表.xlsx", sheet(GOOD))}
    address = client.post(reverse("desk:imports"), files)["Location"]
    fragment = client.get(address, headers={"HX-Request": "true"})
    assert f'hx-get="{address}"' in fragment.content.decode()
    assert "<html" not in fragment.content.decode()
    assert "HX-Refresh" not in fragment
    assert work_once()
    assert client.get(address, headers={"HX-Request": "true"})["HX-Refresh"] == "true"


def test_a_queued_run_can_be_stopped(players):
    client = browser(players, "secretary")
    files = {"kind": "activities", "files": SimpleUploadedFile("表.xlsx", sheet(GOOD))}
    address = client.post(reverse("desk:imports"), files)["Location"]
    assert client.get(address + "cancel/").status_code == 302
    assert Run.objects.get().state == RunState.QUEUED
    client.post(address + "cancel/")
    assert Run.objects.get().state == RunState.CANCELLED
    assert "已停止" in said_by(client.get(address))
    assert not work_once()


def test_a_run_that_failed_says_so(players):
    client = browser(players, "secretary")
    address = upload(client, sheet(GOOD))
    Run.objects.update(state=RunState.FAILED, error="系统内部出错")
    shown = said_by(client.get(address))
    assert "没有做完" in shown
    assert "系统内部出错" in shown


def test_pages_cost_few_queries(players):
    client = browser(players, "secretary")
    address = upload(client, sheet(GOOD, *([BAD] * 30)))
    for href in (reverse("desk:imports"), address):
        client.get(href)
        assert scene.queries_of(client, href) <= 12


def test_each_reader_gets_the_reasons_in_his_language(players):
    client = browser(players, "secretary")
    result = confirm(client, upload(client, sheet(GOOD, BAD), b"PK\x03\x04 no workbook"))
    english = browser(players, "secretary", headers={"Accept-Language": "en"})
    shown = said_by(english.get(result))
    assert "The day 2010-12-31 has not come yet" in shown
    assert "还没有到" not in shown
    assert "读不了" not in shown
    assert "还没有到" in said_by(client.get(result))
    for who, title, reason in ((english, "Why it was returned", "has not come yet"), (client, "退回原因", "还没有到")):
        page = load_workbook(io.BytesIO(who.get(result + "refused/0/").content)).worksheets[0]
        cells = [str(cell.value) for row in page.iter_rows() for cell in row]
        assert title in cells
        assert any(reason in cell for cell in cells)


def test_an_english_sheet_of_returned_rows_passes_when_mended(players):
    client = browser(players, "secretary", headers={"Accept-Language": "en"})
    result = confirm(client, upload(client, sheet(BAD)))
    back = load_workbook(io.BytesIO(client.get(result + "refused/0/").content))
    (cell,) = [cell for row in back.worksheets[0].iter_rows() for cell in row if cell.value == "2010-12-31"]
    cell.value = "2010-11-11"
    stream = io.BytesIO()
    back.save(stream)
    confirm(client, upload(client, stream.getvalue()))
    assert Activity.objects.get().title == "学习明天的文件"


def test_a_reason_kept_by_an_older_version_still_shows(players):
    client = browser(players, "secretary")
    result = confirm(client, upload(client, sheet(BAD)))
    run = Run.objects.get(kind="records.import")
    words = "日期 2010-12-31 还没有到，只完成 87.5%。"
    run.refused_rows.update(reason=words, hint="请核对。", params={})
    run.result["continued"] = "上次做到一半中断，已接着做完。"
    run.result["files"].append({"file": "旧.xlsx", "error": {"reason": "文件坏了", "hint": "请再传。"}})
    run.save()
    shown = said_by(client.get(result))
    for text in (words, "请核对。", "上次做到一半中断，已接着做完。", "文件坏了", "请再传。"):
        assert text in shown


def test_a_list_whose_sheet_is_gone_is_named_and_not_an_internal_error(players):
    client = browser(players, "organiser")
    rows = ["张三", "A1", "办公厅第一党支部", "正式党员"]
    content = sheet(rows, head=["姓名", "工号", "党组织", "人员类别"])
    first, second = (upload(client, content, kind="people") for _ in range(2))
    confirm(client, first)
    shown = said_by(client.get(confirm(client, second)))
    assert "这个文件读不了" in shown
    assert "内部出错" not in shown
