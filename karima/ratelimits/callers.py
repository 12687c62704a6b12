"""Who asks, as far as can be told without asking anybody.

Nothing here is believed: it only says whose bucket a request is counted in. Kratos is
not asked, because a limit that first asks Kratos does not protect it.
"""

import hashlib
import hmac
from typing import Any

from django.conf import settings
from django.http import HttpRequest

from karima.client_address import client_address, neighbourhood
from karima.ratelimits.scopes import By, Rule, Scope

PREFIX = "karima:rl"


def credential(request: HttpRequest) -> str:
    """Return the session token or cookie that the API would use, or an empty text.

    A token before a cookie, as in `accounts.middleware`: otherwise a customer could
    add a cookie that nobody reads to each request and be counted as somebody new.
    """
    token = request.headers.get("X-Session-Token", "").strip()
    token = token or _authorization(request, "bearer")
    return token or request.COOKIES.get(settings.KRATOS_COOKIE_NAME, "")


def cart_token(request: HttpRequest) -> str:
    return request.headers.get("X-Cart-Token", "")


def key_of(
    request: HttpRequest, *, scope: Scope, rule: Rule, path_values: dict[str, Any]
) -> str:
    """Return the name of the bucket, which gives nothing away about the caller."""
    owner = f"{rule.by}\0{_owner(request, rule.by, path_values)}"
    digest = hmac.new(settings.SECRET_KEY.encode(), owner.encode(), hashlib.sha256)
    return f"{PREFIX}:{scope.name}:{rule.window_seconds}:{digest.hexdigest()[:32]}"


def _owner(request: HttpRequest, by: By, path_values: dict[str, Any]) -> str:
    address = neighbourhood(client_address(request))
    if by is By.ADDRESS:
        return address
    if by is By.API_KEY:
        return _authorization(request, "api-key") or address
    # Without a credential the address stands in: nobodies are not one caller.
    caller = credential(request) or address
    if by is By.CREDENTIAL:
        return caller
    if by is By.SHOPPER:
        return credential(request) or cart_token(request) or address
    number = str(path_values.get("number", "")).upper()
    return number if by is By.NUMBER else f"{number}\0{caller}"


def _authorization(request: HttpRequest, wanted: str) -> str:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    return token.strip() if scheme.lower() == wanted else ""
