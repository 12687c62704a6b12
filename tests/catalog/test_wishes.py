"""Wishlists and back-in-stock alerts."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import transaction
from rest_framework.test import APIClient

from accounts.models import User
from catalog.models import Product, StockAlert, WishlistItem
from catalog.services import prices, products, stock, stock_alerts, wishlists
from catalog.services.stock import StockLine
from catalog.services.stock_alerts import Contact
from tests.factories import VariantFactory

pytestmark = pytest.mark.django_db

Clients = Callable[..., APIClient]
EMAIL = "aisyah@karima.example"


def ask(client: APIClient, variant_id: int, **body: Any) -> Any:
    wanted = {"variant_id": variant_id, "email": EMAIL, "consent": True, **body}
    return client.post("/api/v1/stock-alerts", wanted, format="json")


def keep(client: APIClient, **body: Any) -> Any:
    return client.post("/api/v1/wishlist/items", body, format="json")


def test_a_variant_is_kept_once(client_of: Clients, aisyah: User) -> None:
    variant, client = VariantFactory(on_hand=3), client_of(aisyah)
    first = keep(client, sku=variant.sku.lower())
    again = keep(client, variant_id=variant.pk)
    assert (first.status_code, again.json()) == (201, first.json())
    [kept] = client.get("/api/v1/wishlist").json()["results"]
    assert (kept["sku"], kept["available"]) == (variant.sku, 3)
    assert kept["is_on_sale"]


def test_what_became_cheaper_is_marked(client_of: Clients, aisyah: User) -> None:
    variant, client = VariantFactory(price=200_000), client_of(aisyah)
    wishlists.add(aisyah, variant_id=variant.pk)
    assert not client.get("/api/v1/wishlist").json()["results"][0]["price_dropped"]
    prices.change_price(variant, price=180_000)
    [kept] = client.get("/api/v1/wishlist").json()["results"]
    assert (kept["price"], kept["price_then"]) == (180_000, 200_000)
    assert kept["price_dropped"]


def test_what_left_the_shop_is_kept_and_marked(
    client_of: Clients, aisyah: User
) -> None:
    variant = VariantFactory()
    wishlists.add(aisyah, variant_id=variant.pk)
    products.archive(Product.objects.get(pk=variant.product_id))
    [kept] = client_of(aisyah).get("/api/v1/wishlist").json()["results"]
    assert not kept["is_on_sale"]
    with pytest.raises(wishlists.WishVariantNotFound):
        wishlists.add(aisyah, variant_id=variant.pk)


def test_nobody_takes_from_anothers_list(
    client_of: Clients, aisyah: User, budi: User
) -> None:
    item = wishlists.add(aisyah, variant_id=VariantFactory().pk)
    path = f"/api/v1/wishlist/items/{item}"
    assert client_of(budi).delete(path).json()["code"] == "wish_not_found"
    assert WishlistItem.objects.exists()
    assert client_of(aisyah).delete(path).status_code == 204
    assert not WishlistItem.objects.exists()


def test_a_list_has_an_end(
    client_of: Clients, aisyah: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wishlists, "MAX_ITEMS", 1)
    wishlists.add(aisyah, variant_id=VariantFactory().pk)
    answer = keep(client_of(aisyah), variant_id=VariantFactory().pk)
    assert answer.json()["code"] == "wishlist_full"


def test_a_list_costs_the_same_however_long(
    client_of: Clients, aisyah: User, django_assert_max_num_queries: Any
) -> None:
    for _ in range(5):
        wishlists.add(aisyah, variant_id=VariantFactory(on_hand=1).pk)
    with django_assert_max_num_queries(4):
        client_of(aisyah).get("/api/v1/wishlist")


def test_a_guest_waits_and_is_due_once_when_stock_arrives(client_of: Clients) -> None:
    variant = VariantFactory()
    answer = ask(client_of(), variant.pk)
    assert (answer.status_code, answer.json()["text"]) == (201, stock_alerts.TEXT)
    assert StockAlert.objects.get().state == "open"
    stock.receive([StockLine(variant.pk, 2)])
    alert = StockAlert.objects.get()
    assert (alert.state, alert.due_at is not None) == ("due", True)
    stock.receive([StockLine(variant.pk, 2)])
    assert StockAlert.objects.get().due_at == alert.due_at


def test_an_order_that_lets_go_brings_it_back_too(client_of: Clients) -> None:
    variant = VariantFactory(on_hand=1)
    with transaction.atomic():
        stock.reserve([StockLine(variant.pk, 1)], reference="T-1")
    ask(client_of(), variant.pk)
    with transaction.atomic():
        stock.release([StockLine(variant.pk, 1)], reference="T-1")
    assert StockAlert.objects.get().state == "due"


def test_what_comes_back_and_is_undone_makes_nothing_due(client_of: Clients) -> None:
    variant = VariantFactory()
    ask(client_of(), variant.pk)
    with transaction.atomic():
        stock.receive([StockLine(variant.pk, 1)])
        transaction.set_rollback(True)
    assert StockAlert.objects.get().state == "open"


def test_a_contact_waits_once_for_a_variant(client_of: Clients) -> None:
    variant = VariantFactory()
    first = ask(client_of(), variant.pk)
    again = ask(client_of(), variant.pk, email=EMAIL.upper())
    assert (first.status_code, again.status_code) == (201, 201)
    assert StockAlert.objects.count() == 1
    second = {"variant_id": variant.pk, "phone": "0812-3456-7801", "consent": True}
    client_of().post("/api/v1/stock-alerts", second, format="json")
    assert set(StockAlert.objects.values_list("phone", flat=True)) == {
        "",
        "+6281234567801",
    }


def test_only_the_token_ends_it(client_of: Clients) -> None:
    variant = VariantFactory()
    token = ask(client_of(), variant.pk).json()["token"]
    assert StockAlert.objects.get().token_hash != token
    wrong = client_of().delete("/api/v1/stock-alerts/guess")
    assert wrong.json()["code"] == "stock_alert_not_found"
    assert client_of().delete(f"/api/v1/stock-alerts/{token}").status_code == 204
    stock.receive([StockLine(variant.pk, 2)])
    assert StockAlert.objects.get().state == "ended"
    assert client_of().delete(f"/api/v1/stock-alerts/{token}").status_code == 404


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"consent": False}, "consent_required"),
        ({"phone": "081234567801"}, "contact_required"),
        ({"email": "x"}, "invalid"),
    ],
)
def test_no_consent_or_no_contact_is_refused(
    client_of: Clients, body: dict[str, Any], code: str
) -> None:
    answer = ask(client_of(), VariantFactory().pk, **body)
    assert answer.json()["errors"][0]["code"] == code
    assert not StockAlert.objects.exists()


def test_what_is_there_needs_no_alert(client_of: Clients) -> None:
    answer = ask(client_of(), VariantFactory(on_hand=1).pk)
    assert answer.json()["code"] == "still_in_stock"


def test_an_erased_customers_alerts_go_even_those_of_a_guest(aisyah: User) -> None:
    contact = Contact(email=aisyah.email.upper())
    stock_alerts.ask(variant_id=VariantFactory().pk, contact=contact, customer=None)
    stock_alerts.forget(aisyah)
    assert not StockAlert.objects.exists()
