"""Look for private keys and keys of services in what git keeps. Exit status 1 if any.

Examples and tests hold keys that open nothing; ALLOWED says which files may, and what
only looks like a key.
"""

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[1]
MAX_BYTES = 2 * 1024**2
PATTERNS = {
    "private key": r"-----BEGIN (?:[A-Z]+ )*PRIVATE KEY-----",
    "Midtrans server key": r"\bMid-server-[A-Za-z0-9_-]{16,}",
    "AWS or R2 access key": r"\b(?:AKIA|ASIA)[A-Z0-9]{16}\b",
    "GitHub token": r"\b(?:ghp|gho|ghs|ghu|github_pat)_[A-Za-z0-9_]{30,}",
    "Slack token": r"\bxox[abprs]-[A-Za-z0-9-]{10,}",
    "Kratos session": r"\bory_st_[A-Za-z0-9]{32,}",
    "API key of a program": r"\bkrm_[0-9a-f]{8}_[A-Za-z0-9_-]{43}",
    "JSON web token": r"\beyJ[\w-]{16,}\.eyJ[\w-]{16,}\.[\w-]{16,}",
    "password in an address": r"\b(?:postgres(?:ql)?|rediss?|smtps?|amqp)://"
    r"[^\s:/@<>$\"'{}]+:(?!lokal@|pass@|password@|p@|test@)[^\s@/<>$\"'{}]{8,}@",
}
# Folders whose keys are made up and open nothing.
ALLOWED = ("tests/", "sandbox/")
# Files that must never be committed, whatever they hold.
FORBIDDEN = re.compile(
    r"(?:^|/)(?:\.env(?!.*\.example$)(?:\.[\w.]+)?|kratos\.private\.yml|.*\.(?:key|p12|pfx))$"
)


def tracked(folder: Path) -> list[str]:
    """Return the paths that git keeps, or would with the next commit."""
    done = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],  # noqa: S607
        cwd=folder,
        capture_output=True,
        check=True,
    )
    return [path for path in done.stdout.decode().split("\0") if path]


def suspicious(path: str, text: str) -> Iterator[str]:
    """Return what in a file looks like a secret, by kind and line; never the text."""
    if path.startswith(ALLOWED):
        return
    for kind, pattern in PATTERNS.items():
        for match in re.finditer(pattern, text):
            line = text.count("\n", 0, match.start()) + 1
            yield f"{path}:{line}: {kind}"


def main(folder: Path = PROJECT) -> int:
    found = []
    for path in tracked(folder):
        place = folder / path
        if FORBIDDEN.search(path):
            found.append(f"{path}: must not be committed")
        if place.is_file() and place.stat().st_size <= MAX_BYTES:
            text = place.read_text(encoding="utf-8", errors="replace")
            found += suspicious(path, text)
    for line in found:
        print(line)
    if found:
        print(
            "A secret that was committed is known: replace it, do not only remove it."
        )
    return int(bool(found))


if __name__ == "__main__":
    sys.exit(main())
