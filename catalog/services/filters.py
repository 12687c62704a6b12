"""The filters of the product list, and what each looks for in `Product.filter_terms`.

A filter with several values keeps what has one of them; all filters must hold.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from django.db import connections
from django.db.models import TextChoices

from catalog.models import Product
from catalog.models.garment import Cut, Lining, Motif, Opacity, Sleeve, Stretch
from catalog.models.option import ColorFamily, Material
from karima.errors import Invalid

# A customer who ticks more boxes than these wants all.
MAX_VALUES: Final = 20

# Filters whose values are in the program.
CLOSED: Final[Mapping[str, type[TextChoices]]] = {
    "opacity": Opacity,
    "lining": Lining,
    "stretch": Stretch,
    "sleeve": Sleeve,
    "cut": Cut,
    "motif": Motif,
}
# Filters whose values are rows. Colors and materials go by family or one by one.
OPEN: Final = ("category", "color", "size", "material", "brand")
FAMILIES: Final[Mapping[str, type[TextChoices]]] = {
    "color": ColorFamily,
    "material": Material.Family,
}
FLAGS: Final = ("in_stock", "on_sale", "busui", "wudhu", "featured")
GROUPS: Final = (*OPEN, *CLOSED, *FLAGS)

_FIND = """
SELECT 'category', slug, 'category:' || id FROM catalog_category
 WHERE is_visible AND slug = ANY(%(category)s)
UNION ALL
SELECT 'color', slug, 'shade:' || id FROM catalog_color WHERE slug = ANY(%(color)s)
UNION ALL
SELECT 'size', LOWER(name), 'size:' || id FROM catalog_size
 WHERE LOWER(name) = ANY(%(size)s)
UNION ALL
SELECT 'material', slug, 'fabric:' || id FROM catalog_material
 WHERE slug = ANY(%(material)s)
UNION ALL
SELECT 'brand', asked, 'brand:' || asked FROM UNNEST(%(brand)s::text[]) AS asked
 WHERE EXISTS (SELECT FROM catalog_product
                WHERE filter_terms @> ARRAY['brand:' || asked])
"""


class UnknownValue(Invalid):
    """A filter has a value that nothing in the shop has."""

    code = "unknown_value"
    detail = "Isi filter ini tidak dikenal."


class UnknownCategory(UnknownValue):
    code = "unknown_category"
    detail = "Kategori tidak ditemukan."


def family_slug(value: str) -> str:
    """Return a family as it stands in addresses and terms: "merah-muda"."""
    return value.replace(" ", "-")


def terms(chosen: Mapping[str, Sequence[str]]) -> dict[str, list[str]]:
    """Return the terms of each filter, of which a product must have one.

    One query, and only if a value is a row. Raises UnknownValue naming the filter and
    the value, and UnknownCategory for a category that customers cannot see.
    """
    wanted = {name: _own(name, values) for name, values in chosen.items() if values}
    asked = {name: [value.lower() for value in chosen.get(name, ())] for name in OPEN}
    if any(asked.values()):
        for name, value, term in _rows(asked):
            wanted[name][value].append(term)
    _refuse_unknown(wanted)
    return {
        name: [term for found in values.values() for term in found]
        for name, values in wanted.items()
    }


def _own(name: str, values: Sequence[str]) -> dict[str, list[str]]:
    """Return the terms that are known without asking, by value."""
    if name in OPEN:
        families = FAMILIES.get(name)
        known = {family_slug(v) for v in families.values} if families else set()
        lower = [value.lower() for value in values]
        return {v: [f"{name}:{v}"] if v in known else [] for v in lower}
    return {value: [f"{name}:{value}"] for value in values}


def _rows(asked: Mapping[str, list[str]]) -> Iterator[tuple[str, str, str]]:
    with connections[Product.objects.all().db].cursor() as cursor:
        cursor.execute(_FIND, asked)
        yield from cursor.fetchall()


def _refuse_unknown(wanted: Mapping[str, Mapping[str, Sequence[str]]]) -> None:
    errors = [
        {
            "field": name,
            "code": _error(name).code,
            "message": f'{_error(name).detail} ("{value}")',
        }
        for name, values in wanted.items()
        for value, found in values.items()
        if not found
    ]
    if errors:
        raise _error(errors[0]["field"])(errors=errors)


def _error(name: str) -> type[UnknownValue]:
    return UnknownCategory if name == "category" else UnknownValue
