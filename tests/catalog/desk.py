"""What the tests of the merchandiser's desk send, as the pages' forms would."""

import html
import re
from typing import Any

from django.http import HttpResponse
from django.urls import reverse

ADMIN = "karima.urls.admin"
FIELD = re.compile(r"<input[^>]*>", re.S)
PART = re.compile(r'([\w-]+)="([^"]*)"')


def url(name: str, *args: Any, **query: Any) -> str:
    """Return an address of the admin's pages for the catalogue."""
    page = reverse(f"admin:catalog_{name}", ADMIN, args=args)
    rows = [
        f"{key}={value}"
        for key, values in query.items()
        for value in (values if isinstance(values, list) else [values])
    ]
    return f"{page}?{'&'.join(rows)}" if rows else page


def form_of(response: HttpResponse) -> dict[str, Any]:
    """Return the fields of the page's inputs as a browser would send them back."""
    fields: dict[str, Any] = {}
    for found in FIELD.findall(response.content.decode()):
        parts = dict(PART.findall(found))
        name, kind = parts.get("name"), parts.get("type", "text")
        is_ticked = kind not in {"checkbox", "radio"} or " checked" in found
        if not name or not is_ticked or kind == "submit":
            continue
        value = html.unescape(parts.get("value", ""))
        if name in fields:
            before = fields[name]
            fields[name] = [*(before if isinstance(before, list) else [before]), value]
        else:
            fields[name] = value
    return fields


def text_of(response: HttpResponse) -> str:
    """Return the page's text."""
    return html.unescape(response.content.decode())
