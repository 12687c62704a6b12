"""The admin site: entered through Cloudflare Access, never by a password."""

from typing import Any

from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.decorators import method_decorator
from django.views.decorators.http import require_POST
from unfold.sites import UnfoldAdminSite

from karima.error_pages import html_page
from karima.problems import Problem

# Access answers this path itself, on every host that it guards.
ACCESS_LOGOUT = "/cdn-cgi/access/logout"


class KarimaAdminSite(UnfoldAdminSite):
    """Unfold's site without the password page, so there is nothing to guess."""

    def login(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        detail = "Masuk melalui Cloudflare Access. / Sign in through Access."
        return html_page(Problem(status=403, code="forbidden", detail=detail))

    @method_decorator(require_POST)
    def logout(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        logout(request)
        return HttpResponseRedirect(ACCESS_LOGOUT)
