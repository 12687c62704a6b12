"""The proxy that ends TLS: hosts, headers and what it remembers."""

import http.client
import ssl
from collections.abc import Iterator

import pytest
from flask import Flask, Response, jsonify, request

from sandbox.edge import Behind, Edge, run_edge
from sandbox.server import Server


@pytest.fixture(scope="module")
def behind() -> Iterator[str]:
    app = Flask(__name__)

    @app.route("/<path:path>", methods=["GET", "POST"])
    def echo(path: str) -> Response:
        answer = jsonify(
            host=request.host,
            scheme=request.headers.get("X-Forwarded-Proto"),
            body=request.get_data(as_text=True),
        )
        answer.headers.add("Set-Cookie", "one=1")
        answer.headers.add("Set-Cookie", "two=2")
        return answer

    with Server(app, service="echo", host="127.0.0.1", port=0) as server:
        yield server.url


@pytest.fixture
def edge() -> Iterator[Edge]:
    with run_edge(["karima.example"]) as server:
        yield server


def ask(
    edge: Edge, method: str = "GET", body: str | None = None, **headers: str
) -> tuple[http.client.HTTPResponse, bytes]:
    trusting = ssl._create_unverified_context()  # noqa: S323 its own certificate
    connection = http.client.HTTPSConnection(
        "127.0.0.1", edge.port, context=trusting, timeout=10
    )
    with_host = {"Host": "karima.example", **headers}
    connection.request(method, "/a/path?b=c", body, with_host)
    answer = connection.getresponse()
    content = answer.read()
    connection.close()
    return answer, content


def test_host_and_scheme_reach_the_server_behind(edge: Edge, behind: str) -> None:
    edge.route = lambda host, path: Behind(behind)
    answer, content = ask(edge, "POST", "words")
    assert b'"host":"karima.example"' in content
    assert b'"scheme":"https"' in content
    assert b'"body":"words"' in content
    assert answer.headers.get_all("Set-Cookie") == ["one=1", "two=2"]


def test_host_may_be_another_behind(edge: Edge, behind: str) -> None:
    edge.route = lambda host, path: Behind(behind, host="api.example")
    assert b'"host":"api.example"' in ask(edge)[1]


def test_what_passed_is_remembered(edge: Edge, behind: str) -> None:
    edge.route = lambda host, path: Behind(behind)
    ask(edge, Cookie="a=1; b=2", Origin="https://karima.example")
    (passed,) = edge.passed
    assert (passed.method, passed.host, passed.path) == (
        "GET", "karima.example", "/a/path",
    )  # fmt: skip
    assert passed.cookies == {"a", "b"}
    assert passed.set_cookies == ("one=1", "two=2")
    assert passed.origin == "https://karima.example"


def test_unknown_host_is_not_found(edge: Edge) -> None:
    edge.route = lambda host, path: None
    assert ask(edge)[0].status == 404
