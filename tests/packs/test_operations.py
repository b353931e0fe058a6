"""Installing: versions stay, the newest is current, and nothing half-right gets in."""

from datetime import UTC, datetime

import pytest

from quxin.access import SYSTEM, Actor, Grant, Refused, Role
from quxin.ledger.models import AuditEntry
from quxin.packs import queries
from quxin.packs.load import load
from quxin.packs.models import PackVersion
from quxin.packs.operations import (
    MeasureTaken,
    PackRefused,
    RequirementMissing,
    VersionOlder,
    VersionTaken,
    install,
    preview,
)
from tests.packs.sample import NAMES, PACKS, SAMPLE, read, spoil

NOW = datetime(2026, 1, 5, 1, tzinfo=UTC)
ACTOR = Actor(account=7, grants=(Grant(Role.SYSTEM_ADMIN, "0000"),))

pytestmark = pytest.mark.django_db


def put(text, now=NOW):
    return install(actor=ACTOR, loaded=read(text), now=now)


def as_version(number, *swaps):
    text = SAMPLE.replace("version: 1.0.0", f"version: {number}")
    for before, after in swaps:
        assert before in text
        text = text.replace(before, after, 1)
    return text


def test_the_first_version_is_current_and_comes_back_equal():
    done = put(SAMPLE)
    assert (done.diff, done.changed) == (None, True)
    assert (done.version.title, done.version.installed_by, done.version.installed_at) == ("示例", 7, NOW)
    assert queries.current("sample") == read(SAMPLE).pack
    assert [pack.pack for pack in queries.all_current()] == ["sample"]


def test_installing_the_same_again_changes_nothing():
    first = put(SAMPLE)
    again = put(SAMPLE + "\n# a remark\n")
    assert (again.changed, again.version.pk, bool(again.diff)) == (False, first.version.pk, False)
    assert PackVersion.objects.count() == 1


def test_a_new_version_shows_its_difference_and_the_old_one_stays():
    put(SAMPLE)
    newer = as_version(
        "1.1.0", ("  begun: {label: 开始, unit: 月, first: campaign}\n", ""), ("自{begun month}起，", "")
    )
    assert [item.id for item in preview(read(newer)).removed] == ["begun"]
    assert PackVersion.objects.count() == 1
    done = put(newer)
    assert [item.id for item in done.diff.removed] == ["begun"]
    assert queries.current("sample").version == "1.1.0"
    assert queries.version("sample", "1.0.0") == read(SAMPLE).pack
    assert PackVersion.objects.filter(is_current=True).count() == 1


def test_a_measure_that_a_new_version_drops_is_retired_and_still_known():
    put(SAMPLE)
    put(as_version("1.1.0", ("  begun: {label: 开始, unit: 月, first: campaign}\n", ""), ("自{begun month}起，", "")))
    spec, pack = queries.measure_specs()["begun"]
    assert (spec.form, pack.version) == ("first", "1.0.0")
    assert queries.folds()["talks.held"].label == "lecture/sample.forum"
    assert queries.folds()["members.all"].form == "stock"


def test_a_version_never_changes_its_content():
    put(SAMPLE)
    with pytest.raises(VersionTaken) as refused:
        put(SAMPLE.replace("target: 7", "target: 8"))
    assert "sample" in str(refused.value)
    assert refused.value.hint_text()
    put(as_version("1.10.0"))
    with pytest.raises(VersionOlder):
        put(as_version("1.9.0"))
    assert queries.current("sample").version == "1.10.0"


def test_errors_are_refused_also_when_the_caller_did_not_check():
    with pytest.raises(PackRefused) as refused:
        install(actor=ACTOR, loaded=spoil("source: 测试\n", ""), now=NOW)
    assert "source" in refused.value.hint_text()
    unchecked = spoil("needs: [memos]", "needs: [nobody]")
    hidden = type(unchecked)(unchecked.pack, (), unchecked.places)
    with pytest.raises(PackRefused) as refused:
        install(actor=ACTOR, loaded=hidden, now=NOW)
    assert "nobody" in str(refused.value.problems[0])
    assert not PackVersion.objects.exists()


def test_warnings_do_not_stop_an_installation():
    assert install(actor=ACTOR, loaded=spoil("title: 学习", "title: 学习六次"), now=NOW).changed


def test_what_a_pack_needs_must_be_there():
    needy = SAMPLE.replace("source: 测试\n", "source: 测试\nrequires: {base: 1.2.0}\n")
    base = SAMPLE.replace("pack: sample", "pack: base").split("series:")[0]
    with pytest.raises(RequirementMissing):
        put(needy)
    put(base)
    with pytest.raises(RequirementMissing):
        put(needy)
    put(base.replace("1.0.0", "1.10.0"))
    assert put(needy).changed


def test_two_packs_may_not_count_differently_under_one_name():
    put(SAMPLE)
    with pytest.raises(MeasureTaken):
        put(SAMPLE.replace("pack: sample", "pack: other"))


def test_an_unknown_pack_is_said():
    with pytest.raises(queries.NoSuchPack):
        queries.current("none")
    with pytest.raises(queries.NoSuchPack):
        queries.version("none", "1.0.0")


def test_the_packs_of_the_house_live_side_by_side(django_assert_max_num_queries):
    for name in NAMES:
        install(actor=SYSTEM, loaded=load(PACKS / name), now=NOW)
    assert [pack.pack for pack in queries.all_current()] == sorted(NAMES)
    with django_assert_max_num_queries(1):
        queries.all_current()


@pytest.mark.parametrize(
    "grants",
    [
        (),
        (Grant(Role.SYSTEM_ADMIN, "00000001"),),
        (Grant(Role.ORGANISER, "0000"),),
        (Grant(Role.SECRETARY, "0000"),),
    ],
    ids=["nobody", "administrator of a province", "organiser", "secretary"],
)
def test_who_may_not_install(grants):
    with pytest.raises(Refused):
        install(actor=Actor(account=8, grants=grants), loaded=read(SAMPLE), now=NOW)
    assert not PackVersion.objects.exists()


def test_an_installation_is_audited_once():
    row = put(SAMPLE).version
    put(SAMPLE)
    entry = AuditEntry.objects.get(action="pack.install")
    assert (entry.actor, entry.at, entry.subject) == (7, NOW, f"pack:{row.pk}")
    assert entry.details == {"pack": "sample", "version": "1.0.0", "checksum": row.checksum}
