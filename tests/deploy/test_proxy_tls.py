"""Who gets a handshake, and what plain http is answered."""

import json
import ssl
from pathlib import Path

import pytest

from tests.deploy.certificates import Authority
from tests.deploy.proxy import (
    ADMIN,
    API,
    AUTH,
    HOSTS,
    SECOND_API,
    Answer,
    Proxy,
    answer_of,
    run_proxy,
)
from tests.deploy.upstream import Reply, Upstream


@pytest.mark.parametrize("host", HOSTS)
def test_each_host_has_its_certificate(
    proxy: Proxy, backend: Upstream, host: str
) -> None:
    assert proxy.get(host, "/").status == 200


@pytest.mark.parametrize(
    "name", ["evil.example", "ks-backend.cloud", "x.api.karima.com"]
)
def test_unknown_name_gets_no_handshake(proxy: Proxy, name: str) -> None:
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    with pytest.raises(ssl.SSLError, match="(?i)unrecognized.name"):
        proxy.connect(name, context).connect()


def test_no_name_gets_no_handshake(proxy: Proxy) -> None:
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    with pytest.raises(ssl.SSLError):
        proxy.connect("127.0.0.1", context).connect()


def test_unknown_host_in_a_known_handshake_reaches_nobody(
    proxy: Proxy, backend: Upstream
) -> None:
    answer = proxy.get(API, "/", Host="evil.example")
    assert answer.status == 421
    assert backend.seen == []


def test_host_is_read_without_case_and_final_dot(
    proxy: Proxy, backend: Upstream
) -> None:
    assert proxy.get(API, "/admin/", Host=f"{API.upper()}.").status == 404
    assert backend.seen == []


@pytest.mark.parametrize(
    ("version", "accepted"),
    [
        (ssl.TLSVersion.TLSv1_1, False),
        (ssl.TLSVersion.TLSv1_2, True),
        (ssl.TLSVersion.TLSv1_3, True),
    ],
)
@pytest.mark.filterwarnings("ignore:ssl.TLSVersion.TLSv1_1 is deprecated")
def test_versions_of_tls(proxy: Proxy, version: ssl.TLSVersion, accepted: bool) -> None:
    context = proxy.context()
    # OpenSSL itself offers the old version at its lowest level only.
    context.set_ciphers("DEFAULT:@SECLEVEL=0")
    context.minimum_version = context.maximum_version = version
    connection = proxy.connect(API, context)
    if accepted:
        connection.connect()
    else:
        with pytest.raises(ssl.SSLError):
            connection.connect()
    connection.close()


def test_plain_http_is_refused_on_the_api_host(proxy: Proxy, backend: Upstream) -> None:
    answer = proxy.plain(API, "/api/v1/products?q=1")
    assert answer.status == 403
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert json.loads(answer.body)["code"] == "https_required"
    assert proxy.plain(SECOND_API, "/").status == 403
    assert backend.seen == []


@pytest.mark.parametrize("host", [ADMIN, AUTH])
def test_plain_http_is_redirected_where_people_look(proxy: Proxy, host: str) -> None:
    answer = proxy.plain(host, "/login?flow=1")
    assert answer.status == 308
    here = f"https://{host}:{proxy.https_port}"
    assert answer.headers["Location"] == f"{here}/login?flow=1"


def test_plain_http_of_an_unknown_host_is_not_answered(proxy: Proxy) -> None:
    with pytest.raises(ConnectionError):
        proxy.plain("evil.example", "/")


def test_plain_http_on_the_port_of_tls_is_a_bad_request(proxy: Proxy) -> None:
    connection = proxy.plain_connection(proxy.https_port)
    connection.request("GET", "/", headers={"Host": API})
    assert answer_of(connection).status == 400
    connection.close()


def test_hsts_comes_from_the_application_alone(proxy: Proxy, backend: Upstream) -> None:
    strict = "max-age=31536000; includeSubDomains"
    backend.answering = lambda seen: Reply(
        headers=[("Strict-Transport-Security", strict)]
    )
    for host in (API, ADMIN, AUTH):
        answer = proxy.get(host, "/")
        assert answer.headers.get_all("Strict-Transport-Security") == [strict]
    assert "Strict-Transport-Security" not in proxy.get(API, "/metrics").headers


def test_origin_pulls_want_the_certificate_of_our_zone(
    tmp_path: Path, backend: Upstream
) -> None:
    ours, foreign = Authority.new("Our zone"), Authority.new("Another zone")
    ours.issue(tmp_path, "ours", ["origin-pull"])
    foreign.issue(tmp_path, "foreign", ["origin-pull"])
    folder = tmp_path / "proxy"
    with run_proxy(
        folder,
        backend=backend.address,
        kratos=backend.address,
        PROXY_ORIGIN_PULLS="on",
    ) as proxy:
        ours.write(folder / "pair/origin-pull-ca.pem")
        proxy.reload_and_wait()
        for host in (API, ADMIN, AUTH):
            assert _asked(proxy, host, None).status == 400
            assert _asked(proxy, host, tmp_path / "foreign").status == 400
            assert backend.seen == []
            assert _asked(proxy, host, tmp_path / "ours").status == 200
            backend.reset()
        refused = _asked(proxy, API, None)
    assert json.loads(refused.body)["code"] == "bad_request"


def _asked(proxy: Proxy, host: str, pair: Path | None) -> Answer:
    context = proxy.context()
    if pair:
        context.load_cert_chain(f"{pair}.crt", f"{pair}.key")
    connection = proxy.connect(host, context)
    try:
        connection.request("GET", "/", headers={"Host": host})
        return answer_of(connection)
    finally:
        connection.close()
