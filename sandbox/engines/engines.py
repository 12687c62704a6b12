"""Both engines of one data folder, started and stopped together."""

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path

from karima import local
from sandbox.engines import folders, postgres, redis
from sandbox.engines.processes import stop

NO_REDIS = "No Redis here: using the in-process cache."


@contextlib.contextmanager
def running(folder: Path) -> Iterator[dict[str, str]]:
    """Hold the folder, run its engines, and yield the variables that lead to them.

    Raises `AlreadyRunningError` when another process holds the folder.
    """
    if os.environ.get("DB_HOST") and os.environ.get("REDIS_HOST"):
        yield {}
        return
    with held(folder), started(folder) as variables:
        yield variables


@contextlib.contextmanager
def held(folder: Path) -> Iterator[None]:
    """Make the folder and keep every other process from running its engines."""
    if not folder.exists() and folder.is_relative_to("/var/tmp"):  # noqa: S108  see local
        print(f"Data is kept in {folder}: others cannot enter {local.PROJECT}.")
    folders.make_data_folder(folder)
    with folders.hold(folder):
        yield


@contextlib.contextmanager
def started(folder: Path, *, durable: bool = True) -> Iterator[dict[str, str]]:
    """Run the engines that the environment does not name, and yield their variables.

    DB_HOST or REDIS_HOST in the environment means that server is somebody else's: it is
    used as it is. The caller holds the folder. Raises `EngineError` with one line for a
    person.
    """
    with contextlib.ExitStack() as stack:
        variables: dict[str, str] = {}
        if not os.environ.get("DB_HOST"):
            server = postgres.start(folder, durable=durable)
            stack.callback(stop, server, postgres.STOP_SIGNAL)
            variables |= database_variables(folder)
        if not os.environ.get("REDIS_HOST"):
            cache = redis.start(folder)
            if cache is None:
                print(NO_REDIS, flush=True)
            else:
                stack.callback(stop, cache, redis.STOP_SIGNAL)
                variables |= cache_variables(folder)
        yield variables


def database_variables(folder: Path) -> dict[str, str]:
    """Return the environment that leads Django to the PostgreSQL of the folder."""
    return {
        "DB_HOST": str(local.run_dir(folder)),
        "DB_PORT": "5432",
        "DB_NAME": postgres.NAME,
        "DB_USER": postgres.NAME,
        "DB_PASSWORD": "",
    }


def cache_variables(folder: Path) -> dict[str, str]:
    """Return the environment that leads Django to the Redis of the folder."""
    return {"REDIS_HOST": str(local.redis_socket(folder)), "REDIS_PASSWORD": ""}
