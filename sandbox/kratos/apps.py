"""Put the public and the admin application together."""

from collections.abc import Callable

from flask import Flask, Response, jsonify, redirect, request
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import HTTPException

from sandbox.control import control_blueprint
from sandbox.faults import Faults
from sandbox.kratos.admin import admin_blueprint
from sandbox.kratos.errors import bad_request, error, json_error
from sandbox.kratos.selfservice import selfservice_blueprint
from sandbox.kratos.sessions import COOKIE_NAME, Session
from sandbox.kratos.store import Store
from sandbox.kratos.whoami import whoami_blueprint

GRANT = Callable[[str], Session | None]


def public_app(
    store: Store, base_url: str, faults: Faults, reset: Callable[[], None], grant: GRANT
) -> Flask:
    """Return the public API and the control paths."""
    app = _app(store)
    app.register_blueprint(whoami_blueprint(store, base_url))
    app.register_blueprint(selfservice_blueprint(store, base_url))
    app.register_blueprint(control_blueprint(faults, reset))

    @app.post("/sandbox/sessions")
    def make_session() -> ResponseReturnValue:
        session = grant(str(request.get_json().get("identifier", "")))
        if session is None:
            return jsonify(error="There is no identity with this identifier."), 404
        cookie = store.seal.seal(session)
        answer = jsonify(token=session.token, cookie=cookie, session_id=session.id)
        answer.set_cookie(COOKIE_NAME, cookie, httponly=True, samesite="Lax")
        return answer

    @app.before_request
    def redirect_trailing_slash() -> ResponseReturnValue | None:
        if request.path == "/" or not request.path.endswith("/"):
            return None
        code = 301 if request.method == "GET" else 307
        return redirect(
            request.full_path.rstrip("?").replace("/?", "?").rstrip("/"), code
        )

    return app


def admin_app(store: Store, public_url: str) -> Flask:
    """Return the admin API, which sends paths without its prefix to it."""
    app = _app(store)
    app.register_blueprint(admin_blueprint(store, public_url))

    @app.before_request
    def add_prefix() -> ResponseReturnValue | None:
        if request.path.startswith(("/admin/", "/health/")):
            return None
        return redirect(f"/admin{request.full_path.rstrip('?')}", 307)

    return app


def _app(store: Store) -> Flask:
    app = Flask(__name__)
    app.json.sort_keys = False  # type: ignore[attr-defined]  # Flask's own provider
    app.url_map.strict_slashes = True

    @app.get("/health/alive")
    def alive() -> ResponseReturnValue:
        return jsonify(status="ok")

    @app.get("/health/ready")
    def ready() -> ResponseReturnValue:
        if store.database_up:
            return jsonify(status="ok")
        return json_error(503, {"errors": {"database": "dial tcp: connection refused"}})

    @app.errorhandler(HTTPException)
    def refuse(problem: HTTPException) -> Response:
        if problem.code == 400:
            return bad_request("The request could not be read.")
        return error(problem.code or 500, message=problem.description or "")

    return app
