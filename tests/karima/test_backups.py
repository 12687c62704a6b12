"""Backups into a stand-in of R2 and back: T-7.1, T-7.2, T-7.4, and what is refused.

`make drill-restore` does the same at length, with sales, a lost server and an outage.
"""

import os
import re
import subprocess
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from psycopg import sql

from karima.preflight.records import read as preflight_report
from sandbox.lab.backups import BackedUp, backed_up
from sandbox.lab.postgres import DATABASE, checked, run_as_engine
from tests.karima.processes import ROOT

QUICK = {"fsync": "off", "archive_timeout": "0"}


@pytest.fixture(scope="module")
def lab() -> Iterator[BackedUp]:
    """A server with a full backup, a word written after it, and the log of both."""
    with backed_up(QUICK) as running:
        with database(running) as link:
            link.execute("CREATE TABLE words (word text)")
            link.execute(
                "CREATE TABLE karima_backuprun (kind text, ok boolean,"
                " duration_seconds int, finished_at timestamptz)"
            )
            link.execute("INSERT INTO words VALUES ('before the backup')")
        running.must("backup.sh", "full")
        # pgBackRest knows the end of a backup by the second, and wants a later moment.
        with database(running) as link:
            link.execute("SELECT pg_sleep(1.1)")
        yield running


def database(lab: BackedUp) -> psycopg.Connection[Any]:
    return lab.cluster.superuser(DATABASE)


def words_in(copy: Any, name: str = DATABASE) -> list[str]:
    with copy.superuser(name) as link:
        return [row[0] for row in link.execute("SELECT word FROM words ORDER BY 1")]


def test_a_backup_is_written_down(lab: BackedUp) -> None:
    with database(lab) as link:
        rows = link.execute("SELECT kind, ok FROM karima_backuprun").fetchall()
    assert ("backup_full", True) in rows


def test_what_was_deleted_comes_back_to_the_second_before(lab: BackedUp) -> None:
    """T-7.1."""
    with database(lab) as link:
        link.execute("INSERT INTO words VALUES ('after the backup')")
        moment = link.execute("SELECT clock_timestamp()::text").fetchone()
        link.execute("DELETE FROM words")
        link.execute("INSERT INTO words VALUES ('after the accident')")
    lab.wait_until_archived()
    assert moment
    lab.must("restore.sh", str(lab.folder / "copy"), "--time", moment[0])
    copy = lab.copy("copy", hot_standby="off")
    copy.start()
    try:
        assert words_in(copy) == ["after the backup", "before the backup"]
    finally:
        copy.stop()
    assert words_in(lab.cluster) == ["after the accident"]


def test_a_folder_that_holds_something_is_left_alone(lab: BackedUp) -> None:
    target = lab.folder / "kept"
    checked(["sh", "-c", f"mkdir -p {target} && echo mine > {target}/file"])
    done = lab.script("restore.sh", str(target))
    assert done.returncode == 1
    assert "--overwrite" in done.stderr
    assert (target / "file").read_text("utf-8") == "mine\n"


def test_the_folder_of_a_running_server_is_left_alone_even_if_told(
    lab: BackedUp,
) -> None:
    done = lab.script("restore.sh", str(lab.cluster.data), "--overwrite")
    assert done.returncode == 1
    assert "a server runs" in done.stderr
    lab.cluster.superuser().close()


def test_a_wrong_cipher_pass_fails_loudly(lab: BackedUp) -> None:
    """T-7.2."""
    target = lab.folder / "nothing"
    done = lab.script(
        "restore.sh", str(target), PGBACKREST_REPO1_CIPHER_PASS="not that one"
    )
    assert done.returncode != 0
    assert "ERROR" in done.stderr
    assert "PGBACKREST_REPO1_CIPHER_PASS" in done.stderr
    assert not (target / "PG_VERSION").exists()


def test_without_a_bucket_a_backup_is_an_error_and_not_a_success(
    lab: BackedUp,
) -> None:
    done = lab.script("backup.sh", "full", PGBACKREST_REPO1_S3_BUCKET="")
    assert done.returncode == 78
    assert "there is no backup" in done.stderr


@pytest.fixture(scope="module")
def identity(lab: BackedUp) -> tuple[str, str]:
    """A key pair of age: the file of the private half, and the public half."""
    path = lab.folder / "age.key"
    checked(["age-keygen", "-o", path])
    public = checked(["age-keygen", "-y", path]).strip()
    return str(path), public


def test_a_dump_restores_into_an_empty_database(
    lab: BackedUp, identity: tuple[str, str]
) -> None:
    """T-7.4."""
    with database(lab) as link:
        words = [row[0] for row in link.execute("SELECT word FROM words")]
    lab.must("dump.sh", BACKUP_AGE_RECIPIENT=identity[1])
    dumps = [key for key in lab.storage.objects() if key.startswith("dumps/")]
    assert [key.rpartition("/")[2] for key in sorted(dumps)] == [
        f"{DATABASE}.dump.age",
        "kratos.dump.age",
    ]
    body = lab.storage.client().get_object(
        Bucket="karima-pgbackup", Key=next(k for k in dumps if DATABASE in k)
    )["Body"]
    sealed = body.read()
    assert sealed.startswith(b"age-encryption.org/v1")
    with lab.cluster.superuser() as root:
        root.execute(sql.SQL("CREATE DATABASE empty"))
    out = lab.must(
        "restore-dump.sh", DATABASE, "empty", BACKUP_AGE_IDENTITY_FILE=identity[0]
    )
    assert "restored" in out or out == ""
    assert words_in(lab.cluster, "empty") == words
    again = lab.script(
        "restore-dump.sh", DATABASE, "empty", BACKUP_AGE_IDENTITY_FILE=identity[0]
    )
    assert again.returncode != 0
    assert "not empty" in again.stderr


def test_a_dump_that_fails_is_not_kept_and_not_called_good(
    lab: BackedUp, identity: tuple[str, str]
) -> None:
    before = lab.storage.objects()
    done = lab.script("dump.sh", BACKUP_AGE_RECIPIENT=identity[1], PGPORT="1")
    assert done.returncode != 0
    assert "FAILED" in done.stderr
    assert lab.storage.objects() == before


def test_the_timer_runs_it_and_preflight_is_told(lab: BackedUp) -> None:
    reports = lab.folder / "reports"
    variables = lab.variables() | {"REPORTS_DIR": str(reports)}
    run = lab.folder / "deploy/backup/run.sh"
    checked([run, "backup.sh", "diff"], variables)
    report = preflight_report(reports, "backup")
    assert report
    assert report.is_good
    assert report.summary == "backup.sh diff"
    nowhere = {"PGBACKREST_REPO1_S3_BUCKET": "nobody-made-this"}
    done = run_as_engine([run, "backup.sh", "diff"], variables | nowhere)
    assert done.returncode == 1
    report = preflight_report(reports, "backup")
    assert report
    assert report.is_good is False


def test_a_restore_with_containers_never_names_the_volume_of_the_shop() -> None:
    done = subprocess.run(
        [ROOT / "deploy/backup/run.sh", "restore.sh"],
        env={
            "PATH": os.environ["PATH"],
            "VOLUME": "karima_postgres",
            "COMPOSE": "false",
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert "REFUSED" in done.stderr


def test_the_timer_names_scripts_that_there_are() -> None:
    crontab = (ROOT / "deploy/backup/crontab").read_text("utf-8")
    scripts = re.findall(r"run\.sh (\S+)", crontab)
    assert sorted(set(scripts)) == ["backup.sh", "dump.sh", "restore-drill.sh"]
    for script in scripts:
        assert os.access(ROOT / "deploy/postgres/backup" / script, os.X_OK)


def test_smoke_says_that_the_storage_will_do(lab: BackedUp) -> None:
    done: subprocess.CompletedProcess[str] = lab.script("smoke.sh")
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1] == "BACKUP SMOKE: PASS"


def test_smoke_fails_with_a_bucket_that_is_not_there(lab: BackedUp) -> None:
    done = lab.script("smoke.sh", PGBACKREST_REPO1_S3_BUCKET="nobody-made-this")
    assert done.returncode == 1
    assert done.stdout.splitlines()[-1] == "BACKUP SMOKE: FAIL"
