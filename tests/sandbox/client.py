"""Ask a stand-in over HTTP, and compare answers with the contracts' examples."""

import json
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import urllib3

CONTRACTS = Path(__file__).resolve().parents[1] / "contracts"


def ask(
    method: str,
    url: str,
    *,
    body: Any = None,
    form: dict[str, str] | None = None,
    headers: dict[str, str] | None = None,
) -> urllib3.BaseHTTPResponse:
    """Return the answer to one request: no redirects, no retries, no cookie jar."""
    content = urlencode(form) if form else None
    kind = {"Content-Type": "application/x-www-form-urlencoded"} if form else {}
    return urllib3.request(
        method,
        url,
        json=body,
        body=content,
        headers={**(headers or {}), **kind},
        redirect=False,
        retries=False,
        timeout=10,
    )


def example(path: str) -> Any:
    """Return an example of the contracts, for instance `midtrans/api/snap-201.json`."""
    return json.loads((CONTRACTS / path).read_text(encoding="utf-8"))


def shape(value: Any) -> Any:
    """Return the value with every scalar replaced by the name of its type."""
    if isinstance(value, dict):
        return {name: shape(item) for name, item in value.items()}
    if isinstance(value, list):
        return [shape(item) for item in value[:1]]
    return type(value).__name__
