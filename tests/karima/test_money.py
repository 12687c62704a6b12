"""Rupiah are shown as shops write them, and none is lost in sharing."""

import pytest

from karima.money import format_rupiah, share_out


@pytest.mark.parametrize(
    ("amount", "shown"),
    [
        (0, "Rp\u00a00"),
        (150_000, "Rp\u00a0150.000"),
        (-1_234_567, "-Rp\u00a01.234.567"),
    ],
)
def test_rupiah_has_dots_for_thousands(amount: int, shown: str) -> None:
    assert format_rupiah(amount) == shown


@pytest.mark.parametrize(
    ("amount", "weights", "parts"),
    [
        (100, [1, 1, 1], [34, 33, 33]),
        (10, [3, 3, 1], [4, 4, 2]),
        (7, [0, 5], [0, 7]),
        (0, [0, 0], [0, 0]),
        (1, [999, 1], [1, 0]),
    ],
)
def test_parts_follow_the_largest_remainder(
    amount: int, weights: list[int], parts: list[int]
) -> None:
    assert share_out(amount, weights) == parts


def test_no_rupiah_is_lost() -> None:
    for amount in range(0, 500, 7):
        assert sum(share_out(amount, [3, 7, 11, 13])) == amount


def test_amount_without_weight_is_an_error() -> None:
    with pytest.raises(ValueError, match="no weight"):
        share_out(1, [0, 0])
