"""The key of a fact begins with its book: a second index of books alone costs every fact and answers nothing more.

By hand, because SQLite would make the whole table anew, and lose its triggers.
"""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("ledger", "0003_digests_and_reading_indexes")]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[
                migrations.RunSQL(
                    "DROP INDEX IF EXISTS ledger_fact_book_id_4c35b5f5",
                    "CREATE INDEX ledger_fact_book_id_4c35b5f5 ON ledger_fact (book_id)",
                )
            ],
            state_operations=[
                migrations.AlterField(
                    "fact",
                    "book",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="facts",
                        to="ledger.book",
                    ),
                )
            ],
        )
    ]
