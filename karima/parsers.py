"""Read request bodies strictly, so that what was checked is what was sent."""

import json
from collections.abc import Mapping
from typing import IO, Any, NoReturn

from rest_framework.exceptions import ParseError
from rest_framework.parsers import BaseParser

# One mebibyte: a hundred times the largest body that the API documents.
MAX_BYTES = 1024 * 1024
MAX_DEPTH = 32

QUOTE, BACKSLASH, OPENING, CLOSING = 34, 92, (91, 123), (93, 125)


class StrictJSONParser(BaseParser):
    """UTF-8 JSON only: no duplicate members, no NaN, at most 32 levels and 1 MiB.

    The stock parser answers 500 to deep nesting and lets the last of two equal
    members win, which another reader of the same body may see otherwise.
    """

    media_type = "application/json"

    def parse(
        self,
        stream: IO[Any],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> Any:
        body = stream.read(MAX_BYTES + 1)
        if len(body) > MAX_BYTES:
            _refuse("body_too_large")
        if _depth(body) > MAX_DEPTH:
            _refuse("too_deep")
        return parse_json(body)


def parse_json(body: bytes) -> Any:
    """Return the value that the bytes stand for. Raises ParseError with its code."""
    try:
        return json.loads(
            body.decode("utf-8"),
            object_pairs_hook=_members,
            parse_constant=_refuse_constant,
        )
    except (ValueError, RecursionError) as error:
        raise ParseError(str(error), code="malformed_json") from error


def _members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        _refuse("duplicate_member")
    return members


def _refuse_constant(constant: str) -> NoReturn:
    _refuse("bad_number")


def _refuse(code: str) -> NoReturn:
    raise ParseError(code, code=code)


def _depth(body: bytes) -> int:
    """Return the deepest nesting, found before the recursive decoder runs."""
    deepest = depth = 0
    in_string = escaped = False
    for byte in body:
        if in_string:
            in_string = escaped or byte != QUOTE
            escaped = byte == BACKSLASH and not escaped
        elif byte == QUOTE:
            in_string = True
        elif byte in OPENING:
            depth += 1
            deepest = max(deepest, depth)
        elif byte in CLOSING:
            depth -= 1
    return deepest
