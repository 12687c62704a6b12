"""Redis stopped, hanging, or with another password: each scope as its row says."""

from collections.abc import Callable

import pytest
from django.test import Client, RequestFactory
from pytest_django import Settings
from redis.exceptions import ConnectionError, RedisError, TimeoutError

from karima import redis
from karima.env import from_mapping
from karima.ratelimits import limiter, scopes
from karima.ratelimits.limiter import LimitsUnavailable, Standing
from karima.redis import RedisPaused
from karima.settings import engines
from tests.fixtures_limits import Clock, OwnRedis

STOPPED, HANGING, PASSWORD = "stopped", "hanging", "password"
ILLS = {
    STOPPED: OwnRedis.end,
    HANGING: OwnRedis.hang,
    PASSWORD: OwnRedis.change_password,
}
PRODUCTS = "/api/v1/products"


@pytest.fixture(params=ILLS)
def ill_redis(request: pytest.FixtureRequest, own_redis: OwnRedis) -> OwnRedis:
    """Give a Redis that does not serve, after one that did."""
    ping()
    ILLS[request.param](own_redis)
    drop_connections()
    return own_redis


def ping() -> None:
    client = redis.client()
    assert client is not None
    assert client.ping()


def drop_connections() -> None:
    """Forget the connections, since a changed password concerns new ones only."""
    client = redis.client()
    assert client is not None
    client.connection_pool.disconnect()


def take(name: str) -> Standing | None:
    request = RequestFactory().get("/", REMOTE_ADDR="203.0.113.7")
    return limiter.take(request, scopes.find(name), path_values={"number": "KRM-1"})


def allowed_of(name: str, times: int) -> int:
    """Return how many of so many requests in a row were allowed."""
    standings = [take(name) for _ in range(times)]
    return sum(standing is None or standing.is_allowed for standing in standings)


ALLOWED = ("catalog", "webhook")
CLOSED = ("order_lookup",)
# Of one process alone: the smallest burst of the scope, at checkout half of it.
LOCAL = {
    "search": 20,
    "anonymous": 40,
    "signed_in": 100,
    "cart": 30,
    "guest_cart": 60,
    "checkout": 2,
    "payment": 5,
    "auth": 20,
    "sign_in": 20,
    "programs": 60,
    "photos": 10,
    "access_denied": 20,
}


def test_every_scope_has_its_row() -> None:
    assert {*ALLOWED, *CLOSED, *LOCAL} == set(scopes.SCOPES)


@pytest.mark.parametrize("name", ALLOWED)
def test_open_scope_counts_nothing_while_redis_is_ill(
    ill_redis: OwnRedis, name: str
) -> None:
    assert [take(name) for _ in range(250)] == [None] * 250


@pytest.mark.parametrize("name", LOCAL)
def test_local_scope_counts_in_this_process_while_redis_is_ill(
    ill_redis: OwnRedis, name: str
) -> None:
    assert allowed_of(name, LOCAL[name] + 10) == LOCAL[name]


@pytest.mark.parametrize("name", CLOSED)
def test_closed_scope_is_shut_while_redis_is_ill(
    ill_redis: OwnRedis, name: str
) -> None:
    for _ in range(10):
        with pytest.raises(LimitsUnavailable) as closed:
            take(name)
    assert (closed.value.status, closed.value.retry_after_seconds) == (503, 5)


def test_processes_share_the_limit_out(limits: Settings, own_redis: OwnRedis) -> None:
    limits.RATE_LIMIT_PROCESSES = 4
    own_redis.end()
    assert allowed_of("anonymous", 40) == 10
    assert allowed_of("checkout", 5) == 1


@pytest.mark.parametrize(
    ("ill", "kind"),
    [
        (STOPPED, ConnectionError),
        (HANGING, TimeoutError),
        (PASSWORD, ConnectionError),
    ],
)
def test_ill_redis_is_asked_five_times_and_then_left_alone(
    own_redis: OwnRedis, ill: str, kind: type[RedisError]
) -> None:
    ILLS[ill](own_redis)
    drop_connections()
    client = redis.client()
    assert client is not None
    raised: list[type[BaseException]] = []
    for _ in range(8):
        with pytest.raises(kind if len(raised) < 5 else RedisPaused) as error:
            client.ping()
        raised.append(error.type)
    assert raised[5:] == [RedisPaused] * 3
    assert RedisPaused not in raised[:5]


RECOVERIES: dict[str, Callable[[OwnRedis], None]] = {
    HANGING: OwnRedis.go_on,
    PASSWORD: OwnRedis.forget_password,
}


@pytest.mark.parametrize("ill", RECOVERIES)
def test_redis_counts_again_within_ten_seconds_of_being_well(
    own_redis: OwnRedis, clock: Clock, ill: str
) -> None:
    ping()
    ILLS[ill](own_redis)
    drop_connections()
    assert [take("catalog") for _ in range(20)] == [None] * 20
    RECOVERIES[ill](own_redis)
    clock.now += 9
    assert isinstance(take("catalog"), Standing)
    assert isinstance(take("catalog"), Standing)


@pytest.mark.django_db
def test_catalogue_is_open_without_redis(client: Client, ill_redis: OwnRedis) -> None:
    answers = [client.get(PRODUCTS) for _ in range(70)]
    assert {answer.status_code for answer in answers} == {200}
    assert "RateLimit" not in answers[-1]


@pytest.mark.django_db
def test_search_is_limited_without_redis(client: Client, ill_redis: OwnRedis) -> None:
    statuses = [client.get(f"{PRODUCTS}?q=gamis").status_code for _ in range(22)]
    assert statuses == [200] * 20 + [429] * 2


@pytest.mark.django_db(transaction=True)
def test_health_says_that_redis_is_down(client: Client, ill_redis: OwnRedis) -> None:
    document = client.get("/health").json()
    assert (document["redis"], document["database"]) == ("down", "ok")


def test_shop_that_has_no_redis_counts_the_whole_limit_itself(
    limits: Settings,
) -> None:
    limits.CACHES = engines.caches(from_mapping({"CACHE_TYPE": "memory"}))
    assert allowed_of("catalog", 70) == 60
    assert allowed_of("checkout", 8) == 5
    assert allowed_of("order_lookup", 8) == 5
