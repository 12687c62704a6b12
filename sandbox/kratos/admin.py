"""The admin API: read, change and delete identities, end sessions."""

from flask import Blueprint, Response, jsonify, redirect, request
from flask.typing import ResponseReturnValue

from sandbox.kratos.errors import bad_request, not_found
from sandbox.kratos.identities import (
    Identity,
    Json,
    admin_body,
    normalised,
    now,
    timestamp,
)
from sandbox.kratos.sessions import session_body
from sandbox.kratos.store import Store

STATES = {"active", "inactive"}
PATCHABLE = ("/state", "/traits", "/metadata_public", "/metadata_admin")
DEFAULT_PAGE = 250


def admin_blueprint(store: Store) -> Blueprint:
    """Return what the shop uses of `/admin`."""
    admin = Blueprint("admin", __name__, url_prefix="/admin")
    _add_reading(admin, store)
    _add_changing(admin, store)
    _add_sessions(admin, store)
    return admin


def _add_reading(admin: Blueprint, store: Store) -> None:
    @admin.get("/identities/<identity_id>")
    def show(identity_id: str) -> ResponseReturnValue:
        identity = store.identities.get(identity_id)
        if identity is None:
            return not_found()
        return jsonify(admin_body(identity, base_url=store.base_url))

    @admin.get("/identities")
    def index() -> ResponseReturnValue:
        return _page(_matching(store), store.base_url)


def _add_changing(admin: Blueprint, store: Store) -> None:
    @admin.patch("/identities/<identity_id>")
    def change(identity_id: str) -> ResponseReturnValue:
        identity = store.identities.get(identity_id)
        if identity is None:
            return not_found()
        refusal = _apply_patch(identity, request.get_json(silent=True))
        if refusal:
            return bad_request(refusal)
        store.save()
        return jsonify(admin_body(identity, base_url=store.base_url))

    @admin.delete("/identities/<identity_id>")
    def delete(identity_id: str) -> ResponseReturnValue:
        return ("", 204) if store.delete_identity(identity_id) else not_found()


def _add_sessions(admin: Blueprint, store: Store) -> None:
    @admin.get("/identities/<identity_id>/sessions")
    def list_sessions(identity_id: str) -> ResponseReturnValue:
        return jsonify(_sessions_of(store, identity_id))

    @admin.delete("/identities/<identity_id>/sessions")
    def delete_sessions(identity_id: str) -> ResponseReturnValue:
        return ("", 204) if store.delete_sessions(identity_id) else not_found()

    @admin.get("/sessions/<session_id>")
    def show_session(session_id: str) -> ResponseReturnValue:
        session = store.session_by_id(session_id)
        if session is None:
            return not_found()
        person = store.identities.get(session.identity_id)
        return jsonify(session_body(session, person, base_url=store.base_url))

    @admin.delete("/sessions/<session_id>")
    def revoke(session_id: str) -> ResponseReturnValue:
        session = store.session_by_id(session_id)
        if session is None:
            return not_found()
        store.revoke(session)
        return "", 204

    @admin.get("/sessions/whoami")
    def whoami_is_public() -> ResponseReturnValue:
        return redirect(f"{store.base_url}/sessions/whoami", 302)


def _sessions_of(store: Store, identity_id: str) -> list[Json]:
    """Return a person's sessions; an unknown person has none, which is no error."""
    person = store.identities.get(identity_id)
    sessions = [s for s in store.sessions.values() if s.identity_id == identity_id]
    bodies = [session_body(s, person, base_url=store.base_url) for s in sessions]
    wanted = request.args.get("active")
    if wanted is None:
        return bodies
    return [body for body in bodies if body["active"] == (wanted == "true")]


def _matching(store: Store) -> list[Identity]:
    people = sorted(store.identities.values(), key=lambda identity: identity.id)
    wanted = request.args.get("credentials_identifier")
    ids = set(request.args.getlist("ids"))
    if wanted:
        people = [person for person in people if person.email == normalised(wanted)]
    if ids:
        people = [person for person in people if person.id in ids]
    return people


def _page(people: list[Identity], base_url: str) -> Response:
    size = request.args.get("page_size", DEFAULT_PAGE, type=int)
    after = request.args.get("page_token", "")
    rest = [person for person in people if person.id > after]
    page = rest[:size]
    answer = jsonify([admin_body(person, base_url=base_url) for person in page])
    path = f"/admin/identities?page_size={size}&page_token="
    links = [f'<{path}>; rel="first"']
    if len(rest) > size:
        links.append(f'<{path}{page[-1].id}>; rel="next"')
    answer.headers["Link"] = ",".join(links)
    return answer


def _apply_patch(identity: Identity, patch: object) -> str:
    """Apply a JSON patch; return why not when it may not be applied."""
    if not isinstance(patch, list):
        return "The request body must be a JSON patch."
    document: Json = {
        "state": identity.state,
        "traits": identity.traits,
        "metadata_public": identity.metadata_public,
        "metadata_admin": identity.metadata_admin,
    }
    for step in patch:
        if not isinstance(step, dict) or not _may_patch(str(step.get("path"))):
            return "patch includes denied or unknown path"
        _apply_step(document, step)
    if document["state"] not in STATES:
        return f"identity state is not valid: {document['state']}"
    _keep(identity, document)
    return ""


def _may_patch(path: str) -> bool:
    return any(path == known or path.startswith(f"{known}/") for known in PATCHABLE)


def _apply_step(document: Json, step: Json) -> None:
    *parents, last = str(step["path"]).strip("/").split("/")
    target = document
    for name in parents:
        if not isinstance(target.get(name), dict):
            target[name] = {}
        # A copy: nothing of the identity changes when a later step is refused.
        target[name] = dict(target[name])
        target = target[name]
    if step.get("op") == "remove":
        target.pop(last, None)
    else:
        target[last] = step.get("value")


def _keep(identity: Identity, document: Json) -> None:
    changed = timestamp(now())
    if document["state"] != identity.state:
        identity.state_changed_at = changed
    if document["traits"].get("email") != identity.traits.get("email"):
        identity.verified_at = ""
    identity.state = document["state"]
    identity.traits = document["traits"]
    identity.metadata_public = document.get("metadata_public")
    identity.metadata_admin = document.get("metadata_admin")
    identity.updated_at = changed
