"""Preflight against PostgreSQL and Redis as `deploy/` starts them: TLS and roles."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.db.utils import ConnectionHandler
from django_redis.pool import ConnectionFactory
from pytest_django import Settings

from karima import redis
from karima.env import from_mapping
from karima.preflight import records, stores
from karima.redis import Breaker
from karima.settings import engines
from sandbox.lab.postgres import Cluster
from sandbox.lab.redis import running_redis
from tests.karima.preflight_servers import production_context, states

CONTEXT = production_context()
USER, PASSWORD = "karima", "p@ss:/w%41#&'x=Qm7"


@pytest.fixture
def linked(cluster: Cluster, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Have the probes ask the server with TLS, as the shop's own role."""
    variables = cluster.shop_variables()
    handler = ConnectionHandler(
        {"default": engines.database(from_mapping(variables)) | {"TIME_ZONE": None}}
    )
    for module in (stores, records):
        monkeypatch.setattr(module, "connection", handler["default"])
    yield
    handler["default"].close()


@pytest.mark.django_db
def test_encrypted_link_of_the_shops_own_role_is_ok(linked: None) -> None:
    assert states(stores.database_tls(CONTEXT)) == ["ok"]
    (login, migrations) = stores.database(CONTEXT)
    assert login.state == "ok"
    # Its database is empty.
    assert migrations.state == "fail"


def test_redis_with_a_user_of_its_own_is_ok(
    lab: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(redis, "BREAKER", Breaker())
    monkeypatch.setattr(ConnectionFactory, "_pools", {})
    with running_redis(lab, user=USER, password=PASSWORD) as port:
        variables = {
            "REDIS_HOST": "localhost",
            "REDIS_PORT": str(port),
            "REDIS_USER": USER,
            "REDIS_PASSWORD": PASSWORD,
            "REDIS_TLS": "true",
            "REDIS_CA_CERT": str(lab / "ca.pem"),
        }
        settings.CACHES = engines.caches(from_mapping(variables))
        assert states(stores.redis_server(CONTEXT)) == ["ok", "ok", "ok"]
