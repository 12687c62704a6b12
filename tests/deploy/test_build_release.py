"""deploy/build-release.sh on a small repository, without anything to download."""

import os
import shutil
import subprocess
import sys
import sysconfig
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.karima.processes import ROOT

PARTS = (
    *("karima", "accounts", "catalog", "orders", "payments", "templates"),
    "deploy",
)
# Compressing what collectstatic collects takes longer than all the rest.
MANAGE = """import pathlib, sys
pathlib.Path("static").mkdir()
pathlib.Path("static/asked").write_text(" ".join(sys.argv[1:]))
"""
# Makes an environment as `python3 -m venv` does, which sees the libraries of the tests.
PYTHON = """#!/bin/sh
set -e
{python} "$@"
echo {libraries} > "$(echo "$3"/lib/python*/site-packages)/tests.pth"
"""


@dataclass(frozen=True)
class Source:
    """A repository whose tag v1.0.0 is this shop; releases go beside it."""

    folder: Path

    def git(self, *arguments: str) -> None:
        author = ("-c", "user.name=Test", "-c", "user.email=test@localhost")
        command = ["git", "-C", str(self.folder / "source"), *author, *arguments]
        subprocess.run(command, check=True, capture_output=True)

    def build(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        environment = os.environ | {
            "RELEASES": str(self.releases),
            "DEPLOY_SHARED": str(self.folder / "shared"),
            "PYTHON": str(self.folder / "python"),
        }
        return subprocess.run(
            [self.folder / "source/deploy/build-release.sh", *arguments],
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )

    @property
    def releases(self) -> Path:
        return self.folder / "releases"


@pytest.fixture
def source(tmp_path: Path) -> Source:
    made = Source(tmp_path)
    left_out = shutil.ignore_patterns("__pycache__", "private", "ca")
    for name in PARTS:
        place = tmp_path / "source" / name
        shutil.copytree(ROOT / name, place, ignore=left_out)
    (tmp_path / "source/manage.py").write_text(MANAGE, "utf-8")
    (tmp_path / "source/requirements.txt").write_text("", "utf-8")
    program = tmp_path / "python"
    libraries = sysconfig.get_path("purelib")
    program.write_text(PYTHON.format(python=sys.executable, libraries=libraries))
    program.chmod(0o755)
    made.git("init", "-q")
    made.git("add", "-A")
    made.git("commit", "-q", "-m", "First")
    made.git("tag", "v1.0.0")
    return made


def test_a_version_is_laid_down_whole_and_once(source: Source) -> None:
    done = source.build("v1.0.0")
    assert done.returncode == 0, done.stderr
    release = source.releases / "v1.0.0"
    assert [path.name for path in source.releases.iterdir()] == ["v1.0.0"]
    for name in ("media", ".data/private", ".data/reports"):
        kept = source.folder / "shared" / Path(name).name
        assert (release / name).resolve() == kept
        assert kept.is_dir()
    # It has moved since it was made; `python -m` does not mind, as the unit runs it.
    python = str(release / ".venv/bin/python")
    runs = subprocess.run(
        [python, "-m", "gunicorn", "--version"], check=True, capture_output=True
    )
    assert b"gunicorn" in runs.stdout
    assert "collectstatic" in (release / "static/asked").read_text("utf-8")
    before = (release / "manage.py").stat().st_mtime_ns
    again = source.build("v1.0.0")
    assert (again.returncode, "is there already" in again.stderr) == (1, True)
    assert (release / "manage.py").stat().st_mtime_ns == before


def test_a_version_that_is_not_there_leaves_nothing(source: Source) -> None:
    done = source.build("v2.0.0")
    assert done.returncode != 0
    assert list(source.releases.iterdir()) == []
