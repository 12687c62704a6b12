"""The demo's pictures, drawn and stored as uploads are: in widths, named by content."""

from collections.abc import Iterable
from uuid import NAMESPACE_URL, uuid5

from catalog.management.demo.articles import FULL, Article
from catalog.management.demo.pictures import draw_picture
from catalog.management.demo.words import COLORS
from catalog.models import Color, Product, ProductImage
from catalog.services import media

EACH = 2
FOLDER = "products"
CODES = {name: code for name, _, _, code in COLORS}
HEXES = {name: hex_color for name, hex_color, _, _ in COLORS}

Pictures = dict[str, media.Picture]


def store_photos(batch: Iterable[Article], known: Pictures) -> None:
    """Draw and store what is not known yet, and add it to what is.

    Before the transaction, since the store may be across the network.
    """
    for article in batch:
        for color in _pictured(article):
            key = _key(article, color)
            if key not in known:
                known[key] = _draw(article, color, key)


def add_images(
    batch: Iterable[Article], made: dict[str, Product], known: Pictures
) -> None:
    """Add the rows that show the pictures."""
    colors = {color.name: color for color in Color.objects.all()}
    ProductImage.objects.bulk_create(
        [
            _image(
                known[_key(article, color)],
                product=made[article.slug],
                color=colors[color],
                alt=f"{article.name} warna {color.lower()}",
                position=position,
                is_primary=position == 0,
            )
            for article in batch
            for position, color in enumerate(_pictured(article))
        ]
    )


def _image(picture: media.Picture, **columns: object) -> ProductImage:
    return ProductImage(
        file=picture.name,
        width=picture.width,
        height=picture.height,
        renditions=picture.renditions,
        size_bytes=picture.size_bytes,
        sha256=picture.sha256,
        placeholder=picture.placeholder,
        **columns,
    )


def _draw(article: Article, color: str, key: str) -> media.Picture:
    content = draw_picture(article.kind.silhouette, hex_color=HEXES[color], seed=key)
    return media.store_own(content, folder=FOLDER, group=uuid5(NAMESPACE_URL, key))


def _pictured(article: Article) -> tuple[str, ...]:
    return article.colors[:EACH]


def _key(article: Article, color: str) -> str:
    """Return what tells pictures apart; bulk articles share one for kind and color."""
    is_full = article.number <= FULL
    folder = article.slug if is_full else f"demo-{article.kind.silhouette}"
    return f"{FOLDER}/{folder}/{CODES[color].lower()}.webp"
