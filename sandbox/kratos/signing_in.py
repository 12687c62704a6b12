"""The login flow: password, then a second factor for who has one."""

from flask import Response, jsonify

from sandbox.kratos import totp
from sandbox.kratos.answers import (
    change_location,
    give_session,
    login_url,
    see_other,
    show,
    wants_json,
)
from sandbox.kratos.beginning import first_factor_missing
from sandbox.kratos.errors import Refused, error
from sandbox.kratos.identities import Identity, Json, now, timestamp
from sandbox.kratos.messages import (
    LOOKUP_INVALID,
    LOOKUP_USED,
    WRONG_CREDENTIALS,
    WRONG_TOTP,
    message,
    missing,
)
from sandbox.kratos.sessions import Session, session_body
from sandbox.kratos.store import Store
from sandbox.kratos.submitting import Submission, begin_session


def by_password(submission: Submission) -> Response:
    """Sign in with e-mail and password, or confirm that it is still the same person."""
    store, flow = submission.store, submission.flow
    identifier = submission.text("identifier") or submission.text("password_identifier")
    identity = store.by_identifier(identifier)
    flow.values = {"identifier": identifier}
    if identity is None or identity.password != submission.text("password"):
        flow.complain(message(WRONG_CREDENTIALS))
        return show(store, flow)
    if identity.state != "active":
        raise Refused(
            error(
                401, message="identity is disabled", reason="This account was disabled."
            )
        )
    return _finish(submission, _session_of(submission, identity), identity)


def _session_of(submission: Submission, identity: Identity) -> Session:
    """Return the session: the same one, renewed, for a person who only confirms."""
    session = submission.session
    if session and submission.flow.refresh and session.identity_id == identity.id:
        session.renew()
        submission.store.save()
        return session
    return begin_session(submission.store, identity)


def by_totp(submission: Submission) -> Response:
    """Give the code of an authenticator app."""
    identity, session = _first_factor(submission)
    code = submission.text("totp_code")
    if not totp.is_right(identity.totp_secret, code):
        wrong = message(WRONG_TOTP) if code else missing("totp_code")
        submission.flow.complain(totp_code=wrong)
        return show(submission.store, submission.flow)
    return _raise(submission, session, identity, method="totp")


def by_lookup_secret(submission: Submission) -> Response:
    """Give one of the backup codes, each of which works once."""
    identity, session = _first_factor(submission)
    typed = submission.text("lookup_secret").strip()
    codes = {code["code"]: code for code in identity.lookup_codes}
    if typed not in codes or codes[typed].get("used_at"):
        number = LOOKUP_USED if typed in codes else LOOKUP_INVALID
        submission.flow.complain(lookup_secret=message(number))
        return show(submission.store, submission.flow)
    codes[typed]["used_at"] = timestamp(now())
    return _raise(submission, session, identity, method="lookup_secret")


def _first_factor(submission: Submission) -> tuple[Identity, Session]:
    """Return who gave the first factor. Raises `Refused` for a stranger."""
    session = submission.session
    if session is None:
        raise Refused(first_factor_missing())
    return submission.store.identities[session.identity_id], session


def _raise(
    submission: Submission, session: Session, identity: Identity, *, method: str
) -> Response:
    session.renew()
    session.add_second_factor(method)
    submission.store.save()
    return _finish(submission, session, identity)


def _finish(submission: Submission, session: Session, identity: Identity) -> Response:
    store, flow = submission.store, submission.flow
    store.flows.pop(flow.id, None)
    target = flow.return_to or store.settings.default_return_url
    incomplete = store.needs_second_factor(session)
    if not flow.is_browser:
        return jsonify(_token_body(store, session, None if incomplete else identity))
    if incomplete:
        second = login_url(store, aal="aal2", return_to=flow.return_to)
        answer = change_location(second)
    elif wants_json():
        answer = jsonify(_session_only(store, session, identity, target))
    else:
        answer = see_other(target)
    return give_session(store, answer, session)


def _token_body(store: Store, session: Session, shown: Identity | None) -> Json:
    """Return the token. The person stays hidden until the second factor is given."""
    return {
        "session_token": session.token,
        "session": session_body(session, shown, base_url=store.base_url),
    } | ({} if store.settings.is_v1 else {"continue_with": None})


def _session_only(
    store: Store, session: Session, identity: Identity, target: str
) -> Json:
    body: Json = {"session": session_body(session, identity, base_url=store.base_url)}
    if not store.settings.is_v1:
        step = {"action": "redirect_browser_to", "redirect_browser_to": target}
        body["continue_with"] = [step]
    return body


METHODS = {
    "password": by_password,
    "totp": by_totp,
    "lookup_secret": by_lookup_secret,
}
