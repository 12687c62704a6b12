"""Garments worn on the body, each drawn from a few outlines."""

from catalog.management.demo.canvas import (
    CREAM,
    INK,
    Canvas,
    Point,
    Rgb,
    mirrored,
    mix,
    smooth,
    symmetric,
)

NECK_Y = 25.0


def _sleeves(canvas: Canvas, color: Rgb, *, wrist: Point, width: float) -> None:
    """Draw both sleeves from the shoulders down to where the wrists are."""
    x, y = wrist
    right: list[Point] = [
        (60, 28),
        (66, 33),
        ((66 + x) / 2 + 2.5, (33 + y) / 2 - 2),
        (x + width / 2, y),
        (x + width / 2, y),
        (x - width / 2, y + 1.2),
        (x - width / 2, y + 1.2),
        ((60 + x) / 2 - 2, (44 + y) / 2),
        (60, 44),
    ]
    outline = smooth(right)
    fold = [(63.0, 36.0), ((63 + x) / 2, (36 + y) / 2), (x - 0.5, y - 2)]
    shaded = mix(color, INK, 0.06)
    canvas.shape(outline, shaded, folds=[fold])
    canvas.shape(mirrored(outline), shaded, folds=[mirrored(fold)])


def _neck(canvas: Canvas, color: Rgb, *, width: float = 6) -> None:
    """Draw the inside of the collar, which shows the garment is worn by nobody."""
    inside: list[Point] = [
        (50, NECK_Y - 1.6),
        (50 + width * 0.8, NECK_Y - 1),
        (50 + width, NECK_Y + 0.6),
        (50 + width * 0.6, NECK_Y + 2.6),
        (50, NECK_Y + 3.4),
    ]
    canvas.shape(symmetric(inside), mix(color, INK, 0.4), shade=0.05)


def _body(width: float, waist: float, *, hem: float) -> list[Point]:
    """Return the right half of a dress or shirt down to its hem."""
    return [
        (50, NECK_Y + 1),
        (54, NECK_Y - 1),
        (56, NECK_Y - 1),
        (56, NECK_Y - 1),
        (63, 28.5),
        (65.5, 33),
        (64, 44),
        (50 + waist, 58),
        (50 + (waist + width) / 2, 58 + (hem - 58) * 0.5),
        (50 + width, hem - 1.5),
        (50 + width, hem - 1.5),
        (50 + width * 0.5, hem + 0.8),
        (50, hem + 1.4),
    ]


def _folds(width: float, *, top: float, hem: float) -> list[list[Point]]:
    """Return the folds of a skirt falling from the waist."""
    starts = (-0.32, -0.1, 0.14, 0.34)
    return [
        [
            (50 + share * width * 0.8, top),
            (50 + share * width * 1.2, (top + hem) / 2),
            (50 + share * width * 1.9, hem + 1),
        ]
        for share in starts
    ]


def gamis(canvas: Canvas, color: Rgb, accent: Rgb) -> None:
    """A-line dress with a placket, cuffs and a broad hem."""
    _sleeves(canvas, color, wrist=(75, 72), width=7)
    folds = _folds(24, top=62, hem=110)
    canvas.shape(symmetric(_body(25, 13, hem=111)), color, folds=folds)
    _neck(canvas, color)
    cuff: list[Point] = [(71.6, 70.4), (78.4, 69.4)]
    for edge in (cuff, mirrored(cuff)):
        canvas.line(edge, accent, width=0.7)
    canvas.line([(50, 28.6), (50, 52)], mix(color, INK, 0.3), width=0.3)
    for y in (32, 37, 42, 47):
        canvas.dot((50, y), 0.75, accent)
    canvas.line([(38, 58.6), (50, 60.4), (62, 58.6)], accent, width=0.8)
    canvas.line(
        [(26, 104.6), (38, 106.6), (50, 107.2), (62, 106.6), (74, 104.6)], accent
    )


def abaya(canvas: Canvas, color: Rgb, accent: Rgb) -> None:
    """Wide straight robe with bell sleeves and an embroidered edge."""
    _sleeves(canvas, color, wrist=(78, 70), width=13)
    folds = _folds(22, top=44, hem=110)
    canvas.shape(symmetric(_body(22, 18, hem=112)), color, folds=folds)
    _neck(canvas, color, width=5)
    canvas.line([(50, 28.6), (50.4, 70), (50, 112)], accent, width=0.9)
    for y in range(34, 110, 5):
        canvas.dot((52.2, y), 0.45, accent)
        canvas.dot((47.8, y), 0.45, accent)
    canvas.line([(72, 70.6), (84, 69.4)], accent, width=0.7)
    canvas.line([(16, 69.4), (28, 70.6)], accent, width=0.7)


def _trousers(canvas: Canvas, color: Rgb, *, top: float, hem: float) -> None:
    leg = smooth(
        [
            (51, top),
            (60, top),
            (61.5, hem - 8),
            (62, hem),
            (62, hem),
            (53, hem),
            (53, hem),
            (51, top),
        ]
    )
    canvas.shape(leg, color)
    canvas.shape(mirrored(leg), color)


def tunik(canvas: Canvas, color: Rgb, accent: Rgb) -> None:
    """Long top over pale trousers."""
    _trousers(canvas, mix(CREAM, accent, 0.25), top=80, hem=112)
    _sleeves(canvas, color, wrist=(75, 70), width=7)
    folds = _folds(17, top=58, hem=90)
    canvas.shape(symmetric(_body(18, 14, hem=90)), color, folds=folds)
    _neck(canvas, color)
    canvas.line([(50, 28.6), (50, 45)], mix(color, INK, 0.3), width=0.3)
    for y in (32, 36.5, 41):
        canvas.dot((50, y), 0.7, accent)
    canvas.line(
        [(33, 86), (42, 87.6), (50, 88), (58, 87.6), (67, 86)], accent, width=0.5
    )


def blouse(canvas: Canvas, color: Rgb, accent: Rgb) -> None:
    """Hip-long blouse with gathered sleeves and a bow, over a skirt."""
    skirt: list[Point] = [
        (50, 66),
        (62, 66),
        (66, 90),
        (68, 112),
        (68, 112),
        (58, 113),
        (50, 113.4),
    ]
    canvas.shape(
        symmetric(skirt), mix(CREAM, accent, 0.3), folds=_folds(15, top=74, hem=112)
    )
    _sleeves(canvas, color, wrist=(74, 66), width=9)
    canvas.shape(
        symmetric(_body(16, 13, hem=76)), color, folds=_folds(16, top=50, hem=76)
    )
    _neck(canvas, color)
    canvas.line([(50, 29), (46, 34), (45, 42)], accent, width=1.1)
    canvas.line([(50, 29), (54, 34), (54.6, 44)], accent, width=1.1)
    canvas.dot((50, 29.4), 1.3, accent)


def outer(canvas: Canvas, color: Rgb, accent: Rgb) -> None:
    """Open cardigan over a pale inner."""
    inner = mix(CREAM, accent, 0.2)
    canvas.shape(
        symmetric(_body(14, 11, hem=104)), inner, folds=_folds(13, top=50, hem=104)
    )
    _neck(canvas, inner)
    _sleeves(canvas, color, wrist=(76, 71), width=9)
    panel = smooth(
        [(55, 24), (63, 28.5), (65.5, 33), (65, 46), (67, 70), (71, 98), (71, 98),
         (62, 101), (57, 101), (57, 101), (55.6, 70), (55, 45), (53.4, 31), (55, 24)]
    )  # fmt: skip
    fold: list[Point] = [(61, 40), (62, 68), (65, 99)]
    canvas.shape(panel, color, folds=[fold])
    canvas.shape(mirrored(panel), color, folds=[mirrored(fold)])
    canvas.line([(56.2, 66), (60.6, 66)], mix(color, INK, 0.3), width=0.35)
    canvas.line([(39.4, 66), (43.8, 66)], mix(color, INK, 0.3), width=0.35)


def koko(canvas: Canvas, color: Rgb, accent: Rgb) -> None:
    """Men's shirt with a standing collar and an embroidered placket."""
    _trousers(canvas, mix(INK, accent, 0.25), top=78, hem=113)
    _sleeves(canvas, color, wrist=(76, 71), width=8)
    canvas.shape(
        symmetric(_body(17, 16, hem=86)), color, folds=_folds(13, top=52, hem=86)
    )
    _neck(canvas, color, width=5.4)
    collar = smooth(
        [(44.4, 23.4), (46.6, 28.6), (50, 29.6), (50, 27.2), (47.6, 26.4), (45.6, 23)]
    )
    canvas.shape(collar, mix(color, accent, 0.35))
    canvas.shape(mirrored(collar), mix(color, accent, 0.35))
    placket: list[Point] = [(47.8, 29), (52.2, 29), (52.2, 60), (47.8, 60)]
    canvas.shape(placket, mix(color, accent, 0.3), shade=0.05)
    for y in range(32, 60, 4):
        canvas.dot((50, y), 0.6, accent)
    for y in range(30, 60, 2):
        canvas.dot((46.6, y), 0.28, accent)
        canvas.dot((53.4, y), 0.28, accent)


def rok(canvas: Canvas, color: Rgb, accent: Rgb) -> None:
    """Long pleated skirt with a waistband."""
    skirt: list[Point] = [
        (50, 34), (62, 34), (62, 34), (65, 50), (71, 80), (76, 106),
        (76, 106), (64, 108.6), (50, 109.4)
    ]  # fmt: skip
    folds: list[list[Point]] = [
        [(50 + s * 12, 38), (50 + s * 16, 70), (50 + s * 24, 109)]
        for s in (-0.8, -0.48, -0.16, 0.16, 0.48, 0.8)
    ]
    canvas.shape(symmetric(skirt), color, folds=folds)
    canvas.shape(
        [(37.6, 31), (62.4, 31), (62.6, 36), (37.4, 36)], mix(color, INK, 0.14)
    )
    canvas.line([(26, 102), (38, 104.2), (50, 104.8), (62, 104.2), (74, 102)], accent)


def kulot(canvas: Canvas, color: Rgb, accent: Rgb) -> None:
    """Wide trousers with a tied belt."""
    leg = smooth(
        [(50, 34), (62, 34), (62, 34), (66, 56), (70, 82), (73, 104), (73, 104),
         (64, 105.6), (53.4, 105), (53.4, 105), (52, 80), (50, 60)]
    )  # fmt: skip
    folds: list[list[Point]] = [
        [(56, 40), (58, 70), (60, 105)],
        [(61, 42), (64, 70), (67.5, 104)],
    ]
    canvas.shape(leg, color, folds=folds)
    canvas.shape(mirrored(leg), color, folds=[mirrored(fold) for fold in folds])
    canvas.shape(
        [(37.4, 31), (62.6, 31), (62.8, 36.4), (37.2, 36.4)], mix(color, INK, 0.14)
    )
    canvas.line([(50, 34), (47, 42), (46.4, 52)], accent, width=1)
    canvas.line([(50, 34), (52, 42), (51.6, 50)], accent, width=1)
    canvas.dot((50, 34), 1.3, accent)
