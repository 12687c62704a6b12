"""What a program's key opens: every verb with every scope, and what it cannot reach."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db.models import Model
from django.urls import get_resolver
from pytest_django import Settings
from rest_framework.test import APIClient

from accounts.models import ApiKey, StaffIdentity, User
from accounts.services.api_keys import SCOPES
from catalog.models import (
    Category,
    FlashSale,
    Product,
    ProductImage,
    Stock,
    StockMovement,
    Variant,
)
from orders.models import Order, OrderEvent, OrderLine
from payments.models import PaymentAttempt
from sandbox.kratos import Kratos
from tests.catalog.photos import photo
from tests.factories import (
    ColorFactory,
    ProductImageFactory,
    SizeFactory,
    VariantFactory,
)
from tests.fixtures_identity import app_of
from tests.fixtures_programs import program
from tests.karima.test_cross_origin import routes
from tests.karima.test_route_registry import REGISTRY, Who, call
from tests.payments.admin_pages import bring_money, packed_order

pytestmark = pytest.mark.django_db

CATALOG, MEDIA, STOCK, SHIP = (
    "catalog:write", "media:write", "stock:write", "orders:ship",
)  # fmt: skip
MATRIX: dict[tuple[str, str], str] = {
    ("api/v1/products", "post"): CATALOG,
    ("api/v1/products/<slug:slug>", "put"): CATALOG,
    ("api/v1/products/<slug:slug>", "patch"): CATALOG,
    ("api/v1/products/<slug:slug>", "delete"): CATALOG,
    ("api/v1/products/<slug:slug>/stock", "get"): "stock:read",
    ("api/v1/products/<slug:slug>/stock", "put"): STOCK,
    ("api/v1/products/<slug:slug>/stock", "post"): STOCK,
    ("api/v1/products/<slug:slug>/media", "post"): MEDIA,
    ("api/v1/products/<slug:slug>/media", "put"): MEDIA,
    ("api/v1/products/<slug:slug>/media/<int:photo_id>", "patch"): MEDIA,
    ("api/v1/products/<slug:slug>/media/<int:photo_id>", "delete"): MEDIA,
    ("api/v1/variants", "post"): CATALOG,
    ("api/v1/variants/<int:variant_id>", "put"): CATALOG,
    ("api/v1/variants/<int:variant_id>", "patch"): CATALOG,
    ("api/v1/variants/<int:variant_id>", "delete"): CATALOG,
    ("api/v1/variants/<int:variant_id>/stock", "get"): "stock:read",
    ("api/v1/variants/<int:variant_id>/stock", "put"): STOCK,
    ("api/v1/variants/<int:variant_id>/stock", "post"): STOCK,
    ("api/v1/flash-sales", "post"): CATALOG,
    ("api/v1/flash-sales/<slug:slug>", "patch"): CATALOG,
    ("api/v1/flash-sales/<slug:slug>", "delete"): CATALOG,
    ("api/v1/categories", "post"): CATALOG,
    ("api/v1/categories/<slug:slug>", "put"): CATALOG,
    ("api/v1/categories/<slug:slug>", "patch"): CATALOG,
    ("api/v1/categories/<slug:slug>", "delete"): CATALOG,
    ("api/v1/orders/<str:number>/status", "put"): SHIP,
    ("api/v1/orders/<str:number>/ship", "post"): SHIP,
    ("api/v1/orders/<str:number>/refund", "post"): "orders:refund",
}
VARIANT = {"color": "sage", "size": "XL", "price": 99_000, "weight_grams": 300}
COUNT = {"on_hand": 4, "note": "Hitung"}
DELIVERY = {"quantity": 3, "reference": "SJ-1"}
# Beyond what the sequence gives.
PHOTO = 10**12
UPLOAD = ("api/v1/products/<slug:slug>/media", "post")
BODIES: dict[tuple[str, str], dict[str, Any]] = {
    ("api/v1/products", "post"): {"name": "Gamis Baru", "category": "atasan"},
    ("api/v1/products/<slug:slug>", "put"): {"name": "Lain", "category": "atasan"},
    ("api/v1/products/<slug:slug>", "patch"): {"name": "Lain"},
    ("api/v1/products/<slug:slug>/stock", "put"): {
        "items": [{"sku": "SKU-1", **COUNT}], **COUNT,
    },
    ("api/v1/products/<slug:slug>/stock", "post"): {
        "items": [{"sku": "SKU-1", **DELIVERY}], **DELIVERY,
    },
    ("api/v1/products/<slug:slug>/media", "put"): {"order": [PHOTO]},
    ("api/v1/products/<slug:slug>/media/<int:photo_id>", "patch"): {"alt": "Tunik"},
    ("api/v1/variants", "post"): {"product": "tunik", "sku": "SKU-2", **VARIANT},
    ("api/v1/variants/<int:variant_id>", "put"): {"sku": "SKU-9", **VARIANT},
    ("api/v1/variants/<int:variant_id>", "patch"): {"price": 98_000},
    ("api/v1/variants/<int:variant_id>/stock", "put"): COUNT,
    ("api/v1/variants/<int:variant_id>/stock", "post"): DELIVERY,
    ("api/v1/flash-sales", "post"): {
        "name": "Gajian",
        "starts_at": "2099-01-01T00:00:00Z",
        "ends_at": "2099-01-02T00:00:00Z",
        "items": [{"sku": "SKU-1", "price": 1_000, "quota": 2}],
    },
    ("api/v1/flash-sales/<slug:slug>", "patch"): {"per_customer_limit": 2},
    ("api/v1/categories", "post"): {"name": "Rok"},
    ("api/v1/categories/<slug:slug>", "put"): {"name": "Lain"},
    ("api/v1/categories/<slug:slug>", "patch"): {"position": 3},
    ("api/v1/orders/<str:number>/status", "put"): {
        "status": "shipped", "courier": "JNE", "tracking_number": "R-1",
    },
    ("api/v1/orders/<str:number>/refund", "post"): {"reason": "Habis"},
    ("api/v1/orders/<str:number>/ship", "post"): {
        "courier": "JNE", "tracking_number": "R-1",
    },
}  # fmt: skip
# What each verb may change of rows that are there; the rest is the shop's.
MAY_CHANGE: dict[str, set[str]] = {
    "api/v1/products/<slug:slug>": {"name", "category_id", "status", "search_text"},
    "api/v1/variants/<int:variant_id>": {
        "sku", "color_id", "size_id", "price", "weight_grams", "is_active",
        # What the product repeats of its variants.
        "price_min", "price_max", "color_ids", "size_ids", "in_stock", "search_text",
    },
    "api/v1/products/<slug:slug>/media": {"position"},
    "api/v1/products/<slug:slug>/media/<int:photo_id>": {"alt"},
    "api/v1/variants": {
        "price_min", "price_max", "color_ids", "size_ids", "search_text",
    },
    "api/v1/categories/<slug:slug>": {"name", "position", "is_active", "is_visible"},
    "api/v1/flash-sales/<slug:slug>": {"ends_at", "is_published", "per_customer_limit"},
    "api/v1/products/<slug:slug>/stock": {"on_hand"},
    "api/v1/variants/<int:variant_id>/stock": {"on_hand"},
    "api/v1/orders/<str:number>/status": {"status", "on_hand", "reserved", "in_stock"},
    "api/v1/orders/<str:number>/ship": {"status", "on_hand", "reserved", "in_stock"},
    "api/v1/orders/<str:number>/refund": set(),
}  # fmt: skip
WATCHED: tuple[type[Model], ...] = (
    User, ApiKey, StaffIdentity, Category, Product, ProductImage, Variant, Stock,
    StockMovement, FlashSale, Order, OrderLine, OrderEvent, PaymentAttempt,
)  # fmt: skip
# What the product repeats of its own for searching, too.
BY_THE_WAY = {"updated_at", "last_used_at", "search_vector", "filter_terms"}

every_verb = pytest.mark.parametrize(("route", "method"), list(MATRIX))


@pytest.fixture
def names(settings: Settings, tmp_path: Path) -> dict[str, str]:
    """Give what the paths name: a variant of a product, and a packed order."""
    settings.MEDIA_ROOT = tmp_path
    variant = VariantFactory(sku="SKU-1", on_hand=5)
    Product.objects.filter(pk=variant.product_id).update(slug="tunik")
    Category.objects.filter(pk=variant.product.category_id).update(
        slug="atasan", path="atasan/"
    )
    order = packed_order()
    bring_money(order, "bca_va")
    FlashSale.objects.create(
        name="Lebaran",
        slug="lebaran",
        starts_at="2098-01-01T00:00:00Z",
        ends_at="2098-01-02T00:00:00Z",
    )
    ColorFactory(name="Sage")
    SizeFactory(name="XL")
    return {
        "slug": "tunik",
        "variant_id": str(variant.pk),
        "photo_id": str(ProductImageFactory(pk=PHOTO, product=variant.product).pk),
        "number": order.number,
    }


def named(names: dict[str, str], route: str) -> dict[str, str]:
    if route.startswith("api/v1/flash-sales"):
        return names | {"slug": "lebaran"}
    is_category = route.startswith("api/v1/categories")
    return names | {"slug": "atasan"} if is_category else names


def send(app: Any, row: tuple[str, str], names: dict[str, str], **extra: Any) -> Any:
    body = {**extra, **BODIES.get(row, {})}
    if row == UPLOAD:
        path = f"/api/v1/products/{names['slug']}/media"
        file = SimpleUploadedFile("a.jpg", photo(), "image/jpeg")
        return app.post(path, {**extra, "file": file})
    return call(app, *row, named(names, row[0]), body)


def everything() -> dict[str, dict[Any, dict[str, Any]]]:
    return {
        model.__name__: {
            row[model._meta.pk.attname]: {
                name: value for name, value in row.items() if name not in BY_THE_WAY
            }
            for row in model._default_manager.order_by("pk").values()
        }
        for model in WATCHED
    }


def verbs_with_a_scope() -> Iterator[tuple[tuple[str, str], str]]:
    for route, view in routes(get_resolver("karima.urls.api").url_patterns):
        made_from = getattr(view, "view_class", None) or getattr(view, "cls", None)
        for method, scope in getattr(made_from, "scopes", {}).items():
            yield (route, method.lower()), scope


def test_matrix_is_what_the_views_say() -> None:
    assert dict(verbs_with_a_scope()) == MATRIX


def test_registry_names_the_same_verbs() -> None:
    registered = {row for row, who in REGISTRY.items() if who is Who.PROGRAM}
    assert registered == set(MATRIX)


def test_scopes_are_known() -> None:
    assert set(MATRIX.values()) <= set(SCOPES)


@every_verb
def test_right_scope_alone_opens(
    names: dict[str, str], route: str, method: str
) -> None:
    answer = send(program(MATRIX[route, method]), (route, method), names)
    assert answer.status_code in {200, 201, 204}
    assert "no-store" in answer["Cache-Control"]


@every_verb
def test_all_other_scopes_do_not_open(
    names: dict[str, str], route: str, method: str
) -> None:
    app = program(*(set(SCOPES) - {MATRIX[route, method]}))
    before = everything()
    answer = send(app, (route, method), names)
    assert (answer.status_code, answer.json()["code"]) == (403, "scope_missing")
    assert everything() == before


@every_verb
def test_nobody_and_customers_and_staff_are_asked_for_a_key(
    names: dict[str, str], identity: Kratos, route: str, method: str
) -> None:
    staff = APIClient()
    staff.force_login(User.objects.create_superuser("staff:citra"))
    staff.credentials(HTTP_ORIGIN="http://testserver")
    before = everything()
    customer = app_of(identity.login("aisyah@karima.example"))
    for app in (APIClient(), customer, staff):
        answer = send(app, (route, method), names)
        assert (answer.status_code, answer.json()["code"]) == (401, "not_authenticated")
        assert answer["WWW-Authenticate"] == "Api-Key"
    assert everything() == before


@every_verb
def test_what_is_not_there_is_404(
    names: dict[str, str], route: str, method: str
) -> None:
    nothing = {
        "slug": "tidak-ada",
        "variant_id": "9" * 25,
        "photo_id": "1",
        "number": "KRM-0",
    }
    body = {**BODIES.get((route, method), {}), "product": "tidak-ada"}
    known = call(program(), route, method, nothing, body).status_code
    assert known == 404 or "<" not in route


def hostile() -> dict[str, Any]:
    """Return every column of every model that is watched, with a tempting value."""
    body: dict[str, Any] = {}
    for model in WATCHED:
        for field in model._meta.fields:
            kind = field.get_internal_type()
            value: Any = "jahat" if kind in {"CharField", "TextField"} else 1
            body |= {field.name: value, field.attname: value}
    return body


WRITES = [row for row in MATRIX if row[1] in {"put", "patch", "post"}]
DECLARED = {
    "name", "slug", "description", "category", "status", "published_at", "brand",
    "material", "opacity", "lining", "stretch", "sleeve", "cut", "motif", "extra",
    "size_chart", "fit_note", "video_url", "seo_title", "seo_description", "sku",
    "color", "size", "price", "compare_at_price", "weight_grams", "length_cm",
    "width_cm", "height_cm", "barcode", "parent", "position", "is_active", "courier",
    "is_busui_friendly", "is_wudhu_friendly", "is_non_iron", "is_featured", "note",
    "file", "alt", "order", "is_primary", "tracking_number", "quantity",
    "reference", "reason", "on_hand", "product",
    "starts_at", "ends_at", "per_customer_limit", "is_published",
}  # fmt: skip


@pytest.mark.parametrize(("route", "method"), WRITES)
def test_writing_changes_only_what_it_is_for(
    names: dict[str, str], route: str, method: str
) -> None:
    app = program(MATRIX[route, method])
    before = everything()
    extra = {name: value for name, value in hostile().items() if name not in DECLARED}
    answer = send(app, (route, method), names, **extra)
    assert answer.status_code in {200, 201}
    for model, rows in everything().items():
        for key, row in rows.items():
            old = before[model].get(key, row)
            changed = {name for name in row if row[name] != old[name]}
            assert changed <= MAY_CHANGE.get(route, set()), model


def test_new_rows_begin_as_the_shop_says(names: dict[str, str]) -> None:
    extra = {name: value for name, value in hostile().items() if name not in DECLARED}
    app = program()
    assert send(app, ("api/v1/products", "post"), names, **extra).status_code == 201
    product = Product.objects.latest("pk")
    assert (product.status, product.sold_count) == ("draft", 0)
    assert (product.rating_count, product.price_min) == (0, None)
    assert send(app, ("api/v1/variants", "post"), names, **extra).status_code == 201
    variant = Variant.objects.latest("pk")
    assert (variant.cost, variant.product.slug) == (None, "tunik")
    assert not Stock.objects.filter(variant=variant).exists()
    assert send(app, ("api/v1/categories", "post"), names, **extra).status_code == 201
    category = Category.objects.latest("pk")
    assert (category.path, category.is_visible) == ("rok/", True)


def test_cost_is_never_shown(names: dict[str, str]) -> None:
    Variant.objects.update(cost=12_345)
    for row in MATRIX:
        if row[1] != "delete":
            assert b"12345" not in send(program(), row, names).content


def test_every_scope_is_good_for_something() -> None:
    assert set(SCOPES) == {*MATRIX.values(), "orders:cancel"}
