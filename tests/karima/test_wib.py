"""Times in the admin are the shop's; everywhere else they stay UTC."""

from datetime import UTC, datetime

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory
from django.utils import timezone

from karima.wib import WibMiddleware, wib


def zone(request: HttpRequest) -> HttpResponse:
    return HttpResponse(str(timezone.get_current_timezone()))


@pytest.mark.parametrize(
    ("path", "name"), [("/admin/", "Asia/Jakarta"), ("/api/v1/orders", "UTC")]
)
def test_admin_is_in_wib_and_the_api_in_utc(path: str, name: str) -> None:
    response = WibMiddleware(zone)(RequestFactory().get(path))
    assert response.content.decode() == name


def test_zone_of_one_request_does_not_reach_the_next() -> None:
    WibMiddleware(zone)(RequestFactory().get("/admin/"))
    assert str(timezone.get_current_timezone()) == "UTC"


def test_moment_is_written_as_staff_read_it() -> None:
    assert wib(datetime(2026, 11, 23, 17, 30, tzinfo=UTC)) == "24-11-2026 00:30 WIB"
    assert wib(None) == "-"
