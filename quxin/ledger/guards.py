"""Triggers that make a table append-only on both engines: as a migration operation, looked for, and put back.

Not for tables whose rows may change: use it only where a correction is a new row.
"""

from functools import cache

from django.db import connection, migrations, transaction
from django.db.migrations.loader import MigrationLoader

from quxin.ledger.partitions import guard_partition

MESSAGE = "append-only: correct by appending, never by changing"

# One statement a line: SQLite's driver runs one at a time, and a trigger's own semicolons stand before "END".
SQLITE = """
CREATE TRIGGER IF NOT EXISTS {table}_no_update BEFORE UPDATE ON {table} BEGIN SELECT RAISE(ABORT, '{message}'); END;
CREATE TRIGGER IF NOT EXISTS {table}_no_delete BEFORE DELETE ON {table} BEGIN SELECT RAISE(ABORT, '{message}'); END;
"""

FUNCTION = """
CREATE OR REPLACE FUNCTION quxin_append_only() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION '{message}' USING ERRCODE = 'restrict_violation'; END $$;
"""
POSTGRESQL = f"""
{FUNCTION.strip()}
CREATE OR REPLACE TRIGGER {{table}}_no_change BEFORE UPDATE OR DELETE ON {{table}}
    FOR EACH ROW EXECUTE FUNCTION quxin_append_only();
CREATE OR REPLACE TRIGGER {{table}}_no_truncate BEFORE TRUNCATE ON {{table}}
    FOR EACH STATEMENT EXECUTE FUNCTION quxin_append_only();
"""

DROP = {
    "sqlite": "DROP TRIGGER IF EXISTS {table}_no_update;\nDROP TRIGGER IF EXISTS {table}_no_delete;",
    "postgresql": (
        "DROP TRIGGER IF EXISTS {table}_no_change ON {table}; DROP TRIGGER IF EXISTS {table}_no_truncate ON {table};"
    ),
}

# A table and each of its partitions, with the row triggers (type 1) and statement triggers that stand and are switched on.
STANDING = """
SELECT part.relname,
       COUNT(*) FILTER (WHERE t.tgtype & 1 = 1 AND t.tgtype & 2 = 2 AND t.tgtype & 24 = 24),
       COUNT(*) FILTER (WHERE t.tgtype & 1 = 0 AND t.tgtype & 2 = 2 AND t.tgtype & 32 = 32)
FROM pg_class AS part
LEFT JOIN pg_trigger AS t ON t.tgrelid = part.oid AND t.tgenabled IN ('O', 'A') AND t.tgqual IS NULL
     AND t.tgfoid IN (SELECT oid FROM pg_proc WHERE proname = 'quxin_append_only' AND prosrc LIKE '%%RAISE EXCEPTION%%')
WHERE part.oid = to_regclass(%s) OR part.oid IN (SELECT inhrelid FROM pg_inherits WHERE inhparent = to_regclass(%s))
GROUP BY part.relname
"""


class Guard(migrations.RunPython):
    """The migration operation that guards `table`; it remembers the table, so that the guard can be looked for later."""

    def __init__(self, table: str) -> None:
        self.table = table

        def forwards(apps, schema_editor):
            _put(schema_editor.connection, table)

        def backwards(apps, schema_editor):
            _run(schema_editor.connection, DROP[schema_editor.connection.vendor].format(table=table))

        super().__init__(forwards, backwards)

    def deconstruct(self) -> tuple[str, list[str], dict[str, object]]:
        """As Django wants it: the name and what makes another one like it."""
        return type(self).__qualname__, [self.table], {}


def guard(table: str) -> Guard:
    """A migration operation that refuses UPDATE, DELETE and TRUNCATE on `table` (and, with recursive_triggers, REPLACE)."""
    return Guard(table)


def unguard(table: str) -> migrations.RunPython:
    """A migration operation that takes the guard off, for a migration that reshapes `table` and guards it again."""

    def forwards(apps, schema_editor):
        _run(schema_editor.connection, DROP[schema_editor.connection.vendor].format(table=table))

    def backwards(apps, schema_editor):
        _put(schema_editor.connection, table)

    return migrations.RunPython(forwards, backwards)


def guarded_tables() -> list[str]:
    """Every table that a migration guards and that this database has."""
    return sorted(_named_in_migrations() & set(connection.introspection.table_names()))


def unguarded_tables() -> list[str]:
    """The guarded tables whose triggers are gone, switched off, or not what they were; partitions by their own names."""
    if connection.vendor == "sqlite":
        return [table for table in guarded_tables() if not _stands_on_sqlite(table)]
    return sorted(part for table in guarded_tables() for part in _bare_parts(table))


def put_back() -> list[str]:
    """Guard anew what is unguarded, all or nothing; returns the names of those tables."""
    bare = unguarded_tables()
    with transaction.atomic():
        for table in guarded_tables() if bare else ():
            if connection.vendor == "sqlite":
                _run(connection, DROP["sqlite"].format(table=table))
            _put(connection, table)
            _switch_on(table)
    return bare


@cache
def _named_in_migrations() -> frozenset[str]:
    migrations_on_disk = MigrationLoader(None).disk_migrations.values()
    operations = [operation for migration in migrations_on_disk for operation in migration.operations]
    return frozenset(operation.table for operation in operations if isinstance(operation, Guard))


def _put(connection, table: str) -> None:
    source = SQLITE if connection.vendor == "sqlite" else POSTGRESQL
    _run(connection, source.format(table=table, message=MESSAGE))


def _run(connection, sql: str) -> None:
    with connection.cursor() as cursor:
        for statement in sql.strip().splitlines() if connection.vendor == "sqlite" else [sql]:
            cursor.execute(statement)


def _stands_on_sqlite(table: str) -> bool:
    """Whether both triggers are there, to the letter: one of the same name that does nothing guards nothing."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name = %s", [table])
        there = {_plain(sql) for (sql,) in cursor.fetchall()}
    return all(_plain(wanted) in there for wanted in SQLITE.strip().format(table=table, message=MESSAGE).splitlines())


def _plain(sql: str) -> str:
    """A statement as SQLite keeps it, but for quotes that it adds when a table is renamed."""
    return " ".join(sql.replace("IF NOT EXISTS ", "").replace('"', "").rstrip("; ").split())


def _bare_parts(table: str) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(STANDING, [table, table])
        return [part for part, rows, statements in cursor.fetchall() if not (rows and statements)]


def _switch_on(table: str) -> None:
    """On PostgreSQL, the triggers of a table and of each of its partitions; a partition's TRUNCATE is guarded by itself."""
    if connection.vendor == "sqlite":
        return
    with connection.cursor() as cursor:
        cursor.execute(STANDING, [table, table])
        for part, _rows, _statements in cursor.fetchall():
            if part != table:
                cursor.execute(guard_partition(part))
            cursor.execute(f"ALTER TABLE {part} ENABLE TRIGGER USER")
