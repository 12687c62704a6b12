import os
from pathlib import Path

import pytest

from karima.management.commands import wait_for_database
from tests.karima.processes import run_python


def test_waiting_ends_as_soon_as_the_database_answers() -> None:
    names = ("DB_HOST", "DB_PORT", "DB_USER", "DB_PASSWORD", "DB_NAME")
    variables = {name: os.environ[name] for name in names if name in os.environ}
    done = run_python("manage.py", "wait_for_database", environment=variables)
    assert done.returncode == 0, done.stderr


def test_waiting_gives_up_after_its_timeout(tmp_path: Path) -> None:
    done = run_python(
        "manage.py",
        "wait_for_database",
        "--timeout=0",
        environment={"DB_HOST": str(tmp_path)},
    )
    assert done.returncode == 1
    assert "The database is not ready." in done.stderr


@pytest.mark.django_db
def test_migrated_database_has_no_open_migrations() -> None:
    assert wait_for_database.has_open_migrations() is False
