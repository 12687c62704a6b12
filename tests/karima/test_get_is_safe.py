"""No GET changes anything: each is answered inside a read-only transaction."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.apps import apps
from django.db import connection, transaction
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver
from django.urls.resolvers import RegexPattern
from django.utils.regex_helper import normalize
from rest_framework.test import APIClient

from accounts.models import User
from catalog.models import Category, Product
from tests.factories import VariantFactory, make_order

pytestmark = pytest.mark.django_db

# A top-level navigation must end with a code in its address, so this one writes it.
# The page that customers come back to asks Midtrans, and keeps what it says.
REVIEWED_WRITERS = {
    "api/v1/auth/handoff",
    "api/v1/orders/<str:number>/payment",
}
MISSING = "00000000-0000-7000-8000-000000000000"


def paths(patterns: list[Any], prefix: str = "") -> Iterator[str]:
    """Yield the route of every view, converters and groups still in it."""
    for entry in patterns:
        route = f"{prefix}{_text(entry)}"
        if isinstance(entry, URLResolver):
            yield from paths(entry.url_patterns, route)
        elif route:
            yield route


def _text(entry: URLPattern | URLResolver) -> str:
    if isinstance(entry.pattern, RegexPattern):
        possible, _ = normalize(str(entry.pattern))[0]
        return re.sub(r"%\((\w+)\)s", r"<\1>", possible)
    return str(entry.pattern)


def routes(face: str) -> list[str]:
    found = paths(get_resolver(f"karima.urls.{face}").url_patterns)
    return sorted(set(found) - REVIEWED_WRITERS)


@pytest.fixture
def filled(aisyah: User) -> dict[str, str]:
    """Give rows to look at, and what stands for them in an address."""
    variant = VariantFactory(on_hand=5)
    order = make_order(aisyah)
    product = Product.objects.latest("pk")
    category = Category.objects.order_by("pk").first()
    return {
        "number": order.number,
        "slug": product.slug if product else category.slug if category else "x",
        "pk": str(variant.pk),
        "id": str(variant.pk),
        "app_label": "orders",
        "model_name": "order",
    }


def filled_in(route: str, values: dict[str, str]) -> str:
    def value(match: re.Match[str]) -> str:
        kind, _, name = match[1].rpartition(":")
        default = MISSING if kind == "uuid" else "1"
        return values.get(name, default)

    return "/" + re.sub(r"<([^>]+)>", value, route)


def row_of(route: str) -> str:
    """Return the key of a row that the admin page is about, if there is one."""
    named = re.match(r"admin/(\w+)/(\w+)/", route)
    if named is None or "object_id" not in route:
        return ""
    row = apps.get_model(*named.groups())._default_manager.order_by("pk").first()
    return str(row.pk) if row else "1"


def get_read_only(client: Any, path: str) -> int:
    """Return the status of a GET during which PostgreSQL takes no writes."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION READ ONLY")
        status: int = client.get(path).status_code
        transaction.set_rollback(True)
    return status


@pytest.mark.parametrize("route", routes("api"))
def test_get_of_the_api_writes_nothing(
    route: str, aisyah: User, filled: dict[str, str]
) -> None:
    client = APIClient()
    client.force_authenticate(aisyah)
    assert get_read_only(client, filled_in(route, filled)) != 500


@pytest.mark.parametrize("route", routes("admin"))
def test_get_of_the_admin_writes_nothing(
    route: str, owner: Client, filled: dict[str, str]
) -> None:
    owner.get("/admin/")
    values = filled | {"object_id": row_of(route)}
    assert get_read_only(owner, filled_in(route, values)) != 500


@pytest.mark.parametrize("route", routes("auth"))
def test_get_of_the_auth_host_writes_nothing(
    route: str, client: Client, filled: dict[str, str]
) -> None:
    assert get_read_only(client, filled_in(route, filled)) != 500
