"""What is public of a file: its stripped copy, who showed it when, and why it was taken down again."""

import django.db.models.deletion
from django.db import migrations, models


def hide_what_has_no_copy(apps, schema_editor):
    """A file that was marked as public before there were stripped copies is not shown until somebody looks again."""
    apps.get_model("files", "Evidence").objects.filter(is_public=True).update(is_public=False)


class Migration(migrations.Migration):
    dependencies = [("files", "0001_initial")]

    operations = [
        migrations.AddField(
            "evidence",
            "public_copy",
            models.ForeignKey(
                blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="files.blob"
            ),
        ),
        migrations.AddField("evidence", "published_at", models.DateTimeField(blank=True, null=True)),
        migrations.AddField("evidence", "published_by", models.BigIntegerField(blank=True, null=True)),
        migrations.AddField("evidence", "seen_by_eye", models.BooleanField(default=False)),
        migrations.AddField("evidence", "unpublished_at", models.DateTimeField(blank=True, null=True)),
        migrations.AddField("evidence", "unpublished_reason", models.CharField(blank=True, default="", max_length=300)),
        migrations.RunPython(hide_what_has_no_copy, migrations.RunPython.noop),
        migrations.AddIndex("evidence", models.Index(fields=["is_public", "path"], name="evidence_public_by_path")),
        migrations.AddConstraint(
            "evidence",
            models.CheckConstraint(
                condition=models.Q(("is_public", False))
                | models.Q(("public_copy__isnull", False), ("published_at__isnull", False)),
                name="evidence_public_has_a_copy",
            ),
        ),
    ]
