"""A local PostgreSQL of this project, on a UNIX socket only."""

import contextlib
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
from psycopg import sql

from karima import local
from sandbox.engines.binaries import (
    PostgresPrograms,
    find_postgres,
    runnable_by_others,
)
from sandbox.engines.errors import EngineError
from sandbox.engines.folders import make_private_folder, storage_error
from sandbox.engines.processes import (
    STOP_TIMEOUT,
    Account,
    engine_account,
    spawn,
)

NAME = "karima"
# A fast shutdown: sessions are ended and the data is written. SIGTERM would wait for
# every client to leave by itself.
STOP_SIGNAL = signal.SIGINT
# Seconds: recovery after a crash replays the log before the first connection.
START_TIMEOUT = 60
DISK_IS_FULL = ("No space left on device", "Check free disk space")
WITHOUT_DURABILITY = ("fsync=off", "synchronous_commit=off", "full_page_writes=off")


def start(folder: Path, *, durable: bool) -> subprocess.Popen[bytes]:
    """Return a PostgreSQL that answers, with the role and the database `karima`.

    The caller holds the folder. Raises `EngineError` with a line for a person.
    """
    account = engine_account()
    programs = _programs_for(account)
    cluster = folder / "postgres"
    _refuse_other_version(cluster, programs)
    end_stray(cluster)
    run_dir = make_private_folder(local.run_dir(folder), account)
    if not cluster.exists():
        _make_cluster(cluster, programs=programs, account=account)
    options = _options(run_dir, durable=durable)
    log = folder / "postgres.log"
    try:
        with log.open("wb") as output:
            process = spawn(
                [programs.bindir / "postgres", "-D", cluster, *options],
                output=output,
                account=account,
                death_signal=STOP_SIGNAL,
            )
    except OSError as error:
        raise storage_error(log, error) from error
    _wait_until_ready(process, run_dir=run_dir, log=log)
    return process


def _programs_for(account: Account | None) -> PostgresPrograms:
    programs = find_postgres()
    if account is None:
        return programs
    root = programs.bindir.parent
    server = runnable_by_others(programs.bindir / "postgres", root=root)
    return PostgresPrograms(server.parent, programs.major)


def _options(run_dir: Path, *, durable: bool) -> Iterator[str]:
    settings = [
        "listen_addresses=",
        f'unix_socket_directories="{run_dir}"',
        "port=5432",
        "timezone=UTC",
        "log_timezone=UTC",
        "max_connections=200",
    ]
    for setting in settings + ([] if durable else list(WITHOUT_DURABILITY)):
        yield from ("-c", setting)


def _refuse_other_version(cluster: Path, programs: PostgresPrograms) -> None:
    version = cluster_version(cluster)
    if version not in {None, programs.major}:
        raise EngineError(
            f"{cluster} was made by PostgreSQL {version}, and {programs.bindir} is "
            f"PostgreSQL {programs.major}: set PG_BINDIR to a PostgreSQL {version}, or "
            "remove the folder to start empty."
        )


def cluster_version(cluster: Path) -> int | None:
    """Return the major version that made the data folder, None when there is none."""
    try:
        return int((cluster / "PG_VERSION").read_text(encoding="ascii"))
    except FileNotFoundError:
        return None
    except OSError as error:
        raise storage_error(cluster, error) from error


def _make_cluster(
    cluster: Path, *, programs: PostgresPrograms, account: Account | None
) -> None:
    """Make an empty data folder, under another name until it is whole."""
    unfinished = cluster.with_name("postgres.unfinished")
    # Some systems have no C.UTF-8; the encoding is UTF-8 in both cases.
    for locale in ("C.UTF-8", "C"):
        shutil.rmtree(unfinished, ignore_errors=True)
        make_private_folder(unfinished, account)
        answer = _initdb(unfinished, locale, programs=programs, account=account)
        if answer.returncode == 0:
            unfinished.rename(cluster)
            return
    shutil.rmtree(unfinished, ignore_errors=True)
    raise _explain(f"initdb could not make {cluster}", answer.stderr)


def _initdb(
    folder: Path, locale: str, *, programs: PostgresPrograms, account: Account | None
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [
            str(programs.bindir / "initdb"),
            f"--pgdata={folder}",
            f"--username={NAME}",
            # Whoever reaches the socket in its private folder is let in.
            "--auth=trust",
            "--encoding=UTF8",
            f"--locale={locale}",
            "--no-sync",
        ],
        capture_output=True,
        text=True,
        check=False,
        cwd="/",
        user=account.uid if account else None,
        group=account.gid if account else None,
        extra_groups=[] if account else None,
    )


def _wait_until_ready(
    process: subprocess.Popen[bytes], *, run_dir: Path, log: Path
) -> None:
    deadline = time.monotonic() + START_TIMEOUT
    while process.poll() is None and time.monotonic() < deadline:
        try:
            _ensure_database(run_dir)
        except psycopg.OperationalError:
            time.sleep(0.02)
        else:
            return
    process.kill()
    process.wait()
    raise _explain(f"PostgreSQL did not start (log: {log})", log.read_text("utf-8"))


def _ensure_database(run_dir: Path) -> None:
    with psycopg.connect(
        host=str(run_dir), user=NAME, dbname="postgres", autocommit=True
    ) as connection:
        query = "SELECT 1 FROM pg_database WHERE datname = %s"
        if connection.execute(query, [NAME]).fetchone() is None:
            connection.execute(
                sql.SQL("CREATE DATABASE {}").format(sql.Identifier(NAME))
            )


def _explain(problem: str, output: str) -> EngineError:
    if any(sign in output for sign in DISK_IS_FULL):
        return EngineError(f"{problem}: the disk is full, free some space there.")
    lines = [line for line in output.splitlines() if "FATAL" in line or "error" in line]
    reason = (lines or output.splitlines() or ["it gave no reason"])[-1]
    return EngineError(f"{problem}: {reason.strip()}")


def end_stray(cluster: Path) -> None:
    """End a server of this very folder that outlived its starter.

    The process must name the folder in its pid file and on its own command line, for
    the number in an old pid file may by now belong to a stranger.
    """
    try:
        pid = int((cluster / "postmaster.pid").read_text("utf-8").splitlines()[0])
    except (OSError, ValueError, IndexError):
        return
    if pid == os.getpid() or str(cluster) not in command_line(pid):
        return
    try:
        os.kill(pid, STOP_SIGNAL)
    except ProcessLookupError:
        return
    deadline = time.monotonic() + STOP_TIMEOUT
    while str(cluster) in command_line(pid):
        if time.monotonic() > deadline:
            raise EngineError(
                f"An old PostgreSQL (process {pid}) still uses {cluster}: end it with "
                f"`kill -INT {pid}` and try again."
            )
        time.sleep(0.02)


def command_line(pid: int) -> str:
    """Return how the process was started, nothing once it has ended."""
    # Slim containers have /proc and no ps; macOS is the other way round.
    with contextlib.suppress(OSError):
        return Path(f"/proc/{pid}/cmdline").read_text("utf-8").replace("\0", " ")
    with contextlib.suppress(OSError):
        return subprocess.run(
            ["ps", "-ww", "-o", "args=", "-p", str(pid)],
            capture_output=True,
            text=True,
            check=False,
        ).stdout
    return ""
