"""A stand-in for Cloudflare R2: moto's S3 behind TLS, which forgets all at its end."""

import contextlib
import os
import signal
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError

from karima.local import PROJECT
from sandbox.engines.errors import EngineError
from sandbox.engines.processes import spawn, stop
from sandbox.lab.folder import free_port, with_children

BUCKET = "karima-pgbackup"
CIPHER_PASS = "a pass of the lab, kept nowhere"
START_SECONDS = 30


@dataclass
class Storage:
    """A running S3. `pause` makes it silent, `resume` lets it go on."""

    port: int
    ca: Path
    pid: int

    def client(self) -> Any:
        return boto3.client(
            "s3",
            endpoint_url=f"https://localhost:{self.port}",
            region_name="us-east-1",
            aws_access_key_id="lab",
            aws_secret_access_key="lab",
            verify=str(self.ca),
            config=Config(
                connect_timeout=2, read_timeout=5, retries={"max_attempts": 0}
            ),
        )

    def objects(self) -> list[str]:
        pages = self.client().get_paginator("list_objects_v2").paginate(Bucket=BUCKET)
        return [item["Key"] for page in pages for item in page.get("Contents", [])]

    def pause(self) -> None:
        self._signal(signal.SIGSTOP)

    def resume(self) -> None:
        self._signal(signal.SIGCONT)

    def _signal(self, number: signal.Signals) -> None:
        for pid in with_children(self.pid):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, number)

    def variables(self, folder: Path) -> dict[str, str]:
        """Return what `.env.postgres` says of backups, and where the lab differs."""
        repository = {
            "S3_BUCKET": BUCKET,
            "S3_ENDPOINT": "localhost",
            "S3_KEY": "lab",
            "S3_KEY_SECRET": "lab",
            "CIPHER_PASS": CIPHER_PASS,
            "STORAGE_HOST": "localhost",
            "STORAGE_PORT": str(self.port),
            "STORAGE_CA_FILE": str(self.ca),
        }
        return {
            **{f"PGBACKREST_REPO1_{name}": text for name, text in repository.items()},
            "PGBACKREST_CONFIG": str(folder / "deploy/postgres/pgbackrest.conf"),
            "PGBACKREST_LOCK_PATH": str(folder / "lock"),
            "PGBACKREST_SPOOL_PATH": str(folder / "spool"),
            "PGBACKREST_IO_TIMEOUT": "10",
            "DRILL_DIR": str(folder / "drill"),
            "DUMP_DIR": str(folder),
            "TMPDIR": str(folder),
        }


@contextlib.contextmanager
def running_s3(folder: Path) -> Iterator[Storage]:
    """Run it with `s3.pem` and `s3.key` of the folder, with the bucket made."""
    port = free_port()
    log = folder / "s3.log"
    with log.open("wb") as output:
        process = spawn(
            [
                *(sys.executable, "-m", "gunicorn", "sandbox.lab.s3_app:app"),
                *("--bind", f"127.0.0.1:{port}", "--workers", "1", "--threads", "16"),
                *("--certfile", folder / "s3.pem", "--keyfile", folder / "s3.key"),
                *("--keep-alive", "75", "--no-control-socket"),
            ],
            output=output,
            account=None,
            death_signal=signal.SIGKILL,
            cwd=PROJECT,
        )
    storage = Storage(port, folder / "ca.pem", process.pid)
    try:
        deadline = time.monotonic() + START_SECONDS
        while True:
            with contextlib.suppress(BotoCoreError):
                storage.client().create_bucket(Bucket=BUCKET)
                break
            if process.poll() is not None or time.monotonic() > deadline:
                raise EngineError(f"moto did not start: {log.read_text('utf-8')}")
            time.sleep(0.1)
        yield storage
    finally:
        storage.resume()
        stop(process, signal.SIGKILL)
