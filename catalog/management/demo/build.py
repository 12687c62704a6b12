"""Fill the shop with demo articles. Safe to run twice: it adds only what is missing."""

import random
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction
from django.utils.text import slugify

from catalog.management.demo import shelves
from catalog.management.demo.articles import FULL, Article, articles
from catalog.management.demo.canvas import HEIGHT, WIDTH
from catalog.management.demo.pictures import draw_picture
from catalog.management.demo.words import CATEGORIES, COLORS, MATERIALS, SIZES
from catalog.models import (
    Category,
    Color,
    Material,
    Product,
    ProductImage,
    Size,
    Variant,
)
from catalog.services import categories, documents, stock

BATCH = 250
PICTURES_EACH = 2
REFERENCE = "demo"
CODES = {name: code for name, _, _, code in COLORS}
HEXES = {name: hex_color for name, hex_color, _, _ in COLORS}


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
    for batch in _batches(articles(products)):
        _store_pictures(batch)
        with transaction.atomic():
            _add(batch)
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


def _add(batch: Sequence[Article]) -> None:
    """Add what is missing of a batch: products, variants, stock, pictures."""
    slugs = [article.slug for article in batch]
    present = set(Product.objects.filter(slug__in=slugs).values_list("slug", flat=True))
    missing = [article for article in batch if article.slug not in present]
    if not missing:
        return
    made = _add_products(missing)
    variants = _add_variants(missing, made)
    _receive(variants)
    _add_images(missing, made)
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


def _add_images(batch: Iterable[Article], made: dict[str, Product]) -> None:
    colors = {color.name: color for color in Color.objects.all()}
    ProductImage.objects.bulk_create(
        [
            ProductImage(
                product=made[article.slug],
                color=colors[color],
                file=_picture_name(article, color),
                alt=f"{article.name} warna {color.lower()}",
                position=position,
                is_primary=position == 0,
                width=WIDTH,
                height=HEIGHT,
            )
            for article in batch
            for position, color in enumerate(_pictured(article))
        ]
    )


def _store_pictures(batch: Iterable[Article]) -> None:
    """Draw the pictures that are not in the store yet.

    Before the transaction, since the store may be across the network.
    """
    wanted = {
        _picture_name(article, color): (article, color)
        for article in batch
        for color in _pictured(article)
    }
    for name, (article, color) in wanted.items():
        if not default_storage.exists(name):
            content = draw_picture(
                article.kind.silhouette, hex_color=HEXES[color], seed=name
            )
            default_storage.save(name, ContentFile(content))


def _pictured(article: Article) -> tuple[str, ...]:
    return article.colors[:PICTURES_EACH]


def _picture_name(article: Article, color: str) -> str:
    """Return where a picture is kept; bulk articles share one for kind and color."""
    is_full = article.number <= FULL
    folder = article.slug if is_full else f"demo-{article.kind.silhouette}"
    return f"products/{folder}/{CODES[color].lower()}.webp"
