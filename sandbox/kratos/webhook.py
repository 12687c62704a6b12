"""Tell the shop about registrations, as Kratos's web hook with `ignore: true` does."""

import json
import threading
import time
import urllib.error
import urllib.request
from dataclasses import dataclass, field

from sandbox.kratos.flows import Flow
from sandbox.kratos.identities import SCHEMA_ID, Identity, Json
from sandbox.kratos.settings import BrowserSettings

ATTEMPTS = 3
TIMEOUT_SECONDS = 30
# Kratos waits a second and more; a test should not have to.
PAUSE_SECONDS = 0.05


@dataclass(slots=True)
class WebhookCall:
    """One call, and the statuses of its attempts; 0 means no answer."""

    url: str
    body: Json
    headers: dict[str, str]
    statuses: list[int] = field(default_factory=list)


class Webhooks:
    """Every call since the last reset. Nobody waits for them but `wait`."""

    def __init__(self) -> None:
        self.calls: list[WebhookCall] = []
        self._running: list[threading.Thread] = []

    def registered(
        self, settings: BrowserSettings, identity: Identity, flow: Flow
    ) -> None:
        """Tell of a registration in the background, if a web hook is configured."""
        if not settings.webhook_url:
            return
        call = WebhookCall(
            url=settings.webhook_url,
            body=registration_body(identity, flow),
            headers={
                "Authorization": f"Bearer {settings.webhook_key}",
                "Content-Type": "application/json",
            },
        )
        self.calls.append(call)
        thread = threading.Thread(target=_send, args=(call,), daemon=True)
        self._running.append(thread)
        thread.start()

    def wait(self) -> None:
        """Return when every call has been answered or given up."""
        while self._running:
            self._running.pop().join()

    def forget(self) -> None:
        """Forget the calls, when they are over."""
        self.wait()
        self.calls.clear()


def registration_body(identity: Identity, flow: Flow) -> Json:
    """Return what deploy/kratos/webhook.identity.jsonnet makes of a registration."""
    return {
        "event": "identity.registered",
        "identity_id": identity.id,
        "schema_id": SCHEMA_ID,
        "state": identity.state,
        "flow_id": flow.id,
        "flow_type": flow.type,
    }


def _send(call: WebhookCall) -> None:
    for attempt in range(ATTEMPTS):
        if attempt:
            time.sleep(PAUSE_SECONDS)
        call.statuses.append(_post(call))
        # Like Kratos's client, try again after what may pass, not after a refusal.
        if 0 < call.statuses[-1] < 500 and call.statuses[-1] != 429:
            return


def _post(call: WebhookCall) -> int:
    request = urllib.request.Request(
        call.url, data=json.dumps(call.body).encode(), headers=call.headers
    )
    try:
        with urllib.request.urlopen(request, timeout=TIMEOUT_SECONDS) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code
    except OSError:
        return 0
