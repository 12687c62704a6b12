"""The shop itself behind nginx."""

import json
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from pytest_django.fixtures import Settings
from pytest_django.live_server_helper import LiveServer

from catalog.services import documents
from tests.deploy.proxy import (
    ADMIN,
    API,
    AUTH,
    PATIENCE_SECONDS,
    STOREFRONT,
    Proxy,
    run_proxy,
)
from tests.factories import ProductFactory, VariantFactory

PRODUCTS = "/api/v1/products"


@pytest.fixture
def shop(
    live_server: LiveServer, settings: Settings, tmp_path: Path
) -> Iterator[Proxy]:
    """Give the proxy before the shop, on the shop's real host names."""
    settings.ALLOWED_HOSTS = [API, ADMIN, AUTH]
    settings.ADMIN_HOSTS, settings.AUTH_HOSTS = [ADMIN], [AUTH]
    settings.CORS_ALLOWED_ORIGINS = [STOREFRONT]
    settings.TRUSTED_PROXIES = ["127.0.0.0/8"]
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    place = live_server.url.removeprefix("http://").replace("localhost", "127.0.0.1")
    with run_proxy(tmp_path, backend=place, kratos=place) as proxy:
        yield proxy


def test_catalogue_through_the_proxy_names_the_public_address(shop: Proxy) -> None:
    VariantFactory.create(product=ProductFactory.create(name="Gamis Aisyah"))
    answer = shop.get(API, f"{PRODUCTS}?limit=1", Origin=STOREFRONT)
    assert answer.status == 200
    assert answer.headers.get_all("Access-Control-Allow-Origin") == [STOREFRONT]
    assert answer.headers.get_all("X-Request-ID")
    assert "http://" not in answer.text
    assert "127.0.0.1" not in answer.text
    tag = answer.headers["ETag"]
    again = shop.get(API, f"{PRODUCTS}?limit=1", If_None_Match=tag)
    assert (again.status, again.body) == (304, b"")


def test_change_of_a_product_is_seen_through_the_proxy(shop: Proxy) -> None:
    product = ProductFactory.create(name="Gamis Aisyah")
    VariantFactory.create(product=product)
    path = f"{PRODUCTS}/{product.slug}"
    assert json.loads(shop.get(API, path).body)["name"] == "Gamis Aisyah"
    product.name = "Gamis Khadijah"
    product.save(update_fields=["name"])
    documents.rewrite([product.pk])
    deadline = time.monotonic() + PATIENCE_SECONDS
    while json.loads(shop.get(API, path).body)["name"] != "Gamis Khadijah":
        assert time.monotonic() < deadline, "the change is not seen"
    # What was read meanwhile did not reach the shop.
    assert shop.access_log().count('"cache":"HIT"') >= 1


def test_faces_are_apart(shop: Proxy) -> None:
    assert shop.get(API, "/health/live").status == 200
    assert shop.get(API, "/admin/").status == 404
    assert shop.get(ADMIN, "/api/v1/products").status == 404
    # Without a token of Access.
    assert shop.get(ADMIN, "/admin/").status == 403
    assert shop.get(AUTH, "/nothing").status == 404
    assert shop.get(API, "/nothing").headers["Content-Type"] == (
        "application/problem+json"
    )
