"""What a client says of itself does not reach the shop."""

import re

import pytest

from tests.deploy.proxy import ADMIN, API, AUTH, Proxy, answer_of, run_proxy
from tests.deploy.upstream import Reply, Seen, Upstream

VISITOR = "203.0.113.7"
FORGED = "198.51.100.66"


def test_client_is_whom_cloudflare_names(proxy: Proxy, backend: Upstream) -> None:
    proxy.get(API, "/", CF_Connecting_IP=VISITOR)
    headers = backend.seen[0].headers
    assert headers.get_all("X-Real-IP") == [VISITOR]
    assert headers.get_all("X-Forwarded-For") == [VISITOR]


@pytest.mark.parametrize("host", [API, ADMIN, AUTH])
def test_forged_headers_are_overwritten_or_dropped(
    proxy: Proxy, backend: Upstream, host: str
) -> None:
    forged = {
        "X-Real-IP": FORGED,
        "X-Forwarded-For": FORGED,
        "X-Forwarded-Proto": "http",
        "X-Forwarded-Host": ADMIN,
        "X-Forwarded-Port": "1",
        "X-Forwarded-Server": "evil",
        "X-Original-URL": "/admin/",
        "X-Rewrite-URL": "/admin/",
        "X-Request-ID": "forged",
        "X-Client-IP": FORGED,
        "X-Cluster-Client-IP": FORGED,
        "True-Client-IP": FORGED,
        "Forwarded": f"for={FORGED};host={ADMIN}",
        "Proxy": "http://evil.example",
        "X_Real_IP": FORGED,
        "CF-Connecting-IP": VISITOR,
    }

    answer = proxy.request("GET", host, "/x", headers=forged)

    headers = backend.seen[0].headers
    assert headers.get_all("X-Real-IP") == [VISITOR]
    assert headers.get_all("X-Forwarded-For") == [VISITOR]
    assert headers.get_all("X-Forwarded-Proto") == ["https"]
    assert headers.get_all("Host") == [f"{host}:{proxy.https_port}"]
    identifier = headers["X-Request-ID"]
    assert re.fullmatch(r"[0-9a-f]{32}", identifier)
    assert answer.headers.get_all("X-Request-ID") == [identifier]
    own = {"X-Real-IP", "X-Forwarded-For", "X-Forwarded-Proto", "X-Request-ID"}
    gone = {name.lower() for name in forged.keys() - own}
    assert gone & {name.lower() for name in headers} == set()
    assert FORGED not in str(headers)


@pytest.mark.parametrize(
    ("claimed", "believed"),
    [
        ("2001:db8:1:2::5", "2001:db8:1:2::5"),
        ("garbage", "127.0.0.1"),
        ("", "127.0.0.1"),
    ],
)
def test_claimed_address_is_read_so(
    proxy: Proxy, backend: Upstream, claimed: str, believed: str
) -> None:
    proxy.get(API, "/", CF_Connecting_IP=claimed)
    assert backend.seen[0].headers["X-Real-IP"] == believed


def test_first_of_two_claimed_addresses_counts(proxy: Proxy, backend: Upstream) -> None:
    connection = proxy.connect(API)
    connection.putrequest("GET", "/", skip_host=True)
    connection.putheader("Host", API)
    connection.putheader("CF-Connecting-IP", VISITOR)
    connection.putheader("CF-Connecting-IP", FORGED)
    connection.endheaders()
    answer_of(connection)
    connection.close()
    assert backend.seen[0].headers.get_all("X-Real-IP") == [VISITOR]


def test_peer_that_is_not_cloudflare_is_not_believed(
    tmp_path_factory: pytest.TempPathFactory, backend: Upstream
) -> None:
    folder = tmp_path_factory.mktemp("distrustful")
    nobody = backend.address
    with run_proxy(
        folder, backend=backend.address, kratos=nobody, PROXY_TRUSTED_PEERS=""
    ) as proxy:
        proxy.get(API, "/", CF_Connecting_IP=FORGED, X_Forwarded_For=FORGED)
    assert backend.seen[0].headers["X-Real-IP"] == "127.0.0.1"
    assert FORGED not in str(backend.seen[0].headers)


def test_only_the_admin_host_passes_the_token_of_access(
    proxy: Proxy, backend: Upstream, kratos_behind: Upstream
) -> None:
    for host, path in [
        (ADMIN, "/"),
        (API, "/"),
        (API, "/api/v1/products"),
        (AUTH, "/"),
    ]:
        proxy.get(host, path, Cf_Access_Jwt_Assertion="token")
    proxy.get(AUTH, "/sessions/whoami", Cf_Access_Jwt_Assertion="token")
    tokens = [seen.headers.get("Cf-Access-Jwt-Assertion") for seen in backend.seen]
    assert tokens == ["token", None, None, None]
    assert kratos_behind.seen[0].headers.get("Cf-Access-Jwt-Assertion") is None


def test_credentials_pass(proxy: Proxy, backend: Upstream) -> None:
    proxy.get(
        API, "/api/v1/orders", Authorization="Bearer x", Cookie="a=b", X_Cart_Token="t"
    )
    headers = backend.seen[0].headers
    assert headers["Authorization"] == "Bearer x"
    assert headers["Cookie"] == "a=b"
    assert headers["X-Cart-Token"] == "t"


def test_port_in_the_host_header_is_the_proxys_own(
    proxy: Proxy, backend: Upstream
) -> None:
    proxy.get(API, "/", Host=f"{API}:6666")
    assert backend.seen[0].headers["Host"] == f"{API}:{proxy.https_port}"


def test_queries_are_not_in_the_log(proxy: Proxy, backend: Upstream) -> None:
    proxy.get(API, "/api/v1/orders?email=aisyah&code=s3cret")
    proxy.get(API, "/api/v1/products?q=s3cret", Referer="https://x/?t=s3cret")
    log = proxy.access_log()
    assert '"path":"/api/v1/orders"' in log
    assert "s3cret" not in log
    assert "+07:00" in log


def test_software_and_version_are_not_named(proxy: Proxy, backend: Upstream) -> None:
    def boast(seen: Seen) -> Reply:
        return Reply(headers=[("Server", "gunicorn")])

    backend.answering = boast
    answers = [
        proxy.get(API, "/"),
        proxy.get(API, "/metrics"),
        proxy.get(ADMIN, "/api"),
    ]
    assert {answer.headers["Server"] for answer in answers} == {"nginx"}
