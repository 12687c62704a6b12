"""The settings flow: profile, password, authenticator app, backup codes."""

import secrets
import string
import uuid

from flask import Response, request

from sandbox.kratos import totp
from sandbox.kratos.answers import forward, see_other, show, wants_json
from sandbox.kratos.beginning import (
    identity_mismatch,
    refresh_first,
    replace_expired,
    second_factor_first,
    unauthenticated,
)
from sandbox.kratos.errors import Refused, bad_request, not_found
from sandbox.kratos.flows import SHOW_FORM, SUCCESS, Flow
from sandbox.kratos.identities import Identity, Json, normalised, now, timestamp
from sandbox.kratos.messages import (
    DUPLICATE_IDENTIFIER,
    SAVED,
    WRONG_TOTP,
    generic,
    message,
    missing,
)
from sandbox.kratos.passwords import password_errors
from sandbox.kratos.proving import begin_verification
from sandbox.kratos.sessions import Session
from sandbox.kratos.store import Store
from sandbox.kratos.submitting import Answer, Submission, method_of, without_strategy
from sandbox.kratos.traits import flat, trait_errors
from sandbox.kratos.whoami import current_session

CONTINUITY_COOKIE = "ory_kratos_continuity"
CODES = 12
CODE_LENGTH = 8
CODE_ALPHABET = string.ascii_lowercase + string.digits


def owner(submission: Submission) -> tuple[Identity, Session]:
    """Return whose settings these are. Raises `Refused` for anybody else."""
    store, session = submission.store, submission.session
    if session is None:
        raise Refused(unauthenticated(store))
    if session.identity_id != submission.flow.identity_id:
        raise Refused(identity_mismatch())
    if store.needs_second_factor(session):
        raise Refused(second_factor_first(store))
    return store.identities[session.identity_id], session


def change_profile(submission: Submission) -> Response:
    """Change the traits. A new e-mail needs a fresh sign-in, and is not verified."""
    store, flow, traits = submission.store, submission.flow, submission.traits
    identity, session = owner(submission)
    flow.values = flat(traits)
    flow.messages, flow.field_messages = [], trait_errors(traits, store.settings)
    if flow.field_messages:
        return show(store, flow)
    email = normalised(str(traits["email"]))
    if email != identity.email:
        if not _is_fresh(store, session):
            return _pause(submission)
        if store.by_identifier(email):
            flow.messages = [message(DUPLICATE_IDENTIFIER)]
            return show(store, flow)
    _keep_traits(submission, identity, traits)
    return _saved(submission, identity)


def _keep_traits(submission: Submission, identity: Identity, traits: Json) -> None:
    store, flow = submission.store, submission.flow
    moved = normalised(str(traits["email"])) != identity.email
    identity.traits = traits
    flow.values = {}
    if moved:
        identity.verified_at = ""
        verification = begin_verification(store, identity, transport=flow.type)
        page = store.settings.page("verification", verification.id)
        asked: Json = {
            "id": verification.id,
            "verifiable_address": identity.email,
            "url": page,
        }
        flow.continue_with = [{"action": "show_verification_ui", "flow": asked}]


def change_password(submission: Submission) -> Response:
    """Change the password; other sessions live on unless the switch ends them."""
    store, flow = submission.store, submission.flow
    identity, session = owner(submission)
    if not _is_fresh(store, session):
        return _pause(submission)
    password = submission.text("password")
    wrong = password_errors(password, identifier=identity.email)
    flow.messages, flow.field_messages = [], {"password": wrong} if wrong else {}
    if wrong:
        return show(store, flow)
    identity.password = password
    if store.settings.revoke_active_sessions:
        store.revoke_others(session)
    return _saved(submission, identity)


def change_totp(submission: Submission) -> Response:
    """Enrol an authenticator app, or let go of it."""
    store, flow = submission.store, submission.flow
    identity, session = owner(submission)
    if not _is_fresh(store, session):
        return _pause(submission)
    if identity.totp_secret:
        if submission.is_pressed("totp_unlink"):
            identity.totp_secret, flow.totp_secret = "", totp.new_secret()
        return _saved(submission, identity)
    code = submission.text("totp_code")
    if not totp.is_right(flow.totp_secret, code):
        wrong = message(WRONG_TOTP) if code else missing("totp_code")
        flow.complain(totp_code=wrong)
        return show(store, flow)
    identity.totp_secret = flow.totp_secret
    session.add_second_factor("totp")
    return _saved(submission, identity)


def change_lookup_secrets(submission: Submission) -> Response:
    """Show, make, confirm or drop the backup codes."""
    store, flow = submission.store, submission.flow
    identity, session = owner(submission)
    if not _is_fresh(store, session):
        return _pause(submission)
    flow.complain()
    if submission.is_pressed("lookup_secret_confirm"):
        return _confirm_codes(submission, identity, session)
    if submission.is_pressed("lookup_secret_disable"):
        identity.lookup_codes, flow.new_lookup_codes = [], []
        flow.lookup_revealed = False
        return _saved(submission, identity)
    if submission.is_pressed("lookup_secret_reveal"):
        flow.lookup_revealed = True
    else:
        flow.new_lookup_codes = new_lookup_codes()
    flow.state = SHOW_FORM
    return show(store, flow, status=200)


def new_lookup_codes() -> list[str]:
    """Return twelve backup codes."""
    return [
        "".join(secrets.choice(CODE_ALPHABET) for _ in range(CODE_LENGTH))
        for _ in range(CODES)
    ]


def _confirm_codes(
    submission: Submission, identity: Identity, session: Session
) -> Response:
    flow = submission.flow
    if not flow.new_lookup_codes:
        reason = (
            "You must (re-)generate recovery backup codes before you can save them."
        )
        flow.complain(generic(reason))
        return show(submission.store, flow)
    identity.lookup_codes = [
        {"code": code, "used_at": ""} for code in flow.new_lookup_codes
    ]
    flow.new_lookup_codes = []
    session.add_second_factor("lookup_secret")
    return _saved(submission, identity)


def _is_fresh(store: Store, session: Session) -> bool:
    return session.age_seconds() < store.settings.privileged_session_seconds


def _saved(submission: Submission, identity: Identity) -> Response:
    store, flow = submission.store, submission.flow
    identity.updated_at = timestamp(now())
    store.save()
    flow.state = SUCCESS
    flow.complain(message(SAVED))
    if flow.return_to and not wants_json():
        return see_other(flow.return_to)
    return show(store, flow, status=200)


def _pause(submission: Submission) -> Response:
    """Keep the form until the person has signed in again, and then go on with it."""
    store, flow = submission.store, submission.flow
    if not flow.is_browser or wants_json():
        return refresh_first(store, flow)
    key = str(uuid.uuid4())
    flow.paused = {"key": key, "values": submission.values}
    answer = refresh_first(store, flow)
    answer.set_cookie(
        CONTINUITY_COOKIE,
        key,
        domain=store.settings.cookie_domain or None,
        secure=store.settings.cookie_secure,
        httponly=True,
        samesite="Lax",
    )
    return answer


def resume(store: Store) -> Response:
    """Go on with a form that waited for a fresh sign-in."""
    flow = store.flows.get(request.args.get("flow", ""))
    if flow is None or flow.kind != "settings":
        return forward(store, not_found())
    if flow.is_expired:
        return replace_expired(store, flow)
    values = _paused_values(flow)
    submission = Submission(store, flow, values, current_session(store))
    if not values:
        owner(submission)
        return show(store, flow)
    answer = METHODS.get(method_of(submission))
    return answer(submission) if answer else without_strategy(submission)


def _paused_values(flow: Flow) -> Json:
    paused, flow.paused = flow.paused, {}
    if paused and request.cookies.get(CONTINUITY_COOKIE) != paused["key"]:
        raise Refused(bad_request("No resumable session could be found."))
    return paused.get("values", {}) if paused else {}


METHODS: dict[str, Answer] = {
    "profile": change_profile,
    "password": change_password,
    "totp": change_totp,
    "lookup_secret": change_lookup_secrets,
}
