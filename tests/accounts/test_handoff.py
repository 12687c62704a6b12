"""The hand-off to a storefront on another site: code, token, and how both end."""

import base64
import hashlib
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit
from uuid import UUID, uuid4

import jwt
import pytest
import time_machine
from django import conf
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from accounts.clients import kratos_admin
from accounts.clients.kratos import Session
from accounts.models import HandoffCode, User
from accounts.services import access_tokens, handoff, session_cache
from accounts.services.handoff import Receiver
from accounts.services.sessions import SignedIn
from sandbox.faults import Fault
from sandbox.kratos import Kratos, Login

pytestmark = pytest.mark.django_db

STOREFRONT = "https://karima.com"
CALLBACK = f"{STOREFRONT}/auth/callback"
VERIFIER = "dBjftJeZ4CVP-mBc92YZ0Vh8eXn1mOqk4Rk3P2ZcXlQ"
DIGEST = hashlib.sha256(VERIFIER.encode()).digest()
CHALLENGE = base64.urlsafe_b64encode(DIGEST).decode().rstrip("=")
ASKED = {
    "redirect_uri": CALLBACK,
    "code_challenge": CHALLENGE,
    "code_challenge_method": "S256",
    "state": "a state & more",
}


@pytest.fixture(autouse=True)
def storefront(settings: Settings) -> None:
    settings.STOREFRONT_URL = STOREFRONT
    settings.HANDOFF_REDIRECT_URIS = [CALLBACK]
    settings.CORS_ALLOWED_ORIGINS = [STOREFRONT]


def open_handoff(login: Login | None = None, **changes: str) -> HttpResponse:
    """Open the address as a browser does that comes from the storefront's page."""
    client = Client(headers={"Sec-Fetch-Site": "cross-site"})
    if login:
        client.cookies["ory_kratos_session"] = login.cookie
    query = {name: value for name, value in {**ASKED, **changes}.items() if value}
    return client.get(f"/api/v1/auth/handoff?{urlencode(query)}")


def answer_of(response: HttpResponse) -> dict[str, str]:
    """Return what came back in the address bar of the storefront."""
    assert response.status_code == 303, response.content
    address = response["Location"]
    assert address.startswith(f"{CALLBACK}?"), address
    return {name: values[0] for name, values in _query(address).items()}


def _query(address: str) -> dict[str, list[str]]:
    return parse_qs(urlsplit(address).query)


def code_for(login: Login) -> str:
    return answer_of(open_handoff(login))["code"]


def redeem(code: str, /, **changes: Any) -> HttpResponse:
    body = {"code": code, "code_verifier": VERIFIER, "redirect_uri": CALLBACK}
    return Client(headers={"Origin": STOREFRONT}).post(
        "/api/v1/auth/token", {**body, **changes}, content_type="application/json"
    )


def token_for(login: Login) -> str:
    response = redeem(code_for(login))
    assert response.status_code == 200, response.content
    return str(response.json()["access_token"])


def me(token: str) -> HttpResponse:
    return Client(headers={"Authorization": f"Bearer {token}"}).get("/api/v1/auth/me")


def checkout(token: str) -> HttpResponse:
    client = Client(headers={"Authorization": f"Bearer {token}"})
    return client.post("/api/v1/checkout", {}, content_type="application/json")


def claims_of(token: str) -> dict[str, Any]:
    options = {"verify_signature": False}
    # The library's options are a TypedDict of its own.
    claims: dict[str, Any] = jwt.decode(token, options=options)  # type: ignore[arg-type]
    return claims


def forged(*, key: str = "", **changes: Any) -> str:
    """Return a token signed as ours are, but with other claims or another key."""
    now = timezone.now()
    claims = {
        "iss": access_tokens.ISSUER,
        "aud": access_tokens.AUDIENCE,
        "sub": str(uuid4()),
        "sid": str(uuid4()),
        "jti": str(uuid4()),
        "iat": now,
        "exp": now + timedelta(minutes=5),
        "kind": access_tokens.KIND,
        **changes,
    }
    present = {name: value for name, value in claims.items() if value is not None}
    return jwt.encode(present, key or conf.settings.ACCESS_TOKEN_KEYS[0], "HS256")


def test_signed_in_customer_gets_code_and_state_back(aisyah_login: Login) -> None:
    response = open_handoff(aisyah_login)
    answer = answer_of(response)
    assert answer["state"] == "a state & more"
    assert len(base64.urlsafe_b64decode(answer["code"] + "==")) == 32
    assert response["Cache-Control"] == "no-store"


def test_code_is_kept_as_a_hash_only(aisyah_login: Login) -> None:
    code = code_for(aisyah_login)
    row = HandoffCode.objects.get()
    assert row.code_hash == hashlib.sha256(code.encode()).hexdigest()
    assert str(row.session_id) == aisyah_login.session_id
    assert (row.expires_at - row.created_at).total_seconds() == pytest.approx(60, abs=1)


def test_signed_out_customer_is_sent_to_sign_in_and_back(identity: Kratos) -> None:
    response = open_handoff()
    assert response.status_code == 303
    login = f"{identity.public_url}/self-service/login/browser?"
    assert response["Location"].startswith(login)
    back = _query(response["Location"])["return_to"][0]
    assert back.startswith("http://testserver/api/v1/auth/handoff?")
    assert {name: values[0] for name, values in _query(back).items()} == ASKED
    assert not HandoffCode.objects.exists()


def test_prompt_none_never_shows_a_page(identity: Kratos) -> None:
    answer = answer_of(open_handoff(prompt="none"))
    assert answer == {"error": "login_required", "state": "a state & more"}


def test_second_factor_is_asked_for_first(
    identity: Kratos, aisyah_login: Login
) -> None:
    identity.enrol_second_factor("aisyah@karima.example")
    assert _query(open_handoff(aisyah_login)["Location"])["aal"] == ["aal2"]


@pytest.mark.parametrize(
    ("changes", "parameter"),
    [
        ({"redirect_uri": ""}, "redirect_uri"),
        ({"redirect_uri": f"{CALLBACK}/"}, "redirect_uri"),
        ({"redirect_uri": f"{CALLBACK}?next=//evil.example"}, "redirect_uri"),
        ({"redirect_uri": "https://karima.com.evil.example/auth/callback"},
         "redirect_uri"),
        ({"redirect_uri": "https://KARIMA.com/auth/callback"}, "redirect_uri"),
        ({"redirect_uri": "javascript:alert(1)"}, "redirect_uri"),
        ({"code_challenge": ""}, "code_challenge"),
        ({"code_challenge": VERIFIER + "="}, "code_challenge"),
        ({"code_challenge_method": ""}, "code_challenge_method"),
        ({"code_challenge_method": "plain"}, "code_challenge_method"),
        ({"state": "x" * 501}, "state"),
    ],
)  # fmt: skip
def test_wrong_request_is_refused_without_a_redirect(
    aisyah_login: Login, changes: dict[str, str], parameter: str
) -> None:
    response = open_handoff(aisyah_login, **changes)
    assert response.status_code == 400
    problem = response.json()
    assert (problem["code"], problem["parameter"]) == ("invalid_request", parameter)
    assert not HandoffCode.objects.exists()


def test_closed_account_comes_back_as_access_denied(aisyah_login: Login) -> None:
    token_for(aisyah_login)
    User.objects.update(is_active=False)
    assert answer_of(open_handoff(aisyah_login))["error"] == "access_denied"


def test_outage_of_kratos_comes_back_as_an_error(
    identity: Kratos, aisyah_login: Login
) -> None:
    identity.faults.set(Fault.SERVER_ERROR, path="/sessions/whoami")
    answer = answer_of(open_handoff(aisyah_login))
    assert answer["error"] == "temporarily_unavailable"


def test_session_is_checked_at_kratos_and_not_remembered(
    identity: Kratos, aisyah_login: Login
) -> None:
    cookie = {"Cookie": f"ory_kratos_session={aisyah_login.cookie}"}
    assert Client(headers=cookie).get("/api/v1/auth/me").status_code == 200
    identity.revoke(aisyah_login)
    assert answer_of(open_handoff(aisyah_login, prompt="none")).get("code") is None


def test_code_becomes_a_token_of_ten_minutes(aisyah_login: Login) -> None:
    response = redeem(code_for(aisyah_login))
    document = response.json()
    assert (document["token_type"], document["expires_in"]) == ("Bearer", 600)
    assert response["Cache-Control"] == "no-store"
    assert response["Access-Control-Allow-Origin"] == STOREFRONT
    claims = claims_of(document["access_token"])
    assert claims["sub"] == str(User.objects.get().pk)
    assert claims["sid"] == aisyah_login.session_id
    assert claims["exp"] - claims["iat"] == 600
    assert claims["kind"] == "handoff"


def test_token_does_not_outlive_the_session(aisyah_login: Login) -> None:
    code = code_for(aisyah_login)
    HandoffCode.objects.update(
        session_expires_at=timezone.now() + timedelta(seconds=90)
    )
    assert redeem(code).json()["expires_in"] in {88, 89, 90}


@pytest.mark.parametrize(
    "changes",
    [
        {"code": "Qx0gT1m8b7l0QmJcXv2n4ZQ7q9w3sYkPzv1rE5uT6aI"},
        {"code_verifier": "x" * 43},
        {"redirect_uri": f"{CALLBACK}/"},
    ],
)
def test_wrong_grant_is_refused(aisyah_login: Login, changes: dict[str, str]) -> None:
    response = redeem(code_for(aisyah_login), **changes)
    assert (response.status_code, response.json()["code"]) == (400, "invalid_grant")
    assert not HandoffCode.objects.exclude(token_id=None).exists()


@pytest.mark.parametrize(
    "changes",
    [
        {"code": ""},
        {"code": None},
        {"code_verifier": "short"},
        {"code_verifier": "x" * 129},
        {"redirect_uri": ""},
        {"grant_type": "password"},
    ],
)
def test_wrong_form_is_an_invalid_request(
    aisyah_login: Login, changes: dict[str, str]
) -> None:
    response = redeem(code_for(aisyah_login), **changes)
    assert (response.status_code, response.json()["code"]) == (400, "invalid_request")
    assert HandoffCode.objects.get().used_at is None


def test_code_is_used_up_by_a_wrong_verifier(aisyah_login: Login) -> None:
    code = code_for(aisyah_login)
    redeem(code, code_verifier="x" * 43)
    assert redeem(code).json()["code"] == "invalid_grant"


def test_code_is_late_after_a_minute(aisyah_login: Login) -> None:
    code = code_for(aisyah_login)
    with time_machine.travel(timezone.now() + timedelta(seconds=61), tick=False):
        assert redeem(code).json()["code"] == "invalid_grant"


def test_code_sent_twice_ends_its_token(aisyah_login: Login) -> None:
    code = code_for(aisyah_login)
    token = redeem(code).json()["access_token"]
    assert me(token).status_code == 200
    assert redeem(code).json()["code"] == "invalid_grant"
    assert me(token).status_code == 401


def test_code_is_refused_once_the_account_is_closed(aisyah_login: Login) -> None:
    code = code_for(aisyah_login)
    User.objects.update(is_active=False)
    assert redeem(code).json()["code"] == "invalid_grant"


def test_exchange_from_another_origin_does_not_run(aisyah_login: Login) -> None:
    code = code_for(aisyah_login)
    body = {"code": code, "code_verifier": VERIFIER, "redirect_uri": CALLBACK}
    response = Client(headers={"Origin": "https://evil.example"}).post(
        "/api/v1/auth/token", body, content_type="application/json"
    )
    assert response.status_code == 403
    assert HandoffCode.objects.get().used_at is None


def test_token_is_the_customer_and_never_goes_to_whoami(
    identity: Kratos, aisyah_login: Login
) -> None:
    token = token_for(aisyah_login)
    asked = identity.whoami_count
    response = me(token)
    assert response.json()["email"] == "aisyah@karima.example"
    assert identity.whoami_count == asked
    assert all(token not in str(item) for item in identity.requests)


def test_kratos_is_asked_once_while_the_answer_is_remembered(
    identity: Kratos, aisyah_login: Login
) -> None:
    token = token_for(aisyah_login)
    for _ in range(3):
        assert me(token).status_code == 200
    assert len(identity.admin_requests) == 1


def test_money_actions_ask_kratos_anew(identity: Kratos, aisyah_login: Login) -> None:
    token = token_for(aisyah_login)
    assert me(token).status_code == 200
    assert checkout(token).status_code == 400
    identity.revoke(aisyah_login)
    assert checkout(token).status_code == 401


def test_token_ends_with_its_time(aisyah_login: Login) -> None:
    token = token_for(aisyah_login)
    with time_machine.travel(timezone.now() + timedelta(seconds=601), tick=False):
        response = me(token)
    assert response.status_code == 401
    assert "handoff" in response.json()["hint"]


def test_token_begins_no_other(aisyah_login: Login) -> None:
    headers = {"Authorization": f"Bearer {token_for(aisyah_login)}"}
    query = urlencode({**ASKED, "prompt": "none"})
    response = Client(headers=headers).get(f"/api/v1/auth/handoff?{query}")
    assert answer_of(response)["error"] == "login_required"


def test_token_ends_when_the_account_is_closed(aisyah_login: Login) -> None:
    token = token_for(aisyah_login)
    assert me(token).status_code == 200
    User.objects.update(is_active=False)
    assert me(token).json()["code"] == "account_inactive"


def test_token_ends_with_the_identitys_epoch(
    identity: Kratos, aisyah_login: Login
) -> None:
    token = token_for(aisyah_login)
    assert me(token).status_code == 200
    identity.revoke(aisyah_login)
    session_cache.forget_identity(UUID(aisyah_login.identity_id))
    assert me(token).status_code == 401


def test_token_survives_a_change_of_the_profile(aisyah_login: Login) -> None:
    token = token_for(aisyah_login)
    headers = {"Authorization": f"Bearer {token}", "Origin": STOREFRONT}
    changed = Client(headers=headers).patch(
        "/api/v1/auth/me", {"full_name": "Aisyah P."}, content_type="application/json"
    )
    assert changed.status_code == 200
    assert me(token).json()["full_name"] == "Aisyah P."


def test_sign_out_with_the_token_ends_the_session_itself(aisyah_login: Login) -> None:
    token, other = token_for(aisyah_login), token_for(aisyah_login)
    headers = {"Authorization": f"Bearer {token}"}
    assert Client(headers=headers).post("/api/v1/auth/logout").status_code == 204
    assert me(token).status_code == 401
    assert me(other).status_code == 401
    assert me(aisyah_login.token).status_code == 401


def test_other_sessions_are_ended_with_the_token(
    identity: Kratos, aisyah_login: Login
) -> None:
    elsewhere = identity.login()
    token = token_for(aisyah_login)
    headers = {"Authorization": f"Bearer {token}"}
    response = Client(headers=headers).delete("/api/v1/auth/sessions")
    assert response.json() == {"ended": 1}
    assert me(elsewhere.token).status_code == 401
    assert me(token).status_code == 200


def test_outage_of_kratos_is_not_a_sign_out(
    identity: Kratos, aisyah_login: Login
) -> None:
    token = token_for(aisyah_login)
    identity.faults.set(Fault.SERVER_ERROR, path="/admin/sessions")
    assert me(token).json()["code"] == "auth_unavailable"


@pytest.mark.parametrize(
    "changes",
    [
        {"iss": "somebody-else"},
        {"aud": "another-api"},
        {"aud": ["karima-api", "another-api"]},
        {"kind": "download"},
        {"kind": None},
        {"jti": None},
        {"sid": None},
        {"exp": None},
        {"jti": "not-a-uuid"},
        {"key": "k" * 64},
    ],
)
def test_token_with_other_claims_or_key_is_none(changes: dict[str, Any]) -> None:
    assert access_tokens.read(forged(**changes)) is None


def test_our_own_claims_are_read() -> None:
    assert access_tokens.read(forged()) is not None


@pytest.mark.parametrize("algorithm", ["none", "HS512"])
def test_token_of_another_algorithm_is_none(algorithm: str) -> None:
    good = jwt.decode(forged(), options={"verify_signature": False})
    key = conf.settings.ACCESS_TOKEN_KEYS[0] if algorithm != "none" else ""
    assert access_tokens.read(jwt.encode(good, key, algorithm)) is None


def test_signed_token_without_its_code_is_refused(
    identity: Kratos, aisyah_login: Login
) -> None:
    user = User.objects.get(pk=claims_of(token_for(aisyah_login))["sub"])
    stray = forged(sub=str(user.pk), sid=aisyah_login.session_id)
    assert me(stray).status_code == 401
    assert not identity.admin_requests


def test_token_of_another_customers_session_is_refused(
    aisyah_login: Login, budi_login: Login
) -> None:
    claims = claims_of(token_for(aisyah_login))
    claims["sid"] = budi_login.session_id
    assert me(forged(**claims)).status_code == 401


def test_former_secret_is_believed_while_it_is_replaced(settings: Settings) -> None:
    old = forged()
    settings.ACCESS_TOKEN_KEYS = ["n" * 64, settings.ACCESS_TOKEN_KEYS[0]]
    assert access_tokens.read(old) is not None
    settings.ACCESS_TOKEN_KEYS = ["n" * 64]
    assert access_tokens.read(old) is None


def test_codes_that_are_long_over_are_dropped(aisyah_login: Login) -> None:
    code_for(aisyah_login)
    with time_machine.travel(timezone.now() + timedelta(days=2), tick=False):
        HandoffCode.objects.update(session_expires_at=timezone.now())
        row = HandoffCode.objects.get()
        visitor = SignedIn(user=row.user, session=_session(aisyah_login), is_fresh=True)
        receiver = Receiver(redirect_uri=CALLBACK, code_challenge=CHALLENGE)
        handoff.issue_code(visitor, receiver=receiver)
    assert HandoffCode.objects.count() == 1
    assert not HandoffCode.objects.filter(pk=row.pk).exists()


def _session(login: Login) -> Session:
    session = kratos_admin.get_session(UUID(login.session_id))
    assert session is not None
    return session
