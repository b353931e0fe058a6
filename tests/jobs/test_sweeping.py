"""Previews that nobody confirmed go after some days with their sheets; whatever is still needed stays."""

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from quxin.files.models import Blob
from quxin.files.operations import keep_sheet, place_of
from quxin.jobs import worker
from quxin.jobs.schedule import NIGHTLY
from quxin.jobs.sweeping import forget_previews
from quxin.kernel import clock
from quxin.ledger.models import AuditEntry
from quxin.runs.models import RefusedRow, Run, RunState
from quxin.runs.operations import request_run

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def stored(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    settings.PREVIEW_DAYS = 7


def sheet(content=b"a"):
    return keep_sheet(SimpleUploadedFile("表.xlsx", content))


def run(kind, *sheets, days=8, state=RunState.DONE, **more):
    files = [{"name": "表.xlsx", "sha256": one} for one in sheets]
    made = request_run(
        kind=kind, title="表", parameters={"form": "x", "files": files} | more, actor=None,
        now=clock.now() - timedelta(days=days),
    )  # fmt: skip
    Run.objects.filter(pk=made.pk).update(state=state)
    return made


def left():
    return forget_previews(now=clock.now()), set(Run.objects.values_list("code", flat=True))


def test_an_old_preview_goes_with_its_sheet_and_its_rows():
    sha = sheet()
    one = run("people.preview", sha)
    RefusedRow.objects.create(run=one, row=3, reason="错")
    assert left() == (1, set())
    assert not place_of(sha).exists()
    assert not RefusedRow.objects.exists()
    assert AuditEntry.objects.filter(action="run.forget", subject=f"run:{one.pk}").count() == 1
    assert left() == (0, set())


def test_a_young_one_one_at_work_and_one_that_was_imported_stay():
    young, working, confirmed = sheet(b"1"), sheet(b"2"), sheet(b"3")
    run("records.preview", young, days=6)
    run("records.preview", working, state=RunState.QUEUED)
    looked = run("records.preview", confirmed)
    run("records.import", confirmed, preview=looked.code, state=RunState.FAILED)
    assert left()[0] == 0
    assert Run.objects.count() == 4
    assert all(place_of(one).exists() for one in (young, working, confirmed))


def test_a_sheet_that_another_run_or_evidence_needs_stays():
    shared, evidence = sheet(b"1"), sheet(b"2")
    run("records.preview", shared)
    run("records.preview", evidence)
    kept = run("records.preview", shared, days=1)
    Blob.objects.create(sha256=evidence, size=1, kind="x", stored_at=clock.now())
    assert left() == (2, {kept.code})
    assert place_of(shared).exists()
    assert place_of(evidence).exists()


def test_it_is_part_of_the_night():
    sha = sheet()
    run("organisations.preview", sha)
    request_run(kind=NIGHTLY, title="夜", parameters={}, actor=None, now=clock.now())
    assert worker.work_once()
    assert Run.objects.get(kind=NIGHTLY).result["previews"] == 1
    assert not place_of(sha).exists()
