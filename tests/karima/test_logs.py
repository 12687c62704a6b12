import io
import json
import logging
import logging.config
import random
import string
from collections.abc import Iterator
from typing import Any

import pytest

from karima import request_id
from karima.logs import logging_config
from karima.scrubbing import scrub


class Lines:
    """A logger of its own with the shop's formatter, and what it wrote."""

    def __init__(self, *, as_json: bool) -> None:
        config = logging_config("DEBUG", json=as_json)
        formatter = dict(config["formatters"]["structured"])
        make = formatter.pop("()")
        self.stream = io.StringIO()
        handler = logging.StreamHandler(self.stream)
        handler.setFormatter(make(**formatter))
        self.logger = logging.getLogger("tests.logs")
        self.logger.handlers = [handler]
        self.logger.propagate = False
        self.logger.setLevel("DEBUG")

    @property
    def text(self) -> str:
        return self.stream.getvalue()

    @property
    def last(self) -> dict[str, Any]:
        return json.loads(self.text.splitlines()[-1])


@pytest.fixture
def lines() -> Iterator[Lines]:
    written = Lines(as_json=True)
    yield written
    written.logger.handlers = []


def test_line_is_json_with_the_known_fields(lines: Lines) -> None:
    request_id.begin("r-1")
    lines.logger.info("request", extra={"method": "GET", "status": 200})
    request_id.end()
    line = lines.last
    assert line.pop("ts").endswith("Z")
    assert line == {
        "event": "request",
        "level": "info",
        "logger": "tests.logs",
        "request_id": "r-1",
        "method": "GET",
        "status": 200,
    }


def test_unknown_fields_are_dropped(lines: Lines) -> None:
    lines.logger.info("x", extra={"body": "private", "headers": {"a": "b"}})
    assert set(lines.last) == {"event", "level", "logger", "ts"}


def test_arguments_and_tracebacks_are_scrubbed(lines: Lines) -> None:
    try:
        raise ValueError("token=ory_st_abcdef0123456789")
    except ValueError:
        lines.logger.exception("password=%s", "hunter2")
    assert "hunter2" not in lines.text
    assert "ory_st_abc" not in lines.text
    assert "Traceback" in lines.last["exception"]


def test_console_lines_are_scrubbed_too() -> None:
    lines = Lines(as_json=False)
    lines.logger.info("Authorization: Bearer abc.def")
    assert "abc.def" not in lines.text
    lines.logger.handlers = []


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        ("password=hunter2", 'password="[redacted]"'),
        (r'{"password": "a\"b", "x": 1}', '{"password": "[redacted]", "x": 1}'),
        ("Authorization: Bearer abc.def", 'Authorization: "[redacted]"'),
        ("Cookie: a=1; ory_kratos_session=xyz", "Cookie: [redacted]"),
        ("Set-Cookie: s=1; Path=/", "Set-Cookie: [redacted]"),
        ("used SB-Mid-server-abc_123 today", "used [midtrans-key] today"),
        ("token ory_st_AbC123 seen", "token [ory-token] seen"),
        ("got eyJhbGciOiJI.eyJzdWIiOiIx.c2ln", "got [jwt]"),
        ("postgres://u:p4ss@db/x", "postgres://u:[redacted]@db/x"),
        ("redis://:p4ss@cache:6379/0", "redis://:[redacted]@cache:6379/0"),
        ("to budi@karima.example", "to b***@karima.example"),
        ("call +6281234567801 or 081234567801", "call [phone] or [phone]"),
        ("card 4811 1111 1111 1114", "card [pan]"),
        ("order KRM-261123-000123 VA 1234567890123456", None),
        ("a\r\nb", "a\\r\\nb"),
    ],
)
def test_scrubber_table(text: str, clean: str | None) -> None:
    assert scrub(text) == (text if clean is None else clean)


def test_long_word_of_a_stranger_costs_little() -> None:
    """With patterns that begin with an unbounded run this takes most of a minute."""
    assert scrub("a" * 100_000) == "a" * 100_000


SHAPES = [
    "password={}", '"server_key": "{}"', "Authorization: Bearer {}", "Cookie: a={}",
    "session_token={}", "https://user:{}@host/path", "ory_st_{}", "signature_key={}",
]  # fmt: skip


@pytest.mark.parametrize("seed", range(50))
def test_a_random_secret_never_reaches_the_line(lines: Lines, seed: int) -> None:
    chance = random.Random(seed)  # noqa: S311 repeatable, guards nothing
    secret = "".join(chance.choices(string.ascii_letters + string.digits, k=24))
    told = chance.choice(SHAPES).format(secret)
    words = [chance.choice(["order", "paid", "{", "}", "%", ","]) for _ in range(4)]
    words.insert(chance.randrange(5), told)
    place = chance.randrange(3)
    try:
        raise ValueError(" ".join(words) if place == 0 else "x")
    except ValueError:
        if place == 1:
            lines.logger.error("failed: %s", " ".join(words), exc_info=True)
        else:
            reason = " ".join(words) if place == 2 else ""
            lines.logger.error("failed", exc_info=True, extra={"reason": reason})
    assert secret not in lines.text
