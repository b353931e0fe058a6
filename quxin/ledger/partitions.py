"""On PostgreSQL the facts are partitioned by book; elsewhere they are one table. The rest of the code cannot tell."""

from django.db import connection, migrations

PARTITION = "CREATE TABLE IF NOT EXISTS ledger_fact_b{pk} PARTITION OF ledger_fact FOR VALUES IN ({pk});"
GUARD = """
CREATE OR REPLACE TRIGGER {part}_no_truncate BEFORE TRUNCATE ON {part}
    FOR EACH STATEMENT EXECUTE FUNCTION quxin_append_only();
"""


def guard_partition(part: str) -> str:
    """The statement that refuses TRUNCATE on a partition: row triggers it inherits from its table, this one it does not."""
    return GUARD.format(part=part)


def lock_books() -> None:
    """Let one transaction at a time open books, before it inserts the row.

    A partition's foreign key locks the table of books: two that had each inserted a row would wait for each other.
    """
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("LOCK TABLE ledger_book IN SHARE ROW EXCLUSIVE MODE")


def open_partition(book_pk: int) -> None:
    """Make the partition of a new book, where the engine has partitions."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(PARTITION.format(pk=int(book_pk)) + guard_partition(f"ledger_fact_b{int(book_pk)}"))


class CreatePartitionedModel(migrations.CreateModel):
    """As CreateModel, but PostgreSQL's table is PARTITION BY LIST of `partition_by`."""

    partition_by = "book_id"

    def database_forwards(self, app_label, schema_editor, from_state, to_state):
        """Create the table with Django's own SQL, partitioned where the engine can."""
        if schema_editor.connection.vendor != "postgresql":
            super().database_forwards(app_label, schema_editor, from_state, to_state)
            return
        model = to_state.apps.get_model(app_label, self.name)
        if self.allow_migrate_model(schema_editor.connection.alias, model):
            sql, parameters = schema_editor.table_sql(model)
            schema_editor.execute(f"{sql} PARTITION BY LIST ({self.partition_by})", parameters or None)
            schema_editor.deferred_sql.extend(schema_editor._model_indexes_sql(model))
