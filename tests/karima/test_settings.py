"""What Django gets from the two environments that were asked for, word for word."""

import re
from typing import Any

import pytest

from karima.env import derived, from_mapping
from karima.settings import engines
from tests.karima.environments import (
    DEVELOPMENT_BLOCK,
    PRODUCTION_BLOCK,
    STRONG_PASSWORD,
    as_mapping,
    filled,
    good_production,
)
from tests.karima.processes import run_python, settings_of

SIX_METHODS = ["GET", "POST", "PUT", "DELETE", "OPTIONS", "PATCH"]
ASKED_HEADERS = {
    "origin",
    "content-type",
    "accept",
    "authorization",
    "x-requested-with",
    "cookie",
    "x-session-token",
}


@pytest.fixture(scope="module")
def development() -> dict[str, Any]:
    return settings_of(as_mapping(DEVELOPMENT_BLOCK))


@pytest.fixture(scope="module")
def production() -> dict[str, Any]:
    return settings_of(as_mapping(filled(PRODUCTION_BLOCK)))


@pytest.fixture(scope="module")
def sound_production() -> dict[str, Any]:
    return settings_of(good_production())


DEVELOPMENT = {
    "APP_ENV": "development",
    "DEBUG": True,
    "KRATOS_PUBLIC_URL": "http://127.0.0.1:4433",
    "KRATOS_INTERNAL_URL": "http://127.0.0.1:4433",
    "KRATOS_BROWSER_URL": "http://127.0.0.1:4433",
    "KRATOS_ADMIN_URL": "http://127.0.0.1:4434",
    "KRATOS_UI_URL": "http://127.0.0.1:4455",
    "KRATOS_COOKIE_NAME": "ory_kratos_session",
    "STOREFRONT_URL": "http://localhost:3000",
    "MIDTRANS_SERVER_KEY": "YOUR_SERVER_KEY",
    "MIDTRANS_CLIENT_KEY": "YOUR_CLIENT_KEY",
    "MIDTRANS_NOTIFICATION_KEYS": ["YOUR_SERVER_KEY"],
    "MIDTRANS_IS_PRODUCTION": False,
    "MIDTRANS_SNAP_BASE_URL": "https://app.sandbox.midtrans.com/snap/v1",
    "MIDTRANS_CORE_BASE_URL": "https://api.sandbox.midtrans.com",
    "RATE_LIMITS_ENABLED": False,
    "SESSION_COOKIE_NAME": "karima_admin",
    "SESSION_COOKIE_SECURE": False,
    "CORS_ALLOWED_ORIGINS": [
        "http://localhost:3000",
        "http://127.0.0.1:3000",
        "http://localhost:4455",
        "http://127.0.0.1:4455",
    ],
}

PRODUCTION = {
    "APP_ENV": "production",
    "DEBUG": False,
    "KRATOS_PUBLIC_URL": "https://auth.ks-backend.cloud",
    "KRATOS_BROWSER_URL": "https://auth.ks-backend.cloud",
    "KRATOS_ADMIN_URL": "http://kratos:4434",
    "KRATOS_UI_URL": "https://auth.ks-backend.cloud",
    "API_HOSTS": ["api.ks-backend.cloud"],
    "AUTH_HOSTS": ["auth.ks-backend.cloud"],
    "STOREFRONT_URL": "https://karima.com",
    "ALLOWED_HOSTS": ["api.ks-backend.cloud", "auth.ks-backend.cloud", "127.0.0.1"],
    "MIDTRANS_SERVER_KEY": "Mid-server-Ab3dEf6hIj9kLm2n",
    "MIDTRANS_IS_PRODUCTION": True,
    "MIDTRANS_SNAP_BASE_URL": "https://app.midtrans.com/snap/v1",
    "MIDTRANS_CORE_BASE_URL": "https://api.midtrans.com",
    "RATE_LIMITS_ENABLED": True,
    "SESSION_COOKIE_NAME": "__Host-karima_admin",
    "SESSION_COOKIE_SECURE": True,
    "SESSION_COOKIE_HTTPONLY": True,
    "SESSION_COOKIE_SAMESITE": "Lax",
    "CSRF_COOKIE_NAME": "__Host-karima_csrf",
    "CSRF_COOKIE_SECURE": True,
    "SECURE_SSL_REDIRECT": True,
    "SECURE_HSTS_SECONDS": 300,
    "SECURE_HSTS_INCLUDE_SUBDOMAINS": True,
    "CORS_ALLOWED_ORIGINS": ["https://karima.com", "https://admin.ks-backend.cloud"],
}


@pytest.mark.parametrize(("name", "value"), DEVELOPMENT.items())
def test_development_block(
    development: dict[str, Any], name: str, value: object
) -> None:
    assert development[name] == value


@pytest.mark.parametrize(("name", "value"), PRODUCTION.items())
def test_production_block(production: dict[str, Any], name: str, value: object) -> None:
    assert production[name] == value


def connection_of(settings: dict[str, Any]) -> dict[str, Any]:
    database = settings["DATABASES"]["default"]
    names = ("HOST", "PORT", "USER", "PASSWORD", "NAME")
    return {name: database[name] for name in names} | {
        "sslmode": database["OPTIONS"]["sslmode"]
    }


def test_development_block_reaches_the_database(development: dict[str, Any]) -> None:
    assert connection_of(development) == {
        "HOST": "db",
        "PORT": "5432",
        "USER": "karima_store",
        "PASSWORD": "lokal",
        "NAME": "karima_db",
        "sslmode": "disable",
    }


def test_production_block_reaches_the_database_with_tls(
    production: dict[str, Any],
) -> None:
    assert connection_of(production) == {
        "HOST": "postgres.ks-backend.cloud",
        "PORT": "5432",
        "USER": "karima_prod",
        "PASSWORD": STRONG_PASSWORD,
        "NAME": "karima_prod",
        "sslmode": "require",
    }
    options = production["DATABASES"]["default"]["OPTIONS"]
    assert options["require_auth"] == "scram-sha-256"


def test_connections_are_checked_and_bounded_in_time(
    production: dict[str, Any],
) -> None:
    database = production["DATABASES"]["default"]
    assert database["CONN_HEALTH_CHECKS"] is True
    assert database["CONN_MAX_AGE"] == 0
    assert database["OPTIONS"]["pool"]["timeout"] == 3
    assert database["OPTIONS"]["pool"]["reconnect_timeout"] == 1
    assert "statement_timeout=8000" in database["OPTIONS"]["options"]
    assert "lock_timeout=4000" in database["OPTIONS"]["options"]


def test_development_block_uses_redis_without_a_password(
    development: dict[str, Any],
) -> None:
    cache = development["CACHES"]["default"]
    assert cache["LOCATION"] == "redis://redis:6379/0"
    assert "PASSWORD" not in cache["OPTIONS"]


def test_production_block_uses_redis_with_its_password(
    production: dict[str, Any],
) -> None:
    cache = production["CACHES"]["default"]
    assert cache["LOCATION"] == "redis://redis.ks-backend.cloud:6379/0"
    assert cache["OPTIONS"]["PASSWORD"] == STRONG_PASSWORD
    assert cache["OPTIONS"]["IGNORE_EXCEPTIONS"] is True
    assert cache["OPTIONS"]["SOCKET_TIMEOUT"] == 0.25


def test_development_block_keeps_media_on_this_machine(
    development: dict[str, Any],
) -> None:
    backend = development["STORAGES"]["default"]["BACKEND"]
    assert backend == "django.core.files.storage.FileSystemStorage"


def test_production_block_has_no_admin_before_access_guards_it(
    production: dict[str, Any],
) -> None:
    assert production["ADMIN_HOSTS"] == []


def test_access_brings_the_admin_to_the_host_among_the_origins(
    sound_production: dict[str, Any],
) -> None:
    assert sound_production["ADMIN_HOSTS"] == ["admin.ks-backend.cloud"]
    trusted = sound_production["CSRF_TRUSTED_ORIGINS"]
    assert trusted == ["https://admin.ks-backend.cloud"]
    assert sound_production["CF_ACCESS_JWKS_URL"] == (
        "https://karima.cloudflareaccess.com/cdn-cgi/access/certs"
    )
    assert sound_production["CF_ACCESS_ISSUER"] == (
        "https://karima.cloudflareaccess.com"
    )


def test_r2_is_used_as_soon_as_there_is_a_key(sound_production: dict[str, Any]) -> None:
    storage = sound_production["STORAGES"]["default"]
    assert storage["BACKEND"] == "storages.backends.s3.S3Storage"
    options = storage["OPTIONS"]
    assert options["bucket_name"] == "karima-production"
    assert options["custom_domain"] == "cdn.karima.com"
    assert options["url_protocol"] == "https:"
    assert options["endpoint_url"] == (
        "https://abcdef0123456789abcdef0123456789.r2.cloudflarestorage.com"
    )
    assert options["querystring_auth"] is False


def test_r2_client_adds_no_checksum_of_its_own() -> None:
    config = engines.r2_client_config()
    assert config.request_checksum_calculation == "when_required"
    assert config.response_checksum_validation == "when_required"


@pytest.mark.parametrize("name", ["development", "production"])
def test_cors_allows_what_was_asked_for(
    name: str, request: pytest.FixtureRequest
) -> None:
    settings = request.getfixturevalue(name)
    assert settings["CORS_ALLOW_CREDENTIALS"] is True
    assert settings["CORS_ALLOW_ALL_ORIGINS"] is False
    assert settings["CORS_ALLOW_METHODS"] == SIX_METHODS
    assert set(settings["CORS_ALLOW_HEADERS"]) > ASKED_HEADERS
    assert {"Content-Length", "Content-Type", "Set-Cookie"} < set(
        settings["CORS_EXPOSE_HEADERS"]
    )
    assert settings["CORS_PREFLIGHT_MAX_AGE"] == 86400


def test_cors_stays_off_the_admin(production: dict[str, Any]) -> None:
    regex = production["CORS_URLS_REGEX"]
    assert re.match(regex, "/api/v1/products")
    assert not re.match(regex, "/admin/")


def test_compose_value_of_kratos_keeps_browsers_on_this_machine() -> None:
    settings = settings_of({"KRATOS_PUBLIC_URL": "http://kratos:4433"})
    assert settings["KRATOS_INTERNAL_URL"] == "http://kratos:4433"
    assert settings["KRATOS_BROWSER_URL"] == "http://127.0.0.1:4433"


@pytest.mark.parametrize(
    "public",
    ["http://127.0.0.1:4433", "http://kratos:4433", "https://auth.ks-backend.cloud"],
)
def test_server_asks_kratos_at_the_internal_address_if_there_is_one(
    public: str,
) -> None:
    internal = {"KRATOS_INTERNAL_URL": "http://kratos.internal:4433"}
    settings = settings_of({"KRATOS_PUBLIC_URL": public} | internal)
    assert settings["KRATOS_INTERNAL_URL"] == "http://kratos.internal:4433"
    assert settings["KRATOS_PUBLIC_URL"] == public


@pytest.mark.parametrize(
    ("values", "domain"),
    [
        ({}, "ks-backend.cloud"),
        ({"KRATOS_BROWSER_URL": "https://auth.karima.co.id"}, "karima.co.id"),
        ({"KRATOS_COOKIE_DOMAIN": "shop.karima.com"}, "shop.karima.com"),
    ],
)
def test_cookie_is_cleared_for_the_whole_site(
    values: dict[str, str], domain: str
) -> None:
    env = from_mapping(good_production() | values)
    assert derived.kratos_cookie_domain(env) == domain


def test_cookie_of_development_belongs_to_one_host() -> None:
    assert derived.kratos_cookie_domain(from_mapping({})) == ""


def test_absolute_paths_are_sockets() -> None:
    env = from_mapping({"DB_HOST": "/run/postgres", "REDIS_HOST": "/run/redis.sock"})
    assert engines.database(env)["HOST"] == "/run/postgres"
    assert engines.redis_location(env) == "unix:///run/redis.sock"


def test_memory_cache_when_told() -> None:
    env = from_mapping({"CACHE_TYPE": "memory", "REDIS_HOST": "redis"})
    backend = engines.caches(env)["default"]["BACKEND"]
    assert backend == "django.core.cache.backends.locmem.LocMemCache"


def test_redis_tls_trusts_the_given_certificate_authority() -> None:
    env = from_mapping(
        {"REDIS_HOST": "redis", "REDIS_TLS": "true", "REDIS_CA_CERT": "/ca.pem"}
    )
    cache = engines.caches(env)["default"]
    assert cache["LOCATION"] == "rediss://redis:6379/0"
    pool = cache["OPTIONS"]["CONNECTION_POOL_KWARGS"]
    assert pool["ssl_ca_certs"] == "/ca.pem"


def test_limits_are_on_in_development_once_a_limit_is_given() -> None:
    settings = settings_of({"RATE_LIMIT_LIMIT": "5", "RATE_LIMIT_WINDOW": "10s"})
    assert settings["RATE_LIMITS_ENABLED"] is True
    assert settings["RATE_LIMIT_REQUESTS"] == 5
    assert settings["RATE_LIMIT_WINDOW_SECONDS"] == 10


def check_deploy(environment: dict[str, str]) -> tuple[int, str]:
    done = run_python(
        "manage.py",
        "check",
        "--deploy",
        "--fail-level",
        "WARNING",
        environment=environment,
    )
    return done.returncode, done.stdout + done.stderr


def test_check_deploy_finds_nothing_in_sound_production() -> None:
    status, output = check_deploy(good_production())
    assert status == 0, output


def test_check_deploy_names_the_weak_places_of_the_production_block() -> None:
    status, output = check_deploy(as_mapping(filled(PRODUCTION_BLOCK)))
    assert status == 1
    for rule in ("W001", "W004", "W005", "W007", "W010", "W011"):
        assert f"(karima.{rule})" in output
    assert "(security." not in output


def test_check_deploy_fails_in_development() -> None:
    status, _ = check_deploy(as_mapping(DEVELOPMENT_BLOCK))
    assert status == 1


@pytest.mark.parametrize(
    ("module", "app_env"), [("dev", "production"), ("prod", "development")]
)
def test_settings_module_and_app_env_must_agree(module: str, app_env: str) -> None:
    variables = good_production() if app_env == "production" else {}
    chosen = {"DJANGO_SETTINGS_MODULE": f"karima.settings.{module}"}
    done = run_python("manage.py", "check", environment=variables | chosen)
    assert done.returncode != 0
    assert "ImproperlyConfigured" in done.stderr


def test_static_files_are_readable_by_who_did_not_collect_them(
    sound_production: dict[str, Any],
) -> None:
    options = sound_production["STORAGES"]["staticfiles"]["OPTIONS"]
    assert options["file_permissions_mode"] == 0o644
