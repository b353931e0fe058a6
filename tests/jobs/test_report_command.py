"""`quxin report --letterhead`: the words of the letterhead reach the Word file, and only a Word file."""

import argparse
from datetime import date

import pytest

from quxin.jobs.commands import report
from quxin.reports.files import LetterheadMisplaced
from quxin.reports.letterhead import NumberWrong

ON = date(2024, 5, 6)


def asked(*words):
    """The letterhead that a command line asks for."""
    parser = argparse.ArgumentParser()
    report.arguments(parser)
    options = parser.parse_args(["aqsiq-2010", "--period", "2010-04..2010-11", *words])
    return report._letterhead(options, "某局", ON)


def test_without_a_word_of_it_there_is_none():
    assert asked("--out", "r.html") is None


def test_the_bare_option_takes_all_from_the_organisation():
    red = asked("--letterhead", "--out", "r.docx")
    assert (red.mark, red.printer, red.printed_on, red.signer) == ("某局文件", "某局", ON, "")


def test_any_of_its_words_asks_for_it():
    red = asked("--number", "某局发[2024]5号", "--copies", "甲局,乙局", "--printed-on", "2024-05-08", "--out", "R.DOCX")
    assert (red.number, red.copies, red.printed_on) == ("某局发〔2024〕5号", ("甲局", "乙局"), date(2024, 5, 8))


def test_it_has_no_place_in_another_file():
    with pytest.raises(LetterheadMisplaced, match=r"\.html"):
        asked("--letterhead", "--out", "r.html")


def test_a_wrong_number_is_refused():
    with pytest.raises(NumberWrong):
        asked("--number", "第5号")
