"""Product pictures: an arch in the palette of the cloth, the garment before it."""

import io
import math
import random
from collections.abc import Callable

from catalog.management.demo import garments, headwear
from catalog.management.demo.canvas import (
    CREAM,
    INK,
    Canvas,
    Point,
    Rgb,
    mirrored,
    mix,
    rgb,
    smooth,
    symmetric,
)

Draw = Callable[[Canvas, Rgb, Rgb], None]

GOLD: Rgb = (198, 160, 104)
CLAY: Rgb = (178, 138, 108)
# Warm neutrals behind the arch; the color of the cloth is mixed into each.
WALLS: tuple[Rgb, ...] = ((250, 244, 236), (247, 240, 232), (244, 240, 233))


def sarimbit(canvas: Canvas, color: Rgb, accent: Rgb) -> None:
    """A family set: father, mother and child in the same cloth."""
    canvas.scale, canvas.x, canvas.y = 0.8, -18.0, 2.0
    garments.koko(canvas, color, accent)
    canvas.x, canvas.y = 13.0, 4.0
    garments.gamis(canvas, color, accent)
    canvas.scale, canvas.x, canvas.y = 0.46, 32.0, 20.0
    garments.gamis(canvas, mix(color, CREAM, 0.18), accent)
    canvas.scale, canvas.x, canvas.y = 1.0, 0.0, 0.0


SILHOUETTES: dict[str, Draw] = {
    "gamis": garments.gamis,
    "abaya": garments.abaya,
    "tunik": garments.tunik,
    "blouse": garments.blouse,
    "outer": garments.outer,
    "koko": garments.koko,
    "rok": garments.rok,
    "kulot": garments.kulot,
    "khimar": headwear.khimar,
    "bergo": headwear.bergo,
    "pashmina": headwear.pashmina,
    "segi_empat": headwear.segi_empat,
    "mukena": headwear.mukena,
    "ciput": headwear.ciput,
    "kaus_kaki": headwear.kaus_kaki,
    "handsock": headwear.handsock,
    "bros": headwear.bros,
    "sarimbit": sarimbit,
}


def draw_picture(silhouette: str, *, hex_color: str, seed: str) -> bytes:
    """Return a WebP of 800 x 1000 pixels, the same for the same arguments."""
    color = rgb(hex_color)
    chance = random.Random(seed)  # noqa: S311 decoration, not a secret
    wall = mix(chance.choice(WALLS), _backdrop(color), 0.08)
    canvas = Canvas(wall)
    _scenery(canvas, _backdrop(color), chance)
    SILHOUETTES[silhouette](canvas, color, _accent(color))
    file = io.BytesIO()
    canvas.finished().save(file, "WEBP", quality=86, method=2)
    return file.getvalue()


def _accent(color: Rgb) -> Rgb:
    """Return what trims the cloth: gold on dark colors, a darker tone on pale ones."""
    is_dark = _brightness(color) < 150
    return mix(GOLD, CREAM, 0.25) if is_dark else mix(color, INK, 0.42)


def _backdrop(color: Rgb) -> Rgb:
    """Return what tints the scenery: a pale cloth needs something darker behind it."""
    return mix(color, CLAY, 0.6) if _brightness(color) > 195 else color


def _brightness(color: Rgb) -> float:
    red, green, blue = color
    return 0.3 * red + 0.59 * green + 0.11 * blue


def _scenery(canvas: Canvas, color: Rgb, chance: random.Random) -> None:
    """Draw the floor, the arch, a sun, a sprig and the shadow."""
    floor = mix(mix(CREAM, color, 0.2), INK, 0.05)
    canvas.shape([(-1, 103), (101, 103), (101, 126), (-1, 126)], floor, shade=0)
    turns = [math.pi / 2 * step / 20 for step in range(21)]
    arch = [(50 + 37 * math.sin(turn), 46 - 37 * math.cos(turn)) for turn in turns]
    canvas.shape(
        symmetric([*arch, (87, 104), (87, 104), (50, 104)]),
        mix(CREAM, color, 0.3),
        shade=0,
    )
    sun_x = chance.choice((26.0, 74.0))
    canvas.dot((sun_x, 30 + chance.random() * 8), 7.5, mix(CREAM, color, 0.17))
    _sprig(canvas, mix(mix(CREAM, color, 0.5), (120, 134, 104), 0.35), left=sun_x > 50)
    canvas.shadow((50, 113.4), 29, 2.6, mix(floor, INK, 0.4))


def _sprig(canvas: Canvas, color: Rgb, *, left: bool) -> None:
    """Draw a tall leafy stem at one side of the arch."""
    stem: list[Point] = [(88, 116), (90, 96), (88, 78), (91, 62)]
    leaves = [(89.6, 104.0), (89.6, 94.0), (88.6, 85.0), (88.6, 76.0), (90, 68.0)]
    side = mirrored if left else list
    canvas.line(side(stem), color, width=0.5)
    for number, (x, y) in enumerate(leaves):
        out = 1 if number % 2 else -1
        leaf: list[Point] = [
            (x, y), (x + out * 3, y - 5), (x + out * 7, y - 7),
            (x + out * 5.4, y - 2), (x, y)
        ]  # fmt: skip
        canvas.shape(smooth(side(leaf)), color, shade=0)
