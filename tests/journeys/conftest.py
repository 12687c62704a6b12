"""The shop under the host names of one of the ways in docs/storefront.md."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest
from django.core.cache import cache
from pytest_django.fixtures import Settings
from pytest_django.live_server_helper import LiveServer

from sandbox.edge import Edge
from sandbox.kratos import Kratos
from sandbox.midtrans import Midtrans
from sandbox.storefront import Storefront, run_storefront
from tests.journeys import profiles
from tests.journeys.profiles import Profile

Stage = Callable[[int], Profile]


@pytest.fixture(scope="session")
def storefront_server() -> Iterator[Storefront]:
    """Give the one storefront of this test session."""
    with run_storefront() as server:
        yield server


@pytest.fixture
def storefront(storefront_server: Storefront) -> Storefront:
    """Give the storefront as its files are: the same site, the cookie."""
    storefront_server.mode = "cookie"
    return storefront_server


@pytest.fixture
def shop(
    live_server: LiveServer, kratos: Kratos, gateway: Midtrans, settings: Settings
) -> LiveServer:
    """Give the shop with Kratos and Midtrans behind it."""
    settings.KRATOS_INTERNAL_URL = kratos.public_url
    settings.KRATOS_ADMIN_URL = kratos.admin_url
    cache.clear()
    gateway.notify_at(f"{live_server.url}/api/v1/payments/midtrans/notification")
    return live_server


@dataclass(frozen=True, slots=True, kw_only=True)
class Here:
    """The demo's setting: everything on 127.0.0.1, told apart by ports."""

    shop: str
    kratos: str
    storefront: str


@pytest.fixture
def here(
    shop: LiveServer, kratos: Kratos, storefront: Storefront, settings: Settings
) -> Here:
    """Give the addresses of the shop, of Kratos and of the storefront."""
    address = f"http://127.0.0.1:{shop.url.rpartition(':')[2]}"
    port = storefront.url.rpartition(":")[2]
    settings.STOREFRONT_URL = storefront.url
    settings.HANDOFF_REDIRECT_URIS = [f"{storefront.url}/auth/callback"]
    settings.CORS_ALLOWED_ORIGINS = [storefront.url, f"http://localhost:{port}"]
    settings.KRATOS_PUBLIC_URL = kratos.public_url
    settings.KRATOS_BROWSER_URL = kratos.public_url
    settings.KRATOS_UI_URL = address
    kratos.configure(
        ui_url=address,
        default_return_url=f"{storefront.url}/",
        logout_return_url=f"{storefront.url}/",
        allowed_return_urls=(f"{storefront.url}/", f"{address}/"),
        allowed_origins=(storefront.url,),
    )
    storefront.api_url = address
    return Here(shop=address, kratos=kratos.public_url, storefront=storefront.url)


@pytest.fixture
def stage(
    shop: LiveServer,
    kratos: Kratos,
    edge: Edge,
    storefront: Storefront,
    settings: Settings,
) -> Stage:
    """Return a function that sets the hosts up as one of the three ways has them."""

    def set_up(number: int) -> Profile:
        found = profiles.profile(number)
        for name, value in profiles.settings_of(found.env).items():
            setattr(settings, name, value)
        profiles.configure(kratos, found.kratos)
        profiles.route(
            edge,
            found.env,
            shop=shop.url,
            kratos=kratos.public_url,
            storefront=storefront.url,
        )
        return found

    return set_up
