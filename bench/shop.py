"""Settings of the shop's server while it is measured: as in development, and quiet.

Rate limits are off; `bench.ratelimit` measures them. With BENCH_REMEMBER=0 nothing is
remembered: every answer is put together from documents in the database.
"""

import os

from karima.settings.dev import *  # noqa: F403  settings are a flat list of names
from karima.settings.dev import LOGGING, MIDDLEWARE

RATE_LIMITS_ENABLED = False
LOGGING["root"]["level"] = "ERROR"
if os.environ.get("BENCH_REMEMBER", "1") == "0":
    MIDDLEWARE.insert(0, "bench.forgetting.ForgettingMiddleware")
    CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
