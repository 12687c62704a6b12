"""Ask all probes at once, each within a deadline, and never raise."""

import logging
import threading
import time
from collections.abc import Callable, Iterator, Sequence

from django.db import connections

from karima.preflight import environment
from karima.preflight.items import (
    PROBES,
    Context,
    Finding,
    Item,
    Outcome,
    Probe,
    State,
    fail,
    manual,
)

logger = logging.getLogger(__name__)

# Above what a probe's own time-outs add up to.
DEADLINE_SECONDS = 30.0
NOT_ASKED = manual("nothing was asked over the network", "mend the above first")
SILENT = fail(
    f"no answer within {DEADLINE_SECONDS:.0f} seconds",
    "see whether the service is reachable from here",
)


class Asking:
    """A probe that is being asked, in a thread of its own."""

    def __init__(self, probe: Probe, context: Context) -> None:
        self.findings: tuple[Finding, ...] = (SILENT,)
        self._thread = threading.Thread(
            target=self._ask, args=(probe, context), daemon=True
        )
        self._thread.start()

    def _ask(self, probe: Probe, context: Context) -> None:
        try:
            self.findings = tuple(probe(context))
        except Exception as error:
            # Whatever goes wrong in one probe, the others are heard. The error's text
            # may hold a secret; its kind does not.
            logger.exception("preflight_probe_failed")
            text = f"could not be asked: {type(error).__name__}"
            self.findings = (fail(text, "run it again with --verbosity 2"),)
        finally:
            connections.close_all()

    def wait(self, until: float) -> tuple[Finding, ...]:
        """Return what was found; silence when the time is up."""
        self._thread.join(max(0.0, until - time.monotonic()))
        return self.findings


def run(context: Context, items: Sequence[Item]) -> Iterator[Outcome]:
    """Return each item's outcome, in order, each as soon as it is known."""
    until = time.monotonic() + DEADLINE_SECONDS
    begun = [(item, _begin(context, item)) for item in items]
    for item, collect in begun:
        yield Outcome(item, collect(until))


def _begin(context: Context, item: Item) -> Callable[[float], tuple[Finding, ...]]:
    """Start asking about an item, and return what waits for the findings."""
    known = tuple(environment.findings(context, item.key))
    probes = PROBES[item.key]
    if probes and any(finding.state == State.FAIL for finding in known):
        return lambda until: (*known, NOT_ASKED)
    asked = [Asking(probe, context) for probe in probes]

    def collect(until: float) -> tuple[Finding, ...]:
        return known + tuple(f for one in asked for f in one.wait(until))

    return collect
