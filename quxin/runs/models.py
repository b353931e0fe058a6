"""A row for each piece of long work. The table is the queue (decisions/0001)."""

from django.db import models
from django.db.models import F, Q

from quxin.kernel.identifiers import new_code


class RunState(models.TextChoices):
    """Where a run stands."""

    QUEUED = "queued", "排队中"
    RUNNING = "running", "进行中"
    DONE = "done", "已完成"
    FAILED = "failed", "出错"
    CANCELLED = "cancelled", "已取消"


class Run(models.Model):
    """Long work. `cursor` says how far it has got, so that another worker can go on after a crash."""

    code = models.CharField(max_length=20, unique=True, default=new_code, editable=False)
    kind = models.CharField(max_length=40)
    title = models.CharField(max_length=200)
    parameters = models.JSONField(default=dict)
    state = models.CharField(max_length=20, choices=RunState.choices, default=RunState.QUEUED)
    done = models.IntegerField(default=0)
    total = models.IntegerField(null=True, blank=True)
    refused = models.IntegerField(default=0)
    cursor = models.JSONField(default=dict)
    result = models.JSONField(default=dict)
    error = models.TextField(blank=True, default="")
    path = models.CharField(max_length=64, blank=True, default="")
    requested_by = models.BigIntegerField(null=True)
    requested_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True, blank=True)
    heartbeat_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    cancel_asked = models.BooleanField(default=False)
    attempts = models.IntegerField(default=0)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(total__isnull=True) | Q(done__lte=F("total")), name="run_done_within_total"
            )
        ]
        indexes = [models.Index(fields=["state", "requested_at"], name="run_queue")]
        ordering = ["-requested_at"]

    def __str__(self):
        return self.title


class RefusedRow(models.Model):
    """A row that a run refused, with its cells as they came, so that it can be mended and sent again.

    `reason` and `hint` are msgids with placeholders for `params`; in rows of before there were `params` they are the words.
    """

    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="refused_rows")
    file = models.CharField(max_length=200, blank=True, default="")
    row = models.IntegerField()
    column = models.CharField(max_length=60, blank=True, default="")
    value = models.CharField(max_length=300, blank=True, default="")
    reason = models.CharField(max_length=300)
    hint = models.CharField(max_length=300, blank=True, default="")
    params = models.JSONField(default=dict)
    cells = models.JSONField(default=dict)

    class Meta:
        ordering = ["run", "file", "row", "pk"]

    def __str__(self):
        return f"{self.file}:{self.row} {self.reason}"
