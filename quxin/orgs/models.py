"""Organisations and their history, people, memberships, posts, accounts, grants."""

from typing import ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models import F, Q

from quxin.kernel.identifiers import new_code
from quxin.ledger.fields import PathField
from quxin.orgs.querysets import MembershipQuerySet, OrganisationQuerySet, PersonQuerySet


class OrganisationKind(models.TextChoices):
    """What an organisation is in the tree."""

    AGENCY = "agency", "机关"
    DEPARTMENT = "department", "内设机构"
    AFFILIATED = "affiliated", "直属挂靠单位"
    PARTY = "party", "党组织"


class PartyType(models.TextChoices):
    """Types of party organisation (domain.md: 党组 is appointed and no basic organisation)."""

    LEADING_GROUP = "leading-group", "党组"
    AGENCY_COMMITTEE = "agency-committee", "机关党委"
    COMMITTEE = "committee", "党委"
    GENERAL_BRANCH = "general-branch", "党总支"
    BRANCH = "branch", "党支部"
    TEMPORARY_BRANCH = "temporary-branch", "临时党支部"
    JOINT_BRANCH = "joint-branch", "联合党支部"
    GROUP = "group", "党小组"


class Level(models.TextChoices):
    """Administrative level."""

    NATION = "nation", "国家级"
    PROVINCE = "province", "省级"
    PREFECTURE = "prefecture", "地级"
    COUNTY = "county", "县级"


class Organisation(models.Model):
    """A node of the one tree: agencies, and in them departments, affiliated units and party organisations."""

    code = models.CharField(max_length=20, unique=True, default=new_code, editable=False)
    official_code = PathField(max_length=30, unique=True, null=True, blank=True)
    name = models.CharField(max_length=120)
    short_name = models.CharField(max_length=60, blank=True, default="")
    kind = models.CharField(max_length=20, choices=OrganisationKind.choices)
    party_type = models.CharField(max_length=20, choices=PartyType.choices, blank=True, default="")
    level = models.CharField(max_length=20, choices=Level.choices, blank=True, default="")
    parent = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="children", db_index=False
    )
    path = PathField(unique=True)
    depth = models.SmallIntegerField(default=1)
    next_child = models.IntegerField(default=1)
    opened_on = models.DateField(null=True, blank=True)
    closed_on = models.DateField(null=True, blank=True)
    successor = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="predecessors")
    sort_key = PathField(max_length=300, blank=True, default="")
    initials = PathField(max_length=60, blank=True, default="", db_index=True)
    note = models.TextField(blank=True, default="")
    version = models.IntegerField(default=1)

    objects = OrganisationQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(closed_on__isnull=True) | Q(opened_on__isnull=True) | Q(closed_on__gte=F("opened_on")),
                name="organisation_closes_after_it_opens",
            ),
        ]
        indexes = [
            models.Index(fields=["parent", "sort_key"], name="organisation_children"),
            models.Index(fields=["kind", "path"], name="organisation_kind_path"),
            models.Index(fields=["name"], name="organisation_name"),
            # All that a search by a part of the name looks at: it reads this, subtree by subtree, and no rows.
            models.Index(
                fields=[
                    "path",
                    "name",
                    "short_name",
                    "initials",
                    "official_code",
                    "sort_key",
                    "depth",
                    "kind",
                    "opened_on",
                    "closed_on",
                ],
                name="organisation_search",
            ),
        ]

    def __str__(self):
        return self.name


class OrganisationChange(models.Model):
    """A dated change of an organisation: created, renamed, moved, merged, split, closed, corrected. History keeps its numbers."""

    class Kind(models.TextChoices):
        """What changed."""

        CREATED = "created", "设立"
        RENAMED = "renamed", "更名"
        MOVED = "moved", "划转"
        MERGED = "merged", "合并"
        SPLIT = "split", "分设"
        CLOSED = "closed", "撤销"
        CORRECTED = "corrected", "更正"

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="changes")
    kind = models.CharField(max_length=20, choices=Kind.choices)
    on = models.DateField()
    before = models.JSONField(default=dict)
    after = models.JSONField(default=dict)
    reason = models.CharField(max_length=300, blank=True, default="")
    made_at = models.DateTimeField()
    made_by = models.BigIntegerField(null=True)

    class Meta:
        ordering = ["on", "pk"]

    def __str__(self):
        return f"{self.organisation_id} {self.kind} {self.on}"


class Placement(models.Model):
    """Where an organisation stood in the tree, from a day until before another: "as it was" reads these."""

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="placements")
    path = PathField()
    parent = models.ForeignKey(Organisation, null=True, on_delete=models.PROTECT, related_name="+")
    name = models.CharField(max_length=120)
    from_on = models.DateField()
    until_on = models.DateField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organisation"], condition=Q(until_on__isnull=True), name="placement_one_is_open"
            )
        ]
        indexes = [models.Index(fields=["path", "from_on"], name="placement_path")]

    def __str__(self):
        return f"{self.name} {self.from_on}–{self.until_on or ''}"


class Person(models.Model):
    """A person. Identity number and phone are encrypted at rest; the ledger knows only `PersonKey.key`."""

    code = models.CharField(max_length=20, unique=True, default=new_code, editable=False)
    name = models.CharField(max_length=60)
    sort_key = PathField(max_length=200, blank=True, default="")
    initials = PathField(max_length=30, blank=True, default="", db_index=True)
    staff_number = models.CharField(max_length=40, unique=True, null=True, blank=True)
    identity_cipher = models.BinaryField(null=True, blank=True)
    identity_hash = models.CharField(max_length=64, unique=True, null=True, blank=True)
    phone_cipher = models.BinaryField(null=True, blank=True)
    retired = models.BooleanField(default=False)
    erased_at = models.DateTimeField(null=True, blank=True)

    objects = PersonQuerySet.as_manager()

    class Meta:
        indexes = [
            # In Chinese order, with all that a search by a part of the name looks at.
            models.Index(fields=["sort_key", "name", "initials", "staff_number", "erased_at"], name="person_search")
        ]

    def __str__(self):
        return self.name


class PersonKey(models.Model):
    """The only link from a person to the opaque key in facts. Erasing a person deletes this row, not the facts."""

    person = models.OneToOneField(Person, on_delete=models.CASCADE, related_name="ledger_key")
    key = models.CharField(max_length=32, unique=True)

    def __str__(self):
        return "person key"


class MemberStatus(models.TextChoices):
    """Status of a member of the party."""

    FULL = "full", "正式党员"
    PROBATIONARY = "probationary", "预备党员"
    DEVELOPMENT = "development", "发展对象"
    ACTIVIST = "activist", "入党积极分子"


class Membership(models.Model):
    """A person's membership of a party organisation, from a day until another."""

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="memberships")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="memberships")
    status = models.CharField(max_length=20, choices=MemberStatus.choices)
    joined_on = models.DateField(null=True, blank=True)
    from_on = models.DateField()
    until_on = models.DateField(null=True, blank=True)

    objects = MembershipQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["person"], condition=Q(until_on__isnull=True), name="membership_one_at_a_time"
            ),
            models.CheckConstraint(
                condition=Q(until_on__isnull=True) | Q(until_on__gte=F("from_on")),
                name="membership_ends_after_it_begins",
            ),
        ]

    def __str__(self):
        return f"{self.person_id}@{self.organisation_id} {self.status}"


class Post(models.Model):
    """A person's post in an organisation (agency, department or party organisation)."""

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="posts")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="posts")
    title = models.CharField(max_length=60)
    is_staff_post = models.BooleanField(default=True)
    from_on = models.DateField()
    until_on = models.DateField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(until_on__isnull=True) | Q(until_on__gte=F("from_on")),
                name="post_ends_after_it_begins",
            )
        ]

    def __str__(self):
        return self.title


class Account(AbstractBaseUser):
    """Someone who can log in. What he may do stands in RoleGrant; Django's own permissions are not used."""

    username = models.CharField(max_length=60, unique=True)
    display_name = models.CharField(max_length=60, blank=True, default="")
    email = models.EmailField(blank=True, default="")
    person = models.OneToOneField(Person, null=True, blank=True, on_delete=models.PROTECT, related_name="account")
    is_active = models.BooleanField(default=True)
    must_change_password = models.BooleanField(default=False)
    created_at = models.DateTimeField()

    objects = BaseUserManager()
    USERNAME_FIELD = "username"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    def __str__(self):
        return self.display_name or self.username


class RoleGrant(models.Model):
    """A role that an account holds for an organisation and all below it, from a day until another."""

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="grants")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="grants")
    role = models.CharField(max_length=20)
    from_on = models.DateField()
    until_on = models.DateField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["account", "organisation", "role"],
                condition=Q(until_on__isnull=True),
                name="grant_once",
            )
        ]

    def __str__(self):
        return f"{self.account_id} {self.role}@{self.organisation_id}"
