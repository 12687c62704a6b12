"""Production and staging: behind a proxy that ends TLS, and nothing forgiven."""

from django.core.exceptions import ImproperlyConfigured

from karima.env import env
from karima.settings.base import *  # noqa: F403  settings by difference
from karima.settings.base import ADMIN_HOSTS

if not env.is_strict:
    raise ImproperlyConfigured("karima.settings.prod needs APP_ENV=production.")

DEBUG = False

# The proxy overwrites this header; a client cannot set it.
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SECURE_SSL_REDIRECT = True
# Asked from inside, over plain http.
SECURE_REDIRECT_EXEMPT = [r"^health", r"^internal/", r"^metrics$"]
SECURE_HSTS_SECONDS = env.secure_hsts_seconds
SECURE_HSTS_INCLUDE_SUBDOMAINS = True
# Preloading cannot be undone; it is the owner's decision, not a default.
SECURE_HSTS_PRELOAD = False
SILENCED_SYSTEM_CHECKS = ["security.W021"]

# The prefix makes browsers insist on Secure, Path=/ and no Domain.
SESSION_COOKIE_NAME = "__Host-karima_admin"
SESSION_COOKIE_SECURE = True
CSRF_COOKIE_NAME = "__Host-karima_csrf"
CSRF_COOKIE_SECURE = True
CSRF_TRUSTED_ORIGINS = list(
    env.csrf_trusted_origins or [f"https://{host}" for host in ADMIN_HOSTS]
)
