"""The proxy, and servers of the tests' own behind it."""

from collections.abc import Iterator

import pytest

from tests.deploy.proxy import Proxy, run_proxy
from tests.deploy.upstream import Upstream, run_upstream


@pytest.fixture(scope="module")
def backend_server() -> Iterator[Upstream]:
    """Give what stands where the shop does."""
    with run_upstream("backend") as upstream:
        yield upstream


@pytest.fixture(scope="module")
def kratos_upstream() -> Iterator[Upstream]:
    """Give what stands where Kratos does."""
    with run_upstream("kratos") as upstream:
        yield upstream


@pytest.fixture(scope="module")
def proxy(
    tmp_path_factory: pytest.TempPathFactory,
    backend_server: Upstream,
    kratos_upstream: Upstream,
) -> Iterator[Proxy]:
    """Give nginx as it is shipped, with limits that the tests do not reach."""
    folder = tmp_path_factory.mktemp("proxy")
    with run_proxy(
        folder,
        backend=backend_server.address,
        kratos=kratos_upstream.address,
        PROXY_CLIENT_RATE="5000r/s",
        PROXY_API_RATE="5000r/s",
    ) as proxy:
        yield proxy


@pytest.fixture
def backend(backend_server: Upstream) -> Iterator[Upstream]:
    """Give the backend as it is at first, with nothing remembered."""
    backend_server.reset()
    yield backend_server
    backend_server.reset()


@pytest.fixture
def kratos_behind(kratos_upstream: Upstream) -> Iterator[Upstream]:
    kratos_upstream.reset()
    yield kratos_upstream
    kratos_upstream.reset()
