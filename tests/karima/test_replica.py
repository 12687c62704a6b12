"""The read replica, with a real one that streams from the tests' PostgreSQL."""

import math
import time
from collections.abc import Callable, Iterator
from typing import Any

import psycopg
import pytest
from django.db import OperationalError, connection, connections
from django.test import Client
from pytest_django import Settings

from accounts.models import User
from catalog.api import views
from catalog.models import Product, Variant
from catalog.services import answers, products, stock
from karima import health, replica
from karima.env import from_mapping
from karima.replica import ALIAS, Freshness, ReplicaRouter, prefer_replica
from karima.settings import engines
from sandbox.midtrans import Midtrans
from tests.factories import ProductFactory, VariantFactory
from tests.fixtures_limits import Clock
from tests.karima.environments import good_production
from tests.karima.replicas import Replica, replica_of

PRODUCTS = "/api/v1/products"
FROM_CATALOG = 'FROM "catalog_'


# How fresh it is


@pytest.fixture
def freshness(clock: Clock, settings: Settings) -> Freshness:
    settings.DB_REPLICA_MAX_LAG_SECONDS = 5
    return Freshness(clock)


def test_nothing_is_known_at_first(freshness: Freshness) -> None:
    assert freshness.lag_seconds() == math.inf


def test_a_position_that_was_reached_makes_it_fresh(
    freshness: Freshness, clock: Clock
) -> None:
    freshness.note(primary=100, replica=100, moment=clock.now)
    assert freshness.lag_seconds() == 0
    clock.now += 4
    assert freshness.lag_seconds() == 4


def test_one_that_lags_is_as_old_as_the_last_position_it_reached(
    freshness: Freshness, clock: Clock
) -> None:
    start = clock.now
    for second in range(4):
        clock.now = start + second
        freshness.note(primary=100 + second, replica=100, moment=clock.now)
    assert freshness.lag_seconds() == 3
    freshness.note(primary=103, replica=102, moment=clock.now)
    assert freshness.lag_seconds() == 1


def test_one_that_never_caught_up_shows_nothing(
    freshness: Freshness, clock: Clock
) -> None:
    freshness.note(primary=100, replica=99, moment=clock.now)
    assert freshness.lag_seconds() == math.inf


def test_a_server_that_is_no_replica_any_more_is_left_alone(
    freshness: Freshness, clock: Clock
) -> None:
    freshness.note(primary=100, replica=100, moment=clock.now)
    freshness.note(primary=100, replica=None, moment=clock.now)
    assert freshness.lag_seconds() == math.inf


# Where reads go


def test_only_marked_reads_of_the_catalogue_go_to_the_replica() -> None:
    router = ReplicaRouter()
    assert router.db_for_read(Product) is None
    with replica._serving_from_replica():
        assert router.db_for_read(Product) == ALIAS
        assert router.db_for_read(User) is None
        assert router.db_for_write(Product) == "default"
    assert router.db_for_read(Product) is None
    assert not router.allow_migrate(ALIAS, "catalog")


def test_every_public_read_of_the_catalogue_is_marked() -> None:
    kinds = list(views.CatalogView.__subclasses__())
    for kind in kinds:
        kinds += kind.__subclasses__()
    reads = [kind.get for kind in kinds if hasattr(kind, "get")]
    assert len(reads) > 10
    assert [get for get in reads if not hasattr(get, "__wrapped__")] == []


def test_there_is_no_replica_unless_one_is_named() -> None:
    assert set(engines.databases(from_mapping({"DB_HOST": "db"}))) == {"default"}


def test_the_replica_has_the_primarys_door_and_less_patience() -> None:
    there = good_production() | {"DB_REPLICA_HOST": "replica.ks-backend.cloud"}
    found = engines.databases(from_mapping(there))
    primary, second = found["default"], found["replica"]
    assert second["HOST"] == "replica.ks-backend.cloud"
    for name in ("PORT", "USER", "PASSWORD", "NAME"):
        assert second[name] == primary[name]
    for name in ("sslmode", "sslrootcert", "require_auth"):
        assert second["OPTIONS"][name] == primary["OPTIONS"][name]
    assert second["OPTIONS"]["connect_timeout"] == 2
    assert second["OPTIONS"]["pool"]["timeout"] == 1
    assert primary["OPTIONS"]["pool"]["timeout"] == 3


# With a real replica

with_replica = pytest.mark.django_db(transaction=True, databases=["default", ALIAS])


@pytest.fixture(scope="module")
def server(
    django_db_setup: None, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Replica]:
    primary = connection.settings_dict
    host = str(primary["HOST"])
    with replica_of(host, tmp_path_factory.mktemp("replica")) as started:
        there = {"DB_HOST": host, "DB_REPLICA_HOST": str(started.folder)}
        second = engines.databases(from_mapping(there))[ALIAS]
        connections.databases[ALIAS] = primary | {
            "HOST": second["HOST"],
            "OPTIONS": second["OPTIONS"],
            "TEST": primary["TEST"] | {"MIRROR": "default"},
        }
        yield started
        del connections.databases[ALIAS]


@pytest.fixture
def fresh(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> Freshness:
    """Give a memory that knows nothing yet, without checks but by hand."""
    freshness = Freshness(clock)
    monkeypatch.setattr(replica, "FRESHNESS", freshness)
    monkeypatch.setattr(freshness, "_begin_check", lambda now: None)
    return freshness


@pytest.fixture
def standby(
    server: Replica, transactional_db: None, settings: Settings, fresh: Freshness
) -> Iterator[Replica]:
    """Give the replica, with the shop configured to use it."""
    settings.DATABASE_ROUTERS = ["karima.replica.ReplicaRouter"]
    yield server
    server.run("SELECT pg_wal_replay_resume()")
    connections[ALIAS].close()
    # Made anew for the next test: a test may have broken its address.
    del connections[ALIAS]
    connections.databases[ALIAS]["HOST"] = str(server.folder)


def catch_up(freshness: Freshness) -> None:
    """Measure until the replica has what was committed before the call."""
    primary = replica._ask("default", replica.PRIMARY_POSITION)
    assert primary
    deadline = time.monotonic() + 30
    while (replica._ask(ALIAS, replica.REPLICA_POSITION) or 0) < primary:
        assert time.monotonic() < deadline, "the replica does not catch up"
        time.sleep(0.01)
    freshness.note(primary=primary, replica=primary, moment=freshness._clock())


@pytest.fixture
def variant(transactional_db: None) -> Variant:
    product = ProductFactory(name="Gamis Khadijah", slug="gamis-khadijah")
    return VariantFactory(product=product, on_hand=3)


@with_replica
def test_public_reads_are_answered_by_the_replica(
    variant: Variant, standby: Replica, fresh: Freshness, client: Client
) -> None:
    catch_up(fresh)
    slug, category = variant.product.slug, variant.product.category.slug
    for path in (PRODUCTS, f"{PRODUCTS}/{slug}", "/api/v1/categories"):
        standby.asked()
        answer = client.get(path)
        assert answer.status_code == 200
        assert FROM_CATALOG in standby.asked(), path
    assert client.get(f"/api/v1/categories/{category}").status_code == 200
    assert FROM_CATALOG in standby.asked()


@with_replica
def test_a_product_that_is_not_there_is_not_looked_for_twice(
    standby: Replica, fresh: Freshness, client: Client
) -> None:
    catch_up(fresh)
    assert client.get(f"{PRODUCTS}/none").status_code == 404
    assert fresh.is_enough()


@with_replica
def test_the_primary_answers_until_the_replica_is_known_to_be_fresh(
    variant: Variant, standby: Replica, client: Client
) -> None:
    standby.asked()
    assert len(client.get(PRODUCTS).json()["results"]) == 1
    assert FROM_CATALOG not in standby.asked()


@with_replica
def test_a_replica_that_stands_still_is_left_alone_after_the_limit(
    variant: Variant, standby: Replica, fresh: Freshness, client: Client, clock: Clock
) -> None:
    catch_up(fresh)
    standby.run("SELECT pg_wal_replay_pause()")
    variant.product.name = "Gamis Aisyah"
    products.save(variant.product)
    answers.forget()
    # Inside the limit the old name is what customers see, and nobody keeps.
    assert client.get(PRODUCTS).json()["results"][0]["name"] == "Gamis Khadijah"
    clock.now += 6
    fresh.measure()
    assert not fresh.is_enough()
    assert client.get(PRODUCTS).json()["results"][0]["name"] == "Gamis Aisyah"


@with_replica
def test_measuring_finds_a_fresh_replica_by_itself(
    standby: Replica, fresh: Freshness
) -> None:
    deadline = time.monotonic() + 30
    while not fresh.is_enough() and time.monotonic() < deadline:
        fresh.measure()
    assert fresh.is_enough()


@with_replica
def test_requests_begin_the_measuring_and_never_wait_for_it(standby: Replica) -> None:
    freshness = Freshness()
    assert not freshness.is_enough()
    deadline = time.monotonic() + 30
    while not freshness.is_enough() and time.monotonic() < deadline:
        time.sleep(0.01)
    assert freshness.is_enough()
    with freshness._checking:
        pass  # The thread has closed its connections.


@with_replica
def test_checkout_and_stock_never_ask_the_replica(
    variant: Variant,
    standby: Replica,
    fresh: Freshness,
    gateway: Midtrans,
    aisyah: User,
    check_out: Callable[..., Any],
) -> None:
    catch_up(fresh)
    standby.run("SELECT pg_wal_replay_pause()")
    standby.asked()
    # The replica still shows three pieces; the shelf has been emptied since.
    stock.adjust(variant.pk, new_on_hand=0, actor=None, note="dihitung")
    refused = check_out(aisyah, variant=variant)
    assert refused.status_code == 409
    stock.adjust(variant.pk, new_on_hand=3, actor=None, note="dihitung lagi")
    placed = check_out(aisyah, variant=variant, key="key-0000-0000-0002")
    assert placed.status_code == 201
    assert FROM_CATALOG not in standby.asked()


@with_replica
def test_the_primary_answers_at_once_when_the_replica_breaks(
    variant: Variant, standby: Replica, fresh: Freshness, client: Client
) -> None:
    catch_up(fresh)
    connections[ALIAS].close()
    connections[ALIAS].settings_dict["HOST"] = "/nonexistent"
    assert len(client.get(PRODUCTS).json()["results"]) == 1
    assert not fresh.is_enough()


@with_replica
def test_a_read_cancelled_in_the_middle_begins_again_at_the_primary(
    variant: Variant, standby: Replica, fresh: Freshness
) -> None:
    catch_up(fresh)
    answers = []

    @prefer_replica
    def read() -> str:
        database = Product.objects.all().db
        answers.append(database)
        assert Product.objects.count() == 1
        if database == ALIAS:
            with connections[ALIAS].cursor() as cursor:
                cursor.execute("SELECT pg_terminate_backend(pg_backend_pid())")
        return database

    assert read() == "default"
    assert answers == [ALIAS, "default"]


@with_replica
def test_an_outage_of_both_is_the_primarys(
    variant: Variant, standby: Replica, fresh: Freshness
) -> None:
    catch_up(fresh)

    @prefer_replica
    def read() -> None:
        raise OperationalError("gone")

    with pytest.raises(OperationalError):
        read()


@with_replica
def test_health_shows_the_replica_and_stays_well_without_it(
    standby: Replica, fresh: Freshness, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(health, "EXTRA", {})
    health.add_probe(ALIAS, replica.health)
    catch_up(fresh)
    assert client.get("/health").json()["replica"] == "ok"
    connections[ALIAS].settings_dict["HOST"] = "/nonexistent"
    connections.databases[ALIAS]["HOST"] = "/nonexistent"
    answer = client.get("/health")
    assert answer.status_code == 200
    assert answer.json()["replica"] == "down"


@with_replica
def test_the_replica_has_what_the_primary_has(
    variant: Variant, standby: Replica, fresh: Freshness
) -> None:
    catch_up(fresh)
    with psycopg.connect(
        host=str(standby.folder), user="karima", dbname=connection.settings_dict["NAME"]
    ) as there:
        assert there.execute("SELECT count(*) FROM catalog_product").fetchone() == (1,)
