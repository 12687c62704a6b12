"""The outside of the shop: names, certificates, the clock."""

import ipaddress
import ssl
from collections.abc import Iterator
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit

from django.conf import settings

from karima.env import derived
from karima.preflight.items import Context, Finding, fail, manual, ok
from karima.preflight.network import reason

SHORTEST_DAYS = 21
# A Date header has whole seconds, and the way there takes time as well.
LARGEST_SKEW_SECONDS = 2.0
DAY_SECONDS = 86400


def public_hosts(context: Context) -> list[str]:
    """Return every host name that people and programs outside use."""
    env = context.environment
    named = [
        *derived.api_hosts(env),
        *derived.named_admin_hosts(env),
        *derived.auth_hosts(env),
        derived.host_of(derived.storefront_url(env)),
        derived.host_of(env.r2_public_url),
    ]
    return [host for host in dict.fromkeys(named) if host]


def dns(context: Context) -> Iterator[Finding]:
    """Say whether public names are public, and those of the data stores are not."""
    for host in public_hosts(context):
        yield _public_name(context, host)
    env = context.environment
    for name, host in (("DB_HOST", env.db_host), ("REDIS_HOST", env.redis_host)):
        if host and not host.startswith("/"):
            yield _private_name(context, name, host)


def _public_name(context: Context, host: str) -> Finding:
    try:
        found = context.network.addresses(host)
    except OSError as error:
        mend = "add the name to the DNS (proxied by Cloudflare), docs/operations.md"
        return fail(f"{host}: {reason(error)}", mend)
    hidden = [text for text in found if not ipaddress.ip_address(text).is_global]
    if hidden:
        mend = "let the name point at Cloudflare or at this server's public address"
        return fail(
            f"{host} is {', '.join(hidden)}, which nobody outside reaches", mend
        )
    return ok(f"{host} is {', '.join(found)}")


def _private_name(context: Context, name: str, host: str) -> Finding:
    try:
        found = context.network.addresses(host)
    except OSError as error:
        mend = "run this in the container, whose network knows the name"
        return fail(f"{name}: {reason(error)}", mend)
    if any(ipaddress.ip_address(text).is_global for text in found):
        mend = (
            "keep its port closed to the Internet; a name of the containers' network "
            "or a private address needs no firewall"
        )
        return manual(f"{name} is a public address", mend)
    return ok(f"{name} is inside")


def certificates(context: Context) -> Iterator[Finding]:
    """Say for each public host whether its certificate is good, and how long yet."""
    for host in public_hosts(context):
        yield _certificate(context, host)


def _certificate(context: Context, host: str) -> Finding:
    try:
        with context.network.connect_securely(host) as connection:
            certificate = connection.getpeercert() or {}
    except OSError as error:
        mend = "see docs/operations.md for certificates; try `curl -v https://...`"
        return fail(f"{host}: {reason(error)}", mend)
    ends = ssl.cert_time_to_seconds(str(certificate["notAfter"]))
    days = int((ends - datetime.now(UTC).timestamp()) // DAY_SECONDS)
    if days < SHORTEST_DAYS:
        mend = "renew it now, and find out why it was not renewed by itself"
        return fail(f"{host}: {days} days left", mend)
    return ok(f"{host}: {days} days left")


def clock(context: Context) -> Iterator[Finding]:
    """Compare this machine's clock with Midtrans's; signatures depend on it."""
    url = settings.MIDTRANS_CORE_BASE_URL
    host = urlsplit(url).hostname or ""
    before = datetime.now(UTC)
    try:
        answer = context.network.get(f"{url}/", method="HEAD")
        theirs = parsedate_to_datetime(answer.headers["date"])
    except (OSError, KeyError, ValueError) as error:
        why = reason(error) if isinstance(error, OSError) else "it tells no time"
        mend = "run `timedatectl`: the clock must be synchronised"
        yield manual(f"the clock could not be compared with {host}: {why}", mend)
        return
    skew = clock_skew_seconds(theirs, before=before, after=datetime.now(UTC))
    if skew > LARGEST_SKEW_SECONDS:
        mend = "synchronise the clock: `timedatectl set-ntp true`"
        yield fail(f"the clock differs from {host}'s by {skew:.0f} seconds", mend)
    else:
        yield ok(f"the clock agrees with {host}'s")


def clock_skew_seconds(theirs: datetime, *, before: datetime, after: datetime) -> float:
    """Return how far a clock that was asked between two moments is outside of them.

    Its seconds are whole: what it says was true for a second.
    """
    early = (before - theirs).total_seconds() - 1
    late = (theirs - after).total_seconds()
    return max(early, late, 0.0)
