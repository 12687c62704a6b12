"""Colours of the sign-in pages, by the contrast formula of WCAG 2.2."""

import re
from pathlib import Path

import pytest

CSS = Path(__file__).parents[2] / "accounts/static/accounts/pages.css"
LEAST_CONTRAST = 4.5
PAIRS = [
    ("text", "ground"), ("text", "card"), ("text", "tint"), ("quiet", "card"),
    ("quiet", "ground"), ("brand", "ground"), ("brand", "card"), ("brand", "tint"),
    ("brand-strong", "tint"), ("on-brand", "brand"), ("on-brand", "brand-strong"),
    ("wrong", "card"), ("wrong", "wrong-tint"), ("good", "card"), ("good", "good-tint"),
]  # fmt: skip


def themes() -> list[dict[str, str]]:
    """Return the colours of the light theme and of the dark one."""
    blocks = re.findall(r":root \{(.*?)\}", CSS.read_text("utf-8"), re.DOTALL)
    return [dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", one)) for one in blocks]


def luminance(colour: str) -> float:
    parts = (int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5))
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4
        for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize(("front", "back"), PAIRS)
def test_text_can_be_read(theme: int, front: str, back: str) -> None:
    colours = themes()[theme]
    assert contrast(colours[front], colours[back]) >= LEAST_CONTRAST


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
def test_edges_and_focus_can_be_seen(theme: int) -> None:
    colours = themes()[theme]
    assert contrast(colours["edge"], colours["card"]) >= 3
    assert contrast(colours["focus"], colours["card"]) >= 3
