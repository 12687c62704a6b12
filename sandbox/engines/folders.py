"""Folders of the engines: made with the right owner, and held by one process."""

import errno
import fcntl
import os
import shlex
import sys
from pathlib import Path
from typing import TextIO

from sandbox.engines.errors import AlreadyRunningError, EngineError
from sandbox.engines.processes import Account

LOCK_NAME = "engines.lock"
PUBLIC, PRIVATE = 0o755, 0o700


def make_data_folder(folder: Path) -> None:
    """Make the folder and its missing parents so that the engines' user can enter."""
    missing = [place for place in folder.parents if not place.exists()]
    for place in [*reversed(missing), folder]:
        _make(place, mode=PUBLIC, account=None)


def make_private_folder(folder: Path, account: Account | None) -> Path:
    """Make a folder that only the engines' user may enter, and return it."""
    _make(folder, mode=PRIVATE, account=account)
    return folder


def _make(folder: Path, *, mode: int, account: Account | None) -> None:
    try:
        folder.mkdir(exist_ok=True)
        _refuse_foreign_owner(folder, account)
        if account:
            os.chown(folder, account.uid, account.gid)
        folder.chmod(mode)
    except OSError as error:
        raise storage_error(folder, error) from error


def _refuse_foreign_owner(folder: Path, account: Account | None) -> None:
    # lstat: a stranger's symbolic link in /tmp must not decide where data goes.
    owner = folder.lstat().st_uid
    if owner not in {os.geteuid(), account.uid if account else os.geteuid()}:
        raise EngineError(
            f"{folder} belongs to user number {owner}: remove it, or run the command "
            "as that user."
        )


def storage_error(folder: Path, error: OSError) -> EngineError:
    """Return what a person can do about a file system that refuses."""
    if error.errno in {errno.ENOSPC, errno.EDQUOT}:
        return EngineError(f"The disk of {folder} is full: free some space there.")
    return EngineError(
        f"Cannot write {folder} ({error.strerror}): make the project folder writable "
        "for you, or copy the project to a folder that is."
    )


def hold(folder: Path) -> TextIO:
    """Return a file whose lock shows that this process runs the folder's engines.

    The lock ends with the process, whatever ends it. Raises `AlreadyRunningError`.
    """
    path = folder / LOCK_NAME
    try:
        file = path.open("a+", encoding="utf-8")
    except OSError as error:
        raise storage_error(folder, error) from error
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        file.seek(0)
        holder = file.read().strip() or "another process"
        file.close()
        raise AlreadyRunningError(
            f"The engines in {folder} are already running, started by {holder}. "
            "Stop that one first; manage.py commands reach it as it is."
        ) from None
    _sign(file)
    return file


def _sign(file: TextIO) -> None:
    file.truncate(0)
    file.write(f"process {os.getpid()} (`{shlex.join(sys.orig_argv[1:])}`)")
    file.flush()
