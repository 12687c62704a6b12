"""Run one WSGI application on a port of its own, in a background thread."""

import errno
import socket
import threading
from types import TracebackType
from typing import Self

from werkzeug.serving import WSGIRequestHandler, make_server

from sandbox.faults import WSGIApplication

POLL_SECONDS = 0.05


class PortTaken(Exception):
    """Another process already listens on the port that a service wants."""

    def __init__(self, service: str, *, host: str, port: int) -> None:
        super().__init__(
            f"{service}: port {port} on {host} is taken. Stop the program that "
            "listens there, or choose another port."
        )


class QuietHandler(WSGIRequestHandler):
    """Handle requests without a line on the terminal for each of them."""

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Say nothing: the tests and the demo read their own records."""


def listen(service: str, *, host: str, port: int) -> socket.socket:
    """Return a socket that listens on the port, or on a free one for port 0.

    Raises `PortTaken` when somebody else listens there.
    """
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        listener.listen(128)
    except OSError as error:
        listener.close()
        if error.errno == errno.EADDRINUSE:
            raise PortTaken(service, host=host, port=port) from None
        raise
    return listener


def address(host: str, listener: socket.socket) -> str:
    """Return the URL at which this machine reaches the socket, without a slash."""
    shown = "127.0.0.1" if host == "0.0.0.0" else host
    return f"http://{shown}:{listener.getsockname()[1]}"


class Server:
    """An HTTP server with its address known before the first request.

    `listener` is a socket that listens already, for an application that must know
    its address; the server takes it over.
    """

    def __init__(
        self,
        app: WSGIApplication,
        *,
        service: str,
        host: str,
        port: int,
        listener: socket.socket | None = None,
    ) -> None:
        with listener or listen(service, host=host, port=port) as listener:
            self._server = make_server(
                host,
                port,
                app,
                threaded=True,
                request_handler=QuietHandler,
                fd=listener.fileno(),
            )
            self.url = address(host, listener)
        self._thread = threading.Thread(
            target=self._server.serve_forever,
            args=(POLL_SECONDS,),
            name=f"sandbox {service}",
            daemon=True,
        )
        self._thread.start()

    def stop(self) -> None:
        """Stop answering and free the port."""
        self._server.shutdown()
        self._thread.join()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()
