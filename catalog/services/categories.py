"""Categories: the tree, and who in it is visible."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Count

from catalog.models import Category
from catalog.models.category import MAX_DEPTH
from catalog.services.products import visible_products
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


def find(slug: str) -> tuple[CategoryNode, list[CategoryNode]]:
    """Return a visible category and the way to it from its root, itself included.

    Raises CategoryNotFound.
    """
    way = _way(tree(), slug)
    if not way:
        raise CategoryNotFound
    return way[-1], way


def save(category: Category) -> Category:
    """Store a new or changed category and bring the paths below it up to date.

    Opens its own transaction. Raises CategoryInsideItself for a cycle and
    CategoryTooDeep when the category or one below it would be on a fifth level.
    """
    with transaction.atomic():
        # One writer at a time: two moves at once could make a cycle together.
        list(Category.objects.select_for_update().order_by("pk"))
        parent = (
            Category.objects.get(pk=category.parent_id) if category.parent_id else None
        )
        _refuse_cycle(category, parent)
        _place(category, parent)
        category.save()
        _place_children(category)
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


def path_prefixes(path: str) -> list[str]:
    """Return the paths from the root down: "a/b/" gives "a/" and "a/b/"."""
    slugs = path.rstrip("/").split("/")
    return ["/".join(slugs[:depth]) + "/" for depth in range(1, len(slugs) + 1)]


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
