"""A middleware that has the shop answer each request as if it were the first."""

from django.http import HttpRequest, HttpResponse

from catalog.services import answers
from karima.middleware import GetResponse


class ForgettingMiddleware:
    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        answers.forget()
        return self.get_response(request)
