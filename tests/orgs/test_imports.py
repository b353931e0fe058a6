"""Importing organisations from Excel files: real layout, again, interrupted, mended and sent again."""

import io
from datetime import date
from pathlib import Path

import openpyxl
import pytest

from quxin.access import SYSTEM, Role
from quxin.ledger.models import Book
from quxin.orgs.imports import apply_plan, import_file, known_organisations, preview_file, write_refused_rows
from quxin.orgs.models import Organisation, OrganisationChange, Placement
from quxin.orgs.refusals import CHUNK
from quxin.sheets.guard import NotAWorkbook
from quxin.sheets.reading import MissingColumn
from tests.orgs.conftest import DAY, NOW, actor_with

HOW = {"actor": SYSTEM, "now": NOW}
pytestmark = pytest.mark.django_db


def workbook(rows, header=("序号", "机构代码", "机构名称", "层级", "上级机构代码"), title="机构名录"):
    """As offices send it: merged title, unit line, header in row 3, a total line at the foot."""
    book = openpyxl.Workbook()
    page = book.active
    page.append([title])
    page.merge_cells(start_row=1, start_column=1, end_row=1, end_column=len(header))
    page.append(["填报单位:办公厅"])
    page.append(list(header))
    for at, row in enumerate(rows, start=1):
        page.append([at, *row])
    page.append(["合计", len(rows)])
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


ROWS = [
    ("320100", "南京市局  ", "地级", "320000"),
    ("００００００", "总局", "国家级", None),
    (320000, "江苏省局", "省级", "000000"),
    ("330000", "浙江省局", "省级", "000000"),
    ("999999", "无上级局", "县级", "888888"),
    ("330000", "浙江省局(重复)", "省级", "000000"),
    (None, "没有代码局", "县级", "320100"),
    ("320199X", "代码有误局", "县级", "320100"),
]


def test_a_file_as_offices_send_it():
    outcome = import_file(workbook(ROWS), **HOW)
    assert (outcome.accepted, outcome.created, len(outcome.refused)) == (4, 4, 4)
    nanjing = Organisation.objects.get(official_code="320100")
    assert (nanjing.name, nanjing.level, nanjing.parent.name) == ("南京市局", "prefecture", "江苏省局")
    assert nanjing.path == nanjing.parent.path + "0001"
    assert [refusal.row for refusal in outcome.refused] == [8, 9, 10, 11]
    assert set(Book.objects.values_list("key", flat=True)) == {"000000", "320000", "330000"}
    assert Placement.objects.count() == OrganisationChange.objects.count() == 4
    result = outcome.as_json()
    assert set(result["refused"][0]) >= {"row", "column", "value", "reason", "hint"}


def test_importing_again_changes_nothing():
    import_file(workbook(ROWS), **HOW)
    before = list(Organisation.objects.order_by("pk").values())
    outcome = import_file(workbook(ROWS), **HOW)
    assert (outcome.unchanged, outcome.created, outcome.changed, outcome.moved) == (4, 0, 0, 0)
    assert list(Organisation.objects.order_by("pk").values()) == before


def test_a_preview_writes_nothing():
    plan = preview_file(workbook(ROWS), actor=SYSTEM)
    assert plan.accepted == 4
    assert [one["column"] for one in plan.as_json()["mapping"]] == ["code", "name", "level", "parent"]
    assert not Organisation.objects.exists()


def test_refused_rows_come_back_as_excel_and_can_be_sent_again_when_mended():
    plan = preview_file(workbook(ROWS), actor=SYSTEM)
    outcome = apply_plan(plan, **HOW)
    stream = io.BytesIO()
    assert write_refused_rows(plan, outcome, stream) == 4
    book = openpyxl.load_workbook(stream)
    page = book.worksheets[0]
    cells = [[cell.value for cell in row] for row in page.iter_rows()]
    line = next(row for row in cells if row and "没有代码局" in row)
    assert "必填" in line[0]
    at = next(n for n, row in enumerate(cells, start=1) if row and "代码有误局" in row)
    code = next(cell for cell in page[at] if cell.value == "320199X")
    code.value = "320199"
    mended = io.BytesIO()
    book.save(mended)
    again = import_file(mended.getvalue(), **HOW)
    assert again.created == 1
    assert Organisation.objects.filter(official_code="320199", name="代码有误局").exists()


def test_other_headers_in_another_order():
    header = ("序号", "主管单位代码", "单位名称", "统一编码", "级别")
    rows = [(row[3], row[1], row[0], row[2]) for row in ROWS[:4]]
    outcome = import_file(workbook(rows, header), **HOW)
    assert (outcome.created, outcome.refused) == (4, [])


def test_a_missing_column_and_a_wrong_file_are_told():
    with pytest.raises(MissingColumn):
        preview_file(workbook([], ("序号", "机构名称", "层级", "上级机构代码")), actor=SYSTEM)
    with pytest.raises(NotAWorkbook):
        preview_file(b"%PDF-1.7 nothing of the kind \x00\x01", actor=SYSTEM)


def big(count):
    rows = [("000000", "总局", "国家级", None), ("320000", "江苏省局", "省级", "000000")]
    return rows + [(f"32{n:04d}", f"第{n}局", "县级", "320000") for n in range(1, count + 1)]


def test_an_interrupted_import_goes_on_where_it_stopped():
    file = workbook(big(CHUNK * 2))
    seen = []
    stopped = import_file(
        file, progress=lambda done, total: seen.append((done, total)), should_stop=lambda: len(seen) >= 3, **HOW
    )
    assert stopped.stopped
    assert stopped.created == CHUNK + 2
    assert seen[-1] == (CHUNK + 2, CHUNK * 2 + 2)
    assert Organisation.objects.count() == CHUNK + 2
    rest = import_file(file, **HOW)
    assert (rest.unchanged, rest.created, rest.stopped) == (CHUNK + 2, CHUNK, False)
    assert Organisation.objects.count() == CHUNK * 2 + 2
    assert len(set(Organisation.objects.values_list("path", flat=True))) == CHUNK * 2 + 2


def test_a_chunk_that_fails_leaves_nothing_half_done(monkeypatch):
    from quxin.orgs import imports

    def fail(*args, **kwargs):
        raise OSError("the disk is full")

    monkeypatch.setattr(imports._Applier, "_record_created", fail)
    with pytest.raises(OSError, match="disk"):
        import_file(workbook(ROWS), **HOW)
    assert not Organisation.objects.exists()


def test_two_imports_of_one_plan_make_nothing_twice():
    plan = preview_file(workbook(ROWS), actor=SYSTEM)
    apply_plan(plan, **HOW)
    second = apply_plan(plan, **HOW)
    assert (second.created, second.unchanged, second.accepted) == (0, 4, 4)
    assert Organisation.objects.count() == 4


def test_names_and_places_that_changed_keep_their_history():
    import_file(workbook(ROWS[:4]), **HOW)
    rows = [
        ("320000", "江苏省市场监督管理局", "省级", "000000"),
        ("320100", "南京局", "地级", "330000"),
    ]
    outcome = import_file(workbook(rows), on=DAY, **HOW)
    assert (outcome.changed, outcome.moved, outcome.accepted) == (1, 1, 2)
    nanjing = Organisation.objects.get(official_code="320100")
    assert (nanjing.name, nanjing.parent.name, nanjing.initials) == ("南京局", "浙江省局", "njj")
    spans = Placement.objects.filter(organisation=nanjing).order_by("pk")
    assert spans.first().name == "南京市局"
    assert spans.first().until_on == DAY
    assert spans.last().path == nanjing.path
    assert Placement.objects.filter(organisation=nanjing, until_on=None).count() == 1
    kinds = set(OrganisationChange.objects.filter(organisation=nanjing).values_list("kind", flat=True))
    assert kinds == {"created", "renamed", "moved"}
    again = import_file(workbook(rows), on=DAY, **HOW)
    assert again.unchanged == 2


def test_two_that_change_places():
    import_file(workbook(ROWS[:4]), **HOW)
    rows = [("320000", "江苏省局", "省级", "320100"), ("320100", "南京市局", "地级", "000000")]
    outcome = import_file(workbook(rows), on=DAY, **HOW)
    assert (outcome.moved, outcome.refused) == (2, [])
    jiangsu = Organisation.objects.get(official_code="320000")
    assert jiangsu.parent.official_code == "320100"
    assert jiangsu.path.startswith(jiangsu.parent.path)


def test_a_change_before_the_last_one_is_refused_and_not_lost():
    import_file(workbook(ROWS[:4]), **HOW)
    import_file(workbook([("330000", "浙江局", "省级", "000000")]), on=DAY, **HOW)
    outcome = import_file(workbook([("330000", "浙局", "省级", "000000")]), on=date(2024, 1, 1), **HOW)
    assert (outcome.changed, len(outcome.refused)) == (0, 1)
    assert known_organisations()["330000"].name == "浙江局"


def test_a_provinces_organiser_imports_into_the_province_only():
    import_file(workbook(ROWS[:4]), **HOW)
    jiangsu = Organisation.objects.get(official_code="320000")
    rows = [("320200", "无锡市局", "地级", "320000"), ("330100", "杭州市局", "地级", "330000")]
    organiser = actor_with(Role.ORGANISER, jiangsu)
    outcome = import_file(workbook(rows), actor=organiser, now=NOW)
    assert (outcome.created, [refusal.row for refusal in outcome.refused]) == (1, [5])
    secretary = actor_with(Role.SECRETARY, jiangsu)
    assert import_file(workbook([("320300", "徐州市局", "地级", "320000")]), actor=secretary, now=NOW).created == 0


REAL = Path(__file__).parents[2] / "demo" / "agencies.xlsx"


def test_the_nations_agencies_twice():
    outcome = import_file(REAL, **HOW)
    assert (outcome.accepted, outcome.created, len(outcome.refused)) == (3654, 3654, 4)
    assert [refusal.id for refusal in outcome.refused] == ["parent", "code", "code", "code"]
    assert Organisation.objects.filter(level="province").count() == 31
    assert Book.objects.count() == 32
    again = import_file(REAL, **HOW)
    assert (again.unchanged, again.created, again.changed, again.moved, len(again.refused)) == (3654, 0, 0, 0, 4)
