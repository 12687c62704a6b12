"""Addresses and headers that no client of ours makes."""

from collections.abc import Callable

import pytest
from rest_framework.test import APIClient

from accounts.models import User

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    "number", ["%00", "KRM%00", "%F0%9F%92%A9", "%ED%A0%80", "x" * 300, "%C3%9F"]
)
@pytest.mark.parametrize("path", ["{}", "{}/payment"])
def test_order_number_that_cannot_be_is_not_found(
    client_of: Callable[..., APIClient], aisyah: User, number: str, path: str
) -> None:
    answer = client_of(aisyah).get(f"/api/v1/orders/{path.format(number)}")
    assert (answer.status_code, answer.json()["code"]) == (404, "order_not_found")


@pytest.mark.parametrize("line", [2**63, 10**30])
def test_cart_line_that_cannot_be_is_not_found(
    client_of: Callable[..., APIClient], aisyah: User, line: int
) -> None:
    client = client_of(aisyah)
    client.post("/api/v1/cart")
    answer = client.delete(f"/api/v1/cart/items/{line}")
    assert (answer.status_code, answer.json()["code"]) == (404, "cart_line_not_found")
