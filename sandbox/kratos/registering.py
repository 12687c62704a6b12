"""The registration flow, its hooks included."""

from flask import Response, jsonify

from sandbox.kratos.answers import give_session, see_other, show, wants_json
from sandbox.kratos.identities import Identity, Json, new_identity, public_body
from sandbox.kratos.messages import DUPLICATE_IDENTIFIER, label, message
from sandbox.kratos.passwords import password_errors
from sandbox.kratos.proving import begin_verification
from sandbox.kratos.sessions import Session, session_body
from sandbox.kratos.store import Store
from sandbox.kratos.submitting import Submission, begin_session
from sandbox.kratos.traits import flat, trait_errors

CHOOSE_CREDENTIAL = label(
    1040009, "Please choose a credential to authenticate yourself with."
)


def by_profile(submission: Submission) -> Response:
    """Take the first of v26.2.0's two steps, or go back to it."""
    flow, traits = submission.flow, submission.traits
    flow.values = flat(traits)
    flow.complain()
    if submission.text("screen") == "previous":
        return show(submission.store, flow)
    flow.field_messages = trait_errors(traits, submission.store.settings)
    if not flow.field_messages:
        flow.values["profile_given"] = True
        flow.messages = [CHOOSE_CREDENTIAL]
    return show(submission.store, flow)


def by_password(submission: Submission) -> Response:
    """Register with e-mail and password, and sign in."""
    store, flow, traits = submission.store, submission.flow, submission.traits
    password = submission.text("password")
    errors = trait_errors(traits, store.settings)
    wrong = password_errors(password, identifier=str(traits.get("email", "")))
    errors |= {"password": wrong} if wrong else {}
    kept = {"profile_given": True} if flow.values.get("profile_given") else {}
    flow.values = flat(traits) | kept
    flow.messages, flow.field_messages = [], errors
    if errors:
        return show(store, flow)
    identity = new_identity(traits, password=password)
    if not store.add_identity(identity):
        flow.messages = [message(DUPLICATE_IDENTIFIER)]
        return show(store, flow)
    return _finish(submission, identity)


def _finish(submission: Submission, identity: Identity) -> Response:
    store, flow = submission.store, submission.flow
    store.flows.pop(flow.id, None)
    verification = begin_verification(
        store, identity, transport=flow.type, return_to=flow.return_to
    )
    store.webhooks.registered(store.settings, identity, flow)
    session = begin_session(store, identity)
    page = store.settings.page("verification", verification.id)
    asked = {"id": verification.id, "verifiable_address": identity.email, "url": page}
    step: Json = {"action": "show_verification_ui", "flow": asked}
    # Since v25.4 only the hook of this name adds the step.
    shown = store.settings.is_v1 or store.settings.show_verification_ui
    steps = [step] if shown else []
    if not flow.is_browser:
        return jsonify(_token_body(store, session, identity, steps))
    back = flow.return_to or store.settings.default_return_url
    target = page if store.settings.show_verification_ui else back
    if not store.settings.is_v1:
        steps += [{"action": "redirect_browser_to", "redirect_browser_to": target}]
    body = _body(store, session, identity, steps)
    answer = jsonify(body) if wants_json() else see_other(target)
    return give_session(store, answer, session)


def _token_body(
    store: Store, session: Session, identity: Identity, steps: list[Json]
) -> Json:
    token = {
        "action": "set_ory_session_token",
        "ory_session_token": session.token,
    }
    body = _body(store, session, identity, [*steps, token])
    return {"session_token": session.token} | body


def _body(
    store: Store, session: Session, identity: Identity, steps: list[Json]
) -> Json:
    return {
        "session": session_body(session, identity, base_url=store.base_url),
        "identity": public_body(identity, base_url=store.base_url),
        "continue_with": steps,
    }


METHODS = {"password": by_password, "profile": by_profile}
