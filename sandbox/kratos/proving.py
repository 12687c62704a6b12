"""Recovery and verification: a code that was mailed proves whose address it is."""

from urllib.parse import urlencode

from flask import Response, request

from sandbox.kratos import csrf
from sandbox.kratos.answers import (
    change_location,
    forward,
    give_session,
    see_other,
    show,
    wants_json,
)
from sandbox.kratos.beginning import new_flow, replace_expired
from sandbox.kratos.errors import bad_request, not_found
from sandbox.kratos.flows import CODE_LIFESPAN, PASSED, SENT_EMAIL, Flow
from sandbox.kratos.identities import Identity, now, timestamp
from sandbox.kratos.mail import code_mail, new_code, unknown_address_mail
from sandbox.kratos.messages import (
    RECOVERED,
    RECOVERY_CODE_SENT,
    RECOVERY_CODE_WRONG,
    RECOVERY_DONE_ALREADY,
    RECOVERY_TOO_OFTEN,
    TEXTS,
    VERIFICATION_CODE_SENT,
    VERIFICATION_CODE_WRONG,
    VERIFICATION_DONE_ALREADY,
    VERIFIED,
    message,
    missing,
)
from sandbox.kratos.store import Store
from sandbox.kratos.submitting import Submission, begin_session

SENT = {"recovery": RECOVERY_CODE_SENT, "verification": VERIFICATION_CODE_SENT}
WRONG = {"recovery": RECOVERY_CODE_WRONG, "verification": VERIFICATION_CODE_WRONG}
DONE_ALREADY = {
    "recovery": RECOVERY_DONE_ALREADY,
    "verification": VERIFICATION_DONE_ALREADY,
}
MOST_ATTEMPTS = 5


def begin_verification(
    store: Store, identity: Identity, *, transport: str, return_to: str = ""
) -> Flow:
    """Mail a code to the person's address; return the flow that awaits it."""
    flow = new_flow(store, "verification", transport=transport, return_to=return_to)
    send_code(store, flow, identity.email)
    return flow


def send_code(store: Store, flow: Flow, address: str) -> None:
    """Mail a new code, of which a stranger learns nothing. The old one is void."""
    flow.address, flow.state = address, SENT_EMAIL
    flow.code, flow.code_expires_at = "", now() + CODE_LIFESPAN
    flow.values = {}
    flow.complain(message(SENT[flow.kind]))
    identity = store.by_identifier(address)
    if identity:
        flow.identity_id, flow.code = identity.id, new_code()
        link = urlencode({"code": flow.code, "flow": flow.id})
        url = f"{store.base_url}/self-service/verification?{link}"
        mail = code_mail(flow.kind, identity.email, code=flow.code, url=url)
        store.add_mail(mail)
    elif store.settings.notify_unknown_recipients:
        store.add_mail(unknown_address_mail(flow.kind, address))


def by_code(submission: Submission) -> Response:
    """Ask for a code, or give it."""
    store, flow = submission.store, submission.flow
    if flow.kind == "recovery" and submission.session:
        if not wants_json():
            return see_other(store.settings.default_return_url)
        reason = "A valid session was detected and thus recovery is not possible."
        return bad_request(reason, error_id="session_already_available")
    if flow.state == PASSED:
        return _start_over(store, flow, DONE_ALREADY[flow.kind])
    code, address = submission.text("code").strip(), submission.text("email").strip()
    if flow.state == SENT_EMAIL and code:
        return _give(submission, code)
    if flow.state == SENT_EMAIL and not address:
        flow.complain(code=missing("code"))
        return show(store, flow)
    if not address:
        flow.complain(email=missing("email"))
        return show(store, flow)
    send_code(store, flow, address)
    return show(store, flow, status=200)


def _give(submission: Submission, code: str) -> Response:
    store, flow = submission.store, submission.flow
    flow.attempts += 1
    identity = store.identities.get(flow.identity_id)
    if not flow.code or code != flow.code or now() >= flow.code_expires_at:
        if flow.kind == "recovery" and flow.attempts > MOST_ATTEMPTS:
            return _start_over(store, flow, RECOVERY_TOO_OFTEN)
        flow.complain(message(WRONG[flow.kind]))
        # Kratos answers scripts with 200 here, too.
        return show(store, flow, status=200)
    if identity is None:
        return forward(store, not_found())
    flow.state, flow.code = PASSED, ""
    identity.verified_at = timestamp(now())
    store.save()
    if flow.kind == "recovery":
        return _recovered(store, flow, identity)
    flow.complain(message(VERIFIED))
    return show(store, flow, status=200)


def _recovered(store: Store, flow: Flow, identity: Identity) -> Response:
    """Sign the person in and take them to where they choose a new password."""
    session = begin_session(store, identity, method="code_recovery")
    if store.settings.revoke_active_sessions:
        store.revoke_others(session)
    csrf.renew()
    settings_flow = new_flow(
        store,
        "settings",
        transport=flow.type,
        identity_id=identity.id,
        return_to=flow.return_to,
    )
    minutes = store.settings.privileged_session_seconds / 60
    text = TEXTS[RECOVERED].format(f"{minutes:.2f}")
    settings_flow.complain(message(RECOVERED, text))
    page = store.settings.page("settings", settings_flow.id)
    return give_session(store, change_location(page), session)


def _start_over(store: Store, flow: Flow, number: int) -> Response:
    fresh = new_flow(store, flow.kind, transport=flow.type, return_to=flow.return_to)
    fresh.complain(message(number))
    if not wants_json():
        return see_other(store.settings.page(flow.kind, fresh.id))
    return see_other(f"{store.base_url}/self-service/{flow.kind}/flows?id={fresh.id}")


def open_link(store: Store) -> Response:
    """Open the link of a verification mail: its page, with the code filled in."""
    flow = store.flows.get(request.args.get("flow", ""))
    if flow is None or flow.kind != "verification":
        return forward(store, not_found())
    if flow.is_expired:
        return replace_expired(store, flow)
    # The mail may be open in another browser than the one that asked for it.
    flow.csrf_token = csrf.form_token(store.base_url)
    flow.values = {"code": request.args.get("code", "")}
    return see_other(store.settings.page("verification", flow.id))


METHODS = {"code": by_code}
