"""The addresses of the self-service flows, and what their pages read besides."""

import base64
import binascii
import json
from collections.abc import Mapping

from flask import Blueprint, Response, g, jsonify, request
from flask.typing import ResponseReturnValue

from karima.local import PROJECT
from sandbox.kratos import changing, proving, registering, signing_in
from sandbox.kratos.answers import forward
from sandbox.kratos.beginning import begin, show_begun
from sandbox.kratos.errors import Refused, not_found
from sandbox.kratos.flows import KINDS
from sandbox.kratos.identities import SCHEMA_ID, Json
from sandbox.kratos.store import Store
from sandbox.kratos.submitting import Answer, refuse_browsers, submit

SCHEMA = PROJECT / "deploy" / "kratos" / "identity.customer.schema.json"
KIND = f"/self-service/<any({', '.join(KINDS)}):kind>"
METHODS: dict[str, Mapping[str, Answer]] = {
    "login": signing_in.METHODS,
    "registration": registering.METHODS,
    "recovery": proving.METHODS,
    "verification": proving.METHODS,
    "settings": changing.METHODS,
}
STUB_ERROR: Json = {
    "id": "stub:500",
    "error": {
        "code": 500,
        "status": "Internal Server Error",
        "reason": "This is a stub error.",
    },
}


def selfservice_blueprint(store: Store) -> Blueprint:
    """Return every flow for browsers and for API clients."""
    public = Blueprint("selfservice", __name__)
    _add_flows(public, store)
    _add_public_files(public, store)

    @public.errorhandler(Refused)
    def refuse(refused: Refused) -> Response:
        return forward(store, refused.answer)

    return public


def _add_flows(public: Blueprint, store: Store) -> None:
    @public.get(f"{KIND}/<any(api, browser):transport>")
    def start(kind: str, transport: str) -> ResponseReturnValue:
        if transport == "api":
            g.api_flow = True
            refuse_browsers()
        return begin(store, kind, transport)

    @public.get(f"{KIND}/flows")
    def show(kind: str) -> ResponseReturnValue:
        return show_begun(store, kind)

    @public.post(KIND)
    def send(kind: str) -> ResponseReturnValue:
        return submit(store, kind, METHODS[kind])

    @public.get("/self-service/verification")
    def open_link() -> ResponseReturnValue:
        return proving.open_link(store)

    @public.get("/self-service/settings")
    def resume() -> ResponseReturnValue:
        return changing.resume(store)


def _add_public_files(public: Blueprint, store: Store) -> None:
    @public.get("/self-service/errors")
    def show_error() -> ResponseReturnValue:
        wanted = request.args.get("id", "")
        found = STUB_ERROR if wanted == STUB_ERROR["id"] else store.errors.get(wanted)
        return jsonify(found) if found else not_found()

    @public.get("/schemas")
    def schemas() -> ResponseReturnValue:
        return jsonify([{"id": SCHEMA_ID, "schema": _schema()}])

    @public.get("/schemas/<schema_id>")
    def schema(schema_id: str) -> ResponseReturnValue:
        known = SCHEMA_ID in (schema_id, _decoded(schema_id))
        return jsonify(_schema()) if known else not_found()


def _schema() -> Json:
    found: Json = json.loads(SCHEMA.read_text(encoding="utf-8"))
    return found


def _decoded(schema_id: str) -> str:
    """Return an id that is written as in an identity's `schema_url`."""
    try:
        padded = schema_id + "=" * (-len(schema_id) % 4)
        return base64.urlsafe_b64decode(padded).decode()
    except (binascii.Error, ValueError):
        return ""
