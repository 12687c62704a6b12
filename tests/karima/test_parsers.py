import io
from typing import Any

import pytest
from rest_framework.exceptions import ParseError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.test import APIRequestFactory

from karima.api import PublicView
from karima.parsers import MAX_BYTES, StrictJSONParser


class EchoView(PublicView):
    def post(self, request: Request) -> Response:
        return Response({"seen": request.data})


def parse(body: bytes) -> Any:
    return StrictJSONParser().parse(io.BytesIO(body))


@pytest.mark.parametrize(
    ("body", "value"),
    [
        (b'{"a": [1, "x", null, true]}', {"a": [1, "x", None, True]}),
        (b'"[[[[ not nesting \\" [["', '[[[[ not nesting " [['),
        (b"[" * 32 + b"]" * 32, None),
        ('{"nama": "Siti Aïsyah"}'.encode(), {"nama": "Siti Aïsyah"}),
    ],
)
def test_good_json_is_read(body: bytes, value: Any) -> None:
    parsed = parse(body)
    assert value is None or parsed == value


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b'{"price": 1, "price": 2}', "duplicate_member"),
        (b'{"a": {"b": 1, "b": 1}}', "duplicate_member"),
        (b"[" * 33 + b"]" * 33, "too_deep"),
        (b"[" * 100_000, "too_deep"),
        (b'{"a": NaN}', "bad_number"),
        (b"[Infinity]", "bad_number"),
        (b"[-Infinity]", "bad_number"),
        (b'{"a": ', "malformed_json"),
        (b"", "malformed_json"),
        (b"\xff\xfe", "malformed_json"),
        (b"{'a': 1}", "malformed_json"),
        (b"1" * 5000, "malformed_json"),
        (b'"' + b"x" * MAX_BYTES + b'"', "body_too_large"),
    ],
)
def test_bad_json_is_refused_with_its_code(body: bytes, code: str) -> None:
    with pytest.raises(ParseError) as raised:
        parse(body)
    assert raised.value.get_codes() == code


def post(body: bytes, content_type: str = "application/json") -> Any:
    request = APIRequestFactory().generic("POST", "/", body, content_type)
    return EchoView.as_view()(request)


def test_body_over_the_limit_is_413_and_a_problem() -> None:
    response = post(b'"' + b"x" * (2 * MAX_BYTES) + b'"')
    assert response.status_code == 413
    assert response["Content-Type"] == "application/problem+json"


@pytest.mark.parametrize(
    "content_type", ["text/plain", "application/x-www-form-urlencoded", "text/json"]
)
def test_other_media_types_are_415(content_type: str) -> None:
    assert post(b"a=1", content_type).status_code == 415
