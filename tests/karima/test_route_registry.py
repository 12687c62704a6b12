"""Who may call what: every route of the API with every method, and what others get.

A new route fails `test_every_route_is_in_the_registry` until it is written down here.
"""

import re
from collections.abc import Iterator
from enum import Enum
from typing import Any

import pytest
from django.db.models import Model
from django.test import Client
from django.urls import get_resolver
from django.utils import timezone
from rest_framework.test import APIClient

from accounts.clients import kratos
from accounts.models import Address, PrivacyRequest, ResellerApplication, User
from accounts.services import addresses, customers, groups
from accounts.services.addresses import AddressDetails
from accounts.services.groups import Wish
from catalog.models import Product, Variant
from catalog.services import bundles, wishlists
from orders.models import Cart, CartBundle, CartLine, Order, Review
from orders.services import cart as carts
from orders.services import cart_bundles, reviews
from payments.models import PaymentAttempt
from sandbox.kratos import Kratos, Login
from sandbox.midtrans import Midtrans
from tests.factories import (
    BundleFactory,
    ReviewPhotoFactory,
    StaffFactory,
    VariantFactory,
    make_order,
)
from tests.fixtures_identity import app_of
from tests.fixtures_shop import ADDRESS, CHECKOUT
from tests.karima.test_cross_origin import routes
from tests.payments.person import deliver

pytestmark = pytest.mark.django_db


class Who(Enum):
    """Who may call a route."""

    ANYBODY = "credentials mean nothing"
    GUEST = "a guest with a cart's token, or a customer"
    GUEST_OWNER = "the same, and only for what is theirs"
    CUSTOMER = "a customer, about themselves"
    OWNER = "the customer whose object the path names; to others it does not exist"
    SESSION = "whoever has a credential, to end it"
    WEBHOOK = "a program with a key or a signature"
    MONITOR = "Prometheus, with METRICS_TOKEN"
    # The scopes are in test_program_routes.py.
    PROGRAM = "a program whose API key has the scope"


REGISTRY: dict[tuple[str, str], Who] = {
    ("health", "get"): Who.ANYBODY,
    ("health/live", "get"): Who.ANYBODY,
    ("health/ready", "get"): Who.ANYBODY,
    ("internal/metrics", "get"): Who.MONITOR,
    ("metrics", "get"): Who.MONITOR,
    ("api/v1/health", "get"): Who.ANYBODY,
    ("api/v1/openapi.json", "get"): Who.ANYBODY,
    ("api/docs", "get"): Who.ANYBODY,
    ("api/v1/auth/me", "get"): Who.CUSTOMER,
    ("api/v1/auth/me", "patch"): Who.CUSTOMER,
    ("api/v1/users/me", "get"): Who.CUSTOMER,
    ("api/v1/users/me", "patch"): Who.CUSTOMER,
    ("api/v1/auth/login", "get"): Who.ANYBODY,
    ("api/v1/auth/register", "get"): Who.ANYBODY,
    ("api/v1/auth/handoff", "get"): Who.ANYBODY,
    ("api/v1/auth/token", "post"): Who.ANYBODY,
    ("api/v1/auth/logout", "get"): Who.ANYBODY,
    ("api/v1/auth/logout", "post"): Who.SESSION,
    ("api/v1/auth/sessions", "get"): Who.CUSTOMER,
    ("api/v1/auth/sessions", "delete"): Who.CUSTOMER,
    ("api/v1/auth/sessions/<uuid:session_id>", "delete"): Who.OWNER,
    ("api/v1/addresses", "get"): Who.CUSTOMER,
    ("api/v1/addresses", "post"): Who.CUSTOMER,
    ("api/v1/addresses/<uuid:address_id>", "get"): Who.OWNER,
    ("api/v1/addresses/<uuid:address_id>", "patch"): Who.OWNER,
    ("api/v1/addresses/<uuid:address_id>", "delete"): Who.OWNER,
    ("api/v1/addresses/<uuid:address_id>/default", "post"): Who.OWNER,
    ("api/v1/reseller-application", "get"): Who.CUSTOMER,
    ("api/v1/reseller-application", "post"): Who.CUSTOMER,
    ("api/v1/privacy/consents", "get"): Who.CUSTOMER,
    ("api/v1/privacy/consents", "post"): Who.CUSTOMER,
    ("api/v1/privacy/export", "post"): Who.CUSTOMER,
    ("api/v1/privacy/export/<uuid:request_id>", "get"): Who.OWNER,
    ("api/v1/privacy/export/<uuid:request_id>/download", "get"): Who.OWNER,
    ("api/v1/privacy/erasure", "post"): Who.CUSTOMER,
    ("api/v1/webhooks/kratos", "post"): Who.WEBHOOK,
    ("api/v1/products", "get"): Who.ANYBODY,
    ("api/v1/products/search", "get"): Who.ANYBODY,
    ("api/v1/products/featured", "get"): Who.ANYBODY,
    ("api/v1/products/bestsellers", "get"): Who.ANYBODY,
    ("api/v1/products/new", "get"): Who.ANYBODY,
    ("api/v1/products/suggest", "get"): Who.ANYBODY,
    ("api/v1/products/category/<slug:slug>", "get"): Who.ANYBODY,
    ("api/v1/products/<slug:slug>", "get"): Who.ANYBODY,
    ("api/v1/products/<slug:slug>/related", "get"): Who.ANYBODY,
    ("api/v1/collections", "get"): Who.ANYBODY,
    ("api/v1/collections/<slug:slug>", "get"): Who.ANYBODY,
    ("api/v1/product-bundles", "get"): Who.ANYBODY,
    ("api/v1/product-bundles/<slug:slug>", "get"): Who.ANYBODY,
    ("api/v1/sitemap", "get"): Who.ANYBODY,
    ("api/v1/store", "get"): Who.ANYBODY,
    ("api/v1/previews/<str:token>", "get"): Who.ANYBODY,
    ("api/v1/categories", "get"): Who.ANYBODY,
    ("api/v1/categories/stats", "get"): Who.ANYBODY,
    ("api/v1/categories/<slug:slug>/products", "get"): Who.ANYBODY,
    ("api/v1/categories/<slug:slug>", "get"): Who.ANYBODY,
    ("api/v1/flash-sales", "get"): Who.ANYBODY,
    ("api/v1/flash-sales/<slug:slug>", "get"): Who.ANYBODY,
    ("api/v1/pricing/calculate", "get"): Who.GUEST,
    ("api/v1/pricing/calculate", "post"): Who.GUEST,
    ("api/v1/pricing/products/<int:product_id>", "get"): Who.GUEST,
    ("api/v1/pricing/order-summary", "post"): Who.GUEST,
    ("api/v1/cart", "get"): Who.GUEST,
    ("api/v1/cart", "post"): Who.GUEST,
    ("api/v1/cart/items", "post"): Who.GUEST,
    ("api/v1/cart/items/<int:line_id>", "patch"): Who.GUEST_OWNER,
    ("api/v1/cart/items/<int:line_id>", "delete"): Who.GUEST_OWNER,
    ("api/v1/cart/bundles/<int:row_id>", "patch"): Who.GUEST_OWNER,
    ("api/v1/cart/bundles/<int:row_id>", "delete"): Who.GUEST_OWNER,
    ("api/v1/products/<slug:slug>/reviews", "get"): Who.ANYBODY,
    ("api/v1/reviews", "get"): Who.CUSTOMER,
    ("api/v1/reviews", "post"): Who.CUSTOMER,
    ("api/v1/reviews/candidates", "get"): Who.CUSTOMER,
    ("api/v1/reviews/<uuid:review_id>", "patch"): Who.OWNER,
    ("api/v1/reviews/<uuid:review_id>", "delete"): Who.OWNER,
    ("api/v1/reviews/<uuid:review_id>/photos", "post"): Who.OWNER,
    ("api/v1/reviews/<uuid:review_id>/photos/<uuid:picture_id>", "delete"): Who.OWNER,
    ("api/v1/reviews/<uuid:review_id>/helpful", "post"): Who.CUSTOMER,
    ("api/v1/reviews/<uuid:review_id>/helpful", "delete"): Who.CUSTOMER,
    ("api/v1/wishlist", "get"): Who.CUSTOMER,
    ("api/v1/wishlist", "delete"): Who.CUSTOMER,
    ("api/v1/wishlist/items", "post"): Who.CUSTOMER,
    ("api/v1/wishlist/items/<uuid:item_id>", "delete"): Who.OWNER,
    ("api/v1/stock-alerts", "post"): Who.GUEST,
    ("api/v1/stock-alerts/<str:token>", "delete"): Who.ANYBODY,
    ("api/v1/orders", "get"): Who.CUSTOMER,
    ("api/v1/orders/<str:number>", "get"): Who.OWNER,
    ("api/v1/checkout", "post"): Who.CUSTOMER,
    ("api/v1/orders/<str:number>/payment", "get"): Who.OWNER,
    ("api/v1/orders/<str:number>/pay", "post"): Who.OWNER,
    ("api/v1/payments/midtrans/notification", "post"): Who.WEBHOOK,
    ("api/v1/payment/webhook", "post"): Who.WEBHOOK,
    ("api/v1/webhooks/midtrans", "post"): Who.WEBHOOK,
    ("api/v1/products", "post"): Who.PROGRAM,
    ("api/v1/products/<slug:slug>", "put"): Who.PROGRAM,
    ("api/v1/products/<slug:slug>", "patch"): Who.PROGRAM,
    ("api/v1/products/<slug:slug>", "delete"): Who.PROGRAM,
    ("api/v1/products/<slug:slug>/stock", "get"): Who.PROGRAM,
    ("api/v1/products/<slug:slug>/stock", "put"): Who.PROGRAM,
    ("api/v1/products/<slug:slug>/stock", "post"): Who.PROGRAM,
    ("api/v1/products/<slug:slug>/media", "post"): Who.PROGRAM,
    ("api/v1/products/<slug:slug>/media", "put"): Who.PROGRAM,
    ("api/v1/products/<slug:slug>/media/<int:photo_id>", "patch"): Who.PROGRAM,
    ("api/v1/products/<slug:slug>/media/<int:photo_id>", "delete"): Who.PROGRAM,
    ("api/v1/variants", "post"): Who.PROGRAM,
    ("api/v1/variants/<int:variant_id>", "put"): Who.PROGRAM,
    ("api/v1/variants/<int:variant_id>", "patch"): Who.PROGRAM,
    ("api/v1/variants/<int:variant_id>", "delete"): Who.PROGRAM,
    ("api/v1/variants/<int:variant_id>/stock", "get"): Who.PROGRAM,
    ("api/v1/variants/<int:variant_id>/stock", "put"): Who.PROGRAM,
    ("api/v1/variants/<int:variant_id>/stock", "post"): Who.PROGRAM,
    ("api/v1/flash-sales", "post"): Who.PROGRAM,
    ("api/v1/flash-sales/<slug:slug>", "patch"): Who.PROGRAM,
    ("api/v1/flash-sales/<slug:slug>", "delete"): Who.PROGRAM,
    ("api/v1/categories", "post"): Who.PROGRAM,
    ("api/v1/categories/<slug:slug>", "put"): Who.PROGRAM,
    ("api/v1/categories/<slug:slug>", "patch"): Who.PROGRAM,
    ("api/v1/categories/<slug:slug>", "delete"): Who.PROGRAM,
    ("api/v1/orders/<str:number>/status", "put"): Who.PROGRAM,
    ("api/v1/orders/<str:number>/refund", "post"): Who.PROGRAM,
    ("api/v1/orders/<str:number>/ship", "post"): Who.PROGRAM,
}
METHODS = ("get", "post", "put", "patch", "delete")
IDEMPOTENT = {"HTTP_IDEMPOTENCY_KEY": "key-0000-0000-0001"}
DETAILS = AddressDetails(**{**ADDRESS, "phone": "+6281234567801"})
WISH = Wish(
    wanted_group="agen",
    shop_name="Toko",
    city="Kota Bandung",
    story="Cerita yang cukup panjang.",
)

# The bodies that the routes accept, so that a refusal is not of the body.
BODIES: dict[tuple[str, str], dict[str, Any]] = {
    ("api/v1/auth/me", "patch"): {"full_name": "Aisyah Baru", "phone": ""},
    ("api/v1/users/me", "patch"): {"full_name": "Aisyah Baru", "phone": ""},
    ("api/v1/addresses", "post"): {
        **ADDRESS, "label": "", "rt_rw": "", "landmark": "", "is_default": False,
    },
    ("api/v1/addresses/<uuid:address_id>", "patch"): {
        **ADDRESS, "label": "Kantor", "rt_rw": "", "landmark": "",
    },
    ("api/v1/reseller-application", "post"): {
        "wanted_group": "reseller",
        "shop_name": "Toko Aisyah",
        "city": "Kota Bandung",
        "story": "Berjualan sejak 2023.",
        "social_link": "",
    },
    ("api/v1/cart/items/<int:line_id>", "patch"): {"quantity": 2},
    ("api/v1/cart/bundles/<int:row_id>", "patch"): {"quantity": 2},
    ("api/v1/reviews/<uuid:review_id>", "patch"): {"rating": 3},
    ("api/v1/checkout", "post"): {**CHECKOUT, "notes": ""},
}  # fmt: skip


def routes_and_methods() -> Iterator[tuple[str, str]]:
    for route, view in routes(get_resolver("karima.urls.api").url_patterns):
        made_from = getattr(view, "view_class", None) or view.cls
        yield from ((route, m) for m in METHODS if hasattr(made_from, m))


def of(*kinds: Who) -> Any:
    """Parametrize a test with the rows of these kinds."""
    rows = [row for row, who in REGISTRY.items() if who in kinds]
    return pytest.mark.parametrize(("route", "method"), rows)


def test_every_route_is_in_the_registry() -> None:
    assert set(routes_and_methods()) == set(REGISTRY)


@pytest.fixture
def logins(identity: Kratos, gateway: Midtrans) -> tuple[Login, Login]:
    """Give Aisyah's session and Budi's; both are customers of the shop already."""
    logins = (
        identity.login("aisyah@karima.example"),
        identity.login("budi@karima.example"),
    )
    for login in logins:
        session = kratos.whoami(token=login.token)
        assert session is not None
        customers.sync_user(session.identity)
    return logins


@pytest.fixture
def aisyahs(logins: tuple[Login, Login]) -> dict[str, str]:
    """Give what the paths may name, all of it Aisyah's."""
    aisyah = User.objects.get(email="aisyah@karima.example")
    # Before the cart is filled: an order takes all that is in it.
    delivered = deliver(make_order(aisyah))
    line = delivered.lines.earliest("pk")
    order = make_order(aisyah)
    cart, _ = carts.open_cart(carts.Shopper(customer=aisyah))
    carts.add_item(cart, variant=VariantFactory(on_hand=9), quantity=1)
    bundle = BundleFactory(parts={VariantFactory(on_hand=9): 1})
    row = cart_bundles.add(cart, bundle=bundles.find(bundle.slug), quantity=1)
    now = timezone.now()
    export = PrivacyRequest.objects.create(
        customer=aisyah,
        kind=PrivacyRequest.Kind.EXPORT,
        state=PrivacyRequest.State.EXPIRED,
        next_try_at=now,
        requested_at=now,
        due_at=now,
    )
    review = reviews.write(aisyah, line_id=line.pk, rating=5, text="")
    reviews.publish(review.pk, actor=StaffFactory())
    wish = wishlists.add(aisyah, variant_id=line.variant_id)
    return {
        "item_id": str(wish),
        "delivered": delivered.number,
        "token": "no-such-token",
        "review_id": str(review.pk),
        "address_id": str(addresses.add(aisyah, details=DETAILS).pk),
        "session_id": logins[0].session_id,
        "request_id": str(export.pk),
        "row_id": str(row.pk),
        "line_id": str(cart.lines.get().pk),
        "number": order.number,
        "slug": Product.objects.earliest("pk").slug,
        "photo_id": "1",
        "picture_id": str(ReviewPhotoFactory(review=review).pk),
        "variant_id": str(Variant.objects.earliest("pk").pk),
        "product_id": str(Product.objects.earliest("pk").pk),
    }


def call(
    app: Client, route: str, method: str, names: dict[str, str], body: Any = None
) -> Any:
    path = "/" + re.sub(r"<\w+:(\w+)>", lambda match: names[match[1]], route)
    wanted = BODIES.get((route, method), {}) if body is None else body
    if method in {"get", "delete"}:
        return getattr(app, method)(path)
    return getattr(app, method)(path, wanted, format="json", **IDEMPOTENT)


@of(Who.CUSTOMER, Who.OWNER, Who.SESSION)
def test_nobody_is_asked_to_sign_in(
    aisyahs: dict[str, str], route: str, method: str
) -> None:
    answer = call(APIClient(), route, method, aisyahs)
    assert (answer.status_code, answer.json()["code"]) == (401, "not_authenticated")
    assert answer["WWW-Authenticate"] == "Bearer"


@of(Who.CUSTOMER, Who.OWNER, Who.GUEST, Who.GUEST_OWNER)
def test_closed_account_may_nothing(
    logins: tuple[Login, Login], aisyahs: dict[str, str], route: str, method: str
) -> None:
    User.objects.update(is_active=False)
    answer = call(app_of(logins[0]), route, method, aisyahs)
    assert (answer.status_code, answer.json()["code"]) == (403, "account_inactive")


@of(Who.CUSTOMER, Who.OWNER)
def test_staff_are_nobody_here(
    aisyahs: dict[str, str], route: str, method: str
) -> None:
    app = APIClient()
    app.force_login(User.objects.create_superuser("staff:citra"))
    headers = {"HTTP_ORIGIN": "http://testserver"}
    app.credentials(**headers)
    assert call(app, route, method, aisyahs).status_code == 401


@of(Who.OWNER, Who.GUEST_OWNER)
def test_what_is_aisyahs_does_not_exist_for_budi(
    logins: tuple[Login, Login], aisyahs: dict[str, str], route: str, method: str
) -> None:
    before = everything()
    assert call(app_of(logins[1]), route, method, aisyahs).status_code == 404
    assert everything() == before


@of(Who.GUEST_OWNER)
def test_a_guest_does_not_find_it_either(
    aisyahs: dict[str, str], route: str, method: str
) -> None:
    assert call(APIClient(), route, method, aisyahs).status_code == 404


@of(Who.CUSTOMER, Who.OWNER, Who.GUEST, Who.GUEST_OWNER)
def test_owner_is_let_in(
    logins: tuple[Login, Login], aisyahs: dict[str, str], route: str, method: str
) -> None:
    answer = call(app_of(logins[0]), route, method, aisyahs)
    unfinished = route.endswith(("/download", "/payment"))
    assert answer.status_code not in {401, 403, 405}
    assert answer.status_code != 404 or unfinished


READS = [row for row in REGISTRY if row[1] == "get"]


@pytest.mark.parametrize(("route", "method"), READS)
def test_no_answer_that_is_for_one_is_for_all(
    logins: tuple[Login, Login], aisyahs: dict[str, str], route: str, method: str
) -> None:
    """A cache in between may keep what is `public`, cookies and names included."""
    hers = call(app_of(logins[0]), route, method, aisyahs)
    is_public = "public" in hers.get("Cache-Control", "")
    assert not hers.cookies
    if REGISTRY[route, method] != Who.ANYBODY:
        assert "no-store" in hers["Cache-Control"]
    if is_public:
        anybodys = call(APIClient(), route, method, aisyahs)
        assert without_clock(anybodys.content) == without_clock(hers.content)
        assert b"aisyah" not in hers.content.lower()
        assert "cookie" not in hers.get("Vary", "").lower()


def without_clock(body: bytes) -> bytes:
    return re.sub(rb'"server_time":"[^"]*"', b"", body)


@of(Who.GUEST)
def test_guest_needs_no_account(
    aisyahs: dict[str, str], route: str, method: str
) -> None:
    assert call(APIClient(), route, method, aisyahs).status_code in {200, 201, 400}


@of(Who.ANYBODY)
def test_bad_credentials_stop_nobody(
    aisyahs: dict[str, str], route: str, method: str
) -> None:
    app = APIClient()
    without = call(app, route, method, aisyahs).status_code
    app.credentials(HTTP_AUTHORIZATION="Bearer ory_st_wrong")
    assert call(app, route, method, aisyahs).status_code == without
    assert without not in {401, 403}


@of(Who.WEBHOOK)
def test_customers_key_opens_no_webhook(
    logins: tuple[Login, Login],
    aisyahs: dict[str, str],
    settings: Any,
    route: str,
    method: str,
) -> None:
    settings.KRATOS_WEBHOOK_KEY = "kunci-rahasia"
    before = everything()
    for app in (APIClient(), app_of(logins[0])):
        status = call(app, route, method, aisyahs).status_code
        assert status in {400, 401, 403}
    assert everything() == before


@of(Who.MONITOR)
def test_monitor_has_a_token_of_its_own(
    logins: tuple[Login, Login],
    aisyahs: dict[str, str],
    settings: Any,
    route: str,
    method: str,
) -> None:
    settings.METRICS_TOKEN = "token-pemantau"
    for app in (APIClient(), app_of(logins[0])):
        assert call(app, route, method, aisyahs).status_code == 403


LISTS = [
    "api/v1/orders",
    "api/v1/addresses",
    "api/v1/auth/sessions",
]


@pytest.mark.parametrize("route", LISTS)
def test_lists_hold_nothing_of_others(
    logins: tuple[Login, Login], aisyahs: dict[str, str], route: str
) -> None:
    budi = User.objects.get(email="budi@karima.example")
    make_order(budi)
    addresses.add(budi, details=DETAILS)
    own = set(aisyahs.values())
    for login, is_aisyahs in zip(logins, (True, False), strict=True):
        rows = app_of(login).get(f"/{route}").json()["results"]
        named = {str(row.get("id", row.get("number"))) for row in rows}
        assert named
        assert named <= own if is_aisyahs else not named & own


HOSTILE_MODELS = (
    User, Address, ResellerApplication, Cart, CartLine, CartBundle, Order,
    PaymentAttempt, Review,
)  # fmt: skip


def everything() -> dict[str, list[dict[str, Any]]]:
    """Return every row that a customer could want to change."""
    return {
        model.__name__: [
            {name: value for name, value in row.items() if name != "updated_at"}
            for row in model._default_manager.order_by("pk").values()
        ]
        for model in HOSTILE_MODELS
    }


def hostile_body(victim: User, legitimate: dict[str, Any]) -> dict[str, Any]:
    """Return every column of every model, except what the route may really take."""
    columns = [field for model in HOSTILE_MODELS for field in model._meta.fields]
    body = {}
    for field in columns:
        for name in (field.name, field.attname):
            body[name] = _hostile(field, victim)
    body |= {"role": "owner", "groups": [1], "user_permissions": [1], "user": "x"}
    return {**body, **legitimate}


def _hostile(field: Any, victim: User) -> Any:
    kind = field.get_internal_type()
    if kind == "BooleanField":
        return field.name != "is_active"
    if field.choices:
        return list(field.choices)[-1][0]
    if kind in {"UUIDField", "ForeignKey"}:
        return str(victim.pk)
    if kind in {"DateTimeField", "DateField"}:
        return "2020-01-01T00:00:00Z"
    return "jahat" if kind in {"CharField", "EmailField", "URLField"} else 1


WRITES = [row for row in REGISTRY if row[1] in {"post", "put", "patch"}]
ALLOWED: dict[tuple[str, str], set[str]] = {
    ("api/v1/auth/me", "patch"): {"full_name", "phone"},
    ("api/v1/users/me", "patch"): {"full_name", "phone"},
    ("api/v1/addresses/<uuid:address_id>", "patch"): {"label"},
    ("api/v1/cart/items/<int:line_id>", "patch"): {"quantity"},
    ("api/v1/cart/bundles/<int:row_id>", "patch"): {"quantity"},
    ("api/v1/reviews/<uuid:review_id>", "patch"): {
        "rating",
        "text",
        "state",
        "written_at",
        "decided_at",
        "decided_by_id",
    },
    # The order is placed from the cart.
    ("api/v1/checkout", "post"): {"state"},
    # The account is closed; erasing it is the purpose.
    ("api/v1/privacy/erasure", "post"): {"is_active"},
}
DEFAULTS: dict[type[Model], dict[str, Any]] = {
    Order: {"status": "pending", "payment_status": "unpaid", "paid_at": None},
    ResellerApplication: {"state": "open", "decided_at": None, "reason": ""},
    Address: {"is_default": False},
}


@pytest.mark.parametrize(("route", "method"), WRITES)
def test_writing_changes_only_what_it_is_for(
    logins: tuple[Login, Login], aisyahs: dict[str, str], route: str, method: str
) -> None:
    aisyah = User.objects.get(email="aisyah@karima.example")
    budi = User.objects.get(email="budi@karima.example")
    before = everything()
    body = hostile_body(budi, BODIES.get((route, method), {}))
    answer = call(app_of(logins[0]), route, method, aisyahs, body)
    if (route, method) in BODIES:
        assert answer.status_code in {200, 201}
    for name, rows in everything().items():
        old = {row["id"]: row for row in before[name]}
        for row in rows:
            if row["id"] in old:
                changed = {key for key in row if row[key] != old[row["id"]][key]}
                assert changed <= ALLOWED.get((route, method), set()), name
            else:
                assert row.get("customer_id", aisyah.pk) != budi.pk, name


@pytest.mark.parametrize(
    ("route", "model"),
    [
        ("api/v1/checkout", Order),
        ("api/v1/reseller-application", ResellerApplication),
        ("api/v1/addresses", Address),
    ],
)
def test_new_rows_are_the_senders_and_at_their_beginning(
    logins: tuple[Login, Login],
    aisyahs: dict[str, str],
    route: str,
    model: type[Model],
) -> None:
    aisyah = User.objects.get(email="aisyah@karima.example")
    budi = User.objects.get(email="budi@karima.example")
    body = hostile_body(budi, BODIES[route, "post"])
    assert call(app_of(logins[0]), route, "post", aisyahs, body).status_code == 201
    (new,) = model._default_manager.order_by("-pk")[:1].values()
    assert new["customer_id"] == aisyah.pk
    assert new["id"] != budi.pk
    assert {name: new[name] for name in DEFAULTS[model]} == DEFAULTS[model]


def test_price_is_the_shops_and_not_the_senders(
    logins: tuple[Login, Login], aisyahs: dict[str, str]
) -> None:
    budi = User.objects.get(email="budi@karima.example")
    row = ("api/v1/checkout", "post")
    body = hostile_body(budi, BODIES[row])
    call(app_of(logins[0]), *row, aisyahs, body)
    order = Order.objects.latest("pk")
    assert (order.items_total, order.grand_total) == (400_000, 420_000)
    assert order.discount_total == 0
    assert PaymentAttempt.objects.get(order=order).amount == 420_000


def test_groups_are_not_given_by_applying(logins: tuple[Login, Login]) -> None:
    aisyah = User.objects.get(email="aisyah@karima.example")
    groups.apply(aisyah, wish=WISH)
    aisyah.refresh_from_db()
    assert aisyah.group_id == "retail"
