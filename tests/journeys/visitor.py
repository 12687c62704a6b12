"""A person at a browser without scripts, who reads pages and fills in forms."""

from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import urljoin

import requests

TIMEOUT_SECONDS = 10
MOST_REDIRECTS = 10


@dataclass
class Form:
    """A form as a browser sends it; `buttons` are name and value by their text."""

    action: str
    fields: dict[str, str] = field(default_factory=dict)
    buttons: dict[str, tuple[str, str]] = field(default_factory=dict)


class Page(HTMLParser):
    """The forms of a page, its title and its text."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.html = html
        self.forms: list[Form] = []
        self.title = ""
        self.text = ""
        self._inside = ""
        self._button = ("", "")
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        self._inside = tag
        if tag == "form":
            self.forms.append(Form(given["action"]))
        elif tag == "input" and given.get("name") and given["type"] != "checkbox":
            self.forms[-1].fields[given["name"]] = given.get("value", "")
        elif tag == "button":
            self._button = (given.get("name", ""), given.get("value", ""))

    def handle_endtag(self, tag: str) -> None:
        self._inside = ""

    def handle_data(self, data: str) -> None:
        if self._inside == "title":
            self.title += data
        elif self._inside == "button":
            self.forms[-1].buttons[data] = self._button
        self.text += data

    def form_with(self, *names: str) -> Form:
        """Return the one form that has these fields or buttons."""
        (found,) = [
            form for form in self.forms if {*form.fields, *form.buttons} >= set(names)
        ]
        return found


class Visitor:
    """Follows redirects within the given hosts; elsewhere `page` stays empty."""

    def __init__(self, *hosts: str) -> None:
        self.hosts = hosts
        self.address = ""
        self.page = Page("")
        self._session = requests.Session()
        self._session.trust_env = False

    @property
    def cookies(self) -> dict[str, str]:
        return {cookie.name: cookie.value or "" for cookie in self._session.cookies}

    def open(self, address: str) -> Page:
        """Open an address as a link does."""
        return self._go("GET", urljoin(self.address, address))

    def fill_in(self, **typed: str) -> Page:
        """Fill in fields and press Enter; "__" in a name stands for a dot."""
        fields = {name.replace("__", "."): value for name, value in typed.items()}
        form = self.page.form_with(*fields)
        return self._send(form, form.fields | fields, next(iter(form.buttons)))

    def press(self, button: str) -> Page:
        """Press a button without filling in anything."""
        form = self.page.form_with(button)
        return self._send(form, form.fields, button)

    def _send(self, form: Form, fields: dict[str, str], button: str) -> Page:
        name, value = form.buttons[button]
        sent = fields | ({name: value} if name else {})
        return self._go("POST", urljoin(self.address, form.action), data=sent)

    def _go(self, method: str, address: str, **options: object) -> Page:
        origin = "/".join(self.address.split("/")[:3])
        headers = {"Origin": origin} if method == "POST" else {}
        for _ in range(MOST_REDIRECTS):
            self.address = address
            if not address.startswith(self.hosts):
                self.page = Page("")
                return self.page
            answer = self._session.request(  # type: ignore[call-overload]  # The options are ours.
                method,
                address,
                headers=headers,
                allow_redirects=False,
                timeout=TIMEOUT_SECONDS,
                **options,
            )
            if not answer.is_redirect:
                self.page = Page(answer.text)
                return self.page
            address = urljoin(address, answer.headers["Location"])
            method, options, headers = "GET", {}, {}
        raise AssertionError(f"too many redirects, the last to {address}")
