"""Find products for the list page."""

from dataclasses import dataclass
from typing import Final

from django.db.models import Exists, F, OuterRef, QuerySet

from catalog.models import Category, Product, Stock
from catalog.services.products import visible_products
from karima.errors import Invalid

# Every order ends in the primary key, so that pages neither overlap nor skip a row.
SORTS: Final = {
    "newest": ("-published_at", "-id"),
    "price": ("price_min", "id"),
    "-price": ("-price_min", "-id"),
    "name": ("name", "id"),
}

# More words than a person types; each one is a condition of the query.
MAX_WORDS = 8


class UnknownCategory(Invalid):
    code = "unknown_category"
    detail = "Kategori tidak ditemukan."


@dataclass(frozen=True, slots=True, kw_only=True)
class ProductSearch:
    """What a customer looks for. Prices in whole rupiah; False does not filter."""

    q: str = ""
    category: str = ""
    min_price: int | None = None
    max_price: int | None = None
    in_stock: bool = False
    busui: bool = False
    wudhu: bool = False
    sort: str = "newest"


def find_products(search: ProductSearch) -> QuerySet[Product]:
    """Return the visible products that match, in the order asked for.

    A category stands for its whole subtree. A price range keeps the products that have
    a price in it. Raises UnknownCategory for a slug that customers cannot see.
    """
    found = visible_products().order_by(*SORTS[search.sort])
    if search.category:
        found = found.filter(category__path__startswith=_path(search.category))
    for word in search.q.lower().split()[:MAX_WORDS]:
        found = found.filter(search_text__contains=word)
    return _with_attributes(_within_prices(found, search), search)


def _path(slug: str) -> str:
    visible = Category.objects.filter(is_visible=True)
    path = visible.filter(slug=slug).values_list("path", flat=True).first()
    if path is None:
        row = {
            "field": "category",
            "code": UnknownCategory.code,
            "message": UnknownCategory.detail,
        }
        raise UnknownCategory(errors=[row])
    return path


def _within_prices(
    found: QuerySet[Product], search: ProductSearch
) -> QuerySet[Product]:
    if search.min_price is not None:
        found = found.filter(price_max__gte=search.min_price)
    if search.max_price is not None:
        found = found.filter(price_min__lte=search.max_price)
    return found


def _with_attributes(
    found: QuerySet[Product], search: ProductSearch
) -> QuerySet[Product]:
    if search.busui:
        found = found.filter(is_busui_friendly=True)
    if search.wudhu:
        found = found.filter(is_wudhu_friendly=True)
    if search.in_stock:
        left = Stock.objects.filter(
            variant__product=OuterRef("pk"),
            variant__is_active=True,
            on_hand__gt=F("reserved"),
        )
        found = found.filter(Exists(left))
    return found
