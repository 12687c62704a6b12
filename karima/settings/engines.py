"""How Django reaches PostgreSQL, Redis and the media store."""

from typing import Any
from urllib.parse import quote, urlsplit

from botocore.config import Config
from redis.backoff import NoBackoff
from redis.retry import Retry

from karima.connections import answering_within
from karima.env import Environment, derived
from karima.local import PROJECT, redis_socket, run_dir

# Above what a healthy Redis needs by far; the shop answers without it after this.
REDIS_TIMEOUT_SECONDS = 0.25
# A request that gets no connection from the pool within this is told `database_busy`.
POOL_TIMEOUT_SECONDS = 3
# A pool waits ever longer between its tries to connect. After this it stops, and the
# next request tries anew: so the shop is back as soon as PostgreSQL is.
POOL_RECONNECT_SECONDS = 1


def databases(env: Environment) -> dict[str, Any]:
    """Return the connections by Django's names: the primary, and a replica if any."""
    primary = database(env)
    if not env.db_replica_host:
        return {"default": primary}
    return {"default": primary, "replica": replica(env, primary)}


def replica(env: Environment, primary: dict[str, Any]) -> dict[str, Any]:
    """Return the connection to the read replica: the primary's, with less patience.

    A streaming replica has the primary's users, passwords and databases.
    """
    options = primary["OPTIONS"] | {"connect_timeout": 2}
    if "pool" in options:
        options["pool"] = options["pool"] | {"min_size": 0, "timeout": 1}
    return primary | {
        "HOST": env.db_replica_host,
        "PORT": str(env.db_replica_port or env.db_port),
        "OPTIONS": options,
        "TEST": {"MIRROR": "default"},
    }


def database(env: Environment) -> dict[str, Any]:
    """Return the connection to PostgreSQL; without DB_HOST, to the local one.

    The parts are handed over one by one and never joined to a DSN, so a password may
    hold any character.
    """
    pool_max = env.db_pool_max if env.db_pool_max is not None else 8 * env.is_strict
    if env.db_via_pgbouncer:
        pool_max = 0
    return {
        "ENGINE": "django.db.backends.postgresql",
        "HOST": env.db_host or str(run_dir()),
        "PORT": str(env.db_port),
        "USER": env.db_user or "karima",
        "PASSWORD": env.db_password.get_secret_value(),
        "NAME": env.db_name or "karima",
        "CONN_MAX_AGE": 0 if pool_max else 60,
        "CONN_HEALTH_CHECKS": True,
        # PgBouncer gives the next statement another connection, without the cursor.
        "DISABLE_SERVER_SIDE_CURSORS": env.db_via_pgbouncer,
        "OPTIONS": connection_options(env)
        | pool_options(pool_max, env.db_statement_timeout),
    }


def connection_options(env: Environment) -> dict[str, Any]:
    """Return libpq's options: TLS, time-outs, and the name shown to the server.

    Production insists on SCRAM: without it a server that merely claims to be ours may
    ask for the password in clear, and libpq would send it. PgBouncer refuses the
    time-outs of a client; deploy/pgbouncer/pgbouncer.ini sets them.
    """
    strict = {"require_auth": "scram-sha-256"} if env.is_strict else {}
    certificate = {"sslrootcert": env.db_ssl_root_cert} if env.db_ssl_root_cert else {}
    timeouts = {
        "statement_timeout": env.db_statement_timeout * 1000,
        "lock_timeout": env.db_lock_timeout * 1000,
        "idle_in_transaction_session_timeout": 30_000,
    }
    startup = " ".join(f"-c {name}={value}" for name, value in timeouts.items())
    return {
        "sslmode": derived.db_ssl_mode(env),
        "connect_timeout": 5,
        "application_name": "karima",
        "tcp_user_timeout": 10_000,
        "keepalives_idle": 30,
        **({} if env.db_via_pgbouncer else {"options": startup}),
        **strict,
        **certificate,
    }


def pool_options(pool_max: int, statement_timeout: int) -> dict[str, Any]:
    """Return the connection pool of each process, or nothing for no pool.

    `statement_timeout` is in seconds; 0 is none.
    """
    if not pool_max:
        return {}
    pool = {
        "min_size": min(2, pool_max),
        "max_size": pool_max,
        "timeout": POOL_TIMEOUT_SECONDS,
        "reconnect_timeout": POOL_RECONNECT_SECONDS,
        "max_lifetime": 1800,
        "connection_class": answering_within(statement_timeout),
    }
    return {"pool": pool}


def caches(env: Environment) -> dict[str, Any]:
    """Return Redis as the cache, failing open; or this process's memory without one."""
    location = redis_location(env)
    if not location:
        backend = "django.core.cache.backends.locmem.LocMemCache"
        return {"default": {"BACKEND": backend, "TIMEOUT": env.cache_duration}}
    pool: dict[str, Any] = {
        # By itself redis-py tries three more times, with pauses, and refuses the 101st
        # connection; the number of threads is the bound here.
        "retry": Retry(NoBackoff(), 0),
        "max_connections": 1000,
        **redis_tls(env),
    }
    options: dict[str, Any] = {
        "SOCKET_CONNECT_TIMEOUT": REDIS_TIMEOUT_SECONDS,
        "SOCKET_TIMEOUT": REDIS_TIMEOUT_SECONDS,
        "IGNORE_EXCEPTIONS": True,
        # Not pickle: who can write to Redis must not be able to run code here.
        "SERIALIZER": "django_redis.serializers.json.JSONSerializer",
        "REDIS_CLIENT_CLASS": "karima.redis.GuardedRedis",
        "CONNECTION_POOL_KWARGS": pool,
    }
    if env.redis_password.get_secret_value():
        options["PASSWORD"] = env.redis_password.get_secret_value()
    if env.redis_user:
        pool["username"] = env.redis_user
    return {
        "default": {
            "BACKEND": "django_redis.cache.RedisCache",
            "LOCATION": location,
            "KEY_PREFIX": "karima",
            "TIMEOUT": env.cache_duration,
            "OPTIONS": options,
        }
    }


def redis_tls(env: Environment) -> dict[str, Any]:
    """Return how the server's certificate is checked, nothing without TLS."""
    if not redis_location(env).startswith("rediss:"):
        return {}
    own_ca = {"ssl_ca_certs": env.redis_ca_cert} if env.redis_ca_cert else {}
    return {"ssl_cert_reqs": "required", "ssl_check_hostname": True} | own_ca


def redis_location(env: Environment) -> str:
    """Return Redis's URL, or an empty text when there is none to use.

    REDIS_HOST may be the absolute path of a UNIX socket.
    """
    if env.cache_type == "memory":
        return ""
    if not env.redis_host:
        found = not env.is_strict and redis_socket().exists()
        return f"unix://{quote(str(redis_socket()))}" if found else ""
    if env.redis_host.startswith("/"):
        return f"unix://{quote(env.redis_host)}"
    scheme = "rediss" if env.redis_tls else "redis"
    return f"{scheme}://{env.redis_host}:{env.redis_port}/0"


def media_storage(env: Environment) -> dict[str, Any]:
    """Return where product photos are kept: this machine, or Cloudflare R2."""
    if not derived.media_in_r2(env):
        return {"BACKEND": "django.core.files.storage.FileSystemStorage"}
    public = urlsplit(env.r2_public_url) if env.r2_public_url else None
    return {
        "BACKEND": "storages.backends.s3.S3Storage",
        "OPTIONS": {
            "bucket_name": env.r2_bucket_name,
            "endpoint_url": derived.r2_endpoint(env),
            "region_name": env.r2_region,
            "access_key": env.r2_access_key_id.get_secret_value(),
            "secret_key": env.r2_secret_access_key.get_secret_value(),
            "location": "media",
            "custom_domain": public.netloc + public.path if public else None,
            "url_protocol": f"{public.scheme}:" if public else "https:",
            "querystring_auth": False,
            "default_acl": None,
            # Names say their content, and asking for each costs a request.
            "file_overwrite": True,
            "object_parameters": {
                "CacheControl": "public, max-age=31536000, immutable"
            },
            "client_config": r2_client_config(),
        },
    }


def private_storage(env: Environment) -> dict[str, Any]:
    """Return where files are kept that no URL leads to; web and worker share it.

    A folder, or a bucket of its own where they are on several machines; never the
    bucket of the photos, which is public.
    """
    if env.r2_private_bucket_name:
        return private_bucket(env)
    return {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {
            "location": PROJECT / ".data" / "private",
            "file_permissions_mode": 0o600,
            "directory_permissions_mode": 0o700,
            "allow_overwrite": True,
        },
    }


def private_bucket(env: Environment) -> dict[str, Any]:
    """Return the bucket that is read by the shop's key alone."""
    return {
        "BACKEND": "storages.backends.s3.S3Storage",
        "OPTIONS": {
            "bucket_name": env.r2_private_bucket_name,
            "endpoint_url": derived.r2_endpoint(env),
            "region_name": env.r2_region,
            "access_key": env.r2_access_key_id.get_secret_value(),
            "secret_key": env.r2_secret_access_key.get_secret_value(),
            "location": "private",
            # A link, should anybody ask for one, is signed and short.
            "querystring_auth": True,
            "querystring_expire": 300,
            "default_acl": None,
            "file_overwrite": True,
            "object_parameters": {"CacheControl": "private, no-store"},
            "client_config": r2_client_config(),
        },
    }


def r2_client_config() -> Config:
    """Return boto3's client options for R2.

    R2 refuses the checksums that boto3 adds to every upload by default, with an error
    that speaks of a wrong key.
    """
    return Config(
        signature_version="s3v4",
        s3={"addressing_style": "path"},
        request_checksum_calculation="when_required",
        response_checksum_validation="when_required",
        connect_timeout=3,
        read_timeout=10,
        retries={"max_attempts": 3, "mode": "standard"},
    )
