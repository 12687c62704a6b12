"""Ask one running version: probe.py URL ready | smoke VERSION | version.

Exit 0 when it answers as it should, 1 with one line when it does not. `version` prints
what it says that it is. Needs nothing but
Python, since deploy.sh also feeds it to the Python of a container.
"""

import json
import sys
import urllib.error
import urllib.request

TIMEOUT_SECONDS = 5
# Nobody is signed in, and nothing is written: an order without a customer is refused.
SMOKE = (
    ("GET", "/health/live", 200),
    ("GET", "/api/v1/products?limit=1", 200),
    ("GET", "/api/v1/categories", 200),
    ("GET", "/api/v1/auth/me", 401),
    ("POST", "/api/v1/checkout", 401),
)


class UnfitError(Exception):
    """The version does not answer as it should; the text says how."""


def call(url: str, method: str, path: str) -> tuple[int, bytes]:
    """Return the status and the body of an answer, as the proxy would have asked."""
    request = urllib.request.Request(  # noqa: S310  deploy.sh gives http
        url + path,
        method=method,
        data=b"{}" if method == "POST" else None,
        headers={"X-Forwarded-Proto": "https", "Content-Type": "application/json"},
    )
    try:
        with urllib.request.urlopen(request, timeout=TIMEOUT_SECONDS) as answer:  # noqa: S310
            return answer.status, answer.read()
    except urllib.error.HTTPError as error:
        return error.code, error.read()
    except OSError as error:
        raise UnfitError(f"{method} {path}: {error}") from error


def expect(url: str, method: str, path: str, status: int) -> None:
    """Raise `UnfitError` unless the answer has the status."""
    found, body = call(url, method, path)
    if found != status:
        raise UnfitError(
            f"{method} {path}: {found} instead of {status}: {body[:200]!r}"
        )


def version_of(url: str) -> str:
    """Return what the running shop says that it is."""
    _, body = call(url, "GET", "/health")
    return str(json.loads(body).get("version"))


def smoke(url: str, version: str) -> None:
    """Raise `UnfitError` unless it is this version and the main paths answer."""
    for method, path, status in SMOKE:
        expect(url, method, path, status)
    found = version_of(url)
    if found != version:
        raise UnfitError(f"it says that it is {found}, not {version}")


def main(url: str, what: str, *rest: str) -> str | None:
    """Return what is wrong, in one line, or nothing."""
    try:
        if what == "smoke":
            smoke(url, *rest)
        elif what == "version":
            print(version_of(url))
        else:
            expect(url, "GET", "/health/ready", 200)
    except (UnfitError, ValueError) as error:
        return f"{url}: {error}"
    return None


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
