"""Simple records and honours on the desk."""

import io
import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from openpyxl import load_workbook

from quxin.files.models import Evidence
from quxin.kernel.scaled import ONE
from quxin.ledger.models import Fact
from quxin.records.campaigns.models import ProgressRecord
from quxin.records.campaigns.progress import Progress, record_progress
from tests import cast
from tests.desk import scene
from tests.desk.scene import NOW, TODAY, browser, frozen, nonce_of  # noqa: F401

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen")]


@pytest.fixture
def players():
    """The cast, with the campaign of the pack deployed."""
    made = cast.build()
    cast.campaign(made.offices)
    return made


def recorded(players, **changes):
    """An article of headquarters."""
    said = {"kind": "article", "title": "质检文化", "occurred_on": TODAY, "unit": "篇", "partner": "中国质量报"}
    return record_progress(
        actor=players.actor("organiser"),
        organisation=players.offices.hq,
        progress=Progress(**(said | changes)),
        today=TODAY,
        now=NOW,
    )


def entry(players, page, **changes):
    return {
        "organisation": players.offices.hq.code,
        "kind": "article",
        "occurred_on": "2010-11-10",
        "title": "质检文化",
        "partner": "中国质量报",
        "quantity": "",
        "nonce": nonce_of(page),
    } | changes


def test_a_record_is_entered_once_however_often_it_is_sent(players):
    client = browser(players, "organiser")
    said = entry(players, client.get(reverse("desk:progress_new"), {"kind": "article"}))
    first, second = (client.post(reverse("desk:progress_new"), said) for _ in range(2))
    assert first["Location"] == second["Location"]
    record = ProgressRecord.objects.get()
    assert (record.quantity, record.unit, record.title) == (ONE, "篇", "质检文化")
    assert Fact.objects.filter(kind="progress.recorded").count() == 1
    assert "1篇" in client.get(first["Location"]).content.decode()


def test_the_form_asks_what_the_kind_asks(players):
    client = browser(players, "organiser")
    shown = client.get(reverse("desk:progress_new"), {"kind": "memorandum"}).content.decode()
    assert "合作方" in shown
    assert re.search(r'type="hidden" name="place"', shown)
    assert re.search(r'<option value="memorandum" selected', shown)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"occurred_on": "2011-01-01"}, "还没有到"),
        ({"quantity": "0"}, "必须大于零"),
        ({"quantity": "1e9999"}, "没有保存"),
        ({"quantity": "很多"}, "不是可以记录的数"),
        ({"title": "", "partner": ""}, "看得出是哪一件"),
        ({"kind": "nothing"}, "没有保存"),
        ({"evidence": SimpleUploadedFile("a.html", b"<script>")}, "不是可以上传的文件"),
    ],
)
def test_an_error_keeps_what_was_typed(players, changes, words):
    client = browser(players, "organiser")
    said = entry(players, client.get(reverse("desk:progress_new")), note="备注还在") | changes
    answer = client.post(reverse("desk:progress_new"), said)
    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert "备注还在" in answer.content.decode()
    assert ProgressRecord.objects.count() == 0


def test_a_record_without_a_title_is_called_by_what_it_is_about(players):
    client = browser(players, "organiser")
    said = entry(players, client.get(reverse("desk:progress_new")), title="", kind="memorandum", partner="江苏省")
    client.post(reverse("desk:progress_new"), said)
    assert ProgressRecord.objects.get().title.endswith("：江苏省")


def test_another_organisations_record_is_not_there(players):
    record = recorded(players)
    stranger = browser(players, "stranger")
    for name in ("progress_record", "progress_edit", "progress_withdraw", "progress_restore"):
        assert stranger.get(reverse(f"desk:{name}", args=[record.code])).status_code == 404
    leader = browser(players, "leader")
    assert leader.get(reverse("desk:progress_record", args=[record.code])).status_code == 200
    assert leader.get(reverse("desk:progress_edit", args=[record.code])).status_code == 403
    assert leader.post(reverse("desk:progress_restore", args=[record.code])).status_code == 403


def test_correct_withdraw_restore(players):
    record = recorded(players)
    client = browser(players, "organiser")
    href = reverse("desk:progress_edit", args=[record.code])
    said = {
        "kind": "article",
        "title": "质检文化",
        "partner": "人民日报",
        "occurred_on": "2010-11-18",
        "quantity": "2",
        "reason": "刊了两篇",
        "version": "1",
    }
    assert client.post(href, said | {"reason": ""}).status_code == 422
    assert client.post(href, said).status_code == 302
    stale = client.post(href, said | {"partner": "光明日报"})
    assert stale.status_code == 409
    assert "人民日报" in stale.content.decode()
    assert "光明日报" in stale.content.decode()
    shown = client.get(reverse("desk:progress_record", args=[record.code])).content.decode()
    assert "刊了两篇" in shown
    assert "2篇" in shown
    withdraw = reverse("desk:progress_withdraw", args=[record.code])
    assert client.get(withdraw).status_code == 200
    assert client.post(withdraw, {"reason": " "}).status_code == 422
    assert client.post(withdraw, {"reason": "登错了"}).status_code == 302
    assert "登错了" in client.get(reverse("desk:progress_record", args=[record.code])).content.decode()
    client.post(reverse("desk:progress_restore", args=[record.code]))
    record.refresh_from_db()
    assert (record.withdrawn_at, record.quantity) == (None, 2 * ONE)


def test_evidence_hangs_on_the_record(players):
    record = recorded(players)
    client = browser(players, "organiser")
    href = reverse("desk:progress_record", args=[record.code])
    client.post(href, {"evidence": SimpleUploadedFile("备忘录.pdf", b"%PDF-1.4")})
    assert Evidence.objects.get().subject == f"progress:{record.pk}"
    assert "备忘录.pdf" in client.get(href).content.decode()


def titles(client, name="progress", **query):
    shown = client.get(reverse(f"desk:{name}"), query).content.decode()
    return set(re.findall(r'<th scope="row"><a href="/desk/progress/\w+/">([^<]+)</a>', shown))


def test_the_list_filters_by_its_address(players):
    recorded(players)
    recorded(players, kind="memorandum", title="与江苏省合作", partner="江苏省", unit="份")
    client = browser(players, "organiser")
    assert titles(client) == {"质检文化", "与江苏省合作"}
    assert titles(client, kind="memorandum") == {"与江苏省合作"}
    assert titles(client, words="江苏") == {"与江苏省合作"}
    assert titles(client, kind="no-such") == set()
    assert titles(client, period="2009") == set()
    assert titles(client, period="2009", when="all") == {"质检文化", "与江苏省合作"}


def test_totals_by_kind_are_figures(players):
    recorded(players, quantity=3 * ONE)
    recorded(players, title="又一篇")
    client = browser(players, "organiser")
    shown = client.get(reverse("desk:progress"), {"period": "2010-11"}).content.decode()
    foot = shown[shown.index("<tfoot>") :]
    assert re.search(r'<a class="fig"[^>]*>4篇</a>', foot)
    searched = client.get(reverse("desk:progress"), {"period": "2010-11", "words": "又一篇"}).content.decode()
    assert "1篇" in searched[searched.index("<tfoot>") :]
    assert 'class="fig"' not in searched[searched.index("<tfoot>") :]


def test_honours_are_the_records_of_their_family(players):
    recorded(players)
    from quxin.briefs.progress import progress_kinds

    honour = next(iter(progress_kinds("honour")))
    recorded(players, kind=honour, title="先进基层党组织", partner="办公厅第一党支部", unit="个")
    client = browser(players, "leader")
    assert titles(client, "honours") == {"先进基层党组织"}
    assert titles(client) == {"先进基层党组织", "质检文化"}


def test_the_export_holds_just_what_is_filtered(players):
    recorded(players)
    recorded(players, kind="memorandum", title="与江苏省合作", unit="份")
    answer = browser(players, "organiser").get(reverse("desk:progress"), {"kind": "article", "export": "1"})
    sheet = load_workbook(io.BytesIO(answer.content)).worksheets[0]
    cells = {cell.value for row in sheet.iter_rows() for cell in row}
    assert "质检文化" in cells
    assert "与江苏省合作" not in cells


@pytest.mark.parametrize("name", ["progress", "honours"])
def test_lists_cost_few_queries(players, name):
    for number in range(55):
        recorded(players, title=f"第{number}篇")
    client = browser(players, "organiser")
    client.get(reverse(f"desk:{name}"))
    assert scene.queries_of(client, reverse(f"desk:{name}")) <= 12
