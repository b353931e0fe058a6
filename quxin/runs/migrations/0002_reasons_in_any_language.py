"""Reasons are kept as msgid and values, so that each reader gets them in his own language. Old rows keep their words."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("runs", "0001_initial")]

    operations = [migrations.AddField("refusedrow", "params", models.JSONField(default=dict))]
