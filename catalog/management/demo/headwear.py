"""Head coverings on a faceless bust, and the small accessories."""

import math

from catalog.management.demo.canvas import (
    CREAM,
    INK,
    Canvas,
    Point,
    Rgb,
    mix,
    smooth,
    symmetric,
)

SKIN: Rgb = (236, 200, 172)


def _bust(canvas: Canvas, accent: Rgb) -> None:
    """Draw the shoulders of a plain dress under the head covering."""
    half: list[Point] = [
        (50, 58), (60, 62), (74, 69), (81, 80), (84, 106), (84, 112),
        (84, 112), (50, 112)
    ]  # fmt: skip
    folds: list[list[Point]] = [
        [(70, 80), (71, 96), (72, 112)],
        [(30, 80), (29, 96), (28, 112)],
    ]
    canvas.shape(symmetric(half), mix(CREAM, accent, 0.3), folds=folds)


def _face(canvas: Canvas, color: Rgb) -> None:
    """Draw the opening: an inner cap and a face left without features."""
    cap: list[Point] = [(50, 28), (57.6, 31), (60.6, 40), (58, 51), (50, 57)]
    face: list[Point] = [(50, 32), (56.6, 34.6), (59, 41.6), (56.6, 50), (50, 55.4)]
    canvas.shape(symmetric(cap), mix(color, INK, 0.28), shade=0.04)
    canvas.shape(symmetric(face), SKIN, shade=0.05)


def khimar(canvas: Canvas, color: Rgb, accent: Rgb) -> None:
    """Long cape down to the waist."""
    _bust(canvas, accent)
    half: list[Point] = [
        (50, 20), (60, 23), (66, 34), (67.4, 48), (74, 62), (80, 82),
        (81, 97), (81, 97),
        (66, 103.4), (50, 105.4),
    ]  # fmt: skip
    folds: list[list[Point]] = [
        [(50, 60), (49, 80), (47, 104)],
        [(57, 58), (62, 78), (66, 102)],
        [(43, 58), (38, 78), (33, 102)],
        [(63, 52), (72, 74), (77, 98)],
    ]
    canvas.shape(symmetric(half), color, folds=folds)
    _face(canvas, color)
    canvas.line(
        [(20.4, 93.6), (34, 99.8), (50, 101.8), (66, 99.8), (79.6, 93.6)], accent
    )


def bergo(canvas: Canvas, color: Rgb, accent: Rgb) -> None:
    """Instant hijab with a soft peak."""
    _bust(canvas, accent)
    half: list[Point] = [
        (50, 20), (60, 23), (66, 34), (66.6, 50), (72, 62), (74.6, 76),
        (74.6, 76), (63, 85), (50, 89)
    ]  # fmt: skip
    folds: list[list[Point]] = [
        [(50, 59), (50, 72), (49, 88)],
        [(57, 57), (62, 68), (66, 82)],
        [(43, 57), (38, 68), (34, 82)],
    ]
    canvas.shape(symmetric(half), color, folds=folds)
    _face(canvas, color)
    peak: list[Point] = [
        (38.6, 35),
        (43, 29),
        (50, 27),
        (57, 29),
        (61.4, 35),
        (56, 32),
        (50, 31),
        (44, 32),
        (38.6, 35),
    ]
    canvas.shape(smooth(peak), mix(color, INK, 0.12))


def pashmina(canvas: Canvas, color: Rgb, accent: Rgb) -> None:
    """Long scarf, one end laid over the shoulder."""
    _bust(canvas, accent)
    tail = smooth(
        [
            (58, 60),
            (69, 66),
            (73, 84),
            (75, 108),
            (75, 108),
            (63, 109),
            (63, 109),
            (60, 86),
            (54, 68),
            (58, 60),
        ]
    )
    canvas.shape(tail, mix(color, INK, 0.08), folds=[[(63, 66), (67, 84), (69, 108)]])
    for x in (64.4, 67, 69.6, 72.2, 74.2):
        canvas.line([(x, 108), (x + 0.2, 111.4)], mix(color, INK, 0.15), width=0.35)
    half: list[Point] = [
        (50, 20), (60, 23), (66, 34), (66.4, 48), (70, 60), (70, 70), (62, 77), (50, 80)
    ]  # fmt: skip
    drape: list[list[Point]] = [
        [(36, 50), (44, 66), (62, 72)],
        [(34.6, 58), (44, 74), (60, 76)],
        [(63, 40), (64.6, 52), (58, 64)],
    ]
    canvas.shape(symmetric(half), color, folds=drape)
    _face(canvas, color)
    wrap = smooth(
        [
            (36, 55),
            (46, 62),
            (58, 60),
            (67, 53),
            (69.6, 60),
            (60, 68),
            (46, 69),
            (34, 62),
            (36, 55),
        ]
    )
    canvas.shape(
        wrap, mix(color, (255, 255, 255), 0.1), folds=[[(40, 60), (52, 65), (67, 58)]]
    )


def segi_empat(canvas: Canvas, color: Rgb, accent: Rgb) -> None:
    """Square scarf folded to a triangle, with a printed edge."""
    _bust(canvas, accent)
    half: list[Point] = [
        (50, 20), (60, 23), (66, 34), (66.4, 48), (71, 62), (74, 72),
        (74, 72), (62, 84), (50, 97)
    ]  # fmt: skip
    folds: list[list[Point]] = [
        [(50, 60), (53, 74), (51, 94)],
        [(57, 57), (63, 66), (68, 76)],
        [(43, 57), (37, 66), (32, 76)],
    ]
    canvas.shape(symmetric(half), color, folds=folds)
    _face(canvas, color)
    canvas.line(
        [(28.4, 71), (39, 81.4), (50, 93), (61, 81.4), (71.6, 71)], accent, width=0.7
    )
    for x, y in [(36, 72), (44, 78), (56, 78), (64, 72), (50, 85)]:
        _flower(canvas, (x, y), 1.5, mix(color, CREAM, 0.6), accent)
    canvas.dot((50, 59.4), 1.1, accent)


def mukena(canvas: Canvas, color: Rgb, accent: Rgb) -> None:
    """Prayer dress: a long cape with lace over a skirt."""
    skirt: list[Point] = [
        (50, 84),
        (68, 84),
        (73, 113),
        (73, 113),
        (62, 114.6),
        (50, 115),
    ]
    canvas.shape(symmetric(skirt), mix(color, INK, 0.08), folds=_mukena_folds(96, 114))
    half: list[Point] = [
        (50, 16), (60, 19), (65, 30), (66, 44), (73, 58), (81, 82), (83, 97),
        (83, 97), (66, 102), (50, 103.4)
    ]  # fmt: skip
    canvas.shape(symmetric(half), color, folds=_mukena_folds(54, 102))
    lace = mix(color, (255, 255, 255), 0.55)
    for step in range(-12, 13):
        x = 50 + step * 2.7
        y = 101.6 - (step / 12) ** 2 * 5.6
        canvas.dot((x, y), 1.75, lace)
        canvas.dot((x, y + 0.2), 0.55, accent)
    canvas.y -= 4
    _face(canvas, mix(color, accent, 0.3))
    canvas.y += 4
    for x, y in [(40, 84), (60, 84), (50, 90), (31, 86), (69, 86)]:
        _flower(canvas, (x, y), 1.8, lace, accent)


def _mukena_folds(top: float, bottom: float) -> list[list[Point]]:
    return [
        [(50 + s * 10, top), (50 + s * 18, (top + bottom) / 2), (50 + s * 26, bottom)]
        for s in (-0.9, -0.35, 0.2, 0.8)
    ]


def ciput(canvas: Canvas, color: Rgb, accent: Rgb) -> None:
    """Inner cap on a bust."""
    _bust(canvas, accent)
    neck: list[Point] = [(50, 50), (56, 50), (56.6, 60), (60, 63), (50, 68)]
    canvas.shape(symmetric(neck), mix(SKIN, INK, 0.08), shade=0.05)
    head: list[Point] = [(50, 22), (62, 26), (65, 40), (60.6, 52), (50, 59)]
    canvas.shape(symmetric(head), SKIN, shade=0.05)
    cap: list[Point] = [
        (50, 17),
        (61, 20),
        (67, 31),
        (67, 44),
        (64.4, 50),
        (64.4, 50),
        (62, 40),
        (57.6, 33),
        (50, 31),
    ]
    folds: list[list[Point]] = [
        [(50, 31), (56, 24), (60, 22)],
        [(50, 31), (44, 24), (40, 22)],
    ]
    canvas.shape(symmetric(cap), color, folds=folds)
    canvas.line(
        [
            (36.4, 47),
            (38.6, 39),
            (43, 34),
            (50, 32.4),
            (57, 34),
            (61.4, 39),
            (63.6, 47),
        ],
        accent,
        width=0.6,
    )


def kaus_kaki(canvas: Canvas, color: Rgb, accent: Rgb) -> None:
    """A pair of socks, open at the toe for ablution."""
    sock = smooth(
        [(36, 30), (48, 30), (48, 30), (48.6, 60), (49, 78), (52, 86),
         (64, 93), (66, 99), (61, 102),
         (46, 100), (37, 92), (35.6, 76), (36, 30)]
    )  # fmt: skip
    for shift, tone in ((9.0, mix(color, INK, 0.1)), (-9.0, color)):
        moved = [(x + shift - 1, y - shift * 0.3) for x, y in sock]
        canvas.shape(
            moved, tone, folds=[[(43 + shift, 74), (44 + shift, 82), (50 + shift, 92)]]
        )
        for row in range(3):
            y = 34 + row * 2.4 - shift * 0.3
            canvas.line([(35.4 + shift, y), (46.8 + shift, y)], accent, width=0.6)


def handsock(canvas: Canvas, color: Rgb, accent: Rgb) -> None:
    """A pair of forearm sleeves with a loop for the thumb."""
    sleeve = smooth(
        [
            (38, 28),
            (50, 28),
            (50, 28),
            (49, 60),
            (48, 84),
            (50, 98),
            (50, 98),
            (38.6, 98),
            (38.6, 98),
            (39.4, 80),
            (38, 28),
        ]
    )
    for shift, tone in ((11.0, mix(color, INK, 0.1)), (-5.0, color)):
        moved = [(x + shift, y - shift * 0.4) for x, y in sleeve]
        canvas.shape(
            moved,
            tone,
            folds=[[(44 + shift, 40), (44.6 + shift, 66), (44 + shift, 96)]],
        )
        y = 31 - shift * 0.4
        canvas.line([(38.2 + shift, y), (49.8 + shift, y)], accent, width=0.8)
        _flower(canvas, (44.2 + shift, y + 58), 1.9, mix(color, CREAM, 0.7), accent)


def bros(canvas: Canvas, color: Rgb, accent: Rgb) -> None:
    """A flower brooch with pearls."""
    center: Point = (50, 64)
    for ring, (count, length, tone) in enumerate(
        (
            (10, 25.0, mix(color, INK, 0.1)),
            (8, 18.0, color),
            (6, 11.0, mix(color, CREAM, 0.35)),
        )
    ):
        for step in range(count):
            angle = 2 * math.pi * (step + ring * 0.5) / count
            _petal(canvas, center, angle, length, tone)
    canvas.dot(center, 4.4, mix(accent, CREAM, 0.3))
    for step in range(9):
        angle = 2 * math.pi * step / 9
        spot = (center[0] + 3.9 * math.cos(angle), center[1] + 3.9 * math.sin(angle))
        canvas.dot(spot, 1.1, (250, 244, 234))
    canvas.dot(center, 2.1, (252, 248, 240))


def _petal(
    canvas: Canvas, center: Point, angle: float, length: float, color: Rgb
) -> None:
    along = (math.cos(angle), math.sin(angle))
    across = (-along[1], along[0])

    def at(far: float, wide: float) -> Point:
        return (
            center[0] + along[0] * far + across[0] * wide,
            center[1] + along[1] * far + across[1] * wide,
        )

    side = [
        at(0, 0),
        at(length * 0.45, length * 0.3),
        at(length * 0.85, length * 0.22),
        at(length, 0),
    ]
    other = [
        at(length * 0.85, -length * 0.22),
        at(length * 0.45, -length * 0.3),
        at(0, 0),
    ]
    fold = [at(length, 0), at(length * 0.6, 0.2), at(length * 0.15, 0)]
    canvas.shape(smooth([*side, *other]), color, shade=0.18, folds=[fold])


def _flower(
    canvas: Canvas, center: Point, size: float, petals: Rgb, middle: Rgb
) -> None:
    for step in range(5):
        angle = 2 * math.pi * step / 5 - math.pi / 2
        spot = (
            center[0] + size * 0.75 * math.cos(angle),
            center[1] + size * 0.75 * math.sin(angle),
        )
        canvas.dot(spot, size * 0.55, petals)
    canvas.dot(center, size * 0.4, middle)
