"""Real money only in production, play money everywhere else."""

from collections.abc import Iterator

from karima.env import derived
from karima.env.fields import Environment
from karima.env.source import Problem

PRODUCTION_HOSTS = frozenset({"app.midtrans.com", "api.midtrans.com"})


def midtrans_production(env: Environment) -> Iterator[Problem]:
    """Refuse whatever would keep real payments from being real, or from arriving."""
    if not env.midtrans_is_production:
        yield Problem("K007", "MIDTRANS_IS_PRODUCTION", "must be true")
    base = env.midtrans_api_base_url
    if base and not base.startswith("https://app.midtrans.com/"):
        mend = "must be https://app.midtrans.com/snap/v1, or unset"
        yield Problem("K007", "MIDTRANS_API_BASE_URL", mend)
    for name in ("MIDTRANS_SNAP_BASE_URL", "MIDTRANS_CORE_BASE_URL"):
        if not is_official(getattr(env, name.lower())):
            yield Problem("K007", name, "must be Midtrans's own address, or unset")
    yield from production_keys(env)


def is_official(url: str | None) -> bool:
    if not url:
        return True
    return url.startswith("https://") and derived.host_of(url) in PRODUCTION_HOSTS


def production_keys(env: Environment) -> Iterator[Problem]:
    """Refuse sandbox keys, and a server key that is in fact the public one."""
    server = env.midtrans_server_key.get_secret_value()
    client = env.midtrans_client_key
    if not server or server.startswith("SB-"):
        yield Problem("K007", "MIDTRANS_SERVER_KEY", "needs the production server key")
    elif server == client or "client" in server.lower():
        yield Problem("K007", "MIDTRANS_SERVER_KEY", "holds the client key")
    if not client or client.startswith("SB-"):
        yield Problem("K007", "MIDTRANS_CLIENT_KEY", "needs the production client key")
    elif "server" in client.lower():
        mend = "holds a server key, which must never reach a browser"
        yield Problem("K007", "MIDTRANS_CLIENT_KEY", mend)


def midtrans_sandbox(env: Environment) -> Iterator[Problem]:
    """Refuse everything that could move real money outside production."""
    if env.midtrans_is_production:
        mend = "must be false unless APP_ENV is production"
        yield Problem("K008", "MIDTRANS_IS_PRODUCTION", mend)
    for name in (
        "MIDTRANS_API_BASE_URL",
        "MIDTRANS_SNAP_BASE_URL",
        "MIDTRANS_CORE_BASE_URL",
    ):
        if derived.host_of(getattr(env, name.lower())) in PRODUCTION_HOSTS:
            yield Problem("K008", name, "must be a sandbox unless in production")
    if env.midtrans_sandbox_key_unprefixed:
        return
    for name, key in (
        ("MIDTRANS_SERVER_KEY", env.midtrans_server_key.get_secret_value()),
        ("MIDTRANS_CLIENT_KEY", env.midtrans_client_key),
    ):
        if key.startswith("Mid-"):
            mend = (
                "looks like a production key; use the sandbox's, or set "
                "MIDTRANS_SANDBOX_KEY_UNPREFIXED=true if the sandbox gave this one"
            )
            yield Problem("K008", name, mend)
