"""The demo shop's size charts, collections and what is shown beside what."""

from django.db import transaction
from django.utils import timezone

from catalog.models import (
    Category,
    Collection,
    CollectionItem,
    Product,
    RelatedProduct,
    Size,
    SizeChart,
    SizeMeasurement,
)
from catalog.services import categories, shelving

NOTE = "Diukur dari baju jadi, toleransi jahitan 1-2 cm."
# For each chart its category, and for each measure the centimetres from S to XXL.
CHARTS = {
    "Gamis & abaya dewasa": (
        "gamis-abaya",
        {
            "LD": (96, 100, 104, 110, 116),
            "PB": (135, 137, 139, 141, 142),
            "LP": (56, 57, 58, 59, 60),
        },
    ),
    "Atasan wanita": (
        "atasan",
        {
            "LD": (94, 98, 102, 108, 114),
            "PB": (82, 84, 86, 88, 90),
            "LP": (54, 55, 56, 57, 58),
        },
    ),
    "Bawahan wanita": (
        "bawahan",
        {"LPG": (64, 68, 72, 78, 84), "PC": (92, 94, 96, 98, 99)},
    ),
    "Koko dewasa": (
        "koko",
        {
            "LD": (100, 104, 108, 114, 120),
            "PB": (72, 74, 76, 78, 80),
            "LB": (43, 45, 47, 49, 51),
        },
    ),
}
LETTERS = ("S", "M", "L", "XL", "XXL")

COLLECTIONS = (
    ("ramah-busui", "Ramah Busui", {"busui": True, "in_stock": True}),
    ("di-bawah-100-ribu", "Di Bawah 100 Ribu", {"max_price": 100_000, "sort": "price"}),
)
CHOSEN = "pilihan-karima"
CHOSEN_COUNT, RELATED_COUNT = 8, 4


def plant_charts() -> None:
    """Add the charts that are missing, each to its category."""
    sizes = {size.name: size for size in Size.objects.all()}
    for name, (slug, measures) in CHARTS.items():
        chart, is_new = SizeChart.objects.get_or_create(
            name=name, defaults={"note": NOTE}
        )
        if is_new:
            SizeMeasurement.objects.bulk_create(
                SizeMeasurement(chart=chart, size=sizes[size], measure=measure, cm=cm)
                for measure, row in measures.items()
                for size, cm in zip(LETTERS, row, strict=True)
            )
            category = Category.objects.get(slug=slug)
            category.size_chart = chart
            categories.save(category)


def fill_shelves() -> None:
    """Add the collections that are missing, and neighbours to the chosen products."""
    for position, (slug, name, rule) in enumerate(COLLECTIONS):
        if not Collection.objects.filter(slug=slug).exists():
            shelving.save(
                Collection(
                    slug=slug, name=name, kind="rule", rule=rule, position=position
                )
            )
    if not Collection.objects.filter(slug=CHOSEN).exists():
        with transaction.atomic():
            _choose()


def _choose() -> None:
    collection = shelving.save(
        Collection(
            slug=CHOSEN,
            name="Pilihan Karima",
            description="Yang paling kami sukai bulan ini.",
            starts_at=timezone.now(),
            position=len(COLLECTIONS),
        )
    )
    chosen = list(Product.objects.order_by("pk")[:CHOSEN_COUNT])
    CollectionItem.objects.bulk_create(
        CollectionItem(collection=collection, product=product, position=position)
        for position, product in enumerate(chosen)
    )
    RelatedProduct.objects.bulk_create(
        RelatedProduct(product=product, other=other, position=position)
        for product in chosen
        for position, other in enumerate(
            [other for other in chosen if other != product][:RELATED_COUNT]
        )
    )
