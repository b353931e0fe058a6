"""People and their personal data: create, change, unmask, erase; the opaque key by which facts name them.

Not for what a person belongs to: that is `membership`. Identity numbers and phones exist here only encrypted.
"""

from datetime import datetime
from typing import Literal

from django.db import IntegrityError, transaction

from quxin.access import Action, Actor, may, require
from quxin.kernel.clock import local_date
from quxin.kernel.errors import QuxinError
from quxin.kernel.identifiers import check_citizen_number, mask_identity, mask_phone
from quxin.kernel.text import squeeze
from quxin.ledger.operations import audit
from quxin.orgs import crypto, nodes, stock
from quxin.orgs.models import Account, Organisation, Person, PersonKey

Field = Literal["identity", "phone"]
ERASED_NAME = "已注销人员"


class BadNumber(QuxinError):
    """An identity number that cannot be one."""

    default_message = "公民身份号码有误：%(why)s"
    default_hint = "请按证件逐位核对；在 Excel 里请先把整列设为“文本”格式。"


class PersonExists(QuxinError):
    """Somebody with this identity number or staff number is here already."""

    default_message = "已经有一位%(what)s相同的人员"
    default_hint = "请先按姓名查找；如果确是同一人，请办理转入，不要重复登记。"


class Erased(QuxinError):
    """The person's data were erased."""

    default_message = "这位人员的个人信息已经注销"
    default_hint = "以前的数字仍在，但不能再与姓名对应。"


def create_person(
    *,
    name: str,
    organisation: Organisation,
    actor: Actor,
    now: datetime,
    staff_number: str = "",
    identity_number: str = "",
    phone: str = "",
    retired: bool = False,
) -> Person:
    """Enter a person who will belong to `organisation` (for the rights; joining and appointing are separate).

    Raises Refused, BadName, BadNumber, PersonExists.
    """
    require(actor, Action.MANAGE_PEOPLE, organisation.path)
    person = build_person(name=name, staff_number=staff_number, identity_number=identity_number, phone=phone, now=now)
    person.retired = retired
    with transaction.atomic():
        _require_new(person)
        try:
            with transaction.atomic():
                person.save(force_insert=True)
        except IntegrityError:
            _require_new(person)
            raise
        _audit("person.created", person, actor, now, organisation.path)
    return person


def build_person(
    *, name: str, now: datetime, staff_number: str = "", identity_number: str = "", phone: str = ""
) -> Person:
    """A Person that is not saved yet, with its numbers encrypted. Raises BadName, BadNumber."""
    name = nodes.tidy_name(squeeze(name) if not name.isascii() else name, limit=60)
    key, letters = nodes.pinyin(name, person=True)
    person = Person(name=name, sort_key=key, initials=letters, staff_number=squeeze(staff_number) or None)
    set_identity(person, identity_number, now)
    set_phone(person, phone)
    return person


def set_identity(person: Person, number: str, now: datetime) -> None:
    """Put an identity number into an unsaved change of `person`; empty clears it. Raises BadNumber."""
    if not number:
        person.identity_cipher = person.identity_hash = None
        return
    checked = check_citizen_number(number, today=local_date(now))
    if not checked.ok:
        raise BadNumber(why="；".join(checked.problems))
    person.identity_cipher = crypto.encrypt(checked.number, context=_context("identity", person))
    person.identity_hash = identity_hash(checked.number)


def set_phone(person: Person, phone: str) -> None:
    """Put a phone number into an unsaved change of `person`; empty clears it."""
    tidy = squeeze(phone)
    person.phone_cipher = crypto.encrypt(tidy, context=_context("phone", person)) if tidy else None


def identity_hash(number: str) -> str:
    """The blind hash under which a tidy identity number is stored."""
    return crypto.blind_hash(number, context="identity")


def change_person(
    person: Person,
    *,
    actor: Actor,
    now: datetime,
    name: str | None = None,
    staff_number: str | None = None,
    identity_number: str | None = None,
    phone: str | None = None,
    retired: bool | None = None,
) -> Person:
    """Correct a person's data; None leaves a value as it is. Raises Refused, Erased, BadName, BadNumber,
    PersonExists.
    """
    with transaction.atomic():
        person = Person.objects.select_for_update().get(pk=person.pk)
        path = require_for(actor, Action.MANAGE_PEOPLE, person)
        _require_not_erased(person)
        if name is not None:
            person.name = nodes.tidy_name(name, limit=60)
            person.sort_key, person.initials = nodes.pinyin(person.name, person=True)
        if staff_number is not None:
            person.staff_number = squeeze(staff_number) or None
        if identity_number is not None:
            set_identity(person, identity_number, now)
        if phone is not None:
            set_phone(person, phone)
        if retired is not None:
            person.retired = retired
        _require_new(person)
        person.save()
        given = {
            "name": name,
            "staff_number": staff_number,
            "identity": identity_number,
            "phone": phone,
            "retired": retired,
        }
        fields = sorted(field for field, value in given.items() if value is not None)
        _audit("person.changed", person, actor, now, path, fields=fields)
    return person


def paths_of(person: Person) -> list[str]:
    """The paths of the organisations that the person belongs to now, or belonged to last."""
    rows = [
        (row.until_on is None, row.organisation.path)
        for related in (person.memberships, person.posts)
        for row in related.select_related("organisation").order_by("-from_on", "-pk")
    ]
    return [path for current, path in rows if current] or [path for _, path in rows]


def require_for(actor: Actor, action: Action, person: Person) -> str:
    """The path of one organisation of the person where `actor` may do `action`. Raises Refused when there is none."""
    paths = paths_of(person)
    for path in paths:
        if may(actor, action, path, person=person.pk):
            return path
    path = paths[0] if paths else ""
    require(actor, action, path, person=person.pk)
    return path


def person_key(person: Person) -> str:
    """The opaque key that names the person in facts, made when first needed. Raises Erased."""
    _require_not_erased(person)
    return stock.person_keys([person.pk])[person.pk]


def masked(person: Person, field: Field) -> str:
    """The identity number or phone with stars, for screens; empty when there is none."""
    number = _read(person, field)
    return (mask_identity if field == "identity" else mask_phone)(number) if number else ""


def in_full(person: Person, field: Field) -> str:
    """The number as it is; only for `own_data`, which asks who wants it. For all others: `unmask`."""
    return _read(person, field)


def unmask(person: Person, *, field: Field, actor: Actor, now: datetime, reason: str = "") -> str:
    """The identity number or phone in full; who asked, and for what, stands in the audit. Raises Refused, Erased."""
    with transaction.atomic():
        path = require_for(actor, Action.UNMASK, person)
        _require_not_erased(person)
        _audit("person.unmasked", person, actor, now, path, field=field, reason=reason[:200])
    return _read(person, field)


def erase_person(person: Person, *, actor: Actor, now: datetime) -> Person:
    """Destroy who the person is: name, numbers, log-in, and the link from the person to the key in facts.

    Facts, memberships and posts stand, without a name. Cannot be undone. Raises Refused, Erased.
    """
    with transaction.atomic():
        person = Person.objects.select_for_update().get(pk=person.pk)
        path = require_for(actor, Action.MANAGE_PEOPLE, person)
        _require_not_erased(person)
        PersonKey.objects.filter(person=person).delete()
        person.name, person.sort_key, person.initials = ERASED_NAME, "", ""
        person.staff_number = person.identity_cipher = person.identity_hash = person.phone_cipher = None
        person.erased_at = now
        person.save()
        _erase_account(person)
        _audit("person.erased", person, actor, now, path)
    return person


def _erase_account(person: Person) -> None:
    account = Account.objects.select_for_update().filter(person=person).first()
    if account is not None:
        account.username = f"erased-{person.code}"
        account.display_name = account.email = ""
        account.is_active = False
        account.set_unusable_password()
        account.save()


def _require_not_erased(person: Person) -> None:
    if person.erased_at is not None:
        raise Erased()


def _require_new(person: Person) -> None:
    others = Person.objects.exclude(pk=person.pk)
    if person.identity_hash and others.filter(identity_hash=person.identity_hash).exists():
        raise PersonExists(what="身份号码")
    if person.staff_number and others.filter(staff_number=person.staff_number).exists():
        raise PersonExists(what="工号")


def _context(field: Field, person: Person) -> str:
    return f"{field}:{person.code}"


def _read(person: Person, field: Field) -> str:
    stored = person.identity_cipher if field == "identity" else person.phone_cipher
    return crypto.decrypt(bytes(stored), context=_context(field, person)) if stored else ""


def _audit(action: str, person: Person, actor: Actor, now: datetime, path: str, **details: object) -> None:
    audit(action, f"person:{person.pk}", actor=actor.account, now=now, path=path, **details)
