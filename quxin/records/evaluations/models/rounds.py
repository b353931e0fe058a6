"""Rounds, what they judge, and the limiter of open rounds.

Ballots stand in `ballots`, rosters in `rosters`; nothing here or there links one to the other.
"""

from django.db import models
from django.db.models import Q

from quxin.kernel.identifiers import new_code
from quxin.orgs.models import Organisation, Person
from quxin.records.campaigns.models import Campaign
from quxin.records.evaluations.querysets import RemarkQuerySet, RoundQuerySet


class Grade(models.IntegerChoices):
    """The five grades of GB/T 39735-2020; the last two are 差评."""

    VERY_SATISFIED = 5, "非常满意"
    SATISFIED = 4, "满意"
    FAIRLY = 3, "基本满意"
    DISSATISFIED = 2, "不满意"
    VERY_DISSATISFIED = 1, "非常不满意"


class Round(models.Model):
    """A round of evaluation, organised by one organisation, judging others or their promises."""

    class State(models.TextChoices):
        """Where a round stands."""

        DRAFT = "draft", "拟订中"
        OPEN = "open", "进行中"
        CLOSED = "closed", "已封存"
        VOID = "void", "已作废"

    class Access(models.TextChoices):
        """Who may vote: anyone who scans, or (with tokens) a frozen roster."""

        OPEN = "open", "公开评议"
        ROSTER = "roster", "名册评议"

    class Kind(models.TextChoices):
        """What sort of judgement it is (texts 001 and 003); each kind is a questionnaire and rules of its own."""

        PEOPLE = "people", "群众测评"
        CONDUCT = "conduct", "民主评议行风"
        PEERS = "peers", "党员互评"
        MEMBERS = "members", "民主评议党员"
        DIAGNOSIS = "diagnosis", "机关测评"
        SERVICE = "service", "好差评"

    code = models.CharField(max_length=20, unique=True, default=new_code, editable=False)
    organiser = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    campaign = models.ForeignKey(Campaign, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    title = models.CharField(max_length=200)
    question = models.CharField(max_length=200, blank=True, default="")
    access = models.CharField(max_length=20, choices=Access.choices, default=Access.OPEN)
    kind = models.CharField(max_length=20, choices=Kind.choices, default=Kind.PEOPLE)
    # The pack's declaration as it stood when the round was set up; a new version of the pack never changes a round.
    questionnaire = models.JSONField(default=dict, blank=True)
    # [{"id", "title", "weight" (per mille)}]; empty: all voters are one group.
    groups = models.JSONField(default=list, blank=True)
    # [{"name", "role", "algorithm", "public_key"}]: who countersigns, named before opening.
    witnesses = models.JSONField(default=list, blank=True)
    # {"seed", "size", "source"} of a panel drawn from the roster; empty: no panel.
    panel = models.JSONField(default=dict, blank=True)
    # Working days in which a 差评 must be answered; 0: no answer is due.
    answer_within = models.SmallIntegerField(default=0)
    is_shadow = models.BooleanField(default=False)
    asks_words = models.BooleanField(default=True)
    minimum = models.IntegerField(default=5)
    opens_at = models.DateTimeField()
    closes_at = models.DateTimeField()
    state = models.CharField(max_length=20, choices=State.choices, default=State.DRAFT)
    closed_at = models.DateTimeField(null=True, blank=True)
    closed_by = models.BigIntegerField(null=True)
    void_reason = models.CharField(max_length=300, blank=True, default="")
    # The round's part of the public board and its SHA-256, frozen when the round is published.
    opening = models.JSONField(null=True, blank=True)
    opening_hash = models.CharField(max_length=64, blank=True, default="")
    receipts_root = models.BinaryField(max_length=32, null=True, blank=True)
    # What closing found and the witnesses sign, and the results as they were published.
    statement = models.JSONField(null=True, blank=True)
    results = models.JSONField(null=True, blank=True)
    # 民主评议党员: what the count proposes to the body that decides ({"most", "members"}); grades, no counts.
    proposal = models.JSONField(null=True, blank=True)
    made_at = models.DateTimeField()
    made_by = models.BigIntegerField(null=True)

    objects = RoundQuerySet.as_manager()

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(minimum__gte=3), name="round_minimum_at_least_three")]
        ordering = ["-opens_at", "pk"]

    def __str__(self):
        return self.title


class RoundSubject(models.Model):
    """What a round judges: an organisation, or one of its promises. Its code is what the poster's QR carries."""

    code = models.CharField(max_length=20, unique=True, default=new_code, editable=False)
    round = models.ForeignKey(Round, on_delete=models.PROTECT, related_name="subjects")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    # By name: kinds of record do not import one another, and a promise is only pointed at, never read into.
    commitment = models.ForeignKey(
        "commitments.Commitment", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    # Set where members judge one another; the organisation is then the branch.
    person = models.ForeignKey(Person, null=True, blank=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["round", "organisation", "commitment"], name="round_subject_once"),
            models.UniqueConstraint(fields=["round", "person"], name="round_person_once"),
            models.UniqueConstraint(
                fields=["round", "organisation"],
                condition=Q(commitment__isnull=True, person__isnull=True),
                name="round_organisation_once",
            ),
        ]

    def __str__(self):
        return self.code


class Limit(models.Model):
    """How often a device or an address has voted on a subject today, under a key that is thrown away each day."""

    subject = models.ForeignKey(RoundSubject, on_delete=models.CASCADE, related_name="limits")
    kind = models.CharField(max_length=10)
    mark = models.CharField(max_length=64)
    on = models.DateField()
    count = models.IntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["subject", "kind", "mark", "on"], name="limit_once")]

    def __str__(self):
        return f"{self.kind} {self.on} {self.count}"


class DailyKey(models.Model):
    """The key of one day's marks. Deleted after the day, so that marks cannot be reckoned back to an address."""

    on = models.DateField(unique=True)
    key = models.BinaryField(max_length=32)

    def __str__(self):
        return str(self.on)


class Signature(models.Model):
    """A witness's signature over the closing statement of a round; `witness` is the place in the round's list."""

    round = models.ForeignKey(Round, on_delete=models.PROTECT, related_name="signatures")
    witness = models.SmallIntegerField()
    signature = models.BinaryField()
    signed_on = models.DateField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["round", "witness"], name="signature_once")]

    def __str__(self):
        return f"{self.round} {self.witness}"


class Decision(models.Model):
    """What a body decided of one member after 民主评议党员; `reason` is needed when it departs from the count."""

    subject = models.OneToOneField(RoundSubject, on_delete=models.PROTECT, related_name="decision")
    grade = models.SmallIntegerField()
    departs = models.BooleanField(default=False)
    reason = models.CharField(max_length=300, blank=True, default="")
    body = models.CharField(max_length=120)
    decided_on = models.DateField()
    decided_by = models.BigIntegerField(null=True)

    def __str__(self):
        return f"{self.subject} {self.grade}"


class Remark(models.Model):
    """点评: what a leader says of an organisation or a promise, signed and on record; taken back in public, never edited."""

    code = models.CharField(max_length=20, unique=True, default=new_code, editable=False)
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    commitment = models.ForeignKey(
        "commitments.Commitment", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    words = models.CharField(max_length=1000)
    said_on = models.DateField()
    said_by = models.BigIntegerField()
    speaker = models.CharField(max_length=120)
    withdrawn_on = models.DateField(null=True, blank=True)
    withdrawn_reason = models.CharField(max_length=300, blank=True, default="")

    objects = RemarkQuerySet.as_manager()

    class Meta:
        ordering = ["-said_on", "-pk"]

    def __str__(self):
        return self.words[:40]
