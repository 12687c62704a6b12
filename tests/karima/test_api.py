import json
from collections.abc import Callable
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import OperationalError
from django.http import Http404, HttpResponse
from rest_framework import exceptions, serializers
from rest_framework.request import Request
from rest_framework.test import APIRequestFactory

from accounts.models import User
from karima.api import PagePagination, PublicView
from karima.errors import Conflict, Unavailable

factory = APIRequestFactory()


class SoldOut(Conflict):
    code = "sold_out"
    detail = "Stok habis."


class LineInput(serializers.Serializer[Any]):
    quantity = serializers.IntegerField(min_value=1)


class CartInput(serializers.Serializer[Any]):
    name = serializers.CharField()
    items = LineInput(many=True)


def answer_to(raised: Exception) -> HttpResponse:
    class View(PublicView):
        def get(self, request: Request) -> HttpResponse:
            raise raised

    return View.as_view()(factory.get("/api/v1/things"))


def problem_to(raised: Exception) -> dict[str, Any]:
    return json.loads(answer_to(raised).content)


def test_store_error_becomes_a_problem_document() -> None:
    response = answer_to(SoldOut(left=2, sku="SCARF-RED-M"))
    assert response.status_code == 409
    assert response["Content-Type"] == "application/problem+json"
    assert json.loads(response.content) == {
        "type": "urn:karima:problem:sold_out",
        "title": "Conflict",
        "status": 409,
        "detail": "Stok habis.",
        "instance": "/api/v1/things",
        "code": "sold_out",
        "errors": [],
        "request_id": "",
        "left": 2,
        "sku": "SCARF-RED-M",
    }


def test_extra_members_cannot_replace_the_standard_ones() -> None:
    assert problem_to(SoldOut(instance="elsewhere"))["instance"] == "/api/v1/things"


def test_unavailable_says_when_to_try_again() -> None:
    response = answer_to(Unavailable(retry_after_seconds=7))
    assert (response.status_code, response["Retry-After"]) == (503, "7")


@pytest.mark.parametrize(
    ("raised", "status", "code"),
    [
        (Http404(), 404, "not_found"),
        (PermissionDenied(), 403, "forbidden"),
        (exceptions.PermissionDenied(), 403, "forbidden"),
        (exceptions.NotFound(), 404, "not_found"),
        (exceptions.NotAcceptable(), 406, "not_acceptable"),
        (exceptions.Throttled(wait=3), 429, "rate_limited"),
        (exceptions.UnsupportedMediaType("text/plain"), 415, "unsupported_media_type"),
        (exceptions.ParseError(code="body_too_large"), 413, "body_too_large"),
        (exceptions.ParseError(), 400, "malformed_json"),
        (OperationalError("connection refused"), 503, "database_unavailable"),
    ],
)
def test_known_exceptions_have_a_status_and_a_code(
    raised: Exception, status: int, code: str
) -> None:
    problem = problem_to(raised)
    assert (problem["status"], problem["code"]) == (status, code)


def test_database_outage_does_not_show_its_message() -> None:
    assert "refused" not in answer_to(OperationalError("refused")).content.decode()


def test_throttled_carries_retry_after() -> None:
    assert answer_to(exceptions.Throttled(wait=3))["Retry-After"] == "3"


def test_wrong_method_is_405_and_names_the_right_ones() -> None:
    class View(PublicView):
        def get(self, request: Request) -> HttpResponse:
            raise AssertionError

    response = View.as_view()(factory.post("/api/v1/things"))
    assert response.status_code == 405
    assert response["Allow"] == "GET, HEAD, OPTIONS"
    assert json.loads(response.content)["code"] == "method_not_allowed"


def test_unexpected_exception_is_not_swallowed() -> None:
    with pytest.raises(ZeroDivisionError):
        answer_to(ZeroDivisionError())


def test_nested_field_errors_are_dotted() -> None:
    serializer = CartInput(data={"items": [{"quantity": 1}, {"quantity": 0}]})
    assert not serializer.is_valid()
    problem = problem_to(exceptions.ValidationError(serializer.errors))
    rows = [(row["field"], row["code"]) for row in problem["errors"]]
    assert rows == [("name", "required"), ("items.1.quantity", "min_value")]


def test_error_of_the_whole_body_has_no_field() -> None:
    raised = exceptions.ValidationError({"non_field_errors": ["Salah."]})
    row = {"field": "", "code": "invalid", "message": "Salah."}
    assert problem_to(raised)["errors"] == [row]


@pytest.fixture
def page(db: None) -> Callable[[str], dict[str, Any]]:
    User.objects.bulk_create(User(username=f"user{n:02}") for n in range(25))
    queryset = User.objects.order_by("username")

    def get(query: str) -> dict[str, Any]:
        pagination = PagePagination()
        request = Request(factory.get(f"/api/v1/users{query}"))
        rows = pagination.paginate_queryset(queryset, request)
        names = [user.username for user in rows]
        document = pagination.get_paginated_response(names).data
        assert isinstance(document, dict)
        return document

    return get


Page = Callable[[str], dict[str, Any]]


def test_first_page_has_twenty_rows_and_a_next(page: Page) -> None:
    document = page("?q=x")
    assert len(document["results"]) == 20
    assert document["pagination"] == {
        "page": 1,
        "limit": 20,
        "total_items": 25,
        "total_pages": 2,
        "next": "http://testserver/api/v1/users?page=2&q=x",
        "previous": None,
    }


def test_pages_hold_every_row_once(page: Page) -> None:
    names = [
        n for number in (1, 2, 3) for n in page(f"?limit=10&page={number}")["results"]
    ]
    assert names == [f"user{n:02}" for n in range(25)]


def test_page_after_the_last_is_empty(page: Page) -> None:
    assert page("?page=9")["results"] == []


@pytest.mark.parametrize("name", ["page", "limit"])
@pytest.mark.parametrize("value", ["0", "-1", "x", "", "1.5", "99999999999", "²"])
def test_wrong_page_or_limit_names_the_field(page: Page, name: str, value: str) -> None:
    with pytest.raises(exceptions.ValidationError) as raised:
        page(f"?{name}={value}")
    assert raised.value.get_codes() == {name: ["out_of_range"]}


def test_limit_of_101_is_refused(page: Page) -> None:
    with pytest.raises(exceptions.ValidationError):
        page("?limit=101")


def test_query_without_an_order_cannot_be_paged() -> None:
    request = Request(factory.get("/"))
    with pytest.raises(ValueError, match="order"):
        PagePagination().paginate_queryset(User.objects.order_by(), request)
