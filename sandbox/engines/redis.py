"""A local Redis of this project, on a UNIX socket only and without persistence."""

import contextlib
import signal
import subprocess
import time
from pathlib import Path

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from karima import local
from sandbox.engines.binaries import find_redis, runnable_by_others
from sandbox.engines.errors import EngineError
from sandbox.engines.folders import make_private_folder, storage_error
from sandbox.engines.processes import engine_account, spawn

STOP_SIGNAL = signal.SIGTERM
START_TIMEOUT = 10


def start(folder: Path) -> subprocess.Popen[bytes] | None:
    """Return a Redis that answers, None where there is no program to run.

    The caller holds the folder. Raises `EngineError` with a line for a person.
    """
    program = find_redis()
    if program is None:
        return None
    account = engine_account()
    if account:
        program = runnable_by_others(program, root=program.parent)
    data = make_private_folder(folder / "redis", account)
    socket = make_private_folder(local.run_dir(folder), account) / local.REDIS_SOCKET
    end_stray(socket)
    log = folder / "redis.log"
    try:
        with log.open("wb") as output:
            process = spawn(
                [program, *_options(data, socket)],
                output=output,
                account=account,
                death_signal=STOP_SIGNAL,
            )
    except OSError as error:
        raise storage_error(log, error) from error
    _wait_until_ready(process, socket=socket, log=log)
    return process


def _options(data: Path, socket: Path) -> list[str]:
    settings = {
        "port": "0",
        "unixsocket": str(socket),
        "unixsocketperm": "700",
        "save": "",
        "appendonly": "no",
        "dir": str(data),
    }
    return [part for name, value in settings.items() for part in (f"--{name}", value)]


def _wait_until_ready(
    process: subprocess.Popen[bytes], *, socket: Path, log: Path
) -> None:
    deadline = time.monotonic() + START_TIMEOUT
    while process.poll() is None and time.monotonic() < deadline:
        if answers(socket):
            return
        time.sleep(0.02)
    process.kill()
    process.wait()
    lines = log.read_text("utf-8", errors="replace").splitlines() or ["no output"]
    raise EngineError(f"Redis did not start (log: {log}): {lines[-1]}")


def answers(socket: Path) -> bool:
    """Tell whether a Redis listens on the socket."""
    with _client(socket) as client:
        try:
            return bool(client.ping())
        except (redis.RedisError, OSError):
            return False


def end_stray(socket: Path) -> None:
    """End a Redis that outlived its starter; only one of ours can own this socket."""
    with _client(socket) as client, contextlib.suppress(redis.RedisError, OSError):
        client.shutdown(nosave=True)
    socket.unlink(missing_ok=True)


def _client(socket: Path) -> redis.Redis:
    # Without the retries that redis-py makes by default: an answer now, or none.
    once = Retry(NoBackoff(), 0)
    return redis.Redis(unix_socket_path=str(socket), socket_timeout=2, retry=once)
