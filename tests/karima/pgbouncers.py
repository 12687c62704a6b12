"""Debian's PgBouncer in front of the tests' PostgreSQL, with the shipped file."""

import os
import re
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg

from karima import local
from sandbox.engines.folders import make_private_folder
from sandbox.engines.processes import engine_account, spawn, stop

ROOT = Path(__file__).resolve().parents[2]
SHIPPED = ROOT / "deploy/pgbouncer/pgbouncer.ini"
USER, PASSWORD = "karima", "p@ss:/w%41#&'x=Qm7"
PROGRAM = shutil.which("pgbouncer") or "/usr/sbin/pgbouncer"


@dataclass(frozen=True, slots=True)
class PgBouncer:
    """A PgBouncer on 127.0.0.1, which is `localhost` in its certificate."""

    port: int
    certificate: Path

    def environment(self, database: str) -> dict[str, str]:
        """Return what a web process in production is told."""
        return {
            "DB_HOST": "localhost",
            "DB_PORT": str(self.port),
            "DB_USER": USER,
            "DB_PASSWORD": PASSWORD,
            "DB_NAME": database,
            "DB_SSL_MODE": "verify-full",
            "DB_SSL_ROOT_CERT": str(self.certificate),
            "DB_VIA_PGBOUNCER": "true",
        }


@contextmanager
def pgbouncer_for(postgres_host: str, scratch: Path) -> Iterator[PgBouncer]:
    """Give a running PgBouncer; it is gone afterwards."""
    account = engine_account()
    spare = local.spare_dir(scratch, "/var/tmp")  # noqa: S108  its owner is checked
    folder = make_private_folder(spare, account)
    port = free_port()
    try:
        certificate = make_certificate(folder, scratch)
        (folder / "userlist.txt").write_text(f'"{USER}" "{PASSWORD}"\n')
        (folder / "pgbouncer.ini").write_text(
            configuration(folder, postgres_host, port)
        )
        for path in folder.iterdir():
            if account:
                os.chown(path, account.uid, account.gid)
        with (scratch / "pgbouncer.log").open("wb") as log:
            process = spawn(
                [PROGRAM, folder / "pgbouncer.ini"],
                output=log, account=account, death_signal=signal.SIGKILL,
            )  # fmt: skip
        try:
            found = PgBouncer(port, certificate)
            wait_for(found, process, scratch / "pgbouncer.log")
            yield found
        finally:
            stop(process, signal.SIGTERM)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def configuration(folder: Path, postgres_host: str, port: int) -> str:
    """Return the shipped file with this machine's places.

    The tests' PostgreSQL speaks no TLS on its socket. Connections take turns, so that
    whatever a session must remember between two transactions is lost at once.
    """
    changes = {
        r"host=\S+ port=\d+": f"host={postgres_host} port=5432",
        r"(?m)^listen_port = .*": f"listen_port = {port}",
        r"(?m)^listen_addr = .*": "listen_addr = 127.0.0.1",
        r"(?m)^server_tls_sslmode = .*": "server_tls_sslmode = disable",
        r"(?m)^server_tls_ca_file = .*\n": "",
        r"/etc/pgbouncer/tls": str(folder),
        r"/etc/pgbouncer": str(folder),
        r"(?m)^default_pool_size = .*": "default_pool_size = 3",
    }
    text = SHIPPED.read_text("utf-8")
    for pattern, value in changes.items():
        text, times = re.subn(pattern, value, text)
        assert times, pattern
    return text + "\nserver_round_robin = 1\nmin_pool_size = 3\n"


def make_certificate(folder: Path, scratch: Path) -> Path:
    subprocess.run(
        [
            "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
            "ec_paramgen_curve:P-256", "-nodes", "-days", "2", "-subj", "/CN=localhost",
            "-addext", "subjectAltName=DNS:localhost",
            "-keyout", folder / "tls.key", "-out", folder / "tls.crt",
        ],
        check=True, capture_output=True,
    )  # fmt: skip
    return Path(shutil.copy(folder / "tls.crt", scratch / "ca.crt"))


def free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port: int = taken.getsockname()[1]
    return port


def wait_for(found: PgBouncer, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline and process.poll() is None:
        try:
            psycopg.connect(
                host="localhost", port=found.port, user=USER, password=PASSWORD,
                dbname="postgres", sslmode="verify-full",
                sslrootcert=str(found.certificate),
            ).close()  # fmt: skip
        except psycopg.OperationalError:
            time.sleep(0.02)
        else:
            return
    raise AssertionError(log.read_text("utf-8"))
