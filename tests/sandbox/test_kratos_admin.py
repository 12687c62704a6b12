"""The admin API of the stand-in."""

from typing import Any

import urllib3

from sandbox.kratos import AISYAH, BUDI, Kratos
from tests.sandbox.client import ask

UNKNOWN = "01990000-0000-7000-8000-00000000ffff"


def admin(
    kratos: Kratos, method: str, path: str, body: Any = None
) -> urllib3.BaseHTTPResponse:
    return ask(method, f"{kratos.admin_url}/admin{path}", body=body)


def whoami_status(kratos: Kratos, token: str) -> int:
    headers = {"Authorization": f"Bearer {token}"}
    url = f"{kratos.public_url}/sessions/whoami"
    return ask("GET", url, headers=headers).status


def test_identity_shows_credentials_without_secrets(kratos: Kratos) -> None:
    answer = admin(kratos, "GET", f"/identities/{AISYAH}")
    assert answer.json()["credentials"]["password"]["identifiers"] == [
        "aisyah@karima.example"
    ]
    assert answer.json()["metadata_admin"] is None
    assert "karima-demo-2026" not in answer.data.decode()


def test_unknown_identity_is_404(kratos: Kratos) -> None:
    assert admin(kratos, "GET", f"/identities/{UNKNOWN}").status == 404


def test_lookup_by_identifier_is_exact_and_ignores_case(kratos: Kratos) -> None:
    path = "/identities?credentials_identifier="
    found = admin(kratos, "GET", f"{path}BUDI@karima.example").json()
    assert [person["id"] for person in found] == [BUDI]
    assert admin(kratos, "GET", f"{path}budi@karima").json() == []


def test_list_is_paged_by_its_link_header(kratos: Kratos) -> None:
    first = admin(kratos, "GET", "/identities?page_size=1")
    link = first.headers["Link"].split(",")[1].split(">")[0].lstrip("<")
    second = ask("GET", f"{kratos.admin_url}{link}")
    assert [first.json()[0]["id"], second.json()[0]["id"]] == sorted([AISYAH, BUDI])
    assert 'rel="next"' not in second.headers["Link"]


def test_deactivated_identity_is_refused_at_whoami(kratos: Kratos) -> None:
    token = kratos.login("aisyah@karima.example").token
    patch = [{"op": "replace", "path": "/state", "value": "inactive"}]
    answer = admin(kratos, "PATCH", f"/identities/{AISYAH}", patch)
    assert (answer.status, answer.json()["state"]) == (200, "inactive")
    assert whoami_status(kratos, token) == 401


def test_patch_refuses_what_kratos_refuses_and_changes_nothing(kratos: Kratos) -> None:
    before = admin(kratos, "GET", f"/identities/{AISYAH}").json()
    for step in (
        {"op": "replace", "path": "/id", "value": UNKNOWN},
        {"op": "replace", "path": "/credentials", "value": {}},
        {"op": "replace", "path": "/state", "value": "asleep"},
    ):
        answer = admin(kratos, "PATCH", f"/identities/{AISYAH}", [step])
        assert answer.status == 400
    assert admin(kratos, "GET", f"/identities/{AISYAH}").json() == before


def test_deleting_sessions_twice_is_204_then_404(kratos: Kratos) -> None:
    token = kratos.login("budi@karima.example").token
    path = f"/identities/{BUDI}/sessions"
    assert [admin(kratos, "DELETE", path).status for _ in range(2)] == [204, 404]
    assert whoami_status(kratos, token) == 401


def test_one_session_can_be_revoked(kratos: Kratos) -> None:
    first, second = kratos.login(), kratos.login()
    path = f"/sessions/{first.session_id}"
    assert admin(kratos, "DELETE", path).status == 204
    assert whoami_status(kratos, first.token) == 401
    assert whoami_status(kratos, second.token) == 200


def test_deleted_identity_takes_its_sessions_and_frees_its_email(
    kratos: Kratos,
) -> None:
    token = kratos.login("budi@karima.example").token
    assert admin(kratos, "DELETE", f"/identities/{BUDI}").status == 204
    assert whoami_status(kratos, token) == 401
    assert kratos.add_identity("budi@karima.example") != BUDI


def test_path_without_prefix_is_sent_to_it(kratos: Kratos) -> None:
    answer = ask("GET", f"{kratos.admin_url}/identities?page_size=1")
    assert answer.status == 307
    assert answer.headers["Location"] == "/admin/identities?page_size=1"


def test_sessions_of_a_person_are_listed_by_whether_they_count(kratos: Kratos) -> None:
    live, ended = kratos.login(), kratos.login()
    kratos.login("budi@karima.example")
    kratos.revoke(ended)
    path = f"/identities/{AISYAH}/sessions"
    listed = {
        query: {row["id"] for row in admin(kratos, "GET", path + query).json()}
        for query in ("", "?active=true", "?active=false")
    }
    assert listed == {
        "": {live.session_id, ended.session_id},
        "?active=true": {live.session_id},
        "?active=false": {ended.session_id},
    }


def test_sessions_of_nobody_are_none(kratos: Kratos) -> None:
    path = "/identities/01990000-0000-7000-8000-000000000000/sessions"
    assert admin(kratos, "GET", path).json() == []
