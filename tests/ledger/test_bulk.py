"""Rows in bulk are the rows that model objects would have made, with keys that the engine goes on from."""

from datetime import date, time

import pytest
from django.db import IntegrityError, transaction

from quxin.ledger.bulk import insert_many, set_many, take_stock, those_there
from quxin.ledger.models import AuditEntry
from quxin.records.activities.models import Activity
from tests import cast

NAMES = ("organisation_id", "kind", "title", "held_on", "starts_at", "recorded_at", "row_key", "audience")


@pytest.fixture
def office(db):
    return cast.offices().hq


def row(office, number, key=None):
    said = (f"第{number}讲\t“引号”\\N\n换行", date(2010, 5, number), time(9, 30))
    return (office.pk, "lecture", *said, cast.NOW, key, number)


def test_rows_read_back_as_they_were_given(office):
    made = insert_many(Activity, NAMES, [row(office, number) for number in (1, 2, 3)])
    objects = [Activity(**dict(zip(NAMES, row(office, number), strict=True))) for number in (1, 2, 3)]
    for key, wanted in zip(made, objects, strict=True):
        found = Activity.objects.get(pk=key)
        same = [field.attname for field in Activity._meta.concrete_fields if field.attname not in ("id", "code")]
        assert {name: getattr(found, name) for name in same} == {name: getattr(wanted, name) for name in same}
    assert len(set(Activity.objects.values_list("code", flat=True))) == 3


def test_keys_go_on_from_one_another_whoever_takes_them(office):
    first = insert_many(Activity, NAMES, [row(office, 1), row(office, 2)])
    between = Activity.objects.create(
        organisation=office, kind="lecture", title="单", held_on=cast.TODAY, recorded_at=cast.NOW
    )
    after = insert_many(Activity, NAMES, [row(office, 3)])
    assert sorted({*first, between.pk, *after}) == [*first, between.pk, *after]


def test_all_or_none(office):
    with pytest.raises(IntegrityError), transaction.atomic():
        insert_many(Activity, NAMES, [row(office, 1, "a" * 64), row(office, 2, "a" * 64)])
    assert not Activity.objects.exists()


def test_json_and_nothing(db):
    (key,) = insert_many(
        AuditEntry, ("at", "action", "subject", "details"), [(cast.NOW, "x", "y:1", {"fields": ["é"]})]
    )
    entry = AuditEntry.objects.get(pk=key)
    assert (entry.at, entry.details, entry.actor) == (cast.NOW, {"fields": ["é"]}, None)
    assert insert_many(AuditEntry, ("at",), []) == []


def test_an_unknown_field_is_a_mistake_of_code(db):
    with pytest.raises(ValueError, match="colour"):
        insert_many(AuditEntry, ("at", "colour"), [(cast.NOW, "red")])


def test_stock_is_taken_within_a_transaction_too(office):
    take_stock()
    with transaction.atomic():
        insert_many(Activity, NAMES, [row(office, 1)])
        take_stock()
    assert Activity.objects.count() == 1


def test_those_there_are_found_however_many_are_asked_for(office):
    insert_many(Activity, NAMES, [row(office, number, f"{number:064d}") for number in (1, 2, 3)])
    wanted = [f"{number:064d}" for number in range(2, 3000)]
    assert those_there(Activity, "row_key", wanted) == {f"{2:064d}", f"{3:064d}"}
    assert those_there(Activity, "row_key", []) == set()
    assert those_there(Activity, "title", ["第1讲\t“引号”\\N\n换行", "'; --"]) == {"第1讲\t“引号”\\N\n换行"}


def test_each_row_gets_its_value_and_no_other(office):
    first, _second, third = insert_many(Activity, NAMES, [row(office, number) for number in (1, 2, 3)])
    set_many(Activity, "audience", {first: 70, third: 90})
    assert list(Activity.objects.order_by("pk").values_list("audience", flat=True)) == [70, 2, 90]


def test_a_column_without_a_value_is_left_to_the_database(office):
    (key,) = insert_many(Activity, ("organisation_id", "kind", "title", "held_on", "recorded_at", "campaign_id"),
                         [(office.pk, "lecture", "讲", cast.TODAY, cast.NOW, None)])  # fmt: skip
    found = Activity.objects.get(pk=key)
    assert (found.campaign_id, found.starts_at, found.is_sample, found.withdrawn_reason) == (None, None, False, "")
    with pytest.raises(IntegrityError), transaction.atomic():
        insert_many(Activity, NAMES, [(office.pk, None, *row(office, 1)[2:])])
