"""Where the local PostgreSQL and Redis keep their data and their sockets.

Development settings connect to these paths, `sandbox.engines` starts servers on them,
and neither needs to import the other.
"""

import hashlib
import os
import re
import stat
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent
POSTGRES_SOCKET = ".s.PGSQL.5432"
REDIS_SOCKET = "redis.sock"

# macOS holds 104 bytes in sun_path, Linux 108; both count the closing NUL.
SOCKET_PATH_LIMIT = 103
# A comma separates hosts for libpq, and Redis takes its socket inside a URL.
PLAIN_PATH = re.compile(r"[A-Za-z0-9._/-]+")


def data_dir() -> Path:
    """Return the folder that keeps the local engines' data between two starts.

    It is `.data` in the project. The superuser's servers run as an unprivileged user,
    so a project that others cannot enter has a folder of its own in /var/tmp instead.
    """
    if os.geteuid() == 0 and not others_may_enter(PROJECT):
        return spare_dir(PROJECT, "/var/tmp")  # noqa: S108  sandbox.engines checks its owner
    return PROJECT / ".data"


def run_dir(data: Path | None = None) -> Path:
    """Return the folder of the sockets, short and plain enough for every client."""
    folder = (data or data_dir()) / "run"
    path = str(folder / POSTGRES_SOCKET)
    if len(os.fsencode(path)) <= SOCKET_PATH_LIMIT and PLAIN_PATH.fullmatch(path):
        return folder
    return spare_dir(folder, "/tmp")  # noqa: S108  sandbox.engines checks its owner


def redis_socket(data: Path | None = None) -> Path:
    """Return the path of the local Redis socket, whether a server listens or not."""
    return run_dir(data) / REDIS_SOCKET


def others_may_enter(folder: Path) -> bool:
    """Tell whether a user without rights of his own can reach what is in the folder."""
    return all(
        place.stat().st_mode & stat.S_IXOTH for place in (folder, *folder.parents)
    )


def spare_dir(folder: Path, parent: str) -> Path:
    """Return a folder in `parent` that belongs to this folder alone."""
    digest = hashlib.sha256(os.fsencode(folder)).hexdigest()[:12]
    return Path(parent) / f"karima-{digest}"
