"""The reference storefront's server: static files, and one page for every path."""

from collections.abc import Iterator

import pytest

from sandbox.storefront import Storefront, run_storefront
from tests.sandbox.client import ask


@pytest.fixture(scope="module")
def storefront() -> Iterator[Storefront]:
    with run_storefront(api_url="https://api.example", mode="handoff") as server:
        yield server


def text(storefront: Storefront, path: str) -> str:
    answer = ask("GET", f"{storefront.url}{path}")
    assert answer.status == 200
    return answer.data.decode()


def test_configuration_names_the_api_and_the_way(storefront: Storefront) -> None:
    config = text(storefront, "/js/config.js")
    assert 'apiUrl: "https://api.example"' in config
    assert 'mode: "handoff"' in config


def test_policy_lets_scripts_call_the_api_and_nobody_else(
    storefront: Storefront,
) -> None:
    page = text(storefront, "/")
    assert "connect-src https://api.example;" in page
    assert "127.0.0.1" not in page


@pytest.mark.parametrize(
    "path", ["/orders/KRM-261123-7F3K9Q", "/auth/callback?code=x", "/js", "/js/none.js"]
)
def test_every_other_path_is_the_application(storefront: Storefront, path: str) -> None:
    assert text(storefront, path) == text(storefront, "/")


@pytest.mark.parametrize(
    "path", ["/../server.py", "/%2e%2e/server.py", "/..%2fserver.py"]
)
def test_nothing_outside_the_site_is_served(storefront: Storefront, path: str) -> None:
    assert "def run_storefront" not in text(storefront, path)
