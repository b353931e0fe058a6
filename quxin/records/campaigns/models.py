"""Campaigns as deployed from a pack: phases, aspects, tasks, assignments, checklists; and simple records of progress."""

from django.db import models
from django.db.models import F, Q

from quxin.kernel.identifiers import new_code
from quxin.orgs.models import Organisation, Person
from quxin.packs.models import PackVersion
from quxin.records.campaigns.querysets import AssignmentQuerySet, CampaignQuerySet, ProgressQuerySet


class Campaign(models.Model):
    """A campaign in the books of its sponsor. `key` is the pack's id (with a suffix when deployed a second time)."""

    class State(models.TextChoices):
        """Where a campaign stands."""

        DRAFT = "draft", "拟订中"
        DEPLOYED = "deployed", "已部署"
        CLOSED = "closed", "已结束"

    code = models.CharField(max_length=20, unique=True, default=new_code, editable=False)
    key = models.CharField(max_length=60, unique=True)
    pack_version = models.ForeignKey(PackVersion, on_delete=models.PROTECT, related_name="+")
    title = models.CharField(max_length=200)
    title_en = models.CharField(max_length=200, blank=True, default="")
    theme = models.CharField(max_length=300, blank=True, default="")
    sponsor = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    starts_on = models.DateField()
    ends_on = models.DateField()
    state = models.CharField(max_length=20, choices=State.choices, default=State.DRAFT)
    authority_level = models.CharField(max_length=40, blank=True, default="")
    authority_object = models.CharField(max_length=120, blank=True, default="")
    approval_number = models.CharField(max_length=120, blank=True, default="")
    deployed_at = models.DateTimeField(null=True, blank=True)
    deployed_by = models.BigIntegerField(null=True)
    deployment = models.CharField(max_length=20, blank=True, default="", help_text="code of the run that deploys it")
    closed_on = models.DateField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    closed_by = models.BigIntegerField(null=True)
    closing_words = models.CharField(max_length=1000, blank=True, default="")
    version = models.IntegerField(default=1)

    objects = CampaignQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(ends_on__gte=F("starts_on")), name="campaign_ends_after_it_starts"),
            models.CheckConstraint(
                condition=Q(state="closed", closed_on__isnull=False) | (~Q(state="closed") & Q(closed_on__isnull=True)),
                name="campaign_closed_on_a_day",
            ),
        ]
        ordering = ["-starts_on", "pk"]

    def __str__(self):
        return self.title


class Leader(models.Model):
    """A member of the leading group, of its office, or of a task force 工作专班."""

    class Body(models.TextChoices):
        """Which body."""

        GROUP = "group", "领导小组"
        OFFICE = "office", "办公室"
        TASK_FORCE = "task-force", "工作专班"

    campaign = models.ForeignKey(Campaign, on_delete=models.CASCADE, related_name="leaders")
    body = models.CharField(max_length=20, choices=Body.choices)
    position = models.CharField(max_length=60)
    person = models.ForeignKey(Person, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    duty = models.CharField(max_length=200, blank=True, default="")
    ordinal = models.IntegerField(default=0)

    class Meta:
        ordering = ["campaign", "body", "ordinal"]

    def __str__(self):
        return self.position


class Phase(models.Model):
    """A phase of a campaign."""

    campaign = models.ForeignKey(Campaign, on_delete=models.CASCADE, related_name="phases")
    key = models.CharField(max_length=60)
    title = models.CharField(max_length=120)
    starts_on = models.DateField()
    ends_on = models.DateField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["campaign", "key"], name="phase_key")]
        ordering = ["campaign", "starts_on"]

    def __str__(self):
        return self.title


class Aspect(models.Model):
    """An aspect 方面 under which tasks stand."""

    campaign = models.ForeignKey(Campaign, on_delete=models.CASCADE, related_name="aspects")
    key = models.CharField(max_length=60)
    title = models.CharField(max_length=120)
    ordinal = models.IntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["campaign", "key"], name="aspect_key")]
        ordering = ["campaign", "ordinal"]

    def __str__(self):
        return self.title


class Task(models.Model):
    """A dated, quantified task. Progress is reckoned from `measure`; without one it is closed with evidence."""

    class Evidence(models.TextChoices):
        """What evidence is asked for; never a photo unless the pack says so."""

        NONE = "none", "不需要"
        DOCUMENT = "document", "文件"
        PHOTO = "photo", "照片"

    code = models.CharField(max_length=20, unique=True, default=new_code, editable=False)
    campaign = models.ForeignKey(Campaign, on_delete=models.CASCADE, related_name="tasks")
    aspect = models.ForeignKey(Aspect, on_delete=models.CASCADE, related_name="tasks")
    key = models.CharField(max_length=60)
    title = models.CharField(max_length=200)
    ordinal = models.IntegerField(default=0)
    for_class = models.CharField(max_length=60)
    measure = models.CharField(max_length=80, blank=True, default="")
    target = models.BigIntegerField(null=True, blank=True, help_text="scaled")
    share = models.CharField(max_length=80, blank=True, default="", help_text="how the target is shared out")
    unit = models.CharField(max_length=20, blank=True, default="")
    due_on = models.DateField()
    standard = models.CharField(max_length=300, blank=True, default="")
    evidence = models.CharField(max_length=20, choices=Evidence.choices, default=Evidence.NONE)
    owner = models.CharField(max_length=120, blank=True, default="")
    minutes = models.IntegerField(default=0)
    is_our_wording = models.BooleanField(default=False)
    done_on = models.DateField(null=True, blank=True)
    retired = models.BooleanField(default=False)
    version = models.IntegerField(default=1)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["campaign", "key"], name="task_key")]
        ordering = ["campaign", "ordinal"]

    def __str__(self):
        return self.title


class Assignment(models.Model):
    """A task as owed by one organisation."""

    code = models.CharField(max_length=20, unique=True, default=new_code, editable=False)
    task = models.ForeignKey(Task, on_delete=models.CASCADE, related_name="assignments")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    target = models.BigIntegerField(null=True, blank=True, help_text="scaled")
    due_on = models.DateField()
    extended_reason = models.CharField(max_length=300, blank=True, default="")
    done_on = models.DateField(null=True, blank=True)
    done_note = models.CharField(max_length=300, blank=True, default="")
    version = models.IntegerField(default=1)

    objects = AssignmentQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["task", "organisation"], name="assignment_once")]
        indexes = [models.Index(fields=["organisation", "due_on"], name="assignment_by_organisation")]

    def __str__(self):
        return f"{self.task_id}@{self.organisation_id}"


class ChecklistItem(models.Model):
    """An item of a checklist such as the six-ones: what satisfies it is a label of facts."""

    campaign = models.ForeignKey(Campaign, on_delete=models.CASCADE, related_name="checklist_items")
    checklist = models.CharField(max_length=60)
    checklist_title = models.CharField(max_length=120)
    key = models.CharField(max_length=60)
    title = models.CharField(max_length=120)
    for_class = models.CharField(max_length=60)
    kind = models.CharField(max_length=40, help_text="fact kind")
    label = models.CharField(max_length=120)
    times = models.PositiveIntegerField(default=1, help_text="how often at least")
    starts_on = models.DateField()
    ends_on = models.DateField()
    ordinal = models.IntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["campaign", "checklist", "key"], name="checklist_item_key"),
            models.CheckConstraint(condition=Q(times__gte=1), name="checklist_item_at_least_once"),
        ]
        ordering = ["campaign", "checklist", "ordinal"]

    def __str__(self):
        return self.title


class ProgressRecord(models.Model):
    """A simple record: a memorandum signed, an article published, an award, a check, a stop of a tour."""

    code = models.CharField(max_length=20, unique=True, default=new_code, editable=False)
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    campaign = models.ForeignKey(Campaign, null=True, blank=True, on_delete=models.PROTECT, related_name="records")
    kind = models.CharField(max_length=80, help_text="record kind, the label of its fact")
    title = models.CharField(max_length=200)
    occurred_on = models.DateField()
    quantity = models.BigIntegerField(help_text="scaled")
    unit = models.CharField(max_length=20, blank=True, default="")
    partner = models.CharField(max_length=120, blank=True, default="")
    place = models.CharField(max_length=120, blank=True, default="")
    note = models.TextField(blank=True, default="")
    is_sample = models.BooleanField(default=False)
    row_key = models.CharField(max_length=64, unique=True, null=True, blank=True)
    recorded_at = models.DateTimeField()
    recorded_by = models.BigIntegerField(null=True)
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    withdrawn_reason = models.CharField(max_length=300, blank=True, default="")
    version = models.IntegerField(default=1)

    objects = ProgressQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["organisation", "occurred_on"], name="progress_by_organisation")]
        ordering = ["-occurred_on", "-pk"]

    def __str__(self):
        return self.title
