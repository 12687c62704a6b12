"""A real streaming replica of the PostgreSQL that the tests use."""

import os
import shutil
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg
from psycopg.rows import tuple_row

from karima import local
from sandbox.engines.binaries import find_postgres, runnable_by_others
from sandbox.engines.folders import make_private_folder
from sandbox.engines.postgres import NAME, WITHOUT_DURABILITY, _wait_until_ready
from sandbox.engines.processes import engine_account, spawn, stop


@dataclass(slots=True)
class Replica:
    """A hot standby that writes down every statement it is asked."""

    folder: Path
    process: subprocess.Popen[bytes]

    @property
    def log(self) -> Path:
        return self.folder / "log"

    def asked(self) -> str:
        """Return what it has been asked since the last call."""
        text = self.log.read_text("utf-8")
        os.truncate(self.log, 0)
        return text

    def run(self, query: str) -> object:
        """Return the first column of an answer, by a connection of its own."""
        with psycopg.connect(
            host=str(self.folder), user=NAME, dbname="postgres", autocommit=True,
            row_factory=tuple_row,
        ) as connection:  # fmt: skip
            row = connection.execute(query).fetchone()
        return row[0] if row else None


@contextmanager
def replica_of(primary_host: str, scratch: Path) -> Iterator[Replica]:
    """Give a running replica of the whole cluster; it is gone afterwards."""
    account = engine_account()
    # As short as the path of a socket must be, and open to the servers' user.
    spare = local.spare_dir(scratch, "/var/tmp")  # noqa: S108  its owner is checked
    folder = make_private_folder(spare, account)
    try:
        process = _start(folder, primary_host)
        try:
            yield Replica(folder, process)
        finally:
            stop(process, signal.SIGINT)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _start(folder: Path, primary_host: str) -> subprocess.Popen[bytes]:
    account = engine_account()
    bindir = find_postgres().bindir
    if account:
        bindir = runnable_by_others(bindir / "postgres", root=bindir.parent).parent
    cluster = folder / "cluster"
    user = {"user": account.uid, "group": account.gid, "extra_groups": []}
    subprocess.run(
        [
            bindir / "pg_basebackup", "--checkpoint=fast", "--no-sync", "-R",
            f"--host={primary_host}", f"--username={NAME}", f"--pgdata={cluster}",
        ],
        check=True, cwd="/", **(user if account else {}),
    )  # fmt: skip
    settings = [
        "listen_addresses=", f"unix_socket_directories={folder}", "port=5432",
        "hot_standby=on", "log_statement=all", "max_connections=200",
        # The next tries after a failure come at once.
        "wal_retrieve_retry_interval=100ms", *WITHOUT_DURABILITY,
    ]  # fmt: skip
    options = [word for setting in settings for word in ("-c", setting)]
    with (folder / "log").open("ab") as output:
        process = spawn(
            [bindir / "postgres", "-D", cluster, *options],
            output=output, account=account, death_signal=signal.SIGINT,
        )  # fmt: skip
    _wait_until_ready(process, run_dir=folder, log=folder / "log")
    return process
