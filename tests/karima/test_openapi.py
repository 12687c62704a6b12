import io
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.conf import settings
from django.core.management import call_command
from django.test import Client
from openapi_spec_validator import OpenAPIV31SpecValidator

COMMITTED = Path(settings.BASE_DIR) / "docs" / "openapi.yaml"


@pytest.fixture(scope="module")
def generated() -> str:
    out = io.StringIO()
    call_command("spectacular", fail_on_warn=True, validate=True, stdout=out)
    return out.getvalue()


@pytest.fixture
def document(generated: str) -> Any:
    return yaml.safe_load(generated)


def test_description_is_valid_openapi_3_1(document: Any) -> None:
    assert document["openapi"].startswith("3.1")
    assert list(OpenAPIV31SpecValidator(document).iter_errors()) == []


def test_committed_description_is_current(generated: str) -> None:
    assert COMMITTED.read_text() == generated, "run `make openapi`"


def test_every_operation_can_answer_with_a_problem(document: Any) -> None:
    for path in document["paths"].values():
        for operation in path.values():
            reference = operation["responses"]["default"]["$ref"]
            assert reference == "#/components/responses/Problem"


def test_schemes_are_the_three_of_a_session_the_cart_and_the_key(document: Any) -> None:
    schemes = document["components"]["securitySchemes"]
    assert set(schemes) == {
        "sessionBearer", "sessionToken", "sessionCookie", "cartToken", "apiKey",
    }  # fmt: skip


def test_health_asks_for_no_credential(document: Any) -> None:
    assert document["paths"]["/health"]["get"].get("security", [{}]) == [{}]


def test_docs_page_has_no_inline_script(client: Client) -> None:
    page = client.get("/api/docs").content.decode()
    assert "swagger-ui" in page
    assert "<script>" not in page


@pytest.mark.parametrize("path", ["/swagger", "/swagger/", "/swagger/index.html"])
def test_old_docs_address_redirects(client: Client, path: str) -> None:
    response = client.get(path)
    assert (response.status_code, response["Location"]) == (302, "/api/docs")


def test_description_is_served(client: Client) -> None:
    response = client.get("/api/v1/openapi.json")
    assert response.status_code == 200
    assert response.json()["info"]["title"] == "Karima Store API"
