"""Refuse callers who ask too often, before their request costs anything."""

import logging
import math
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase

from karima import metrics
from karima.cross_origin import SAFE_METHODS
from karima.error_pages import refusal_response
from karima.errors import Unavailable
from karima.middleware import GetResponse, face
from karima.problems import Problem
from karima.ratelimits import callers, limiter, scopes
from karima.ratelimits.limiter import Standing
from karima.ratelimits.scopes import Rule, Scope

logger = logging.getLogger(__name__)

View = Callable[..., HttpResponseBase]


class RateLimitMiddleware:
    """Count each request in the scope that its view names, and refuse what is too much.

    It stands behind the cheap refusals (host, preflight, Origin) and in front of all
    that reads the body or asks Kratos; inside CORS, so that a storefront can read the
    refusal. A view names its scope with the attribute `rate_limit`; one that names none
    is counted as what its host is for.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not settings.RATE_LIMITS_ENABLED:
            return self.get_response(request)
        if face(request) == "admin":
            return self._admin(request)
        response = self.get_response(request)
        standing: Standing | None = request.__dict__.get("standing")
        if standing is not None:
            _add_headers(response, standing)
        return response

    def process_view(
        self,
        request: HttpRequest,
        view: View,
        args: tuple[Any, ...],
        kwargs: dict[str, Any],
    ) -> HttpResponse | None:
        name = scope_name(request, view)
        if not settings.RATE_LIMITS_ENABLED or name == scopes.UNLIMITED:
            return None
        try:
            standing = limiter.take(request, scopes.find(name), path_values=kwargs)
        except Unavailable as closed:
            return refusal_response(request, Problem.from_error(closed))
        request.__dict__["standing"] = standing
        if standing is None or standing.is_allowed:
            return None
        return _refuse(request, standing)

    def _admin(self, request: HttpRequest) -> HttpResponse:
        """Refuse an address that Access's check has refused too often.

        Staff are not counted. A 403 to somebody who is not signed in is that check's.
        """
        scope = scopes.find("access_denied")
        standing = limiter.take(request, scope, spend=False)
        if standing is not None and not standing.is_allowed:
            return _refuse(request, standing, status=403)
        response = self.get_response(request)
        if response.status_code == 403 and not request.user.is_authenticated:
            limiter.take(request, scope)
        return response


def limited_by(name: str) -> Callable[[View], View]:
    """Name the scope of a view that is a function."""

    def mark(view: View) -> View:
        view.__dict__["rate_limit"] = name
        return view

    return mark


def named_scope(view: View) -> str:
    """Return the scope that the view, or the class it was made from, names."""
    made_from = getattr(view, "view_class", None) or getattr(view, "cls", None) or view
    return str(getattr(made_from, "rate_limit", ""))


def scope_name(request: HttpRequest, view: View) -> str:
    """Return the scope to count in: the view's, made precise by what is asked."""
    name = named_scope(view) or _scope_of_face(request)
    if name == "catalog" and request.method not in SAFE_METHODS:
        return "programs"
    if name == "catalog" and "q" in request.GET:
        return "search"
    if name == "cart" and request.method in SAFE_METHODS:
        name = "general"
    if name == "cart" and not (callers.credential(request) or _has_cart(request)):
        return "guest_cart"
    if name == "general":
        return "signed_in" if callers.credential(request) else "anonymous"
    return name


def _scope_of_face(request: HttpRequest) -> str:
    if face(request) == "admin":
        return scopes.UNLIMITED
    return "sign_in" if face(request) == "auth" else "general"


def _has_cart(request: HttpRequest) -> bool:
    return bool(callers.cart_token(request))


def _refuse(
    request: HttpRequest, standing: Standing, *, status: int = 429
) -> HttpResponse:
    name = standing.scope.name
    logger.info("rate_limited", extra={"reason": name})
    metrics.rate_limited(name)
    code = "rate_limited" if status == 429 else "forbidden"
    headers = {"Retry-After": str(standing.retry_after_seconds)}
    problem = Problem(status=status, code=code, extra={"scope": name}, headers=headers)
    return refusal_response(request, problem)


def _add_headers(response: HttpResponse, standing: Standing) -> None:
    """Say how the caller stands (draft-ietf-httpapi-ratelimit-headers, version 8 on).

    `q` requests are allowed in `w` seconds and `burst` of them at once; `r` are left at
    once now, and after `t` seconds it is as if none had been made.
    """
    names = [policy_name(standing.scope, rule) for rule in standing.scope.rules]
    response["RateLimit-Policy"] = ", ".join(
        f'"{name}";q={rule.limit};w={rule.window_seconds};burst={rule.burst}'
        for name, rule in zip(names, standing.scope.rules, strict=True)
    )
    rule, reading = standing.tightest
    seconds = math.ceil(reading.wait or reading.reset)
    name = policy_name(standing.scope, rule)
    response["RateLimit"] = f'"{name}";r={reading.remaining};t={seconds}'


def policy_name(scope: Scope, rule: Rule) -> str:
    return f"{scope.name}-{rule.by}-{rule.window_seconds}"
