"""The catalogue and its stock, changed by a program."""

from typing import Any

import pytest
from django.test import Client
from rest_framework.test import APIClient

from accounts.models import ApiKey
from catalog.models import (
    Category,
    ChangeBatch,
    Product,
    Stock,
    StockMovement,
    Variant,
)
from catalog.services import deliveries, editing, stock
from catalog.services.deliveries import DeliveryRepeated
from tests.concurrency.at_once import at_once
from tests.factories import (
    CategoryFactory,
    ColorFactory,
    MaterialFactory,
    SizeFactory,
    StaffFactory,
    VariantFactory,
    make_order,
)
from tests.fixtures_programs import program

pytestmark = pytest.mark.django_db

API = "/api/v1"


@pytest.fixture
def app() -> APIClient:
    return program()


def send(app: APIClient, method: str, path: str, body: Any) -> Any:
    return getattr(app, method)(f"{API}/{path}", body, format="json")


def fields_of(answer: Any) -> set[tuple[str, str]]:
    return {(row["field"], row["code"]) for row in answer.json()["errors"]}


def test_product_goes_from_nothing_to_the_shop(app: APIClient, client: Client) -> None:
    CategoryFactory(name="Gamis", slug="gamis")
    MaterialFactory(name="Ceruty")
    ColorFactory(name="Sage")
    SizeFactory(name="M")
    made = send(app, "post", "products", {
        "name": "Gamis  Arunika", "category": "gamis", "material": "ceruty",
        "opacity": "opaque", "is_busui_friendly": True,
    })  # fmt: skip
    assert made.status_code == 201
    assert made.json()["slug"] == "gamis-arunika"
    assert made.json()["name"] == "Gamis Arunika"
    assert made.json()["status"] == "draft"
    variant = send(app, "post", "variants", {
        "product": "gamis-arunika", "sku": "GMS-1", "color": "sage", "size": "M",
        "price": 289_000, "weight_grams": 600,
    })  # fmt: skip
    assert variant.status_code == 201
    assert client.get(f"{API}/products/gamis-arunika").status_code == 404
    delivery = {"quantity": 7, "reference": "SJ-1"}
    path = f"variants/{variant.json()['id']}/stock"
    assert send(app, "post", path, delivery).json()["available"] == 7
    live = send(app, "patch", "products/gamis-arunika", {"status": "active"})
    assert live.json()["published_at"]
    shown = client.get(f"{API}/products/gamis-arunika").json()
    assert [v["sku"] for v in shown["variants"]] == ["GMS-1"]
    assert shown["variants"][0]["available"] == 7


def test_product_is_named_by_its_id_too(app: APIClient) -> None:
    product = VariantFactory().product
    answer = send(app, "patch", f"products/{product.pk}", {"brand": "Karima"})
    assert answer.json()["brand"] == "Karima"
    assert answer.json()["slug"] == product.slug


def test_change_shows_at_once_and_old_slug_leads_on(
    app: APIClient, client: Client
) -> None:
    product = VariantFactory().product
    before = client.get(f"{API}/products/{product.slug}")
    body = {"name": "Tunik Baru", "slug": "tunik-baru"}
    assert send(app, "patch", f"products/{product.slug}", body).status_code == 200
    moved = client.get(f"{API}/products/{product.slug}")
    assert (moved.status_code, moved["Location"]) == (308, f"{API}/products/tunik-baru")
    after = client.get(f"{API}/products/tunik-baru")
    assert after.json()["name"] == "Tunik Baru"
    assert after["ETag"] != before["ETag"]


def test_what_is_left_out_stays(app: APIClient) -> None:
    product = VariantFactory(product__brand="Karima").product
    body = {"name": "Lain", "category": product.category.slug}
    send(app, "put", f"products/{product.slug}", body)
    product.refresh_from_db()
    assert (product.name, product.brand) == ("Lain", "Karima")


def test_put_wants_what_a_product_cannot_do_without(app: APIClient) -> None:
    product = VariantFactory().product
    answer = send(app, "put", f"products/{product.slug}", {"brand": "x"})
    assert answer.status_code == 400
    assert fields_of(answer) == {("name", "required"), ("category", "required")}


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"name": ""}, "name"),
        ({"name": "x" * 121}, "name"),
        ({"name": "a\u0000b"}, "name"),
        ({"slug": "Tunik Baru"}, "slug"),
        ({"slug": "tunik--baru"}, "slug"),
        ({"category": "tidak-ada"}, "category"),
        ({"category": None}, "category"),
        ({"material": 3.5}, "material"),
        ({"size_chart": 2**70}, "size_chart"),
        ({"status": "sold"}, "status"),
        ({"opacity": "glass"}, "opacity"),
        ({"extra": []}, "extra"),
        ({"extra": {"tidak-ada": 1}}, "tidak-ada"),
        ({"video_url": "javascript:alert(1)"}, "video_url"),
        ({"published_at": "besok"}, "published_at"),
        ({"description": "x" * 20_001}, "description"),
        ([], ""),
    ],
)
def test_wrong_product_is_refused_by_its_field(
    app: APIClient, body: Any, field: str
) -> None:
    product = VariantFactory().product
    before = Product.objects.values().get()
    answer = send(app, "patch", f"products/{product.slug}", body)
    assert answer.status_code == 400
    assert {name for name, _ in fields_of(answer)} == {field}
    assert Product.objects.values().get() == before


def test_reserved_slug_is_refused(app: APIClient) -> None:
    product = VariantFactory().product
    answer = send(app, "patch", f"products/{product.slug}", {"slug": "search"})
    assert (answer.status_code, answer.json()["code"]) == (400, "slug_reserved")


def test_slug_of_another_product_is_a_conflict(app: APIClient) -> None:
    mine, other = VariantFactory().product, VariantFactory().product
    answer = send(app, "patch", f"products/{mine.slug}", {"slug": other.slug})
    assert (answer.status_code, answer.json()["code"]) == (409, "taken")
    assert fields_of(answer) == {("slug", "unique")}


def test_deleted_product_is_archived_and_off_sale(
    app: APIClient, client: Client
) -> None:
    variant = VariantFactory(on_hand=3)
    order = make_order(variant=variant)
    path = f"{API}/products/{variant.product.slug}"
    assert app.delete(path).status_code == 204
    assert app.delete(path).status_code == 204
    assert client.get(path).status_code == 404
    assert Product.objects.get().status == "archived"
    assert order.lines.get().variant_id == variant.pk


def test_writes_do_not_undo_what_others_wrote(app: APIClient) -> None:
    """The row is read when it is locked, not when the request began."""
    product = VariantFactory().product
    stale = Product.objects.get()
    Product.objects.update(fit_note="Ukuran kecil")
    editing.write_product(stale, {"brand": "Karima"}, actor=StaffFactory())
    product.refresh_from_db()
    assert (product.brand, product.fit_note) == ("Karima", "Ukuran kecil")


def test_changes_are_in_the_history_with_the_program(app: APIClient) -> None:
    variant = VariantFactory(price=100_000)
    path = f"variants/{variant.pk}"
    send(app, "patch", path, {"price": 90_000, "weight_grams": variant.weight_grams})
    send(app, "patch", path, {"price": 90_000})
    send(app, "patch", path, {})
    (batch,) = ChangeBatch.objects.all()
    assert (batch.source, batch.actor) == ("program", ApiKey.objects.get().program)
    (change,) = batch.changes.all()
    assert (change.field, change.before, change.after) == ("price", 100_000, 90_000)
    assert (change.variant, change.product) == (variant, variant.product)


def test_what_a_program_adds_is_in_the_history(app: APIClient) -> None:
    CategoryFactory(slug="gamis")
    send(app, "post", "products", {"name": "Gamis Arunika", "category": "gamis"})
    change = ChangeBatch.objects.get().changes.get()
    assert (change.field, change.after) == ("created", "Gamis Arunika")


def test_refused_write_is_not_in_the_history(app: APIClient) -> None:
    mine, other = VariantFactory(), VariantFactory()
    send(app, "patch", f"variants/{mine.pk}", {"sku": other.sku})
    assert not ChangeBatch.objects.exists()


WRONG_VARIANTS = [
    ({"price": 0}, "price"),
    ({"price": -1}, "price"),
    ({"price": 2**63}, "price"),
    ({"price": "seratus"}, "price"),
    ({"price": 1.5}, "price"),
    ({"price": True}, "price"),
    ({"weight_grams": 0}, "weight_grams"),
    ({"weight_grams": 100_001}, "weight_grams"),
    ({"sku": ""}, "sku"),
    ({"sku": "GMS 1"}, "sku"),
    ({"sku": "=1+1"}, "sku"),
    ({"sku": "x" * 41}, "sku"),
    ({"sku": "GMS\n1"}, "sku"),
    ({"color": "tidak-ada"}, "color"),
    ({"size": "tidak-ada"}, "size"),
    ({"barcode": "<b>"}, "barcode"),
    ({"length_cm": 0}, "length_cm"),
    ({"is_active": "mungkin"}, "is_active"),
]


@pytest.mark.parametrize(("body", "field"), WRONG_VARIANTS)
def test_wrong_variant_is_refused_by_its_field(
    app: APIClient, body: Any, field: str
) -> None:
    variant = VariantFactory()
    before = Variant.objects.values().get()
    answer = send(app, "patch", f"variants/{variant.pk}", body)
    assert answer.status_code == 400
    assert {name for name, _ in fields_of(answer)} == {field}
    assert Variant.objects.values().get() == before


def test_price_above_the_one_struck_through_is_refused(app: APIClient) -> None:
    variant = VariantFactory(price=100_000, compare_at_price=120_000)
    answer = send(app, "patch", f"variants/{variant.pk}", {"price": 130_000})
    assert (answer.status_code, answer.json()["code"]) == (400, "compare_price_too_low")
    variant.refresh_from_db()
    assert variant.price == 100_000


def test_new_price_shows_at_once(app: APIClient, client: Client) -> None:
    variant = VariantFactory(price=100_000)
    body = {"price": 90_000, "compare_at_price": 100_000}
    assert send(app, "patch", f"variants/{variant.pk}", body).status_code == 200
    shown = client.get(f"{API}/products/{variant.product.slug}").json()
    assert shown["variants"][0]["price"] == 90_000
    assert Product.objects.get().price_min == 90_000


@pytest.mark.parametrize(
    ("field", "same"),
    [("sku", {"sku": "gms-0"}), ("barcode", {"barcode": "8991"}), ("size", {})],
)
def test_what_another_variant_has_is_a_conflict(
    app: APIClient, field: str, same: dict[str, Any]
) -> None:
    first = VariantFactory(sku="GMS-0", barcode="8991")
    color = first.color if field == "size" else ColorFactory()
    body = {
        "product": first.product.slug, "sku": "GMS-1", "color": color.slug,
        "size": first.size.name, "price": 1000, "weight_grams": 1, **same,
    }  # fmt: skip
    answer = send(app, "post", "variants", body)
    assert (answer.status_code, answer.json()["code"]) == (409, "taken")
    assert fields_of(answer) == {(field, "unique")}
    assert Variant.objects.count() == 1


def test_deleted_variant_is_off_sale_and_keeps_its_stock(
    app: APIClient, client: Client
) -> None:
    variant = VariantFactory(on_hand=4)
    VariantFactory(product=variant.product)
    assert app.delete(f"{API}/variants/{variant.pk}").status_code == 204
    shown = client.get(f"{API}/products/{variant.product.slug}").json()
    assert variant.sku not in [v["sku"] for v in shown["variants"]]
    assert Stock.objects.get(variant=variant).on_hand == 4


def test_category_moves_with_all_below_it(app: APIClient) -> None:
    top = CategoryFactory(slug="wanita")
    CategoryFactory(slug="muda", parent=CategoryFactory(slug="gamis", parent=top))
    CategoryFactory(slug="pria")
    moved = send(app, "patch", "categories/gamis", {"parent": "pria"})
    assert moved.json()["parent"] == "pria"
    assert Category.objects.get(slug="muda").path == "pria/gamis/muda/"
    root = send(app, "patch", "categories/gamis", {"parent": None})
    assert root.json()["parent"] is None


def test_category_does_not_go_into_itself(app: APIClient) -> None:
    top = CategoryFactory(slug="wanita")
    CategoryFactory(slug="gamis", parent=top)
    answer = send(app, "patch", "categories/wanita", {"parent": "gamis"})
    assert answer.json()["code"] == "category_inside_itself"
    assert Category.objects.get(slug="wanita").path == "wanita/"


def test_deleted_category_is_hidden_with_its_products(
    app: APIClient, client: Client
) -> None:
    product = VariantFactory().product
    path = f"{API}/categories/{product.category.slug}"
    assert app.delete(path).status_code == 204
    assert client.get(path).status_code == 404
    assert client.get(f"{API}/products/{product.slug}").status_code == 404
    assert Category.objects.filter(is_active=False).count() == 1


def test_stock_tells_what_is_promised(app: APIClient) -> None:
    variant = VariantFactory(on_hand=5)
    make_order(variant=variant, quantity=2)
    assert app.get(f"{API}/variants/{variant.pk}/stock").json() == {
        "variant_id": variant.pk, "sku": variant.sku, "on_hand": 5, "reserved": 2,
        "available": 3,
    }  # fmt: skip


def test_count_is_in_the_ledger_with_the_program(app: APIClient) -> None:
    variant = VariantFactory(on_hand=5)
    body = {"on_hand": 3, "note": "Hitung gudang", "reason": "lost"}
    answer = send(app, "put", f"variants/{variant.pk}/stock", body)
    assert answer.json()["on_hand"] == 3
    movement = StockMovement.objects.earliest("-id")
    told = (movement.kind, movement.reason, movement.delta_on_hand)
    assert told == ("adjust", "lost", -2)
    assert (movement.actor, movement.note) == (
        ApiKey.objects.get().program, "Hitung gudang",
    )  # fmt: skip
    assert not list(stock.verify())


def test_count_below_what_is_promised_changes_nothing(app: APIClient) -> None:
    first = VariantFactory(on_hand=5)
    second = VariantFactory(product=first.product, on_hand=5)
    make_order(variant=second, quantity=3)
    items = [{"sku": first.sku, "on_hand": 1}, {"sku": second.sku, "on_hand": 1}]
    path = f"products/{first.product.slug}/stock"
    answer = send(app, "put", path, {"items": items, "note": "Hitung"})
    assert (answer.status_code, answer.json()["code"]) == (409, "stock_still_reserved")
    assert set(Stock.objects.values_list("on_hand", flat=True)) == {5}


@pytest.mark.parametrize(
    "body",
    [
        {"on_hand": -1, "note": "x"},
        {"on_hand": 1_000_001, "note": "x"},
        {"on_hand": 3},
        {"on_hand": 3, "note": " "},
        {"on_hand": None, "note": "x"},
    ],
)
def test_wrong_count_is_refused(app: APIClient, body: dict[str, Any]) -> None:
    variant = VariantFactory(on_hand=5)
    assert send(app, "put", f"variants/{variant.pk}/stock", body).status_code == 400
    assert Stock.objects.get().on_hand == 5


def test_delivery_sent_twice_is_booked_once(app: APIClient) -> None:
    variant = VariantFactory(on_hand=1)
    path, body = f"variants/{variant.pk}/stock", {"quantity": 4, "reference": "SJ-7"}
    assert send(app, "post", path, body).status_code == 200
    again = send(app, "post", path, body)
    assert (again.status_code, again.json()["code"]) == (409, "delivery_repeated")
    assert Stock.objects.get().on_hand == 5
    assert send(app, "post", path, {**body, "reference": "SJ-8"}).status_code == 200


def test_delivery_of_a_product_is_booked_for_all_its_variants(app: APIClient) -> None:
    first = VariantFactory()
    second = VariantFactory(product=first.product)
    items = [
        {"sku": first.sku.lower(), "quantity": 2},
        {"sku": second.sku, "quantity": 3},
    ]
    path = f"products/{first.product.slug}/stock"
    answer = send(app, "post", path, {"items": items, "reference": "SJ-9"})
    assert [row["on_hand"] for row in answer.json()["results"]] == [2, 3]


def test_variant_of_another_product_is_not_reached(app: APIClient) -> None:
    mine, other = VariantFactory(on_hand=5), VariantFactory(on_hand=5)
    items = [{"sku": mine.sku, "on_hand": 1}, {"sku": other.sku, "on_hand": 1}]
    path = f"products/{mine.product.slug}/stock"
    answer = send(app, "put", path, {"items": items, "note": "Hitung"})
    assert (answer.status_code, answer.json()["code"]) == (404, "sku_not_found")
    assert fields_of(answer) == {("items.1.sku", "not_found")}
    assert set(Stock.objects.values_list("on_hand", flat=True)) == {5}


def test_sku_named_twice_is_refused(app: APIClient) -> None:
    variant = VariantFactory(on_hand=5)
    items = [{"sku": variant.sku, "on_hand": n} for n in (1, 2)]
    path = f"products/{variant.product.slug}/stock"
    answer = send(app, "put", path, {"items": items, "note": "Hitung"})
    assert fields_of(answer) == {("items.1.sku", "repeated")}
    assert Stock.objects.get().on_hand == 5


def test_public_reads_take_no_notice_of_a_key(client: Client) -> None:
    product = VariantFactory().product
    for path in (f"{API}/products", f"{API}/products/{product.slug}"):
        plain = client.get(path)
        for app in (program("orders:ship"), APIClient()):
            app.credentials(HTTP_AUTHORIZATION="Api-Key krm_wrong")
            answer = app.get(path)
            assert (answer.content, answer["ETag"]) == (plain.content, plain["ETag"])
            assert "public" in answer["Cache-Control"]


@pytest.mark.django_db(transaction=True)
def test_same_delivery_at_once_is_booked_once() -> None:
    variant, actor = VariantFactory(), StaffFactory()
    repeated: list[DeliveryRepeated] = []

    def book() -> None:
        try:
            deliveries.receive_once({variant.pk: 4}, reference="SJ-1", actor=actor)
        except DeliveryRepeated as refusal:
            repeated.append(refusal)

    at_once([book] * 8)
    assert Stock.objects.get().on_hand == 4
    assert len(repeated) == 7
