"""Who the API takes a request for; every whoami is a real HTTP call."""

from typing import Any

import pytest
from django.test import Client
from pytest_django import Settings
from rest_framework.permissions import AllowAny
from rest_framework.response import Response

from accounts.api.authentication import (
    FreshKratosAuthentication,
    OptionalKratosAuthentication,
)
from accounts.api.me import MeView
from accounts.models import User
from sandbox.faults import Fault
from sandbox.kratos import Kratos, Login

pytestmark = pytest.mark.django_db

ME = "/api/v1/auth/me"


def get(client: Client, path: str = ME, **headers: str) -> Any:
    return client.get(
        path, headers={n.replace("_", "-"): v for n, v in headers.items()}
    )


def cookie(login: Login) -> str:
    return f"ory_kratos_session={login.cookie}"


def test_me_is_the_customer(client: Client, aisyah_login: Login) -> None:
    response = get(client, Authorization=f"Bearer {aisyah_login.token}")
    assert response.status_code == 200
    assert response["Cache-Control"] == "no-store"
    document = response.json()
    assert document.pop("id") == str(User.objects.get().pk)
    assert document.pop("created_at").endswith("Z")
    assert document == {
        "group": "retail",
        "email": "aisyah@karima.example",
        "email_verified": True,
        "full_name": "Aisyah Putri",
        "phone": "+6281234567801",
    }


@pytest.mark.parametrize("path", ["/api/v1/auth/me/", "/api/v1/users/me"])
def test_me_has_other_addresses(client: Client, aisyah_login: Login, path: str) -> None:
    response = get(client, path, Authorization=f"Bearer {aisyah_login.token}")
    assert response.status_code == 200


def test_three_ways_to_send_a_session(client: Client, aisyah_login: Login) -> None:
    token = aisyah_login.token
    assert get(client, Authorization=f"bearer {token}").status_code == 200
    assert get(client, X_Session_Token=token).status_code == 200
    assert get(client, Cookie=cookie(aisyah_login)).status_code == 200


def test_nobody_is_401_without_asking(client: Client, identity: Kratos) -> None:
    response = get(client)
    assert response.status_code == 401
    assert response["WWW-Authenticate"] == "Bearer"
    assert response.json()["code"] == "not_authenticated"
    assert identity.whoami_count == 0


def test_bad_token_is_401_with_a_challenge(client: Client, identity: Kratos) -> None:
    response = get(client, Authorization="Bearer ory_st_wrong")
    assert response.status_code == 401
    assert response["WWW-Authenticate"] == "Bearer"
    assert response.json()["code"] == "session_invalid"


def test_bad_token_beside_a_good_cookie_is_401(
    client: Client, aisyah_login: Login
) -> None:
    response = get(
        client, Authorization="Bearer ory_st_wrong", Cookie=cookie(aisyah_login)
    )
    assert response.status_code == 401


def test_token_beside_another_customers_cookie_is_the_tokens(
    client: Client, aisyah_login: Login, budi_login: Login
) -> None:
    response = get(
        client,
        Authorization=f"Bearer {aisyah_login.token}",
        Cookie=cookie(budi_login),
    )
    assert response.json()["full_name"] == "Aisyah Putri"


def test_two_different_tokens_are_401(
    client: Client, identity: Kratos, aisyah_login: Login, budi_login: Login
) -> None:
    response = get(
        client,
        Authorization=f"Bearer {aisyah_login.token}",
        X_Session_Token=budi_login.token,
    )
    assert response.status_code == 401
    assert "two different" in response.json()["hint"]
    assert identity.whoami_count == 0


def test_the_same_token_twice_is_fine(client: Client, aisyah_login: Login) -> None:
    token = aisyah_login.token
    response = get(client, Authorization=f"Bearer {token}", X_Session_Token=token)
    assert response.status_code == 200


def test_two_different_session_cookies_are_401(
    client: Client, aisyah_login: Login, budi_login: Login
) -> None:
    both = f"{cookie(aisyah_login)}; {cookie(budi_login)}"
    assert get(client, Cookie=both).status_code == 401


def test_cookie_value_as_bearer_is_401_with_a_hint(
    client: Client, aisyah_login: Login
) -> None:
    response = get(client, Authorization=f"Bearer {aisyah_login.cookie}")
    assert response.status_code == 401
    assert "cookie" in response.json()["hint"]


@pytest.mark.parametrize(
    "fault",
    [
        Fault.DOWN, Fault.GARBAGE, Fault.HTML, Fault.REDIRECT, Fault.RATE_LIMITED,
        Fault.SERVER_ERROR, Fault.UNAVAILABLE, Fault.OVERSIZE, Fault.HEADER_MISMATCH,
    ],
)  # fmt: skip
def test_kratos_outage_is_503_not_logout(
    client: Client, identity: Kratos, aisyah_login: Login, fault: Fault
) -> None:
    identity.faults.set(fault)
    response = get(client, Authorization=f"Bearer {aisyah_login.token}")
    assert response.status_code == 503
    assert response.json()["code"] == "auth_unavailable"
    assert 1 <= int(response["Retry-After"]) <= 30
    assert "WWW-Authenticate" not in response
    assert identity.whoami_count == 1


@pytest.mark.parametrize("fault", [Fault.DOWN, Fault.SERVER_ERROR])
def test_public_pages_do_not_need_kratos(
    client: Client, identity: Kratos, fault: Fault
) -> None:
    identity.faults.set(fault)
    response = get(client, "/health/live", Authorization="Bearer ory_st_wrong")
    assert response.status_code == 200
    assert identity.whoami_count == 0


def test_second_factor_is_403_with_where_to_go(
    client: Client, identity: Kratos, aisyah_login: Login
) -> None:
    identity.enrol_second_factor("aisyah@karima.example")
    response = get(client, Authorization=f"Bearer {aisyah_login.token}")
    assert response.status_code == 403
    assert response.json()["code"] == "session_aal2_required"
    target = response.json()["redirect_browser_to"]
    assert target.startswith(f"{identity.public_url}/self-service/login/browser")


def test_user_switched_off_here_is_403(client: Client, aisyah_login: Login) -> None:
    get(client, Authorization=f"Bearer {aisyah_login.token}")
    User.objects.update(is_active=False)
    response = get(client, Authorization=f"Bearer {aisyah_login.token}")
    assert (response.status_code, response.json()["code"]) == (403, "account_inactive")


def test_identity_switched_off_at_kratos_is_401(
    client: Client, identity: Kratos, aisyah_login: Login
) -> None:
    identity.deactivate("aisyah@karima.example")
    response = get(client, Authorization=f"Bearer {aisyah_login.token}")
    assert response.status_code == 401


def test_one_request_asks_kratos_once(
    client: Client, identity: Kratos, aisyah_login: Login, settings: Settings
) -> None:
    settings.KRATOS_SESSION_CACHE_SECONDS = 0
    get(client, Authorization=f"Bearer {aisyah_login.token}")
    assert identity.whoami_count == 1


def test_identity_headers_from_outside_mean_nothing(
    client: Client, identity: Kratos, aisyah_login: Login
) -> None:
    response = get(
        client,
        X_User_Id=aisyah_login.identity_id,
        X_Kratos_Authenticated_Identity_Id=aisyah_login.identity_id,
        Remote_User="aisyah@karima.example",
    )
    assert response.status_code == 401


def test_staff_session_on_the_api_gives_nothing(client: Client) -> None:
    user = User.objects.create_superuser("staff:citra")
    client.force_login(user)
    assert get(client).status_code == 401


def test_cookie_write_from_another_site_is_refused(
    client: Client, identity: Kratos, aisyah_login: Login
) -> None:
    headers = {"Cookie": cookie(aisyah_login), "Origin": "https://evil.example"}
    response = client.patch(ME, {"full_name": "Orang Lain"}, headers=headers)
    assert response.status_code == 403
    assert identity.whoami_count == 0


def test_fresh_authentication_asks_every_time(
    client: Client,
    identity: Kratos,
    aisyah_login: Login,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(MeView, "authentication_classes", (FreshKratosAuthentication,))
    bearer = f"Bearer {aisyah_login.token}"
    assert get(client, Authorization=bearer).status_code == 200
    identity.revoke(aisyah_login)
    assert get(client, Authorization=bearer).status_code == 401


@pytest.fixture
def for_guests(monkeypatch: pytest.MonkeyPatch) -> None:
    """Turn the view into one of guests and customers that says who asks."""

    def whose(self: MeView, request: Any) -> Response:
        return Response({"guest": request.user.is_anonymous})

    monkeypatch.setattr(MeView, "get", whose)
    monkeypatch.setattr(MeView, "permission_classes", (AllowAny,))
    monkeypatch.setattr(
        MeView, "authentication_classes", (OptionalKratosAuthentication,)
    )


def test_guest_endpoint_takes_no_credential_for_a_guest(
    client: Client, identity: Kratos, for_guests: None
) -> None:
    assert get(client).json() == {"guest": True}
    assert identity.whoami_count == 0


def test_guest_endpoint_refuses_a_bad_credential(
    client: Client, identity: Kratos, for_guests: None
) -> None:
    assert get(client, Authorization="Bearer ory_st_wrong").status_code == 401


def test_guest_endpoint_does_not_take_an_outage_for_a_guest(
    client: Client, identity: Kratos, aisyah_login: Login, for_guests: None
) -> None:
    identity.faults.set(Fault.DOWN)
    response = get(client, Authorization=f"Bearer {aisyah_login.token}")
    assert response.status_code == 503
