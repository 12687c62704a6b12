"""The documents say what the code says, as far as a machine can tell."""

import importlib
import pkgutil
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from accounts.api.authentication import SessionInvalid
from accounts.api.programs import ApiKeyInvalid
from accounts.api.webhooks import WebhookKeyInvalid
from karima import problems
from karima.errors import StoreError
from orders.models import Order
from orders.services.transitions import MOVES

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
DOCUMENTS = sorted([*ROOT.glob("*.md"), *DOCS.rglob("*.md")])
APPS = ("accounts", "catalog", "orders", "payments")

LINK = re.compile(r"\]\(([^)\s]+)\)")
SPAN = re.compile(r"`([^`\n]+)`")
FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
CODE_ROW = re.compile(r"^\| `([a-z0-9_]+)` \| (\d{3}) \|", re.MULTILINE)
MAKE = re.compile(r"\bmake ([a-z][a-z-]*)")
PATH = re.compile(r"[\w.-]+(?:/[\w.-]+)*/?")
# Places in any app, and the name of a record to come.
EXAMPLES = {"api/urls.py", "clients/", "docs/decisions/NNNN-the-title.md"}


def text_of(name: str) -> str:
    return (ROOT / name).read_text("utf-8")


def spans_of(text: str) -> list[str]:
    """Return what stands between backticks outside the fenced blocks."""
    return SPAN.findall(FENCE.sub("", text))


def documented_codes() -> dict[str, int]:
    rows = CODE_ROW.findall(text_of("docs/api.md"))
    return {code: int(status) for code, status in rows}


def import_apps() -> None:
    for app in APPS:
        package = importlib.import_module(app)
        for module in pkgutil.walk_packages(package.__path__, f"{app}."):
            if ".migrations" not in module.name:
                importlib.import_module(module.name)


def refusals(kind: type[StoreError] = StoreError) -> Iterator[type[StoreError]]:
    """Yield every error of the shop; the tests' own are none."""
    for subclass in kind.__subclasses__():
        if not subclass.__module__.startswith("tests."):
            yield subclass
        yield from refusals(subclass)


def codes_of_the_rules() -> dict[str, int]:
    import_apps()
    return {
        refusal.code: refusal.status
        for refusal in refusals()
        if refusal.code != StoreError.code
    }


def codes_of_the_proxy() -> dict[str, int]:
    template = text_of("deploy/nginx/templates/10-http.conf.template")
    rows = template.partition("map $refusal $refusal_status {")[2].partition("}")[0]
    return {
        code: int(status) for code, status in re.findall(r"^ +(\w+) (\d+);", rows, re.M)
    }


def test_api_guide_lists_every_code_of_the_rules_with_its_status() -> None:
    documented = documented_codes()
    expected = codes_of_the_rules() | codes_of_the_proxy()
    assert {code: documented.get(code) for code in expected} == expected


def test_api_guide_lists_no_code_that_nothing_answers_with() -> None:
    unauthenticated = {
        kind.default_code for kind in (SessionInvalid, WebhookKeyInvalid, ApiKeyInvalid)
    }
    known = {*codes_of_the_rules(), *problems.DETAILS, *unauthenticated}
    known |= codes_of_the_proxy().keys()
    assert set(documented_codes()) == known


def test_api_guide_lists_each_code_once() -> None:
    codes = [code for code, _ in CODE_ROW.findall(text_of("docs/api.md"))]
    assert len(codes) == len(set(codes))


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda p: str(p.relative_to(ROOT)))
def test_relative_links_lead_somewhere(document: Path) -> None:
    links = LINK.findall(FENCE.sub("", document.read_text("utf-8")))
    local = [link.partition("#")[0] for link in links if "://" not in link]
    assert [link for link in local if not (document.parent / link).exists()] == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda p: str(p.relative_to(ROOT)))
def test_documented_make_targets_exist(document: Path) -> None:
    targets = set(re.findall(r"^([a-z-]+):", text_of("Makefile"), re.MULTILINE))
    text = document.read_text("utf-8")
    code = [*spans_of(text), *(block for _, block in FENCE.findall(text))]
    named = {target for piece in code for target in MAKE.findall(piece)}
    assert named - targets == set()


@pytest.mark.parametrize("name", ["docs/architecture.md", "README.md"])
def test_documented_paths_exist(name: str) -> None:
    spans = [span.partition("::")[0] for span in spans_of(text_of(name))]
    paths = [s for s in spans if PATH.fullmatch(s) and ("/" in s or s.endswith(".py"))]
    assert paths
    assert [path for path in paths if not (ROOT / path).exists()] == []


def test_contributing_names_files_that_exist() -> None:
    spans = set(spans_of(text_of("CONTRIBUTING.md")))
    paths = {s for s in spans if PATH.fullmatch(s) and "/" in s}
    missing = {path for path in paths if not (ROOT / path).exists()}
    assert missing == EXAMPLES


def test_functions_on_the_way_of_an_order_exist() -> None:
    named = [
        s.split("::") for s in spans_of(text_of("docs/architecture.md")) if "::" in s
    ]
    assert named
    for path, function in named:
        assert f"def {function}(" in text_of(path), f"{path}::{function}"


def test_drawing_of_the_states_is_the_table_of_moves() -> None:
    section = text_of("docs/architecture.md").partition("## States of an order")[2]
    drawn = dict.fromkeys(Order.Status.values, frozenset[str]())
    for line in FENCE.findall(section)[0][1].splitlines():
        before, _, after = line.partition("->")
        targets = re.sub(r"\(.*\)", "", after).replace(" ", "").split(",")
        drawn[before.strip()] = frozenset(targets)
    assert drawn == MOVES


def test_tour_of_the_readme_is_the_walk_of_the_demo() -> None:
    section = text_of("README.md").partition("## Five minutes")[2].partition("\n## ")[0]
    shown = [line for _, block in FENCE.findall(section) for line in block.splitlines()]
    walk = [line for line in text_of("sandbox/walk.sh").splitlines() if line]
    assert shown == [line for line in walk if not line.startswith("#")]


def test_index_of_the_decisions_lists_every_record_with_its_title() -> None:
    index = text_of("docs/decisions/README.md")
    for record in sorted(DOCS.glob("decisions/[0-9]*.md")):
        number = record.name[:4]
        title = record.read_text("utf-8").splitlines()[0].partition(". ")[2]
        assert f"| [{number}]({record.name}) | {title} |" in index
