"""A PostgreSQL of Debian with the configuration and the roles of `deploy/postgres`."""

import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg

from sandbox.engines.errors import EngineError
from sandbox.engines.processes import engine_account, spawn
from sandbox.lab.folder import free_port, give

HOST = "postgres.ks-backend.cloud"
DATABASE = "karima_prod"
# Every character that an URL, a shell or SQL reads as its own.
HOSTILE_PASSWORD = "p@ss:/w%41#&'x=Qm7"
PASSWORDS = {
    "karima_prod": HOSTILE_PASSWORD,
    "karima_migrate": HOSTILE_PASSWORD + "-migrate",
    "karima_ro": HOSTILE_PASSWORD + "-ro",
    "kratos": HOSTILE_PASSWORD + "-kratos",
    "karima_replica": HOSTILE_PASSWORD + "-replica",
}
START_SECONDS = 60
# The servers' user must not look into the home of the one who starts them.
HOMELESS = {"HOME": "/nonexistent", "LC_ALL": "C.UTF-8"}


def bindir() -> Path:
    """Return the newest PostgreSQL that Debian's packages installed."""
    found = Path("/usr/lib/postgresql").glob("*/bin/initdb")
    newest = sorted(found, key=lambda path: int(path.parts[-3]))
    if not newest:
        raise EngineError(
            "The drills need PostgreSQL with TLS: apt-get install postgresql-15."
        )
    return newest[-1].parent


def run_as_engine(
    args: Sequence[str | Path], environment: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Run a command as the servers' user; the caller looks at the result."""
    account = engine_account()
    return subprocess.run(
        [str(arg) for arg in args],
        env={**os.environ, **HOMELESS, **(environment or {})},
        capture_output=True,
        text=True,
        errors="replace",
        check=False,
        cwd="/",
        user=account.uid if account else None,
        group=account.gid if account else None,
        extra_groups=[] if account else None,
    )


def checked(
    args: Sequence[str | Path], environment: Mapping[str, str] | None = None
) -> str:
    """Return what the command wrote. Raises `EngineError` with its words."""
    done = run_as_engine(args, environment)
    if done.returncode:
        raise EngineError(f"{args[0]} failed: {done.stdout}{done.stderr}".strip())
    return done.stdout


@dataclass
class Cluster:
    """A data folder, the port its server listens on, and the server while it runs."""

    data: Path
    tls: Path
    port: int = field(default_factory=free_port)
    settings: Mapping[str, str] = field(default_factory=dict)
    environment: Mapping[str, str] = field(default_factory=dict)
    process: subprocess.Popen[bytes] | None = None

    @property
    def deploy(self) -> Path:
        return self.data.parent / "deploy" / "postgres"

    @property
    def socket(self) -> Path:
        """The folder of the superuser's socket."""
        return self.data.parent

    def create(self) -> None:
        """Make the data folder as `deploy/postgres/Dockerfile` has it made."""
        checked(
            [
                *(bindir() / "initdb", f"--pgdata={self.data}", "--username=postgres"),
                *(
                    "--data-checksums",
                    "--auth-local=trust",
                    "--auth-host=scram-sha-256",
                ),
                *("--encoding=UTF8", "--locale=C.UTF-8", "--no-sync"),
            ]
        )

    def start(self, *, wait: bool = True) -> None:
        with self.log.open("ab") as output:
            self.process = spawn(
                [bindir() / "postgres", "-D", self.data, *self._options()],
                output=output,
                account=engine_account(),
                death_signal=signal.SIGQUIT,
                environment={**HOMELESS, **self.environment},
            )
        if wait:
            self.wait_until_ready()

    @property
    def log(self) -> Path:
        return self.data.parent / f"{self.data.name}.log"

    def _options(self) -> Iterator[str]:
        settings = {
            "config_file": str(self.deploy / "postgresql.conf"),
            "hba_file": str(self.hba_file()),
            "listen_addresses": "127.0.0.1",
            "port": str(self.port),
            "unix_socket_directories": str(self.socket),
            "ssl_cert_file": str(self.tls / "postgres.pem"),
            "ssl_key_file": str(self.tls / "postgres.key"),
            "shared_buffers": "64MB",
            "archive_mode": "off",
            **self.settings,
        }
        for name, value in settings.items():
            yield from ("-c", f"{name}={value}")

    def hba_file(self) -> Path:
        """Return production's rules, but that the socket lets the superuser in."""
        path = self.data.parent / "pg_hba.conf"
        if not path.exists():
            rules = (self.deploy / "pg_hba.conf").read_text("utf-8")
            path.write_text(rules.replace("peer", "trust"), "utf-8")
            give(path, engine_account())
        return path

    def wait_until_ready(self) -> None:
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            with contextlib.suppress(psycopg.OperationalError):
                self.superuser().close()
                return
            if self.process and self.process.poll() is not None:
                break
            time.sleep(0.05)
        tail = self.log.read_text("utf-8", errors="replace").splitlines()[-5:]
        raise EngineError("PostgreSQL did not start: " + " | ".join(tail))

    def stop(self, how: signal.Signals = signal.SIGINT) -> None:
        """End the server: SIGINT is a fast stop, SIGQUIT an immediate one."""
        if self.process and self.process.poll() is None:
            self.process.send_signal(how)
            self.process.wait(60)

    def superuser(self, database: str = "postgres") -> psycopg.Connection:
        return psycopg.connect(
            host=str(self.socket),
            port=self.port,
            user="postgres",
            dbname=database,
            autocommit=True,
        )

    def make_roles(self) -> None:
        """Run `deploy/postgres/roles.sh`."""
        checked([self.deploy / "roles.sh"], self.variables())

    def variables(self) -> dict[str, str]:
        """Return what the scripts of `deploy/` read, as in `.env.postgres`."""
        return {
            "PATH": f"{bindir()}:{os.environ['PATH']}",
            "PGHOST": str(self.socket),
            "PGPORT": str(self.port),
            "PGUSER": "postgres",
            "PGDATA": str(self.data),
            "DB_NAME": DATABASE,
            "DB_USER": "karima_prod",
            "DB_PASSWORD": PASSWORDS["karima_prod"],
            "DB_MIGRATE_PASSWORD": PASSWORDS["karima_migrate"],
            "DB_READ_PASSWORD": PASSWORDS["karima_ro"],
            "KRATOS_DB_PASSWORD": PASSWORDS["kratos"],
            "DB_REPLICA_PASSWORD": PASSWORDS["karima_replica"],
        }

    def link(self, user: str = "karima_prod", **more: str | int) -> dict[str, Any]:
        """Return libpq's parameters, by name and address as without DNS."""
        return {
            "host": HOST,
            "hostaddr": "127.0.0.1",
            "port": self.port,
            "user": user,
            "password": PASSWORDS[user],
            "dbname": DATABASE,
            "sslmode": "verify-full",
            "sslrootcert": str(self.tls / "ca.pem"),
            "require_auth": "scram-sha-256",
            "connect_timeout": 5,
            **more,
        }

    def shop_variables(self, user: str = "karima_prod") -> dict[str, str]:
        """Return the shop's environment; it knows no hostaddr, so by `localhost`."""
        return {
            "DB_HOST": "localhost",
            "DB_PORT": str(self.port),
            "DB_NAME": DATABASE,
            "DB_USER": user,
            "DB_PASSWORD": PASSWORDS[user],
            "DB_SSL_MODE": "verify-full",
            "DB_SSL_ROOT_CERT": str(self.tls / "ca.pem"),
        }
