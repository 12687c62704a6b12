"""The table of forged addresses: who is counted, whatever the headers say."""

import logging

import pytest
from django.http import HttpRequest
from django.test import Client, RequestFactory
from pytest_django import Settings

from karima.client_address import client_address, neighbourhood

PROXY = "10.0.0.2"
CLIENT = "203.0.113.7"
STRANGER = "198.51.100.9"


@pytest.fixture(autouse=True)
def one_proxy(settings: Settings) -> None:
    settings.TRUSTED_PROXIES = ["10.0.0.0/8", "fd00::/8"]


def request(peer: str, **headers: str) -> HttpRequest:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return RequestFactory().get("/", REMOTE_ADDR=peer, headers=named)


def test_address_is_the_peers() -> None:
    assert client_address(request(STRANGER)) == STRANGER


def test_proxy_names_the_client() -> None:
    assert client_address(request(PROXY, X_Real_IP=CLIENT)) == CLIENT


def test_proxy_that_names_nobody_is_the_client() -> None:
    assert client_address(request(PROXY)) == PROXY


@pytest.mark.parametrize(
    "header",
    [
        "X-Real-IP", "X-Forwarded-For", "CF-Connecting-IP", "True-Client-IP",
        "Forwarded", "X-Client-IP", "X-Cluster-Client-IP", "CF-Pseudo-IPv4",
    ],
)  # fmt: skip
def test_stranger_cannot_name_another(header: str) -> None:
    assert client_address(request(STRANGER, **{header: CLIENT})) == STRANGER


@pytest.mark.parametrize(
    "header",
    ["X-Forwarded-For", "CF-Connecting-IP", "True-Client-IP", "Forwarded"],
)
def test_other_headers_mean_nothing_from_the_proxy_either(header: str) -> None:
    forged = request(PROXY, X_Real_IP=CLIENT, **{header: STRANGER})
    assert client_address(forged) == CLIENT


@pytest.mark.parametrize(
    "value",
    [
        "", " ", "unknown", "203.0.113", "203.0.113.7.1", "203.0.113.256",
        "203.0.113.07", "203.0.113.7:80", "[2001:db8::1]", "2001:db8::1]:80",
        "2001:db8:::1", "localhost", "0x7f000001", "3405803783", "' OR 1=1 --",
        "1" * 5000, "203.0.113.7/32", "<script>", "٢٠٣.0.113.7",
    ],
)  # fmt: skip
def test_garbage_is_the_peer(value: str) -> None:
    assert client_address(request(PROXY, X_Real_IP=value)) == PROXY


@pytest.mark.parametrize(
    ("value", "address"),
    [
        (f"{CLIENT},{STRANGER}", CLIENT),
        (f"{CLIENT}, {STRANGER}", CLIENT),
        (f"garbage,{STRANGER}", PROXY),
        (f",{STRANGER}", PROXY),
    ],
)
def test_first_of_a_repeated_header_counts(value: str, address: str) -> None:
    assert client_address(request(PROXY, X_Real_IP=value)) == address


@pytest.mark.parametrize(
    ("value", "address"),
    [
        ("2001:DB8::0001", "2001:db8::1"),
        ("::ffff:203.0.113.7", CLIENT),
        ("fe80::1%eth0", "fe80::1"),
        (f"  {CLIENT}  ", CLIENT),
    ],
)
def test_one_client_has_one_name(value: str, address: str) -> None:
    assert client_address(request(PROXY, X_Real_IP=value)) == address


@pytest.mark.parametrize("peer", ["::ffff:10.0.0.2", "fd00::2", "10.255.255.255"])
def test_proxy_is_known_in_every_spelling(peer: str) -> None:
    assert client_address(request(peer, X_Real_IP=CLIENT)) == CLIENT


@pytest.mark.parametrize("peer", ["11.0.0.2", "::ffff:11.0.0.2", "fe00::2", "::1"])
def test_neighbour_of_the_proxies_is_none(peer: str) -> None:
    assert client_address(request(peer, X_Real_IP=CLIENT)) != CLIENT


def test_nobody_is_trusted_without_a_list(settings: Settings) -> None:
    settings.TRUSTED_PROXIES = []
    assert client_address(request(PROXY, X_Real_IP=CLIENT)) == PROXY


def test_proxy_on_a_unix_socket_names_the_client() -> None:
    assert client_address(request("", X_Real_IP=CLIENT)) == CLIENT


@pytest.mark.parametrize("value", ["", "garbage"])
def test_unix_socket_without_a_name_is_an_empty_address(value: str) -> None:
    nameless = request("", X_Real_IP=value)
    assert client_address(nameless) == ""
    assert neighbourhood(client_address(nameless)) == ""


def test_peer_that_is_no_address_is_not_trusted() -> None:
    assert client_address(request("unix:", X_Real_IP=CLIENT)) == ""


@pytest.mark.parametrize(
    ("address", "shared"),
    [
        ("2001:db8:1:2::1", "2001:db8:1:2::/64"),
        ("2001:db8:1:2:ffff:ffff:ffff:ffff", "2001:db8:1:2::/64"),
        ("2001:db8:1:3::1", "2001:db8:1:3::/64"),
        (CLIENT, CLIENT),
    ],
)
def test_ipv6_clients_have_a_whole_64(address: str, shared: str) -> None:
    assert neighbourhood(address) == shared


def test_request_log_names_the_client(
    client: Client, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO, logger="karima.request"):
        client.get("/health/live", REMOTE_ADDR=PROXY, headers={"X-Real-IP": CLIENT})
    (record,) = [r for r in caplog.records if r.name == "karima.request"]
    assert vars(record)["ip"] == CLIENT
