"""The engines, run for real in folders of their own."""

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import psycopg
import pytest
import redis

from karima import local
from sandbox.demo import refuse_taken_ports
from sandbox.engines import binaries, engines, postgres
from sandbox.engines.clean import clean
from sandbox.engines.command import run_command
from sandbox.engines.errors import AlreadyRunningError, EngineError

OWN_ENGINES = [sys.executable, "-m", "sandbox.engines"]
SHOW_AND_WAIT = "echo ready; exec sleep 60"
# What a crash leaves on a system that cannot tie a child to its parent.
LEAVE_A_SERVER = """
import sys
from pathlib import Path
from sandbox.engines import engines, postgres, processes
processes.die_with_parent = lambda death_signal: None
data = Path(sys.argv[1])
engines.held(data).__enter__()
postgres.start(data, durable=True)
"""


@pytest.fixture(autouse=True)
def without_the_sessions_engines(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("DB_HOST", "REDIS_HOST", "PG_BINDIR"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def data() -> Iterator[Path]:
    # pytest's own folder is closed to others, hence to the servers of a superuser.
    with TemporaryDirectory(prefix="karima-engines-") as folder:
        Path(folder).chmod(0o755)
        yield Path(folder) / "data"


def query(variables: dict[str, str], sql: str) -> object:
    with psycopg.connect(
        host=variables["DB_HOST"],
        user=variables["DB_USER"],
        dbname=variables["DB_NAME"],
    ) as connection:
        cursor = connection.execute(sql)
        row = cursor.fetchone() if cursor.description else None
    return row[0] if row else None


def postmaster(data: Path) -> int:
    return int((data / "postgres" / "postmaster.pid").read_text().splitlines()[0])


@contextlib.contextmanager
def launcher(data: Path) -> Iterator[subprocess.Popen[str]]:
    """Run the engines in another process, and go on once they answer."""
    command = [*OWN_ENGINES, "run", "--data", str(data), "--", "sh", "-c"]
    with subprocess.Popen(
        [*command, SHOW_AND_WAIT],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout
        assert process.stdout.readline() == "ready\n"
        try:
            yield process
        finally:
            process.terminate()


def runs(pid: int) -> bool:
    return postgres.command_line(pid) != ""


def wait_until_gone(pid: int) -> None:
    deadline = time.monotonic() + 30
    while runs(pid):
        assert time.monotonic() < deadline, f"process {pid} is still there"
        time.sleep(0.02)


def test_engines_answer_on_their_sockets(data: Path) -> None:
    with engines.running(data) as variables:
        assert query(variables, "SELECT current_database()") == "karima"
        assert query(variables, "SHOW server_encoding") == "UTF8"
        with redis.Redis(unix_socket_path=variables["REDIS_HOST"]) as client:
            assert client.ping()


def test_engines_listen_on_no_port(data: Path) -> None:
    with engines.running(data) as variables:
        assert query(variables, "SHOW listen_addresses") == ""
        with redis.Redis(unix_socket_path=variables["REDIS_HOST"]) as client:
            assert client.config_get("port") == {"port": "0"}


def test_sockets_are_closed_to_other_users(data: Path) -> None:
    with engines.running(data) as variables:
        assert Path(variables["DB_HOST"]).stat().st_mode & 0o077 == 0


def test_stopped_engines_leave_no_process(data: Path) -> None:
    with engines.running(data):
        pid = postmaster(data)
    assert not runs(pid)
    assert not (data / "postgres" / "postmaster.pid").exists()


def test_second_start_finds_the_data_of_the_first(data: Path) -> None:
    with engines.running(data) as variables:
        query(variables, "CREATE TABLE kept AS SELECT 7 AS n")
    with engines.running(data) as variables:
        assert query(variables, "SELECT n FROM kept") == 7


def test_servers_in_the_environment_are_used_as_they_are(
    data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DB_HOST", "db.example")
    monkeypatch.setenv("REDIS_HOST", "redis.example")
    with engines.running(data) as variables:
        assert variables == {}
    assert not data.exists()


def test_second_launcher_is_refused_and_told_who_runs(data: Path) -> None:
    with (
        launcher(data) as first,
        pytest.raises(AlreadyRunningError, match=f"started by process {first.pid} "),
        engines.running(data),
    ):
        pass


def test_another_command_reaches_the_running_engines(data: Path) -> None:
    show = ["sh", "-c", "echo $DB_HOST"]
    with launcher(data):
        answer = subprocess.run(
            [*OWN_ENGINES, "use", "--data", str(data), "--", *show],
            capture_output=True,
            text=True,
            check=True,
        )
    assert answer.stdout == f"{local.run_dir(data)}\n"


@pytest.mark.parametrize("ending", [signal.SIGINT, signal.SIGTERM])
def test_launcher_passes_signals_on_and_stops_the_engines(
    data: Path, ending: signal.Signals
) -> None:
    with launcher(data) as process:
        pid = postmaster(data)
        process.send_signal(ending)
        assert process.wait() == 128 + ending
    assert not runs(pid)


def test_killed_launcher_leaves_no_server(data: Path) -> None:
    with launcher(data) as process:
        pid = postmaster(data)
        process.kill()
        wait_until_gone(pid)


def test_server_that_outlived_its_launcher_is_replaced(data: Path) -> None:
    subprocess.run([sys.executable, "-c", LEAVE_A_SERVER, str(data)], check=True)
    stray = postmaster(data)
    assert runs(stray)
    with engines.running(data) as variables:
        assert query(variables, "SELECT 1") == 1
        assert postmaster(data) != stray
    assert not runs(stray)


def test_pid_file_that_names_a_stranger_harms_nobody(
    data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cluster = data / "postgres"
    cluster.mkdir(parents=True)
    (cluster / "postmaster.pid").write_text(f"{os.getppid()}\n")
    killed: list[tuple[int, int]] = []
    monkeypatch.setattr("os.kill", lambda *call: killed.append(call))
    postgres.end_stray(cluster)
    assert killed == []


@pytest.mark.parametrize("sign", postgres.DISK_IS_FULL)
def test_full_disk_is_one_clear_line(
    data: Path, monkeypatch: pytest.MonkeyPatch, sign: str
) -> None:
    failed = subprocess.CompletedProcess([], 1, stderr=f"FATAL: oops\nHINT: {sign}.")
    monkeypatch.setattr(postgres, "_initdb", lambda *_, **__: failed)
    with (
        pytest.raises(EngineError, match="the disk is full, free some space"),
        engines.running(data),
    ):
        pass
    assert [path.name for path in data.glob("postgres*")] == []


def test_folder_that_cannot_be_made_is_one_clear_line(data: Path) -> None:
    data.parent.joinpath("data").write_text("a file, not a folder")
    with pytest.raises(EngineError, match=r"^Cannot write .*/data") as caught:
        engines.held(data / "deeper").__enter__()
    assert "\n" not in str(caught.value)


def test_folder_of_another_user_is_refused(
    data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data.mkdir()
    monkeypatch.setattr("os.geteuid", lambda: os.getuid() + 1)
    with (
        pytest.raises(EngineError, match=f"belongs to user number {os.getuid()}"),
        engines.running(data),
    ):
        pass


def test_data_of_another_major_version_is_refused(data: Path) -> None:
    (data / "postgres").mkdir(parents=True)
    (data / "postgres" / "PG_VERSION").write_text("9\n")
    with (
        pytest.raises(EngineError, match="made by PostgreSQL 9, .* set PG_BINDIR"),
        engines.running(data),
    ):
        pass


def test_folder_without_postgresql_in_pg_bindir_is_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("PG_BINDIR", "/nowhere")
    with pytest.raises(EngineError, match="PG_BINDIR=/nowhere holds no PostgreSQL"):
        binaries.find_postgres()


def test_missing_redis_is_said_and_left_out(
    data: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sandbox.engines.redis.find_redis", lambda: None)
    with engines.running(data) as variables:
        assert "REDIS_HOST" not in variables
    assert capsys.readouterr().out == "No Redis here: using the in-process cache.\n"


def test_redis_keeps_the_name_it_was_found_by(
    data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = data / "redis-check-rdb"
    real.parent.mkdir()
    real.write_text("#!/bin/sh\n")
    real.chmod(0o755)
    link = data / "redis-server"
    link.symlink_to(real)
    monkeypatch.setenv("PATH", str(data))
    assert binaries.find_redis() == link


def test_programs_that_others_cannot_reach_are_copied_once(
    data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    program = data / "closed" / "bin" / "server"
    program.parent.mkdir(parents=True)
    program.write_text("#!/bin/sh\n")
    program.chmod(0o700)
    program.parent.parent.chmod(0o700)
    copies = [
        binaries.runnable_by_others(program, root=program.parent.parent)
        for _ in range(2)
    ]
    shutil.rmtree(copies[0].parents[2])
    assert copies[0] == copies[1] != program
    assert capsys.readouterr().out.count("Copying") == 1


def test_command_keeps_its_exit_code_and_gets_the_variables() -> None:
    command = ["sh", "-c", 'test "$DB_HOST" = /socket && exit 7']
    assert run_command(command, {"DB_HOST": "/socket"}) == 7


def test_clean_refuses_while_engines_run(data: Path) -> None:
    with engines.held(data), pytest.raises(AlreadyRunningError):
        clean(data)
    assert data.exists()


def test_clean_removes_the_data(data: Path) -> None:
    with engines.held(data):
        pass
    clean(data)
    assert not data.exists()


def test_demo_names_every_taken_port() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken, socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port, unused = taken.getsockname()[1], free.getsockname()[1]
        free.close()
        with pytest.raises(EngineError, match=rf"^In use on 127.0.0.1: port {port}\."):
            refuse_taken_ports([port, unused])
