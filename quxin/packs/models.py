"""Installed versions of packs. A version's content never changes; a new version is a new row."""

from django.db import models
from django.db.models import Q


class PackVersion(models.Model):
    """One version of one pack, as installed."""

    pack = models.CharField(max_length=60)
    version = models.CharField(max_length=30)
    title = models.CharField(max_length=200)
    content = models.JSONField()
    checksum = models.CharField(max_length=64)
    installed_at = models.DateTimeField()
    installed_by = models.BigIntegerField(null=True)
    is_current = models.BooleanField(default=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["pack", "version"], name="pack_version_once"),
            models.UniqueConstraint(fields=["pack"], condition=Q(is_current=True), name="pack_one_current"),
        ]
        ordering = ["pack", "installed_at"]

    def __str__(self):
        return f"{self.pack} {self.version}"
