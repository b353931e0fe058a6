"""Sums of facts by subtree and month: a cache, fed from a cursor and rebuilt at will."""

from django.db import models

from quxin.ledger.fields import PathField


class Rollup(models.Model):
    """Facts of one kind, label, campaign and month at or below an inner node `path`: how many (signed) and how much."""

    book = models.IntegerField()
    path = PathField()
    kind = models.CharField(max_length=40)
    label = PathField(max_length=120, blank=True, default="")
    campaign = models.CharField(max_length=60, blank=True, default="")
    month = models.IntegerField()
    count = models.BigIntegerField()
    quantity = models.BigIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["path", "kind", "label", "campaign", "month", "book"], name="rollup_cell"
            )
        ]

    def __str__(self):
        return f"{self.path} {self.kind} {self.label} {self.month}: {self.count}/{self.quantity}"
