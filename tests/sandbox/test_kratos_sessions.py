"""People's own sessions at the stand-in: see them, end them."""

import pytest

from sandbox.kratos import Kratos
from tests.sandbox.browser import Browser
from tests.sandbox.client import ask


@pytest.fixture
def browsers(kratos: Kratos) -> list[Browser]:
    """Give three browsers in which Aisyah has signed in."""
    found = [Browser(kratos) for _ in range(3)]
    for browser in found:
        browser.sign_in()
    return found


def session_id(browser: Browser) -> str:
    return str(browser.whoami().json()["id"])


def test_list_shows_the_other_sessions(browsers: list[Browser]) -> None:
    first, *others = browsers
    listed = first.get("/sessions").json()
    assert {item["id"] for item in listed} == {session_id(item) for item in others}
    assert all(item["active"] for item in listed)


def test_list_works_with_a_token_and_not_without_a_session(kratos: Kratos) -> None:
    first, second = kratos.login(), kratos.login()
    url = f"{kratos.public_url}/sessions"
    listed = ask("GET", url, headers={"Authorization": f"Bearer {first.token}"}).json()
    assert [item["id"] for item in listed] == [second.session_id]
    assert ask("GET", url).status == 401


def test_one_other_session_can_be_ended(browsers: list[Browser]) -> None:
    first, second, third = browsers
    assert first.delete(f"/sessions/{session_id(second)}").status_code == 204
    statuses = [browser.whoami().status_code for browser in browsers]
    assert statuses == [200, 401, 200]
    assert third.whoami().status_code == 200


def test_all_other_sessions_can_be_ended(browsers: list[Browser]) -> None:
    answer = browsers[0].delete("/sessions")
    assert (answer.status_code, answer.json()) == (200, {"count": 2})
    assert [browser.whoami().status_code for browser in browsers] == [200, 401, 401]


def test_own_session_is_ended_by_signing_out_only(browsers: list[Browser]) -> None:
    first = browsers[0]
    assert first.delete(f"/sessions/{session_id(first)}").status_code == 400
    assert first.whoami().status_code == 200


def test_sessions_of_others_are_not_found(
    browsers: list[Browser], kratos: Kratos
) -> None:
    budis = kratos.login("budi@karima.example")
    assert browsers[0].delete(f"/sessions/{budis.session_id}").status_code == 404
    headers = {"Authorization": f"Bearer {budis.token}"}
    url = f"{kratos.public_url}/sessions/whoami"
    assert ask("GET", url, headers=headers).status == 200
