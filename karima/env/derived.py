"""What follows from the environment: addresses and hosts that nobody has to repeat.

The seed of this project names few hosts; the others follow from those, so that no
host name stands in the code.
"""

import functools
import ipaddress
from urllib.parse import urlsplit

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from publicsuffixlist import PublicSuffixList

from karima.env.fields import Environment

# Production never gets here: rule K003 wants a secret of its own.
DEVELOPMENT_SECRET_KEY = "development-only-key-that-protects-nothing"  # noqa: S105 public

LOCAL_HOSTS = ("127.0.0.1", "localhost", "[::1]")
LOCAL_ORIGINS = (
    "http://localhost:3000",
    "http://127.0.0.1:3000",
    "http://localhost:4455",
    "http://127.0.0.1:4455",
)
LOOPBACK_NETWORKS = ("127.0.0.0/8", "::1/128")

# A reverse proxy in a container, or the engine's gateway, has a private address.
PRIVATE_NETWORKS = (
    *LOOPBACK_NETWORKS,
    "10.0.0.0/8",
    "172.16.0.0/12",
    "192.168.0.0/16",
    "fc00::/7",
)

MIDTRANS_SNAP = {
    True: "https://app.midtrans.com/snap/v1",
    False: "https://app.sandbox.midtrans.com/snap/v1",
}
MIDTRANS_CORE = {
    "https://app.midtrans.com": "https://api.midtrans.com",
    "https://app.sandbox.midtrans.com": "https://api.sandbox.midtrans.com",
}


def host_of(url: str | None) -> str:
    """Return the host name of a URL, or an empty text."""
    return (urlsplit(url).hostname or "") if url else ""


def is_public_name(host: str) -> bool:
    """Say whether the host can be reached from outside the private network."""
    try:
        return ipaddress.ip_address(host).is_global
    except ValueError:
        inside = host.endswith((".internal", ".local", ".lan", ".localhost"))
        return "." in host and not inside


def registrable_domain(host: str) -> str:
    """Return the part of a host name that its owner bought: what makes a site.

    By the public suffix list of publicsuffix.org, as browsers do. A name that has no
    such part is a site of its own: this machine, a container, an address.
    """
    try:
        ipaddress.ip_address(host.strip("[]"))
    except ValueError:
        return public_suffixes().privatesuffix(host) or host
    return host


@functools.cache
def public_suffixes() -> PublicSuffixList:
    """Return the list that comes with the library; nothing is fetched."""
    return PublicSuffixList()


def kratos_browser_url(env: Environment) -> str:
    """Return where people's browsers find Kratos.

    A container's name (`http://kratos:4433`) means nothing to a browser; outside
    production the published port on this machine is meant.
    """
    if env.kratos_browser_url:
        return env.kratos_browser_url
    parts = urlsplit(env.kratos_public_url)
    if "." in (parts.hostname or "") or parts.hostname == "localhost":
        return env.kratos_public_url
    return f"http://127.0.0.1:{parts.port or 4433}"


def kratos_ui_url(env: Environment) -> str:
    """Return where people sign in: by default on the pages this program renders."""
    if env.kratos_ui_url:
        return env.kratos_ui_url
    if env.is_strict:
        return kratos_browser_url(env)
    return f"http://127.0.0.1:{env.app_port}"


def kratos_cookie_domain(env: Environment) -> str:
    """Return the domain of Kratos's cookie; empty: the host alone.

    In production it is the site's, or the cookie would never reach the API.
    """
    if env.kratos_cookie_domain or not env.is_strict:
        return env.kratos_cookie_domain
    return registrable_domain(host_of(kratos_browser_url(env)))


def db_ssl_mode(env: Environment) -> str:
    """Return libpq's sslmode: as told, else the best that can work."""
    if env.db_ssl_mode or not env.is_strict:
        return env.db_ssl_mode or "prefer"
    return "verify-full" if env.db_ssl_root_cert else "require"


def auth_hosts(env: Environment) -> list[str]:
    return list(env.auth_hosts) or host_list(host_of(kratos_ui_url(env)))


def named_admin_hosts(env: Environment) -> list[str]:
    """Return the admin's hosts: given, or those among the origins that say so."""
    origins = [host_of(origin) for origin in env.cors_origin]
    return list(env.admin_hosts) or [h for h in origins if h.startswith("admin.")]


def admin_hosts(env: Environment) -> list[str]:
    """Return the hosts that serve the admin: in production none without Access."""
    if not env.is_strict:
        return list(env.admin_hosts) or list(LOCAL_HOSTS)
    return named_admin_hosts(env) if env.cf_access_aud else []


def api_hosts(env: Environment) -> list[str]:
    """Return the hosts that serve the API: given, or `api.` beside Kratos's host."""
    if not env.is_strict:
        return list(env.api_hosts) or list(LOCAL_HOSTS)
    domain = host_of(env.kratos_public_url).partition(".")[2]
    return list(env.api_hosts) or host_list(f"api.{domain}" if domain else "")


def host_list(host: str) -> list[str]:
    return [host] if host else []


def storefront_url(env: Environment) -> str:
    """Return the shop's address: given, or the first origin that is not the admin."""
    admin = named_admin_hosts(env)
    shops = (origin for origin in env.cors_origin if host_of(origin) not in admin)
    return env.storefront_url or next(shops, LOCAL_ORIGINS[1])


def handoff_redirect_uris(env: Environment) -> list[str]:
    """Return where one-time codes may go: the shop's own page, and those given."""
    own = f"{storefront_url(env)}/auth/callback"
    return list(dict.fromkeys((own, *env.handoff_redirect_uris)))


def access_token_keys(env: Environment) -> list[str]:
    """Return the key that signs access tokens, and after it those still believed."""
    given = (env.jwt_secret, env.jwt_secret_previous)
    secrets = [secret.get_secret_value() for secret in given]
    known = [secret for secret in secrets if secret] or [DEVELOPMENT_SECRET_KEY]
    return [derive_key(secret, purpose="access-token") for secret in known]


def trusted_proxies(env: Environment) -> list[str]:
    default = PRIVATE_NETWORKS if env.is_strict else LOOPBACK_NETWORKS
    return list(env.trusted_proxies or default)


def cors_origins(env: Environment) -> list[str]:
    """Return exactly CORS_ORIGIN in production; elsewhere this machine's as well."""
    if env.is_strict:
        return list(env.cors_origin)
    return list(dict.fromkeys((*env.cors_origin, *LOCAL_ORIGINS)))


def midtrans_snap_url(env: Environment) -> str:
    """Return the base of Snap. MIDTRANS_API_BASE_URL may be an emulator's root."""
    if env.midtrans_snap_base_url:
        return env.midtrans_snap_base_url
    base = env.midtrans_api_base_url or MIDTRANS_SNAP[env.midtrans_is_production]
    return base if base.endswith("/snap/v1") else f"{base}/snap/v1"


def midtrans_core_url(env: Environment) -> str:
    """Return the root of the Core API, which the gateway keeps on another host."""
    if env.midtrans_core_base_url:
        return env.midtrans_core_base_url
    base = env.midtrans_api_base_url or MIDTRANS_SNAP[env.midtrans_is_production]
    root = base.removesuffix("/snap/v1")
    return MIDTRANS_CORE.get(root, root)


def access_domain(env: Environment) -> str:
    """Return the team's domain; the team's bare name is enough."""
    team = env.cf_access_team_domain.removeprefix("https://").rstrip("/")
    return team if not team or "." in team else f"{team}.cloudflareaccess.com"


def access_issuer(env: Environment) -> str:
    domain = access_domain(env)
    return env.cf_access_issuer or (f"https://{domain}" if domain else "")


def access_jwks_url(env: Environment) -> str:
    issuer = access_issuer(env)
    made = f"{issuer}/cdn-cgi/access/certs" if issuer else ""
    return env.cf_access_jwks_url or made


def midtrans_notification_keys(env: Environment) -> list[str]:
    """Return the server keys whose signatures are believed, as during a rotation."""
    given = env.midtrans_notification_keys.get_secret_value().split(",")
    keys = [key.strip() for key in given if key.strip()]
    return keys or [env.midtrans_server_key.get_secret_value()]


def rate_limits(env: Environment) -> bool:
    """Say whether requests are limited: in production, or where a limit is given."""
    if env.rate_limits is not None:
        return env.rate_limits
    return env.is_strict or env.rate_limit_limit is not None


def email_backend(env: Environment) -> str:
    """Return the SMTP backend, or the console's in development without a server.

    In production mails must not be printed: the output is kept as the log.
    """
    name = "smtp" if env.email_host or env.is_strict else "console"
    return f"django.core.mail.backends.{name}.EmailBackend"


def r2_endpoint(env: Environment) -> str:
    account = env.r2_account_id
    made = f"https://{account}.r2.cloudflarestorage.com" if account else ""
    return env.r2_endpoint or made


def media_in_r2(env: Environment) -> bool:
    """Say whether media goes to R2: as told, or as soon as there is a key for it."""
    if env.file_storage:
        return env.file_storage == "r2"
    return bool(env.r2_access_key_id.get_secret_value())


def media_origin(env: Environment) -> str:
    """Return the origin of the photos, empty when it is the shop's own."""
    if not env.r2_public_url or not media_in_r2(env):
        return ""
    parts = urlsplit(env.r2_public_url)
    return f"{parts.scheme}://{parts.netloc}"


def derive_key(secret: str, *, purpose: str) -> str:
    """Return a key for one purpose made from a secret: HKDF-SHA256 (RFC 5869), hex."""
    info = f"karima/{purpose}".encode()
    hkdf = HKDF(algorithm=SHA256(), length=64, salt=None, info=info)
    return hkdf.derive(secret.encode()).hex()


def secret_keys(env: Environment) -> list[str]:
    """Return Django's SECRET_KEY and after it those that old signatures still use."""
    own = env.django_secret_key.get_secret_value()
    old = env.django_secret_key_fallbacks.get_secret_value().split(",")
    jwt = [env.jwt_secret, env.jwt_secret_previous]
    made = [
        derive_key(secret.get_secret_value(), purpose="django-secret-key")
        for secret in jwt
        if secret.get_secret_value()
    ]
    keys = [own, *(key.strip() for key in old), *made]
    return [key for key in keys if key] or [DEVELOPMENT_SECRET_KEY]


def encryption_keys(env: Environment) -> list[str]:
    """Return the key of encrypted columns, and after it those that still read them."""
    return [derive_key(key, purpose="encryption") for key in secret_keys(env)]
