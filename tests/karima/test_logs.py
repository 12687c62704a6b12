import io
import json
import logging
import logging.config
from collections.abc import Iterator
from typing import Any

import pytest

from karima import request_id
from karima.logs import logging_config


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
