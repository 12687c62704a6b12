"""What the limits cost: the same requests with them and without, side by side.

Prints the time of a request both ways and their ratio. The two take turns in short
rounds, so that a busy machine slows both alike; the median of the rounds counts.
"""

import logging
import os
import statistics
import time

import django
from django.conf import settings
from django.test import Client

from karima import redis

ROUNDS, REQUESTS = 40, 50
# Neither asks the database or Kratos, which makes the ratio look bad: the cheapest
# answer there is, and the cheapest of a view of the API.
PATHS = ("/api/v1/nowhere", "/api/v1/auth/me")


def seconds(client: Client, path: str, *, with_limits: bool) -> float:
    """Return the seconds that one request takes, on average over a round."""
    settings.RATE_LIMITS_ENABLED = with_limits
    started = time.perf_counter()
    for _ in range(REQUESTS):
        client.get(path)
    return (time.perf_counter() - started) / REQUESTS


def compare(client: Client, path: str) -> tuple[float, float]:
    """Return the median seconds of a request without and with the limits."""
    without, limited = [], []
    for _ in range(ROUNDS):
        without.append(seconds(client, path, with_limits=False))
        limited.append(seconds(client, path, with_limits=True))
    return statistics.median(without), statistics.median(limited)


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "karima.settings.dev")
    django.setup()
    logging.disable(logging.CRITICAL)
    settings.ALLOWED_HOSTS = ["*"]
    # No refusal may cut a request short.
    settings.RATE_LIMIT_REQUESTS = 10**9
    client = Client()
    print(
        "counted in", "Redis" if redis.client() else "this process: there is no Redis"
    )
    for path in PATHS:
        for warm in (False, True):
            seconds(client, path, with_limits=warm)
        without, limited = compare(client, path)
        print(
            f"{path}: {without * 1e6:.0f} us without, {limited * 1e6:.0f} us with "
            f"limits, ratio {limited / without:.2f}"
        )


if __name__ == "__main__":
    main()
