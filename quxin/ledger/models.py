"""Facts, books, seals, cursors and the audit.

**Why a ledger.** Tables of records answer "what is true today". They cannot answer "what did we know when the report was
signed", "who changed the number", or "is this sum the sum of these things". Mutable rows also tempt: the easiest way to
meet a target is to edit last month. So whatever is recorded once also appends *facts* here, and every number shown
anywhere is a sum over facts. A fact is never changed and never deleted (triggers refuse it on both engines); what was
wrong is reversed by a new fact, and both stay to be seen.

**What a fact holds.** Kind, one optional label, the organisation as an integer key *and* its path on that day, the subject
it is about, the day it happened, a scaled quantity, the campaign, the opaque key of a person or none, who recorded it and
when. No prose and no personal data: erasing a person destroys the mapping from key to name, and the fact stands.

**Why books.** The facts of a book are one chain: each fact's hash covers the hash before it. A sequence is handed out under
the lock of the book's row, so the order of commits is the order of sequences and a cursor that reads "everything after
412" can never skip a fact that was still being written. One chain for a nation would be one lock for a nation; a book
per province keeps appends apart, and may become a shard.
"""

from django.db import models
from django.db.models import CompositePrimaryKey, F, Q

from quxin.ledger.fields import PathField


class Book(models.Model):
    """A subtree that keeps its own accounts: its own sequence, its own chain."""

    key = models.CharField(max_length=40, unique=True)
    title = models.CharField(max_length=120)
    path = PathField(unique=True, blank=True)
    head_seq = models.BigIntegerField(default=0)
    head_hash = models.BinaryField(max_length=32, default=bytes(32))
    algorithm = models.CharField(max_length=10, default="sha256")

    def __str__(self):
        return f"{self.title} ({self.key})"


class Fact(models.Model):
    """One thing that happened, once, for ever."""

    pk = CompositePrimaryKey("book_id", "seq")
    book = models.ForeignKey(Book, on_delete=models.PROTECT, related_name="facts", db_index=False)
    seq = models.BigIntegerField()
    kind = models.CharField(max_length=40)
    label = PathField(max_length=120, blank=True, default="")
    unit = models.BigIntegerField()
    path = PathField()
    subject = models.CharField(max_length=120)
    on = models.DateField()
    month = models.IntegerField()
    quantity = models.BigIntegerField()
    sign = models.SmallIntegerField(default=1)
    campaign = models.CharField(max_length=60, blank=True, default="")
    person = models.CharField(max_length=32, blank=True, default="")
    actor = models.BigIntegerField(null=True)
    recorded_at = models.DateTimeField()
    reverses = models.BigIntegerField(null=True)
    hash = models.BinaryField(max_length=32)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(sign__in=[1, -1]), name="fact_sign"),
            models.CheckConstraint(
                condition=Q(sign=1, reverses__isnull=True) | Q(sign=-1, reverses__isnull=False),
                name="fact_reversal_names_what_it_reverses",
            ),
            models.CheckConstraint(
                condition=Q(reverses__isnull=True) | Q(reverses__lt=F("seq")), name="fact_reverses_earlier"
            ),
            models.UniqueConstraint(
                fields=["book", "reverses"], condition=Q(reverses__isnull=False), name="fact_reversed_once"
            ),
        ]
        indexes = [
            models.Index(fields=["kind", "path", "on"], name="fact_kind_path_on"),
            models.Index(fields=["kind", "on"], name="fact_kind_on"),
            models.Index(fields=["subject"], name="fact_subject"),
            models.Index(fields=["unit", "kind", "on"], name="fact_unit_kind_on"),
        ]

    def __str__(self):
        return f"{self.book_id}#{self.seq} {self.kind} {self.label} {self.on}"


class Seal(models.Model):
    """A Merkle root over the facts since the last seal, chained to that seal; published on the portal."""

    book = models.ForeignKey(Book, on_delete=models.PROTECT, related_name="seals")
    number = models.IntegerField()
    first_seq = models.BigIntegerField()
    last_seq = models.BigIntegerField()
    root = models.BinaryField(max_length=32)
    chained = models.BinaryField(max_length=32)
    algorithm = models.CharField(max_length=10)
    sealed_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["book", "number"], name="seal_number_once"),
            models.UniqueConstraint(fields=["book", "first_seq"], name="seal_covers_once"),
            models.CheckConstraint(condition=Q(last_seq__gte=F("first_seq")), name="seal_not_empty"),
        ]
        ordering = ["book", "number"]

    def __str__(self):
        return f"{self.book_id} 封存第{self.number}号"


class Cursor(models.Model):
    """How far a reader has read a book. A reader without a row has read nothing."""

    reader = models.CharField(max_length=40)
    book = models.ForeignKey(Book, on_delete=models.CASCADE, related_name="cursors")
    seq = models.BigIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["reader", "book"], name="cursor_once")]

    def __str__(self):
        return f"{self.reader}@{self.book_id}={self.seq}"


class AuditEntry(models.Model):
    """Who did what to what, when. Append-only; details hold codes and numbers, never personal data."""

    at = models.DateTimeField(db_index=True)
    actor = models.BigIntegerField(null=True, db_index=True)
    action = models.CharField(max_length=60)
    subject = models.CharField(max_length=120, db_index=True)
    path = PathField(blank=True, default="")
    details = models.JSONField(default=dict)

    def __str__(self):
        return f"{self.at:%Y-%m-%d %H:%M} {self.action} {self.subject}"
