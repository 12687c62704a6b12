"""A small canvas for flat illustrations: curves, soft shading, folds.

Coordinates are hundredths of the picture's width, so the picture is 100 wide and 125
high. Everything is drawn at twice the size and reduced at the end, which smooths edges.
"""

from collections.abc import Sequence
from functools import cache

from PIL import Image, ImageChops, ImageColor, ImageDraw, ImageFilter

Point = tuple[float, float]
Rgb = tuple[int, int, int]

WIDTH, HEIGHT = 800, 1000
OVERSAMPLING = 2
UNIT = WIDTH * OVERSAMPLING / 100

CREAM: Rgb = (251, 246, 240)
INK: Rgb = (58, 46, 46)


def rgb(hex_color: str) -> Rgb:
    """Return the three channels of `#rrggbb`."""
    red, green, blue = ImageColor.getrgb(hex_color)[:3]
    return red, green, blue


def mix(first: Rgb, second: Rgb, share: float) -> Rgb:
    """Return the first color with so large a share of the second in it."""
    red, green, blue = (
        round(a + (b - a) * share) for a, b in zip(first, second, strict=True)
    )
    return red, green, blue


def smooth(points: Sequence[Point], *, steps: int = 10) -> list[Point]:
    """Return a Catmull-Rom curve through the points; one given twice is a corner."""
    padded = [points[0], *points, points[-1]]
    curve: list[Point] = []
    for before, start, end, after in zip(
        padded, padded[1:], padded[2:], padded[3:], strict=False
    ):
        if start != end:
            curve.extend(
                _between(before, start, end, after, step / steps)
                for step in range(steps)
            )
    return [*curve, points[-1]]


def _between(a: Point, b: Point, c: Point, d: Point, t: float) -> Point:
    x, y = (
        0.5
        * (
            2 * b[i]
            + (c[i] - a[i]) * t
            + (2 * a[i] - 5 * b[i] + 4 * c[i] - d[i]) * t**2
            + (3 * b[i] - a[i] - 3 * c[i] + d[i]) * t**3
        )
        for i in (0, 1)
    )
    return x, y


def mirrored(points: Sequence[Point], *, center: float = 50) -> list[Point]:
    """Return the points on the other side of the middle line."""
    return [(2 * center - x, y) for x, y in points]


def symmetric(right_half: Sequence[Point], *, center: float = 50) -> list[Point]:
    """Return the closed outline whose right half, from top to bottom, is given."""
    half = smooth(right_half)
    return [*half, *reversed(mirrored(half, center=center))]


def placed(points: Sequence[Point], *, scale: float, x: float, y: float) -> list[Point]:
    """Return the points made smaller around the middle (50, 70) and moved."""
    return [
        (50 + (px - 50) * scale + x, 70 + (py - 70) * scale + y) for px, py in points
    ]


@cache
def _light_from_left() -> Image.Image:
    return Image.linear_gradient("L").rotate(90)


class Canvas:
    """One picture being drawn. `scale`, `x` and `y` place what is drawn next."""

    def __init__(self, background: Rgb) -> None:
        size = (WIDTH * OVERSAMPLING, HEIGHT * OVERSAMPLING)
        self.image = Image.new("RGB", size, background)
        self.scale, self.x, self.y = 1.0, 0.0, 0.0

    def shape(
        self,
        outline: Sequence[Point],
        color: Rgb,
        *,
        shade: float = 0.14,
        folds: Sequence[Sequence[Point]] = (),
    ) -> None:
        """Fill an outline, lighter on the left, with soft folds along the curves."""
        points = self._pixels(outline)
        if not shade and not folds:
            ImageDraw.Draw(self.image).polygon(points, fill=color)
            return
        box = self._box(points)
        mask = self._mask(points, box)
        light, dark = mix(color, (255, 255, 255), shade), mix(color, INK, shade)
        fill = Image.new("RGB", mask.size, light)
        fill.paste(dark, mask=_light_from_left().resize(mask.size))
        if folds:
            crease = self._creases(folds, box)
            fill.paste(mix(color, INK, 0.45), mask=crease)
        self.image.paste(fill, box[:2], mask)

    def line(self, curve: Sequence[Point], color: Rgb, *, width: float = 0.4) -> None:
        """Draw a smooth line; the width is in the canvas's units."""
        draw = ImageDraw.Draw(self.image)
        pixels = self._pixels(smooth(curve))
        thickness = max(1, round(width * self.scale * UNIT))
        draw.line(pixels, fill=color, width=thickness, joint="curve")

    def dot(self, center: Point, radius: float, color: Rgb) -> None:
        """Draw a small disc."""
        [(x, y)] = self._pixels([center])
        r = radius * self.scale * UNIT
        ImageDraw.Draw(self.image).ellipse((x - r, y - r, x + r, y + r), fill=color)

    def shadow(self, center: Point, width: float, height: float, color: Rgb) -> None:
        """Draw the soft shadow that something standing on the floor throws."""
        [(x, y)] = self._pixels([center])
        w, h = width * self.scale * UNIT, height * self.scale * UNIT
        blur = h / 2
        size = (round(2 * (w + 3 * blur)), round(2 * (h + 3 * blur)))
        mask = Image.new("L", size)
        middle_x, middle_y = size[0] / 2, size[1] / 2
        box = (middle_x - w, middle_y - h, middle_x + w, middle_y + h)
        ImageDraw.Draw(mask).ellipse(box, fill=120)
        mask = mask.filter(ImageFilter.BoxBlur(blur))
        self.image.paste(color, (round(x - middle_x), round(y - middle_y)), mask)

    def finished(self) -> Image.Image:
        """Return the picture in its final size."""
        return self.image.reduce(OVERSAMPLING)

    def _pixels(self, points: Sequence[Point]) -> list[Point]:
        there = placed(points, scale=self.scale, x=self.x, y=self.y)
        return [(x * UNIT, y * UNIT) for x, y in there]

    def _box(self, points: Sequence[Point]) -> tuple[int, int, int, int]:
        columns, rows = zip(*points, strict=True)
        return (
            int(min(columns)),
            int(min(rows)),
            int(max(columns)) + 1,
            int(max(rows)) + 1,
        )

    def _mask(
        self, points: Sequence[Point], box: tuple[int, int, int, int]
    ) -> Image.Image:
        mask = Image.new("L", (box[2] - box[0], box[3] - box[1]))
        moved = [(x - box[0], y - box[1]) for x, y in points]
        ImageDraw.Draw(mask).polygon(moved, fill=255)
        return mask

    def _creases(
        self, folds: Sequence[Sequence[Point]], box: tuple[int, int, int, int]
    ) -> Image.Image:
        """Return where the folds are dark: wide and soft with a finer core."""
        size = (box[2] - box[0], box[3] - box[1])
        soft, core = Image.new("L", size), Image.new("L", size)
        for fold in folds:
            pixels = self._pixels(smooth(fold))
            curve = [(x - box[0], y - box[1]) for x, y in pixels]
            _taper(soft, curve, width=2.6 * UNIT * self.scale, strength=90)
            _taper(core, curve, width=0.9 * UNIT * self.scale, strength=70)
        soft = soft.filter(ImageFilter.BoxBlur(UNIT * self.scale * 0.8))
        return ImageChops.add(soft, core.filter(ImageFilter.BoxBlur(UNIT * 0.15)))


def _taper(
    mask: Image.Image, curve: Sequence[Point], *, width: float, strength: int
) -> None:
    """Draw a strip along the curve, from nothing at its start to its full width."""
    last = len(curve) - 1
    edge = [(x + width * step / last / 2, y) for step, (x, y) in enumerate(curve)]
    other = [(x - width * step / last / 2, y) for step, (x, y) in enumerate(curve)]
    ImageDraw.Draw(mask).polygon([*edge, *reversed(other)], fill=strength)
