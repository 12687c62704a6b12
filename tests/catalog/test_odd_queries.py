"""Odd queries of the product list, drawn from its own description: always an answer."""

from typing import Any
from urllib.parse import quote_plus

import pytest
from django.conf import settings as django_settings
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from yaml import CSafeLoader, load

from tests.factories import ColorFactory, ProductFactory, VariantFactory

pytestmark = pytest.mark.django_db

DESCRIPTION = load(
    (django_settings.BASE_DIR / "docs" / "openapi.yaml").read_text("utf-8"),
    CSafeLoader,
)
ODD = [
    "", " ", ",", ",,", "0", "-1", "+1", "1.0", "1e9", "9" * 40, "٣", "½", "NaN",
    "true", "null", "[]", "{}", "'", '"', "\\", "\\'", "%", "_", "%s", "%(now)s",
    "'; DROP TABLE catalog_product; --", "a:*", "a & b", "(((", "!", "<->",
    "gamis\x00", "\x1f", "\r\n", "\u200b", "\ufeff", "\U0010ffff", "e\u0301", "ﷺ",
    "😀", "a" * 80, "a" * 4000, "a-" * 39, "../../etc/passwd", "gamis", "hitam", "M",
    "all size", "e30:x", "İ", "ß",
]  # fmt: skip


def parameters(path: str) -> list[dict[str, Any]]:
    return list(DESCRIPTION["paths"][f"/api/v1{path}"]["get"]["parameters"])


def values_of(parameter: dict[str, Any]) -> st.SearchStrategy[str]:
    """Return odd values, and those that the description allows, alone or several."""
    schema = parameter["schema"]
    allowed = [str(value) for value in schema.get("items", schema).get("enum", ())]
    one = st.sampled_from([*ODD, *allowed]) | st.text(max_size=30).map(
        lambda text: text.encode("utf-8", "replace").decode()
    )
    return one | st.lists(one, min_size=2, max_size=3).map(",".join)


def queries(path: str) -> st.SearchStrategy[list[tuple[str, str]]]:
    pairs = [
        st.tuples(st.just(parameter["name"]), values_of(parameter))
        for parameter in parameters(path)
        if parameter["in"] == "query"
    ]
    unknown = st.tuples(st.sampled_from(["q[]", "Q", "colour", "a" * 90]), st.just("1"))
    return st.lists(st.one_of(*pairs, unknown), min_size=1, max_size=5)


def ask(client: Client, path: str, query: list[tuple[str, str]]) -> None:
    """Ask; the answer is a page, or a refusal that names what was asked wrongly."""
    text = "&".join(f"{quote_plus(name)}={quote_plus(value)}" for name, value in query)
    response = client.get(f"/api/v1{path}?{text}")
    assert response.status_code in (200, 400), text
    if response.status_code == 400:
        named = {row["field"] for row in response.json()["errors"]}
        assert named, text
        assert named <= {name for name, _ in query} | {"q"}, text


@pytest.fixture(autouse=True)
def shop() -> None:
    color = ColorFactory(name="Hitam", slug="hitam", family="hitam")
    VariantFactory(product=ProductFactory(name="Gamis Arunika"), color=color)


odd = settings(
    max_examples=100,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


@odd
@given(query=queries("/products"))
def test_the_list_answers_whatever_is_asked(
    client: Client, query: list[tuple[str, str]]
) -> None:
    ask(client, "/products", query)


@odd
@given(query=queries("/products/suggest"))
def test_suggestions_answer_whatever_is_typed(
    client: Client, query: list[tuple[str, str]]
) -> None:
    ask(client, "/products/suggest", query)


@pytest.mark.parametrize("name", ["q", "color", "size", "ids", "cursor", "brand"])
def test_every_odd_value_by_itself(client: Client, name: str) -> None:
    for value in ODD:
        ask(client, "/products", [(name, value)])


@pytest.mark.parametrize("raw", [b"%ff", b"%00", b"%", b"%u0041", b"a;b=c", b"%c3%28"])
def test_bytes_that_are_no_text(client: Client, raw: bytes) -> None:
    response = client.get(f"/api/v1/products?q={raw.decode('ascii')}")
    assert response.status_code in (200, 400)
