"""T-6.1: what the roles of deploy/postgres may do, after a migration by the owner."""

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from psycopg import errors

from sandbox.lab.postgres import DATABASE, HOSTILE_PASSWORD, PASSWORDS, Cluster
from tests.karima.processes import run_python

HISTORY = """
    SELECT c.relname FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
    WHERE t.tgname LIKE '%%\\_append\\_only' ORDER BY 1
"""
OTHER_TABLES = """
    SELECT relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE relkind IN ('r', 'p') AND nspname = 'public' AND relname <> ALL(%s)
"""
KNOWN_HISTORY = {
    "accounts_applicationevent",
    "accounts_consent",
    "accounts_staffauditentry",
    "catalog_stockmovement",
    "orders_orderevent",
}


def manage(cluster: Cluster, user: str, *arguments: str) -> str:
    done = run_python("manage.py", *arguments, environment=cluster.shop_variables(user))
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def migrated(cluster: Cluster) -> Cluster:
    """The cluster, its empty database migrated by the role of migrations."""
    manage(cluster, "karima_migrate", "migrate", "--verbosity", "0")
    return cluster


@pytest.fixture
def shop(migrated: Cluster) -> Iterator[psycopg.Connection[Any]]:
    with psycopg.connect(**migrated.link(), autocommit=True) as link:
        yield link


def names(link: psycopg.Connection[Any], query: str, *values: Any) -> list[str]:
    return [row[0] for row in link.execute(query, values)]


def test_every_history_that_there_is_is_found(shop: psycopg.Connection[Any]) -> None:
    assert set(names(shop, HISTORY)) >= KNOWN_HISTORY


@pytest.mark.parametrize("command", ["UPDATE", "DELETE", "TRUNCATE"])
def test_the_shop_cannot_change_history(
    shop: psycopg.Connection[Any], command: str
) -> None:
    held = [
        table
        for table in names(shop, HISTORY)
        if shop.execute(
            "SELECT has_table_privilege(%s::regclass, %s)", [table, command]
        ).fetchone()
        != (False,)
    ]
    assert held == []


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE catalog_stockmovement SET note = ''",
        "DELETE FROM catalog_stockmovement",
        "TRUNCATE catalog_stockmovement",
        "UPDATE accounts_consent SET granted = true",
        "TRUNCATE accounts_staffauditentry",
        "CREATE TABLE mine (id int)",
        "ALTER TABLE catalog_product ADD COLUMN mine int",
        "DROP TABLE orders_cart",
        "ALTER TABLE catalog_stockmovement DISABLE TRIGGER ALL",
        "CREATE ROLE mine",
        "COPY catalog_product TO PROGRAM 'cat'",
    ],
)
def test_the_shop_is_refused(shop: psycopg.Connection[Any], statement: str) -> None:
    with pytest.raises(errors.InsufficientPrivilege):
        shop.execute(statement)


def test_the_shop_may_do_its_work_everywhere_else(
    shop: psycopg.Connection[Any],
) -> None:
    tables = names(shop, OTHER_TABLES, names(shop, HISTORY))
    wanted = ["SELECT", "INSERT", "UPDATE", "DELETE"]
    assert len(tables) > 30
    for table in tables:
        for right in wanted:
            query = "SELECT has_table_privilege(%s::regclass, %s)"
            assert shop.execute(query, [table, right]).fetchone() == (True,), table


def test_an_erasure_may_empty_the_address_of_a_consent(
    shop: psycopg.Connection[Any],
) -> None:
    shop.execute("UPDATE accounts_consent SET ip = NULL")


def test_a_later_migration_needs_no_further_step(
    migrated: Cluster, shop: psycopg.Connection[Any]
) -> None:
    link = migrated.link("karima_migrate")
    with psycopg.connect(**link, autocommit=True) as owner:
        owner.execute("CREATE TABLE later_work (id int)")
        owner.execute("CREATE TABLE later_history (id int)")
        owner.execute(
            "CREATE TRIGGER later_append_only BEFORE UPDATE ON later_history "
            "FOR EACH ROW EXECUTE FUNCTION catalog_refuse_change()"
        )
        try:
            shop.execute("INSERT INTO later_work VALUES (1)")
            shop.execute("DELETE FROM later_work")
            shop.execute("INSERT INTO later_history VALUES (1)")
            with pytest.raises(errors.InsufficientPrivilege):
                shop.execute("DELETE FROM later_history")
        finally:
            owner.execute("DROP TABLE later_work, later_history")


def test_the_application_starts_as_the_role_without_ddl(migrated: Cluster) -> None:
    """The drills (`make drill-failover`, `make drill-restore`) sell as that role."""
    manage(migrated, "karima_prod", "wait_for_database", "--migrated")
    manage(migrated, "karima_prod", "sync_roles")


def test_the_reader_reads_and_cannot_write(migrated: Cluster) -> None:
    link = migrated.link("karima_ro")
    with psycopg.connect(**link, autocommit=True) as reader:
        reader.execute("SELECT * FROM orders_order")
        reader.execute("SET default_transaction_read_only = off")
        with pytest.raises(errors.InsufficientPrivilege):
            reader.execute("DELETE FROM orders_cart")


def test_each_role_stays_in_its_own_database(migrated: Cluster) -> None:
    for user, database in [("kratos", DATABASE), ("karima_prod", "kratos")]:
        with pytest.raises(psycopg.OperationalError, match="permission denied"):
            psycopg.connect(**migrated.link(user, dbname=database))
    with psycopg.connect(**migrated.link("kratos", dbname="kratos")) as kratos:
        kratos.execute("CREATE TABLE own (id int)")
        kratos.rollback()


def test_the_superuser_cannot_come_over_the_network(migrated: Cluster) -> None:
    link = migrated.link() | {"user": "postgres", "password": "anything"}
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(**link)


def test_the_roles_can_be_made_again_with_another_password(
    migrated: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = "another'pass\\word" + HOSTILE_PASSWORD
    monkeypatch.setitem(PASSWORDS, "karima_prod", other)
    migrated.make_roles()
    psycopg.connect(**migrated.link()).close()
    monkeypatch.undo()
    with pytest.raises(psycopg.OperationalError, match="authentication"):
        psycopg.connect(**migrated.link())
    migrated.make_roles()
    log = migrated.log.read_text("utf-8")
    assert HOSTILE_PASSWORD not in log


def test_what_the_shop_owned_goes_to_the_role_of_migrations(cluster: Cluster) -> None:
    """A database of before there were two roles."""
    with cluster.superuser(DATABASE) as root:
        root.execute("CREATE TABLE old_work (id int)")
        root.execute("ALTER TABLE old_work OWNER TO karima_prod")
        cluster.make_roles()
        owner = root.execute(
            "SELECT relowner::regrole::text FROM pg_class WHERE relname = 'old_work'"
        ).fetchone()
        root.execute("DROP TABLE old_work")
    assert owner == ("karima_migrate",)
