"""`activity_by_organisation` begins with the organisation: a second index of organisations alone answers nothing more."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("activities", "0001_initial")]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[
                migrations.RunSQL(
                    "DROP INDEX IF EXISTS activities_activity_organisation_id_cbaa5efa",
                    "CREATE INDEX activities_activity_organisation_id_cbaa5efa ON activities_activity (organisation_id)",
                )
            ],
            state_operations=[
                migrations.AlterField(
                    "activity",
                    "organisation",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="orgs.organisation",
                    ),
                )
            ],
        )
    ]
