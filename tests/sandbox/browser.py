"""A browser without scripts: it keeps cookies and sends the forms that flows show."""

from typing import Any
from urllib.parse import parse_qs, urlsplit

import requests

from sandbox.kratos import DEMO_PASSWORD, Kratos

TIMEOUT = 10
JSON = {"Accept": "application/json"}

Node = dict[str, Any]
Flow = dict[str, Any]


class Browser:
    """One person's browser at the stand-in for Kratos. It follows no redirects."""

    def __init__(self, kratos: Kratos) -> None:
        self.base = kratos.public_url
        self._session = requests.Session()
        self._session.trust_env = False

    @property
    def cookies(self) -> dict[str, str]:
        return dict(self._session.cookies)

    def get(self, path: str, *, json: bool = False) -> requests.Response:
        return self._ask("GET", path, headers=JSON if json else None)

    def delete(self, path: str) -> requests.Response:
        return self._ask("DELETE", path, headers=JSON)

    def begin(self, kind: str, **query: str) -> Flow:
        """Open a flow as a page load does, and return it as its page reads it."""
        answer = self._ask("GET", f"/self-service/{kind}/browser", params=query)
        assert answer.status_code == 303, answer.text
        return self.read(kind, answer.headers["Location"])

    def read(self, kind: str, page: str) -> Flow:
        """Return the flow that a page's address names."""
        flow_id = parse_qs(urlsplit(page).query)["flow"][0]
        answer = self.get(f"/self-service/{kind}/flows?id={flow_id}")
        assert answer.status_code == 200, answer.text
        flow: Flow = answer.json()
        return flow

    def send(self, flow: Flow, **fields: str) -> requests.Response:
        """Submit the form; "__" in a name stands for a dot."""
        typed = {name.replace("__", "."): value for name, value in fields.items()}
        return self._ask("POST", flow["ui"]["action"], data=hidden(flow) | typed)

    def send_json(self, flow: Flow, **fields: Any) -> requests.Response:
        """Submit the form as a script does."""
        body = hidden(flow) | fields
        return self._ask("POST", flow["ui"]["action"], json=body, headers=JSON)

    def show(self, kind: str, answer: requests.Response) -> Flow:
        """Return the flow that an answer sends the browser to."""
        assert answer.status_code == 303, answer.text
        return self.read(kind, answer.headers["Location"])

    def sign_in(self, email: str = "aisyah@karima.example") -> requests.Response:
        flow = self.begin("login")
        return self.send(
            flow, method="password", identifier=email, password=DEMO_PASSWORD
        )

    def whoami(self) -> requests.Response:
        return self.get("/sessions/whoami", json=True)

    def _ask(self, method: str, path: str, **options: Any) -> requests.Response:
        url = self.base + path if path.startswith("/") else path
        return self._session.request(
            method, url, allow_redirects=False, timeout=TIMEOUT, **options
        )


def hidden(flow: Flow) -> dict[str, str]:
    """Return what a form sends by itself."""
    return {
        node["attributes"]["name"]: node["attributes"].get("value", "")
        for node in flow["ui"]["nodes"]
        if node["attributes"].get("type") == "hidden"
    }


def nodes(flow: Flow) -> dict[str, Node]:
    """Return the nodes by name or id; buttons called method by their value."""
    named = {}
    for node in flow["ui"]["nodes"]:
        attributes = node["attributes"]
        name = attributes.get("name") or attributes["id"]
        if name == "method" and attributes["type"] == "submit":
            name = f"method={attributes['value']}"
        named[name] = node
    return named


def message_ids(flow: Flow) -> list[int]:
    """Return the ids of the form's own messages."""
    return [message["id"] for message in flow["ui"].get("messages", [])]


def field_ids(flow: Flow, name: str) -> list[int]:
    """Return the ids of a field's messages."""
    return [message["id"] for message in nodes(flow)[name]["messages"]]
