"""A PostgreSQL and a certificate authority as in production, once for a test module."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from sandbox.engines.processes import engine_account
from sandbox.lab.certificates import Authority
from sandbox.lab.folder import give, lab_folder
from sandbox.lab.postgres import HOST, Cluster


@pytest.fixture(scope="module")
def authority() -> Authority:
    return Authority()


@pytest.fixture(scope="module")
def lab(authority: Authority) -> Iterator[Path]:
    """A folder with the authority's certificates for PostgreSQL and Redis."""
    with lab_folder() as folder:
        authority.write(folder, "postgres", HOST, "localhost")
        authority.write(folder, "redis", "redis.ks-backend.cloud", "localhost")
        give(folder, engine_account())
        yield folder


@pytest.fixture(scope="module")
def cluster(lab: Path) -> Iterator[Cluster]:
    """A running server with production's rules and roles, and empty databases."""
    server = Cluster(lab / "data", tls=lab, settings={"fsync": "off"})
    server.create()
    server.start()
    try:
        server.make_roles()
        yield server
    finally:
        server.stop()
