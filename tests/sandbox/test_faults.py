"""The switches that make a stand-in misbehave, by Python and over HTTP."""

import pytest
import urllib3

from sandbox.faults import Fault
from sandbox.kratos import AISYAH, Kratos
from tests.sandbox.client import ask


def whoami(kratos: Kratos, timeout: float = 10) -> urllib3.BaseHTTPResponse:
    return urllib3.request(
        "GET",
        f"{kratos.public_url}/sessions/whoami",
        headers={"Authorization": f"Bearer {kratos.login().token}"},
        redirect=False,
        retries=False,
        timeout=timeout,
    )


@pytest.mark.parametrize(
    ("kind", "status"),
    [
        (Fault.REDIRECT, 302),
        (Fault.HTML, 403),
        (Fault.RATE_LIMITED, 429),
        (Fault.SERVER_ERROR, 500),
        (Fault.UNAVAILABLE, 503),
    ],
)
def test_fault_answers_with_its_status(
    kratos: Kratos, kind: Fault, status: int
) -> None:
    kratos.faults.set(kind)
    assert whoami(kratos).status == status


@pytest.mark.parametrize("kind", [Fault.DOWN, Fault.HANG])
def test_connection_closes_without_an_answer(kratos: Kratos, kind: Fault) -> None:
    kratos.faults.set(kind)
    with pytest.raises(urllib3.exceptions.ProtocolError):
        whoami(kratos)


def test_slow_answer_exceeds_the_clients_patience(kratos: Kratos) -> None:
    kratos.faults.set(Fault.SLOW, seconds=30)
    with pytest.raises(urllib3.exceptions.ReadTimeoutError):
        whoami(kratos, timeout=0.2)


def test_garbage_is_not_json(kratos: Kratos) -> None:
    kratos.faults.set(Fault.GARBAGE)
    answer = whoami(kratos)
    assert answer.status == 200
    with pytest.raises(ValueError, match="Expecting property name"):
        answer.json()


def test_oversize_body_is_above_any_sane_limit(kratos: Kratos) -> None:
    kratos.faults.set(Fault.OVERSIZE)
    assert len(whoami(kratos).data) > 1024 * 1024


def test_header_mismatch_names_another_identity(kratos: Kratos) -> None:
    kratos.faults.set(Fault.HEADER_MISMATCH)
    answer = whoami(kratos)
    assert answer.json()["identity"]["id"] == AISYAH
    assert answer.headers["X-Kratos-Authenticated-Identity-Id"] != AISYAH


def test_fault_ends_after_its_times(kratos: Kratos) -> None:
    kratos.faults.set(Fault.SERVER_ERROR, times=2)
    assert [whoami(kratos).status for _ in range(3)] == [500, 500, 200]


def test_fault_keeps_to_its_path(kratos: Kratos) -> None:
    kratos.faults.set(Fault.SERVER_ERROR, path="/health/")
    assert whoami(kratos).status == 200
    assert ask("GET", f"{kratos.public_url}/health/ready").status == 500


def test_fault_is_switched_over_http(kratos: Kratos) -> None:
    control = f"{kratos.public_url}/sandbox/faults"
    assert ask("POST", control, body={"kind": "unavailable"}).status == 204
    assert whoami(kratos).status == 503
    assert ask("DELETE", control).status == 204
    assert whoami(kratos).status == 200
    assert ask("POST", control, body={"kind": "earthquake"}).status == 400


def test_reset_over_http_forgets_sessions(kratos: Kratos) -> None:
    token = kratos.login().token
    assert ask("POST", f"{kratos.public_url}/sandbox/reset").status == 204
    headers = {"X-Session-Token": token}
    url = f"{kratos.public_url}/sessions/whoami"
    assert ask("GET", url, headers=headers).status == 401
