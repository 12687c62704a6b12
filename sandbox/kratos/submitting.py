"""Take a submitted form to what answers it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from flask import Response, g, request

from sandbox.kratos import csrf
from sandbox.kratos.answers import forward, show
from sandbox.kratos.beginning import csrf_violation, replace_expired
from sandbox.kratos.errors import Refused, bad_request, not_found
from sandbox.kratos.flows import Flow
from sandbox.kratos.identities import Identity, Json
from sandbox.kratos.messages import NO_STRATEGY, message
from sandbox.kratos.sessions import Session, new_session
from sandbox.kratos.store import Store
from sandbox.kratos.traits import flat, nested
from sandbox.kratos.whoami import current_session

BROWSER_HEADER = (
    'The HTTP Request Header included the "{}" key, indicating that this request was '
    "made as part of an AJAX request in a Browser. The flow however was initiated as "
    "an API request. To prevent potential misuse and mitigate several attack vectors "
    "including CSRF, the request has been blocked. Please consult the documentation."
)


@dataclass(frozen=True, slots=True)
class Submission:
    """One form as it came: the values by the names of their fields."""

    store: Store
    flow: Flow
    values: Json
    session: Session | None

    def text(self, name: str) -> str:
        """Return a field, empty when it was left out."""
        return str(self.values.get(name) or "")

    def is_pressed(self, name: str) -> bool:
        """Return whether this button sent the form."""
        return self.text(name).lower() == "true"

    @property
    def traits(self) -> Json:
        """Return the traits among the values."""
        return nested(self.values)


Answer = Callable[[Submission], Response]


def submit(store: Store, kind: str, methods: Mapping[str, Answer]) -> Response:
    """Answer a form by its method. Raises `Refused`."""
    values = read_values()
    flow = store.flows.get(request.args.get("flow") or str(values.get("flow")))
    if flow is None or flow.kind != kind:
        return forward(store, not_found())
    g.api_flow = not flow.is_browser
    submission = Submission(store, flow, values, current_session(store))
    if not flow.is_browser:
        refuse_browsers()
    if flow.is_expired:
        return replace_expired(store, flow)
    if flow.is_browser and not csrf.is_ours(
        store.base_url, submission.text("csrf_token")
    ):
        return forward(store, csrf_violation())
    answer = methods.get(method_of(submission))
    return answer(submission) if answer else without_strategy(submission)


def method_of(submission: Submission) -> str:
    """Return the method, which some buttons carry in their own name."""
    pressed = [name for name in submission.values if submission.is_pressed(name)]
    for prefix, method in (("totp_", "totp"), ("lookup_secret_", "lookup_secret")):
        if any(name.startswith(prefix) for name in pressed):
            return method
    if submission.text("screen") == "previous":
        return "profile"
    return submission.text("method")


def without_strategy(submission: Submission) -> Response:
    """Return the form of somebody who sent none of its methods."""
    submission.flow.complain(message(NO_STRATEGY[submission.flow.kind]))
    return show(submission.store, submission.flow)


def read_values() -> Json:
    """Return the body, form or JSON, by the names of the form's fields."""
    if request.mimetype != "application/json":
        return dict(request.form)
    body = request.get_json(silent=True)
    if not isinstance(body, dict):
        return {}
    traits = body.pop("traits", None)
    return body | (flat(traits) if isinstance(traits, dict) else {})


def refuse_browsers() -> None:
    """Raise `Refused` when a browser may have made the request.

    Cloudflare's own cookies are the only ones that an API client may carry.
    """
    if request.headers.get("Origin"):
        raise Refused(bad_request(BROWSER_HEADER.format("Origin")))
    if any(not name.startswith(("__cf", "_cf", "cf_")) for name in request.cookies):
        raise Refused(bad_request(BROWSER_HEADER.format("Cookie")))


def begin_session(
    store: Store, identity: Identity, *, method: str = "password"
) -> Session:
    """Return a new session for whoever made this request."""
    session = new_session(
        identity.id,
        ip_address=f"{request.remote_addr}:{request.environ.get('REMOTE_PORT', 0)}",
        user_agent=request.headers.get("User-Agent", ""),
        method=method,
    )
    store.add_session(session)
    return session
