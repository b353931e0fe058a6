"""People and their data: encrypted, unique without being readable, unmasked only in the audit's sight, erasable."""

import pytest

from quxin.access import SYSTEM, Refused, Role
from quxin.ledger.models import AuditEntry, Fact
from quxin.orgs import crypto, people
from quxin.orgs.models import Account, Person, PersonKey
from quxin.orgs.operations import (
    change_person,
    create_account,
    create_person,
    erase_person,
    join,
    masked,
    person_key,
    unmask,
)
from tests.orgs.conftest import DAY, NOW, NUMBERS, actor_with

NUMBER = NUMBERS[0]
HOW = {"actor": SYSTEM, "now": NOW}


def test_numbers_are_stored_encrypted_and_shown_with_stars(person_of):
    person = person_of(identity_number=NUMBER, phone="13800138000")
    stored = Person.objects.get(pk=person.pk)
    for raw in (bytes(stored.identity_cipher), bytes(stored.phone_cipher), stored.identity_hash.encode()):
        assert NUMBER.encode() not in raw
        assert b"13800138000" not in raw
    assert masked(stored, "identity").endswith("002X")
    assert masked(stored, "identity").startswith("**")
    assert masked(stored, "phone") == "138****8000"


def test_equal_numbers_have_different_ciphers_and_no_cipher_opens_elsewhere(person_of):
    one, two = person_of(phone="13800138000"), person_of("王五", phone="13800138000")
    assert one.phone_cipher != two.phone_cipher
    one.phone_cipher = two.phone_cipher
    with pytest.raises(crypto.CannotDecrypt):
        masked(one, "phone")


def test_a_changed_byte_or_another_key_does_not_open(settings):
    sealed = bytearray(crypto.encrypt("秘密", context="x"))
    assert crypto.decrypt(bytes(sealed), context="x") == "秘密"
    settings.FIELD_KEY = "another" * 8
    with pytest.raises(crypto.CannotDecrypt):
        crypto.decrypt(bytes(sealed), context="x")


def test_the_hash_depends_on_the_key(settings):
    before = people.identity_hash(NUMBER)
    settings.FIELD_KEY = "another" * 8
    assert people.identity_hash(NUMBER) != before


def test_a_number_belongs_to_one_person(person_of):
    person_of(identity_number=NUMBER)
    with pytest.raises(people.PersonExists):
        person_of("王五", identity_number="１１０１０５１９４９１２３１００２x")


def test_wrong_numbers_are_refused_with_the_reason(person_of):
    with pytest.raises(people.BadNumber) as told:
        person_of(identity_number="110105194912310021")
    assert "校验码" in str(told.value)


def test_only_who_manages_people_there_may_enter_one(tree):
    secretary = actor_with(Role.SECRETARY, tree.branch)
    create_person(name="张三", organisation=tree.branch, actor=secretary, now=NOW)
    with pytest.raises(Refused):
        create_person(name="张三", organisation=tree.second, actor=secretary, now=NOW)


def test_changing_is_for_those_where_the_person_belongs(tree, person_of):
    member = person_of(status="full")
    changed = change_person(member.person, phone="13900139000", actor=actor_with(Role.SECRETARY, tree.branch), now=NOW)
    assert masked(changed, "phone") == "139****9000"
    with pytest.raises(Refused):
        change_person(member.person, name="李", actor=actor_with(Role.SECRETARY, tree.second), now=NOW)
    entry = AuditEntry.objects.get(action="person.changed")
    assert entry.details == {"fields": ["phone"]}


def test_unmasking_needs_the_right_and_stands_in_the_audit(tree, person_of):
    member = person_of(status="full", identity_number=NUMBER)
    with pytest.raises(Refused):
        unmask(member.person, field="identity", actor=actor_with(Role.ORGANISER, tree.hq), now=NOW)
    shown = unmask(
        member.person, field="identity", actor=actor_with(Role.SECURITY_ADMIN, tree.hq), now=NOW, reason="核对"
    )
    assert shown == NUMBER
    entry = AuditEntry.objects.get(action="person.unmasked")
    assert entry.details["field"] == "identity"
    assert NUMBER not in str(entry.details)


def test_the_key_is_opaque_and_made_once(person_of):
    person = person_of()
    key = person_key(person)
    assert key == person_key(person)
    assert len(key) >= 20
    assert str(person.pk) != key


def test_erasing_destroys_who_it_was_and_leaves_what_was(tree, person_of):
    member = person_of(status="full", identity_number=NUMBER, phone="13800138000", staff_number="A1")
    create_account(username="shan", organisation=tree.branch, person=member.person, **HOW)
    key = person_key(member.person)
    erased = erase_person(member.person, **HOW)
    stored = Person.objects.get(pk=erased.pk)
    assert (stored.name, stored.identity_cipher, stored.identity_hash, stored.phone_cipher, stored.staff_number) == (
        people.ERASED_NAME,
        None,
        None,
        None,
        None,
    )
    assert not PersonKey.objects.filter(key=key).exists()
    assert Fact.objects.filter(person=key).count() == 1
    account = Account.objects.get()
    assert not account.is_active
    assert "shan" not in account.username
    with pytest.raises(people.Erased):
        person_key(stored)
    with pytest.raises(people.Erased):
        erase_person(stored, **HOW)
    # The number is free again: the same person may come back as a new entry.
    again = person_of("单雄信", identity_number=NUMBER)
    assert join(again, organisation=tree.second, status="full", on=DAY, **HOW)
