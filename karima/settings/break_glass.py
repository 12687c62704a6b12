"""Production's admin for the hour in which Cloudflare Access is down.

A process of its own, on this machine's loopback address only: nothing here is in the
processes that the public reaches. docs/operations.md says how it is started.
"""

from django.core.exceptions import ImproperlyConfigured

from karima.env import env
from karima.settings.base import MIDDLEWARE as ALL_MIDDLEWARE
from karima.settings.prod import *  # noqa: F403  settings by difference

if env.access_breakglass_until is None:
    raise ImproperlyConfigured("ACCESS_BREAKGLASS_UNTIL says until when this serves.")

ADMIN_HOSTS = ["127.0.0.1"]
API_HOSTS = []
AUTH_HOSTS = []
# No other name: a page that points its own name at this machine is refused.
ALLOWED_HOSTS = ["127.0.0.1"]

INSTEAD = {
    "accounts.middleware.CloudflareAccessMiddleware": (
        "accounts.middleware.BreakGlassMiddleware"
    )
}
MIDDLEWARE = [INSTEAD.get(name, name) for name in ALL_MIDDLEWARE]

# The tunnel is what encrypts; the address itself is plain http.
SECURE_PROXY_SSL_HEADER = None  # type: ignore[assignment]  # there is no proxy
SECURE_SSL_REDIRECT = False
SECURE_HSTS_SECONDS = 0
SESSION_COOKIE_NAME = "karima_break_glass"
SESSION_COOKIE_SECURE = False
CSRF_COOKIE_NAME = "karima_break_glass_csrf"
CSRF_COOKIE_SECURE = False
CSRF_TRUSTED_ORIGINS = []
