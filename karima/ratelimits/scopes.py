"""The table of limits: what is limited, by what, how far, and what without Redis."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum

from django.conf import settings

MINUTE, QUARTER_HOUR, HOUR = 60, 900, 3600
# The scope of a view that nobody counts.
UNLIMITED = "unlimited"
# RATE_LIMIT_LIMIT is this row's limit; the other general scopes keep their proportion.
GENERAL_LIMIT = 120


class By(StrEnum):
    """What a bucket belongs to."""

    ADDRESS = "address"
    CREDENTIAL = "credential"
    # The key of a program; only its verbs look at it.
    API_KEY = "api_key"
    # The credential, else the guest's cart token.
    SHOPPER = "shopper"
    # The number in the path, and who asks for it: a stranger who knows the number of
    # an order must not be able to use up its owner's attempts.
    OWN_NUMBER = "own_number"
    NUMBER = "number"


class WithoutRedis(StrEnum):
    """What happens while Redis does not answer."""

    ALLOW = "allow"
    LOCAL = "local"
    DENY = "deny"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One bucket: `limit` requests per window on average, `burst` of them at once."""

    by: By
    limit: int
    window_seconds: int = MINUTE
    burst: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """What is limited together. Every rule must allow the request."""

    name: str
    rules: tuple[Rule, ...]
    without_redis: WithoutRedis = WithoutRedis.LOCAL
    # The part of the limit that is given out while each process counts for itself.
    local_share: float = 1.0
    # Follows RATE_LIMIT_LIMIT and RATE_LIMIT_WINDOW.
    is_general: bool = False


def by_address(limit: int, *, burst: int, window_seconds: int = MINUTE) -> Rule:
    return Rule(by=By.ADDRESS, limit=limit, burst=burst, window_seconds=window_seconds)


# A credential is not checked before it is counted, so it can be made up anew for each
# request. Whatever counts by credential or token has a ceiling by address as well.
TABLE = (
    Scope(
        name="catalog",
        rules=(by_address(300, burst=60),),
        without_redis=WithoutRedis.ALLOW,
        is_general=True,
    ),
    Scope(name="search", rules=(by_address(60, burst=20),), is_general=True),
    Scope(
        name="anonymous", rules=(by_address(GENERAL_LIMIT, burst=40),), is_general=True
    ),
    Scope(
        name="signed_in",
        rules=(
            Rule(by=By.CREDENTIAL, limit=600, burst=100),
            by_address(1200, burst=200),
        ),
        is_general=True,
    ),
    Scope(
        name="cart",
        rules=(Rule(by=By.SHOPPER, limit=120, burst=30), by_address(600, burst=120)),
    ),
    Scope(name="guest_cart", rules=(by_address(120, burst=60),)),
    Scope(
        name="checkout",
        rules=(
            Rule(by=By.CREDENTIAL, limit=10, burst=5),
            Rule(by=By.CREDENTIAL, limit=30, burst=30, window_seconds=HOUR),
            # Indonesian carriers put thousands of phones behind one address, and a
            # flash sale brings them all at once.
            by_address(120, burst=60),
        ),
        local_share=0.5,
    ),
    Scope(
        name="payment",
        rules=(
            Rule(by=By.OWN_NUMBER, limit=5, burst=5, window_seconds=QUARTER_HOUR),
            by_address(60, burst=20),
        ),
    ),
    # Sign-out, sessions, the exchange of a one-time code.
    Scope(name="auth", rules=(by_address(60, burst=20),)),
    # The pages on which customers sign in.
    Scope(name="sign_in", rules=(by_address(60, burst=20),)),
    # Programs with an API key.
    Scope(
        name="programs",
        rules=(
            Rule(by=By.API_KEY, limit=300, burst=60),
            by_address(600, burst=120),
        ),
    ),
    # Never refused for a bad signature alone: a genuine sender behind the same address
    # must get through.
    Scope(
        name="webhook",
        rules=(by_address(600, burst=200),),
        without_redis=WithoutRedis.ALLOW,
    ),
    # Photos of reviews: each takes a processor for a second.
    Scope(
        name="photos",
        rules=(
            Rule(by=By.CREDENTIAL, limit=20, burst=10, window_seconds=QUARTER_HOUR),
            by_address(60, burst=20),
        ),
    ),
    # Looking up an order by its number without signing in: guessing must not open.
    Scope(
        name="order_lookup",
        rules=(by_address(10, burst=10), Rule(by=By.NUMBER, limit=5, burst=5)),
        without_redis=WithoutRedis.DENY,
    ),
    # Counts refusals, not requests.
    Scope(name="access_denied", rules=(by_address(20, burst=20),)),
)
SCOPES = {scope.name: scope for scope in TABLE}


def find(name: str) -> Scope:
    """Return the scope with the limits of this installation."""
    scope = SCOPES[name]
    return replace(scope, rules=tuple(_set(scope.rules))) if scope.is_general else scope


def _set(rules: Iterable[Rule]) -> Iterable[Rule]:
    factor = settings.RATE_LIMIT_REQUESTS / GENERAL_LIMIT
    for rule in rules:
        yield replace(
            rule,
            limit=max(1, round(rule.limit * factor)),
            burst=max(1, round(rule.burst * factor)),
            window_seconds=settings.RATE_LIMIT_WINDOW_SECONDS,
        )
