"""Every rule of production: a sound environment, one value changed, that one id."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from karima.env import BadEnvironment, from_mapping, rules
from tests.karima.environments import as_mapping, good_production
from tests.karima.processes import ROOT, run_python

GOOD = good_production()
HEX_SECRET = "0123456789abcdef" * 3


def in_minutes(minutes: int) -> str:
    return (datetime.now(UTC) + timedelta(minutes=minutes)).isoformat()


def test_good_production_is_accepted_without_a_warning() -> None:
    assert list(rules.warnings(from_mapping(GOOD))) == []


REFUSALS = [
    ("K001", "APP_ENV", "prod"),
    ("K002", "DEBUG", "true"),
    ("K003", "JWT_SECRET", ""),
    ("K003", "JWT_SECRET", "super_secret_key"),
    ("K003", "JWT_SECRET", HEX_SECRET),
    ("K003", "JWT_SECRET", "ab" * 40),
    ("K003", "JWT_SECRET", "abcdefghijkl" + "a" * 80),
    ("K003", "JWT_SECRET", GOOD["JWT_SECRET"] + "ChangeMe"),
    ("K003", "JWT_SECRET", GOOD["JWT_SECRET"] + "<"),
    ("K003", "DJANGO_SECRET_KEY", "too-short"),
    ("K004", "DB_PASSWORD", ""),
    ("K004", "DB_PASSWORD", "lokal"),
    ("K004", "DB_PASSWORD", "<strong-password>"),
    ("K004", "DB_PASSWORD", "fifteen-letters"),
    ("K004", "DB_HOST", ""),
    ("K004", "DB_NAME", ""),
    ("K004", "DB_USER", ""),
    ("K004", "REDIS_PASSWORD", ""),
    ("K004", "REDIS_HOST", ""),
    ("K005", "DB_SSL_MODE", "disable"),
    ("K005", "DB_SSL_MODE", "allow"),
    ("K005", "DB_SSL_MODE", "prefer"),
    ("K005", "DB_SSL_MODE", "yes"),
    ("K005", "DB_SSL_ROOT_CERT", ""),
    ("K005", "DB_SSL_ROOT_CERT", "/nowhere/ca.pem"),
    ("K006", "CORS_ORIGIN", ""),
    ("K006", "CORS_ORIGIN", "*"),
    ("K006", "CORS_ORIGIN", "http://karima.com"),
    ("K006", "CORS_ORIGIN", "https://localhost"),
    ("K006", "CORS_ORIGIN", "https://192.0.2.7"),
    ("K006", "CORS_ORIGIN", "https://[2001:db8::1]"),
    ("K006", "CORS_ORIGIN", "https://karima.com/shop"),
    ("K006", "CSRF_TRUSTED_ORIGINS", "http://admin.ks-backend.cloud"),
    ("K006", "STOREFRONT_URL", "http://karima.com"),
    ("K007", "MIDTRANS_IS_PRODUCTION", "false"),
    ("K007", "MIDTRANS_API_BASE_URL", "https://app.sandbox.midtrans.com/snap/v1"),
    ("K007", "MIDTRANS_API_BASE_URL", "https://app.midtrans.com.evil.example/snap/v1"),
    ("K007", "MIDTRANS_SNAP_BASE_URL", "https://snap.example.com/snap/v1"),
    ("K007", "MIDTRANS_CORE_BASE_URL", "http://api.midtrans.com"),
    ("K007", "MIDTRANS_SERVER_KEY", ""),
    ("K007", "MIDTRANS_SERVER_KEY", "SB-Mid-server-abcdefgh"),
    ("K007", "MIDTRANS_SERVER_KEY", "YOUR_SERVER_KEY"),
    ("K007", "MIDTRANS_SERVER_KEY", GOOD["MIDTRANS_CLIENT_KEY"]),
    ("K007", "MIDTRANS_SERVER_KEY", "Mid-client-abcdefgh"),
    ("K007", "MIDTRANS_CLIENT_KEY", ""),
    ("K007", "MIDTRANS_CLIENT_KEY", "SB-Mid-client-abcdefgh"),
    ("K007", "MIDTRANS_CLIENT_KEY", "Mid-server-abcdefgh"),
    ("K009", "KRATOS_PUBLIC_URL", ""),
    ("K009", "KRATOS_PUBLIC_URL", "http://auth.ks-backend.cloud"),
    ("K009", "KRATOS_BROWSER_URL", "http://auth.karima.com"),
    ("K009", "KRATOS_UI_URL", "http://auth.karima.com"),
    ("K009", "KRATOS_ADMIN_URL", "https://auth.ks-backend.cloud"),
    ("K009", "KRATOS_ADMIN_URL", "http://8.8.8.8:4434"),
    ("K009", "KRATOS_WEBHOOK_KEY", "changeme"),
    ("K009", "KRATOS_WEBHOOK_KEY", "<webhook-key>"),
    ("K010", "CF_ACCESS_AUD", ""),
    ("K010", "CF_ACCESS_AUD", "0123456789abcdef"),
    ("K010", "CF_ACCESS_TEAM_DOMAIN", ""),
    ("K010", "ACCESS_REQUIRED", "false"),
    ("K010", "ACCESS_BREAKGLASS_UNTIL", "soon"),
    ("K010", "ACCESS_BREAKGLASS_UNTIL", "2026-11-23T14:30:00"),
    ("K010", "ACCESS_BREAKGLASS_UNTIL", "2099-01-01T00:00:00+00:00"),
    ("K010", "CF_ACCESS_JWKS_URL", "https://keys.example.com"),
    ("K010", "CF_ACCESS_ISSUER", "https://issuer.example.com"),
    ("K011", "R2_PUBLIC_URL", ""),
    ("K011", "R2_PUBLIC_URL", "http://cdn.karima.com"),
    ("K011", "R2_PUBLIC_URL", "https://pub-1234.r2.dev"),
    ("K011", "R2_PUBLIC_URL", "https://api.karima.com"),
    ("K011", "R2_PUBLIC_URL", "https://admin.ks-backend.cloud"),
    ("K011", "R2_BUCKET_NAME", "dev-testing"),
    ("K011", "R2_BUCKET_NAME", ""),
    ("K011", "R2_PRIVATE_BUCKET_NAME", "karima-production"),
    ("K011", "R2_ACCOUNT_ID", ""),
    ("K011", "R2_SECRET_ACCESS_KEY", ""),
    ("K012", "RATE_LIMITS", "off"),
    ("K012", "TRUSTED_PROXIES", "0.0.0.0/0"),
    ("K012", "TRUSTED_PROXIES", "10.0.0.0/8,::/0"),
    ("K012", "TRUSTED_PROXIES", "*"),
    ("K014", "ALLOWED_HOSTS", "*"),
    ("K014", "ALLOWED_HOSTS", ".karima.com"),
    ("K014", "SECURE_HSTS_SECONDS", "86400"),
]


@pytest.mark.parametrize(("rule", "name", "value"), REFUSALS)
def test_production_refuses_one_bad_value(rule: str, name: str, value: str) -> None:
    with pytest.raises(BadEnvironment) as caught:
        from_mapping(GOOD | {name: value})
    (problem,) = caught.value.problems
    assert (problem.rule, problem.name) == (rule, name)
    assert value not in problem.mend.split()


DEVELOPMENT_REFUSALS = [
    ("MIDTRANS_IS_PRODUCTION", "true"),
    ("MIDTRANS_API_BASE_URL", "https://app.midtrans.com/snap/v1"),
    ("MIDTRANS_CORE_BASE_URL", "https://api.midtrans.com"),
    ("MIDTRANS_SERVER_KEY", "Mid-server-abcdefgh"),
    ("MIDTRANS_CLIENT_KEY", "Mid-client-abcdefgh"),
]


@pytest.mark.parametrize(("name", "value"), DEVELOPMENT_REFUSALS)
def test_development_refuses_what_could_move_real_money(name: str, value: str) -> None:
    with pytest.raises(BadEnvironment) as caught:
        from_mapping({name: value})
    (problem,) = caught.value.problems
    assert (problem.rule, problem.name) == ("K008", name)
    assert value not in problem.mend.split()


def test_development_takes_unprefixed_sandbox_keys_when_told() -> None:
    env = from_mapping(
        {
            "MIDTRANS_SERVER_KEY": "Mid-server-abcdefgh",
            "MIDTRANS_SANDBOX_KEY_UNPREFIXED": "true",
        }
    )
    assert env.midtrans_server_key.get_secret_value() == "Mid-server-abcdefgh"


def test_staging_keeps_the_rules_of_production_with_play_money() -> None:
    sandbox = {
        "APP_ENV": "staging",
        "MIDTRANS_IS_PRODUCTION": "false",
        "MIDTRANS_API_BASE_URL": "",
        "MIDTRANS_SERVER_KEY": "SB-Mid-server-abcdefgh",
        "MIDTRANS_CLIENT_KEY": "SB-Mid-client-abcdefgh",
    }
    assert from_mapping(GOOD | sandbox).is_strict
    with pytest.raises(BadEnvironment):
        from_mapping(GOOD | sandbox | {"DB_PASSWORD": "lokal"})


def test_secret_file_that_others_can_read_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "jwt"
    path.write_text(GOOD["JWT_SECRET"], encoding="utf-8")
    variables = GOOD | {"JWT_SECRET": "", "JWT_SECRET_FILE": str(path)}
    path.chmod(0o644)
    with pytest.raises(BadEnvironment) as caught:
        from_mapping(variables)
    (problem,) = caught.value.problems
    assert (problem.rule, problem.name) == ("K013", "JWT_SECRET_FILE")
    path.chmod(0o640)
    assert from_mapping(variables)


ADMIN = "https://admin.ks-backend.cloud"
SAME_SITE = [
    (f"https://karima.com,{ADMIN}", "api.karima.com"),
    ("https://karima.co.id", "api.karima.co.id"),
    ("https://www.karima.com,https://m.karima.com", "api.karima.com"),
    ("https://karima.com,https://karima.id", "api.karima.com,api.karima.id"),
]
OTHER_SITE = [
    (f"https://karima.com,{ADMIN}", "api.ks-backend.cloud"),
    ("https://karima.com,https://karima.id", "api.karima.com"),
    ("https://toko.co.id", "api.karima.co.id"),
    # Everybody has a name below these.
    ("https://karima.pages.dev", "api-karima.pages.dev"),
    ("https://karima.github.io", "api.github.io"),
]

WARNINGS = [
    ("W001", "API_HOSTS", "api.ks-backend.cloud"),
    ("W004", "REDIS_TLS", "false"),
    ("W005", "DB_SSL_MODE", "require"),
    ("W007", "MIDTRANS_MERCHANT_ID", ""),
    ("W012", "ACCESS_BREAKGLASS_UNTIL", "2026-11-23T00:00:00Z"),
]


@pytest.mark.parametrize(("rule", "name", "value"), WARNINGS)
def test_production_warns_of_a_weak_value(rule: str, name: str, value: str) -> None:
    certificate = {"DB_SSL_ROOT_CERT": ""} if name == "DB_SSL_MODE" else {}
    env = from_mapping(GOOD | {name: value} | certificate)
    assert [(p.rule, p.name) for p in rules.warnings(env)] == [(rule, name)]


@pytest.mark.parametrize("origins", SAME_SITE)
def test_origin_with_an_api_host_on_its_site_is_no_warning(
    origins: tuple[str, str],
) -> None:
    cors, api = origins
    env = from_mapping(GOOD | {"CORS_ORIGIN": cors, "API_HOSTS": api})
    assert list(rules.warnings(env)) == []


@pytest.mark.parametrize("origins", OTHER_SITE)
def test_each_origin_without_an_api_host_on_its_site_is_a_warning(
    origins: tuple[str, str],
) -> None:
    cors, api = origins
    env = from_mapping(GOOD | {"CORS_ORIGIN": cors, "API_HOSTS": api})
    (problem,) = rules.warnings(env)
    assert problem.rule == "W001"
    for profile in ("first-party", "own host", "hand-off"):
        assert profile in problem.mend


@pytest.mark.parametrize("app_env", ["development", "production"])
def test_window_of_an_hour_is_accepted_everywhere(app_env: str) -> None:
    values = GOOD if app_env == "production" else {}
    env = from_mapping(values | {"ACCESS_BREAKGLASS_UNTIL": in_minutes(59)})
    assert env.access_breakglass_until is not None


def test_longer_window_is_refused_in_development_too() -> None:
    with pytest.raises(BadEnvironment):
        from_mapping({"ACCESS_BREAKGLASS_UNTIL": in_minutes(61)})


def test_every_secret_of_the_example_is_refused_in_production() -> None:
    lines = (ROOT / ".env.example").read_text(encoding="utf-8").splitlines()
    example = as_mapping("\n".join(line for line in lines if "=" in line))
    for name in ("JWT_SECRET", "DB_PASSWORD", "REDIS_PASSWORD", "MIDTRANS_SERVER_KEY"):
        with pytest.raises(BadEnvironment):
            from_mapping(GOOD | {name: example[name]})


# One row for each rule, as the process that refuses to start tells it. K015 is a
# warning (W001), below.
TOLD = [
    ("K001", "APP_ENV", "prodduction"),
    ("K002", "DEBUG", "true"),
    ("K003", "JWT_SECRET", "short-value-of-nobody"),
    ("K004", "DB_PASSWORD", "nobodys-value"),
    ("K005", "DB_SSL_MODE", "disable"),
    ("K006", "CORS_ORIGIN", "http://nobodys-value.example"),
    ("K007", "MIDTRANS_SERVER_KEY", "SB-Mid-server-nobodys-value"),
    ("K009", "KRATOS_PUBLIC_URL", "http://nobodys-value.example"),
    ("K010", "CF_ACCESS_AUD", "nobodys-value"),
    ("K011", "R2_PUBLIC_URL", "https://nobodys-value.r2.dev"),
    ("K012", "TRUSTED_PROXIES", "203.0.113.7/0"),
    ("K014", "SECURE_HSTS_SECONDS", "86400"),
]


@pytest.mark.parametrize(("rule", "name", "value"), TOLD)
def test_process_names_the_rule_and_never_the_value(
    rule: str, name: str, value: str
) -> None:
    done = run_python("-c", "import karima.env", environment=GOOD | {name: value})
    assert done.returncode == 78
    (_, line) = done.stderr.splitlines()
    assert line.startswith(f"{rule} {name}: ")
    # What the mend says by itself is no value that somebody gave.
    assert value not in done.stderr or value in ("true", "disable")
    assert done.stdout == ""


def test_development_names_the_rule_and_never_the_value() -> None:
    value = "Mid-server-nobodys-value"
    environment = {"APP_ENV": "development", "MIDTRANS_SERVER_KEY": value}
    done = run_python("-c", "import karima.env", environment=environment)
    assert done.returncode == 78
    assert "K008 MIDTRANS_SERVER_KEY: " in done.stderr
    assert value not in done.stderr


@pytest.mark.parametrize("name", [".env.production", ".env.staging"])
def test_env_file_that_others_can_read_is_refused(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    lines = [f"{key}={value}" for key, value in GOOD.items() if key != "APP_ENV"]
    path.write_text("\n".join(lines), encoding="utf-8")
    environment = {"ENV_FILE": str(path), "APP_ENV": "production"}
    for mode, status in ((0o644, 78), (0o640, 0), (0o600, 0)):
        path.chmod(mode)
        done = run_python("-c", "import karima.env", environment=environment)
        assert done.returncode == status, done.stderr
    path.chmod(0o604)
    done = run_python("-c", "import karima.env", environment=environment)
    assert f"K013 {name}: " in done.stderr
    assert GOOD["JWT_SECRET"] not in done.stderr


def test_storefront_on_another_site_is_told_as_k015() -> None:
    env = from_mapping(GOOD | {"API_HOSTS": "api.ks-backend.cloud"})
    (problem,) = rules.warnings(env)
    assert (problem.rule, problem.name) == ("W001", "API_HOSTS")
    assert "K015" in problem.mend
    assert "api.ks-backend.cloud" not in problem.mend
