"""Start the stand-in for Cloudflare Access, and control it from Python."""

from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPException
from pathlib import Path

from flask import Flask, jsonify, redirect, render_template, request
from flask.typing import ResponseReturnValue

from sandbox.access.issuer import (
    AUD,
    ISSUER,
    Claims,
    Issuer,
    SigningKey,
    load_or_new_key,
    sign,
)
from sandbox.access.people import STAFF
from sandbox.access.proxy import forward
from sandbox.control import control_blueprint
from sandbox.faults import Faults, FaultyApp, RecordedRequest
from sandbox.server import Server

COOKIE = "CF_Authorization"
METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]
CERTS_PATH = "/cdn-cgi/access/certs"
DEFAULT_UPSTREAM = "http://127.0.0.1:8080"


class Access:
    """The running stand-in: issuer and proxy on one port.

    `url` is the proxy, `certs_url` the key set, `issuer` and `aud` what a verifier
    must expect. `faults.set(..., path=CERTS_PATH)` disturbs the key set only.
    """

    def __init__(
        self, *, upstream: str, host: str, port: int, state: Path | None
    ) -> None:
        self.upstream = self._first_upstream = upstream
        self.faults = Faults()
        self._issuer = Issuer(load_or_new_key(state), audience=AUD, issuer=ISSUER)
        self._first_key = self._issuer.keys[0]
        self._app = FaultyApp(self._flask(), self.faults, keep_bodies=False)
        self._server = Server(self._app, service="Access", host=host, port=port)
        self.url = self._server.url
        self.certs_url = self.url + CERTS_PATH
        self.issuer = ISSUER
        self.aud = AUD

    def reset(self) -> None:
        """Go back to the first key alone and the first upstream; no faults."""
        self.faults.clear()
        self.upstream = self._first_upstream
        self._issuer.keys = [self._first_key]
        self._app.requests.clear()

    def stop(self) -> None:
        """Stop the server."""
        self.faults.clear()
        self._server.stop()

    @property
    def requests(self) -> list[RecordedRequest]:
        """Return the requests since the last reset, without their bodies."""
        return list(self._app.requests)

    @property
    def certs_count(self) -> int:
        """Return how often the key set was fetched since the last reset."""
        return sum(item.path == CERTS_PATH for item in self.requests)

    @property
    def key(self) -> SigningKey:
        """Return the key that signs now."""
        return self._issuer.keys[0]

    def rotate_key(self) -> SigningKey:
        """Sign with a new key; the old one stays in the key set."""
        return self._issuer.rotate()

    def withdraw_old_keys(self) -> None:
        """Leave only the present key in the key set."""
        self._issuer.withdraw_old()

    def publish(self, key: SigningKey) -> None:
        """Put another key into the key set without signing with it."""
        self._issuer.keys.append(key)

    def claims(self, email: str = "citra@karima.example") -> Claims:
        """Return the claims of a good token, to be spoilt by a test."""
        return self._issuer.claims(email)

    def mint(
        self,
        email: str = "citra@karima.example",
        *,
        claims: Claims | None = None,
        key: SigningKey | None = None,
        header: Claims | None = None,
    ) -> str:
        """Return a token for this person.

        `claims` replaces single claims (a value of None leaves the claim out),
        `key` signs with another key, `header` replaces fields of the JWT header.
        """
        wanted = self._issuer.claims(email) | (claims or {})
        present = {name: value for name, value in wanted.items() if value is not None}
        return sign(present, key or self.key, header=header)

    def _flask(self) -> Flask:
        app = Flask(__name__, static_folder=None)
        app.register_blueprint(control_blueprint(self.faults, self.reset))

        @app.get(CERTS_PATH)
        def certs() -> ResponseReturnValue:
            return jsonify(self._issuer.jwks())

        @app.post("/cdn-cgi/access/choose")
        def choose() -> ResponseReturnValue:
            return self._choose()

        @app.get("/cdn-cgi/access/logout")
        def forget() -> ResponseReturnValue:
            answer = app.make_response(_sign_in_page(then="/admin/", left=True))
            answer.delete_cookie(COOKIE, httponly=True, samesite="Lax")
            return answer

        @app.route("/", defaults={"path": ""}, methods=METHODS)
        @app.route("/<path:path>", methods=METHODS)
        def proxy(path: str) -> ResponseReturnValue:
            return self._proxy()

        return app

    def _choose(self) -> ResponseReturnValue:
        email = request.form.get("email", "")
        if email not in {person.email for person in STAFF}:
            return _sign_in_page(then="/"), 400
        answer = redirect(_local(request.form.get("then", "/")), 303)
        answer.set_cookie(
            COOKIE, self.mint(email), httponly=True, samesite="Lax", path="/"
        )
        return answer

    def _proxy(self) -> ResponseReturnValue:
        token = request.cookies.get(COOKIE, "")
        claims = self._issuer.verify(token) if token else None
        if claims is None:
            then = request.full_path.rstrip("?") if request.method == "GET" else "/"
            return _sign_in_page(then=then), 403 if request.method != "GET" else 200
        try:
            return forward(self.upstream, token=token, email=str(claims["email"]))
        except (OSError, HTTPException):
            return render_template("unreachable.html", upstream=self.upstream), 502


def _sign_in_page(*, then: str, left: bool = False) -> str:
    return render_template("choose.html", staff=STAFF, then=_local(then), left=left)


def _local(path: str) -> str:
    """Return the path if it stays on this host, else the root."""
    plain = path.startswith("/") and not path.startswith(("//", "/\\"))
    return path if plain else "/"


@contextmanager
def run_access(
    *,
    upstream: str = DEFAULT_UPSTREAM,
    host: str = "127.0.0.1",
    port: int = 0,
    state: Path | None = None,
) -> Iterator[Access]:
    """Run Access for the length of a `with` block; port 0 takes a free one.

    `upstream` is the shop behind the proxy. `state` is a folder that keeps the
    signing key. Raises `PortTaken`.
    """
    access = Access(upstream=upstream, host=host, port=port, state=state)
    try:
        yield access
    finally:
        access.stop()
