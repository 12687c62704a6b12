"""Collect the raw values: the process environment, one env file, and secret files.

The readers of env files differ: compose strips ` # comment` and quotes, `docker run
--env-file` hands both over as part of the value. The same rules are applied here to
every value, wherever it comes from.
"""

import os
import re
import stat
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from dotenv import dotenv_values

from karima.env.fields import OTHER_SPELLINGS, SECRETS, VARIABLES

PROJECT_ROOT = Path(__file__).resolve().parents[2]
ENV_FILES = {
    "development": ".env",
    "staging": ".env.staging",
    "production": ".env.production",
}
STRICT_FILES = (ENV_FILES["staging"], ENV_FILES["production"])
READABLE = frozenset({*VARIABLES, *OTHER_SPELLINGS})

# Container engines mount secrets here, readable by all of a container's one user.
MOUNTED_SECRETS = Path("/run/secrets")


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with one variable and how to mend it; never its value."""

    rule: str
    name: str
    mend: str

    def __str__(self) -> str:
        return f"{self.rule} {self.name}: {self.mend}"


@dataclass(frozen=True, slots=True)
class RawEnvironment:
    """Texts by variable name, and what went wrong while reading them."""

    values: Mapping[str, str]
    problems: tuple[Problem, ...] = ()


def clean(value: str) -> str:
    """Return the value without white space, one pair of quotes, or a ` # comment`.

    A comment begins with white space and #, so `p@ss#1` is whole; a value in quotes
    is left alone inside them.
    """
    quoted = re.fullmatch(r"""\s*(["'])(.*?)\1\s*(\s#.*)?""", value, re.DOTALL)
    if quoted:
        return quoted[2]
    return re.sub(r"\s#.*", "", value, flags=re.DOTALL).strip()


def read_process_and_files() -> RawEnvironment:
    """Return the process environment laid over the env file that APP_ENV selects.

    A variable that is set but empty in the process hides the file's value and so
    restores the default. `ENV_FILE` names another file; `/dev/null` means none.
    """
    path = env_file_path(os.environ)
    raw = dotenv_values(path, interpolate=False) if path else {}
    from_file = {name: value or "" for name, value in raw.items()}
    result = collect(from_file | clean_all(os.environ))
    problems = (*env_file_problems(path), *result.problems)
    return RawEnvironment(result.values, problems)


def env_file_problems(path: Path | None) -> Iterator[Problem]:
    if path and not path.exists():
        yield Problem("K000", "ENV_FILE", "names a file that does not exist")
    elif path and path.name in STRICT_FILES and others_may_read(path):
        mend = f"others can read the file; run chmod o-rwx {path.name}"
        yield Problem("K013", path.name, mend)


def env_file_path(process: Mapping[str, str]) -> Path | None:
    """Return the env file to read, or None when there is none."""
    if process.get("ENV_FILE"):
        return PROJECT_ROOT / process["ENV_FILE"]
    app_env = clean(process.get("APP_ENV", "")) or "development"
    if app_env not in ENV_FILES:
        return None
    path = PROJECT_ROOT / ENV_FILES[app_env]
    return path if path.is_file() else None


def clean_all(mapping: Mapping[str, str]) -> dict[str, str]:
    return {name: clean(value) for name, value in mapping.items()}


def collect(mapping: Mapping[str, str]) -> RawEnvironment:
    """Return the clean values that are not empty, of the variables the shop reads."""
    values = {n: value for n, value in mapping.items() if n in READABLE and value}
    problems = []
    for name in SECRETS:
        path = mapping.get(f"{name}_FILE", "")
        if path and (problem := read_secret_file(values, name=name, path=Path(path))):
            problems.append(problem)
    return RawEnvironment(with_main_spellings(values), tuple(problems))


def read_secret_file(
    values: dict[str, str], *, name: str, path: Path
) -> Problem | None:
    """Put the content of a secret's file into the values, or say why it cannot be."""
    if name in values:
        return Problem("K000", f"{name}_FILE", f"is set beside {name}; keep one")
    try:
        text = path.read_text(encoding="utf-8").rstrip("\r\n")
    except (OSError, UnicodeDecodeError):
        return Problem("K000", f"{name}_FILE", "names a file that cannot be read")
    if text:
        values[name] = text
    if others_may_read(path) and MOUNTED_SECRETS not in path.parents:
        return Problem("K013", f"{name}_FILE", "others can read the file; chmod o-rwx")
    return None


def others_may_read(path: Path) -> bool:
    return bool(path.stat().st_mode & stat.S_IROTH)


def with_main_spellings(values: Mapping[str, str]) -> dict[str, str]:
    """Return the values under their main names; a main name wins over its alias."""
    aliases = {
        OTHER_SPELLINGS[name]: values[name]
        for name in OTHER_SPELLINGS
        if name in values
    }
    return aliases | {k: v for k, v in values.items() if k not in OTHER_SPELLINGS}
