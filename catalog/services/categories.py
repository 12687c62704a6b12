"""Categories: the tree, and who in it is visible."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connections, transaction
from django.db.models import Count, Q
from django.utils import timezone

from catalog.models import Category
from catalog.models.category import MAX_DEPTH, RESERVED_CATEGORY_SLUGS
from catalog.services import documents, slugs
from catalog.services.documents.source import path_prefixes
from catalog.services.products import SlugReserved, visible_products
from karima.errors import Conflict, NotFound


class CategoryTooDeep(Conflict):
    code = "category_too_deep"
    title = "Category too deep"
    detail = f"Kategori paling banyak {MAX_DEPTH} tingkat."


class CategoryInsideItself(Conflict):
    code = "category_inside_itself"
    title = "Category inside itself"
    detail = "Kategori tidak dapat dipindahkan ke dalam dirinya sendiri."


class CategoryNotFound(NotFound):
    code = "category_not_found"
    title = "Category not found"
    detail = "Kategori tidak ditemukan."


# What is visible is as in `visible_products`.
_STATS = """
SELECT above.slug, above.name, COUNT(product.id) AS product_count,
       COUNT(product.id) FILTER (WHERE product.in_stock) AS in_stock_count,
       MIN(product.price_min) AS price_min, MAX(product.price_max) AS price_max
  FROM catalog_category above
  LEFT JOIN catalog_category below
         ON STARTS_WITH(below.path, above.path) AND below.is_visible
  LEFT JOIN catalog_product product
         ON product.category_id = below.id AND product.status = 'active'
        AND product.published_at <= %(now)s AND product.price_min IS NOT NULL
 WHERE above.is_visible
 GROUP BY above.id
 ORDER BY above.path
"""


@dataclass(frozen=True, slots=True)
class CategoryNode:
    """A visible category with the number of products in it and below it."""

    slug: str
    name: str
    product_count: int
    children: tuple["CategoryNode", ...]


def tree() -> list[CategoryNode]:
    """Return the visible roots with all below them, in two queries."""
    visible = Category.objects.filter(is_visible=True).order_by("position", "name")
    return list(_nodes(list(visible), parent_id=None, counts=_counts()))


def way_to(slug: str) -> list[CategoryNode]:
    """Return the way from the root to a visible category, which comes last.

    Nothing for one that does not exist or is not visible.
    """
    return _way(tree(), slug)


def page_of(slug: str) -> dict[str, Any]:
    """Return what a category's own page says beside its place in the tree."""
    category = Category.objects.get(slug=slug)
    image = str(category.image)
    return {
        "description": category.description,
        "image": {"url": documents.media_url(image)} if image else None,
        "seo": {
            "title": category.seo_title or category.name,
            "description": category.seo_description or category.description,
        },
    }


def is_visible(slug: str) -> bool:
    return Category.objects.filter(is_visible=True, slug=slug).exists()


def stats() -> list[dict[str, Any]]:
    """Return the numbers of each visible category with all below it, in one query.

    Prices in whole rupiah, None for a category without products.
    """
    with connections[Category.objects.all().db].cursor() as cursor:
        cursor.execute(_STATS, {"now": timezone.now()})
        names = [column.name for column in cursor.description]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def slug_now(old_slug: str) -> str | None:
    """Return the slug of the visible category that had this one before."""
    moved = Category.objects.filter(is_visible=True, old_slugs__slug=old_slug)
    return moved.values_list("slug", flat=True).first()


def save(category: Category) -> Category:
    """Store a new or changed category and bring the paths below it up to date.

    Makes a slug from the name where there is none; an old slug goes on leading here.
    What products show of it follows. Opens its own transaction. Raises
    CategoryInsideItself for a cycle, CategoryTooDeep when the category or one below it
    would be on a fifth level, and SlugReserved for a word of the API's addresses.
    """
    if category.slug in RESERVED_CATEGORY_SLUGS:
        raise SlugReserved
    category.slug = category.slug or slugs.free_slug(Category, category.name)
    with transaction.atomic():
        # One writer at a time: two moves at once could make a cycle together.
        list(Category.objects.select_for_update().order_by("pk"))
        parent = (
            Category.objects.get(pk=category.parent_id) if category.parent_id else None
        )
        _refuse_cycle(category, parent)
        before = slugs.current(category)
        _place(category, parent)
        category.save()
        _place_children(category)
        slugs.leave(category, before)
        below = Q(category__path__startswith=category.path)
        documents.rewrite_where(below)
    return category


def _refuse_cycle(category: Category, parent: Category | None) -> None:
    if parent is None or category.pk is None:
        return
    old_path = Category.objects.values_list("path", flat=True).get(pk=category.pk)
    if parent.path.startswith(old_path):
        raise CategoryInsideItself


def _place(category: Category, parent: Category | None) -> None:
    category.path = f"{parent.path if parent else ''}{category.slug}/"
    category.is_visible = category.is_active and (parent is None or parent.is_visible)
    if category.depth > MAX_DEPTH:
        raise CategoryTooDeep


def _place_children(parent: Category) -> None:
    for child in Category.objects.filter(parent=parent).order_by("pk"):
        _place(child, parent)
        child.save(update_fields=["path", "is_visible"])
        _place_children(child)


def _counts() -> Counter[str]:
    """Return the number of visible products by category path, subtrees included."""
    rows = visible_products().values("category__path").annotate(total=Count("id"))
    counts: Counter[str] = Counter()
    for path, total in rows.order_by().values_list("category__path", "total"):
        for prefix in path_prefixes(path):
            counts[prefix] += total
    return counts


def _nodes(
    categories: Sequence[Category], *, parent_id: int | None, counts: Counter[str]
) -> Iterator[CategoryNode]:
    for category in categories:
        if category.parent_id == parent_id:
            children = _nodes(categories, parent_id=category.pk, counts=counts)
            yield CategoryNode(
                slug=category.slug,
                name=category.name,
                product_count=counts[category.path],
                children=tuple(children),
            )


def _way(nodes: Sequence[CategoryNode], slug: str) -> list[CategoryNode]:
    for node in nodes:
        if node.slug == slug:
            return [node]
        below = _way(node.children, slug)
        if below:
            return [node, *below]
    return []
