"""`organisation_children` begins with the parent: a second index of parents alone costs every organisation for nothing."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("orgs", "0004_indexes_for_search")]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[
                migrations.RunSQL(
                    "DROP INDEX IF EXISTS orgs_organisation_parent_id_d563d586",
                    "CREATE INDEX orgs_organisation_parent_id_d563d586 ON orgs_organisation (parent_id)",
                )
            ],
            state_operations=[
                migrations.AlterField(
                    "organisation",
                    "parent",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="children",
                        to="orgs.organisation",
                    ),
                )
            ],
        )
    ]
