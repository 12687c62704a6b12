"""Fixtures that give a test the outside world, each as a real HTTP server.

`kratos`, `midtrans` and `access` are clean at the start of every test that asks for
them: seeded identities, no transactions, no faults, no recorded requests. The servers
behind them start once per session, on free ports, and only when a test asks.
Fixtures of a wider scope use `kratos_server`, `midtrans_server`, `access_server`.
"""

from collections.abc import Iterator

import pytest

from sandbox.access import Access, run_access
from sandbox.kratos import Kratos, run_kratos
from sandbox.midtrans import Midtrans, run_midtrans


@pytest.fixture(scope="session")
def kratos_server() -> Iterator[Kratos]:
    """Give the one Kratos of this test session."""
    with run_kratos() as server:
        yield server


@pytest.fixture(scope="session")
def midtrans_server() -> Iterator[Midtrans]:
    """Give the one Midtrans of this test session; retries take milliseconds."""
    with run_midtrans(retry_seconds=(0.01, 0.01, 0.01, 0.01, 0.01)) as server:
        yield server


@pytest.fixture(scope="session")
def access_server() -> Iterator[Access]:
    """Give the one Cloudflare Access of this test session."""
    with run_access() as server:
        yield server


@pytest.fixture
def kratos(kratos_server: Kratos) -> Iterator[Kratos]:
    """Give Kratos with the two demo customers and no sessions."""
    kratos_server.reset()
    yield kratos_server
    kratos_server.reset()


@pytest.fixture
def midtrans(midtrans_server: Midtrans) -> Iterator[Midtrans]:
    """Give Midtrans without transactions; notifications are only recorded."""
    midtrans_server.reset()
    yield midtrans_server
    midtrans_server.reset()


@pytest.fixture
def access(access_server: Access) -> Iterator[Access]:
    """Give Cloudflare Access with one signing key and no faults."""
    access_server.reset()
    yield access_server
    access_server.reset()
