"""Slugs: made from names, free of collisions, and remembered after a change."""

import re
from typing import Any

from django.db.models import Model, Q
from django.utils.text import slugify

from catalog.models import Category, Collection, OldSlug, Product
from catalog.models.category import RESERVED_CATEGORY_SLUGS
from catalog.models.product import RESERVED_SLUGS

Owner = Product | Category | Collection

# What stands between words or for one in Indonesian names, and slugify would swallow.
SIGNS = str.maketrans(
    {"&": " dan ", "+": " plus ", "%": " persen ", "/": " ", "_": " "}
)
# Leaves room for a suffix in the shortest slug column.
MAX_LENGTH = 70


def free_slug(model: type[Owner], name: str) -> str:
    """Return a slug that nothing of the kind has or had: "gamis-arunika-2".

    A name without a letter of the Latin alphabet gives the kind's own name.
    """
    stem = slugify(name.translate(SIGNS))
    stem = _cut(stem) or str(model._meta.verbose_name)
    taken = _taken(model, stem)
    slug, number = stem, 1
    while slug in taken:
        number += 1
        slug = f"{stem}-{number}"
    return slug


def current(owner: Owner) -> str | None:
    """Return the slug that is stored, which the object in hand may be about to change.

    Locks the row. Must run in a transaction.
    """
    if owner.pk is None:
        return None
    rows: Any = type(owner)._default_manager.select_for_update(no_key=True)
    found: str | None = rows.filter(pk=owner.pk).values_list("slug", flat=True).first()
    return found


def leave(owner: Owner, before: str | None) -> None:
    """Remember the slug that the owner had; the one that it has now is nobody's old.

    Must run in the transaction that changes the slug.
    """
    kind = _kind(type(owner))
    old_slugs = OldSlug.objects.filter(**{f"{kind}__isnull": False})
    if before and before != owner.slug:
        old_slugs.filter(slug__in=[before, owner.slug]).delete()
        OldSlug(slug=before, **{kind: owner}).save()
    elif before is None:
        old_slugs.filter(slug=owner.slug).delete()


def _cut(slug: str) -> str:
    """Shorten between words."""
    if len(slug) <= MAX_LENGTH:
        return slug
    return slug[: MAX_LENGTH + 1].rpartition("-")[0] or slug[:MAX_LENGTH]


def _taken(model: type[Owner], stem: str) -> set[str]:
    alike = Q(slug__regex=rf"^{re.escape(stem)}(-[0-9]+)?$")
    now: Any = model._default_manager.filter(alike).values_list("slug", flat=True)
    before = OldSlug.objects.filter(alike, **{f"{_kind(model)}__isnull": False})
    reserved = {Product: RESERVED_SLUGS, Category: RESERVED_CATEGORY_SLUGS}
    return {*now, *before.values_list("slug", flat=True), *reserved.get(model, ())}


def _kind(model: type[Model]) -> str:
    """Return the column of `OldSlug` that leads to the model."""
    return str(model._meta.model_name)
