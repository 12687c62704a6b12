"""deploy.sh with units of systemd: what it asks for, and that it all serves.

No systemd runs where the tests do: tests/deploy/systemd.py starts the shipped units.
"""

import json
import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.deploy import systemd
from tests.deploy.stage import Stage, staged

pytestmark = [pytest.mark.xdist_group("deploy"), pytest.mark.timeout(400)]


@pytest.fixture(scope="module")
def machine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """Give a machine on which `second` serves, after `first`."""
    folder = tmp_path_factory.mktemp("units")
    with staged(folder) as stage:
        stage.environment.update(systemd.install(folder / "systemd"))
        stage.environment.update(RUNTIME="systemd", ENV_FILE=os.devnull)
        try:
            for version in ("first", "second"):
                stage.add_release(version)
                code, said = stage.run_script("deploy", version)
                assert code == 0, said
            yield stage
        finally:
            systemd.end_all(folder / "systemd")


def state(machine: Stage) -> Path:
    return machine.folder / "systemd/state"


def units(machine: Stage) -> set[str]:
    return {path.stem for path in state(machine).glob("*.up")}


def version_of(machine: Stage) -> str:
    return str(json.loads(machine.get("/health").body)["version"])


def test_units_serve_and_come_back_after_a_reboot(machine: Stage) -> None:
    assert version_of(machine) == "second"
    assert machine.status()["serving"] == "green (second)"
    assert units(machine) == {"karima-web@green", "karima-worker"}
    asked = (state(machine) / "asked").read_text("utf-8").splitlines()
    switched = [line for line in asked if line.startswith(("--quiet", "enable", "dis"))]
    enabled = [line for line in switched if "able" in line and "web@" in line]
    assert enabled[-2:] == [
        "enable --quiet karima-web@green",
        "disable --quiet karima-web@blue",
    ]
    assert "enable --quiet karima-worker" in asked
    links = machine.folder / "systemd/links"
    for name in ("green", "worker"):
        assert (links / name).resolve() == machine.folder / "releases/second"


def test_worker_that_crashes_comes_back(machine: Stage) -> None:
    up = state(machine) / "karima-worker.up"
    first = up.read_text("ascii")
    os.kill(int(first), signal.SIGKILL)
    for _ in range(600):
        if up.exists() and up.read_text("ascii") not in ("", first):
            return
        time.sleep(0.1)
    raise AssertionError("nobody has started it again")


def test_version_that_ends_by_itself_leaves_the_old_one(machine: Stage) -> None:
    machine.add_release("dead", "raise RuntimeError")
    before = units(machine)
    code, said = machine.run_script("deploy", "dead")
    # It is started again and again meanwhile.
    assert (code, "ABORTED: green goes on serving" in said) == (1, True), said
    assert version_of(machine) == "second"
    assert units(machine) == before
