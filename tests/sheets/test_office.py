"""The written files open in an office program, not only in libraries of the same mind."""

import csv
import io
import shutil
import subprocess

import pytest

from quxin.sheets.guard import open_workbook
from quxin.sheets.reading import find_table
from quxin.sheets.templates import write_template
from quxin.sheets.writing import Layout, refuse, write_refused, write_table

from . import build, test_templates, test_writing

pytestmark = [
    pytest.mark.office,
    pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice is not installed"),
]


def converted(data, folder, kind):
    """The first sheet as LibreOffice reads it: rows of csv, or the bytes of another workbook."""
    (folder / "in.xlsx").write_bytes(data)
    profile = f"-env:UserInstallation={(folder / 'profile').as_uri()}"
    out = folder / "out"
    command = ["soffice", "--headless", profile, "--convert-to", kind, "--outdir", str(out), str(folder / "in.xlsx")]
    subprocess.run(command, check=True, capture_output=True, timeout=120)
    if kind == "xlsx":
        return (out / "in.xlsx").read_bytes()
    return list(csv.reader(io.StringIO((out / "in.csv").read_text("utf-8"))))


UTF8 = "csv:Text - txt - csv (StarCalc):44,34,76,1"


def test_a_list_opens(tmp_path):
    stream = io.BytesIO()
    row = test_writing.ROW | {"name": "=1+1"}
    write_table(stream, title="名录", columns=test_writing.COLUMNS, rows=[row], totals={"heads": 3})
    rows = converted(stream.getvalue(), tmp_path, UTF8)
    assert rows[1][:3] == ["代码", "名称", "日期"]
    assert rows[2] == ["000001", "=1+1", "2010-04-05", "2010-04", "3", "实事", "11010519491231002X", "是"]
    assert rows[3][0] == "合计"


def test_a_refusal_opens(tmp_path):
    stream = io.BytesIO()
    found = find_table(open_workbook(build.xlsx([["代码", "名称"], ["1", ""]])), test_writing.COLUMNS)
    refused = [refuse(row) for row in found.rows()]
    write_refused(stream, title="退回", columns=test_writing.COLUMNS, layout=Layout.of(found), refused=refused)
    rows = converted(stream.getvalue(), tmp_path, UTF8)
    assert rows[2] == ["退回原因", "代码", "名称"]
    assert "必填" in rows[3][0]


def test_a_form_saved_by_an_office_program_is_still_ours(tmp_path):
    stream = io.BytesIO()
    write_template(stream, title="机构名录", columns=test_templates.COLUMNS, template="orgs", version="3")
    book = test_templates.opened(stream.getvalue())
    test_templates.fill(book["机构名录"], 5, test_templates.GOOD)
    found = find_table(
        open_workbook(converted(build.saved(book), tmp_path, "xlsx")), test_templates.COLUMNS, template="orgs"
    )
    assert {one.how for one in found.mapping} == {"form"}
    (row,) = found.rows()
    assert (row.values["kind"], row.values["identity"]) == ("k7", "11010519491231002X")
