"""Secrets are taken out of text, wherever in a log call they stand."""

import io
import json
import logging
import string
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from karima.logs import FIELDS, logging_config
from karima.scrubbing import scrub

TABLE = [
    ("password=hunter2", 'password="[redacted]"'),
    (r'{"password": "a\"b", "x": 1}', '{"password": "[redacted]", "x": 1}'),
    ("{'password': 'it is', 'x': 1}", "{'password': \"[redacted]\", 'x': 1}"),
    (r'"{\"otp\": \"123456\"}"', r'"{\"otp\": "[redacted]"}"'),
    ("Authorization: Bearer abc.def", 'Authorization: "[redacted]"'),
    ("authorization=Basic YTpi", 'authorization="[redacted]"'),
    ("authorization: Api-Key krm_x", 'authorization: "[redacted]"'),
    ("key krm_0a1b2c3d_x-Y_z9 seen", "key [api-key] seen"),
    ("X-Session-Token: abcdef", 'X-Session-Token: "[redacted]"'),
    ("Cookie: a=1; ory_kratos_session=xyz", "Cookie: [redacted]"),
    ("Set-Cookie: s=1; Path=/", "Set-Cookie: [redacted]"),
    ("used SB-Mid-server-abc_123 today", "used [midtrans-key] today"),
    ("used Mid-client-abc_123 today", "used [midtrans-key] today"),
    ("token ory_st_AbC123 seen", "token [ory-token] seen"),
    ("got eyJhbGciOiJI.eyJzdWIiOiIx.c2ln", "got [jwt]"),
    ("postgres://u:p4ss@db/x", "postgres://u:[redacted]@db/x"),
    ("redis://:p4ss@cache:6379/0", "redis://:[redacted]@cache:6379/0"),
    ("to budi@karima.example", "to b***@karima.example"),
    ("call +6281234567801 or 081234567801", "call [phone] or [phone]"),
    ("card 4811 1111 1111 1114", "card [pan]"),
    ("order KRM-261123-000123 VA 1234567890123456", None),
    ("order KRM-20261123-000123", None),
    ("a\r\nb", "a\\r\\nb"),
]


@pytest.mark.parametrize(("text", "clean"), TABLE)
def test_table(text: str, clean: str | None) -> None:
    assert scrub(text) == (text if clean is None else clean)


def test_long_word_of_a_stranger_costs_little() -> None:
    """With patterns that begin with an unbounded run this takes most of a minute."""
    assert scrub("a" * 100_000) == "a" * 100_000


# How a secret stands in what programs write: `{}` is the secret.
SHAPES = st.sampled_from(
    [
        "password={}", 'password="{}"', "'password': '{}'", '{{"password": "{}"}}',
        "passwd: {}", "server_key={}", '"serverKey": "{}"', "api_key={}", "apikey={}",
        "secret={}", "JWT: {}", "token={}", "access_token={}", "refresh_token: {}",
        '"session_token": "{}"', "signature_key={}", "otp={}", "cvv={}", "dsn={}",
        "Authorization: Bearer {}", "Authorization: Basic {}", "X-Session-Token: {}",
        "Cookie: a=1; b={}; c=2", "Set-Cookie: s={}; Path=/", "ory_kratos_session={}",
        "ory_st_{}", "ory_at_{}", "Mid-server-{}", "SB-Mid-client-{}",
        "postgres://karima:{}@db:5432/karima", "rediss://:{}@cache:6379/0",
        "smtps://user:{}@smtp.example:465/", "/break-glass/{}",
    ]
)  # fmt: skip
SECRETS = st.text(string.ascii_letters + string.digits, min_size=12, max_size=64)
# What stands around it; words end where the secret begins.
WORDS = st.lists(
    st.sampled_from(
        ["order", "paid", "{", "}", "%", ",", "[", "\n", "\r\n", "é", '"', "=", "100%"]
    ),
    max_size=6,
).map(" ".join)
PLACES = st.sampled_from(["message", "argument", "mapping", "error", "cause", *FIELDS])


def log(logger: logging.Logger, place: str, text: str) -> None:
    """Log the text in one of the places that a call has."""
    if place == "message":
        logger.error(text.replace("%", "%%"))
    elif place == "argument":
        logger.error("failed: %s of %s", text, [text])
    elif place == "mapping":
        logger.error("failed: %(what)s", {"what": text})
    elif place in FIELDS:
        logger.error("failed", extra={place: text})
    else:
        log_error(logger, text, as_cause=place == "cause")


def log_error(logger: logging.Logger, text: str, *, as_cause: bool) -> None:
    """Log an error whose text holds the secret, or that of what caused it."""
    try:
        try:
            raise KeyError(text)
        except KeyError as error:
            if as_cause:
                raise RuntimeError("outer") from error
            raise
    except (KeyError, RuntimeError):
        logger.exception("failed")


def written(place: str, text: str, *, as_json: bool) -> str:
    """Return what the shop's formatter makes of the call."""
    formatter: dict[str, Any] = dict(
        logging_config("DEBUG", json=as_json)["formatters"]["structured"]
    )
    make = formatter.pop("()")
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(make(**formatter))
    logger = logging.Logger("tests.scrubbing", "DEBUG")
    logger.addHandler(handler)
    log(logger, place, text)
    return stream.getvalue()


@settings(max_examples=300, deadline=None)
@given(
    shape=SHAPES, secret=SECRETS, before=WORDS, after=WORDS, place=PLACES,
    as_json=st.booleans(),
)  # fmt: skip
def test_secret_anywhere_in_a_call_never_reaches_the_line(
    shape: str, secret: str, before: str, after: str, place: str, as_json: bool
) -> None:
    told = f"{before} {shape.format(secret)} {after}"
    line = written(place, told, as_json=as_json)
    assert secret not in line


@settings(max_examples=100, deadline=None)
@given(text=st.text(max_size=80), place=PLACES)
def test_call_is_one_line_of_json_whatever_it_holds(text: str, place: str) -> None:
    lines = written(place, text, as_json=True).split("\n")
    assert lines[1:] == [""]
    assert json.loads(lines[0])["level"] == "error"
