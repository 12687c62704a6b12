"""deploy/release.sh, with an engine that only remembers what it was asked."""

import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.karima.processes import ROOT

# Stands for docker: there is no registry here. It says what files beside it say.
ENGINE = """#!/bin/sh
here=$(dirname "$0")
echo "$*" >> "$here/asked"
case "$*" in
    build*) echo sha256:new ;;
    "image inspect karima_store_backend:"*) test -e "$here/exists" ;;
    *stand-in.key*) cat "$here/stand-in" ;;
    *image.version*) echo v1.0.0 ;;
    *RepoDigests*) echo registry/karima@sha256:pushed ;;
esac
"""


@dataclass(frozen=True)
class Checkout:
    """A repository with one commit, and the engine beside it."""

    folder: Path
    engine: Path

    def git(self, *arguments: str) -> str:
        author = ("-c", "user.name=Test", "-c", "user.email=test@localhost")
        command = ["git", "-C", str(self.folder), *author, *arguments]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        return done.stdout

    def release(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [str(self.folder / "deploy/release.sh"), *arguments],
            env={"PATH": os.environ["PATH"], "ENGINE": str(self.engine / "docker")},
            capture_output=True,
            text=True,
            check=False,
        )

    @property
    def asked(self) -> str:
        record = self.engine / "asked"
        return record.read_text("utf-8") if record.exists() else ""


@pytest.fixture
def checkout(tmp_path: Path) -> Checkout:
    made = Checkout(tmp_path / "checkout", tmp_path / "engine")
    (made.folder / "deploy").mkdir(parents=True)
    shutil.copy2(ROOT / "deploy/release.sh", made.folder / "deploy")
    made.engine.mkdir()
    (made.engine / "docker").write_text(ENGINE, "utf-8")
    (made.engine / "docker").chmod(0o755)
    (made.engine / "stand-in").write_text("", "utf-8")
    made.git("init", "-q")
    made.git("add", "-A")
    made.git("commit", "-q", "-m", "First")
    return made


def test_a_release_is_built_tagged_and_its_digest_shown(checkout: Checkout) -> None:
    done = checkout.release("v1.0.0", "push")
    assert done.returncode == 0, done.stderr
    assert "registry/karima@sha256:pushed" in done.stdout
    assert "VERSION=v1.0.0" in checkout.asked
    assert "push karima_store_backend:v1.0.0" in checkout.asked
    assert checkout.git("tag").split() == ["v1.0.0"]


def test_nothing_is_pushed_unless_asked(checkout: Checkout) -> None:
    assert checkout.release("v1.0.0").returncode == 0
    assert "push" not in checkout.asked


def test_an_image_made_on_a_stand_in_is_never_pushed(checkout: Checkout) -> None:
    (checkout.engine / "stand-in").write_text("5098c6a0\n", "utf-8")
    done = checkout.release("v1.0.0", "push")
    assert done.returncode == 1
    assert "stand-in" in done.stderr
    assert "\npush " not in checkout.asked
    assert "\ntag " not in checkout.asked
    assert checkout.git("tag") == ""


def test_changes_that_are_not_committed_are_refused(checkout: Checkout) -> None:
    (checkout.folder / "new").touch()
    done = checkout.release("v1.0.0")
    assert (done.returncode, checkout.asked) == (1, "")
    assert "not committed" in done.stderr


def test_a_version_that_names_another_commit_is_refused(checkout: Checkout) -> None:
    checkout.git("tag", "v1.0.0")
    checkout.git("commit", "-q", "--allow-empty", "-m", "Second")
    done = checkout.release("v1.0.0")
    assert (done.returncode, checkout.asked) == (1, "")
    assert "another commit" in done.stderr


def test_an_image_that_exists_is_not_built_anew(checkout: Checkout) -> None:
    (checkout.engine / "exists").touch()
    done = checkout.release("v1.0.0")
    assert done.returncode == 1
    assert "take the next number" in done.stderr
    assert "build" not in checkout.asked


@pytest.mark.parametrize("version", ["", "latest", "1.0.0", "v1", "v1.0.0/x"])
def test_a_version_has_three_numbers(checkout: Checkout, version: str) -> None:
    done = checkout.release(version)
    assert (done.returncode, checkout.asked) == (1, "")
