"""Sums of facts by subtree and month: a cache, fed from a cursor and rebuilt at will."""

from django.db import models

from quxin.ledger.fields import PathField


class Rollup(models.Model):
    """Facts of one kind, label, campaign and month strictly below an inner node `path`, of one book.

    `count` and `quantity` are signed sums; `reversals` counts the reversing facts, `corrections` those of them that took a
    fact back on its own day (a state that ended later, such as a membership, was no mistake).
    """

    book = models.IntegerField()
    path = PathField()
    kind = models.CharField(max_length=40)
    label = PathField(max_length=120, blank=True, default="")
    campaign = models.CharField(max_length=60, blank=True, default="")
    month = models.IntegerField()
    count = models.BigIntegerField()
    quantity = models.BigIntegerField()
    reversals = models.BigIntegerField(default=0)
    corrections = models.BigIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["path", "kind", "label", "campaign", "month", "book"], name="rollup_cell")
        ]

    def __str__(self):
        return f"{self.path} {self.kind} {self.label} {self.month}: {self.count}/{self.quantity}"
