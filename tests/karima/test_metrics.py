"""What the processes count: which facts, under which few labels, and for whom."""

import random
import shutil
import string
import subprocess
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from prometheus_client import REGISTRY
from prometheus_client.parser import text_string_to_metric_families
from pytest_django import Settings
from redis.exceptions import ConnectionError

from karima import metrics, metrics_folder
from karima import redis as shop_redis
from karima.breaker import Breaker

TOKEN = "token-pemantau-yang-panjang"
WITH_TOKEN = {"Authorization": f"Bearer {TOKEN}"}
pytestmark = pytest.mark.django_db


def value(name: str, **labels: str) -> float:
    return REGISTRY.get_sample_value(name, labels) or 0.0


def series() -> set[tuple[str, tuple[tuple[str, str], ...]]]:
    return {
        (sample.name, tuple(sorted(sample.labels.items())))
        for family in REGISTRY.collect()
        for sample in family.samples
    }


def promtool(*arguments: str, given: str = "") -> str:
    """Run promtool, and return what it says after a success."""
    program = shutil.which("promtool")
    assert program, "promtool is missing: make programs"
    done = subprocess.run(
        [program, *arguments], input=given, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


@pytest.fixture(autouse=True)
def token(settings: Settings) -> None:
    settings.METRICS_TOKEN = TOKEN


@pytest.mark.parametrize("path", ["/internal/metrics", "/metrics"])
def test_monitor_reads_what_promtool_accepts(client: Client, path: str) -> None:
    client.get("/health/live")
    answer = client.get(path, headers=WITH_TOKEN)
    text = answer.content.decode()
    assert answer.status_code == 200
    assert answer.headers["Content-Type"].startswith("text/plain; version=")
    assert answer.headers["Cache-Control"] == "no-store"
    assert 'karima_http_requests_total{method="GET",route="health-live"' in text
    assert promtool("check", "metrics", given=text) == ""


@pytest.mark.parametrize(
    "headers",
    [{}, {"Authorization": "Bearer wrong"}, {"Authorization": f"Basic {TOKEN}"},
     {"Authorization": "Bearer "}],
)  # fmt: skip
def test_others_are_refused(client: Client, headers: dict[str, str]) -> None:
    answer = client.get("/internal/metrics", headers=headers)
    assert answer.status_code == 403
    assert b"karima_" not in answer.content


@pytest.mark.parametrize("headers", [{}, WITH_TOKEN, {"Authorization": "Bearer "}])
def test_without_a_token_there_is_no_such_page(
    client: Client, settings: Settings, headers: dict[str, str]
) -> None:
    settings.METRICS_TOKEN = ""
    assert client.get("/internal/metrics", headers=headers).status_code == 404


@pytest.mark.parametrize("host", ["backend:8080", "172.18.0.5:8080"])
def test_prometheus_calls_by_the_containers_name(client: Client, host: str) -> None:
    named = WITH_TOKEN | {"Host": host}
    assert client.get("/internal/metrics", headers=named).status_code == 200
    assert client.get("/health", headers=named).status_code == 400


def test_looks_are_not_limited(client: Client, settings: Settings, limits: Any) -> None:
    answers = [client.get("/metrics", headers=WITH_TOKEN) for _ in range(200)]
    assert {answer.status_code for answer in answers} == {200}
    assert "RateLimit" not in answers[-1].headers


def test_request_is_counted_by_the_name_of_its_route(client: Client) -> None:
    labels = {"route": "product-detail", "method": "GET", "status": "404"}
    before = value("karima_http_requests_total", **labels)
    seconds = value("karima_http_request_seconds_count", route="product-detail")
    client.get("/api/v1/products/tidak-ada")
    assert value("karima_http_requests_total", **labels) == before + 1
    assert value("karima_http_request_seconds_count", route="product-detail") == (
        seconds + 1
    )


def ask_strange_things(client: Client, words: list[str]) -> None:
    starts = ("/", "/api/", "/api/v1/products/", "/static/", "/admin/x", "/swagger/")
    for start in starts:
        for word in words:
            client.get(f"{start}{word}")
    for word in words[:10]:
        client.generic(word.upper(), "/health/live")


def test_strangers_paths_and_methods_make_no_series(client: Client) -> None:
    """Six beginnings, 170 words: more than a thousand addresses."""
    dice = random.Random(2026)  # noqa: S311 the same words every time
    words = ["".join(dice.choices(string.ascii_lowercase, k=12)) for _ in range(171)]
    ask_strange_things(client, words[:1])
    known = series()
    ask_strange_things(client, words[1:])
    assert series() == known
    routes = {dict(labels).get("route", "") for _, labels in known}
    assert not any(set(route) & set("/ ?") for route in routes)


@pytest.mark.parametrize("kind", ["redis", "kratos"])
def test_open_breaker_is_seen(kind: str) -> None:
    breaker: Any = (
        shop_redis.Breaker()
        if kind == "redis"
        else Breaker(dependency="kratos", failures=5, within_seconds=10, open_seconds=5)
    )
    fail: Callable[[], None] = breaker.fail if kind == "redis" else breaker.failed
    succeed = breaker.succeed if kind == "redis" else breaker.answered
    for _ in range(5):
        fail()
    assert value("karima_breaker_open", dep=kind) == 1
    succeed()
    assert value("karima_breaker_open", dep=kind) == 0


def test_call_to_the_outside_is_counted_by_how_it_ends() -> None:
    ok = {"dep": "test", "result": "ok"}
    failed = {"dep": "test", "result": "ConnectionError"}
    with metrics.asking("test"):
        pass
    with pytest.raises(ConnectionError), metrics.asking("test"):
        raise ConnectionError
    assert value("karima_dependency_requests_total", **ok) == 1
    assert value("karima_dependency_requests_total", **failed) == 1
    assert value("karima_dependency_request_seconds_count", dep="test") == 2


def test_foreign_origin_is_counted(client: Client) -> None:
    before = value("karima_csrf_refused_total", reason="origin")
    client.post("/api/v1/cart/items", headers={"Origin": "https://jahat.example"})
    assert value("karima_csrf_refused_total", reason="origin") == before + 1


def test_slots_are_given_out_again() -> None:
    assert metrics_folder.free_slot([]) == 0
    assert metrics_folder.free_slot([0, 1]) == 2
    assert metrics_folder.free_slot([0, 2]) == 1


def test_folder_is_wiped_at_the_start(
    tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(metrics_folder.FOLDER, str(tmp_path))
    (tmp_path / "counter_7.db").write_bytes(b"of an earlier start")
    assert metrics_folder.begin() == tmp_path
    assert list(tmp_path.iterdir()) == []


def test_every_metric_has_one_family_in_the_exposition(client: Client) -> None:
    text = client.get("/metrics", headers=WITH_TOKEN).content.decode()
    names = [family.name for family in text_string_to_metric_families(text)]
    assert len(names) == len(set(names))
