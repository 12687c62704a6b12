"""What search engines may find: the slugs of all that is public."""

from typing import Any

from django.db.models import QuerySet

from catalog.models import Category
from catalog.services.collections import visible_collections
from catalog.services.products import visible_products

KINDS = ("product", "category", "collection")


def entries(kind: str) -> QuerySet[Any, Any]:
    """Return slug and moment of the last change of each, in the order of slugs."""
    public: dict[str, QuerySet[Any]] = {
        "product": visible_products(),
        "category": Category.objects.filter(is_visible=True),
        "collection": visible_collections(),
    }
    return public[kind].order_by("slug").values("slug", "updated_at")
