"""Fill the shop with demo articles. Safe to run twice: it adds only what is missing."""

import random
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice

from django.db import transaction
from django.utils.text import slugify

from catalog.management.demo import photos, shelves
from catalog.management.demo.articles import FULL, Article, articles
from catalog.management.demo.words import CATEGORIES, COLORS, MATERIALS, SIZES
from catalog.models import (
    Category,
    Color,
    Material,
    Product,
    Size,
    Variant,
)
from catalog.services import categories, documents, stock

BATCH = 250
REFERENCE = "demo"
CODES = {name: code for name, _, _, code in COLORS}


def build_catalogue(
    *, products: int = FULL, progress: Callable[[int, int], None] | None = None
) -> None:
    """Add so many articles with variants, pictures and stock to the shop.

    `progress` hears how many are done, of how many. Opens a transaction of its own for
    each batch, so that a large set stopped half-way goes on where it was.
    """
    _plant_categories()
    _fill_options()
    shelves.plant_charts()
    done = 0
    pictures: photos.Pictures = {}
    for batch in _batches(articles(products)):
        missing = _missing(batch)
        photos.store_photos(missing, pictures)
        with transaction.atomic():
            _add(missing, pictures)
        done += len(batch)
        if progress:
            progress(done, products)
    shelves.fill_shelves()


def _batches(every: Iterator[Article]) -> Iterator[list[Article]]:
    while batch := list(islice(every, BATCH)):
        yield batch


def _plant_categories() -> None:
    planted = {category.slug: category for category in Category.objects.all()}
    for position, (slug, name, parent) in enumerate(CATEGORIES):
        if slug not in planted:
            planted[slug] = categories.save(
                Category(
                    slug=slug, name=name, position=position, parent=planted.get(parent)
                )
            )


def _fill_options() -> None:
    Color.objects.bulk_create(
        [
            Color(name=name, slug=slugify(name), hex=hex_color, family=family)
            for name, hex_color, family, _ in COLORS
        ],
        ignore_conflicts=True,
    )
    Size.objects.bulk_create(
        [Size(name=name, position=position) for position, name in enumerate(SIZES)],
        ignore_conflicts=True,
    )
    Material.objects.bulk_create(
        [
            Material(name=name, slug=slugify(name), family=family)
            for name, family in MATERIALS.items()
        ],
        ignore_conflicts=True,
    )


def _missing(batch: Sequence[Article]) -> list[Article]:
    slugs = [article.slug for article in batch]
    present = set(Product.objects.filter(slug__in=slugs).values_list("slug", flat=True))
    return [article for article in batch if article.slug not in present]


def _add(missing: Sequence[Article], pictures: photos.Pictures) -> None:
    """Add products with variants, stock and pictures."""
    made = _add_products(missing)
    variants = _add_variants(missing, made)
    _receive(variants)
    photos.add_images(missing, made, pictures)
    documents.rewrite([product.pk for product in made.values()])


def _add_products(batch: Iterable[Article]) -> dict[str, Product]:
    places = {category.slug: category for category in Category.objects.all()}
    materials = {material.name: material for material in Material.objects.all()}
    rows = [
        Product(
            name=article.name,
            slug=article.slug,
            description=article.description,
            category=places[article.kind.category],
            status=Product.Status.ACTIVE,
            published_at=article.published_at,
            material=materials[article.material],
            is_busui_friendly=article.kind.busui,
            is_wudhu_friendly=article.kind.wudhu,
            **article.kind.garment,
        )
        for article in batch
    ]
    return {product.slug: product for product in Product.objects.bulk_create(rows)}


def _add_variants(batch: Iterable[Article], made: dict[str, Product]) -> list[Variant]:
    colors = {color.name: color for color in Color.objects.all()}
    sizes = {size.name: size for size in Size.objects.all()}
    rows = [
        Variant(
            product=made[article.slug],
            sku=f"{article.sku_prefix}-{CODES[color]}-{_size_code(size)}",
            color=colors[color],
            size=sizes[size],
            price=article.price + surcharge,
            compare_at_price=(
                article.compare_at_price and article.compare_at_price + surcharge
            ),
            weight_grams=article.kind.weight_grams + 20 * index,
        )
        for article in batch
        for color in article.colors
        for index, size in enumerate(article.sizes)
        for surcharge in [10_000 if size in ("XL", "XXL") else 0]
    ]
    return Variant.objects.bulk_create(rows)


def _size_code(size: str) -> str:
    return "ALL" if size == "All Size" else size.removesuffix(" th").replace("-", "")


def _receive(variants: Iterable[Variant]) -> None:
    """Receive plenty of most, few of some, none of others or of a whole article."""
    pairs = [(variant, _quantity(variant.sku)) for variant in variants]
    lines = [
        stock.StockLine(variant.pk, quantity) for variant, quantity in pairs if quantity
    ]
    stock.receive(lines, reference=REFERENCE, note="Stok awal toko demo")


def _quantity(sku: str) -> int:
    chance = random.Random(sku)  # noqa: S311 no secret
    article = random.Random(sku.partition("-")[0])  # noqa: S311 no secret
    luck = chance.random()
    if luck < 0.08 or article.random() < 0.05:
        return 0
    return chance.randint(1, 4) if luck < 0.25 else chance.randint(8, 60)
