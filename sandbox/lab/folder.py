"""A folder that goes away, which the servers' unprivileged user owns."""

import contextlib
import os
import shutil
import socket
import tempfile
from collections.abc import Iterator
from pathlib import Path

from karima.local import PROJECT
from sandbox.engines.processes import Account, engine_account

# Below what the kernel gives to outgoing connections.
FIRST_PORT, LAST_PORT = 22500, 22999


@contextlib.contextmanager
def lab_folder() -> Iterator[Path]:
    """Yield a new folder with a short path and remove it afterwards.

    It holds a copy of `deploy`: the project may lie where that user cannot enter.
    """
    folder = Path(tempfile.mkdtemp(prefix="karima-lab-", dir="/var/tmp"))
    try:
        for part in ("backup", "postgres", "redis"):
            shutil.copytree(PROJECT / "deploy" / part, folder / "deploy" / part)
        give(folder, engine_account())
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def give(path: Path, account: Account | None) -> None:
    """Make everything below the path the servers' user's."""
    if account is None:
        return
    for place in (path, *path.rglob("*")):
        os.chown(place, account.uid, account.gid, follow_symlinks=False)


def free_port() -> int:
    """Return a port of 127.0.0.1 that nobody listens on."""
    # Each process begins elsewhere, so that two of them seldom meet.
    count = LAST_PORT - FIRST_PORT
    for number in range(count):
        port = FIRST_PORT + (os.getpid() * 7 + _taken() + number) % count
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise RuntimeError(f"no free port from {FIRST_PORT} to {LAST_PORT}")


def with_children(pid: int) -> list[int]:
    """Return the process and those that it started, while it runs."""
    try:
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text("ascii")
    except OSError:
        return []
    return [pid, *map(int, children.split())]


_counter = iter(range(1_000_000))


def _taken() -> int:
    return next(_counter)
