"""Evidence: bytes by their hash, and where they are attached."""

from django.db import models

from quxin.kernel.identifiers import new_code


class Blob(models.Model):
    """Stored bytes, once for each content."""

    sha256 = models.CharField(max_length=64, unique=True)
    size = models.BigIntegerField()
    kind = models.CharField(max_length=60)
    stored_at = models.DateTimeField()

    def __str__(self):
        return self.sha256[:12]


class Evidence(models.Model):
    """A file that somebody attached to a record. `subject` names the record as facts do ("activity:12")."""

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

    def __str__(self):
        return self.filename
