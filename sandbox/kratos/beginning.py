"""Begin a flow, and show one that was begun."""

from flask import Response, g, jsonify, request

from sandbox.kratos import csrf, totp
from sandbox.kratos.answers import (
    checked_return_to,
    forward,
    login_url,
    must_go_first,
    see_other,
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
from sandbox.kratos.flows import CHOOSE_METHOD, SHOW_FORM, Flow
from sandbox.kratos.forms import flow_body
from sandbox.kratos.identities import now, timestamp
from sandbox.kratos.messages import (
    CONFIRM_IT_IS_YOU,
    FLOW_EXPIRED,
    SECOND_FACTOR_PLEASE,
    message,
)
from sandbox.kratos.sessions import Session
from sandbox.kratos.store import Store
from sandbox.kratos.whoami import AAL2_MESSAGE, AAL2_REASON, current_session

AAL1 = "aal1"
CSRF_MESSAGE = "the request was rejected to protect you from Cross-Site-Request-Forgery"
CSRF_REASON = (
    "Please retry the flow and optionally clear your cookies. The request was rejected "
    "to protect you from Cross-Site-Request-Forgery (CSRF) which could cause account "
    "takeover, leaking personal information, and other serious security issues."
)


def begin(store: Store, kind: str, transport: str) -> Response:
    """Begin a flow. Raises `Refused`."""
    g.api_flow = transport == "api"
    session = current_session(store)
    return_to = checked_return_to(store, request.args)
    early = _answer_before(store, kind, session, return_to)
    if early:
        return early
    flow = new_flow(
        store,
        kind,
        transport=transport,
        identity_id=session.identity_id if session else "",
        return_to=return_to,
    )
    if kind == "login":
        _ask_for(flow, session)
    if transport == "api" or wants_json():
        return jsonify(flow_body(store, flow))
    return see_other(store.settings.page(kind, flow.id))


def new_flow(
    store: Store, kind: str, *, transport: str, identity_id: str = "", return_to: str
) -> Flow:
    """Return a flow that begins now, and keep it."""
    flow = Flow(
        kind=kind,
        request_url=f"{store.base_url}{request.full_path.rstrip('?')}",
        type=transport,
        identity_id=identity_id,
        return_to=return_to,
        state=SHOW_FORM if kind == "settings" else CHOOSE_METHOD,
    )
    if flow.is_browser:
        flow.csrf_token = csrf.form_token(store.base_url)
    if kind == "settings":
        flow.totp_secret = totp.new_secret()
    store.flows[flow.id] = flow
    return flow


def _ask_for(flow: Flow, session: Session | None) -> None:
    flow.refresh = request.args.get("refresh") == "true"
    flow.requested_aal = request.args.get("aal", AAL1)
    if flow.refresh:
        flow.messages.append(message(CONFIRM_IT_IS_YOU))
    if session and flow.requested_aal == "aal2" and session.aal != "aal2":
        flow.messages.append(message(SECOND_FACTOR_PLEASE))


def _answer_before(
    store: Store, kind: str, session: Session | None, return_to: str
) -> Response | None:
    """Return the answer when there is nothing to begin."""
    if kind == "login":
        return _before_login(store, session, return_to)
    if kind == "settings":
        return _before_settings(store, session)
    if session and kind in ("registration", "recovery"):
        return _already_signed_in(store, kind, return_to)
    return None


def _before_login(
    store: Store, session: Session | None, return_to: str
) -> Response | None:
    aal = request.args.get("aal", AAL1)
    if session is None:
        return None if aal == AAL1 else forward(store, first_factor_missing())
    if request.args.get("refresh") == "true" or aal > session.aal:
        return None
    return _already_signed_in(store, "login", return_to)


def first_factor_missing() -> Response:
    """Return the refusal of a second factor without a first."""
    return error(
        401,
        message=UNAUTHORIZED,
        reason="You must first log in before you can use a second factor.",
        error_id="session_aal1_required",
    )


def _already_signed_in(store: Store, kind: str, return_to: str) -> Response:
    if not wants_json():
        return see_other(return_to or store.settings.default_return_url)
    hint = " Did you forget to set `?refresh=true`?" if kind == "login" else ""
    return bad_request(
        f"A valid session was detected and thus {kind} is not possible.{hint}",
        error_id="session_already_available",
    )


def _before_settings(store: Store, session: Session | None) -> Response | None:
    if session is None:
        return unauthenticated(store)
    if store.needs_second_factor(session):
        return second_factor_first(store)
    return None


def unauthenticated(store: Store) -> Response:
    """Send a stranger to sign in and back to where they asked for."""
    if not wants_json():
        here = f"{store.base_url}{request.full_path.rstrip('?')}"
        return see_other(login_url(store, return_to=here))
    return error(
        401,
        message=UNAUTHORIZED,
        reason="No active session was found in this request.",
        error_id="session_inactive",
    )


def second_factor_first(store: Store) -> Response:
    """Send a person to give their second factor and back."""
    here = f"{store.base_url}{request.full_path.rstrip('?')}"
    return must_go_first(
        login_url(store, aal="aal2", return_to=here),
        error_id="session_aal2_required",
        message=AAL2_MESSAGE,
        reason=AAL2_REASON,
    )


def show_begun(store: Store, kind: str) -> Response:
    """Return a flow to the page that shows it. Raises `Refused`."""
    g.api_flow = True  # Whoever asks here wants JSON.
    flow = store.flows.get(request.args.get("id", ""))
    if flow is None or flow.kind != kind:
        return not_found()
    if kind == "settings":
        _check_owner(store, flow)
    elif flow.is_browser and not csrf.is_ours(store.base_url, flow.csrf_token):
        raise Refused(csrf_violation())
    return _gone(store, flow) if flow.is_expired else jsonify(flow_body(store, flow))


def _check_owner(store: Store, flow: Flow) -> None:
    session = current_session(store)
    if session is None:
        raise Refused(unauthenticated(store))
    if session.identity_id != flow.identity_id:
        raise Refused(identity_mismatch())
    if store.needs_second_factor(session):
        raise Refused(second_factor_first(store))


def identity_mismatch() -> Response:
    """Return the refusal of somebody else's settings."""
    return error(
        403,
        message=FORBIDDEN,
        reason="The request was made for another identity and has been blocked for "
        "security reasons.",
        error_id="security_identity_mismatch",
    )


def csrf_violation() -> Response:
    """Return the refusal of a form or a flow of another browser."""
    return error(
        403,
        message=CSRF_MESSAGE,
        reason=CSRF_REASON,
        error_id="security_csrf_violation",
        details={
            "docs": "https://www.ory.sh/kratos/docs/debug/csrf",
            "reject_reason": "The HTTP Cookie Header was set and a CSRF token was "
            "sent but they do not match.",
        },
    )


def _gone(store: Store, flow: Flow) -> Response:
    init = f"{store.base_url}/self-service/{flow.kind}/{flow.type}"
    where = (
        {"redirect_to": init, "return_to": flow.return_to}
        if flow.is_browser
        else {"api": init}
    )
    return error(
        410,
        message="The requested resource is no longer available because it has expired "
        "or is otherwise invalid.",
        reason=f"The {flow.kind} flow has expired. Redirect the user to the "
        f"{flow.kind} flow init endpoint to initialize a new {flow.kind} flow.",
        error_id="self_service_flow_expired",
        details=where,
    )


def replace_expired(store: Store, flow: Flow) -> Response:
    """Return a new flow in place of one that came too late."""
    fresh = new_flow(
        store,
        flow.kind,
        transport=flow.type,
        identity_id=flow.identity_id,
        return_to=flow.return_to,
    )
    fresh.refresh, fresh.requested_aal = flow.refresh, flow.requested_aal
    late = now() - flow.expires_at
    text = (
        f"The {flow.kind} flow expired {late.total_seconds() / 60:.2f} minutes ago, "
        "please try again."
    )
    expired_at = timestamp(flow.expires_at)
    context = {
        "expired_at": expired_at,
        "expired_at_unix": int(flow.expires_at.timestamp()),
    }
    fresh.complain(message(FLOW_EXPIRED[flow.kind], text, context=context))
    if not wants_json():
        return see_other(store.settings.page(flow.kind, fresh.id))
    return error(
        410,
        message=text,
        reason="The self-service flow has expired.",
        error_id="self_service_flow_expired",
        beside={
            "expired_at": expired_at,
            "since": int(late.total_seconds() * 1_000_000_000),
            "use_flow_id": fresh.id,
        },
    )


def refresh_first(store: Store, flow: Flow) -> Response:
    """Send a person whose sign-in is too old to confirm it, and back to the form."""
    here = f"{store.base_url}/self-service/settings?flow={flow.id}"
    return must_go_first(
        login_url(store, refresh="true", return_to=here),
        error_id="session_refresh_required",
        message=FORBIDDEN,
        reason="The login session is too old and thus not allowed to update these "
        "fields. Please re-authenticate.",
    )
