"""Answer `GET /sessions/whoami` as Kratos v1.1.0 does."""

from flask import Blueprint, Response, jsonify, request
from flask.typing import ResponseReturnValue

from sandbox.faults import IDENTITY_HEADER
from sandbox.kratos.errors import INTERNAL, UNAUTHORIZED, bad_request, error
from sandbox.kratos.sessions import COOKIE_NAME, Session, session_body
from sandbox.kratos.store import Store

NO_CREDENTIALS = "No valid session credentials found in the request."
AAL2_MESSAGE = "Session does not fulfill the requested Authenticator Assurance Level"
AAL2_REASON = (
    "An active session was found but it does not fulfill the requested "
    "Authenticator Assurance Level. Please verify yourself with a second factor to "
    "resolve this issue."
)


def whoami_blueprint(store: Store) -> Blueprint:
    """Return the session check of the public API."""
    public = Blueprint("whoami", __name__)

    @public.route("/sessions/whoami", methods=["GET", "POST", "PUT", "PATCH", "DELETE"])
    def whoami() -> ResponseReturnValue:
        answer = _answer(store)
        answer.headers["Cache-Control"] = "private, no-cache, no-store, must-revalidate"
        return answer

    return public


def find_token(store: Store) -> str | None:
    """Return the token of the first credential that counts, without checking it.

    Order: X-Session-Token even when it is wrong, then a cookie that decodes, then
    the bearer token.
    """
    header = request.headers.get("X-Session-Token", "")
    if header:
        return header
    cookie = _first_cookie()
    inside = store.seal.open(cookie) if cookie else None
    return inside or _bearer()


def current_session(store: Store) -> Session | None:
    """Return the session of this request if it is in order."""
    token = find_token(store)
    return store.valid_session(token) if token else None


def _first_cookie() -> str | None:
    """Return the first cookie of the name, as Go does; Flask would merge them."""
    for header in request.headers.getlist("Cookie"):
        for pair in header.split(";"):
            name, _, value = pair.strip().partition("=")
            if name == COOKIE_NAME:
                return value
    return None


def _bearer() -> str | None:
    parts = request.headers.get("Authorization", "").split(" ")
    if len(parts) == 2 and parts[0].lower() == "bearer":
        return parts[1]
    return None


def _answer(store: Store) -> Response:
    session = current_session(store)
    if session is None:
        return error(401, message=UNAUTHORIZED, reason=NO_CREDENTIALS)
    if store.needs_second_factor(session):
        return _second_factor_needed(store.base_url)
    template = request.args.get("tokenize_as")
    if template:
        return bad_request(f'Unable to find tokenizer template "{template}".')
    cookie = _first_cookie()
    if cookie and store.seal.open(cookie) is None:
        # Kratos wants to refresh the cookie beside the token and cannot read it.
        return error(500, message=INTERNAL)
    answer = _signed_in(store, session)
    if cookie and store.seal.is_older(cookie, session):
        answer.set_cookie(COOKIE_NAME, store.seal.seal(session), httponly=True)
    return answer


def _second_factor_needed(base_url: str) -> Response:
    target = {"redirect_browser_to": f"{base_url}/self-service/login/browser?aal=aal2"}
    return error(
        403,
        message=AAL2_MESSAGE,
        reason=AAL2_REASON,
        error_id="session_aal2_required",
        details=target,
        beside=target,
    )


def _signed_in(store: Store, session: Session) -> Response:
    identity = store.identities[session.identity_id]
    answer = jsonify(session_body(session, identity, base_url=store.base_url))
    answer.content_type = "application/json; charset=utf-8"
    answer.headers[IDENTITY_HEADER] = identity.id
    return answer
