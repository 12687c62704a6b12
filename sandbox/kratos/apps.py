"""Put the public and the admin application together."""

from collections.abc import Callable
from dataclasses import dataclass, fields, replace

from flask import Flask, Response, jsonify, redirect, request
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import HTTPException

from sandbox.control import control_blueprint
from sandbox.faults import Faults
from sandbox.kratos.admin import admin_blueprint
from sandbox.kratos.answers import add_csrf_cookie, give_session
from sandbox.kratos.errors import bad_request, error, json_error
from sandbox.kratos.inbox import inbox_blueprint
from sandbox.kratos.leaving import leaving_blueprint
from sandbox.kratos.selfservice import selfservice_blueprint
from sandbox.kratos.sessions import Session
from sandbox.kratos.settings import BrowserSettings
from sandbox.kratos.store import Store
from sandbox.kratos.whoami import whoami_blueprint

CORS_METHODS = "GET, POST, PUT, PATCH, DELETE"
CORS_HEADERS = "Authorization, Content-Type, X-Session-Token, X-CSRF-Token"


@dataclass(frozen=True, slots=True)
class Controls:
    """What the control paths of the public application may do."""

    faults: Faults
    reset: Callable[[], None]
    grant: Callable[[str], Session | None]


def public_app(store: Store, controls: Controls) -> Flask:
    """Return the public API, the inbox and the control paths."""
    app = _app(store)
    app.register_blueprint(whoami_blueprint(store))
    app.register_blueprint(selfservice_blueprint(store))
    app.register_blueprint(leaving_blueprint(store))
    app.register_blueprint(inbox_blueprint(store))
    app.register_blueprint(control_blueprint(controls.faults, controls.reset))
    _add_controls(app, store, controls)
    _add_browser_manners(app, store)
    return app


def _add_controls(app: Flask, store: Store, controls: Controls) -> None:
    @app.post("/sandbox/sessions")
    def make_session() -> ResponseReturnValue:
        session = controls.grant(str(request.get_json().get("identifier", "")))
        if session is None:
            return jsonify(error="There is no identity with this identifier."), 404
        cookie = store.seal.seal(session)
        answer = jsonify(token=session.token, cookie=cookie, session_id=session.id)
        return give_session(store, answer, session)

    @app.patch("/sandbox/settings")
    def change_settings() -> ResponseReturnValue:
        changes = request.get_json()
        unknown = set(changes) - {field.name for field in fields(BrowserSettings)}
        if unknown:
            return jsonify(error=f"unknown: {', '.join(sorted(unknown))}"), 400
        lists = {key: tuple(v) for key, v in changes.items() if isinstance(v, list)}
        store.settings = replace(store.settings, **(changes | lists))
        return "", 204


def _add_browser_manners(app: Flask, store: Store) -> None:
    @app.before_request
    def answer_early() -> ResponseReturnValue | None:
        if request.method == "OPTIONS" and request.headers.get("Origin"):
            return "", 204
        return _without_trailing_slash()

    @app.after_request
    def add_headers(answer: Response) -> Response:
        origin = request.headers.get("Origin", "")
        if origin in store.settings.allowed_origins:
            answer.headers["Access-Control-Allow-Origin"] = origin
            answer.headers["Access-Control-Allow-Credentials"] = "true"
            answer.headers["Access-Control-Expose-Headers"] = "Content-Type"
            if request.method == "OPTIONS":
                answer.headers["Access-Control-Allow-Methods"] = CORS_METHODS
                answer.headers["Access-Control-Allow-Headers"] = CORS_HEADERS
        answer.vary.add("Origin")
        return add_csrf_cookie(store, answer)


def _without_trailing_slash() -> ResponseReturnValue | None:
    if request.path == "/" or not request.path.endswith("/"):
        return None
    code = 301 if request.method == "GET" else 307
    path = request.full_path.rstrip("?").replace("/?", "?").rstrip("/")
    return redirect(path, code)


def admin_app(store: Store) -> Flask:
    """Return the admin API, which sends paths without its prefix to it."""
    app = _app(store)
    app.register_blueprint(admin_blueprint(store))

    @app.before_request
    def add_prefix() -> ResponseReturnValue | None:
        if request.path.startswith(("/admin/", "/health/")):
            return None
        return redirect(f"/admin{request.full_path.rstrip('?')}", 307)

    return app


def _app(store: Store) -> Flask:
    app = Flask(__name__, static_folder=None)
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
