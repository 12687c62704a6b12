"""Store collections, and check their rules: filters that must all hold.

A rule is an object of filters by name, `{"category": "gamis", "busui": true,
"max_price": 300000}`. The names are those of the public list, and so is their meaning.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from django.db import transaction

from catalog.models import Category, Collection
from catalog.services import slugs
from catalog.services.search import SORTS, ProductSearch, from_rule
from karima.errors import Invalid

FLAGS = frozenset({"in_stock", "busui", "wudhu"})
AMOUNTS = frozenset({"min_price", "max_price"})
WORDS = frozenset({"q", "category", "sort"})
MAX_WORDS_LENGTH = 80
MAX_AMOUNT = 10**12

FLAG = "Isi dengan true."
AMOUNT = "Isi dengan bilangan bulat rupiah, mulai dari 0."
WORD = "Isi dengan teks, paling banyak 80 huruf."


class InvalidRule(Invalid):
    code = "invalid_rule"
    title = "Invalid rule"
    detail = "Aturan koleksi belum benar."


class InvalidWindow(Invalid):
    code = "invalid_window"
    title = "Invalid window"
    detail = "Waktu berhenti tampil harus sesudah waktu mulai tampil."


def read_rule(rule: Any) -> ProductSearch:
    """Return the search that a rule stands for.

    Raises InvalidRule with a row for each filter that is unknown or wrong. A category
    must exist; whether it is visible is asked when the collection is shown.
    """
    if not isinstance(rule, dict) or not rule:
        raise InvalidRule("Aturan koleksi harus berisi paling sedikit satu filter.")
    wrong = [*_wrong(rule), *_contradictions(rule)]
    if wrong:
        names = ", ".join(row["field"] for row in wrong)
        raise InvalidRule(f"Periksa aturan koleksi: {names}.", errors=wrong)
    return from_rule(rule)


def _wrong(rule: Mapping[str, Any]) -> Iterator[dict[str, str]]:
    for name, value in rule.items():
        message = _message(name, value)
        if message:
            yield {"field": str(name), "code": "invalid", "message": message}


def _message(name: str, value: Any) -> str:
    """Return what is wrong with a filter, or nothing."""
    if name in FLAGS:
        return "" if value is True else FLAG
    if name in AMOUNTS:
        return "" if type(value) is int and 0 <= value <= MAX_AMOUNT else AMOUNT
    if name not in WORDS:
        return "Filter ini tidak dikenal."
    if not isinstance(value, str) or not 0 < len(value) <= MAX_WORDS_LENGTH:
        return WORD
    if name == "sort" and value not in SORTS:
        return f"Pilih salah satu: {', '.join(SORTS)}."
    if name == "category" and not Category.objects.filter(slug=value).exists():
        return "Kategori ini tidak ada."
    return ""


def _contradictions(rule: Mapping[str, Any]) -> Iterator[dict[str, str]]:
    low, high = rule.get("min_price"), rule.get("max_price")
    if type(low) is int and type(high) is int and low > high:
        message = "Isi sama dengan atau di atas min_price."
        yield {"field": "max_price", "code": "invalid", "message": message}


def save(collection: Collection) -> Collection:
    """Store a new or changed collection; its old slug goes on leading to it.

    Makes a slug from the name where there is none. Opens its own transaction. Raises
    InvalidWindow, and InvalidRule for a rule that is not understood.
    """
    starts_at, ends_at = collection.starts_at, collection.ends_at
    if starts_at and ends_at and ends_at <= starts_at:
        raise InvalidWindow
    if collection.kind == Collection.Kind.RULE:
        read_rule(collection.rule)
    else:
        collection.rule = {}
    with transaction.atomic():
        collection.slug = collection.slug or slugs.free_slug(
            Collection, collection.name
        )
        before = slugs.current(collection)
        collection.save()
        slugs.leave(collection, before)
    return collection
