"""Rounds, what they judge, ballots and the limiter. Ballots hold no user, no address and no time finer than the day."""

from django.db import models
from django.db.models import Q

from quxin.kernel.identifiers import new_code
from quxin.orgs.models import Organisation
from quxin.records.campaigns.models import Campaign
from quxin.records.evaluations.querysets import RoundQuerySet


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

    code = models.CharField(max_length=20, unique=True, default=new_code, editable=False)
    organiser = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    campaign = models.ForeignKey(Campaign, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    title = models.CharField(max_length=200)
    question = models.CharField(max_length=200, blank=True, default="")
    access = models.CharField(max_length=20, choices=Access.choices, default=Access.OPEN)
    scale = models.CharField(max_length=40, default="five-grades")
    asks_words = models.BooleanField(default=True)
    minimum = models.IntegerField(default=5)
    opens_at = models.DateTimeField()
    closes_at = models.DateTimeField()
    state = models.CharField(max_length=20, choices=State.choices, default=State.DRAFT)
    closed_at = models.DateTimeField(null=True, blank=True)
    closed_by = models.BigIntegerField(null=True)
    void_reason = models.CharField(max_length=300, blank=True, default="")
    receipts_root = models.BinaryField(max_length=32, null=True, blank=True)
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

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["round", "organisation", "commitment"], name="round_subject_once"),
            models.UniqueConstraint(
                fields=["round", "organisation"],
                condition=Q(commitment__isnull=True),
                name="round_organisation_once",
            ),
        ]

    def __str__(self):
        return self.code


class Ballot(models.Model):
    """One judgement. Append-only (triggers); its receipt proves that it is still there. `number` is random, not a count."""

    number = models.CharField(max_length=20, primary_key=True, default=new_code, editable=False)
    subject = models.ForeignKey(RoundSubject, on_delete=models.PROTECT, related_name="ballots")
    grade = models.SmallIntegerField(choices=Grade.choices)
    words = models.CharField(max_length=500, blank=True, default="")
    cast_on = models.DateField()
    receipt = models.CharField(max_length=64, unique=True)
    submission = models.CharField(max_length=64, unique=True)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(grade__gte=1, grade__lte=5), name="ballot_grade_in_scale")]

    def __str__(self):
        return "ballot"


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
