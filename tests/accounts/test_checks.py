"""Preflight of Access and Kratos, against servers that answer well and badly."""

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml
from pytest_django import Settings

from accounts import checks
from karima.env import from_mapping
from karima.preflight.items import Context
from sandbox.kratos import Kratos
from tests.karima.preflight_servers import (
    Reply,
    local_network,
    make_certificate,
    production_context,
    serving,
    states,
)
from tests.karima.processes import ROOT

ADMIN = "admin.ks-backend.cloud"
TEAM = "karima.cloudflareaccess.com"
ACCESS_ANSWERS = [
    (302, f"https://{TEAM}/cdn-cgi/access/login/{ADMIN}?kid=1", "ok"),
    (302, "https://others.cloudflareaccess.com/cdn-cgi/access/login", "fail"),
    (302, f"https://{TEAM}.evil.example/cdn-cgi/access/login", "fail"),
    (302, "/admin/login/", "fail"),
    (403, "", "fail"),
    (200, "", "fail"),
]


@pytest.mark.parametrize(("status", "location", "state"), ACCESS_ANSWERS)
def test_stranger_must_be_sent_to_our_team(
    settings: Settings,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    status: int,
    location: str,
    state: str,
) -> None:
    def site(host: str, path: str, headers: Mapping[str, str]) -> Reply:
        return status, {"Location": location} if location else {}, b""

    settings.CF_ACCESS_TEAM_DOMAIN = TEAM
    pair = make_certificate(tmp_path, ADMIN, days=90)
    monkeypatch.setenv("SSL_CERT_FILE", str(pair))
    with serving(site, pair) as port:
        context = production_context(network=local_network(port, ADMIN))
        assert states(checks.access(context)) == [state]


def test_admin_host_that_is_away_fails() -> None:
    context = production_context(network=local_network(9, ADMIN))
    assert states(checks.access(context)) == ["fail"]


def test_no_admin_host_fails() -> None:
    context = production_context(environment=from_mapping({}))
    assert states(checks.access(context)) == ["fail"]


@pytest.fixture
def context(kratos: Kratos, settings: Settings) -> Context:
    """Give the context of a shop in front of this Kratos."""
    url = kratos.public_url
    settings.KRATOS_INTERNAL_URL = url
    settings.KRATOS_COOKIE_DOMAIN = ""
    return production_context(environment=from_mapping({"KRATOS_PUBLIC_URL": url}))


def test_kratos_for_this_shop_is_ok(context: Context) -> None:
    assert states(checks.kratos_ready(context)) == ["ok"]
    assert states(checks.kratos_flows(context)) == ["ok", "ok"]


def test_kratos_that_is_not_ready_fails(context: Context, settings: Settings) -> None:
    def site(host: str, path: str, headers: Mapping[str, str]) -> Reply:
        return 503, {}, b""

    with serving(site) as port:
        settings.KRATOS_INTERNAL_URL = f"http://127.0.0.1:{port}"
        assert states(checks.kratos_ready(context)) == ["fail"]
    settings.KRATOS_INTERNAL_URL = "http://127.0.0.1:9"
    assert states(checks.kratos_ready(context)) == ["fail"]


def test_kratos_that_is_away_for_browsers_fails() -> None:
    env = from_mapping({"KRATOS_PUBLIC_URL": "http://127.0.0.1:9"})
    context = production_context(environment=env)
    assert states(checks.kratos_flows(context)) == ["fail"]


def test_other_sign_in_pages_fail(context: Context, kratos: Kratos) -> None:
    kratos.configure(ui_url="http://127.0.0.1:4455")
    (page, *_) = checks.kratos_flows(context)
    assert page.state == "fail"
    assert "KRATOS_UI_URL" in page.mend


def test_cookies_of_another_domain_fail(
    context: Context, kratos: Kratos, settings: Settings
) -> None:
    settings.KRATOS_COOKIE_DOMAIN = "ks-backend.cloud"
    assert states(checks.kratos_flows(context)) == ["ok", "fail"]
    kratos.configure(cookie_domain="ks-backend.cloud")
    assert states(checks.kratos_flows(context)) == ["ok", "ok"]


def test_cookie_over_https_must_be_secure() -> None:
    here = "Domain=ks-backend.cloud"
    answer = checks.Answer(303, {"set-cookie": f"csrf_token=1; {here}"}, b"")
    assert checks._cookie(answer, is_secure=True).state == "fail"
    answer = checks.Answer(303, {"set-cookie": f"csrf_token=1; {here}; Secure"}, b"")
    assert checks._cookie(answer, is_secure=True).state == "ok"


def test_storefront_must_be_an_allowed_return(context: Context, kratos: Kratos) -> None:
    kratos.configure(allowed_return_urls=())
    assert "fail" in states(checks.kratos_flows(context))


def test_return_to_anywhere_fails(context: Context, kratos: Kratos) -> None:
    allowed = ("http://127.0.0.1:3000/", checks.STRANGER)
    kratos.configure(allowed_return_urls=allowed)
    assert states(checks.kratos_flows(context)) == ["ok", "ok", "fail"]


@pytest.fixture
def shipped(tmp_path: Path) -> Iterator[Callable[..., Context]]:
    """Return a function that gives the context of the shipped file, with changes."""
    text = (ROOT / "deploy/kratos/kratos.prod.yml").read_text(encoding="utf-8")
    path = tmp_path / "kratos.private.yml"

    def make(change: Callable[[Any], None] | None = None) -> Context:
        config = yaml.safe_load(text.replace("<KRATOS_WEBHOOK_KEY>", "k" * 64))
        if change:
            change(config)
        path.write_text(yaml.safe_dump(config), encoding="utf-8")
        path.chmod(0o600)
        return production_context(kratos_config=path)

    yield make


@pytest.fixture(autouse=True)
def cookie_domain(settings: Settings) -> None:
    settings.KRATOS_COOKIE_DOMAIN = "ks-backend.cloud"


def test_shipped_file_with_a_key_is_ok(shipped: Callable[..., Context]) -> None:
    assert states(checks.kratos_file(shipped())) == ["ok"]


def leaks(config: Any) -> None:
    config["log"]["leak_sensitive_values"] = True


def other_base(config: Any) -> None:
    config["serve"]["public"]["base_url"] = "http://127.0.0.1:4433/"


def other_page(config: Any) -> None:
    config["selfservice"]["flows"]["login"]["ui_url"] = "http://127.0.0.1:4455/login"


def other_cookie(config: Any) -> None:
    config["cookies"]["domain"] = "example.com"


def no_return(config: Any) -> None:
    config["selfservice"]["allowed_return_urls"] = ["https://auth.ks-backend.cloud/"]


@pytest.mark.parametrize(
    "change", [leaks, other_base, other_page, other_cookie, no_return]
)
def test_file_for_another_domain_fails(
    shipped: Callable[..., Context], change: Callable[[Any], None]
) -> None:
    assert states(checks.kratos_file(shipped(change))) == ["fail"]


def test_file_with_a_key_that_others_can_read_fails(
    shipped: Callable[..., Context],
) -> None:
    context = shipped()
    context.kratos_config.chmod(0o644)
    assert states(checks.kratos_file(context)) == ["ok", "fail"]


def test_file_without_a_key_is_noticed() -> None:
    path = ROOT / "deploy/kratos/kratos.prod.yml"
    context = production_context(kratos_config=path)
    assert states(checks.kratos_file(context)) == ["ok", "manual"]


@pytest.mark.parametrize(
    ("text", "state"), [(None, "manual"), ("[", "manual"), ("1", "fail")]
)
def test_file_that_says_nothing(tmp_path: Path, text: str | None, state: str) -> None:
    path = tmp_path / "kratos.yml"
    if text is not None:
        path.write_text(text, encoding="utf-8")
    context = production_context(kratos_config=path)
    assert states(checks.kratos_file(context)) == [state]


GOOD_SECRETS = {
    "DSN": "postgres://kratos:a%40b@postgres:5432/kratos?sslmode=verify-full",
    "SECRETS_DEFAULT": "d" * 32,
    "SECRETS_COOKIE": "c" * 32,
    "SECRETS_CIPHER": "e" * 32,
    "COURIER_SMTP_CONNECTION_URI": "smtps://u:p@smtp.example:465/",
}


def secrets_context(folder: Path, **changes: str) -> Context:
    path = folder / ".env.kratos"
    lines = [f"{name}={value}" for name, value in (GOOD_SECRETS | changes).items()]
    path.write_text("\n".join(lines), encoding="utf-8")
    path.chmod(0o600)
    return production_context(kratos_env_file=path)


def test_secrets_of_its_own_are_ok(tmp_path: Path) -> None:
    assert states(checks.kratos_secrets(secrets_context(tmp_path))) == ["ok"]
    two = f"{'e' * 32},{'f' * 32}"
    context = secrets_context(tmp_path, SECRETS_CIPHER=two)
    assert states(checks.kratos_secrets(context)) == ["ok"]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SECRETS_DEFAULT", "<32 characters>"),
        ("SECRETS_COOKIE", "short"),
        ("SECRETS_CIPHER", "e" * 31),
        ("SECRETS_CIPHER", ""),
        ("DSN", ""),
        ("COURIER_SMTP_CONNECTION_URI", "smtps://<user>:<password>@<server>:465/"),
    ],
)
def test_secret_of_an_example_fails(tmp_path: Path, name: str, value: str) -> None:
    context = secrets_context(tmp_path, **{name: value})
    (finding,) = checks.kratos_secrets(context)
    assert finding.state == "fail"
    assert name in finding.text
    assert value not in finding.text or not value


def test_secrets_that_others_can_read_fail(tmp_path: Path) -> None:
    context = secrets_context(tmp_path)
    context.kratos_env_file.chmod(0o644)
    assert states(checks.kratos_secrets(context)) == ["fail", "ok"]


def test_secrets_elsewhere_are_for_a_person(tmp_path: Path) -> None:
    context = production_context(kratos_env_file=tmp_path / "nowhere")
    assert states(checks.kratos_secrets(context)) == ["manual"]
