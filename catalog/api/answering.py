"""How the public catalogue answers: with bytes that are ready, or were sent before."""

import functools
from collections.abc import Callable, Sequence
from typing import Any, Concatenate, ParamSpec, TypeVar

import orjson
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.urls import reverse
from django.utils.cache import get_conditional_response
from rest_framework.request import Request
from rest_framework.response import Response

from catalog.models import ProductImage
from catalog.services import answers
from catalog.services.answers import Answer, Place
from catalog.services.documents import MEDIA
from karima.api import PublicView
from karima.errors import NotFound
from karima.replica import prefer_replica

# A browser asks each time and mostly hears 304; a proxy may answer for a second by
# itself, and with what it has while it asks or while the shop is away.
CACHE_CONTROL = (
    "public, max-age=0, s-maxage=1, stale-while-revalidate=1, stale-if-error=600"
)
P = ParamSpec("P")

OPEN_MEDIA = f'"url":"{MEDIA}'.encode()
# Any name will do: what stands before it is the place of all.
NAME = "gambar.webp"


class CatalogView(PublicView):
    """A public read. What was answered before is sent again while it holds.

    Its `get` returns `self.ready(...)`. Refusals are not kept by anybody.
    """

    rate_limit = "catalog"
    place: Place | None = None

    def dispatch(
        self, request: HttpRequest, *args: Any, **kwargs: Any
    ) -> HttpResponseBase:
        if request.method not in ("GET", "HEAD"):
            return super().dispatch(request, *args, **kwargs)
        self.place = answers.place(request.build_absolute_uri())
        answer = answers.recall(self.place)
        if answer:
            return _send(request, answer)
        return super().dispatch(request, *args, **kwargs)

    def finalize_response(
        self, request: Request, response: Response, *args: Any, **kwargs: Any
    ) -> Response:
        answer = super().finalize_response(request, response, *args, **kwargs)
        if answer.status_code >= 400:
            answer["Cache-Control"] = "no-store"
        return answer

    def ready(self, request: Request, body: bytes | dict[str, Any]) -> HttpResponse:
        """Return the answer with its tag, or 304, and keep it while it holds."""
        if not isinstance(body, bytes):
            body = orjson.dumps(body)
        return _send(request, answers.keep(self.place, with_media(request, body)))


def with_media(request: Request, body: bytes) -> bytes:
    """Return the body with the addresses of pictures, which documents leave open."""
    place = _media_place(request).encode()
    return body.replace(OPEN_MEDIA, b'"url":"' + place)


V = TypeVar("V", bound=CatalogView)
Get = Callable[Concatenate[V, Request, P], HttpResponse]


def from_replica(get: Get[V, P]) -> Get[V, P]:
    """Have a replica build the answer, if it shows the version to keep it under.

    One that is behind answers too, but nobody keeps that.
    """

    @functools.wraps(get)
    def answer(
        view: V, request: Request, *args: P.args, **kwargs: P.kwargs
    ) -> HttpResponse:
        view.place = answers.confirmed(view.place)
        return get(view, request, *args, **kwargs)

    return prefer_replica(answer)


def joined(cards: Sequence[str], **members: Any) -> bytes:
    """Return the body of a list: its cards as they are, then the other members."""
    rest = orjson.dumps(members)[1:]
    comma = b"," if members else b""
    return b'{"results":[' + ",".join(cards).encode() + b"]" + comma + rest


def moved(route: str, slug: str | None, not_found: type[NotFound]) -> HttpResponse:
    """Return 308 to the new slug, so that old links live on.

    Raises the error when nothing has ever had the slug.
    """
    if slug is None:
        raise not_found
    response = HttpResponse(status=308)
    response["Location"] = reverse(route, args=[slug])
    response["Cache-Control"] = CACHE_CONTROL
    return response


def _send(request: HttpRequest | Request, answer: Answer) -> HttpResponse:
    response = HttpResponse(answer.body, content_type="application/json")
    response["ETag"] = answer.etag
    response["Cache-Control"] = CACHE_CONTROL
    if "If-None-Match" not in request.headers:
        return response
    found = get_conditional_response(request, etag=answer.etag, response=response)
    assert isinstance(found, HttpResponse)  # noqa: S101 it was given a response
    return found


def _media_place(request: Request) -> str:
    """Return what stands before the name of a stored file: R2's host, or this one."""
    url: str = ProductImage._meta.get_field("file").storage.url(NAME)
    return request.build_absolute_uri(url.removesuffix(NAME))
