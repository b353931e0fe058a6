"""The facts behind the stocks of members and staff: counted in, counted out, carried over when a tree is rebuilt.

Only these functions append `member.counted` and `staff.counted`. Activists and candidates are on the roll but are no
members yet: they are not counted.
"""

from collections.abc import Iterable, Iterator
from datetime import date, datetime

from quxin.access import Actor
from quxin.kernel.identifiers import new_code
from quxin.ledger.operations import Entry, append, end
from quxin.orgs.facts import MEMBER, STAFF
from quxin.orgs.models import Membership, MemberStatus, Organisation, PersonKey, Post

KEY_LENGTH = 26
COUNTED = frozenset({MemberStatus.FULL, MemberStatus.PROBATIONARY})
CHUNK = 500


def person_keys(people: Iterable[int]) -> dict[int, str]:
    """The opaque ledger keys of people by their ids, made where there was none."""
    wanted = list(dict.fromkeys(people))
    found = dict(PersonKey.objects.filter(person_id__in=wanted).values_list("person_id", "key"))
    made = [PersonKey(person_id=pk, key=new_code(KEY_LENGTH)) for pk in wanted if pk not in found]
    # Two who ask at once must end up with one key: the row that came first stands.
    PersonKey.objects.bulk_create(made, ignore_conflicts=True)
    if made:
        missing = [key.person_id for key in made]
        found |= dict(PersonKey.objects.filter(person_id__in=missing).values_list("person_id", "key"))
    return found


def membership_subject(membership: Membership) -> str:
    """The subject of a membership's facts."""
    return f"membership:{membership.pk}"


def post_subject(post: Post) -> str:
    """The subject of a post's facts."""
    return f"post:{post.pk}"


def count_members(memberships: Iterable[Membership], *, actor: Actor, now: datetime) -> None:
    """Count new memberships in, from the day each begins; `organisation` must be loaded on each."""
    counted = [row for row in memberships if row.status in COUNTED]
    keys = person_keys(row.person_id for row in counted)
    entries = [
        Entry(
            kind=MEMBER.id,
            unit=row.organisation_id,
            path=row.organisation.path,
            subject=membership_subject(row),
            on=row.from_on,
            label=row.status,
            person=keys[row.person_id],
        )
        for row in counted
    ]
    if entries:
        append(entries, actor=actor.account, now=now)


def count_staff(posts: Iterable[Post], *, actor: Actor, now: datetime) -> None:
    """Count new staff posts in, from the day each begins; `organisation` must be loaded on each."""
    counted = [row for row in posts if row.is_staff_post]
    keys = person_keys(row.person_id for row in counted)
    entries = [
        Entry(
            kind=STAFF.id,
            unit=row.organisation_id,
            path=row.organisation.path,
            subject=post_subject(row),
            on=row.from_on,
            person=keys[row.person_id],
        )
        for row in counted
    ]
    if entries:
        append(entries, actor=actor.account, now=now)


def count_out(subjects: list[str], *, on: date, actor: Actor, now: datetime) -> None:
    """Take subjects out of the stocks from `on`; those that never counted are passed over."""
    end(subjects, on=on, actor=actor.account, now=now, kinds=(MEMBER.id, STAFF.id))


def carry_over(moved: Organisation, *, on: date, actor: Actor, now: datetime) -> int:
    """Carry the stocks of a subtree that stands at its new path already from the old paths to the new, on the day `on`.

    A stock is a sum over paths: without this the members of a moved branch would stay with the old parent for ever.
    Returns how many facts were carried.
    """
    carried = 0
    for subjects, paths in _stocks_below(moved):
        ended = end(subjects, on=on, actor=actor.account, now=now, kinds=(MEMBER.id, STAFF.id))
        entries = [
            Entry(
                kind=fact.kind,
                unit=fact.unit,
                path=paths[fact.unit],
                subject=fact.subject,
                on=on,
                quantity=fact.quantity,
                label=fact.label,
                person=fact.person,
            )
            for fact in ended
        ]
        if entries:
            append(entries, actor=actor.account, now=now)
        carried += len(entries)
    return carried


def _stocks_below(moved: Organisation) -> Iterator[tuple[list[str], dict[int, str]]]:
    """The subjects of open memberships and staff posts below `moved`, in chunks, with the paths of their units."""
    below = Organisation.objects.within(moved.path).values("pk")
    sources = (
        (
            "membership",
            Membership.objects.filter(organisation__in=below, until_on__isnull=True, status__in=COUNTED),
        ),
        ("post", Post.objects.filter(organisation__in=below, until_on__isnull=True, is_staff_post=True)),
    )
    for thing, rows in sources:
        listed = list(rows.order_by("pk").values_list("pk", "organisation_id", "organisation__path"))
        for at in range(0, len(listed), CHUNK):
            chunk = listed[at : at + CHUNK]
            yield [f"{thing}:{pk}" for pk, _, _ in chunk], {unit: path for _, unit, path in chunk}
