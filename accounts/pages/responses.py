"""How the sign-in pages answer: never cached, no script, no other site."""

import functools
from collections.abc import Callable
from dataclasses import dataclass

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render

from accounts.services import return_addresses
from karima.errors import StoreError

View = Callable[..., HttpResponse]


class SeeOther(HttpResponseRedirect):
    """A redirect that is always followed with GET."""

    status_code = 303


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """A page that says what happened and offers one way on."""

    title: str
    text: str
    link: str
    link_label: str
    status: int = 200
    reference: str = ""


def page(view: View) -> View:
    """Give a view the headers of the sign-in pages, and its outages a calm page."""

    @functools.wraps(view)
    def answer(request: HttpRequest, *args: str, **kwargs: str) -> HttpResponse:
        try:
            response = view(request, *args, **kwargs)
        except StoreError as error:
            response = _trouble(request, error)
        response["Cache-Control"] = "no-store"
        response["Content-Security-Policy"] = content_security_policy()
        # A flow's id stands in the address. The origin alone is told, since a form
        # that is sent without one looks like a form of another site.
        response["Referrer-Policy"] = "strict-origin"
        return response

    return answer


def content_security_policy() -> str:
    """Return the policy: no script at all, forms only to Kratos.

    Chromium also applies `form-action` to where an answer redirects, so the shop's
    own origins stand there as well.
    """
    targets = " ".join(["'self'", *return_addresses.origins()])
    return (
        "default-src 'none'; style-src 'self'; img-src 'self' data:; "
        f"form-action {targets}; base-uri 'none'; frame-ancestors 'none'"
    )


def show(
    request: HttpRequest, template: str, *, status: int = 200, **context: object
) -> HttpResponse:
    """Return a page made from one of the templates of these pages."""
    given = {"storefront": settings.STOREFRONT_URL, **context}
    return render(request, f"accounts/pages/{template}.html", given, status=status)


def notice(request: HttpRequest, given: Notice) -> HttpResponse:
    """Return the page of a notice."""
    return show(request, "notice", status=given.status, notice=given)


def _trouble(request: HttpRequest, error: StoreError) -> HttpResponse:
    """Return a page for an outage, with the way to try again."""
    response = notice(
        request,
        Notice(
            title="Sedang tidak tersedia",
            text=str(error.detail),
            link=request.get_full_path(),
            link_label="Coba lagi",
            status=error.status,
        ),
    )
    if error.retry_after_seconds is not None:
        response["Retry-After"] = str(error.retry_after_seconds)
    return response
