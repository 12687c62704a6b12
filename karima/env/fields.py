"""Every environment variable the shop reads, with its type and default.

The attribute is the lower-case name of the variable. docs/configuration.md explains
each; `.env.example` lists them, and a test holds the two together.
"""

from typing import Annotated, Literal

from pydantic import Field, SecretStr
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
)

from karima.env.types import (
    Bytes,
    Hosts,
    Moment,
    Networks,
    Origins,
    Seconds,
    Texts,
    Timeouts,
    Url,
    Urls,
)

NO_SECRET = SecretStr("")

# A second spelling, and the name under which its value is kept.
OTHER_SPELLINGS = {
    "ADMIN_HOST": "ADMIN_HOSTS",
    "API_HOST": "API_HOSTS",
    "AUTH_HOST": "AUTH_HOSTS",
    "CF_ACCESS_TEAM": "CF_ACCESS_TEAM_DOMAIN",
    "MIDTRANS_CORE_API_URL": "MIDTRANS_CORE_BASE_URL",
    "RAJAONKIR_API_KEY_SHIPPING_DELIVERY": "RAJAONGKIR_API_KEY_SHIPPING_DELIVERY",
    "SESSION_COOKIE_NAME_KRATOS": "KRATOS_COOKIE_NAME",
    "TRUSTED_PROXY_CIDRS": "TRUSTED_PROXIES",
}

Port = Annotated[int, Field(ge=1, le=65535)]
Positive = Annotated[int, Field(gt=0)]
NotNegative = Annotated[int, Field(ge=0)]
SslMode = Literal["disable", "allow", "prefer", "require", "verify-ca", "verify-full"]
LogLevel = Literal["DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"]


class Environment(BaseSettings):
    """The environment, typed. `karima.env.from_mapping` builds it and explains."""

    model_config = SettingsConfigDict(
        frozen=True,
        extra="ignore",
        hide_input_in_errors=True,
        str_strip_whitespace=True,
    )

    # The process
    app_env: Literal["development", "test", "staging", "production"] = "development"
    app_port: Port = 8080
    version: str = "dev"
    debug: bool | None = None
    log_level: LogLevel = "INFO"
    log_file: str = ""
    web_concurrency: Positive = 3
    web_threads: Positive = 8

    # Hosts and browsers
    api_hosts: Hosts = ()
    admin_hosts: Hosts = ()
    auth_hosts: Hosts = ()
    allowed_hosts: Hosts = ()
    storefront_url: Url | None = None
    handoff_redirect_uris: Urls = ()
    cors_origin: Origins = ()
    csrf_trusted_origins: Origins = ()
    trusted_proxies: Networks = ()
    secure_hsts_seconds: NotNegative = 300
    hsts_ramp_done: bool = False
    rate_limits: bool | None = None
    rate_limit_limit: Positive | None = None
    rate_limit_window: Annotated[Seconds, Field(gt=0)] = 60

    # Secrets of our own
    jwt_secret: SecretStr = NO_SECRET
    jwt_secret_previous: SecretStr = NO_SECRET
    jwt_expiration: str = ""
    django_secret_key: SecretStr = NO_SECRET
    django_secret_key_fallbacks: SecretStr = NO_SECRET
    metrics_token: SecretStr = NO_SECRET

    # PostgreSQL
    db_host: str = ""
    db_port: Port = 5432
    db_user: str = ""
    db_password: SecretStr = NO_SECRET
    db_name: str = ""
    db_ssl_mode: SslMode | None = None
    db_ssl_root_cert: str = ""
    db_pool_max: NotNegative | None = None
    db_statement_timeout: Seconds = 8
    db_lock_timeout: Seconds = 4
    db_via_pgbouncer: bool = False
    db_replica_host: str = ""
    db_replica_port: Port | None = None
    db_replica_max_lag: Annotated[Seconds, Field(gt=0)] = 5

    # Redis and the cache
    redis_host: str = ""
    redis_port: Port = 6379
    redis_user: str = ""
    redis_password: SecretStr = NO_SECRET
    redis_tls: bool = False
    redis_ca_cert: str = ""
    cache_type: Literal["redis", "memory"] | None = None
    cache_duration: Seconds = 300

    # Ory Kratos
    kratos_public_url: Url = "http://127.0.0.1:4433"
    kratos_internal_url: Url | None = None
    kratos_browser_url: Url | None = None
    kratos_admin_url: Url = "http://127.0.0.1:4434"
    kratos_ui_url: Url | None = None
    kratos_cookie_name: str = "ory_kratos_session"
    kratos_cookie_domain: str = ""
    kratos_session_cache_seconds: NotNegative = 30
    kratos_privileged_session_max_age: Annotated[Seconds, Field(gt=0)] = 3600
    kratos_webhook_key: SecretStr = NO_SECRET

    # Cloudflare Access
    cf_access_team_domain: str = ""
    cf_access_aud: Texts = ()
    cf_access_jwks_url: Url | None = None
    cf_access_issuer: Url | None = None
    access_required: bool = True
    access_breakglass_until: Moment | None = None

    # Midtrans
    midtrans_server_key: SecretStr = NO_SECRET
    midtrans_client_key: str = ""
    midtrans_merchant_id: str = ""
    midtrans_api_base_url: Url | None = None
    midtrans_snap_base_url: Url | None = None
    midtrans_core_base_url: Url | None = None
    midtrans_notification_keys: SecretStr = NO_SECRET
    midtrans_is_production: bool = False
    midtrans_sandbox_key_unprefixed: bool = False
    midtrans_timeout: Timeouts = (3.05, 8.0)
    payment_expiry_minutes: Positive = 1440
    refund_approval_above: NotNegative = 1_000_000

    # Media in Cloudflare R2
    file_storage: Literal["local", "r2"] | None = None
    file_upload_max_size: Bytes = 10 * 1024**2
    r2_bucket_name: str = ""
    r2_private_bucket_name: str = ""
    r2_public_url: Url | None = None
    r2_account_id: str = ""
    r2_endpoint: Url | None = None
    r2_access_key_id: SecretStr = NO_SECRET
    r2_secret_access_key: SecretStr = NO_SECRET
    r2_region: str = "auto"

    # Shipping
    shipping_flat_rate: NotNegative = 20_000
    shipping_origin_id: str = ""
    rajaongkir_api_key: SecretStr = NO_SECRET
    rajaongkir_api_key_shipping_delivery: SecretStr = NO_SECRET
    rajaongkir_base_url: Url | None = None
    komerce_api_key: SecretStr = NO_SECRET
    komerce_base_url: Url | None = None

    # Law
    terms_version: Annotated[str, Field(min_length=1, max_length=20)] = "2026-11"

    # Messages
    fonnte_token: SecretStr = NO_SECRET
    fonnte_url: Url = "https://api.fonnte.com/send"
    email_host: str = ""
    email_port: Port = 587
    email_user: str = ""
    email_password: SecretStr = NO_SECRET
    email_use_tls: bool = True
    email_from: str = "Karima Store <no-reply@localhost>"

    # Watching
    sentry_dsn: SecretStr = NO_SECRET
    otel_exporter_otlp_endpoint: Url | None = None
    reports_dir: str = ".data/reports"

    # Kept from the Go original; accepted without effect.
    api_version: str = ""
    migration_source: str = ""

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Take the values from `karima.env.source` only, which knows our file rules."""
        return (init_settings,)

    @property
    def is_strict(self) -> bool:
        """Say whether the rules of production hold: in production and in staging."""
        return self.app_env in ("production", "staging")


VARIABLES = tuple(name.upper() for name in Environment.model_fields)
SECRETS = tuple(
    name.upper()
    for name, field in Environment.model_fields.items()
    if field.annotation is SecretStr
)
