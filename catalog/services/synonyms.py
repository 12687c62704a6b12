"""Synonyms of the search, as the staff write them."""

from collections.abc import Iterable

from django.db import transaction

from catalog.models import SearchSynonym, SearchWord
from catalog.services.words import words_of
from karima.errors import Invalid


class InvalidSynonyms(Invalid):
    code = "invalid_synonyms"
    title = "Invalid synonyms"
    detail = "Tulis paling sedikit dua kata yang berbeda, dipisahkan dengan koma."


def save(synonym: SearchSynonym) -> None:
    """Store words that mean the same; searches use them from the next answer on.

    They are kept as the search reads words: lower case, without signs, each once. Opens
    its own transaction. Raises InvalidSynonyms for fewer than two.
    """
    plain = (" ".join(words_of(text)) for text in synonym.words)
    synonym.words = list(dict.fromkeys(text for text in plain if text))
    if len(synonym.words) < 2:
        raise InvalidSynonyms
    with transaction.atomic():
        synonym.save()
        learn(synonym.words)


def learn(texts: Iterable[str]) -> None:
    """Have the search know the words, so that a misspelt one is taken for them."""
    words = sorted({word for text in texts for word in words_of(text)})
    SearchWord.objects.bulk_create(
        [SearchWord(word=word) for word in words], ignore_conflicts=True
    )
