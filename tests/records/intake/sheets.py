"""Filled-in forms for the tests of imports, made in memory."""

import io
from datetime import date

import openpyxl

from quxin.records.intake.operations import apply_plan
from quxin.records.intake.plans import InFile, plan_files
from quxin.runs.operations import Progress
from tests import cast

ACTIVITIES = ("单位", "活动种类", "活动名称", "日期", "系列", "实到人数", "参加人员", "参赛人数")


def book(header, *rows) -> bytes:
    """A workbook with a header and rows, as somebody would send it."""
    made = openpyxl.Workbook()
    made.active.append(list(header))
    for row in rows:
        made.active.append(list(row))
    stream = io.BytesIO()
    made.save(stream)
    return stream.getvalue()


def lecture(number=1, organisation="100000", on=date(2010, 11, 5), heads=100, **more):
    """A row of ACTIVITIES."""
    row = {
        "单位": organisation,
        "活动种类": "讲座",
        "活动名称": f"讲座第{number}期",
        "日期": on,
        "实到人数": heads,
    } | more
    return [row.get(title, "") for title in ACTIVITIES]


def planned(form, actor, *contents, names=None):
    """The plan of importing files with these contents."""
    files = [
        InFile(name, content) for name, content in zip(names or map("{}.xlsx".format, "abcdef"), contents, strict=False)
    ]
    return plan_files(files, form, actor=actor, today=cast.TODAY)


def applied(plan, actor, progress=None):
    """Carry a plan out."""
    progress = progress or Progress(None, lambda: cast.NOW)
    return apply_plan(plan=plan, actor=actor, now=cast.NOW, progress=progress)
