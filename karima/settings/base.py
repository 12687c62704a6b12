"""What development and production have in common.

Values that differ between installations come from `karima.env`; apps read only what
is named here.
"""

from pathlib import Path

from karima.env import derived, env
from karima.env.source import PROJECT_ROOT
from karima.logs import logging_config
from karima.settings import engines
from karima.settings.admin import UNFOLD as UNFOLD

APP_ENV = env.app_env
APP_VERSION = env.version
BASE_DIR = PROJECT_ROOT

# Hosts. The API's URL map is the default one; it has no admin.
API_HOSTS = derived.api_hosts(env)
ADMIN_HOSTS = derived.admin_hosts(env)
AUTH_HOSTS = derived.auth_hosts(env)
STOREFRONT_URL = derived.storefront_url(env)
HANDOFF_REDIRECT_URIS = derived.handoff_redirect_uris(env)
TRUSTED_PROXIES = derived.trusted_proxies(env)
# The container's health check asks 127.0.0.1.
ALLOWED_HOSTS = list(
    dict.fromkeys(
        [*API_HOSTS, *ADMIN_HOSTS, *AUTH_HOSTS, *env.allowed_hosts, "127.0.0.1"]
    )
)
ROOT_URLCONF = "karima.urls.api"
WSGI_APPLICATION = "karima.wsgi.application"
APPEND_SLASH = False

SECRET_KEY, *SECRET_KEY_FALLBACKS = derived.secret_keys(env)
ENCRYPTION_KEYS = derived.encryption_keys(env)
ACCESS_TOKEN_KEYS = derived.access_token_keys(env)

INSTALLED_APPS = [
    # Before Django's admin, whose templates it replaces.
    "unfold.apps.BasicAppConfig",
    "karima.apps.KarimaAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "django.contrib.humanize",
    "rest_framework",
    "corsheaders",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "procrastinate.contrib.django",
    "karima",
    "accounts",
    "catalog",
    "orders",
    "payments",
]

MIDDLEWARE = [
    "karima.metrics.middleware.MetricsMiddleware",
    # Outside of all that answers, so that refusals have the headers too.
    "karima.headers.AnswerHeadersMiddleware",
    "karima.middleware.RequestIDMiddleware",
    "karima.middleware.RequestLogMiddleware",
    "karima.https.HttpsRequiredMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    # Outside all that may refuse, so that refusals carry the CORS headers too.
    "corsheaders.middleware.CorsMiddleware",
    "karima.middleware.HostURLConfMiddleware",
    "karima.middleware.TrailingSlashMiddleware",
    "karima.middleware.NoStoreMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "karima.cross_origin.CrossOriginGuard",
    # After the cheap refusals; before the body is read and before Kratos is asked.
    "karima.ratelimits.middleware.RateLimitMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "accounts.middleware.KratosSessionMiddleware",
    "accounts.middleware.ProgramAuditMiddleware",
    "accounts.middleware.CloudflareAccessMiddleware",
    "karima.wib.WibMiddleware",
    "karima.error_pages.StoreErrorMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
]

# Data
DATABASES = engines.databases(env)
DATABASE_ROUTERS = ["karima.replica.ReplicaRouter"] if env.db_replica_host else []
DB_REPLICA_MAX_LAG_SECONDS = env.db_replica_max_lag
CACHES = engines.caches(env)
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
AUTH_USER_MODEL = "accounts.User"
STORAGES = {
    "default": engines.media_storage(env),
    "private": engines.private_storage(env),
    "staticfiles": {
        "BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage",
        # Collected by one user, read by another; FILE_UPLOAD_PERMISSIONS is for media.
        "OPTIONS": {"file_permissions_mode": 0o644},
    },
}
STATIC_URL = "/static/"
STATIC_ROOT: Path | None = BASE_DIR / "static"
MEDIA_URL = "/media/"
MEDIA_ROOT = BASE_DIR / "media"
# Where the photos come from, if not from this host.
MEDIA_ORIGIN = derived.media_origin(env)
FILE_UPLOAD_PERMISSIONS = 0o640
FILE_UPLOAD_MAX_SIZE_BYTES = env.file_upload_max_size
FILE_UPLOAD_HANDLERS = [
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    "karima.uploads.CappedUploadHandler",
]
DATA_UPLOAD_MAX_MEMORY_SIZE = 1024**2
# The admin's inline forms have many fields.
DATA_UPLOAD_MAX_NUMBER_FIELDS = 2000
DATA_UPLOAD_MAX_NUMBER_FILES = 20

# Language and time
LANGUAGE_CODE = "id"
LANGUAGES = [("id", "Bahasa Indonesia"), ("en", "English")]
USE_TZ = True
TIME_ZONE = "UTC"

# The admin's session. Customers have none here; theirs is Kratos's.
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
SESSION_ENGINE = "django.contrib.sessions.backends.db"
SESSION_COOKIE_NAME = "karima_admin"
SESSION_COOKIE_AGE = 8 * 3600
SESSION_COOKIE_HTTPONLY = True
# Lax, not Strict: the first page after Access's redirect needs the cookie.
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_NAME = "karima_csrf"
CSRF_COOKIE_HTTPONLY = True
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_FAILURE_VIEW = "karima.error_pages.csrf_failure"

# Headers
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "strict-origin-when-cross-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"

# CORS: never on the admin host, and not for webhooks, which no page calls. "cookie" and
# "Set-Cookie" have no effect, since browsers forbid scripts both; they stand in the
# project's list of requirements.
CORS_ALLOWED_ORIGINS = derived.cors_origins(env)
CORS_ALLOW_ALL_ORIGINS = False
CORS_ALLOW_CREDENTIALS = True
WEBHOOKS = r"api/v1/(?:payments/midtrans/notification|payment/webhook|webhooks/)"
CORS_URLS_REGEX = rf"^/(?!{WEBHOOKS})(?:api/|health)"
CORS_ALLOW_METHODS = ["GET", "POST", "PUT", "DELETE", "OPTIONS", "PATCH"]
CORS_ALLOW_HEADERS = [
    "origin",
    "content-type",
    "accept",
    "authorization",
    "x-requested-with",
    "cookie",
    "idempotency-key",
    "x-cart-token",
    "x-session-token",
    "x-csrftoken",
    "if-none-match",
    "if-match",
    "x-request-id",
    "accept-language",
]
CORS_EXPOSE_HEADERS = [
    "Content-Length",
    "Content-Type",
    "Set-Cookie",
    "ETag",
    "Location",
    "Link",
    "Retry-After",
    "RateLimit",
    "RateLimit-Policy",
    "X-Request-ID",
    "Idempotency-Replayed",
    "Deprecation",
    "Sunset",
    "Content-Disposition",
    "X-Cart-Token",
]
CORS_PREFLIGHT_MAX_AGE = 86400

# The description of the API and its page; docs/openapi.yaml is for everybody.
API_DOCS = not env.is_strict

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "accounts.api.authentication.KratosAuthentication"
    ],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    # JSON only: a form of another site cannot send it without a preflight.
    "DEFAULT_PARSER_CLASSES": ["karima.parsers.StrictJSONParser"],
    "DEFAULT_PAGINATION_CLASS": "karima.api.PagePagination",
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "karima.api.exception_handler",
    "PAGE_SIZE": 20,
    "UNAUTHENTICATED_USER": "django.contrib.auth.models.AnonymousUser",
}

SPECTACULAR_SETTINGS = {
    "OAS_VERSION": "3.1.0",
    "TITLE": "Karima Store API",
    "DESCRIPTION": "The shop: catalogue, cart, checkout, orders and payment.",
    "VERSION": "1.0.0",
    "SERVERS": [{"url": "/"}],
    "SERVE_INCLUDE_SCHEMA": False,
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "COMPONENT_SPLIT_REQUEST": True,
    # `make openapi-check` judges the schema; production has no use for the verdict.
    "ENABLE_DJANGO_DEPLOY_CHECK": False,
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "SERVE_URLCONF": "karima.urls.api",
    "ENUM_NAME_OVERRIDES": {
        "ApplicationState": "accounts.models.ResellerApplication.State",
        "Cut": "catalog.models.garment.Cut",
        "Lining": "catalog.models.garment.Lining",
        "Motif": "catalog.models.garment.Motif",
        "Opacity": "catalog.models.garment.Opacity",
        "OrderStatus": "orders.models.Order.Status",
        "PaymentState": "payments.models.PaymentAttempt.State",
        "PriceReason": "catalog.services.price_rules.REASONS",
        "PrivacyRequestState": "accounts.models.PrivacyRequest.State",
        "ProductStatus": "catalog.models.Product.Status",
        "PublicPriceReason": "catalog.services.price_rules.PUBLIC_REASONS",
        "StockReason": "catalog.services.stock.REASONS",
        "SettableOrderStatus": "payments.services.order_steps.SETTABLE",
        "Sleeve": "catalog.models.garment.Sleeve",
        "Stretch": "catalog.models.garment.Stretch",
    },
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "karima.openapi.add_problems",
    ],
}

# Rate limits
RATE_LIMITS_ENABLED = derived.rate_limits(env)
RATE_LIMIT_REQUESTS = env.rate_limit_limit or 120
RATE_LIMIT_WINDOW_SECONDS = env.rate_limit_window
# They share the limits out while Redis does not count for all of them.
RATE_LIMIT_PROCESSES = env.web_concurrency if env.is_strict else 1

# Ory Kratos: who the customer is
KRATOS_PUBLIC_URL = env.kratos_public_url
KRATOS_INTERNAL_URL = env.kratos_internal_url or env.kratos_public_url
KRATOS_BROWSER_URL = derived.kratos_browser_url(env)
KRATOS_ADMIN_URL = env.kratos_admin_url
KRATOS_UI_URL = derived.kratos_ui_url(env)
KRATOS_COOKIE_NAME = env.kratos_cookie_name
KRATOS_COOKIE_DOMAIN = derived.kratos_cookie_domain(env)
KRATOS_SESSION_CACHE_SECONDS = env.kratos_session_cache_seconds
KRATOS_PRIVILEGED_SESSION_MAX_AGE = env.kratos_privileged_session_max_age
KRATOS_WEBHOOK_KEY = env.kratos_webhook_key.get_secret_value()

# Cloudflare Access: who the member of staff is
CF_ACCESS_TEAM_DOMAIN = derived.access_domain(env)
CF_ACCESS_AUD = list(env.cf_access_aud)
CF_ACCESS_ISSUER = derived.access_issuer(env)
CF_ACCESS_JWKS_URL = derived.access_jwks_url(env)
# The way in while Access is down; only karima.settings.break_glass serves it.
ACCESS_BREAKGLASS_UNTIL = env.access_breakglass_until
BREAK_GLASS_PORT = env.app_port

# Midtrans: money in and out
MIDTRANS_SERVER_KEY = env.midtrans_server_key.get_secret_value()
MIDTRANS_CLIENT_KEY = env.midtrans_client_key
MIDTRANS_MERCHANT_ID = env.midtrans_merchant_id
MIDTRANS_IS_PRODUCTION = env.midtrans_is_production
MIDTRANS_SNAP_BASE_URL = derived.midtrans_snap_url(env)
MIDTRANS_SNAP_SCRIPT_URL = f"{MIDTRANS_SNAP_BASE_URL.removesuffix('/v1')}/snap.js"
MIDTRANS_CORE_BASE_URL = derived.midtrans_core_url(env)
MIDTRANS_NOTIFICATION_KEYS = derived.midtrans_notification_keys(env)
MIDTRANS_TIMEOUT_SECONDS = env.midtrans_timeout
PAYMENT_EXPIRY_MINUTES = env.payment_expiry_minutes
REFUND_APPROVAL_ABOVE = env.refund_approval_above

# Shipping
SHIPPING_FLAT_RATE = env.shipping_flat_rate
SHIPPING_ORIGIN_ID = env.shipping_origin_id
RAJAONGKIR_API_KEY = env.rajaongkir_api_key.get_secret_value()
RAJAONGKIR_DELIVERY_API_KEY = (
    env.rajaongkir_api_key_shipping_delivery.get_secret_value()
)
RAJAONGKIR_BASE_URL = env.rajaongkir_base_url
KOMERCE_API_KEY = env.komerce_api_key.get_secret_value()
KOMERCE_BASE_URL = env.komerce_base_url

# Law
TERMS_VERSION = env.terms_version

# Messages
FONNTE_TOKEN = env.fonnte_token.get_secret_value()
FONNTE_URL = env.fonnte_url
EMAIL_BACKEND = derived.email_backend(env)
EMAIL_HOST = env.email_host
EMAIL_PORT = env.email_port
EMAIL_HOST_USER = env.email_user
EMAIL_HOST_PASSWORD = env.email_password.get_secret_value()
EMAIL_USE_TLS = env.email_use_tls
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = env.email_from

# Watching
METRICS_TOKEN = env.metrics_token.get_secret_value()
REPORTS_DIR = BASE_DIR / env.reports_dir
SENTRY_DSN = env.sentry_dsn.get_secret_value()
OTEL_EXPORTER_OTLP_ENDPOINT = env.otel_exporter_otlp_endpoint
LOGGING = logging_config(level=env.log_level, json=env.is_strict)
