import pytest
from pytest_django import Settings

from accounts.services import return_addresses

STOREFRONT = "https://karima.example"


@pytest.fixture(autouse=True)
def hosts(settings: Settings) -> None:
    settings.STOREFRONT_URL = STOREFRONT
    settings.KRATOS_UI_URL = "https://auth.karima.example"
    settings.KRATOS_BROWSER_URL = "https://auth.karima.example"
    settings.CORS_ALLOWED_ORIGINS = ["https://admin.karima.example"]
    settings.API_HOSTS = ["api.karima.example"]


@pytest.mark.parametrize(
    "address",
    [
        STOREFRONT,
        f"{STOREFRONT}/",
        f"{STOREFRONT}/keranjang?langkah=2#bayar",
        "https://auth.karima.example/settings",
        "https://admin.karima.example/",
        "https://api.karima.example/api/v1/auth/handoff?code=x",
    ],
)
def test_our_own_hosts_are_allowed(address: str) -> None:
    assert return_addresses.allowed(address) == address


@pytest.mark.parametrize(
    "address",
    [
        "", "/", "/settings", "//evil.example", "settings", "https:", "https:///x",
        "https://evil.example", "http://karima.example", "https://karima.example:8443",
        "https://karima.example.evil.example", "https://sub.karima.example",
        "https://karima.example@evil.example", "https://evil.example@karima.example",
        "https://karima.example\\@evil.example", "https:\\\\evil.example",
        "javascript:alert(1)", "JaVaScRiPt:alert(1)", "data:text/html,x", "ftp://x",
        " https://karima.example", "https://karima.example/\n", "\x01https://x",
        "https://kärima.example", "https://[", "https://[::1",
    ],
)  # fmt: skip
def test_anything_else_is_not(address: str) -> None:
    assert return_addresses.allowed(address) == ""


def test_each_origin_is_named_once() -> None:
    assert return_addresses.origins() == [
        STOREFRONT,
        "https://auth.karima.example",
        "https://admin.karima.example",
        "https://api.karima.example",
    ]
