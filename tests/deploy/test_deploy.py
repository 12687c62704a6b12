"""deploy.sh on real processes behind a real nginx, under constant load.

The tests share one machine: each finds a version that serves and leaves one behind.
"""

import json
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass

import psycopg
import pytest

from tests.deploy.load import SLOW_SECONDS, Load, load
from tests.deploy.stage import Stage, records, staged, wait_until_gone

# One machine for all of them, also when several workers run tests.
# A busy machine takes several times what an idle one does.
pytestmark = [pytest.mark.xdist_group("deploy"), pytest.mark.timeout(400)]

UNREADY = """
from karima.health import ReadinessView
ReadinessView.get = lambda self, request: 1 / 0
"""
UNFIT = """
from catalog.api.lists import ProductListView
ProductListView.get = lambda self, request: 1 / 0
"""
FAILS_LATER = """
from orders.api.views import CartView
CartView.get = lambda self, request: 1 / 0
"""
SOUND = "\n# As sound as the version before.\n"
JOB = "payments.tasks.forget_idempotency_keys"
JOBS = 10
OURS = """args @> '{"timestamp": 1}'"""


@dataclass(frozen=True)
class Takeover:
    """What was seen while `second` took over from `first`, in the middle of a job."""

    said: str
    seen: Load
    carts_before: int
    carts_after: int
    # Status, tries and number of the jobs.
    jobs_during: dict[str, int]
    jobs: list[tuple[str, int, int]]


@pytest.fixture(scope="module")
def machine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """Give a machine on which `first` serves."""
    with staged(tmp_path_factory.mktemp("machine")) as stage:
        stage.add_release("first")
        code, said = stage.run_script("deploy", "first")
        assert code == 0, said
        assert stage.status()["serving"] == "blue (first)"
        yield stage


@pytest.fixture(scope="module")
def takeover(machine: Stage) -> Takeover:
    """Deploy `second` under load, with a job that cannot end before it is released."""
    machine.add_release("second")
    # As if compose or a person had started what serves: nobody has written it down.
    (machine.folder / "state/current").unlink()
    carts = machine.count_carts()
    with machine.database() as watcher, load_on(machine) as seen:
        with machine.database() as holder, holder.transaction():
            holder.execute("LOCK TABLE orders_idempotencyrecord")
            add_jobs(watcher)
            wait_for_jobs(watcher, "doing", 1)
            script = machine.start_script("deploy", "second")
            begun = read_until(script, "worker: second")
            during = jobs_by_status(watcher)
        rest, _ = script.communicate(timeout=240)
        said = begun + rest
        assert script.returncode == 0, said
        wait_for_jobs(watcher, "succeeded", JOBS)
        rows = watcher.execute(
            "SELECT status::text, attempts, count(*) FROM procrastinate_jobs"  # noqa: S608
            f" WHERE {OURS} GROUP BY 1, 2"
        ).fetchall()
    return Takeover(said, seen, carts, machine.count_carts(), during, rows)


def add_jobs(connection: psycopg.Connection) -> None:
    for _ in range(JOBS):
        connection.execute(
            "INSERT INTO procrastinate_jobs (queue_name, task_name, args)"
            """ VALUES ('default', %s, '{"timestamp": 1}')""",
            [JOB],
        )


def jobs_by_status(connection: psycopg.Connection) -> dict[str, int]:
    rows = connection.execute(
        "SELECT status::text, count(*) FROM procrastinate_jobs"  # noqa: S608
        f" WHERE {OURS} GROUP BY 1"
    )
    return dict(rows.fetchall())


def wait_for_jobs(connection: psycopg.Connection, status: str, count: int) -> None:
    for _ in range(600):
        if jobs_by_status(connection).get(status, 0) >= count:
            return
        time.sleep(0.1)
    raise AssertionError(jobs_by_status(connection))


def read_until(script: subprocess.Popen[str], text: str) -> str:
    assert script.stdout is not None
    lines: list[str] = []
    for line in script.stdout:
        lines.append(line)
        if text in line:
            return "".join(lines)
    raise AssertionError("".join(lines))


def load_on(machine: Stage) -> AbstractContextManager[Load]:
    return load(machine.proxy.https_port, machine.proxy.folder / "authority.pem")


def colour_of(machine: Stage) -> str:
    return machine.status()["serving"].split()[0]


def served_version(machine: Stage) -> str:
    return str(json.loads(machine.get("/health").body)["version"])


def assert_nothing_changed(machine: Stage, before: dict[str, str]) -> None:
    assert machine.status() == before
    assert machine.processes() == {colour_of(machine), "worker"}


def assert_nobody_noticed(seen: Load, *, carts: int) -> None:
    assert seen.failures == []
    assert seen.answers > 50
    assert seen.slow > 0
    assert len(seen.carts) == carts


def test_new_version_takes_over_without_a_failed_request(takeover: Takeover) -> None:
    made = takeover.carts_after - takeover.carts_before
    assert_nobody_noticed(takeover.seen, carts=made)
    assert "DONE: second serves as green" in takeover.said
    # Before it starts, and once more when nobody writes those of the version before.
    assert takeover.said.count("products have their documents.") == 2


def test_worker_ends_its_job_and_the_next_one_does_the_others(
    takeover: Takeover,
) -> None:
    assert takeover.jobs_during == {"doing": 1, "todo": JOBS - 1}
    assert takeover.jobs == [("succeeded", 1, JOBS)]


def test_rollback_returns_to_the_version_before(
    machine: Stage, takeover: Takeover
) -> None:
    leaves, returns = (machine.status()[name] for name in ("serving", "previous"))
    carts = machine.count_carts()
    with load_on(machine) as seen:
        code, said = machine.run_script("rollback")
    assert code == 0, said
    assert_nobody_noticed(seen, carts=machine.count_carts() - carts)
    assert served_version(machine) == returns
    assert f"({machine.status()['previous']})" in leaves


def test_version_that_is_never_ready_leaves_the_old_one(machine: Stage) -> None:
    machine.add_release("unready", UNREADY)
    before, carts = machine.status(), machine.count_carts()
    with load_on(machine) as seen:
        script = machine.start_script("deploy", "unready", READY_SECONDS="6")
        read_until(script, "start: unready")
        # While it waits, nobody else may begin.
        code, said = machine.run_script("deploy", "first")
        assert (code, "Another deploy is running" in said) == (75, True)
        said, _ = script.communicate(timeout=240)
    assert script.returncode == 1
    assert "not ready within 6 s" in said
    assert f"ABORTED: {colour_of(machine)} goes on serving" in said
    assert_nobody_noticed(seen, carts=machine.count_carts() - carts)
    assert_nothing_changed(machine, before)


def test_version_that_answers_wrongly_leaves_the_old_one(machine: Stage) -> None:
    machine.add_release("unfit", UNFIT)
    before, carts = machine.status(), machine.count_carts()
    with load_on(machine) as seen:
        code, said = machine.run_script("deploy", "unfit")
    assert code == 1
    assert "/api/v1/products?limit=1: 500 instead of 200" in said
    assert_nobody_noticed(seen, carts=machine.count_carts() - carts)
    assert_nothing_changed(machine, before)


def test_version_that_ends_by_itself_leaves_the_old_one(machine: Stage) -> None:
    machine.add_release("dead", "raise RuntimeError")
    before = machine.status()
    code, said = machine.run_script("deploy", "dead")
    assert (code, "ended by itself" in said) == (1, True)
    assert_nothing_changed(machine, before)


def test_version_that_fails_under_real_requests_is_taken_back(machine: Stage) -> None:
    machine.add_release("late", FAILS_LATER)
    before = machine.status()
    script = machine.start_script("deploy", "late", WATCH_SECONDS="60")
    statuses: set[int] = set()
    while script.poll() is None:
        statuses.add(machine.get("/api/v1/cart").status)
        time.sleep(0.05)
    said, _ = script.communicate()
    assert script.returncode == 1, said
    assert "answers of 500 and more" in said
    assert statuses == {200, 500}
    assert machine.get("/api/v1/cart").status == 200
    assert_nothing_changed(machine, before)


def test_proxy_that_refuses_keeps_the_old_version(machine: Stage) -> None:
    machine.add_release("refused", SOUND)
    before = machine.status()
    broken = machine.proxy.folder / "conf.d/broken.conf"
    broken.write_text("no such line;", "utf-8")
    code, said = machine.run_script("deploy", "refused")
    broken.unlink()
    assert (code, "refused the switch" in said) == (1, True)
    assert_nothing_changed(machine, before)


def test_migration_that_fails_starts_nothing(machine: Stage) -> None:
    machine.add_release("unmigrated")
    machine.replace_manage("unmigrated", "import sys\nsys.exit('migrate' in sys.argv)")
    before = machine.status()
    code, said = machine.run_script("deploy", "unmigrated", MIGRATE_TRIES="1")
    assert (code, "the migrations of unmigrated failed" in said) == (1, True)
    assert_nothing_changed(machine, before)


def test_preflight_that_fails_keeps_the_old_version(machine: Stage) -> None:
    machine.add_release("unprepared", SOUND)
    machine.replace_manage(
        "unprepared", "import sys\nsys.exit('--app-url' in sys.argv)"
    )
    before = machine.status()
    code, said = machine.run_script("deploy", "unprepared", PREFLIGHT="required")
    assert (code, "preflight of unprepared failed" in said) == (1, True)
    assert_nothing_changed(machine, before)


def test_script_that_is_ended_takes_the_new_version_away(machine: Stage) -> None:
    machine.add_release("ended", UNREADY)
    before = machine.status()
    script = machine.start_script("deploy", "ended", READY_SECONDS="200")
    read_until(script, "start: ended")
    name = {"blue": "green", "green": "blue"}[colour_of(machine)]
    machine.wait_for_line(name, "Listening at")
    script.terminate()
    said, _ = script.communicate(timeout=240)
    assert script.returncode == 143, said
    assert "ABORTED" in said
    assert_nothing_changed(machine, before)


def test_stale_backups_stop_a_deploy_before_anything_changes(machine: Stage) -> None:
    machine.add_release("unsaved", SOUND)
    machine.replace_manage("unsaved", "import sys\nsys.exit('backups' in sys.argv)")
    before = machine.status()
    code, said = machine.run_script("deploy", "unsaved", PREFLIGHT="required")
    assert (code, "backups are not fresh" in said) == (1, True)
    assert "migrate" not in said
    assert_nothing_changed(machine, before)


def test_full_disk_stops_a_deploy_before_anything_changes(machine: Stage) -> None:
    machine.add_release("roomless", SOUND)
    before = machine.status()
    code, said = machine.run_script("deploy", "roomless", DISK_MIN_MB="999999999")
    assert (code, "MB of disk are left" in said) == (1, True)
    assert "migrate" not in said
    assert_nothing_changed(machine, before)


def test_migrations_have_a_role_of_their_own_and_the_shop_has_not(
    machine: Stage,
) -> None:
    machine.add_release("owner", SOUND)
    machine.replace_manage(
        "owner",
        "import os, sys\n"
        "role = os.environ['DB_USER'], os.environ['DB_PASSWORD']\n"
        "print(sys.argv[1], *role, flush=True)\n"
        "sys.exit('migrate' in sys.argv)",
    )
    file = machine.folder / "migrate.env"
    file.write_text("# owner\nDB_USER=karima_migrate\nDB_PASSWORD=a $(b) 'c\n", "utf-8")
    variables = {"PREFLIGHT": "required", "MIGRATE_TRIES": "1", "DB_PASSWORD": "shop's"}
    before, user = machine.status(), machine.environment["DB_USER"]
    code, said = machine.run_script(
        "deploy", "owner", MIGRATE_ENV_FILE=str(file), **variables
    )
    assert code == 1
    assert "migrate karima_migrate a $(b) 'c\n" in said
    assert f"preflight {user} shop's\n" in said
    assert_nothing_changed(machine, before)


def test_rollback_behind_a_contraction_is_refused(machine: Stage) -> None:
    before = machine.status()
    lines = {"current": "new blue 1 catalog.0009 -", "previous": "old green 1 - -"}
    with records(machine, lines):
        code, said = machine.run_script("rollback")
    assert code == 1
    assert "new took away what old needs (catalog.0009)" in said
    assert_nothing_changed(machine, before)


def test_rollback_to_a_version_built_anew_is_refused(machine: Stage) -> None:
    before = machine.status()
    lines = {"current": "new blue 1 - -", "previous": "first green 1 - -"}
    with records(machine, lines):
        code, said = machine.run_script("rollback")
    assert (code, "built anew under the same name" in said) == (1, True)
    assert_nothing_changed(machine, before)


@pytest.mark.parametrize("version", ["missing", "../first", "-x", ""])
def test_version_that_is_not_there_is_refused(machine: Stage, version: str) -> None:
    before = machine.status()
    code, said = machine.run_script("deploy", version)
    assert code == 1
    assert "not on this machine" in said or "is no version" in said
    assert_nothing_changed(machine, before)


def test_stopping_first_ends_what_was_begun_and_refuses_the_rest(
    machine: Stage,
) -> None:
    # What happens without a second colour: the load does find failures.
    colour = colour_of(machine)
    answers: list[int] = []
    seconds = SLOW_SECONDS * 2
    path = f"/slow?seconds={seconds}"
    slow = threading.Thread(target=lambda: answers.append(machine.get(path).status))
    slow.start()
    machine.wait_for_line(colour, f"slow for {seconds}")
    with load_on(machine) as seen:
        pid = machine.pid(colour)
        subprocess.run(["kill", "-TERM", str(pid)], check=True)
        wait_until_gone(pid)
        code, said = machine.run_script("start")
    slow.join()
    assert code == 0, said
    assert answers == [200]
    assert [line for line in seen.failures if line.endswith((": 502", ": 503"))]
