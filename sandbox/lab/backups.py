"""A PostgreSQL whose log goes to the stand-in of R2, and its scripts of backup."""

import contextlib
import subprocess
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from sandbox.engines.processes import engine_account
from sandbox.lab.certificates import Authority
from sandbox.lab.folder import give, lab_folder
from sandbox.lab.postgres import HOST, Cluster, checked, run_as_engine
from sandbox.lab.s3 import Storage, running_s3

ARCHIVE_SECONDS = 90


@dataclass
class BackedUp:
    """A lab with a server that archives into a storage."""

    folder: Path
    cluster: Cluster
    storage: Storage

    def script(
        self, name: str, *arguments: str, **more: str
    ) -> subprocess.CompletedProcess[str]:
        """Run a script of `deploy/postgres/backup`; the caller looks at the result."""
        path = self.folder / "deploy/postgres/backup" / name
        return run_as_engine([path, *arguments], self.variables() | more)

    def must(self, name: str, *arguments: str, **more: str) -> str:
        """Return what the script said. Raises `EngineError` when it fails."""
        path = self.folder / "deploy/postgres/backup" / name
        return checked([path, *arguments], self.variables() | more)

    def variables(self) -> dict[str, str]:
        cluster = self.cluster
        return (
            cluster.variables()
            | self.storage.variables(self.folder)
            | {
                "PGBACKREST_PG1_PATH": str(cluster.data),
                "PGBACKREST_PG1_PORT": str(cluster.port),
                "PGBACKREST_PG1_SOCKET_PATH": str(cluster.socket),
            }
        )

    def wait_until_archived(self) -> None:
        """Close the present file of the log and wait until the storage has it."""
        with self.cluster.superuser() as root:
            row = root.execute("SELECT pg_walfile_name(pg_switch_wal())").fetchone()
            deadline = time.monotonic() + ARCHIVE_SECONDS
            while row and time.monotonic() < deadline:
                last = root.execute(
                    "SELECT last_archived_wal >= %s FROM pg_stat_archiver", row
                ).fetchone()
                if last == (True,):
                    return
                time.sleep(0.1)
        raise TimeoutError("the log does not arrive in the storage")

    def waiting(self) -> int:
        """Return how many files of the log wait for the storage."""
        with self.cluster.superuser() as root:
            row = root.execute(
                "SELECT count(*) FROM pg_ls_archive_statusdir()"
                " WHERE name LIKE '%.ready'"
            ).fetchone()
        return int(row[0]) if row else 0

    def copy(self, name: str, **settings: str) -> Cluster:
        """Return a server for what was restored into `FOLDER/NAME`."""
        return Cluster(
            self.folder / name,
            tls=self.folder,
            settings={"archive_mode": "off", **settings},
            environment=self.variables(),
        )


@contextlib.contextmanager
def backed_up(settings: Mapping[str, str]) -> Iterator[BackedUp]:
    """Run S3 and a PostgreSQL that archives into it, with roles and without tables."""
    with lab_folder() as folder:
        authority = Authority()
        authority.write(folder, "postgres", HOST, "localhost")
        authority.write(folder, "s3", "localhost")
        give(folder, engine_account())
        with running_s3(folder) as storage:
            cluster = Cluster(folder / "data", tls=folder)
            lab = BackedUp(folder, cluster, storage)
            archive = folder / "deploy/postgres/backup/pgbackrest-archive.sh"
            cluster.settings = {
                "archive_mode": "on",
                "archive_command": f'{archive} "%p"',
                **settings,
            }
            cluster.environment = lab.variables()
            cluster.create()
            cluster.start()
            try:
                cluster.make_roles()
                yield lab
            finally:
                cluster.stop()
