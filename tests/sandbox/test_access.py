"""Cloudflare Access of the stand-in: tokens, keys, sign-in page and proxy."""

import json
from collections.abc import Iterator
from typing import Any

import jwt
import pytest
import urllib3
from werkzeug.wrappers import Request, Response

from sandbox.access import AUD, ISSUER, Access, new_key, subject_of
from sandbox.server import Server
from tests.sandbox.client import ask

CITRA = "citra@karima.example"


def decode(access: Access, token: str) -> dict[str, Any]:
    """Verify a token as the shop would, with nothing but the published keys."""
    keys = {key["kid"]: key for key in ask("GET", access.certs_url).json()["keys"]}
    header = jwt.get_unverified_header(token)
    key = jwt.PyJWK(keys[header["kid"]], algorithm="RS256").key
    claims = jwt.decode(token, key, algorithms=["RS256"], audience=AUD, issuer=ISSUER)
    assert isinstance(claims, dict)
    return claims


@pytest.fixture
def shop(access: Access) -> Iterator[Server]:
    """Give a shop behind the proxy that tells what it received."""

    def app(environ: dict[str, Any], start_response: Any) -> Any:
        request = Request(environ)
        told = {
            "path": request.full_path,
            "headers": request.headers.to_wsgi_list(),
            "body": request.get_data().decode("latin-1"),
        }
        response = Response(json.dumps(told), mimetype="application/json")
        response.set_cookie("sessionid", "one")
        response.set_cookie("csrftoken", "two")
        return response(environ, start_response)

    with Server(app, service="shop", host="127.0.0.1", port=0) as server:
        access.upstream = server.url
        yield server


def choose(access: Access, email: str = CITRA, then: str = "/admin/") -> str:
    """Sign in on the page; return the cookie header to send from then on."""
    url = f"{access.url}/cdn-cgi/access/choose"
    answer = ask("POST", url, form={"email": email, "then": then})
    assert answer.status == 303
    return answer.headers["Set-Cookie"].split(";")[0]


def through(
    access: Access, path: str = "/admin/", **headers: str
) -> urllib3.BaseHTTPResponse:
    sent = {"Cookie": choose(access), **headers}
    return ask("GET", f"{access.url}{path}", headers=sent)


def received(answer: urllib3.BaseHTTPResponse, name: str) -> list[str]:
    pairs = answer.json()["headers"]
    return [value for key, value in pairs if key.lower() == name.lower()]


def test_token_has_the_claims_of_access(access: Access) -> None:
    claims = decode(access, access.mint(CITRA))
    assert set(claims) == {
        *("aud", "email", "exp", "iat", "nbf", "iss"),
        *("type", "identity_nonce", "sub", "country"),
    }
    assert claims["aud"] == [AUD]
    assert (claims["iss"], claims["type"]) == (ISSUER, "app")
    assert (claims["email"], claims["sub"]) == (CITRA, subject_of(CITRA))


def test_audience_is_64_hex_digits() -> None:
    assert len(AUD) == 64
    assert int(AUD, 16)


def test_wrong_tokens_can_be_minted(access: Access) -> None:
    token = access.mint(CITRA, claims={"aud": ["other"], "email": None})
    claims = jwt.decode(token, options={"verify_signature": False})
    assert claims["aud"] == ["other"]
    assert "email" not in claims


def test_foreign_key_does_not_verify(access: Access) -> None:
    token = access.mint(CITRA, key=new_key(access.key.kid))
    with pytest.raises(jwt.InvalidSignatureError):
        decode(access, token)


def test_old_key_verifies_until_it_is_withdrawn(access: Access) -> None:
    old = access.mint(CITRA)
    access.rotate_key()
    assert decode(access, old)["email"] == CITRA
    assert decode(access, access.mint(CITRA))["email"] == CITRA
    access.withdraw_old_keys()
    with pytest.raises(KeyError):
        decode(access, old)


def test_visitor_without_a_choice_sees_the_staff(access: Access, shop: Server) -> None:
    answer = ask("GET", f"{access.url}/admin/")
    text = answer.data.decode()
    assert "Pilih siapa Anda" in text
    for email in (CITRA, "dewi@karima.example", "eko@karima.example"):
        assert email in text


def test_choice_leads_back_to_the_page(access: Access) -> None:
    url = f"{access.url}/cdn-cgi/access/choose"
    for then, target in (("/admin/orders/", "/admin/orders/"), ("//evil.example", "/")):
        answer = ask("POST", url, form={"email": CITRA, "then": then})
        assert answer.headers["Location"] == target


def test_stranger_cannot_be_chosen(access: Access) -> None:
    url = f"{access.url}/cdn-cgi/access/choose"
    answer = ask("POST", url, form={"email": "mallory@karima.example"})
    assert answer.status == 400
    assert "Set-Cookie" not in answer.headers


def test_proxy_adds_a_token_that_verifies(access: Access, shop: Server) -> None:
    tokens = received(through(access), "Cf-Access-Jwt-Assertion")
    assert len(tokens) == 1
    assert decode(access, tokens[0])["email"] == CITRA


def test_proxy_strips_the_clients_own_assertion(access: Access, shop: Server) -> None:
    answer = through(
        access,
        **{
            "Cf-Access-Jwt-Assertion": "forged",
            "Cf-Access-Authenticated-User-Email": "root@karima.example",
        },
    )
    assert "forged" not in received(answer, "Cf-Access-Jwt-Assertion")
    assert received(answer, "Cf-Access-Authenticated-User-Email") == [CITRA]


def test_proxy_keeps_host_path_and_query(access: Access, shop: Server) -> None:
    answer = through(access, "/admin/a%20b/?q=1&r=%2F", Host="admin.karima.example")
    assert received(answer, "Host") == ["admin.karima.example"]
    assert answer.json()["path"] == "/admin/a b/?q=1&r=%2F"


def test_proxy_passes_every_cookie_on_its_own(access: Access, shop: Server) -> None:
    cookies = through(access).headers.getlist("Set-Cookie")
    assert [cookie.split(";")[0] for cookie in cookies] == [
        "sessionid=one",
        "csrftoken=two",
    ]


@pytest.mark.parametrize("chunked", [False, True])
def test_proxy_streams_large_bodies(
    access: Access, shop: Server, chunked: bool
) -> None:
    body = b"x" * 300_000
    answer = urllib3.request(
        "POST",
        f"{access.url}/admin/upload",
        body=iter([body[:1000], body[1000:]]) if chunked else body,
        headers={"Cookie": choose(access)},
        timeout=10,
    )
    assert answer.json()["body"] == body.decode()


def test_logout_forgets_the_choice(access: Access) -> None:
    answer = ask("GET", f"{access.url}/cdn-cgi/access/logout")
    assert answer.status == 200
    assert "CF_Authorization=;" in answer.headers["Set-Cookie"]


def test_shop_that_is_down_is_a_502_page(access: Access) -> None:
    access.upstream = "http://127.0.0.1:9"
    answer = through(access)
    assert answer.status == 502
    assert "Toko tidak menjawab" in answer.data.decode()


def test_key_set_can_be_unavailable(access: Access) -> None:
    access.faults.set("unavailable", path="/cdn-cgi/access/certs")
    assert ask("GET", access.certs_url).status == 503
    assert access.certs_count == 1
