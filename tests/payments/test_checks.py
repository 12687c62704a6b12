"""Preflight of Midtrans: the right key, a wrong one, and no answer."""

from pytest_django import Settings

from payments import checks
from sandbox.midtrans import Midtrans
from tests.karima.preflight_servers import production_context, states


def test_known_key_is_ok(gateway: Midtrans) -> None:
    assert states(checks.midtrans_key(production_context())) == ["ok"]


def test_key_of_another_environment_fails(
    gateway: Midtrans, settings: Settings
) -> None:
    settings.MIDTRANS_SERVER_KEY = "Mid-server-of-somebody-else"
    (finding,) = checks.midtrans_key(production_context())
    assert finding.state == "fail"
    assert "401" in finding.text
    assert "somebody" not in finding.text + finding.mend


def test_midtrans_that_is_away_fails(gateway: Midtrans, settings: Settings) -> None:
    settings.MIDTRANS_CORE_BASE_URL = "http://127.0.0.1:9"
    assert states(checks.midtrans_key(production_context())) == ["fail"]
