"""Text 002 from its records: every published figure, printed as published, and moving with the records."""

import csv
import json
from pathlib import Path

import pytest

from quxin.kernel.hedged import check_hedge

FIGURES = Path(__file__).resolve().parents[1] / "packs" / "text-002-figures.csv"
PERIOD = "2010-04..2010-11"
# What stands in the text around the printed number, or how the text prints it otherwise.
PRINTED = {
    "F01": "四月", "F02": "两", "F03": "三", "F04": "35项", "F05": "陕西、安徽、广东、广西、辽宁、吉林、新疆", "F06": "10",
    "F07": "7部门", "F08": "81项", "F09": "6次", "F10": "4期", "F11": "近2000人次", "F12": "六", "F13": "35个",
    "F14": "96名", "F15": "21名", "F16": "160多篇", "F17": "2个", "F18": "6个", "F19": "8站", "F20": "3000多人",
    "F21": "99个", "F22": "84名", "F23": "9名", "F24": "2000多人", "F25": "近10万人",
}  # fmt: skip

pytestmark = pytest.mark.journey


def published() -> list[dict[str, str]]:
    with FIGURES.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def report(site) -> dict[str, dict]:
    done = site.quxin("report", "aqsiq-2010", "--period", PERIOD, "--out", str(site.home / "r.json"), "--json")
    written = json.loads((site.home / "r.json").read_text(encoding="utf-8"))
    assert json.loads(done.stdout)["figures"] == written["figures"]
    return {figure["id"]: figure for figure in written["figures"]}


def test_every_published_figure_follows_from_records_and_prints_as_published(site):
    figures = report(site)
    for row in published():
        figure = figures[row["id"]]
        assert figure["measure"].removeprefix("aqsiq-2010.") == row["measure_hint"], row
        assert figure["printed"] == PRINTED[row["id"]], row
        assert figure["facts"] > 0
        assert figure["verdict"] in {"exact", "hedged"}
        if row["id"] == "F01":
            assert str(figure["value"]).startswith("2010-04")
        else:
            assert figure["value"] == int(row["value"]), row
    assert check_hedge("近2000", figures["F11"]["value"]).ok


def test_the_report_has_no_digit_that_is_bound_to_nothing(site):
    report(site)
    remarks = json.loads((site.home / "r.json").read_text(encoding="utf-8"))["remarks"]
    assert [remark for remark in remarks if remark["code"] == "unbound-number"] == []


def test_word_html_and_json_say_the_same(site):
    figures = report(site)
    site.quxin("report", "aqsiq-2010", "--period", PERIOD, "--out", str(site.home / "r.html"))
    site.quxin("report", "aqsiq-2010", "--period", PERIOD, "--out", str(site.home / "r.docx"))
    html = (site.home / "r.html").read_text(encoding="utf-8")
    from docx import Document

    word = "".join(paragraph.text for paragraph in Document(str(site.home / "r.docx")).paragraphs)
    for figure in figures.values():
        assert figure["printed"] in html
        assert figure["printed"] in word


def test_the_ledger_of_the_demonstration_verifies(site):
    verified = json.loads(site.quxin("ledger", "verify", "--json").stdout)
    assert verified["ok"]
    assert verified["facts"] > 10_000
    assert json.loads(site.quxin("ledger", "check", "--json").stdout)["ok"]
