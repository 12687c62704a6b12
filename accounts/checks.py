"""Preflight: do Kratos and Access decide who people are, and for this domain?"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

import yaml
from django.conf import settings
from dotenv import dotenv_values

from karima.env import derived
from karima.env.source import others_may_read
from karima.preflight.items import Context, Finding, fail, manual, ok
from karima.preflight.network import Answer, reason

STRANGER = "https://preflight.invalid/"
CIPHER_LENGTH = 32
SHORTEST_SECRET = 16
KRATOS_CONFIG = "mend Kratos's configuration file and start it again"
KRATOS_SECRETS = "run `make secrets`, or fill in .env.kratos"


def access(context: Context) -> Iterator[Finding]:
    """Ask for the admin as a stranger does: Access must stand in between."""
    hosts = derived.named_admin_hosts(context.environment)
    if not hosts:
        yield fail("there is no admin host", "set ADMIN_HOSTS")
    for host in hosts:
        yield _guarded(context, host)


def _guarded(context: Context, host: str) -> Finding:
    mend = "make a self-hosted Access application for the host, docs/operations.md"
    try:
        answer = context.network.get(f"https://{host}/admin/")
    except OSError as error:
        return fail(f"{host} does not answer: {reason(error)}", mend)
    target = urlsplit(answer.headers.get("location", "")).hostname or ""
    is_redirect = answer.status in (302, 303, 307)
    if is_redirect and target == settings.CF_ACCESS_TEAM_DOMAIN:
        return ok(f"{host} sends strangers to {target}")
    if is_redirect and target.endswith(".cloudflareaccess.com"):
        return fail(f"{host} sends strangers to another team", mend)
    return fail(f"{host} answers a stranger with {answer.status} itself", mend)


def kratos_ready(context: Context) -> Iterator[Finding]:
    """Ask Kratos from inside, as the shop does."""
    url = f"{settings.KRATOS_INTERNAL_URL}/health/ready"
    mend = "see Kratos's log, and KRATOS_INTERNAL_URL"
    try:
        answer = context.network.get(url)
    except OSError as error:
        yield fail(f"Kratos does not answer inside: {reason(error)}", mend)
        return
    if answer.status == 200:
        yield ok("Kratos is ready")
    else:
        yield fail(f"Kratos is not ready ({answer.status})", mend)


def kratos_flows(context: Context) -> Iterator[Finding]:
    """Begin to sign in as a browser does, and look where Kratos sends it."""
    env = context.environment
    base = derived.kratos_browser_url(env)
    shop = quote(f"{derived.storefront_url(env)}/", safe="")
    begin = f"{base}/self-service/login/browser"
    try:
        answer = context.network.get(f"{begin}?return_to={shop}")
        stranger = context.network.get(f"{begin}?return_to={quote(STRANGER, safe='')}")
    except OSError as error:
        mend = "let the proxy send the auth host's /self-service/ to Kratos"
        yield fail(f"Kratos does not answer browsers: {reason(error)}", mend)
        return
    yield _sign_in_page(answer, derived.kratos_ui_url(env))
    yield _cookie(answer, is_secure=base.startswith("https://"))
    yield from _returns(answer, stranger)


def _sign_in_page(answer: Answer, ui_url: str) -> Finding:
    target = answer.headers.get("location", "")
    if answer.status in (302, 303) and target.startswith(f"{ui_url}/login"):
        return ok(f"Kratos sends browsers to {ui_url}/login")
    shown = urlsplit(target)
    where = f"{shown.scheme}://{shown.netloc}{shown.path}" if target else "nowhere"
    text = f"Kratos sends browsers to {where} ({answer.status})"
    return fail(text, "set `ui_url` of each flow to KRATOS_UI_URL")


def _cookie(answer: Answer, *, is_secure: bool) -> Finding:
    cookie = answer.headers.get("set-cookie", "").lower()
    domain = settings.KRATOS_COOKIE_DOMAIN
    if domain and f"domain={domain}" not in cookie:
        mend = f"set `cookies.domain` to {domain}, or KRATOS_COOKIE_DOMAIN to Kratos's"
        return fail(f"Kratos's cookies are not for {domain}", mend)
    if is_secure and "secure" not in cookie:
        mend = "start Kratos without --dev, and with an https base_url"
        return fail("Kratos's cookies are not Secure", mend)
    return ok("Kratos's cookies have the right domain")


def _returns(answer: Answer, stranger: Answer) -> Iterator[Finding]:
    if "flow=" not in answer.headers.get("location", ""):
        mend = "add the storefront to `allowed_return_urls`"
        yield fail("Kratos does not let people return to the storefront", mend)
    if "flow=" in stranger.headers.get("location", ""):
        mend = "name only the shop's own hosts in `allowed_return_urls`"
        yield fail("Kratos sends people to any address", mend)


def kratos_file(context: Context) -> Iterator[Finding]:
    """Read the file that Kratos was started with."""
    path = context.kratos_config
    try:
        config = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, yaml.YAMLError):
        mend = "name the file that Kratos was started with: --kratos-config"
        yield manual("Kratos's configuration file cannot be read from here", mend)
        return
    if not isinstance(config, dict):
        yield fail("Kratos's configuration file holds no settings", KRATOS_CONFIG)
        return
    problems = list(_config_problems(config, context))
    yield from problems
    if not problems:
        yield ok(f"{path.name} is for this domain")
    if "Bearer <KRATOS_WEBHOOK_KEY>" in path.read_text(encoding="utf-8"):
        mend = "run `make secrets`, which writes kratos.private.yml with the key"
        yield manual(
            "the web hook has no key: customers are met at their first request", mend
        )
    elif others_may_read(path):
        yield fail(f"others can read {path.name}, with a key in it", "chmod 400")


def _config_problems(config: Mapping[str, Any], context: Context) -> Iterator[Finding]:
    env = context.environment
    wanted = {
        "serve.public.base_url": f"{derived.kratos_browser_url(env)}/",
        "cookies.domain": settings.KRATOS_COOKIE_DOMAIN,
        "selfservice.flows.login.ui_url": f"{derived.kratos_ui_url(env)}/login",
        "selfservice.flows.registration.ui_url": (
            f"{derived.kratos_ui_url(env)}/registration"
        ),
    }
    for key, value in wanted.items():
        if value and str(_at(config, key) or "").rstrip("/") != value.rstrip("/"):
            yield fail(f"Kratos's {key} is not {value}", KRATOS_CONFIG)
    if _at(config, "log.leak_sensitive_values"):
        yield fail("Kratos logs secrets (log.leak_sensitive_values)", KRATOS_CONFIG)
    shop = derived.storefront_url(env)
    returns = _at(config, "selfservice.allowed_return_urls") or []
    if not any(str(url).rstrip("/") == shop for url in returns):
        text = f"Kratos's selfservice.allowed_return_urls lack {shop}"
        yield fail(text, KRATOS_CONFIG)


def _at(config: Mapping[str, Any], key: str) -> Any:
    """Return what stands under a dotted key, or None."""
    found: Any = config
    for part in key.split("."):
        found = found.get(part) if isinstance(found, dict) else None
    return found


def kratos_secrets(context: Context) -> Iterator[Finding]:
    """Read Kratos's own secrets where they lie beside the shop's."""
    path = context.kratos_env_file
    values = _env_file(path)
    if values is None:
        mend = f"run this on the server, beside {path.name}"
        yield manual("Kratos's secrets cannot be read from here", mend)
        return
    if others_may_read(path):
        yield fail(f"others can read {path.name}", f"chmod 600 {path.name}")
    weak = [name for name, value in values.items() if "<" in value or not value]
    weak += [name for name in _wrong_secrets(values) if name not in weak]
    if weak:
        yield fail(f"{path.name}: {', '.join(weak)}", KRATOS_SECRETS)
    else:
        yield ok("Kratos has secrets of its own")


def _wrong_secrets(values: Mapping[str, str]) -> Iterator[str]:
    for name in ("SECRETS_DEFAULT", "SECRETS_COOKIE", "SECRETS_CIPHER"):
        secrets = values.get(name, "").split(",")
        is_long = all(len(secret) >= SHORTEST_SECRET for secret in secrets)
        fits = name != "SECRETS_CIPHER" or all(
            len(secret) == CIPHER_LENGTH for secret in secrets
        )
        if not is_long or not fits:
            yield name
    for name in ("DSN", "COURIER_SMTP_CONNECTION_URI"):
        if not values.get(name):
            yield name


def _env_file(path: Path) -> dict[str, str] | None:
    if not path.is_file():
        return None
    raw = dotenv_values(path, interpolate=False)
    return {name: value or "" for name, value in raw.items()}
