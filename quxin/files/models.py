"""Evidence: bytes by their hash, and where they are attached."""

from django.db import models
from django.db.models import Q

from quxin.files.querysets import EvidenceQuerySet
from quxin.kernel.identifiers import new_code


class Blob(models.Model):
    """Stored bytes, once for each content."""

    sha256 = models.CharField(max_length=64, unique=True)
    size = models.BigIntegerField()
    kind = models.CharField(max_length=100)
    stored_at = models.DateTimeField()

    def __str__(self):
        return self.sha256[:12]


class Evidence(models.Model):
    """A file that somebody attached to a record. `subject` names the record as facts do ("activity:12").

    The public gets `public_copy`, never `blob`. `seen_by_eye`: a machine could not read all of it, and who made it public
    said to have looked. After a withdrawal from the public `unpublished_reason` is what the public reads in its place.
    """

    code = models.CharField(max_length=20, unique=True, default=new_code, editable=False)
    blob = models.ForeignKey(Blob, on_delete=models.PROTECT, related_name="uses")
    subject = models.CharField(max_length=120, db_index=True)
    path = models.CharField(max_length=64)
    filename = models.CharField(max_length=200)
    is_public = models.BooleanField(default=False)
    personal_numbers = models.IntegerField(default=0)
    added_at = models.DateTimeField()
    added_by = models.BigIntegerField(null=True)
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    public_copy = models.ForeignKey(Blob, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    published_at = models.DateTimeField(null=True, blank=True)
    published_by = models.BigIntegerField(null=True, blank=True)
    seen_by_eye = models.BooleanField(default=False)
    unpublished_at = models.DateTimeField(null=True, blank=True)
    unpublished_reason = models.CharField(max_length=300, blank=True, default="")

    objects = EvidenceQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(is_public=False) | Q(public_copy__isnull=False, published_at__isnull=False),
                name="evidence_public_has_a_copy",
            )
        ]
        indexes = [models.Index(fields=["is_public", "path"], name="evidence_public_by_path")]

    def __str__(self):
        return self.filename
