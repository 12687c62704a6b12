"""What every sign-in page must keep to, read from its HTML."""

from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any

Attributes = dict[str, str | None]

VISIBLE_FIELDS = {"input", "select", "textarea"}
LANDMARKS = {"header", "main", "footer"}


@dataclass
class Parsed(HTMLParser):
    """The tags of a page and the text between them."""

    tags: list[tuple[str, Attributes]] = field(default_factory=list)
    text: str = ""

    def __post_init__(self) -> None:
        super().__init__()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data

    def all(self, tag: str, **wanted: str) -> list[Attributes]:
        """Return the attributes of every such tag."""
        return [
            attributes
            for name, attributes in self.tags
            if name == tag and wanted.items() <= attributes.items()
        ]

    def values(self, attribute: str) -> list[str]:
        """Return the values that the attribute has, in the order of the page."""
        return [given[attribute] or "" for _, given in self.tags if attribute in given]

    def named(self, name: str) -> Attributes:
        """Return the one field of this name."""
        (found,) = [given for _, given in self.tags if given.get("name") == name]
        return found


def parse(html: str) -> Parsed:
    """Return the page's tags and text."""
    parsed = Parsed()
    parsed.feed(html)
    parsed.close()
    return parsed


def problems(html: str) -> list[str]:
    """Return what is wrong with the page for people with a keyboard or a reader."""
    page = parse(html)
    return [*_structure(page), *_references(page), *_labels(page), *_scripts(page)]


def _structure(page: Parsed) -> list[str]:
    found = []
    if page.all("html") != [{"lang": "id"}]:
        found.append("the language is not told")
    if len(page.all("h1")) != 1:
        found.append("there is not one h1")
    if not page.text.strip() or not page.all("title"):
        found.append("there is no title")
    if any(len(page.all(name)) != 1 for name in LANDMARKS):
        found.append("a landmark is missing or there twice")
    levels = [int(tag[1]) for tag, _ in page.tags if tag in {"h1", "h2", "h3"}]
    if any(
        after - before > 1 for before, after in zip(levels, levels[1:], strict=False)
    ):
        found.append("a level of headings is left out")
    if len(page.values("autofocus")) > 1:
        found.append("two fields want the focus")
    return found


def _references(page: Parsed) -> list[str]:
    ids = page.values("id")
    found = [f"id {one} is there twice" for one in {i for i in ids if ids.count(i) > 1}]
    found += ["an id is empty"] if "" in ids else []
    wanted = {
        word
        for name in ("for", "aria-describedby", "aria-labelledby")
        for value in page.values(name)
        for word in value.split()
    }
    wanted |= {value[1:] for value in page.values("href") if value.startswith("#")}
    return found + [f"nothing has the id {one}" for one in sorted(wanted - set(ids))]


def _labels(page: Parsed) -> list[str]:
    labelled = set(page.values("for"))
    fields = [
        given
        for tag, given in page.tags
        if tag in VISIBLE_FIELDS
        and given.get("type") != "hidden"
        and "hidden" not in given
    ]
    unnamed = [given for given in fields if given.get("id") not in labelled]
    silent = [given for given in page.all("img") if "alt" not in given]
    return [f"no label: {given}" for given in unnamed] + [
        f"no alternative text: {given}" for given in silent
    ]


def _scripts(page: Parsed) -> list[str]:
    """Return everything that the page's own content security policy would block."""
    found = [f"<{tag}>" for tag, _ in page.tags if tag in {"script", "style", "base"}]
    found += [
        f"{name}="
        for _, given in page.tags
        for name in given
        if name.startswith("on") or name in {"style", "formaction"}
    ]
    addresses = page.values("href") + page.values("src") + page.values("action")
    return found + [one for one in addresses if _is_dangerous(one)]


def _is_dangerous(address: Any) -> bool:
    scheme = str(address).strip().partition(":")[0].lower()
    if scheme == "data":
        return not str(address).startswith("data:image/")
    return scheme in {"javascript", "vbscript", "blob", "file"}
