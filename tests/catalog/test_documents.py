"""Ready documents: they follow every change, and say when they do not."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import orjson
import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from catalog.models import (
    Attribute,
    Category,
    Color,
    Product,
    ProductDocument,
    SizeChart,
    SizeMeasurement,
    Variant,
)
from catalog.services import (
    categories,
    documents,
    options,
    prices,
    products,
    reading,
    stock,
)
from catalog.services.stock import StockLine
from tests.factories import (
    CategoryFactory,
    ColorFactory,
    ProductFactory,
    ProductImageFactory,
    SizeFactory,
    VariantFactory,
)

pytestmark = pytest.mark.django_db


def page(product: Product) -> Any:
    document = reading.detail(product.slug)
    assert document is not None
    return orjson.loads(document)


def card(product: Product) -> Any:
    found = Product.objects.filter(pk=product.pk)
    return orjson.loads(reading.cards(found, start=0, stop=1)[0])


def cell(variant: Variant) -> tuple[str, int]:
    [row] = page(variant.product)["variants"]
    return row["stock_state"], row["available"]


def written(change: Callable[[], object]) -> int:
    """Return how many documents a change wrote."""
    before = list(ProductDocument.objects.values("pk", "card", "detail"))
    change()
    after = list(ProductDocument.objects.values("pk", "card", "detail"))
    return sum(row not in before for row in after)


@pytest.mark.parametrize("start", [30, 11, 10, 6, 1])
def test_a_reservation_shows_at_once(start: int) -> None:
    variant = VariantFactory(on_hand=start)
    with transaction.atomic():
        stock.reserve([StockLine(variant.pk, 1)], reference="KRM-1")
    left = start - 1
    state = "in_stock" if left > 5 else "low_stock" if left else "sold_out"
    assert cell(variant) == (state, min(left, 10))
    assert card(variant.product)["in_stock"] is bool(left)
    assert Product.objects.get().in_stock is bool(left)


def test_stock_that_comes_back_shows_too() -> None:
    variant = VariantFactory(on_hand=1)
    stock.reserve([StockLine(variant.pk, 1)], reference="KRM-1")
    stock.release([StockLine(variant.pk, 1)], reference="KRM-1")
    assert cell(variant) == ("low_stock", 1)
    stock.adjust(variant.pk, new_on_hand=0, actor=None, note="hilang")
    assert cell(variant) == ("sold_out", 0)


def test_plenty_that_becomes_a_little_less_writes_nothing() -> None:
    variant = VariantFactory(on_hand=30)
    line = [StockLine(variant.pk, 5)]
    assert written(lambda: stock.reserve(line, reference="KRM-1")) == 0


def test_a_renamed_category_shows_in_its_whole_subtree() -> None:
    root = CategoryFactory(name="Wanita")
    leaf = CategoryFactory(name="Gamis", parent=root)
    inside = VariantFactory(product__category=leaf).product
    outside = VariantFactory().product
    root.name = "Perempuan"
    assert written(lambda: categories.save(root)) == 1
    assert page(inside)["breadcrumbs"][0]["name"] == "Perempuan"
    assert "Perempuan" not in str(page(outside))


def test_a_renamed_color_shows_in_its_products() -> None:
    color = ColorFactory(name="Sage")
    variant = VariantFactory(color=color)
    VariantFactory()
    color.name = "Sage Muda"
    assert written(lambda: options.save(color)) == 1
    assert card(variant.product)["colors"][0]["name"] == "Sage Muda"


def test_a_renamed_product_and_a_new_price_show() -> None:
    variant = VariantFactory(price=100_000)
    variant.product.name = "Gamis Baru"
    products.save(variant.product)
    prices.change_price(variant, price=75_000, compare_at_price=100_000)
    shown = card(variant.product)
    assert shown["name"] == "Gamis Baru"
    assert (shown["price_min"], shown["discount_percent"]) == (75_000, 25)
    assert shown["compare_at_price"] == 100_000


def test_the_same_again_writes_nothing() -> None:
    variant = VariantFactory(on_hand=3)
    assert written(lambda: documents.rewrite([variant.product_id])) == 0


def test_the_chart_of_the_nearest_category_is_shown() -> None:
    chart = SizeChart.objects.create(name="Gamis dewasa", note="Toleransi 1 cm")
    far = SizeChart.objects.create(name="Semua")
    medium = SizeFactory(name="M")
    for each in (chart, far):
        SizeMeasurement.objects.create(chart=each, size=medium, measure="LD", cm=100)
    SizeMeasurement.objects.create(
        chart=chart, size=medium, measure="PB", cm="137.5", cm_to=139
    )
    root = CategoryFactory(size_chart=far)
    leaf = CategoryFactory(parent=root, size_chart=chart)
    product = VariantFactory(product__category=leaf).product
    assert page(product)["size_chart"] == {
        "name": "Gamis dewasa",
        "note": "Toleransi 1 cm",
        "measures": [
            {"code": "LD", "name": "Lingkar dada"},
            {"code": "PB", "name": "Panjang baju"},
        ],
        "rows": [
            {
                "size": "M",
                "measurements": {
                    "LD": {"cm": 100, "cm_to": None},
                    "PB": {"cm": 137.5, "cm_to": 139},
                },
            }
        ],
    }
    product.size_chart = far
    products.save(product)
    assert page(product)["size_chart"]["name"] == "Semua"


def test_a_variant_may_have_a_picture_of_its_own() -> None:
    variant = VariantFactory()
    image = ProductImageFactory(
        product=variant.product,
        alt="Detail",
        renditions=[{"file": "products/a b-320.webp", "width": 320, "height": 400}],
    )
    variant.image = image
    variant.save()
    documents.rewrite([variant.product_id])
    [row] = page(variant.product)["variants"]
    assert row["image"]["url"] == "media:products/contoh.webp"
    assert row["image"]["renditions"] == [
        {"url": "media:products/a%20b-320.webp", "width": 320, "height": 400}
    ]


def test_extra_attributes_are_shown_with_their_names() -> None:
    Attribute.objects.create(
        code="lebar-rok", name="Lebar rok", kind="number", unit="m"
    )
    product = VariantFactory(product__extra={"lebar-rok": 3.5, "hilang": 1}).product
    assert page(product)["attributes"]["extra"] == [
        {"code": "lebar-rok", "name": "Lebar rok", "unit": "m", "value": 3.5}
    ]


def test_structured_data_is_a_product_of_schema_org() -> None:
    variant = VariantFactory(price=99_000, on_hand=1, product__brand="Karima")
    ProductImageFactory(product=variant.product)
    data = page(variant.product)["structured_data"]
    assert (data["@type"], data["brand"]["name"]) == ("Product", "Karima")
    assert data["offers"] == {
        "@type": "AggregateOffer",
        "priceCurrency": "IDR",
        "lowPrice": 99_000,
        "highPrice": 99_000,
        "offerCount": 1,
        "availability": "https://schema.org/InStock",
    }
    assert "aggregateRating" not in data


def test_the_document_of_the_moment_is_read() -> None:
    product = VariantFactory().product
    now = timezone.now()
    ends = now + timedelta(hours=1)
    ProductDocument.objects.update(ends_at=now, card='"before"')
    for start, end, text in [(now, ends, '"sale"'), (ends, None, '"after"')]:
        ProductDocument.objects.create(
            product=product, starts_at=start, ends_at=end, card=text, detail="{}"
        )
    assert card(product) == "sale"


def test_verify_names_what_is_out_of_date_and_rebuild_mends_it() -> None:
    good, renamed, missing = (VariantFactory().product for _ in range(3))
    Product.objects.filter(pk=renamed.pk).update(name="Lain")
    ProductDocument.objects.filter(product=missing).delete()
    assert [wrong for _, wrong in documents.verify()] == [
        sorted([renamed.pk, missing.pk])
    ]
    assert not ProductDocument.objects.filter(product=missing).exists()
    with pytest.raises(CommandError, match="2 of 3"):
        call_command("rebuild_documents", "--verify", verbosity=0)
    call_command("rebuild_documents", verbosity=0)
    call_command("rebuild_documents", "--verify", verbosity=0)
    assert good.pk


def test_the_database_refuses_a_path_that_is_not_the_place() -> None:
    root, other = CategoryFactory(), CategoryFactory()
    with (
        pytest.raises(IntegrityError, match="not its place"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        Category.objects.filter(pk=other.pk).update(parent=root)
        cursor.execute("SET CONSTRAINTS category_path_is_its_place IMMEDIATE")


def test_the_database_refuses_an_unknown_family_and_attribute() -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        Color.objects.create(name="A", slug="a", hex="#000000", family="neon")
    with pytest.raises(IntegrityError), transaction.atomic():
        ProductFactory(opacity="tembus")
