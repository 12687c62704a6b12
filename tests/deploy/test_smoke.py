"""Smoke and load, against the shop itself and against servers that misbehave."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from pytest_django import Settings

from accounts.models import User
from deploy import loadtest, smoke
from sandbox.kratos import Kratos
from tests.factories import VariantFactory
from tests.karima.preflight_servers import Reply, serving

ORIGIN = "http://127.0.0.1:3000"


@pytest.fixture
def reports(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("REPORTS_DIR", str(tmp_path))
    return tmp_path


@pytest.fixture
def shop(
    transactional_db: None,
    customer_groups: None,
    live_server: Any,
    kratos: Kratos,
    settings: Settings,
) -> str:
    settings.KRATOS_INTERNAL_URL = kratos.public_url
    VariantFactory()
    return str(live_server.url)


def test_shop_passes_and_the_report_is_kept(
    shop: str, reports: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    users = User.objects.count()
    status = smoke.main([shop, "--origin", ORIGIN])
    told = capsys.readouterr().out
    assert status == 0, told
    assert "6 of 6 flows work" in told
    assert json.loads((reports / "smoke.json").read_text())["ok"] is True
    assert User.objects.count() == users


def test_wrong_origin_and_empty_catalogue_are_told(
    shop: str, reports: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    VariantFactory._meta.model.objects.all().update(is_active=False)
    assert smoke.main([shop, "--origin", "https://other.example"]) == 1
    told = capsys.readouterr().out
    assert "CORS does not allow https://other.example" in told
    assert json.loads((reports / "smoke.json").read_text())["ok"] is False


def misbehaving(host: str, path: str, headers: Mapping[str, str]) -> Reply:
    """Answer everything with one page, as a parked domain does."""
    return 200, {"Set-Cookie": "a=1"}, b"<html>"


def test_every_flow_notices_another_site(reports: Path) -> None:
    with serving(misbehaving) as port:
        shop = smoke.Shop(f"http://127.0.0.1:{port}", ORIGIN)
        found = dict(smoke.walk(shop))
    assert [name for name, problems in found.items() if not problems] == []


def test_no_server_fails_every_flow(reports: Path) -> None:
    assert smoke.main(["http://127.0.0.1:9"]) == 1


@pytest.mark.parametrize("environment", ["production", "development"])
def test_docs_may_show_outside_production_only(environment: str) -> None:
    def site(host: str, path: str, headers: Mapping[str, str]) -> Reply:
        return (200 if path == "/api/docs" else 404), {}, b""

    with serving(site) as port:
        shop = smoke.Shop(f"http://127.0.0.1:{port}", environment=environment)
        shown = [p for p in smoke.closed_doors(shop) if "docs" in p]
    assert bool(shown) == (environment == "production")


def test_load_of_the_shop_is_measured(
    shop: str, reports: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = [shop, "--clients=2", "--seconds=1", "--p95-ms=60000"]
    assert loadtest.main(arguments) == 0
    assert "p95" in capsys.readouterr().out
    assert json.loads((reports / "loadtest.json").read_text())["ok"] is True


BAD_LOADS = [(503, 0.0, 1), (429, 60_000.0, 1), (200, 0.0, 1), (200, 60_000.0, 0)]


@pytest.mark.parametrize(("status", "p95_ms", "exit_status"), BAD_LOADS)
def test_faults_limits_and_slowness_fail(
    reports: Path, status: int, p95_ms: float, exit_status: int
) -> None:
    asked = 0

    def site(host: str, path: str, headers: Mapping[str, str]) -> Reply:
        nonlocal asked
        asked += 1
        return (200 if asked == 1 else status), {}, b'{"results": []}'

    with serving(site) as port:
        url = f"http://127.0.0.1:{port}"
        arguments = [url, "--clients=1", "--seconds=0.3", f"--p95-ms={p95_ms}"]
        assert loadtest.main(arguments) == exit_status
    report = json.loads((reports / "loadtest.json").read_text())
    assert report["ok"] is (exit_status == 0)


@pytest.mark.parametrize(
    "arguments",
    [
        ["https://api.karima.com"],
        ["https://api.karima.com", "--remote", "karima.com"],
        ["http://127.0.0.1:1", "--clients", "65"],
        ["http://127.0.0.1:1", "--seconds", "601"],
        ["not-an-address"],
    ],
)
def test_load_on_others_or_without_bound_is_refused(arguments: list[str]) -> None:
    with pytest.raises(SystemExit):
        loadtest.parse(arguments)


def test_load_on_another_machine_wants_its_name() -> None:
    given = loadtest.parse(["https://api.karima.com", "--remote", "api.karima.com"])
    assert given.remote == "api.karima.com"


def test_no_shop_is_no_load(reports: Path) -> None:
    assert loadtest.main(["http://127.0.0.1:9", "--seconds=1"]) == 1
    assert not (reports / "loadtest.json").exists()
