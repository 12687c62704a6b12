"""How the outcome is shown to a person and to a program."""

import textwrap
from collections.abc import Iterable, Iterator

from django.core.management.color import Style

from karima.env import Environment
from karima.env.fields import SECRETS
from karima.preflight.items import Finding, Outcome, State
from karima.scrubbing import scrub

WIDTH = 88
STATE_WIDTH = len(State.MANUAL)
SHORTEST_SECRET = 6
MARKS = {State.OK: "+", State.MANUAL: "?", State.FAIL: "!"}


def lines(outcome: Outcome, style: Style) -> Iterator[str]:
    """Return the item's line, and below it what was found and how to mend it."""
    state = colored(outcome.state, style)
    yield f"{state}  {outcome.item.number:>2}  {outcome.item.title}"
    for finding in outcome.findings:
        yield from _finding(finding)


def _finding(finding: Finding) -> Iterator[str]:
    mark = f"{' ' * (STATE_WIDTH + 6)}{MARKS[finding.state]} "
    yield from _wrapped(finding.text, mark)
    if finding.mend:
        yield from _wrapped(finding.mend, f"{' ' * len(mark)}-> ")


def _wrapped(text: str, start: str) -> list[str]:
    return textwrap.wrap(
        text,
        WIDTH,
        initial_indent=start,
        subsequent_indent=" " * len(start),
        break_long_words=False,
        break_on_hyphens=False,
    )


def colored(state: State, style: Style) -> str:
    """Return the state in its column, in color where the style has any."""
    paint = {
        State.OK: style.SUCCESS,
        State.MANUAL: style.WARNING,
        State.FAIL: style.ERROR,
    }[state]
    return paint(f"{state.value:<{STATE_WIDTH}}")


def summary(outcomes: Iterable[Outcome]) -> str:
    """Return the last line: how many of each."""
    states = [outcome.state for outcome in outcomes]
    counts = ", ".join(f"{states.count(state)} {state.value}" for state in State)
    verdict = "NOT READY" if State.FAIL in states else "ready"
    return f"{verdict}: {counts}"


def hide(text: str, environment: Environment) -> str:
    """Return the text without secrets: a last resort, for no probe names one."""
    for name in SECRETS:
        secret = getattr(environment, name.lower()).get_secret_value()
        if len(secret) >= SHORTEST_SECRET:
            text = text.replace(secret, "[redacted]")
    return scrub(text)
