"""Give every test session a PostgreSQL and a Redis of its own.

Loaded by `-p` in pyproject.toml, because pytest-django reads the settings before any
conftest.py: the engines must be in the environment by then.
"""

import contextlib
import hashlib
import itertools
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from karima import local
from sandbox.engines import postgres
from sandbox.engines.engines import held, started
from sandbox.engines.errors import AlreadyRunningError, EngineError
from sandbox.environment import variables

MARK_NAME = "schema"
# The discard port: a test without the fixture of a stand-in reaches nobody.
NOWHERE = "http://127.0.0.1:9"
OUTSIDE = (
    "KRATOS_PUBLIC_URL",
    "KRATOS_ADMIN_URL",
    "MIDTRANS_API_BASE_URL",
    "MIDTRANS_CORE_API_URL",
    "CF_ACCESS_JWKS_URL",
)
RESOURCES = contextlib.ExitStack()


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_load_initial_conftests() -> Iterator[None]:
    """Start the engines unless the environment names servers, as in xdist's workers."""
    os.environ.update(variables() | dict.fromkeys(OUTSIDE, NOWHERE))
    if not (os.environ.get("DB_HOST") and os.environ.get("REDIS_HOST")):
        try:
            _start_engines()
        except EngineError as error:
            raise pytest.UsageError(str(error)) from error
        if not os.environ.get("REDIS_HOST"):
            raise pytest.UsageError(
                "The tests need a Redis: install your system's package `redis-server`."
            )
    return (yield)


def pytest_unconfigure() -> None:
    """Stop the engines of this session."""
    RESOURCES.close()


def _start_engines() -> None:
    folder = _hold_free_folder()
    mark = folder / MARK_NAME
    schema = _schema_digest()
    if not (mark.exists() and mark.read_text("utf-8") == schema):
        postgres.end_stray(folder / "postgres")
        shutil.rmtree(folder / "postgres", ignore_errors=True)
    # Written back when the session ends: a killed one leaves rows in its databases.
    mark.unlink(missing_ok=True)
    os.environ.update(RESOURCES.enter_context(started(folder, durable=False)))
    RESOURCES.callback(mark.write_text, schema, "utf-8")


def _hold_free_folder() -> Path:
    """Hold the first test folder that no other session uses, and return it."""
    for number in itertools.count(1):
        folder = local.data_dir() / ("test" if number == 1 else f"test-{number}")
        with contextlib.suppress(AlreadyRunningError):
            RESOURCES.enter_context(held(folder))
            return folder
    raise AssertionError("itertools.count does not end")


def _schema_digest() -> str:
    """Return a value that changes with every migration, written by us or installed."""
    digest = hashlib.sha256((local.PROJECT / "requirements.txt").read_bytes())
    for migration in sorted(local.PROJECT.glob("[a-z]*/migrations/*.py")):
        digest.update(migration.read_bytes())
    return digest.hexdigest()
