import logging

import pytest
from django.http import HttpResponse
from django.test import Client, RequestFactory
from pytest_django import Settings

from karima.middleware import NoStoreMiddleware, face, host_name

LIVE = "/health/live"


@pytest.fixture
def hosts(settings: Settings) -> Settings:
    settings.APP_ENV = "production"
    settings.API_HOSTS = ["api.karima.example"]
    settings.ADMIN_HOSTS = ["admin.karima.example"]
    settings.AUTH_HOSTS = ["auth.karima.example"]
    settings.ALLOWED_HOSTS = [
        "api.karima.example",
        "admin.karima.example",
        "auth.karima.example",
    ]
    return settings


def test_sane_request_id_is_echoed(client: Client) -> None:
    response = client.get(LIVE, headers={"X-Request-ID": "abc-123_x.y"})
    assert response["X-Request-ID"] == "abc-123_x.y"


@pytest.mark.parametrize("offered", ["", "x" * 65, "a b", 'a"b', "a\tb", "é"])
def test_other_request_ids_are_replaced(client: Client, offered: str) -> None:
    response = client.get(LIVE, headers={"X-Request-ID": offered})
    assert response["X-Request-ID"] != offered
    assert len(response["X-Request-ID"]) == 32


def test_problem_names_the_request_id(client: Client) -> None:
    response = client.get("/api/v1/nowhere", headers={"X-Request-ID": "r-1"})
    assert response.json()["request_id"] == "r-1"


def test_request_ids_do_not_leak_into_the_next_request(client: Client) -> None:
    first, second = client.get(LIVE), client.get(LIVE)
    assert first["X-Request-ID"] != second["X-Request-ID"]


@pytest.mark.parametrize(
    ("header", "name"),
    [
        ("ADMIN.Karima.Example", "admin.karima.example"),
        ("admin.karima.example:8443", "admin.karima.example"),
        ("admin.karima.example.", "admin.karima.example"),
    ],
)
def test_host_is_normalised(hosts: Settings, header: str, name: str) -> None:
    request = RequestFactory().get("/", HTTP_HOST=header)
    assert host_name(request) == name
    assert face(request) == "admin"


@pytest.mark.parametrize("path", ["/admin/", "/admin/login/", "/admin"])
def test_admin_does_not_exist_on_the_api_host(
    hosts: Settings, client: Client, path: str
) -> None:
    response = client.get(path, headers={"Host": "api.karima.example"})
    assert response.status_code == 404
    assert response["Content-Type"] == "application/problem+json"


def test_forwarded_host_changes_nothing(hosts: Settings, client: Client) -> None:
    headers = {
        "Host": "api.karima.example",
        "X-Forwarded-Host": "admin.karima.example",
    }
    assert client.get("/admin/", headers=headers).status_code == 404


def test_unknown_host_is_a_400_problem(hosts: Settings, client: Client) -> None:
    response = client.get(LIVE, headers={"Host": "evil.example"})
    assert response.status_code == 400
    assert response.json()["code"] == "bad_request"


def test_auth_host_answers_404_as_a_page(hosts: Settings, client: Client) -> None:
    response = client.get("/nowhere", headers={"Host": "auth.karima.example"})
    assert response.status_code == 404
    assert response["Content-Type"].startswith("text/html")


@pytest.mark.parametrize("path", ["/health/live", "/health/live/"])
def test_paths_work_with_and_without_a_slash(client: Client, path: str) -> None:
    assert client.get(path).status_code == 200


def test_more_than_one_slash_is_not_a_path(client: Client) -> None:
    assert client.get("/health/live//").status_code == 404


@pytest.mark.parametrize("method", ["get", "post", "delete"])
def test_unknown_api_path_is_a_404_problem(client: Client, method: str) -> None:
    response = getattr(client, method)("/api/v1/nowhere")
    assert response.status_code == 404
    assert response.json()["code"] == "not_found"


def test_request_log_has_the_route_and_no_query(
    client: Client, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO, logger="karima.request"):
        client.get("/health/live?token=secret")
    (record,) = [r for r in caplog.records if r.name == "karima.request"]
    fields = vars(record)
    assert (fields["method"], fields["route"], fields["status"]) == (
        "GET",
        "health/live",
        200,
    )
    assert "secret" not in str(fields)


def test_answer_of_the_api_that_says_nothing_of_caches_is_not_kept() -> None:
    request = RequestFactory().get("/api/v1/orders")
    answer = NoStoreMiddleware(lambda request: HttpResponse())(request)
    assert answer["Cache-Control"] == "no-store"


def test_answer_that_says_how_long_it_holds_is_left_alone() -> None:
    request = RequestFactory().get("/api/v1/products")
    said = HttpResponse(headers={"Cache-Control": "max-age=60"})
    answer = NoStoreMiddleware(lambda request: said)(request)
    assert answer["Cache-Control"] == "max-age=60"


def test_answer_outside_the_api_says_what_it_likes() -> None:
    request = RequestFactory().get("/static/x.css")
    answer = NoStoreMiddleware(lambda request: HttpResponse())(request)
    assert "Cache-Control" not in answer
