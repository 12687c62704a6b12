import os
from pathlib import Path

import pytest

from karima.env import BadEnvironment, derived, from_mapping, source
from karima.env.fields import OTHER_SPELLINGS
from tests.karima.environments import (
    PRODUCTION_BLOCK,
    STRONG_PASSWORD,
    as_mapping,
    good_production,
)
from tests.karima.processes import run_python


def problems_of(mapping: dict[str, str]) -> list[tuple[str, str]]:
    with pytest.raises(BadEnvironment) as caught:
        from_mapping(mapping)
    return [(problem.rule, problem.name) for problem in caught.value.problems]


@pytest.mark.parametrize(
    ("raw", "value"),
    [
        ("http://kratos:4434  # Internal Docker network", "http://kratos:4434"),
        ("p@ss:/w#%", "p@ss:/w#%"),
        ("#starts-with-a-hash", "#starts-with-a-hash"),
        ('"with # inside"', "with # inside"),
        ("'single'", "single"),
        ('"quoted" # comment', "quoted"),
        ('"unclosed', '"unclosed'),
        ("  spaces  ", "spaces"),
        (" # only a comment", ""),
        ("", ""),
    ],
)
def test_values_lose_comments_quotes_and_white_space(raw: str, value: str) -> None:
    assert source.clean(raw) == value


def test_process_values_lose_comments_that_docker_env_file_keeps() -> None:
    env = from_mapping({"KRATOS_ADMIN_URL": "http://kratos:4434  # Internal"})
    assert env.kratos_admin_url == "http://kratos:4434"


def test_empty_values_mean_the_default() -> None:
    assert from_mapping({"APP_PORT": "", "DB_POOL_MAX": ""}).app_port == 8080


def test_nothing_set_is_a_working_development() -> None:
    env = from_mapping({})
    assert (env.app_env, env.is_strict) == ("development", False)


@pytest.mark.parametrize(("spelling", "name"), OTHER_SPELLINGS.items())
def test_other_spellings_are_read_as_the_main_name(spelling: str, name: str) -> None:
    value = "https://example.test" if name.endswith("_URL") else "192.0.2.1"
    given, meant = from_mapping({spelling: value}), from_mapping({name: value})
    assert given == meant != from_mapping({})


def test_main_name_wins_over_its_other_spelling() -> None:
    env = from_mapping({"API_HOST": "a.example", "API_HOSTS": "b.example"})
    assert env.api_hosts == ("b.example",)


def test_every_problem_is_reported_at_once() -> None:
    found = problems_of(
        {
            "APP_ENV": "prod",
            "APP_PORT": "eighty",
            "DB_SSL_MODE": "on",
            "RATE_LIMITS": "off",
        }
    )
    assert {
        ("K001", "APP_ENV"),
        ("K000", "APP_PORT"),
        ("K005", "DB_SSL_MODE"),
        ("K012", "RATE_LIMITS"),
        ("K003", "JWT_SECRET"),
        ("K004", "DB_PASSWORD"),
    } <= set(found)


def test_placeholders_are_refused_in_production_each_by_name() -> None:
    assert set(problems_of(as_mapping(PRODUCTION_BLOCK))) == {
        ("K003", "JWT_SECRET"),
        ("K004", "DB_PASSWORD"),
        ("K004", "REDIS_PASSWORD"),
        ("K007", "MIDTRANS_SERVER_KEY"),
        ("K007", "MIDTRANS_CLIENT_KEY"),
    }


@pytest.mark.parametrize(
    ("name", "value", "kept"),
    [
        ("RATE_LIMIT_WINDOW", "1m", 60),
        ("CACHE_DURATION", "24h", 86400),
        ("DB_STATEMENT_TIMEOUT", "0", 0),
        ("FILE_UPLOAD_MAX_SIZE", "10MB", 10_485_760),
        ("MIDTRANS_TIMEOUT", "1.5, 4", (1.5, 4.0)),
        ("RATE_LIMITS", "on", True),
        ("CORS_ORIGIN", " https://a.id , https://b.id ", ("https://a.id", "https://b.id")),
        ("KRATOS_PUBLIC_URL", "http://kratos:4433/", "http://kratos:4433"),
    ],
)  # fmt: skip
def test_texts_become_values(name: str, value: str, kept: object) -> None:
    assert getattr(from_mapping({name: value}), name.lower()) == kept


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("CORS_ORIGIN", "*"),
        ("CORS_ORIGIN", "null"),
        ("CORS_ORIGIN", "karima.com"),
        ("CORS_ORIGIN", "https://karima.com/"),
        ("CORS_ORIGIN", "https://karima.com/path"),
        ("CORS_ORIGIN", "https://user@karima.com"),
        ("CORS_ORIGIN", "https://KARIMA.com"),
        ("CORS_ORIGIN", "https://karima.com,https://karima.com"),
        ("KRATOS_PUBLIC_URL", "kratos:4433"),
        ("KRATOS_ADMIN_URL", "http://kratos:4434 Internal"),
        ("API_HOSTS", "https://api.karima.com"),
        ("TRUSTED_PROXIES", "cloudflare"),
        ("RATE_LIMIT_WINDOW", "soon"),
        ("FILE_UPLOAD_MAX_SIZE", "10 apples"),
        ("APP_PORT", "70000"),
        ("MIDTRANS_TIMEOUT", "fast"),
    ],
)
def test_values_of_the_wrong_kind_are_refused_and_not_shown(
    name: str, value: str
) -> None:
    with pytest.raises(BadEnvironment) as caught:
        from_mapping({name: value})
    (problem,) = caught.value.problems
    assert problem.name == name
    assert value not in problem.mend.split()


def test_secret_is_read_from_its_file(tmp_path: Path) -> None:
    path = tmp_path / "password"
    path.write_text(STRONG_PASSWORD + " # kept\n", encoding="utf-8")
    env = from_mapping({"DB_PASSWORD_FILE": str(path)})
    assert env.db_password.get_secret_value() == STRONG_PASSWORD + " # kept"


def test_missing_secret_file_is_refused() -> None:
    found = problems_of({"DB_PASSWORD_FILE": "/nowhere"})
    assert found == [("K000", "DB_PASSWORD_FILE")]


def test_secret_and_its_file_together_are_refused(tmp_path: Path) -> None:
    found = problems_of({"DB_PASSWORD": "a", "DB_PASSWORD_FILE": str(tmp_path)})
    assert found == [("K000", "DB_PASSWORD_FILE")]


def test_secrets_do_not_show_in_the_representation(tmp_path: Path) -> None:
    env = from_mapping({"DB_PASSWORD": STRONG_PASSWORD, "JWT_SECRET": "hidden-value"})
    assert STRONG_PASSWORD not in repr(env)
    assert "hidden-value" not in repr(env)


def test_secret_key_is_derived_from_jwt_secret_and_survives_rotation() -> None:
    before = from_mapping({"JWT_SECRET": "old"})
    after = from_mapping({"JWT_SECRET": "new", "JWT_SECRET_PREVIOUS": "old"})
    (old_key,) = derived.secret_keys(before)
    new_key, fallback = derived.secret_keys(after)
    assert fallback == old_key != new_key
    assert "old" not in old_key


def test_derived_keys_follow_rfc_5869() -> None:
    # Worked out by hand: two rounds of HMAC-SHA256 over the extracted key.
    assert derived.derive_key("secret", purpose="django-secret-key") == (
        "6ba4d017e2c6fedd25800ee26929c8d2ef7d6d37399e6869353bae2f7c1e2d56"
        "76051f6e4bf305ea9b84fa7d8717177476b9a6169d365a6e7a96afbe0180efa5"
    )


def test_django_secret_key_comes_first_and_jwt_secret_stays_a_fallback() -> None:
    env = from_mapping(
        {
            "DJANGO_SECRET_KEY": "given",
            "DJANGO_SECRET_KEY_FALLBACKS": "older, oldest",
            "JWT_SECRET": "jwt",
        }
    )
    keys = derived.secret_keys(env)
    assert keys[:3] == ["given", "older", "oldest"]
    assert len(keys) == 4


KRATOS_FORMS = [
    ("http://127.0.0.1:4433", "http://127.0.0.1:4433"),
    ("http://kratos:4433", "http://127.0.0.1:4433"),
    ("https://auth.ks-backend.cloud", "https://auth.ks-backend.cloud"),
]


@pytest.mark.parametrize(("public", "browser"), KRATOS_FORMS)
def test_browsers_are_never_sent_to_a_containers_name(
    public: str, browser: str
) -> None:
    env = from_mapping({"KRATOS_PUBLIC_URL": public})
    assert derived.kratos_browser_url(env) == browser


@pytest.mark.parametrize(("public", "browser"), KRATOS_FORMS)
def test_given_browser_url_wins(public: str, browser: str) -> None:
    env = from_mapping(
        {"KRATOS_PUBLIC_URL": public, "KRATOS_BROWSER_URL": "https://auth.karima.com"}
    )
    assert derived.kratos_browser_url(env) == "https://auth.karima.com"


@pytest.mark.parametrize(
    ("variables", "snap", "core"),
    [
        ({}, "https://app.sandbox.midtrans.com/snap/v1", "https://api.sandbox.midtrans.com"),
        (
            {"MIDTRANS_API_BASE_URL": "https://app.sandbox.midtrans.com/snap/v1"},
            "https://app.sandbox.midtrans.com/snap/v1",
            "https://api.sandbox.midtrans.com",
        ),
        (
            {"MIDTRANS_API_BASE_URL": "http://127.0.0.1:4480"},
            "http://127.0.0.1:4480/snap/v1",
            "http://127.0.0.1:4480",
        ),
        (
            {"MIDTRANS_API_BASE_URL": "http://127.0.0.1:4480/snap/v1/"},
            "http://127.0.0.1:4480/snap/v1",
            "http://127.0.0.1:4480",
        ),
        (
            {
                "MIDTRANS_SNAP_BASE_URL": "http://snap.test/snap/v1",
                "MIDTRANS_CORE_API_URL": "http://core.test",
            },
            "http://snap.test/snap/v1",
            "http://core.test",
        ),
    ],
)  # fmt: skip
def test_midtrans_addresses(variables: dict[str, str], snap: str, core: str) -> None:
    env = from_mapping(variables)
    assert derived.midtrans_snap_url(env) == snap
    assert derived.midtrans_core_url(env) == core


@pytest.mark.parametrize(
    ("host", "domain"),
    [
        ("karima.com", "karima.com"),
        ("api.ks-backend.cloud", "ks-backend.cloud"),
        ("api.karima.co.id", "karima.co.id"),
        ("karima.co.id", "karima.co.id"),
        ("shop.karima.id", "karima.id"),
        ("karima.my.id", "karima.my.id"),
        ("preview.karima.pages.dev", "karima.pages.dev"),
        ("com", "com"),
        ("localhost", "localhost"),
        ("kratos", "kratos"),
        ("127.0.0.1", "127.0.0.1"),
        ("[::1]", "[::1]"),
    ],
)
def test_site_of_a_host(host: str, domain: str) -> None:
    assert derived.registrable_domain(host) == domain


PRINT_ENV = (
    "from karima.env import env; print(env.db_host, env.redis_host, env.db_name)"
)


def test_process_wins_over_the_file_and_empty_restores_the_default(
    tmp_path: Path,
) -> None:
    path = tmp_path / "env"
    path.write_text("DB_HOST=db\nREDIS_HOST=redis\nDB_NAME=karima_db # here\n")
    variables = {"ENV_FILE": str(path), "DB_HOST": "", "REDIS_HOST": "other"}
    done = run_python("-c", PRINT_ENV, environment=variables)
    assert done.stdout == " other karima_db\n"


def test_quoted_value_of_a_file_keeps_what_looks_like_a_comment(
    tmp_path: Path,
) -> None:
    path = tmp_path / "env"
    path.write_text('DB_NAME="a #b"\n')
    done = run_python("-c", PRINT_ENV, environment={"ENV_FILE": str(path)})
    assert done.stdout == "  a #b\n"


@pytest.mark.parametrize(
    "arguments",
    [
        ["manage.py", "check"],
        ["-c", "import karima.wsgi"],
        ["-m", "gunicorn", "--check-config", "--config", "deploy/gunicorn.conf.py"],
    ],
)
def test_refused_environment_ends_the_process_with_status_78(
    arguments: list[str],
) -> None:
    good = good_production()
    done = run_python(
        *arguments, environment=good | {"DB_PASSWORD": "lokal", "RATE_LIMITS": "off"}
    )
    assert done.returncode == os.EX_CONFIG == 78
    assert done.stderr.splitlines()[1:] == [
        "K004 DB_PASSWORD: needs 16 characters or more: `openssl rand -base64 24`",
        "K012 RATE_LIMITS: must be on, or unset",
    ]


def test_named_env_file_must_exist(tmp_path: Path) -> None:
    missing = {"ENV_FILE": str(tmp_path / "missing")}
    done = run_python("-c", PRINT_ENV, environment=missing)
    assert done.returncode == os.EX_CONFIG
    assert "K000 ENV_FILE: names a file that does not exist" in done.stderr


def test_env_example_is_a_working_development() -> None:
    done = run_python("manage.py", "check", environment={"ENV_FILE": ".env.example"})
    assert done.returncode == 0, done.stderr
