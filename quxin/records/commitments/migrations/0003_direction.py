"""Promises not to pass a number: what the target is, nought as a target of those, and nought as an entry."""

from django.db import migrations, models

LIMITS = ["at-most", "each-at-most"]


class Migration(migrations.Migration):
    dependencies = [("commitments", "0002_guards")]

    operations = [
        migrations.AddField(
            "commitment",
            "direction",
            models.CharField(
                choices=[("at-least", "不少于"), ("at-most", "不超过"), ("each-at-most", "每一笔都不超过")],
                default="at-least",
                max_length=20,
            ),
        ),
        migrations.RemoveConstraint("commitment", "commitment_target_positive"),
        migrations.AddConstraint(
            "commitment",
            models.CheckConstraint(
                condition=models.Q(("target__gt", 0)) | models.Q(("direction__in", LIMITS), ("target", 0)),
                name="commitment_target_fits_direction",
            ),
        ),
        migrations.RemoveConstraint("commitmentprogress", "commitment_progress_positive"),
        migrations.AddConstraint(
            "commitmentprogress",
            models.CheckConstraint(condition=models.Q(("quantity__gte", 0)), name="commitment_progress_not_negative"),
        ),
    ]
