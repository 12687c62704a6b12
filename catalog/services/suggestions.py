"""What to offer while a customer types: products, categories, and whole words."""

from dataclasses import dataclass
from typing import Any

from django.db.models import Q
from django.db.models.functions import Length

from catalog.models import Category, SearchWord
from catalog.services import listing, words
from catalog.services.search import ProductSearch, find_products

MAX_PRODUCTS = 5
MAX_CATEGORIES = 5
MAX_WORDS = 8


@dataclass(frozen=True, slots=True)
class Suggestions:
    """`products` are cards, as JSON; `words` are texts to search for."""

    products: list[str]
    categories: list[dict[str, str]]
    words: list[str]
    corrected: str | None


def suggest(text: str) -> Suggestions:
    """Return what begins like the text, the best first; in four queries."""
    found = find_products(ProductSearch(q=text))
    products = listing.onward(found, cursor="", limit=MAX_PRODUCTS).cards
    typed = words.words_of(found.corrected or text)
    return Suggestions(
        products=list(products),
        categories=list(_categories(typed)),
        words=list(_completions(typed)),
        corrected=found.corrected,
    )


def _categories(typed: list[str]) -> Any:
    """Return the visible categories in whose names each word begins one."""
    if not typed:
        return []
    named = Category.objects.filter(is_visible=True)
    for word in typed:
        named = named.filter(Q(name__istartswith=word) | Q(name__icontains=f" {word}"))
    return named.order_by("path").values("slug", "name")[:MAX_CATEGORIES]


def _completions(typed: list[str]) -> Any:
    """Return the text with its last word completed, short words first."""
    if not typed:
        return []
    *before, last = typed
    end = last + chr(0x10FFFF)
    known = SearchWord.objects.filter(is_name=True, word__gte=last, word__lt=end)
    longer = known.order_by(Length("word"), "word").values_list("word", flat=True)
    return [" ".join([*before, word]) for word in longer[:MAX_WORDS]]
