"""Redis as `deploy/redis/start.sh` starts it: TLS, a password, one ACL user."""

import contextlib
import signal
import socket
import time
from collections.abc import Iterator
from pathlib import Path

from sandbox.engines.errors import EngineError
from sandbox.engines.processes import engine_account, spawn, stop
from sandbox.lab.folder import free_port

START_SECONDS = 10


@contextlib.contextmanager
def running_redis(folder: Path, *, user: str, password: str) -> Iterator[int]:
    """Run Redis with `redis.pem`, `redis.key` and `ca.pem` of the folder; its port."""
    port = free_port()
    log = folder / "redis.log"
    with log.open("wb") as output:
        process = spawn(
            [folder / "deploy" / "redis" / "start.sh"],
            output=output,
            account=engine_account(),
            death_signal=signal.SIGTERM,
            environment={
                "REDIS_USER": user,
                "REDIS_PASSWORD": password,
                "REDIS_PORT": str(port),
                "REDIS_TLS_DIR": str(folder),
            },
            cwd=folder,
        )
    try:
        deadline = time.monotonic() + START_SECONDS
        while not _listens(port):
            if process.poll() is not None or time.monotonic() > deadline:
                raise EngineError(f"Redis did not start: {log.read_text('utf-8')}")
            time.sleep(0.02)
        yield port
    finally:
        stop(process, signal.SIGTERM)


def _listens(port: int) -> bool:
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
        return True
    return False
