"""Activities and who took part."""

from django.db import models
from django.db.models import Q

from quxin.kernel.identifiers import new_code
from quxin.orgs.models import Organisation, Person
from quxin.records.activities.querysets import ActivityQuerySet
from quxin.records.campaigns.models import Campaign


class Activity(models.Model):
    """A meeting, a lecture, a theme day, a contest. People by name, audience by count; evidence is optional."""

    code = models.CharField(max_length=20, unique=True, default=new_code, editable=False)
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+", db_index=False)
    campaign = models.ForeignKey(Campaign, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=40)
    series = models.CharField(max_length=80, blank=True, default="", help_text="<pack>.<series>")
    title = models.CharField(max_length=200)
    held_on = models.DateField()
    starts_at = models.TimeField(null=True, blank=True)
    place = models.CharField(max_length=120, blank=True, default="")
    host = models.CharField(max_length=60, blank=True, default="")
    speaker = models.CharField(max_length=120, blank=True, default="")
    agenda = models.TextField(blank=True, default="")
    minutes = models.TextField(blank=True, default="")
    audience = models.IntegerField(default=0, help_text="people present beside those named")
    contestants = models.IntegerField(default=0)
    is_late_entry = models.BooleanField(default=False)
    is_sample = models.BooleanField(default=False)
    row_key = models.CharField(max_length=64, unique=True, null=True, blank=True)
    recorded_at = models.DateTimeField()
    recorded_by = models.BigIntegerField(null=True)
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    withdrawn_reason = models.CharField(max_length=300, blank=True, default="")
    version = models.IntegerField(default=1)

    objects = ActivityQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(audience__gte=0), name="activity_audience_not_negative"),
            models.CheckConstraint(condition=Q(contestants__gte=0), name="activity_contestants_not_negative"),
        ]
        indexes = [
            models.Index(fields=["organisation", "held_on"], name="activity_by_organisation"),
            models.Index(fields=["held_on"], name="activity_by_day"),
        ]
        ordering = ["-held_on", "-pk"]

    def __str__(self):
        return self.title


class Attendance(models.Model):
    """A person named as present."""

    activity = models.ForeignKey(Activity, on_delete=models.CASCADE, related_name="attendances")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["activity", "person"], name="attendance_once")]

    def __str__(self):
        return f"{self.person_id}@{self.activity_id}"
