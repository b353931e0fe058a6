"""Triggers that make a table append-only on both engines, as a migration operation.

Not for tables whose rows may change: use it only where a correction is a new row.
"""

from django.db import migrations

MESSAGE = "append-only: correct by appending, never by changing"

SQLITE = """
CREATE TRIGGER {table}_no_update BEFORE UPDATE ON {table} BEGIN SELECT RAISE(ABORT, '{message}'); END;
CREATE TRIGGER {table}_no_delete BEFORE DELETE ON {table} BEGIN SELECT RAISE(ABORT, '{message}'); END;
"""

POSTGRESQL = """
CREATE OR REPLACE FUNCTION quxin_append_only() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION '{message}' USING ERRCODE = 'restrict_violation'; END $$;
CREATE TRIGGER {table}_no_change BEFORE UPDATE OR DELETE ON {table} FOR EACH ROW EXECUTE FUNCTION quxin_append_only();
CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table} FOR EACH STATEMENT EXECUTE FUNCTION quxin_append_only();
"""

DROP = {
    "sqlite": "DROP TRIGGER IF EXISTS {table}_no_update; DROP TRIGGER IF EXISTS {table}_no_delete;",
    "postgresql": (
        "DROP TRIGGER IF EXISTS {table}_no_change ON {table}; DROP TRIGGER IF EXISTS {table}_no_truncate ON {table};"
    ),
}


def _run(schema_editor, sql: str) -> None:
    connection = schema_editor.connection
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            # The driver runs one statement at a time; a trigger's own semicolons stand before "END".
            for statement in sql.strip().split("\n" if "BEGIN" in sql else ";"):
                if statement.strip():
                    cursor.execute(statement)
        else:
            cursor.execute(sql)


def guard(table: str) -> migrations.RunPython:
    """A migration operation that refuses UPDATE, DELETE and TRUNCATE on `table` (and, with recursive_triggers, REPLACE)."""

    def forwards(apps, schema_editor):
        source = SQLITE if schema_editor.connection.vendor == "sqlite" else POSTGRESQL
        _run(schema_editor, source.format(table=table, message=MESSAGE))

    def backwards(apps, schema_editor):
        _run(schema_editor, DROP[schema_editor.connection.vendor].format(table=table))

    return migrations.RunPython(forwards, backwards)
