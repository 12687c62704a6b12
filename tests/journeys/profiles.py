"""The ways of docs/storefront.md, taken from its own lines."""

import re
from dataclasses import dataclass
from typing import Any

import yaml

from karima.env import Environment, derived, from_mapping
from sandbox.edge import Behind, Edge
from sandbox.kratos import Kratos
from tests.karima.environments import ROOT, as_mapping, good_production

PAGE = (ROOT / "docs" / "storefront.md").read_text("utf-8")
# What the reverse proxy of the auth host hands to Kratos; all else are pages.
KRATOS_PATHS = ("/self-service/", "/sessions", "/schemas", "/sandbox/")
PAGE_PATHS = ("/login", "/registration", "/static/")


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """One way: the shop's environment, and the part of kratos.yml that differs."""

    env: Environment
    kratos: dict[str, Any]


def profile(number: int) -> Profile:
    """Return the way of this number, on top of a sound production."""
    lines = as_mapping(_block("env", number))
    config = yaml.safe_load(_block("yaml", number))
    return Profile(env=from_mapping(good_production() | lines), kratos=config)


def _block(language: str, number: int) -> str:
    pattern = rf"```{language}\n# profile {number}\b(.*?)```"
    found = re.search(pattern, PAGE, re.DOTALL)
    assert found, f"docs/storefront.md has no {language} block for profile {number}"
    return found[1].partition("\n")[2] if language == "yaml" else found[1]


def settings_of(env: Environment) -> dict[str, Any]:
    """Return the settings of Django that tell hosts, origins and cookies."""
    return {
        "API_HOSTS": derived.api_hosts(env),
        "ADMIN_HOSTS": derived.admin_hosts(env),
        "AUTH_HOSTS": derived.auth_hosts(env),
        "ALLOWED_HOSTS": ["*"],
        "STOREFRONT_URL": derived.storefront_url(env),
        "HANDOFF_REDIRECT_URIS": derived.handoff_redirect_uris(env),
        "CORS_ALLOWED_ORIGINS": derived.cors_origins(env),
        "KRATOS_PUBLIC_URL": env.kratos_public_url,
        "KRATOS_BROWSER_URL": derived.kratos_browser_url(env),
        "KRATOS_UI_URL": derived.kratos_ui_url(env),
        "KRATOS_COOKIE_DOMAIN": derived.kratos_cookie_domain(env),
        # As karima.settings.prod has it.
        "SECURE_PROXY_SSL_HEADER": ("HTTP_X_FORWARDED_PROTO", "https"),
    }


def configure(kratos: Kratos, config: dict[str, Any]) -> None:
    """Give the stand-in what the profile's lines say to Kratos."""
    flows = config["selfservice"]["flows"]
    kratos.configure(
        base_url=config["serve"]["public"]["base_url"].rstrip("/"),
        ui_url=flows["login"]["ui_url"].removesuffix("/login"),
        default_return_url=config["selfservice"]["default_browser_return_url"],
        logout_return_url=flows["logout"]["after"]["default_browser_return_url"],
        allowed_return_urls=tuple(config["selfservice"]["allowed_return_urls"]),
        allowed_origins=tuple(config["serve"]["public"]["cors"]["allowed_origins"]),
        cookie_domain=config["cookies"].get("domain", ""),
        cookie_secure=True,
    )


def route(
    edge: Edge, env: Environment, *, shop: str, kratos: str, storefront: str
) -> None:
    """Let the proxy do what the one in production does with hosts and paths."""
    sign_in = derived.host_of(derived.kratos_ui_url(env))
    store = derived.host_of(derived.storefront_url(env))
    api, auth = derived.api_hosts(env)[0], derived.auth_hosts(env)[0]

    def choose(host: str, path: str) -> Behind:
        if host == sign_in and path.startswith(KRATOS_PATHS):
            return Behind(kratos)
        # The Worker of way 2 calls both by the names of their own.
        if host == store == sign_in and path.startswith(PAGE_PATHS):
            return Behind(shop, host=auth)
        if host == store and path.startswith("/api/"):
            return Behind(shop, host=api)
        return Behind(storefront) if host == store else Behind(shop)

    edge.route = choose
