"""Print a Kratos session token: `python -m sandbox.token EMAIL PASSWORD`.

It speaks Kratos's API flow for logins, so it works with the stand-in and with Kratos.
"""

import json
import os
import sys
import urllib.error
import urllib.request
from typing import Any

from sandbox.environment import KRATOS_URL

TIMEOUT = 10


def sign_in(kratos: str, *, email: str, password: str) -> str:
    """Return a session token. Raises what urllib raises, `HTTPError` for a refusal."""
    flow = _ask(f"{kratos}/self-service/login/api")
    login = {"method": "password", "identifier": email, "password": password}
    return str(_ask(flow["ui"]["action"], login)["session_token"])


def _ask(url: str, body: dict[str, str] | None = None) -> Any:
    headers = {"Accept": "application/json", "Content-Type": "application/json"}
    data = json.dumps(body).encode() if body else None
    request = urllib.request.Request(url, data=data, headers=headers)
    with urllib.request.urlopen(request, timeout=TIMEOUT) as answer:
        return json.load(answer)


def main(arguments: list[str]) -> int:
    """Print the token, or one line that says why there is none."""
    if len(arguments) != 2 or not all(arguments):
        print("usage: make token EMAIL=... PASSWORD=...", file=sys.stderr)
        return 2
    kratos = os.environ.get("KRATOS_PUBLIC_URL", KRATOS_URL)
    email, password = arguments
    try:
        print(sign_in(kratos, email=email, password=password))
    except urllib.error.HTTPError as error:
        reason = "e-mail or password is wrong" if error.code == 400 else str(error)
    except (urllib.error.URLError, OSError) as error:
        reason = f"no Kratos answers at {kratos} ({error})"
    else:
        return 0
    print(f"karima: no token: {reason}.", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
