"""A machine with Debian's nginx on which deploy.sh runs versions as processes."""

import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import psycopg
from psycopg import sql

from tests.deploy.proxy import API, Answer, Proxy, run_proxy
from tests.karima.processes import ROOT

SCRIPT = ROOT / "deploy/deploy.sh"
# Below the range from which the kernel takes ports for outgoing connections.
PORTS = range(22000, 22400)
# Seconds for one run of the script on a busy machine.
TIMEOUT = 240

# A version is the code of this project, behind a few lines that a test can bend.
GUNICORN = """
import runpy
globals().update(runpy.run_path({config!r}))
wsgi_app = "release:application"
"""
RELEASE = """
import time
from urllib.parse import parse_qs
from karima.wsgi import application as shop

def application(environ, start_response):
    if environ["PATH_INFO"] == "/slow":
        seconds = float(parse_qs(environ["QUERY_STRING"])["seconds"][0])
        print(f"slow for {seconds}", flush=True)
        time.sleep(seconds)
        start_response("200 OK", [("Content-Length", "4")])
        return [b"done"]
    return shop(environ, start_response)
"""


@dataclass(frozen=True)
class Stage:
    """The folder of one machine, its proxy, and the environment of its shop."""

    folder: Path
    proxy: Proxy
    environment: dict[str, str]

    def add_release(self, version: str, spoilt: str = "") -> None:
        """Lay down a version. `spoilt` is code after its entry point.

        A spoilt version has no migrations and no worker: it does not get that far.
        """
        release = self.folder / "releases" / version
        (release / "deploy").mkdir(parents=True)
        names = (
            *("karima", "accounts", "catalog", "orders", "payments"),
            *("templates", "manage.py", ".venv"),
        )
        for name in names:
            (release / name).symlink_to(ROOT / name)
        config = str(ROOT / "deploy/gunicorn.conf.py")
        text = GUNICORN.format(config=config)
        (release / "deploy/gunicorn.conf.py").write_text(text, "utf-8")
        (release / "release.py").write_text(RELEASE + spoilt, "utf-8")
        if spoilt:
            self.replace_manage(version, "")

    def replace_manage(self, version: str, code: str) -> None:
        manage = self.folder / "releases" / version / "manage.py"
        manage.unlink()
        manage.write_text(code, "utf-8")

    def start_script(self, *arguments: str, **changes: str) -> subprocess.Popen[str]:
        """Start deploy.sh and return it."""
        return subprocess.Popen(
            [str(SCRIPT), *arguments],
            env=self.environment | changes,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def run_script(self, *arguments: str, **changes: str) -> tuple[int, str]:
        """Run deploy.sh to its end; return its exit code and what it said."""
        script = self.start_script(*arguments, **changes)
        said, _ = script.communicate(timeout=TIMEOUT)
        return script.returncode, said

    def get(self, path: str) -> Answer:
        """Ask the proxy for a path of the API's host."""
        return self.proxy.get(API, path)

    def status(self) -> dict[str, str]:
        """Return what `deploy.sh status` says, each line under its name."""
        _, said = self.run_script("status")
        pairs = (line.split(":", 1) for line in said.splitlines())
        return {name: value.strip() for name, value in pairs}

    def pid(self, name: str) -> int:
        text = (self.folder / "state" / f"{name}.pid").read_text("utf-8")
        return int(text.split()[0])

    def wait_for_line(self, name: str, line: str) -> None:
        """Return when a process has written the line to its log."""
        for _ in range(TIMEOUT * 20):
            if line in (self.folder / f"state/{name}.log").read_text("utf-8"):
                return
            time.sleep(0.05)
        raise AssertionError(f"{name} never wrote {line!r}")

    def processes(self) -> set[str]:
        """Return the names of the processes that the script keeps."""
        return {path.stem for path in (self.folder / "state").glob("*.pid")}

    @contextmanager
    def database(self) -> Iterator[psycopg.Connection]:
        """Connect to the shop's database."""
        with connect(self.environment["DB_NAME"]) as connection:
            yield connection

    def count_carts(self) -> int:
        with self.database() as connection:
            row = connection.execute("SELECT count(*) FROM orders_cart").fetchone()
        assert row is not None
        return int(row[0])


def connect(name: str) -> psycopg.Connection:
    return psycopg.connect(
        host=os.environ["DB_HOST"],
        port=os.environ.get("DB_PORT", "5432"),
        user=os.environ["DB_USER"],
        password=os.environ.get("DB_PASSWORD", ""),
        dbname=name,
        autocommit=True,
    )


def free_ports(count: int) -> list[int]:
    """Return ports on which nobody listens, other ones for each worker of xdist."""
    worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
    found: list[int] = []
    for port in PORTS[worker * 50 :]:
        with socket.socket() as probe, suppress(OSError):
            probe.bind(("127.0.0.1", port))
            found.append(port)
        if len(found) == count:
            return found
    raise AssertionError("no free port")


@contextmanager
def own_database() -> Iterator[str]:
    """Make an empty database for the shop on the tests' PostgreSQL."""
    name = f"deploy_{os.environ.get('PYTEST_XDIST_WORKER', 'gw0')}"
    drop = sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(
        sql.Identifier(name)
    )
    with connect("postgres") as connection:
        connection.execute(drop)
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        yield name
        connection.execute(drop)


@contextmanager
def staged(folder: Path) -> Iterator[Stage]:
    """Run the proxy before an empty machine, and end all that was started on it."""
    blue, green = free_ports(2)
    with (
        own_database() as database,
        run_proxy(
            folder / "proxy",
            backend=f"127.0.0.1:{green}",
            kratos="127.0.0.1:9",
            PROXY_CLIENT_RATE="5000r/s",
            PROXY_API_RATE="5000r/s",
        ) as proxy,
    ):
        stage = Stage(folder, proxy, _environment(folder, database, blue, green))
        try:
            yield stage
        finally:
            for name in stage.processes():
                with suppress(ProcessLookupError):
                    os.killpg(stage.pid(name), signal.SIGKILL)


def _environment(folder: Path, database: str, blue: int, green: int) -> dict[str, str]:
    # What leads to the tests' settings is not the shop's.
    left_out = ("DJANGO_SETTINGS_MODULE", "PYTEST_XDIST_WORKER")
    kept = {name: value for name, value in os.environ.items() if name not in left_out}
    return kept | {
        "DB_NAME": database,
        # A job of the tests waits for a table longer than the shop would.
        "DB_LOCK_TIMEOUT": "300s",
        "WORKER_STATEMENT_TIMEOUT": "300s",
        # Nothing of this may be seen by the other tests.
        "REDIS_HOST": "",
        "WEB_CONCURRENCY": "1",
        "RUNTIME": "process",
        "RELEASES": str(folder / "releases"),
        "DEPLOY_STATE": str(folder / "state"),
        "BLUE_PORT": str(blue),
        "GREEN_PORT": str(green),
        "PROXY_FOLDER": str(folder / "proxy"),
        "API_HOSTS": API,
        # A development environment is no production; the command has its own tests.
        "PREFLIGHT": "skip",
        "READY_SECONDS": "40",
        "WATCH_SECONDS": "1",
        "WORKER_PROOF_SECONDS": "2",
    }


@contextmanager
def records(stage: Stage, lines: dict[str, str]) -> Iterator[None]:
    """Let the script find other records than its own."""
    kept: dict[Path, str | None] = {}
    for name, line in lines.items():
        path = stage.folder / "state" / name
        kept[path] = path.read_text("utf-8") if path.exists() else None
        path.write_text(f"{line}\n", "utf-8")
    yield
    for path, text in kept.items():
        if text is None:
            path.unlink()
        else:
            path.write_text(text, "utf-8")


def wait_until_gone(pid: int) -> None:
    """Return when the process has ended."""
    for _ in range(TIMEOUT * 10):
        if not Path(f"/proc/{pid}").exists():
            return
        time.sleep(0.1)
    raise AssertionError(f"process {pid} has not ended")
