"""The made-up nation of the benches is a tree with one name for each, and its sheets are taken without a refusal."""

import pytest

from quxin.access import SYSTEM
from quxin.jobs import bench_imports, bench_pages, bench_world
from quxin.orgs.import_words import COLUMNS
from quxin.orgs.imports import preview_file
from quxin.orgs.models import Organisation
from quxin.records.intake.forms import form_of
from quxin.records.intake.plans import InFile, plan_files
from quxin.sheets.guard import open_workbook
from quxin.sheets.reading import find_table


def test_parents_come_first_and_names_are_different():
    offices = list(bench_world.offices(8_000))
    assert all(one.parent is None or one.parent < one.number for one in offices)
    assert len({one.name for one in offices}) == len({one.code for one in offices}) == 8_000
    assert sum(1 for one in offices if one.level) == 1 + 31 + 341 + 3410


def test_the_list_of_organisations_is_taken_whole(db, tmp_path):
    path = tmp_path / "list.xlsx"
    bench_world.write_sheet(path, *bench_world.organisation_rows(500))
    plan = preview_file(path, actor=SYSTEM)
    assert (len(plan.created), plan.refused) == (500, [])


@pytest.mark.parametrize(("make", "columns"), [(bench_world.activity_rows, 15), (bench_world.narrow_activity_rows, 7)])
def test_the_forms_of_activities_are_taken_whole(db, tmp_path, make, columns):
    bench_world.fill(400)
    bench_world.people(bench_world.PEOPLE)
    assert Organisation.objects.get(depth=1).path
    path = tmp_path / "form.xlsx"
    bench_world.write_sheet(path, *make(60, list(bench_world.offices(400))))
    form = form_of("activities")
    assert len(find_table(open_workbook(path), form.columns).mapping) == columns
    plan = plan_files([InFile("form.xlsx", path)], form, actor=SYSTEM, today=bench_imports.NOW.date())
    assert (plan.new, plan.already, plan.refused) == (60, 0, 0)


def test_the_reader_alone_reads(tmp_path):
    path = tmp_path / "list.xlsx"
    bench_world.write_sheet(path, *bench_world.organisation_rows(50))
    assert bench_imports._read(path, COLUMNS) is None
    assert sum(1 for _ in find_table(open_workbook(path), COLUMNS).rows()) == 50


def test_a_page_weighs_with_what_it_loads():
    body = b'<link href="/static/ui/quxin.css"><script src="/static/ui/x.js?1"></script><a href="/static/">'
    assert bench_pages._parts(body) == ["ui/quxin.css"]
    assert bench_pages._weight("ui/quxin.css") > 1000
