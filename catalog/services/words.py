"""Understand what a customer typed: misspelt words, stems, synonyms."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import orjson
from django.contrib.postgres.search import SearchQueryField
from django.db import connections
from django.db.models import F, Q, Value
from django.db.models.functions import Cast
from django.db.models.lookups import PostgresOperatorLookup

from catalog.models import SearchSynonym

# More words than a person types; each one is a condition of the query.
MAX_WORDS = 8
# Letters and digits; a hyphen, dot or slash inside belongs to the word, as in a SKU.
WORD = re.compile(r"[^\W_]+(?:[-./][^\W_]+)*")
# Say nothing of a product. PostgreSQL has no such list for Indonesian.
STOP_WORDS = frozenset(
    [
        *("ada", "adalah", "agar", "atau", "bagi", "banget", "buat", "cari", "dan"),
        *("dari", "dengan", "di", "dong", "harga", "ini", "itu", "jual", "kak", "ke"),
        *("mau", "murah", "nya", "oleh", "pada", "paling", "produk", "saya", "sangat"),
        *("sih", "toko", "untuk", "utk", "yang", "yg"),
    ]
)

# A word that begins no known word is misspelt; the nearest known one was meant. What
# has a digit or a hyphen may be a SKU and stands as it is.
_UNDERSTAND = """
WITH given AS (
    SELECT word, place FROM UNNEST(%s::text[]) WITH ORDINALITY AS given (word, place)
), meant AS (
    SELECT place, COALESCE(nearest.word, given.word) AS word
      FROM given
      LEFT JOIN LATERAL (
          SELECT known.word FROM catalog_searchword known
           WHERE known.word %% given.word
             AND SIMILARITY(known.word, given.word) >= 0.35
             AND given.word ~ '^[[:alpha:]]{4,}$'
             AND NOT EXISTS (
                 SELECT FROM catalog_searchword longer
                  WHERE longer.word >= given.word COLLATE "C"
                    AND longer.word < given.word || CHR(1114111) COLLATE "C")
           ORDER BY SIMILARITY(known.word, given.word) DESC, known.word
           LIMIT 1
      ) AS nearest ON TRUE
)
SELECT (SELECT JSON_AGG(JSON_BUILD_OBJECT(
                   'word', word,
                   'stems', TO_TSVECTOR('indonesian', word)::text,
                   'parts', PLAINTO_TSQUERY('simple', word)::text) ORDER BY place)::text
          FROM meant),
       (SELECT COALESCE(JSON_AGG(words), '[]')::text FROM catalog_searchsynonym
         WHERE EXISTS (
             SELECT FROM UNNEST(words) phrase
              WHERE POSITION(' ' || phrase || ' ' IN ' ' ||
                        (SELECT STRING_AGG(word, ' ' ORDER BY place) FROM meant)
                        || ' ') > 0))
"""


class Matches(PostgresOperatorLookup):
    """`vector @@ query`, the query being a tsquery already."""

    lookup_name = "matches"
    postgres_operator = "@@"


@dataclass(frozen=True, slots=True)
class Understood:
    """A tsquery in PostgreSQL's own notation, empty if nothing can be looked for.

    `corrected` is the text that was looked for instead, if a word was misspelt.
    """

    query: str
    corrected: str | None = None


def words_of(text: str) -> list[str]:
    """Return the words of what was typed, in lower case."""
    return WORD.findall(text.lower())[:MAX_WORDS]


def understand(text: str) -> Understood:
    """Return what to look for, in one query.

    Each word must be found: itself, as a beginning, by its Indonesian stem, or by a
    synonym. Words like "untuk" are left out where others remain.
    """
    given = words_of(text)
    if not given:
        return Understood("")
    with connections[SearchSynonym.objects.all().db].cursor() as cursor:
        cursor.execute(_UNDERSTAND, [given])
        meant, groups = (orjson.loads(column) for column in cursor.fetchone())
    words = [row["word"] for row in meant]
    telling = [row for row in meant if row["word"] not in STOP_WORDS] or meant
    ways = {row["word"]: _ways(row) for row in telling}
    parts = _parts([row["word"] for row in telling], groups, ways)
    corrected = None if words == given else " ".join(words)
    return Understood(" & ".join(f"({part})" for part in parts), corrected)


def query(understood: Understood) -> Cast:
    return Cast(Value(understood.query), SearchQueryField())


def matching(understood: Understood) -> Q:
    """Return the condition that a product matches."""
    return Q(Matches(F("search_vector"), query(understood)))


def _ways(row: dict[str, str]) -> str:
    """Return the ways to find one word."""
    ways = [f"{_quoted(row['word'])}:*"]
    ways += re.findall(r"'(?:[^']|'')+'", row["stems"])
    if not row["word"].isalnum() and row["parts"]:
        ways.append(f"({row['parts']})")
    return " | ".join(dict.fromkeys(ways))


def _parts(
    words: Sequence[str], groups: Sequence[Sequence[str]], ways: dict[str, str]
) -> Iterator[str]:
    """Yield what must be found, one for each word or phrase that has synonyms."""
    place = 0
    while place < len(words):
        phrase, synonyms = _longest(words[place:], groups)
        alternatives = [_phrase(synonym) for synonym in sorted(synonyms)]
        own = " & ".join(f"({ways[word]})" for word in phrase)
        yield " | ".join([f"({own})", *alternatives])
        place += len(phrase)


def _longest(
    words: Sequence[str], groups: Sequence[Sequence[str]]
) -> tuple[Sequence[str], set[str]]:
    """Return the longest phrase here that has synonyms, else the first word alone."""
    for length in range(len(words), 0, -1):
        phrase = " ".join(words[:length])
        alike = {word for group in groups if phrase in group for word in group}
        if alike:
            return words[:length], alike - {phrase}
    return words[:1], set()


def _phrase(synonym: str) -> str:
    return "(" + " <-> ".join(_quoted(word) for word in words_of(synonym)) + ")"


def _quoted(word: str) -> str:
    return "'" + word.replace("\\", "\\\\").replace("'", "''") + "'"
