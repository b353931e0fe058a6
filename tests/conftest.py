"""What every test stands on: hypothesis, the database, a scratch home, the browser of the journeys.

Not for objects of the product: offices, people and campaigns that many tests share belong in `tests/cast.py`.
"""

import os

import hypothesis
import pytest

from tests.browser import *  # noqa: F403 - the fixtures of the journeys; pytest finds them here

IN_CI = os.environ.get("CI", "").lower() not in {"", "0", "false"}

# Few examples, no deadline: two cores run everything twice. In CI the same examples each time, so that a red
# build is red for the next person too; on a desk new ones each time.
hypothesis.settings.register_profile(
    "quxin",
    max_examples=30,
    deadline=None,
    derandomize=IN_CI,
    database=None,
    suppress_health_check=[hypothesis.HealthCheck.too_slow],
)
hypothesis.settings.load_profile("quxin")


def pytest_configure(config):
    """Declare the marker that pyproject does not know."""
    config.addinivalue_line("markers", "sqlite: says something about SQLite alone")


def pytest_collection_modifyitems(config, items):
    """Compile the words; leave out tests that are about the other engine (the stages of run.py run both)."""
    from django.conf import settings

    from quxin.jobs.messages import compile_catalogues

    compile_catalogues()
    engine = settings.DATABASES["default"]["ENGINE"].rpartition(".")[2]
    foreign = {"postgresql": "sqlite"}.get(engine, "postgres")
    kept, left = [], []
    for item in items:
        (left if item.get_closest_marker(foreign) else kept).append(item)
    if left:
        config.hook.pytest_deselected(items=left)
        items[:] = kept


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings):
    """Let the clean-up after a `transaction=True` test empty append-only tables, whose triggers refuse it."""
    from django.db.backends.base.operations import BaseDatabaseOperations

    original = BaseDatabaseOperations.execute_sql_flush

    def flush_with_guards_lifted(operations, statements):
        lift, restore = guard_switches(operations.connection)
        run_all(operations.connection, lift)
        try:
            return original(operations, statements)
        finally:
            run_all(operations.connection, restore)

    BaseDatabaseOperations.execute_sql_flush = flush_with_guards_lifted
    yield
    BaseDatabaseOperations.execute_sql_flush = original


def guard_switches(connection) -> tuple[list[str], list[str]]:
    """Statements that switch every trigger of the database off, and those that put them back."""
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
            found = cursor.fetchall()
            return [f'DROP TRIGGER "{name}"' for name, _ in found], [sql for _, sql in found]
        cursor.execute("SELECT DISTINCT tgrelid::regclass::text FROM pg_trigger WHERE NOT tgisinternal")
        tables = [name for (name,) in cursor.fetchall()]
    return tuple([f"ALTER TABLE {table} {word} TRIGGER USER" for table in tables] for word in ("DISABLE", "ENABLE"))


def run_all(connection, statements: list[str]) -> None:
    """Execute statements one by one, as SQLite wants it."""
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


@pytest.fixture(autouse=True)
def scratch_home(request, tmp_path_factory):
    """Files that a test stores go to a folder of its own, never to the home of whoever runs the tests."""
    if "django_db_setup" not in request.fixturenames and "settings" not in request.fixturenames:
        yield None
        return
    settings = request.getfixturevalue("settings")
    home = tmp_path_factory.mktemp("home")
    settings.QUXIN_HOME = home
    settings.MEDIA_ROOT = home / "files"
    yield home
