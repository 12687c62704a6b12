"""Metrics and logs: is there something to collect?"""

import json
import logging
from collections.abc import Iterator

from django.conf import settings

from karima.preflight.items import Context, Finding, fail, ok
from karima.preflight.network import reason

METRICS_PATH = "/internal/metrics"
CANARY = "ory_st_preflightcanary"


def metrics(context: Context) -> Iterator[Finding]:
    """Scrape the shop as Prometheus does, and once as a stranger."""
    if not settings.METRICS_TOKEN:
        mend = "set it (`make secrets` does), and give it to Prometheus"
        yield fail("METRICS_TOKEN is missing", mend)
        return
    url = f"{context.app_url}{METRICS_PATH}"
    try:
        token = {"Authorization": f"Bearer {settings.METRICS_TOKEN}"}
        answer = context.network.get(url, token)
        stranger = context.network.get(url)
    except OSError as error:
        mend = "name the running shop with --app-url"
        yield fail(f"{context.app_url} does not answer: {reason(error)}", mend)
        return
    if answer.status == 200 and b"karima_" in answer.body:
        yield ok("the metrics can be scraped")
    else:
        mend = "is the same METRICS_TOKEN in the environment of the running shop?"
        yield fail(f"{METRICS_PATH} answers {answer.status}, no metrics", mend)
    if stranger.status == 200:
        yield fail("everybody inside can read the metrics", "report this as a bug")


def logs(context: Context) -> Iterator[Finding]:
    """Write a line as the shop does and read it as a collector does."""
    handler = next(iter(logging.getLogger().handlers), None)
    record = logging.LogRecord(
        "karima.preflight", logging.INFO, __file__, 0, CANARY, None, None
    )
    line = handler.format(record) if handler else ""
    try:
        event = json.loads(line)["event"]
    except (ValueError, KeyError, TypeError):
        mend = "set APP_ENV=production: elsewhere logs are for people"
        yield fail("logs are not JSON, one object a line", mend)
        return
    if CANARY in event:
        yield fail("secrets are not taken out of logs", "report this as a bug")
    elif getattr(handler, "stream", None) is None:
        mend = "log to stdout, where the container engine collects"
        yield fail("logs do not go to the standard output", mend)
    else:
        yield ok("one JSON object a line on stdout, secrets taken out")
