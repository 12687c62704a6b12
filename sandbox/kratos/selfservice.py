"""The API flows: sign in, register, sign out."""

from typing import Any

from flask import Blueprint, Response, jsonify, request
from flask.typing import ResponseReturnValue

from sandbox.kratos.errors import (
    FORBIDDEN,
    UNAUTHORIZED,
    bad_request,
    error,
    not_found,
)
from sandbox.kratos.flows import (
    DUPLICATE_IDENTIFIER,
    MISSING_PROPERTY,
    PASSWORD_POLICY,
    WRONG_CREDENTIALS,
    Flow,
    flow_body,
    message,
)
from sandbox.kratos.identities import (
    Identity,
    Json,
    new_identity,
    now,
    public_body,
    timestamp,
)
from sandbox.kratos.sessions import new_session, session_body
from sandbox.kratos.store import Store
from sandbox.kratos.whoami import find_token

MIN_PASSWORD = 8
TRAITS = {"email", "name", "phone"}
BROWSER_HEADER = (
    'The HTTP Request Header included the "{}" key, indicating that this request was '
    "made as part of an AJAX request in a Browser. The flow however was initiated as "
    "an API request. To prevent potential misuse and mitigate several attack vectors "
    "including CSRF, the request has been blocked. Please consult the documentation."
)


def selfservice_blueprint(store: Store, base_url: str) -> Blueprint:
    """Return login, registration and logout of API clients."""
    public = Blueprint("selfservice", __name__, url_prefix="/self-service")

    @public.get("/<any(login, registration):kind>/api")
    def begin(kind: str) -> ResponseReturnValue:
        return _refused_as_browser() or _begin(store, kind, base_url)

    @public.get("/<any(login, registration):kind>/flows")
    def show(kind: str) -> ResponseReturnValue:
        flow = store.flows.get(request.args.get("id", ""))
        if flow is None or flow.kind != kind:
            return not_found()
        return _expired(store, flow) or jsonify(flow_body(flow, base_url=base_url))

    @public.post("/<any(login, registration):kind>")
    def submit(kind: str) -> ResponseReturnValue:
        return _submit(store, kind, base_url)

    @public.delete("/logout/api")
    def log_out() -> ResponseReturnValue:
        return _log_out(store)

    return public


def _submit(store: Store, kind: str, base_url: str) -> ResponseReturnValue:
    flow = store.flows.get(request.args.get("flow", ""))
    if flow is None or flow.kind != kind:
        return not_found()
    refused = _refused_as_browser() or _expired(store, flow)
    if refused:
        return refused
    body = request.get_json(silent=True)
    if not isinstance(body, dict) or body.get("method") != "password":
        return bad_request("Could not find a strategy to use for this flow.")
    act = _log_in if kind == "login" else _register
    return act(store, flow, body, base_url)


def _refused_as_browser() -> Response | None:
    """Return the refusal of a request that a browser may have made.

    Cloudflare's own cookies are the only ones that an API client may carry.
    """
    if request.headers.get("Origin"):
        return bad_request(BROWSER_HEADER.format("Origin"))
    if any(not name.startswith(("__cf", "_cf", "cf_")) for name in request.cookies):
        return bad_request(BROWSER_HEADER.format("Cookie"))
    return None


def _begin(store: Store, kind: str, base_url: str) -> Response:
    token = find_token(store)
    session = store.valid_session(token) if token else None
    refresh = request.args.get("refresh") == "true"
    aal = request.args.get("aal", "aal1")
    if aal == "aal2" and session is None:
        return error(
            401,
            message=UNAUTHORIZED,
            reason="You must first log in before you can use a second factor.",
            error_id="session_aal1_required",
        )
    if session and not refresh and aal == "aal1":
        return bad_request(
            "A valid session was detected and thus login is not possible. Did you "
            "forget to set `?refresh=true`?",
            error_id="session_already_available",
        )
    flow = Flow(kind=kind, request_url=request.url, refresh=refresh, requested_aal=aal)
    store.flows[flow.id] = flow
    return jsonify(flow_body(flow, base_url=base_url))


def _expired(store: Store, flow: Flow) -> Response | None:
    if not flow.is_expired:
        return None
    fresh = Flow(kind=flow.kind, request_url=flow.request_url)
    store.flows[fresh.id] = fresh
    late = now() - flow.expires_at
    minutes = late.total_seconds() / 60
    return error(
        410,
        message=f"The {flow.kind} flow expired {minutes:.2f} minutes ago, please "
        "try again.",
        reason="The self-service flow has expired.",
        error_id="self_service_flow_expired",
        beside={
            "expired_at": timestamp(flow.expires_at),
            "since": int(late.total_seconds() * 1_000_000_000),
            "use_flow_id": fresh.id,
        },
    )


def _log_in(store: Store, flow: Flow, body: Json, base_url: str) -> ResponseReturnValue:
    identifier = str(body.get("identifier") or body.get("password_identifier") or "")
    identity = store.by_identifier(identifier)
    if identity is None or identity.password != body.get("password"):
        answer = flow_body(
            flow,
            base_url=base_url,
            values={"identifier": identifier},
            form_messages=[message(WRONG_CREDENTIALS)],
        )
        return jsonify(answer), 400
    if identity.state != "active":
        return error(401, message=UNAUTHORIZED, reason="Identity is not active.")
    return jsonify(_signed_in(store, flow, identity, base_url))


def _signed_in(store: Store, flow: Flow, identity: Identity, base_url: str) -> Json:
    session = new_session(
        identity.id,
        ip_address=f"{request.remote_addr}:{request.environ.get('REMOTE_PORT', 0)}",
        user_agent=request.headers.get("User-Agent", ""),
    )
    store.add_session(session)
    del store.flows[flow.id]
    # The person stays hidden until the second factor is given.
    shown = None if identity.second_factor else identity
    return {
        "session_token": session.token,
        "session": session_body(session, shown, base_url=base_url),
    }


def _register(
    store: Store, flow: Flow, body: Json, base_url: str
) -> ResponseReturnValue:
    traits = body.get("traits")
    typed = traits if isinstance(traits, dict) else {}
    errors = _registration_errors(typed, str(body.get("password") or ""))
    identity = None
    if not errors:
        identity = new_identity(typed, password=str(body["password"]))
    if identity is None or not store.add_identity(identity):
        taken = [] if errors else [message(DUPLICATE_IDENTIFIER)]
        answer = flow_body(
            flow,
            base_url=base_url,
            values={f"traits.{name}": value for name, value in typed.items()},
            form_messages=taken,
            field_messages=errors,
        )
        return jsonify(answer), 400
    done = _signed_in(store, flow, identity, base_url)
    done["identity"] = public_body(identity, base_url=base_url)
    return jsonify({**done, "continue_with": None})


def _registration_errors(traits: Json, password: str) -> dict[str, list[Json]]:
    errors: dict[str, list[Json]] = {}
    email: Any = traits.get("email")
    if not email:
        errors["traits.email"] = [
            message(MISSING_PROPERTY, "Property email is missing.")
        ]
    elif not isinstance(email, str) or email.count("@") != 1:
        text = f'"{email}" is not valid "email"'
        errors["traits.email"] = [message(4000001, text)]
    unknown = sorted(set(traits) - TRAITS)
    if unknown:
        text = f'additionalProperties "{unknown[0]}" not allowed'
        errors.setdefault("traits.email", []).append(message(4000001, text))
    if len(password) < MIN_PASSWORD:
        reason = (
            f"password length must be at least {MIN_PASSWORD} characters but only "
            f"got {len(password)}"
        )
        text = f"The password can not be used because the {reason}."
        errors["password"] = [
            message(PASSWORD_POLICY, text, context={"reason": reason})
        ]
    return errors


def _log_out(store: Store) -> ResponseReturnValue:
    body = request.get_json(silent=True)
    token = body.get("session_token") if isinstance(body, dict) else None
    if not isinstance(token, str) or not token:
        return bad_request("The request body must hold a session_token.")
    session = store.sessions.get(token)
    if session is None:
        return error(
            403,
            message=FORBIDDEN,
            reason="The provided Session Token could not be found, is invalid, or "
            "otherwise malformed.",
        )
    store.revoke(session)
    return "", 204
