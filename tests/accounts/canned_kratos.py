"""A Kratos that answers by path what a test has prepared."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from werkzeug.datastructures import Headers
from werkzeug.wrappers import Request, Response

from sandbox.server import Server


class CannedKratos:
    """`url` has no slash at the end; `seen` are path and headers of each request."""

    def __init__(self) -> None:
        self.url = ""
        self.seen: list[tuple[str, Headers]] = []
        self._answers: dict[str, Response] = {}

    def answer(self, path: str, document: Any, *, status: int = 200) -> None:
        """Answer requests to this path with this document from now on."""
        body = document if isinstance(document, str) else json.dumps(document)
        self._answers[path] = Response(body, status, mimetype="application/json")

    def refuse(self, path: str, status: int, identifier: str = "", **more: Any) -> None:
        """Answer requests to this path with an error of this id."""
        error = {"id": identifier, "code": status, "message": "<b>no</b>"}
        self.answer(path, {"error": error, **more}, status=status)

    def respond(self, request: Request) -> Response:
        self.seen.append((request.full_path.rstrip("?"), request.headers))
        return self._answers.get(request.path) or Response(status=500)


@contextmanager
def running_canned_kratos() -> Iterator[CannedKratos]:
    """Run it on a free port for the length of a `with` block."""
    canned = CannedKratos()
    app = Request.application(canned.respond)
    with Server(app, service="Kratos", host="127.0.0.1", port=0) as server:
        canned.url = server.url
        yield canned
