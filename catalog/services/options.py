"""Colors, sizes, materials, attributes and size charts: a change shows everywhere."""

from collections.abc import Iterable

from django.db import transaction
from django.db.models import Q

from catalog.models import Attribute, Category, Color, Material, Size, SizeChart
from catalog.services import documents

Option = Attribute | Color | Material | Size | SizeChart


def save(option: Option) -> None:
    """Store a new or changed option and what products show of it.

    Opens its own transaction. A color of many products takes some seconds: 500
    products are written at a time.
    """
    with transaction.atomic():
        option.save()
        rewrite_users(option)


def rewrite_users(option: Option) -> None:
    """Write anew the documents of the products that show the option.

    Must run in the transaction that changes it.
    """
    documents.rewrite_where(_shown_in(option))


def _shown_in(option: Option) -> Q:
    match option:
        case Color():
            return Q(variants__color=option) | Q(images__color=option)
        case Size():
            return Q(variants__size=option) | _charted(
                SizeChart.objects.filter(measurements__size=option)
            )
        case Material():
            return Q(material=option)
        case Attribute():
            return Q(extra__has_key=option.code)
        case SizeChart():
            return _charted([option])


def _charted(charts: Iterable[SizeChart]) -> Q:
    """Return the products of the charts, and those below their categories."""
    shown = Q(size_chart__in=charts)
    used = Category.objects.filter(size_chart__in=charts)
    for path in used.values_list("path", flat=True):
        shown |= Q(category__path__startswith=path)
    return shown
