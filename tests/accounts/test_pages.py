"""The sign-in pages over HTTP: what they show, where they send, what they forward."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client
from pytest_django import Settings

from tests.accounts.canned_kratos import CannedKratos, running_canned_kratos
from tests.accounts.flow_documents import (
    CSRF,
    FLOW_ID,
    KINDS,
    code_nodes,
    flow,
    login_nodes,
    message,
    registration_nodes,
    second_factor_nodes,
    settings_nodes,
)
from tests.accounts.page_checks import parse, problems

BROWSER = "http://127.0.0.1:4433"
UI = "http://127.0.0.1:8080"
STOREFRONT = "http://127.0.0.1:3000"
CSRF_COOKIE = "csrf_token_" + "0a" * 32
EVIL = '"><script>alert(1)</script><img src=x onerror=alert(2)>'


@pytest.fixture
def kratos_says(settings: Settings) -> Iterator[CannedKratos]:
    with running_canned_kratos() as canned:
        settings.KRATOS_INTERNAL_URL = canned.url
        settings.KRATOS_PUBLIC_URL = settings.KRATOS_BROWSER_URL = BROWSER
        settings.KRATOS_UI_URL = UI
        settings.STOREFRONT_URL = STOREFRONT
        settings.CORS_ALLOWED_ORIGINS = [STOREFRONT]
        yield canned


def path_of(kind: str) -> str:
    return f"/self-service/{kind}/flows"


def show(
    client: Client, canned: CannedKratos, kind: str, document: dict[str, Any]
) -> str:
    canned.answer(path_of(kind), document)
    response = client.get(f"/{kind}?flow={FLOW_ID}")
    assert response.status_code == 200
    return response.content.decode()


def target(response: Any) -> tuple[str, dict[str, list[str]]]:
    """Return where a response sends the browser: address and query apart."""
    assert response.status_code == 303
    parts = urlsplit(response["Location"])
    return f"{parts.scheme}://{parts.netloc}{parts.path}", parse_qs(parts.query)


DOCUMENTS = {
    "login": flow(login_nodes()),
    "registration": flow(
        registration_nodes(
            email=message(4000040, "x", kind="error"),
            password=message(4000032, "x", kind="error", min_length=8),
        ),
        messages=[message(4000007, "x", kind="error")],
    ),
    "second factor": flow(second_factor_nodes(), requested_aal="aal2"),
    "settings": flow(
        settings_nodes(),
        messages=[message(1050001, "x", kind="success")],
        identity={"verifiable_addresses": [{"value": "a@b.id", "verified": False}]},
    ),
}


@pytest.mark.parametrize("name", DOCUMENTS)
def test_page_is_usable_by_keyboard_and_reader_without_script(
    client: Client, kratos_says: CannedKratos, name: str
) -> None:
    kind = "login" if name == "second factor" else name
    html = show(client, kratos_says, kind, DOCUMENTS[name])
    assert problems(html) == []


@pytest.mark.parametrize("kind", KINDS)
def test_form_goes_to_our_own_kratos_whatever_the_flow_says(
    client: Client, kratos_says: CannedKratos, kind: str
) -> None:
    document = flow(login_nodes())
    document["ui"]["action"] = "https://evil.example/self-service/login?flow=1"
    page = parse(show(client, kratos_says, kind, document))
    posted = [given for given in page.all("form") if given["action"] != "/logout"]
    wanted = f"{BROWSER}/self-service/{kind}?flow={FLOW_ID}"
    assert {given["action"] for given in posted} == {wanted}
    assert {given["method"] for given in posted} == {"post"}


def test_token_is_in_the_form(client: Client, kratos_says: CannedKratos) -> None:
    page = parse(show(client, kratos_says, "login", flow(login_nodes())))
    assert page.named("csrf_token")["value"] == CSRF


def test_error_stands_beside_its_field(
    client: Client, kratos_says: CannedKratos
) -> None:
    page = parse(show(client, kratos_says, "registration", DOCUMENTS["registration"]))
    password = page.named("password")
    assert password["aria-invalid"] == "true"
    assert password["aria-describedby"] == "password-hint password-messages"
    assert "Paling sedikit 8 karakter." in page.text
    assert "#password" in page.values("href")
    assert "Kesalahan: Daftar" in page.text


def test_nothing_of_kratos_is_html(client: Client, kratos_says: CannedKratos) -> None:
    nodes = registration_nodes(email=message(4999999, EVIL, kind="error"))
    for node in nodes:
        node["attributes"] |= {"autocomplete": EVIL, "pattern": EVIL}
        node["attributes"]["value"] = EVIL
        node["meta"] = {"label": message(4999999, EVIL)}
    nodes[-1]["attributes"]["name"] = EVIL
    document = flow(nodes, messages=[message(4999999, EVIL)], return_to=EVIL)
    html = show(client, kratos_says, "registration", document)
    assert problems(html) == []
    assert "<script" not in html


def test_policy_allows_no_script_and_no_other_site(
    client: Client, kratos_says: CannedKratos, settings: Settings
) -> None:
    settings.API_HOSTS = []
    kratos_says.answer(path_of("login"), flow(login_nodes()))
    response = client.get(f"/login?flow={FLOW_ID}")
    assert response["Content-Security-Policy"] == (
        "default-src 'none'; style-src 'self'; img-src 'self' data:; "
        f"form-action 'self' {STOREFRONT} {UI} {BROWSER}; "
        "base-uri 'none'; frame-ancestors 'none'"
    )
    assert response["Referrer-Policy"] == "strict-origin"
    assert response["Cache-Control"] == "no-store"
    assert response["X-Frame-Options"] == "DENY"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert "Set-Cookie" not in response


@pytest.mark.parametrize("address", ["/login", "/login?flow=x", "/logout", "/error"])
def test_every_answer_carries_the_policy(
    client: Client, kratos_says: CannedKratos, address: str
) -> None:
    response = client.get(address)
    assert "script" not in response["Content-Security-Policy"]
    assert response["Cache-Control"] == "no-store"


@pytest.mark.parametrize("kind", KINDS)
def test_page_without_a_flow_begins_one(
    client: Client, kratos_says: CannedKratos, kind: str
) -> None:
    response = client.get(f"/{kind}")
    assert target(response) == (f"{BROWSER}/self-service/{kind}/browser", {})
    assert kratos_says.seen == []


def test_way_back_goes_along(client: Client, kratos_says: CannedKratos) -> None:
    response = client.get("/registration", {"return_to": f"{STOREFRONT}/cart"})
    assert target(response)[1] == {"return_to": [f"{STOREFRONT}/cart"]}


@pytest.mark.parametrize(
    "address",
    ["https://evil.example/", "//evil.example", "javascript:alert(1)", "/cart"],
)
def test_foreign_way_back_is_dropped(
    client: Client, kratos_says: CannedKratos, address: str
) -> None:
    response = client.get("/login", {"return_to": address})
    assert target(response)[1] == {}


def test_step_ups_go_along_to_the_login_alone(
    client: Client, kratos_says: CannedKratos
) -> None:
    query = {"aal": "aal2", "refresh": "true", "login_challenge": "x"}
    assert target(client.get("/login", query))[1] == {
        "aal": ["aal2"], "refresh": ["true"]
    }  # fmt: skip
    assert target(client.get("/settings", query))[1] == {}


@pytest.mark.parametrize("value", ["aal3", "1", "", "aal2&x=1"])
def test_unknown_step_up_is_dropped(
    client: Client, kratos_says: CannedKratos, value: str
) -> None:
    response = client.get("/login", {"aal": value, "refresh": value})
    assert target(response)[1] == {}


@pytest.mark.parametrize("given", ["x", "../../admin", "0f4a6a34", f"{FLOW_ID}&a=b"])
def test_id_that_is_none_is_not_asked_for(
    client: Client, kratos_says: CannedKratos, given: str
) -> None:
    assert client.get("/login", {"flow": given}).status_code == 303
    assert kratos_says.seen == []


def test_only_kratoss_own_cookies_are_forwarded(
    client: Client, kratos_says: CannedKratos
) -> None:
    kratos_says.answer(path_of("login"), flow(login_nodes()))
    jar = (
        f"karima_admin=staff; {CSRF_COOKIE}=abc=; theme=dark; ory_kratos_session=one; "
        "ory_kratos_session=two; csrf_token_x=1; karima_csrf=x"
    )
    client.get(f"/login?flow={FLOW_ID}", headers={"Cookie": jar, "X-Secret": "x"})
    ((path, headers),) = kratos_says.seen
    assert path == f"/self-service/login/flows?id={FLOW_ID}"
    assert headers["Cookie"] == f"{CSRF_COOKIE}=abc=; ory_kratos_session=one"
    assert "X-Secret" not in headers


def test_cookies_that_cannot_be_are_not_forwarded(
    client: Client, kratos_says: CannedKratos
) -> None:
    kratos_says.answer(path_of("login"), flow(login_nodes()))
    jar = f"ory_kratos_session={'x' * 5000}; {CSRF_COOKIE}=a b"
    client.get(f"/login?flow={FLOW_ID}", headers={"Cookie": jar})
    assert "Cookie" not in kratos_says.seen[0][1]


@pytest.mark.parametrize("status", [404, 410])
def test_flow_that_is_gone_begins_again(
    client: Client, kratos_says: CannedKratos, status: int
) -> None:
    kratos_says.refuse(path_of("login"), status)
    address = f"/login?flow={FLOW_ID}&return_to={STOREFRONT}/cart"
    assert target(client.get(address)) == (
        f"{BROWSER}/self-service/login/browser",
        {"return_to": [f"{STOREFRONT}/cart"]},
    )


def test_flow_that_was_replaced_goes_on(
    client: Client, kratos_says: CannedKratos
) -> None:
    successor = "1f4a6a34-6c0e-4a3e-9d2c-6a0a3c1d9b11"
    kratos_says.refuse(path_of("recovery"), 410, use_flow_id=successor)
    response = client.get(f"/recovery?flow={FLOW_ID}")
    assert target(response) == (f"{UI}/recovery", {"flow": [successor]})


@pytest.mark.parametrize("successor", ["//evil.example", "x", 5, None])
def test_successor_that_is_no_id_is_ignored(
    client: Client, kratos_says: CannedKratos, successor: object
) -> None:
    kratos_says.refuse(path_of("login"), 410, use_flow_id=successor)
    response = client.get(f"/login?flow={FLOW_ID}")
    assert target(response)[0] == f"{BROWSER}/self-service/login/browser"


@pytest.mark.parametrize("code", ["security_csrf_violation", "anything", ""])
def test_flow_of_another_browser_is_explained_without_a_loop(
    client: Client, kratos_says: CannedKratos, code: str
) -> None:
    kratos_says.refuse(path_of("login"), 403, code)
    response = client.get(f"/login?flow={FLOW_ID}")
    html = response.content.decode()
    assert response.status_code == 403
    assert problems(html) == []
    assert f"{UI}/login" in parse(html).values("href")
    assert "cookie" in parse(html).text


def test_page_for_customers_leads_guests_to_the_login(
    client: Client, kratos_says: CannedKratos
) -> None:
    kratos_says.refuse(path_of("settings"), 401, "session_inactive")
    response = client.get(f"/settings?flow={FLOW_ID}")
    assert target(response) == (
        f"{BROWSER}/self-service/login/browser",
        {"return_to": [f"{UI}/settings"]},
    )


@pytest.mark.parametrize(
    ("code", "query"),
    [
        ("session_aal2_required", {"aal": ["aal2"]}),
        ("session_refresh_required", {"refresh": ["true"]}),
        ("session_aal1_required", {}),
    ],
)
def test_stronger_session_is_asked_for_and_leads_back_to_the_flow(
    client: Client, kratos_says: CannedKratos, code: str, query: dict[str, list[str]]
) -> None:
    kratos_says.refuse(path_of("settings"), 403, code)
    response = client.get(f"/settings?flow={FLOW_ID}")
    assert target(response) == (
        f"{BROWSER}/self-service/login/browser",
        query | {"return_to": [f"{UI}/settings?flow={FLOW_ID}"]},
    )


@pytest.mark.parametrize(
    "foreign",
    [
        "https://evil.example/self-service/login/browser", "//evil.example", None, 5,
        f"{BROWSER}@evil.example/self-service/login", "javascript:alert(1)",
        f"{BROWSER}.evil.example/self-service/login", "http://127.0.0.1:4434/x",
    ],
)  # fmt: skip
def test_address_in_a_refusal_leads_nobody_anywhere(
    client: Client, kratos_says: CannedKratos, foreign: object
) -> None:
    code = "session_aal2_required"
    kratos_says.refuse(path_of("settings"), 403, code, redirect_browser_to=foreign)
    response = client.get(f"/settings?flow={FLOW_ID}")
    assert target(response)[0] == f"{BROWSER}/self-service/login/browser"
    assert "evil" not in response["Location"]


@pytest.mark.parametrize("status", [302, 400, 422, 429, 500, 502])
def test_outage_is_a_calm_page_to_be_tried_again(
    client: Client, kratos_says: CannedKratos, status: int
) -> None:
    kratos_says.refuse(path_of("login"), status)
    response = client.get(f"/login?flow={FLOW_ID}")
    html = response.content.decode()
    assert response.status_code == 503
    assert 1 <= int(response["Retry-After"]) <= 30
    assert problems(html) == []
    assert f"/login?flow={FLOW_ID}" in parse(html).values("href")
    assert response["Content-Security-Policy"]


@pytest.mark.parametrize("body", ["", "<html>", "[]", "null", '{"ui":', "x" * 600_000])
def test_garbage_is_an_outage(
    client: Client, kratos_says: CannedKratos, body: str
) -> None:
    kratos_says.answer(path_of("login"), body)
    assert client.get(f"/login?flow={FLOW_ID}").status_code == 503


def test_nobody_listening_is_an_outage(
    client: Client, kratos_says: CannedKratos, settings: Settings
) -> None:
    settings.KRATOS_INTERNAL_URL = "http://127.0.0.1:9"
    assert client.get(f"/login?flow={FLOW_ID}").status_code == 503


def test_error_page_says_nothing_technical(
    client: Client, kratos_says: CannedKratos
) -> None:
    error = {"code": 500, "message": EVIL, "reason": "pq: password authentication"}
    kratos_says.answer("/self-service/errors", {"id": FLOW_ID, "error": error})
    response = client.get(f"/error?id={FLOW_ID}")
    html = response.content.decode()
    assert response.status_code == 200
    assert problems(html) == []
    assert FLOW_ID in html
    assert "pq:" not in html


@pytest.mark.parametrize("query", ["", "?id=x", f"?id={FLOW_ID}"])
def test_error_page_without_an_error_is_still_a_page(
    client: Client, kratos_says: CannedKratos, query: str
) -> None:
    kratos_says.refuse("/self-service/errors", 404)
    assert client.get(f"/error{query}").status_code == 200


def test_sign_out_asks_first(client: Client, kratos_says: CannedKratos) -> None:
    response = client.get("/logout")
    assert problems(response.content.decode()) == []
    assert kratos_says.seen == []


def test_sign_out_leads_to_kratoss_own_address(
    client: Client, kratos_says: CannedKratos
) -> None:
    own = f"{BROWSER}/self-service/logout?token=ory_lo_x"
    kratos_says.answer(
        "/self-service/logout/browser", {"logout_url": own, "logout_token": "ory_lo_x"}
    )
    headers = {"Cookie": "ory_kratos_session=one", "Origin": "http://testserver"}
    response = client.post("/logout", headers=headers)
    assert response.status_code == 303
    assert response["Location"] == own
    ((path, seen),) = kratos_says.seen
    assert path == "/self-service/logout/browser"
    assert seen["Cookie"] == "ory_kratos_session=one"


def test_foreign_sign_out_address_is_an_outage(
    client: Client, kratos_says: CannedKratos
) -> None:
    foreign = {"logout_url": "https://evil.example/self-service/logout?token=x"}
    kratos_says.answer("/self-service/logout/browser", foreign)
    headers = {"Cookie": "ory_kratos_session=one", "Origin": "http://testserver"}
    assert client.post("/logout", headers=headers).status_code == 503


def test_guest_who_signs_out_lands_on_the_login(
    client: Client, kratos_says: CannedKratos
) -> None:
    kratos_says.refuse("/self-service/logout/browser", 401)
    headers = {"Cookie": "ory_kratos_session=old", "Origin": "http://testserver"}
    assert target(client.post("/logout", headers=headers)) == (f"{UI}/login", {})


def test_another_site_cannot_sign_anybody_out(
    client: Client, kratos_says: CannedKratos
) -> None:
    headers = {"Origin": "https://evil.example", "Cookie": "ory_kratos_session=one"}
    assert client.post("/logout", headers=headers).status_code == 403
    assert kratos_says.seen == []


@pytest.mark.parametrize("kind", KINDS)
def test_page_takes_no_form_itself(
    client: Client, kratos_says: CannedKratos, kind: str
) -> None:
    assert client.post(f"/{kind}").status_code == 405


def test_pages_are_on_the_auth_host_alone(
    client: Client, kratos_says: CannedKratos, settings: Settings
) -> None:
    settings.APP_ENV = "production"
    settings.AUTH_HOSTS = ["auth.karima.example"]
    settings.API_HOSTS = ["api.karima.example"]
    settings.ALLOWED_HOSTS = ["*"]
    own, foreign = "auth.karima.example", "api.karima.example"
    assert client.get("/login", headers={"Host": own}).status_code == 303
    assert client.get("/login", headers={"Host": foreign}).status_code == 404
    assert client.get("/api/v1/products", headers={"Host": own}).status_code == 404


def test_sending_the_code_again_does_not_insist_on_the_code(
    client: Client, kratos_says: CannedKratos
) -> None:
    document = flow(code_nodes(), state="sent_email")
    page = parse(show(client, kratos_says, "verification", document))
    send, again = page.all("button")
    assert "formnovalidate" not in send
    assert "formnovalidate" in again
