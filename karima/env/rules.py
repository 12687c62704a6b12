"""What production refuses, and what it only warns of.

Every rule looks at the whole environment and names the variables at fault, with the
way to mend each and never a value. docs/configuration.md lists the ids.
"""

import ipaddress
import math
import os
import re
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

from pydantic import SecretStr

from karima.env import derived
from karima.env.fields import Environment
from karima.env.midtrans_rules import midtrans_production, midtrans_sandbox
from karima.env.source import Problem

Rule = Callable[[Environment], Iterator[Problem]]

PLACEHOLDER = re.compile(r"<.*>|.*YOUR_.*", re.DOTALL)
WEAK_WORDS = ("secret", "changeme", "super", "lokal", "<", "your_")
AUDIENCE = re.compile(r"[0-9a-f]{64}")
YEAR_SECONDS = 31_536_000
LONGEST_BREAK_GLASS = timedelta(minutes=60)

# The rule that a value of the wrong kind, or a placeholder, belongs to; K000 if none.
RULES_BY_NAME = {
    "APP_ENV": "K001",
    "DEBUG": "K002",
    "JWT_SECRET": "K003",
    "DJANGO_SECRET_KEY": "K003",
    "DB_SSL_MODE": "K005",
    "CORS_ORIGIN": "K006",
    "CSRF_TRUSTED_ORIGINS": "K006",
    "STOREFRONT_URL": "K006",
    "HANDOFF_REDIRECT_URIS": "K006",
    "ACCESS_REQUIRED": "K010",
    "ACCESS_BREAKGLASS_UNTIL": "K010",
    "R2_BUCKET_NAME": "K011",
    "R2_PUBLIC_URL": "K011",
    "RATE_LIMITS": "K012",
    "TRUSTED_PROXIES": "K012",
    "ALLOWED_HOSTS": "K014",
}
RULES_BY_PREFIX = {
    "DB_": "K004",
    "REDIS_": "K004",
    "MIDTRANS_": "K007",
    "KRATOS_": "K009",
    "CF_ACCESS_": "K010",
    "R2_": "K011",
}


def rule_of(name: str) -> str:
    """Return the id of the rule that a variable falls under."""
    if name in RULES_BY_NAME:
        return RULES_BY_NAME[name]
    prefixes = (p for p in RULES_BY_PREFIX if name.startswith(p))
    return RULES_BY_PREFIX.get(next(prefixes, ""), "K000")


def refusals(env: Environment) -> list[Problem]:
    """Return why this environment may not start, one problem per variable."""
    is_production = env.app_env == "production"
    gateway: Rule = midtrans_production if is_production else midtrans_sandbox
    rules = [*(STRICT_RULES if env.is_strict else ()), break_glass, gateway]
    found: dict[str, Problem] = {}
    for rule in rules:
        for problem in rule(env):
            found.setdefault(problem.name, problem)
    return list(found.values())


def placeholders(env: Environment) -> Iterator[Problem]:
    for field, value in env:
        text = value.get_secret_value() if isinstance(value, SecretStr) else value
        if isinstance(text, str) and PLACEHOLDER.fullmatch(text):
            name = field.upper()
            yield Problem(rule_of(name), name, "still holds the example's placeholder")


def debug_off(env: Environment) -> Iterator[Problem]:
    if env.debug:
        yield Problem("K002", "DEBUG", "remove it; debug pages show settings and code")


def own_secrets(env: Environment) -> Iterator[Problem]:
    secrets = {"JWT_SECRET": env.jwt_secret.get_secret_value()}
    if env.django_secret_key.get_secret_value():
        secrets["DJANGO_SECRET_KEY"] = env.django_secret_key.get_secret_value()
    for name, secret in secrets.items():
        if is_weak(secret):
            mend = "needs 50 random characters: `openssl rand -base64 48`"
            yield Problem("K003", name, mend)


def is_weak(secret: str) -> bool:
    """Say whether a secret is short, guessable or an example.

    Twelve distinct characters, since one in four 64-digit hexadecimal secrets lacks
    at least one of the sixteen digits.
    """
    if len(secret) < 50 or len(set(secret)) < 12:
        return True
    shares = [count / len(secret) for count in Counter(secret).values()]
    bits_per_character = -sum(share * math.log2(share) for share in shares)
    return bits_per_character < 3.5 or any(w in secret.lower() for w in WEAK_WORDS)


def data_stores(env: Environment) -> Iterator[Problem]:
    for name in ("DB_HOST", "DB_USER", "DB_NAME", "REDIS_HOST"):
        if not getattr(env, name.lower()):
            yield Problem("K004", name, "is missing")
    for name, secret in (
        ("DB_PASSWORD", env.db_password.get_secret_value()),
        ("REDIS_PASSWORD", env.redis_password.get_secret_value()),
    ):
        if len(secret) < 16:
            mend = "needs 16 characters or more: `openssl rand -base64 24`"
            yield Problem("K004", name, mend)


def database_tls(env: Environment) -> Iterator[Problem]:
    mode, root = derived.db_ssl_mode(env), env.db_ssl_root_cert
    if mode in ("disable", "allow", "prefer"):
        yield Problem("K005", "DB_SSL_MODE", "use verify-full, or require at the least")
        return
    by_system = root == "system" and mode == "verify-full"
    wants_file = bool(root) or mode != "require"
    if wants_file and not by_system and not os.access(root, os.R_OK):
        mend = "must name a readable file with the CA of the database"
        yield Problem("K005", "DB_SSL_ROOT_CERT", mend)


def origins(env: Environment) -> Iterator[Problem]:
    if not env.cors_origin:
        yield Problem("K006", "CORS_ORIGIN", "is missing; name the storefront's origin")
    for name, values in (
        ("CORS_ORIGIN", env.cors_origin),
        ("CSRF_TRUSTED_ORIGINS", env.csrf_trusted_origins),
        ("STOREFRONT_URL", (env.storefront_url,) if env.storefront_url else ()),
        ("HANDOFF_REDIRECT_URIS", env.handoff_redirect_uris),
    ):
        if not all(is_public_https(value) for value in values):
            mend = "must be https and a public name, not this machine or an address"
            yield Problem("K006", name, mend)


def is_public_https(url: str) -> bool:
    host = derived.host_of(url)
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return url.startswith("https://") and derived.is_public_name(host)
    return False


def kratos(env: Environment) -> Iterator[Problem]:
    for name, url in (
        ("KRATOS_PUBLIC_URL", env.kratos_public_url),
        ("KRATOS_BROWSER_URL", env.kratos_browser_url),
        ("KRATOS_UI_URL", env.kratos_ui_url),
    ):
        if url and not url.startswith("https://"):
            yield Problem("K009", name, "must be https: people's browsers go there")
    if derived.is_public_name(derived.host_of(env.kratos_admin_url)):
        mend = "must be an internal name such as http://kratos:4434"
        yield Problem("K009", "KRATOS_ADMIN_URL", mend)
    webhook_key = env.kratos_webhook_key.get_secret_value()
    if webhook_key and is_weak(webhook_key):
        mend = "needs 50 random characters: `openssl rand -base64 48`"
        yield Problem("K009", "KRATOS_WEBHOOK_KEY", mend)


def access(env: Environment) -> Iterator[Problem]:
    if not env.access_required:
        yield Problem("K010", "ACCESS_REQUIRED", "must stay true")
    for name in ("CF_ACCESS_JWKS_URL", "CF_ACCESS_ISSUER"):
        if getattr(env, name.lower()):
            yield Problem("K010", name, "is for tests; the team's domain decides")
    if bool(env.cf_access_aud) != bool(env.cf_access_team_domain):
        missing = "CF_ACCESS_TEAM_DOMAIN" if env.cf_access_aud else "CF_ACCESS_AUD"
        yield Problem("K010", missing, "is missing beside its other half")
    if not all(AUDIENCE.fullmatch(value) for value in env.cf_access_aud):
        mend = "must be 64 hexadecimal digits, from the Access application's page"
        yield Problem("K010", "CF_ACCESS_AUD", mend)


def break_glass(env: Environment) -> Iterator[Problem]:
    """Refuse a window that stays open too long; one that has passed is only closed."""
    until = env.access_breakglass_until
    if until and until > datetime.now(UTC) + LONGEST_BREAK_GLASS:
        mend = "must be 60 minutes ahead at most"
        yield Problem("K010", "ACCESS_BREAKGLASS_UNTIL", mend)


def media(env: Environment) -> Iterator[Problem]:
    host = derived.host_of(env.r2_public_url)
    if env.r2_public_url and not env.r2_public_url.startswith("https://"):
        yield Problem("K011", "R2_PUBLIC_URL", "must be https")
    if host.endswith(".r2.dev"):
        mend = "must be a domain of your own; r2.dev is slow and not for production"
        yield Problem("K011", "R2_PUBLIC_URL", mend)
    if host and host in (*derived.api_hosts(env), *derived.named_admin_hosts(env)):
        mend = "must not share a host with the API or the admin"
        yield Problem("K011", "R2_PUBLIC_URL", mend)
    if env.r2_bucket_name == "dev-testing":
        yield Problem("K011", "R2_BUCKET_NAME", "names the development bucket")
    if derived.media_in_r2(env):
        yield from media_is_complete(env)
    yield from private_files(env)


def private_files(env: Environment) -> Iterator[Problem]:
    """Refuse a place for customers' data that the public can read, or none at all."""
    name = "R2_PRIVATE_BUCKET_NAME"
    if not env.r2_private_bucket_name:
        return
    if env.r2_private_bucket_name == env.r2_bucket_name:
        yield Problem("K011", name, "must not be the public bucket of the photos")
    keys = (env.r2_access_key_id, env.r2_secret_access_key)
    if not (derived.r2_endpoint(env) and all(k.get_secret_value() for k in keys)):
        yield Problem("K011", name, "needs R2_ACCOUNT_ID and the two access keys")


def media_is_complete(env: Environment) -> Iterator[Problem]:
    needed = {
        "R2_BUCKET_NAME": env.r2_bucket_name,
        "R2_PUBLIC_URL": env.r2_public_url,
        "R2_ACCOUNT_ID": derived.r2_endpoint(env),
        "R2_ACCESS_KEY_ID": env.r2_access_key_id.get_secret_value(),
        "R2_SECRET_ACCESS_KEY": env.r2_secret_access_key.get_secret_value(),
    }
    for name, value in needed.items():
        if not value:
            yield Problem("K011", name, "is missing; media is kept in R2")


def limits(env: Environment) -> Iterator[Problem]:
    if env.rate_limits is False:
        yield Problem("K012", "RATE_LIMITS", "must be on, or unset")
    if any(network.endswith("/0") for network in env.trusted_proxies):
        mend = "must name the proxies, not the whole Internet"
        yield Problem("K012", "TRUSTED_PROXIES", mend)


def hosts(env: Environment) -> Iterator[Problem]:
    for name in ("ALLOWED_HOSTS", "API_HOSTS", "ADMIN_HOSTS", "AUTH_HOSTS"):
        if any(host[0] in "*." for host in getattr(env, name.lower())):
            yield Problem("K014", name, "must name each host in full")
    if env.hsts_ramp_done and env.secure_hsts_seconds < YEAR_SECONDS:
        mend = f"must be {YEAR_SECONDS} (one year) once HSTS_RAMP_DONE is set"
        yield Problem("K014", "SECURE_HSTS_SECONDS", mend)


STRICT_RULES: list[Rule] = [
    placeholders,
    debug_off,
    own_secrets,
    data_stores,
    database_tls,
    origins,
    kratos,
    access,
    media,
    limits,
    hosts,
]


def warnings(env: Environment) -> Iterator[Problem]:
    """Return what works in production but should not stay; nothing elsewhere."""
    if not env.is_strict:
        return
    yield from cross_site(env)
    if derived.db_ssl_mode(env) == "require" and not env.db_ssl_root_cert:
        mend = "`require` encrypts but trusts any server; use verify-full with a CA"
        yield Problem("W005", "DB_SSL_MODE", mend)
    if derived.is_public_name(env.redis_host) and not env.redis_tls:
        mend = "the password crosses a public network in clear; set REDIS_TLS=true"
        yield Problem("W004", "REDIS_TLS", mend)
    if not env.midtrans_merchant_id:
        mend = "is missing; another shop's notifications are told apart by it"
        yield Problem("W007", "MIDTRANS_MERCHANT_ID", mend)
    if not env.cf_access_aud:
        mend = "is missing; the admin is switched off until Access guards it"
        yield Problem("W010", "CF_ACCESS_AUD", mend)
    if env.access_breakglass_until:
        mend = "is set: remove it as soon as Access is back"
        yield Problem("W012", "ACCESS_BREAKGLASS_UNTIL", mend)
    if not derived.media_in_r2(env):
        mend = "is missing; product photos are kept on this machine only"
        yield Problem("W011", "R2_ACCESS_KEY_ID", mend)


def cross_site(env: Environment) -> Iterator[Problem]:
    """Warn (K015) when browsers would keep the customers' cookie from the API.

    Each origin whose pages call the API needs an API host on its own site.
    """
    admin = derived.named_admin_hosts(env)
    pages = [derived.storefront_url(env), *env.cors_origin]
    shops = {derived.host_of(page) for page in pages}.difference(admin)
    sites = {derived.registrable_domain(host) for host in derived.api_hosts(env)}
    if {derived.registrable_domain(shop) for shop in shops} - sites:
        mend = (
            "an origin of CORS_ORIGIN has no API host on its own site, so browsers "
            "will not send the customers' cookie from there (K015): give customers "
            "first-party hosts (api. and auth. of the storefront's domain), or serve "
            "the API under the storefront's own host, or use the one-time-code hand-off"
        )
        yield Problem("W001", "API_HOSTS", mend)
