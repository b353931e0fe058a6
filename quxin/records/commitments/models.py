"""Promises and their published versions. What was once published is never changed silently: each change is a version."""

from django.db import models
from django.db.models import Q

from quxin.kernel.identifiers import new_code
from quxin.orgs.models import Organisation, Person
from quxin.records.campaigns.models import Campaign
from quxin.records.commitments.querysets import CommitmentQuerySet


class Commitment(models.Model):
    """A promise of an organisation, or of a member in it: 提诺 → 审诺 → 亮诺 → 践诺 → 评诺."""

    class State(models.TextChoices):
        """Where a promise stands. Whether it is kept is no state that somebody sets: it follows from facts."""

        DRAFT = "draft", "提诺"
        SUBMITTED = "submitted", "审诺中"
        RETURNED = "returned", "已退回"
        PUBLISHED = "published", "践诺中"
        KEPT = "kept", "已兑现"
        UNKEPT = "unkept", "未兑现"
        WITHDRAWN = "withdrawn", "已撤回"

    class Kind(models.TextChoices):
        """Kinds of promise."""

        COMMON = "common", "共性承诺"
        POST = "post", "岗位承诺"
        DEED = "deed", "实事承诺"
        SERVICE = "service", "服务承诺"

    class Direction(models.TextChoices):
        """What the target is: to be reached, not to be passed in all, or not to be passed by any single entry."""

        AT_LEAST = "at-least", "不少于"
        AT_MOST = "at-most", "不超过"
        EACH_AT_MOST = "each-at-most", "每一笔都不超过"

    code = models.CharField(max_length=20, unique=True, default=new_code, editable=False)
    campaign = models.ForeignKey(Campaign, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    person = models.ForeignKey(Person, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=20, choices=Kind.choices)
    text = models.CharField(max_length=300)
    measure = models.CharField(max_length=80, blank=True, default="", help_text="empty: the promise's own count")
    target = models.BigIntegerField(help_text="scaled")
    direction = models.CharField(max_length=20, choices=Direction.choices, default=Direction.AT_LEAST)
    unit = models.CharField(max_length=20)
    due_on = models.DateField()
    verifier = models.CharField(max_length=120, blank=True, default="")
    verifier_organisation = models.ForeignKey(
        Organisation, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    state = models.CharField(max_length=20, choices=State.choices, default=State.DRAFT)
    made_at = models.DateTimeField()
    made_by = models.BigIntegerField(null=True)
    submitted_at = models.DateTimeField(null=True, blank=True)
    reviewed_at = models.DateTimeField(null=True, blank=True)
    published_at = models.DateTimeField(null=True, blank=True)
    settled_at = models.DateTimeField(null=True, blank=True)
    explanation = models.TextField(blank=True, default="")
    is_sample = models.BooleanField(default=False)
    row_key = models.CharField(max_length=64, unique=True, null=True, blank=True)
    version = models.IntegerField(default=1)

    objects = CommitmentQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(target__gt=0) | Q(target=0, direction__in=["at-most", "each-at-most"]),
                name="commitment_target_fits_direction",
            )
        ]
        indexes = [
            models.Index(fields=["organisation", "state"], name="commitment_by_organisation"),
            models.Index(fields=["state", "due_on"], name="commitment_due"),
        ]
        ordering = ["due_on", "pk"]

    def __str__(self):
        return self.text


class CommitmentEvent(models.Model):
    """What happened to a promise, in order: made, sent, returned, published, changed, extended, settled, explained.

    Append-only (triggers). `before` and `after` hold the fields that changed; `is_public` marks what the public sees.
    """

    class Kind(models.TextChoices):
        """What happened."""

        MADE = "made", "提诺"
        EDITED = "edited", "公开前修改"
        SUBMITTED = "submitted", "提交审核"
        RETURNED = "returned", "审核退回"
        PUBLISHED = "published", "公开承诺"
        CHANGED = "changed", "承诺有改动"
        EXTENDED = "extended", "承诺延期"
        PROGRESS = "progress", "进展"
        KEPT = "kept", "到期兑现"
        UNKEPT = "unkept", "到期未兑现"
        EXPLAINED = "explained", "公开说明"
        WITHDRAWN = "withdrawn", "撤回"

    commitment = models.ForeignKey(Commitment, on_delete=models.PROTECT, related_name="events")
    number = models.IntegerField()
    kind = models.CharField(max_length=20, choices=Kind.choices)
    at = models.DateTimeField()
    by = models.BigIntegerField(null=True)
    before = models.JSONField(default=dict)
    after = models.JSONField(default=dict)
    reason = models.CharField(max_length=300, blank=True, default="")
    is_public = models.BooleanField(default=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["commitment", "number"], name="commitment_event_number")]
        ordering = ["commitment", "number"]

    def __str__(self):
        return f"{self.commitment_id} {self.kind} {self.number}"


class CommitmentProgress(models.Model):
    """Progress on a promise's own count, with what was done. Nought is an entry as well: looked, and there was none."""

    code = models.CharField(max_length=20, unique=True, default=new_code, editable=False)
    commitment = models.ForeignKey(Commitment, on_delete=models.PROTECT, related_name="progress")
    occurred_on = models.DateField()
    quantity = models.BigIntegerField(help_text="scaled")
    note = models.CharField(max_length=300, blank=True, default="")
    row_key = models.CharField(max_length=64, unique=True, null=True, blank=True)
    recorded_at = models.DateTimeField()
    recorded_by = models.BigIntegerField(null=True)
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    withdrawn_reason = models.CharField(max_length=300, blank=True, default="")

    class Meta:
        ordering = ["occurred_on", "pk"]
        constraints = [
            models.CheckConstraint(condition=Q(quantity__gte=0), name="commitment_progress_not_negative"),
        ]

    def __str__(self):
        return f"{self.commitment_id} {self.occurred_on}"
