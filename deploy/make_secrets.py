"""Fill the env files of production with generated secrets; keep all that is set.

Needs nothing but Python. Each file is made from its example and readable by its owner
alone. A password that stands in two files is the same in both, wherever it was set.
"""

import os
import re
import secrets
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, unquote, urlsplit

PROJECT = Path(__file__).resolve().parents[1]
LINE = re.compile(r"^([A-Z][A-Z0-9_]*)=(.*)$")
PLACEHOLDER = re.compile(r"<[^<>@]*>")
# Kratos's own user in its image, who must be able to read its file.
KRATOS_UID = 10000
KRATOS_ORIGINAL = "deploy/kratos/kratos.prod.yml"
KRATOS_PRIVATE = "kratos.private.yml"
KRATOS_KEY = "<KRATOS_WEBHOOK_KEY>"
PASSWORD_IN_DSN = re.compile(r"(?<=//kratos:)[^@/]*(?=@)")


@dataclass(frozen=True)
class Secret:
    """A value that is made once, and the file and variable of each of its places."""

    make: Callable[[], str]
    places: tuple[tuple[str, str], ...]


def password() -> str:
    return secrets.token_urlsafe(32)


def long_secret() -> str:
    return secrets.token_urlsafe(48)


def cipher() -> str:
    """Return 32 characters, as Kratos's ciphers want exactly."""
    return secrets.token_hex(16)


PRODUCTION, KRATOS, MIGRATE = ".env.production", ".env.kratos", ".env.migrate"
POSTGRES, REDIS = ".env.postgres", ".env.redis"
FILES = (PRODUCTION, KRATOS, MIGRATE, POSTGRES, REDIS)
DSN = (KRATOS, "DSN")

SECRETS = (
    Secret(long_secret, ((PRODUCTION, "JWT_SECRET"),)),
    Secret(password, ((PRODUCTION, "METRICS_TOKEN"),)),
    Secret(long_secret, ((PRODUCTION, "KRATOS_WEBHOOK_KEY"),)),
    Secret(password, ((PRODUCTION, "DB_PASSWORD"), (POSTGRES, "DB_PASSWORD"))),
    Secret(password, ((PRODUCTION, "REDIS_PASSWORD"), (REDIS, "REDIS_PASSWORD"))),
    Secret(password, ((MIGRATE, "DB_PASSWORD"), (POSTGRES, "DB_MIGRATE_PASSWORD"))),
    Secret(password, ((POSTGRES, "POSTGRES_PASSWORD"),)),
    Secret(password, (DSN, (POSTGRES, "KRATOS_DB_PASSWORD"))),
    Secret(cipher, ((KRATOS, "SECRETS_DEFAULT"),)),
    Secret(cipher, ((KRATOS, "SECRETS_COOKIE"),)),
    Secret(cipher, ((KRATOS, "SECRETS_CIPHER"),)),
)


class EnvFile:
    """An env file, or what its example would make of it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        source = path if path.exists() else path.with_name(f"{path.name}.example")
        self.lines = source.read_text(encoding="utf-8").splitlines()

    def raw(self, name: str) -> str:
        """Return what stands behind the name, or an empty text."""
        found = [m[2] for m in map(LINE.match, self.lines) if m and m[1] == name]
        return found[-1] if found else ""

    def put(self, name: str, value: str) -> None:
        """Write the value where the name stands, else at the end."""
        for number, line in enumerate(self.lines):
            match = LINE.match(line)
            if match and match[1] == name:
                self.lines[number] = f"{name}={value}"
                return
        self.lines += [f"{name}={value}"]

    def open_names(self) -> Iterator[str]:
        """Return the variables that still hold a placeholder, commented ones marked."""
        for line in self.lines:
            match = LINE.match(line.removeprefix("# "))
            if match and PLACEHOLDER.search(match[2]):
                optional = " (optional)" if line.startswith("#") else ""
                yield f"{match[1]}{optional}"

    def save(self) -> None:
        """Write the file, readable by its owner alone, whole or not at all."""
        unfinished = self.path.with_name(f"{self.path.name}.unfinished")
        unfinished.unlink(missing_ok=True)
        unfinished.touch(mode=0o600)
        unfinished.write_text("\n".join([*self.lines, ""]), encoding="utf-8")
        unfinished.replace(self.path)


def clean(raw: str) -> str:
    """Return the value as programs read it: without quotes and ` # comment`."""
    quoted = re.fullmatch(r"""\s*(["'])(.*?)\1\s*(\s#.*)?""", raw)
    return quoted[2] if quoted else re.sub(r"\s#.*", "", raw).strip()


def get(file: EnvFile, name: str) -> str:
    """Return the secret that is set there, or an empty text."""
    value = clean(file.raw(name))
    if (file.path.name, name) == DSN:
        part = PASSWORD_IN_DSN.search(value)
        value = unquote(part[0]) if part else unquote(urlsplit(value).password or "")
    return "" if PLACEHOLDER.search(value) else value


def put(file: EnvFile, name: str, value: str) -> None:
    """Set the secret there; percent-encoded in the DSN, for @ : / # and %."""
    if (file.path.name, name) == DSN:
        encoded = quote(value, safe="")
        value = PASSWORD_IN_DSN.sub(lambda match: encoded, file.raw(name), count=1)
    elif re.search(r"""\s#|^\s|\s$|^["']""", value):
        value = f"'{value}'" if "'" not in value else f'"{value}"'
    file.put(name, value)


def fill(files: dict[str, EnvFile]) -> Iterator[str]:
    """Fill every place of every secret, and return where something was put."""
    for secret in SECRETS:
        places = [(files[f], name) for f, name in secret.places if f in files]
        known = [value for file, name in places if (value := get(file, name))]
        if len(set(known)) > 1:
            names = " and ".join(f"{file.path.name} {name}" for file, name in places)
            raise SystemExit(f"secrets: {names} should be the same and are not")
        value = known[0] if known else secret.make()
        for file, name in places:
            if not get(file, name):
                put(file, name, value)
                yield f"{file.path.name}: {name}"


def kratos_copy(folder: Path, key: str) -> Iterator[str]:
    """Write Kratos's file with the key of its web hook, unless there is one."""
    private = folder / KRATOS_PRIVATE
    wanted = (folder / KRATOS_ORIGINAL).read_text("utf-8").replace(KRATOS_KEY, key)
    if private.exists():
        if private.read_text(encoding="utf-8") != wanted:
            yield (
                f"{KRATOS_PRIVATE} is not {KRATOS_ORIGINAL} with the key: "
                "compare them, or remove it and run this again"
            )
        return
    private.touch(mode=0o600)
    private.write_text(wanted, encoding="utf-8")
    if os.geteuid() == 0:
        os.chown(private, KRATOS_UID, -1)
        private.chmod(0o400)
    else:
        yield f"{KRATOS_PRIVATE}: as root, chown {KRATOS_UID} and chmod 400"


def main(folder: Path = PROJECT) -> int:
    """Fill the files and print the names of what was put, and of what is left."""
    present = [f for f in FILES if (folder / f"{f}.example").exists()]
    files = {name: EnvFile(folder / name) for name in present}
    filled = list(fill(files))
    for file in files.values():
        if not file.path.exists() or any(
            f.startswith(f"{file.path.name}:") for f in filled
        ):
            file.save()
        file.path.chmod(0o600)
    notes = list(kratos_copy(folder, get(files[PRODUCTION], "KRATOS_WEBHOOK_KEY")))
    print(f"Generated: {len(filled)}")
    for line in filled:
        print(f"  {line}")
    print("To fill in by hand:")
    for name, file in files.items():
        for variable in file.open_names():
            print(f"  {name}: {variable}")
    for note in notes:
        print(f"  {note}")
    print(f"Then: python manage.py preflight --env-file {PRODUCTION}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
