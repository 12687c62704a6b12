"""The shop behind a real PgBouncer in transaction mode, with the shipped file."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from typing import Any

import psycopg
import pytest
from django.db import OperationalError, connection, connections, transaction
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob

from accounts.models import User
from catalog.models import Product, Stock
from karima import jobs
from karima.env import from_mapping
from karima.settings import engines
from orders.models import Order
from sandbox.midtrans import Midtrans
from tests.factories import ProductFactory, VariantFactory
from tests.karima.environments import good_production
from tests.karima.pgbouncers import PgBouncer, pgbouncer_for

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(scope="module")
def pgbouncer(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PgBouncer]:
    host = str(connections.databases["default"]["HOST"])
    with pgbouncer_for(host, tmp_path_factory.mktemp("pgbouncer")) as started:
        yield started


Connect = Callable[[dict[str, str] | None], None]


@pytest.fixture
def connect(transactional_db: None) -> Iterator[Connect]:
    """Return a function that takes the shop to another server, or back with None."""
    direct = connections.databases["default"]

    def use(databases: dict[str, Any]) -> None:
        connections["default"].close()
        del connections["default"]
        connections.databases["default"] = databases

    def connect(environment: dict[str, str] | None) -> None:
        if environment is None:
            # The worker's threads end and leave no connection behind.
            use(direct | {"CONN_MAX_AGE": 0})
            return
        settings = engines.database(from_mapping(good_production() | environment))
        use(direct | settings)

    yield connect
    use(direct)


@pytest.fixture
def behind(connect: Connect, pgbouncer: PgBouncer) -> None:
    """Put PgBouncer between the shop and its database."""
    environment = pgbouncer.environment(str(connection.settings_dict["NAME"]))
    open_all_connections(environment)
    connect(environment)


def parameters(environment: dict[str, str]) -> dict[str, Any]:
    """Return what psycopg wants to know, as Django would say it."""
    there = engines.database(from_mapping(good_production() | environment))
    names = {"host": "HOST", "port": "PORT", "user": "USER", "password": "PASSWORD"}
    door = {name: there[key] for name, key in names.items()}
    return {**door, "dbname": there["NAME"], **there["OPTIONS"]}


def open_all_connections(environment: dict[str, str]) -> None:
    """Make PgBouncer open all of its three connections to the database."""
    with ExitStack() as stack:
        for _ in range(3):
            client = psycopg.connect(**parameters(environment))
            stack.enter_context(client)
            client.execute("SELECT 1")


def ask(query: str) -> Any:
    with connection.cursor() as cursor:
        cursor.execute(query)
        return cursor.fetchone()[0]


def test_transactions_take_turns_on_the_connections(behind: None) -> None:
    servers = {ask("SELECT pg_backend_pid()") for _ in range(10)}
    assert len(servers) == 3


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("statement_timeout", "8s"),
        ("lock_timeout", "4s"),
        ("idle_in_transaction_session_timeout", "30s"),
        ("TimeZone", "UTC"),
    ],
)
def test_every_connection_has_its_time_outs(
    behind: None, name: str, value: str
) -> None:
    assert {ask(f"SHOW {name}") for _ in range(6)} == {value}


def test_without_the_switch_pgbouncer_refuses(
    connect: Connect, pgbouncer: PgBouncer
) -> None:
    name = str(connection.settings_dict["NAME"])
    connect(pgbouncer.environment(name) | {"DB_VIA_PGBOUNCER": "", "DB_POOL_MAX": "0"})
    with pytest.raises(OperationalError, match="unsupported startup parameter"):
        ask("SELECT 1")


def test_checkout_reserves_stock_once(
    behind: None, gateway: Midtrans, aisyah: User, check_out: Callable[..., Any]
) -> None:
    variant = VariantFactory(on_hand=5)
    placed = check_out(aisyah, variant=variant, quantity=2)
    again = check_out(aisyah, variant=variant, quantity=2)
    assert placed.status_code == 201, placed.content
    assert placed.json()["payment"]["snap_token"]
    assert again.headers["Idempotency-Replayed"] == "true"
    assert Order.objects.count() == 1
    assert Stock.objects.get(variant=variant).reserved == 2


def test_long_reads_in_pieces_survive_the_turns(behind: None) -> None:
    ProductFactory.create_batch(5)
    names = Product.objects.values_list("name").iterator(chunk_size=2)
    assert len(list(names)) == 5


def test_a_job_put_in_here_is_done_by_a_worker_that_connects_directly(
    behind: None, connect: Connect, empty_queue: None
) -> None:
    with transaction.atomic():
        jobs.enqueue("payments.tasks.forget_idempotency_keys", timestamp="0")
    job = ProcrastinateJob.objects.get()
    assert job.status == "todo"
    connect(None)
    # In a thread of its own: the main one may hold the event loop of a browser test.
    with (
        app.replace_connector(app.connector.get_worker_connector()) as worker,
        ThreadPoolExecutor(max_workers=1) as pool,
    ):
        pool.submit(worker.run_worker, wait=False, listen_notify=False).result()
    assert ProcrastinateJob.objects.get(pk=job.pk).status == "succeeded"


def test_many_clients_share_few_connections(pgbouncer: PgBouncer) -> None:
    there = parameters(pgbouncer.environment("postgres"))

    def server() -> int:
        with psycopg.connect(**there) as client:
            row = client.execute("SELECT pg_backend_pid()").fetchone()
        assert row
        return int(row[0])

    with ThreadPoolExecutor(30) as pool:
        servers = list(pool.map(lambda _: server(), range(60)))
    assert len(servers) == 60
    assert len(set(servers)) <= 3
