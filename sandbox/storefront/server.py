"""Serve the storefront's files, as any host of static pages would."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

from flask import Flask, Response, send_from_directory
from flask.typing import ResponseReturnValue
from werkzeug.security import safe_join

from sandbox.server import Server

SITE = Path(__file__).with_name("site")
SERVICE = "Storefront"

Mode = Literal["cookie", "handoff", "token"]

# As the files say it; another installation changes them there.
API_URL_IN_FILES = "http://127.0.0.1:8080"
MODE_IN_FILES = 'mode: "cookie"'
CONFIGURED = ("index.html", "js/config.js")


class Storefront:
    """The running storefront; `api_url` and `mode` may change while it runs."""

    def __init__(self, *, host: str, port: int, api_url: str, mode: Mode) -> None:
        self.api_url = api_url
        self.mode = mode
        self._server = Server(self._app(), service=SERVICE, host=host, port=port)
        self.url = self._server.url

    def stop(self) -> None:
        """Stop answering and free the port."""
        self._server.stop()

    def _app(self) -> Flask:
        app = Flask(__name__, static_folder=None)

        @app.get("/")
        @app.get("/<path:path>")
        def show(path: str = "index.html") -> ResponseReturnValue:
            return self._file(path)

        return app

    def _file(self, path: str) -> Response:
        """Return the file; every other path is a page of the one application."""
        found = safe_join(str(SITE), path)
        name = path if found and Path(found).is_file() else "index.html"
        if name in CONFIGURED:
            text = self._configured((SITE / name).read_text("utf-8"))
            kind = "text/html" if name.endswith("html") else "text/javascript"
            answer = Response(text, content_type=f"{kind}; charset=utf-8")
        else:
            answer = send_from_directory(SITE, name)
        answer.headers["Cache-Control"] = "no-cache"
        answer.headers["X-Content-Type-Options"] = "nosniff"
        # A page cannot say this of itself.
        answer.headers["Content-Security-Policy"] = "frame-ancestors 'none'"
        return answer

    def _configured(self, text: str) -> str:
        text = text.replace(API_URL_IN_FILES, self.api_url)
        return text.replace(MODE_IN_FILES, f'mode: "{self.mode}"')


@contextmanager
def run_storefront(
    *,
    host: str = "127.0.0.1",
    port: int = 0,
    api_url: str = API_URL_IN_FILES,
    mode: Mode = "cookie",
) -> Iterator[Storefront]:
    """Run the storefront for the length of a `with` block; port 0 takes a free one.

    Raises `PortTaken`.
    """
    storefront = Storefront(host=host, port=port, api_url=api_url, mode=mode)
    try:
        yield storefront
    finally:
        storefront.stop()
