"""Sign out, and look after one's own sessions."""

from urllib.parse import urlencode

from flask import Blueprint, Response, g, jsonify, request
from flask.typing import ResponseReturnValue

from sandbox.kratos import csrf
from sandbox.kratos.answers import (
    checked_return_to,
    forward,
    see_other,
    take_session,
    wants_json,
)
from sandbox.kratos.errors import (
    FORBIDDEN,
    UNAUTHORIZED,
    Refused,
    bad_request,
    error,
    not_found,
)
from sandbox.kratos.sessions import Session, session_body
from sandbox.kratos.store import Store
from sandbox.kratos.whoami import NO_CREDENTIALS, current_session

TOKEN_MISMATCH = (
    "Unable to log out because the logout token in the URL query does not match the "
    "session cookie."
)
UNKNOWN_TOKEN = (
    "The provided Session Token could not be found, is invalid, or otherwise malformed."
)


def leaving_blueprint(store: Store) -> Blueprint:
    """Return the logout of browsers and API clients, and people's own sessions."""
    public = Blueprint("leaving", __name__)
    _add_logout(public, store)
    _add_sessions(public, store)

    @public.errorhandler(Refused)
    def refuse(refused: Refused) -> Response:
        return forward(store, refused.answer)

    return public


def _add_logout(public: Blueprint, store: Store) -> None:
    @public.get("/self-service/logout/browser")
    def offer() -> ResponseReturnValue:
        session = _asked_by(store)
        return_to = request.args.get("return_to", "")
        query = {"token": session.logout_token}
        if return_to:
            query["return_to"] = return_to
        url = f"{store.base_url}/self-service/logout?{urlencode(query)}"
        return jsonify(logout_url=url, logout_token=session.logout_token)

    @public.get("/self-service/logout")
    def log_out() -> ResponseReturnValue:
        return _log_out(store)

    @public.delete("/self-service/logout/api")
    def log_out_api() -> ResponseReturnValue:
        return _log_out_token(store)


def _signed_in(store: Store) -> Session:
    session = current_session(store)
    if session is None:
        raise Refused(error(401, message=UNAUTHORIZED, reason=NO_CREDENTIALS))
    return session


def _asked_by(store: Store) -> Session:
    """Return the session of a request that is answered in JSON in any case."""
    g.api_flow = True
    return _signed_in(store)


def _log_out(store: Store) -> Response:
    token = request.args.get("token", "")
    if not token:
        return forward(store, bad_request("Please include a token in the URL query."))
    session = _signed_in(store)
    if token != session.logout_token:
        problem = error(403, message=FORBIDDEN, reason=TOKEN_MISMATCH)
        return forward(store, problem)
    wanted = checked_return_to(store, request.args)
    store.revoke(session)
    csrf.renew()
    if wants_json():
        return take_session(store, Response(status=204))
    return take_session(store, see_other(wanted or store.settings.logout_return_url))


def _log_out_token(store: Store) -> ResponseReturnValue:
    body = request.get_json(silent=True)
    token = body.get("session_token") if isinstance(body, dict) else None
    if not isinstance(token, str) or not token:
        return bad_request("The request body must hold a session_token.")
    session = store.sessions.get(token)
    if session is None:
        return error(403, message=FORBIDDEN, reason=UNKNOWN_TOKEN)
    store.revoke(session)
    return "", 204


def _add_sessions(public: Blueprint, store: Store) -> None:
    @public.get("/sessions")
    def others() -> ResponseReturnValue:
        present = _asked_by(store)
        person = store.identities[present.identity_id]
        return jsonify(
            [
                session_body(session, person, base_url=store.base_url)
                for session in store.sessions_of(person.id)
                if session.id != present.id
            ]
        )

    @public.delete("/sessions")
    def end_others() -> ResponseReturnValue:
        return jsonify(count=store.revoke_others(_asked_by(store)))

    @public.delete("/sessions/<session_id>")
    def end_one(session_id: str) -> ResponseReturnValue:
        present = _asked_by(store)
        if session_id == present.id:
            return bad_request("Cannot revoke current session. Use the logout flow.")
        for session in store.sessions_of(present.identity_id):
            if session.id == session_id:
                store.revoke(session)
                return "", 204
        return not_found()
