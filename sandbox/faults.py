"""Make a stand-in misbehave on demand, and remember what it was asked."""

import contextlib
import io
import socket
import threading
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any, NoReturn

from werkzeug.wrappers import Request, Response

StartResponse = Callable[..., Any]
WSGIApplication = Callable[[dict[str, Any], StartResponse], Iterable[bytes]]

CONTROL_PREFIX = "/sandbox/"
REQUESTS_KEPT = 2000
OVERSIZE_BYTES = 1024 * 1024
FOREIGN_IDENTITY = "01990000-0000-7000-8000-0000deadbeef"
IDENTITY_HEADER = "X-Kratos-Authenticated-Identity-Id"


class Fault(StrEnum):
    """What can go wrong between the shop and an outside service."""

    DOWN = "down"  # The connection closes without an answer, nothing is done.
    SLOW = "slow"  # The answer comes after `seconds`.
    HANG = "hang"  # The work is done, the answer is lost after `seconds`.
    GARBAGE = "garbage"  # 200 with a body that is not JSON.
    HTML = "html"  # 403 with the HTML page of a proxy.
    REDIRECT = "redirect"  # 302 to another host.
    RATE_LIMITED = "rate_limited"  # 429 of a proxy.
    SERVER_ERROR = "server_error"  # 500.
    UNAVAILABLE = "unavailable"  # 503.
    OVERSIZE = "oversize"  # 200 with a body of one mebibyte.
    HEADER_MISMATCH = "header_mismatch"  # Kratos's header names another identity.


@dataclass(frozen=True, slots=True)
class ActiveFault:
    """A fault that is switched on: how long, how often and on which paths."""

    kind: Fault
    seconds: float
    times: int | None
    path: str


@dataclass(frozen=True, slots=True)
class RecordedRequest:
    """A request as it arrived. Header names are in lower case."""

    method: str
    path: str
    query: str
    headers: dict[str, str]
    body: bytes


class Faults:
    """The switch board of one stand-in. All methods are safe between threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._active: ActiveFault | None = None
        self._released = threading.Event()

    def set(
        self,
        kind: Fault | str,
        *,
        seconds: float = 0,
        times: int | None = None,
        path: str = "",
    ) -> None:
        """Switch one fault on, in place of the one before.

        `times` ends it after so many requests (None: until `clear`). `path`
        limits it to the paths that begin so.
        """
        with self._lock:
            self._active = ActiveFault(Fault(kind), seconds, times, path)
            self._released = threading.Event()

    def clear(self) -> None:
        """Switch the fault off and let go of the requests that wait in it."""
        with self._lock:
            self._active = None
            self._released.set()

    def take(self, path: str) -> ActiveFault | None:
        """Return the fault that this request meets, and count it."""
        with self._lock:
            fault = self._active
            if fault is None or not path.startswith(fault.path):
                return None
            if fault.times is not None:
                left = fault.times - 1
                self._active = replace(fault, times=left) if left > 0 else None
            return fault

    def wait(self, seconds: float) -> None:
        """Wait so long, or until `clear`."""
        self._released.wait(seconds)


class FaultyApp:
    """A WSGI application in front of which the faults stand.

    The control paths below `/sandbox/` never meet a fault. `server_error` is the body
    of the service's own 500.
    """

    def __init__(
        self,
        app: WSGIApplication,
        faults: Faults,
        *,
        server_error: str = "Internal Server Error",
        keep_bodies: bool = True,
    ) -> None:
        self._app = app
        self._server_error = server_error
        self._faults = faults
        self._keep_bodies = keep_bodies
        self.requests: deque[RecordedRequest] = deque(maxlen=REQUESTS_KEPT)

    def __call__(
        self, environ: dict[str, Any], start_response: StartResponse
    ) -> Iterable[bytes]:
        path = str(environ.get("PATH_INFO", ""))
        if path.startswith(CONTROL_PREFIX):
            return self._app(environ, start_response)
        self.requests.append(_record(environ, keep_body=self._keep_bodies))
        fault = self._faults.take(path)
        if fault is None:
            return self._app(environ, start_response)
        return self._misbehave(fault, environ)(environ, start_response)

    def _misbehave(
        self, fault: ActiveFault, environ: dict[str, Any]
    ) -> WSGIApplication:
        match fault.kind:
            case Fault.DOWN:
                _hang_up(environ)
            case Fault.SLOW:
                self._faults.wait(fault.seconds)
                return self._app
            case Fault.HANG:
                Response.from_app(self._app, environ, buffered=True)
                self._faults.wait(fault.seconds)
                _hang_up(environ)
            case Fault.HEADER_MISMATCH:
                answer = Response.from_app(self._app, environ, buffered=True)
                answer.headers[IDENTITY_HEADER] = FOREIGN_IDENTITY
                return answer
            case Fault.SERVER_ERROR:
                return Response(
                    self._server_error, status=500, mimetype="application/json"
                )
        return CANNED[fault.kind]()


def _hang_up(environ: dict[str, Any]) -> NoReturn:
    """Close the connection under the server, which then drops the request."""
    with contextlib.suppress(OSError):
        environ["werkzeug.socket"].shutdown(socket.SHUT_RDWR)
    raise ConnectionAbortedError


def _record(environ: dict[str, Any], *, keep_body: bool) -> RecordedRequest:
    body = _keep_body(environ) if keep_body else b""
    request = Request(environ)
    return RecordedRequest(
        method=request.method,
        path=request.path,
        query=request.query_string.decode("ascii", "replace"),
        headers={name.lower(): value for name, value in request.headers.items()},
        body=body,
    )


def _keep_body(environ: dict[str, Any]) -> bytes:
    """Return the body and leave it readable for the application behind."""
    body = Request(environ).get_data(cache=False)
    environ["wsgi.input"] = io.BytesIO(body)
    environ["CONTENT_LENGTH"] = str(len(body))
    environ.pop("HTTP_TRANSFER_ENCODING", None)
    return body


def _html(status: int) -> Response:
    page = f"<html><head><title>{status}</title></head><body>Blocked</body></html>"
    return Response(page, status=status, mimetype="text/html")


CANNED: dict[Fault, Callable[[], Response]] = {
    Fault.GARBAGE: lambda: Response("{not json", mimetype="application/json"),
    Fault.HTML: lambda: _html(403),
    Fault.REDIRECT: lambda: Response(
        status=302, headers={"Location": "http://127.0.0.1:9/elsewhere"}
    ),
    Fault.RATE_LIMITED: lambda: Response(
        "Too Many Requests", status=429, headers={"Retry-After": "120"}
    ),
    Fault.UNAVAILABLE: lambda: _html(503),
    Fault.OVERSIZE: lambda: Response(
        '{"padding":"' + "x" * OVERSIZE_BYTES + '"}', mimetype="application/json"
    ),
}
