"""Which price tables hold for whom: groups, and the nearest of several tables."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import F, Q, Subquery

from accounts.models import CustomerGroup, User
from catalog.models import TierPrice, Variant
from catalog.services.documents.source import path_prefixes
from catalog.services.price_rules import Tier

# Its tables hold for everybody, and are called bulk prices.
RETAIL = CustomerGroup.Code.RETAIL


@dataclass(frozen=True, slots=True)
class Article:
    """What pricing must know of a variant; `path` is its category's."""

    variant_id: int
    sku: str
    product_id: int
    path: str
    list_price: int


@dataclass(frozen=True, slots=True)
class Table:
    """The steps that hold for one group, and whether they count one SKU alone."""

    group: str
    group_name: str
    tiers: Sequence[Tier]
    counts_sku: bool


@dataclass(frozen=True, slots=True)
class Tables:
    """All tables that may hold for a person, by group and what they are for."""

    groups: Mapping[str, str]
    steps: Mapping[tuple[str, str, Any], Sequence[Tier]]

    def of(self, article: Article) -> list[Table]:
        """Return the nearest table of each group: SKU, product, category, shop."""
        found = (self._nearest(group, article) for group in self.groups)
        return [table for table in found if table]

    def _nearest(self, group: str, article: Article) -> Table | None:
        for scope, key in _scopes(article):
            tiers = self.steps.get((group, scope, key))
            if tiers:
                return Table(group, self.groups[group], tiers, scope == "variant")
        return None


def articles(variant_ids: Iterable[int]) -> dict[int, Article]:
    """Return the variants as pricing sees them, on sale or not, in one query."""
    rows = Variant.objects.filter(pk__in=set(variant_ids)).order_by()
    found = rows.values_list(
        "pk", "sku", "product_id", "product__category__path", "price"
    )
    return {row[0]: Article(*row) for row in found}


def tables_for(user: User | None, priced: Collection[Article]) -> Tables:
    """Return the tables of the person's group and of all groups before it.

    So a higher group never pays more than a lower one. One query.
    """
    prefixes = {prefix for article in priced for prefix in path_prefixes(article.path)}
    wanted = (
        Q(variant__in={article.variant_id for article in priced})
        | Q(product__in={article.product_id for article in priced})
        | Q(category__path__in=prefixes)
        | Q(variant=None, product=None, category=None)
    )
    own = CustomerGroup.objects.filter(pk=user.group_id if user else RETAIL)
    rows = TierPrice.objects.filter(
        wanted, group__position__lte=Subquery(own.values("position"))
    ).order_by("group__position", "min_quantity")
    names: dict[str, str] = {}
    steps: dict[tuple[str, str, Any], list[Tier]] = defaultdict(list)
    for row in rows.select_related("group").annotate(path=F("category__path")):
        tier = Tier(row.min_quantity, row.kind == TierPrice.Kind.PERCENT, row.value)
        names[row.group_id] = row.group.name
        steps[(row.group_id, *_scope_of(row))].append(tier)
    return Tables(names, steps)


def _scope_of(row: Any) -> tuple[str, Any]:
    if row.variant_id:
        return "variant", row.variant_id
    if row.product_id:
        return "product", row.product_id
    if row.category_id:
        return "category", row.path
    return "shop", None


def _scopes(article: Article) -> Iterable[tuple[str, Any]]:
    yield "variant", article.variant_id
    yield "product", article.product_id
    for prefix in reversed(path_prefixes(article.path)):
        yield "category", prefix
    yield "shop", None
