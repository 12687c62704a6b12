"""Names, certificates, the clock, metrics and logs: as they should be, and not."""

import logging
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest
from pytest_django import Settings

from karima.logs import logging_config
from karima.preflight import edge, watching
from karima.preflight.network import Network, read_hosts
from tests.karima.preflight_servers import (
    SITES,
    Reply,
    local_network,
    make_certificate,
    production_context,
    serving,
    states,
)

PUBLIC = "104.16.0.1"
INSIDE = {
    "postgres.ks-backend.cloud": "172.20.0.2",
    "redis.ks-backend.cloud": "10.0.0.3",
}


def empty(host: str, path: str, headers: Mapping[str, str]) -> Reply:
    return 200, {}, b""


def test_names_that_resolve_as_they_should_are_ok() -> None:
    network = Network(hosts=dict.fromkeys(SITES, PUBLIC) | INSIDE)
    found = states(edge.dns(production_context(network=network)))
    assert found == ["ok"] * (len(SITES) + 2)


@pytest.mark.parametrize("address", ["127.0.0.1", "10.0.0.7", None])
def test_public_name_that_leads_nowhere_fails(address: str | None) -> None:
    hosts = dict.fromkeys(SITES, PUBLIC) | INSIDE
    hosts.pop("api.karima.com")
    hosts |= {"api.karima.com": address} if address else {}
    context = production_context(network=Network(hosts=hosts))
    (bad,) = [f for f in edge.dns(context) if f.state == "fail"]
    assert "api.karima.com" in bad.text


def test_database_at_a_public_address_is_noticed() -> None:
    hosts = dict.fromkeys(SITES, PUBLIC) | INSIDE
    hosts["postgres.ks-backend.cloud"] = PUBLIC
    context = production_context(network=Network(hosts=hosts))
    (found,) = [f for f in edge.dns(context) if f.state == "manual"]
    assert "DB_HOST" in found.text


def test_name_of_this_machine_is_asked_of_the_resolver() -> None:
    assert "127.0.0.1" in Network().addresses("localhost")


def test_hosts_file_is_read_as_etc_hosts_is(tmp_path: Path) -> None:
    path = tmp_path / "hosts"
    path.write_text("# all\n10.0.0.1 a.example b.example  # two\n\n::1 c.example\n")
    assert read_hosts(path) == {
        "a.example": "10.0.0.1",
        "b.example": "10.0.0.1",
        "c.example": "::1",
    }


@pytest.mark.parametrize(
    ("days", "state", "text"),
    [(90, "ok", "90 days left"), (21, "ok", "21 days"), (20, "fail", "20 days left")],
)
def test_certificate_is_judged_by_its_days(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    days: int,
    state: str,
    text: str,
) -> None:
    pair = make_certificate(tmp_path, *SITES, days=days)
    monkeypatch.setenv("SSL_CERT_FILE", str(pair))
    with serving(empty, pair) as port:
        context = production_context(network=local_network(port, *SITES))
        found = list(edge.certificates(context))
    assert [finding.state for finding in found] == [state] * len(SITES)
    assert all(text in finding.text for finding in found)


BAD_CERTIFICATES = [
    ("expired", SITES, -2, True, "expired"),
    ("of another name", ("other.example",), 90, True, "ostname"),
    ("of an unknown CA", SITES, 90, False, "self-signed"),
]


@pytest.mark.parametrize(
    ("hosts", "days", "is_trusted", "text"),
    [row[1:] for row in BAD_CERTIFICATES],
    ids=[row[0] for row in BAD_CERTIFICATES],
)
def test_bad_certificate_fails(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    hosts: tuple[str, ...],
    days: int,
    is_trusted: bool,
    text: str,
) -> None:
    pair = make_certificate(tmp_path, *hosts, days=days)
    if is_trusted:
        monkeypatch.setenv("SSL_CERT_FILE", str(pair))
    with serving(empty, pair) as port:
        context = production_context(network=local_network(port, *SITES))
        found = list(edge.certificates(context))
    assert {finding.state.value for finding in found} == {"fail"}
    assert all(text in finding.text for finding in found)


def test_host_without_a_server_fails() -> None:
    context = production_context(network=local_network(9, *SITES))
    assert set(states(edge.certificates(context))) == {"fail"}


@pytest.mark.parametrize(
    ("offset_seconds", "state"), [(0, "ok"), (-60, "fail"), (60, "fail")]
)
def test_clock_is_compared_with_midtrans(
    settings: Settings, offset_seconds: int, state: str
) -> None:
    def told(host: str, path: str, headers: Mapping[str, str]) -> Reply:
        now = datetime.now(UTC) + timedelta(seconds=offset_seconds)
        return 404, {"Date": format_datetime(now, usegmt=True)}, b""

    with serving(told) as port:
        settings.MIDTRANS_CORE_BASE_URL = f"http://127.0.0.1:{port}"
        assert states(edge.clock(production_context())) == [state]


def test_clock_that_nobody_tells_is_for_a_person(settings: Settings) -> None:
    settings.MIDTRANS_CORE_BASE_URL = "http://127.0.0.1:9"
    assert states(edge.clock(production_context())) == ["manual"]


def test_whole_seconds_of_a_date_are_no_skew() -> None:
    now = datetime(2026, 11, 25, 3, 0, 0, 990_000, tzinfo=UTC)
    theirs = now.replace(microsecond=0)
    assert edge.clock_skew_seconds(theirs, before=now, after=now) == 0
    later = now + timedelta(seconds=5)
    assert edge.clock_skew_seconds(theirs, before=later, after=later) > 4


@pytest.fixture
def shop() -> Iterator[str]:
    """Give a shop whose metrics want the token."""

    def site(host: str, path: str, headers: Mapping[str, str]) -> Reply:
        if path != "/internal/metrics":
            return 404, {}, b""
        if headers.get("Authorization") != "Bearer the-token":
            return 401, {}, b""
        return 200, {}, b"karima_http_requests_total 1\n"

    with serving(site) as port:
        yield f"http://127.0.0.1:{port}"


def test_metrics_that_want_the_token_are_ok(shop: str, settings: Settings) -> None:
    settings.METRICS_TOKEN = "the-token"
    assert states(watching.metrics(production_context(app_url=shop))) == ["ok"]


@pytest.mark.parametrize("token", ["", "another-token"])
def test_metrics_with_another_token_fail(
    shop: str, settings: Settings, token: str
) -> None:
    settings.METRICS_TOKEN = token
    assert states(watching.metrics(production_context(app_url=shop))) == ["fail"]


def test_metrics_for_everybody_fail(settings: Settings) -> None:
    def open_site(host: str, path: str, headers: Mapping[str, str]) -> Reply:
        return 200, {}, b"karima_http_requests_total 1\n"

    settings.METRICS_TOKEN = "the-token"
    with serving(open_site) as port:
        context = production_context(app_url=f"http://127.0.0.1:{port}")
        assert states(watching.metrics(context)) == ["ok", "fail"]


def test_shop_that_is_away_fails(settings: Settings) -> None:
    settings.METRICS_TOKEN = "the-token"
    context = production_context(app_url="http://127.0.0.1:9")
    assert states(watching.metrics(context)) == ["fail"]


@pytest.fixture
def root_handler(monkeypatch: pytest.MonkeyPatch) -> logging.StreamHandler:
    handler = logging.StreamHandler()
    monkeypatch.setattr(logging.getLogger(), "handlers", [handler])
    return handler


def use(handler: logging.Handler, *, as_json: bool) -> None:
    formatter = dict(logging_config("INFO", json=as_json)["formatters"]["structured"])
    handler.setFormatter(formatter.pop("()")(**formatter))


def test_json_lines_are_ok(root_handler: logging.StreamHandler) -> None:
    use(root_handler, as_json=True)
    assert states(watching.logs(production_context())) == ["ok"]


def test_lines_for_people_fail(root_handler: logging.StreamHandler) -> None:
    use(root_handler, as_json=False)
    assert states(watching.logs(production_context())) == ["fail"]


def test_log_that_is_not_scrubbed_fails(root_handler: logging.StreamHandler) -> None:
    root_handler.setFormatter(logging.Formatter('{"event": "%(message)s"}'))
    (finding,) = watching.logs(production_context())
    assert finding.state == "fail"
    assert "secrets" in finding.text


def test_log_into_nowhere_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(logging.getLogger(), "handlers", [])
    assert states(watching.logs(production_context())) == ["fail"]
