"""Times as people in the shop read them: in WIB, Jakarta's time."""

from datetime import datetime

from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from karima.ids import WIB
from karima.middleware import GetResponse, face


class WibMiddleware:
    """Show every time on the admin's pages in WIB."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if face(request) != "admin":
            return self.get_response(request)
        with timezone.override(WIB):
            return self.get_response(request)


def wib(moment: datetime | None) -> str:
    """Return the moment as staff read it, or a dash."""
    if moment is None:
        return "-"
    return f"{timezone.localtime(moment, WIB):%d-%m-%Y %H:%M} WIB"
