"""`quxin records` on the command line, and the worker that does the same for a face."""

import io
import json
from datetime import timedelta

import openpyxl
import pytest

from quxin.files.models import Blob
from quxin.jobs import imports, worker
from quxin.jobs.cli import main
from quxin.kernel import clock
from quxin.orgs.models import Person
from quxin.records.activities.models import Activity
from quxin.runs.models import Run, RunState
from quxin.runs.operations import request_run, take_next
from tests import cast
from tests.records.intake.sheets import ACTIVITIES, book, lecture


@pytest.fixture
def tree(db):
    cast.pack()
    return cast.offices()


@pytest.fixture
def sent(tmp_path):
    """Write a workbook where somebody left it."""

    def make(*rows, name="活动.xlsx"):
        place = tmp_path / name
        place.write_bytes(book(ACTIVITIES, *rows))
        return str(place)

    return make


@pytest.fixture
def quxin(capsys):
    """Run a command; its exit code and what it answers with --json."""

    def run(*words):
        code = main(["records", *words, "--json"])
        return code, json.loads(capsys.readouterr().out)

    return run


def test_kinds_lists_every_form(tree, quxin, capsys):
    code, data = quxin("kinds")
    assert code == 0
    assert {"activities", "attendance", "progress", "commitments", "article"} <= {row["kind"] for row in data["kinds"]}
    assert main(["records", "kinds"]) == 0
    assert "activities" in capsys.readouterr().out


def test_a_template_is_a_workbook_with_drop_downs(tree, quxin, tmp_path):
    place = tmp_path / "表.xlsx"
    code, _ = quxin("template", "activities", "--out", str(place))
    assert code == 0
    page = openpyxl.load_workbook(io.BytesIO(place.read_bytes())).worksheets[0]
    assert "*活动名称" in [cell.value for row in page.iter_rows(max_row=4) for cell in row]
    assert any(rule.type == "list" for rule in page.data_validations.dataValidation)


def test_an_import_tells_what_was_taken_and_what_not(tree, quxin, sent, tmp_path):
    path, refused = sent(lecture(1), lecture(2, "没有的单位"), lecture(1)), tmp_path / "退回.xlsx"
    code, data = quxin("import", "activities", path, "--check", "--refused", str(refused))
    assert (code, data["new"], data["already"], len(data["refused"])) == (3, 1, 1, 1)
    assert not Activity.objects.exists()
    code, data = quxin("import", "activities", path, "--refused", str(refused))
    assert (code, data["accepted"], data["created"], data["already"]) == (3, 2, 1, 1)
    row = data["refused"][0]
    assert (row["file"], row["row"], row["column"], row["value"]) == ("活动.xlsx", 3, "A", "没有的单位")
    assert data["refused_files"] == [str(refused)]
    page = openpyxl.load_workbook(io.BytesIO(refused.read_bytes())).worksheets[0]
    assert any("没有找到单位" in str(cell.value) for row in page.iter_rows() for cell in row)


def test_the_second_time_it_says_that_it_went_on(tree, quxin, sent, capsys):
    assert quxin("import", "activities", sent(lecture(1)))[1]["created"] == 1
    assert main(["records", "import", "activities", sent(lecture(1), lecture(2))]) == 0
    said = capsys.readouterr().out
    assert "新录入 1 行，已有 1 行" in said
    assert "其中 1 行以前已经录入" in said


def test_a_file_that_cannot_be_read_is_refused_and_the_others_are_taken(tree, quxin, sent, tmp_path):
    broken = tmp_path / "坏.xlsx"
    broken.write_bytes(b"PK\x03\x04")
    code, data = quxin("import", "activities", str(broken), sent(lecture(1)))
    assert (code, data["created"]) == (3, 1)
    assert [one["file"] for one in data["unreadable"]] == ["坏.xlsx"]


def test_the_exit_code_says_whether_all_was_taken_or_a_part_or_nothing(tree, quxin, sent, capsys):
    assert quxin("import", "activities", sent(lecture(1)))[0] == 0
    assert quxin("import", "activities", sent(lecture(1, "没有的单位")))[0] == 1
    assert quxin("import", "activities", sent(lecture(1), lecture(2, "没有的单位")))[0] == 3
    with pytest.raises(SystemExit) as wrong:
        main(["records", "import"])
    assert wrong.value.code == 2
    with pytest.raises(SystemExit):
        main(["records", "import", "--help"])
    assert "退出码" in capsys.readouterr().out


def test_an_import_as_somebody_has_his_rights(quxin, sent, db):
    cast.build()
    path = sent(lecture(1, "办公厅第一党支部"), lecture(2, "浙江省局"))
    code, data = quxin("import", "activities", path, "--as", "secretary")
    assert (code, data["created"], [row["row"] for row in data["refused"]]) == (3, 1, [3])
    code, data = quxin("import", "activities", path, "--as", "auditor")
    assert (code, "权限" in data["error"]) == (1, True)
    code, data = quxin("import", "activities", path, "--as", "nobody")
    assert (code, "nobody" in data["error"]) == (1, True)


def queue(path, actor=None, **more):
    files = [{"name": "活动.xlsx", "path": path}]
    return request_run(
        kind=imports.KIND,
        title="导入活动",
        parameters={"form": "activities", "files": files} | more,
        actor=actor,
        now=clock.now(),
    )


def test_the_worker_imports_and_keeps_the_refused_rows(tree, sent):
    run = queue(sent(lecture(1), lecture(2, "没有的单位")))
    assert worker.work_once()
    run.refresh_from_db()
    assert (run.state, run.refused, run.done, run.total) == (RunState.DONE, 1, 1, 1)
    assert (run.result["created"], run.result["refused"]) == (1, 1)
    assert run.result["files"][0]["layout"]["headers"][0] == "单位"
    row = run.refused_rows.get()
    assert (row.file, row.row, row.column, row.value) == ("活动.xlsx", 3, "A 单位", "没有的单位")
    assert row.cells["2"] == "讲座第2期"


def test_the_worker_reads_stored_bytes_and_has_the_rights_of_who_asked(db):
    made = cast.build()
    content = book(ACTIVITIES, lecture(1, "办公厅第一党支部"), lecture(2, "浙江省局"))
    blob = Blob(sha256="ab" * 32)
    place = imports.place_of(blob.sha256)
    place.parent.mkdir(parents=True)
    place.write_bytes(content)
    run = queue("", actor=made.people["secretary"].pk, files=[{"name": "活动.xlsx", "sha256": blob.sha256}])
    worker.work_once()
    run.refresh_from_db()
    assert (run.state, run.result["created"], run.refused) == (RunState.DONE, 1, 1), run.error
    assert Activity.objects.get().recorded_by == made.people["secretary"].pk


def test_a_run_whose_worker_died_is_taken_up_again_and_says_so(tree, sent, monkeypatch):
    run = queue(sent(*(lecture(number) for number in range(1, 702))))
    taken = take_next(now=clock.now() - timedelta(minutes=5))

    class Died(BaseException):
        """The process is gone."""

    class Dying(imports.Progress):
        """Progress that never comes back from its second step of work."""

        def step(self, count=1):
            super().step(count)
            if self.done >= 500:
                raise Died

    with pytest.raises(Died):
        imports.import_records(taken, Dying(taken, lambda: clock.now() - timedelta(minutes=5)))
    assert Activity.objects.count() == 500
    assert worker.work_once()
    run.refresh_from_db()
    assert run.state == RunState.DONE, run.error
    assert (run.attempts, run.result["created"], run.result["already"]) == (2, 201, 500)
    assert run.result["continued"] == 500
    assert Activity.objects.count() == 701


def test_a_run_that_is_cancelled_keeps_what_was_done(tree, sent):
    run = queue(sent(*(lecture(number) for number in range(1, 1202))))
    taken = take_next(now=clock.now())
    Run.objects.filter(pk=run.pk).update(cancel_asked=True)
    worker.carry_out(taken)
    run.refresh_from_db()
    assert run.state == RunState.CANCELLED
    assert Activity.objects.count() in (0, 500, 1000)


def test_people_are_imported_by_their_numbers(tree, quxin, tmp_path):
    place = tmp_path / "名册.xlsx"
    assert quxin("template", "people", "--out", str(place))[0] == 0
    assert "people" in {row["kind"] for row in quxin("kinds")[1]["kinds"]}
    header = ("姓名", "工号", "党组织", "人员类别")
    rows = [("王建国", "P001", tree.branch.name, "正式党员"), ("查无此处", "P002", "没有的支部", "正式党员")]
    place.write_bytes(book(header, *rows))
    code, data = quxin("import", "people", str(place), "--check")
    assert (code, data["created"], len(data["refused"]), Person.objects.count()) == (3, 1, 1, 0)
    code, data = quxin("import", "people", str(place))
    assert (code, data["created"], Person.objects.count()) == (3, 1, 1)
    code, data = quxin("import", "people", str(place))
    assert (code, data["created"], data["already"]) == (3, 0, 1)
