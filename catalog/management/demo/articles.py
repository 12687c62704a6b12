"""Think up the articles of the demo shop: the same ones every time."""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.utils.text import slugify

from catalog.management.demo.words import (
    CARE,
    COLORS,
    KINDS,
    OPENINGS,
    SIZE_NOTES,
    Kind,
)

# The newest article's publish time; each further one is older.
NEWEST = datetime(2026, 1, 5, 2, 0, tzinfo=UTC)
AGE = timedelta(minutes=47)

# Articles up to here have pictures, colors and sizes in full. What comes after is
# bulk: pictures are shared, and there are four variants each.
FULL = 60


@dataclass(frozen=True, slots=True)
class Article:
    """One product to be, with all that its variants need."""

    number: int
    kind: Kind
    name: str
    slug: str
    description: str
    material: str
    price: int
    compare_at_price: int | None
    colors: tuple[str, ...]
    sizes: tuple[str, ...]
    published_at: datetime

    @property
    def sku_prefix(self) -> str:
        return f"{self.kind.code}{self.number:03}"


def articles(count: int) -> Iterator[Article]:
    """Yield so many articles, the kinds well mixed."""
    round_of_kinds = [kind for kind in KINDS for _ in range(kind.count)]
    random.Random("karima").shuffle(round_of_kinds)  # noqa: S311 no secret
    made: dict[str, int] = {}
    for number in range(1, count + 1):
        kind = round_of_kinds[(number - 1) % len(round_of_kinds)]
        nth = made.get(kind.code, 0)
        made[kind.code] = nth + 1
        yield _article(number, kind, nth=nth)


def _article(number: int, kind: Kind, *, nth: int) -> Article:
    chance = random.Random(f"karima-{number}")  # noqa: S311 no secret
    name = _name(kind, nth)
    material = chance.choice(kind.materials)
    price = _price(chance, kind)
    full = number <= FULL
    names = [color[0] for color in COLORS]
    return Article(
        number=number,
        kind=kind,
        name=name,
        slug=slugify(name),
        description=_description(chance, kind, name=name, material=material),
        material=material,
        price=price,
        compare_at_price=_struck(price) if chance.random() < 0.3 else None,
        colors=tuple(chance.sample(names, chance.randint(2, 4) if full else 2)),
        sizes=kind.sizes if full else kind.sizes[-2:],
        published_at=NEWEST - AGE * number,
    )


def _name(kind: Kind, nth: int) -> str:
    """Return "Gamis Arunika"; once the names are used up, "Gamis Arunika 2"."""
    series, index = divmod(nth, len(kind.names))
    name = f"{kind.title} {kind.names[index]}"
    return f"{name} {series + 1}" if series else name


def _price(chance: random.Random, kind: Kind) -> int:
    """Return a price as shops set it: ending in 9.000 or, below 40.000, in .900."""
    low, high = kind.price
    step = 1_000 if high < 40_000 else 10_000
    return low + chance.randrange((high - low) // step + 1) * step


def _struck(price: int) -> int:
    return price + max(10_000, price // 5 // 10_000 * 10_000)


def _description(chance: random.Random, kind: Kind, *, name: str, material: str) -> str:
    sizes = SIZE_NOTES.get(kind.sizes, f"{', '.join(kind.sizes)}.")
    return "\n\n".join(
        [
            chance.choice(OPENINGS).format(name=name),
            f"Bahan: {material}.",
            f"Detail: {'; '.join(kind.details)}.",
            f"Ukuran: {sizes}",
            f"Perawatan: {CARE}",
        ]
    )
