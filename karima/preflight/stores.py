"""PostgreSQL and Redis: do they let us in, and nobody else?"""

from collections.abc import Iterator

import redis
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from redis.exceptions import AuthenticationError, NoPermissionError, ResponseError

from karima.preflight.items import Context, Finding, fail, manual, ok
from karima.redis import client

MIGRATE = "run `python manage.py migrate`"
NO_DATABASE = fail(
    "the database does not answer, or refuses user and password",
    "compare DB_HOST, DB_USER and DB_PASSWORD with the server's",
)
NO_REDIS = fail(
    "Redis does not answer, or refuses the password",
    "compare REDIS_HOST and REDIS_PASSWORD with the server's",
)


def database(context: Context) -> Iterator[Finding]:
    """Say whether the database lets us in, and whether it is migrated."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT rolsuper FROM pg_roles WHERE rolname = current_user")
            (is_superuser,) = cursor.fetchone()
        executor = MigrationExecutor(connection)
        waiting = executor.migration_plan(executor.loader.graph.leaf_nodes())
    except DatabaseError:
        yield NO_DATABASE
        return
    yield ok("the database takes user and password")
    if is_superuser:
        mend = "give the shop a role of its own that owns nothing but its database"
        yield manual("the database user is a superuser", mend)
    if waiting:
        yield fail(f"{len(waiting)} migrations are not applied", MIGRATE)
    else:
        yield ok("all migrations are applied")


def database_tls(context: Context) -> Iterator[Finding]:
    """Say whether this very connection is encrypted."""
    try:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT ssl, version FROM pg_stat_ssl WHERE pid = pg_backend_pid()"
            )
            is_encrypted, version = cursor.fetchone()
    except DatabaseError:
        yield NO_DATABASE
        return
    if is_encrypted:
        yield ok(f"the connection is encrypted ({version})")
    else:
        mend = "set ssl=on in postgresql.conf and `hostssl` in pg_hba.conf"
        yield fail("the connection is not encrypted (pg_stat_ssl)", mend)


def redis_server(context: Context) -> Iterator[Finding]:
    """Say whether Redis wants our password, and what it does when it is full."""
    own = client()
    if own is None:
        yield fail("there is no Redis", "set REDIS_HOST and REDIS_PASSWORD")
        return
    try:
        own.ping()
        yield ok("Redis takes the password")
        yield _without_password(own)
        yield _when_full(own)
    except redis.RedisError:
        yield NO_REDIS


def _without_password(own: redis.Redis) -> Finding:
    """Try the same server as a stranger."""
    pool = own.connection_pool
    given = {
        name: value
        for name, value in pool.connection_kwargs.items()
        if name not in ("username", "password", "credential_provider")
    }
    stranger = redis.Redis(
        connection_pool=redis.ConnectionPool(
            connection_class=pool.connection_class, **given
        )
    )
    try:
        stranger.ping()
    except (AuthenticationError, ResponseError):
        return ok("Redis refuses strangers")
    finally:
        stranger.close()
    mend = "set `requirepass`, or switch the ACL user `default` off"
    return fail("Redis lets everybody in without a password", mend)


def _when_full(own: redis.Redis) -> Finding:
    mend = "set `maxmemory` and a policy that forgets, as deploy/redis does"
    try:
        settings = own.config_get("maxmemory*")
    except NoPermissionError:
        return manual("this user may not ask Redis for `maxmemory-policy`", mend)
    policy, limit = settings["maxmemory-policy"], int(settings["maxmemory"] or 0)
    if policy == "noeviction" or not limit:
        text = f"maxmemory-policy is {policy}, maxmemory is {limit}"
        return fail(text, mend)
    return ok(f"a full Redis forgets by {policy}")
