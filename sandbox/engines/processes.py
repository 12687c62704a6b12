"""Start and end child processes that never outlive the one that started them."""

import ctypes
import os
import pwd
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from sandbox.engines.errors import EngineError

PR_SET_PDEATHSIG = 1
# Seconds: PostgreSQL writes a checkpoint before it leaves.
STOP_TIMEOUT = 20


@dataclass(frozen=True, slots=True)
class Account:
    """The unprivileged user that servers run as when the superuser starts them."""

    uid: int
    gid: int


def engine_account() -> Account | None:
    """Return `nobody` for the superuser, None for everyone else.

    PostgreSQL refuses to run as root. Raises `EngineError` where no such user exists.
    """
    if os.geteuid() != 0:
        return None
    try:
        nobody = pwd.getpwnam("nobody")
    except KeyError:
        raise EngineError(
            "PostgreSQL does not run as root and this machine has no user `nobody`: "
            "run the command as another user."
        ) from None
    return Account(nobody.pw_uid, nobody.pw_gid)


def spawn(
    args: Sequence[str | Path],
    *,
    output: IO[bytes] | int,
    account: Account | None,
    death_signal: signal.Signals,
    environment: Mapping[str, str] | None = None,
    cwd: Path = Path("/"),
) -> subprocess.Popen[bytes]:
    """Return a running server in a process group of its own.

    A Ctrl-C at the terminal does not reach it, so that the caller decides the order in
    which things stop. Call from the main thread only: the kernel sends `death_signal`
    when the starting thread ends, which stands in for the whole process.
    """
    return subprocess.Popen(
        [str(arg) for arg in args],
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=subprocess.STDOUT,
        cwd=cwd,
        env={**os.environ, **(environment or {})},
        process_group=0,
        preexec_fn=die_with_parent(death_signal),
        user=account.uid if account else None,
        group=account.gid if account else None,
        extra_groups=[] if account else None,
    )


def die_with_parent(death_signal: signal.Signals) -> Callable[[], None] | None:
    """Return a function that ties a new child to its parent, where the kernel can.

    subprocess calls it after the change of user, which would undo the tie.
    """
    if sys.platform != "linux":
        return None
    libc = ctypes.CDLL(None)
    parent = os.getpid()

    def tie() -> None:
        libc.prctl(PR_SET_PDEATHSIG, int(death_signal))
        if os.getppid() != parent:
            os._exit(1)

    return tie


def stop(process: subprocess.Popen[bytes], stop_signal: signal.Signals) -> None:
    """Ask the process to end, and end it when it does not listen."""
    if process.poll() is not None:
        return
    process.send_signal(stop_signal)
    try:
        process.wait(STOP_TIMEOUT)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
