"""The kinds of value that an environment variable may hold.

No message names the value: it may be a secret that somebody pasted in the wrong place.
"""

import ipaddress
import re
from datetime import datetime
from typing import Annotated, Any
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator

DURATION_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
SIZE_BYTES = {"": 1, "B": 1, "KB": 1024, "MB": 1024**2, "GB": 1024**3}


def split_commas(value: Any) -> Any:
    """Return the trimmed, non-empty parts of a comma separated text."""
    if not isinstance(value, str):
        return value
    return tuple(part.strip() for part in value.split(",") if part.strip())


def check_url(value: str) -> str:
    """Return an http or https URL without its trailing slash."""
    parts = urlsplit(value)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError("must be a URL that begins with http:// or https://")
    if re.search(r"\s", value) or "@" in parts.netloc:
        raise ValueError("must be a URL without spaces and without a password")
    return value.rstrip("/")


def check_origin(value: str) -> str:
    """Return a browser origin: scheme, host and port, nothing else."""
    if value in ("*", "null"):
        raise ValueError("must name each origin in full")
    parts = urlsplit(check_url(value))
    if value != f"{parts.scheme}://{parts.netloc}":
        raise ValueError("must be origins such as https://example.com, without a path")
    if value != value.lower():
        raise ValueError("must be in lower case, as browsers send it")
    return value


def check_no_repeats(values: tuple[str, ...]) -> tuple[str, ...]:
    if len(set(values)) != len(values):
        raise ValueError("names the same value twice")
    return values


def check_host(value: str) -> str:
    """Return a host name as `Host` headers carry it, without scheme, port or path."""
    if not re.fullmatch(r"\*|\.?[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*|\[[0-9a-f:]+\]", value):
        raise ValueError("must be host names, without scheme, port or path")
    return value.lower()


def check_network(value: str) -> str:
    """Return an address or a network in CIDR notation."""
    try:
        return str(ipaddress.ip_network(value, strict=False))
    except ValueError:
        raise ValueError("must be addresses or networks such as 10.0.0.0/8") from None


def parse_moment(value: Any) -> Any:
    """Return the moment that an ISO 8601 text with its offset names."""
    if not isinstance(value, str):
        return value
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        raise ValueError("must be a moment such as 2026-11-23T14:30:00Z")
    return moment


def parse_duration(value: Any) -> Any:
    """Return seconds from `90`, `90s`, `5m`, `24h` or `7d`."""
    if not isinstance(value, str):
        return value
    match = re.fullmatch(r"(\d+)([smhd]?)", value)
    if match is None:
        raise ValueError("must be a duration such as 30s, 5m or 24h")
    return int(match[1]) * DURATION_SECONDS[match[2] or "s"]


def parse_size(value: Any) -> Any:
    """Return bytes from `500KB` or `10MB`."""
    if not isinstance(value, str):
        return value
    match = re.fullmatch(r"(\d+)\s*([KMG]?B?)", value.upper())
    if match is None or match[2] not in SIZE_BYTES:
        raise ValueError("must be a size such as 500KB or 10MB")
    return int(match[1]) * SIZE_BYTES[match[2]]


Url = Annotated[str, AfterValidator(check_url)]
Texts = Annotated[tuple[str, ...], BeforeValidator(split_commas)]
Urls = Annotated[
    tuple[Url, ...],
    BeforeValidator(split_commas),
    AfterValidator(check_no_repeats),
]
Hosts = Annotated[
    tuple[Annotated[str, AfterValidator(check_host)], ...],
    BeforeValidator(split_commas),
]
Origins = Annotated[
    tuple[Annotated[str, AfterValidator(check_origin)], ...],
    BeforeValidator(split_commas),
    AfterValidator(check_no_repeats),
]
Networks = Annotated[
    tuple[Annotated[str, AfterValidator(check_network)], ...],
    BeforeValidator(split_commas),
]
Moment = Annotated[datetime, BeforeValidator(parse_moment)]
Seconds = Annotated[int, BeforeValidator(parse_duration)]
Bytes = Annotated[int, BeforeValidator(parse_size)]
Timeouts = Annotated[tuple[float, float], BeforeValidator(split_commas)]
