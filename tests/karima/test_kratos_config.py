"""The configuration of Kratos: what its schemas say, and what they do not."""

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
import yaml
from jsonschema import Draft7Validator, FormatChecker

from tests.karima.processes import ROOT

FOLDER = ROOT / "deploy" / "kratos"
TEMPLATES = FOLDER / "courier-templates"
SCHEMAS = ROOT / "tests" / "contracts" / "kratos"
VERSIONS = ["v1.1.0", "v26.2.0"]
PAGES = ("error", "login", "registration", "settings", "verification", "recovery")
PLACEHOLDER = re.compile(r"\{\{ \.(\w+) \}\}")
FILES = ["dev", "prod"]


def load(name: str) -> dict[str, Any]:
    """Return a configuration file: dev or prod."""
    text = (FOLDER / f"kratos.{name}.yml").read_text(encoding="utf-8")
    config: dict[str, Any] = yaml.safe_load(text)
    return config


def effective(name: str) -> dict[str, Any]:
    """Return a file together with what the environment adds to it."""
    config = load(name) | {"dsn": "postgres://kratos:x@db:5432/kratos"}
    secret = ["x" * 32]
    config.setdefault(
        "secrets", {"default": secret, "cookie": secret, "cipher": secret}
    )
    smtp = config["courier"]["smtp"]
    smtp.setdefault("connection_uri", "smtps://user:x@smtp.example:465/")
    return config


def texts(node: Any) -> Iterator[str]:
    """Give every text of a document, keys left out."""
    if isinstance(node, dict):
        node = list(node.values())
    if isinstance(node, list):
        for part in node:
            yield from texts(part)
    elif isinstance(node, str):
        yield node


def hooks(name: str) -> list[dict[str, Any]]:
    flows = load(name)["selfservice"]["flows"]
    found: list[dict[str, Any]] = flows["registration"]["after"]["password"]["hooks"]
    return found


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("name", FILES)
def test_file_is_valid_for_the_schema_of_kratos(name: str, version: str) -> None:
    path = SCHEMAS / f"config.{version}.schema.json"
    rules = json.loads(path.read_text(encoding="utf-8"))
    validator = Draft7Validator(rules, format_checker=FormatChecker())
    assert [e.message for e in validator.iter_errors(effective(name))] == []


@pytest.mark.parametrize("name", FILES)
def test_web_hook_comes_before_the_session(name: str) -> None:
    assert [hook["hook"] for hook in hooks(name)] == ["web_hook", "session"]


@pytest.mark.parametrize("name", FILES)
def test_registration_does_not_wait_for_the_shop(name: str) -> None:
    config = hooks(name)[0]["config"]
    assert config["response"] == {"ignore": True}
    assert config["url"].endswith("/api/v1/webhooks/kratos")
    assert config["method"] == "POST"


@pytest.mark.parametrize("name", FILES)
def test_web_hook_key_travels_where_kratos_does_not_log_it(name: str) -> None:
    auth = hooks(name)[0]["config"]["auth"]
    assert (auth["type"], auth["config"]["name"]) == ("api_key", "Authorization")
    assert auth["config"]["value"].startswith("Bearer ")


def test_production_holds_no_secret() -> None:
    config = load("prod")
    assert hooks("prod")[0]["config"]["auth"]["config"]["value"] == (
        "Bearer <KRATOS_WEBHOOK_KEY>"
    )
    assert "secrets" not in config
    assert "dsn" not in config
    assert "connection_uri" not in config["courier"]["smtp"]


def test_web_hook_body_leaves_headers_and_cookies_out() -> None:
    body = (FOLDER / "webhook.identity.jsonnet").read_text(encoding="utf-8")
    code = [line for line in body.splitlines() if not line.startswith("//")]
    assert set(re.findall(r"ctx\.(\w+)", "\n".join(code))) == {"identity", "flow"}


@pytest.mark.parametrize("name", FILES)
def test_no_list_of_origins_or_addresses_has_a_wildcard(name: str) -> None:
    assert [text for text in texts(load(name)) if "*" in text] == []


@pytest.mark.parametrize(
    ("name", "host"),
    [("dev", "http://127.0.0.1:8080"), ("prod", "https://auth.ks-backend.cloud")],
)
def test_pages_are_those_of_the_shop(name: str, host: str) -> None:
    flows = load(name)["selfservice"]["flows"]
    pages = {page: flows[page]["ui_url"] for page in PAGES}
    assert pages == {page: f"{host}/{page}" for page in PAGES}


@pytest.mark.parametrize("name", FILES)
def test_people_can_go_back_to_where_they_go_by_default(name: str) -> None:
    service = load(name)["selfservice"]
    allowed = tuple(service["allowed_return_urls"])
    logout = service["flows"]["logout"]["after"]["default_browser_return_url"]
    assert service["default_browser_return_url"].startswith(allowed)
    assert logout.startswith(allowed)


def test_production_is_https_for_browsers_and_never_in_development_mode() -> None:
    config = load("prod")
    public = config["serve"]["public"]
    browser_addresses = [
        public["base_url"],
        *public["cors"]["allowed_origins"],
        *config["selfservice"]["allowed_return_urls"],
    ]
    assert all(url.startswith("https://") for url in browser_addresses)
    assert "dev" not in config
    assert config["log"]["leak_sensitive_values"] is False


def test_production_ends_other_sessions_after_a_new_password() -> None:
    flows = load("prod")["selfservice"]["flows"]
    revoke = [{"hook": "revoke_active_sessions"}]
    assert flows["settings"]["after"]["password"]["hooks"] == revoke
    assert flows["recovery"]["after"]["hooks"] == revoke


@pytest.mark.parametrize("name", FILES)
def test_strangers_learn_nothing_and_codes_do_not_sign_in(name: str) -> None:
    service = load(name)["selfservice"]
    code = service["methods"]["code"]
    assert code.get("passwordless_enabled", False) is False
    for flow in ("verification", "recovery"):
        assert service["flows"][flow].get("notify_unknown_recipients", False) is False


@pytest.mark.parametrize("name", FILES)
def test_default_schema_is_among_the_schemas_and_has_an_identifier(name: str) -> None:
    identity = load(name)["identity"]
    assert identity["default_schema_id"] in [row["id"] for row in identity["schemas"]]
    schema = json.loads((FOLDER / "identity.customer.schema.json").read_text("utf-8"))
    email = schema["properties"]["traits"]["properties"]["email"]["ory.sh/kratos"]
    assert email["credentials"]["password"]["identifier"] is True
    assert (email["verification"], email["recovery"]) == (
        {"via": "email"},
        {"via": "email"},
    )


@pytest.mark.parametrize("compose", ["docker-compose.yml", "docker-compose.prod.yml"])
@pytest.mark.parametrize("name", FILES)
def test_every_file_that_is_named_is_mounted(name: str, compose: str) -> None:
    document = yaml.safe_load((ROOT / compose).read_text(encoding="utf-8"))
    mounts = {
        mount.split(":")[-2]: mount.split(":")[0]
        for mount in document["services"]["kratos"]["volumes"]
    }
    named = [text.removeprefix("file://") for text in texts(load(name))]
    wanted = [path for path in named if path.startswith("/etc/config/kratos/")]
    assert len(wanted) == 3
    for path in wanted:
        assert (ROOT / mounts[path]).exists()


@pytest.mark.parametrize(
    ("kind", "placeholders"),
    [
        ("verification_code", {"VerificationCode", "VerificationURL"}),
        ("recovery_code", {"RecoveryCode"}),
    ],
)
@pytest.mark.parametrize("body", ["email.body.gotmpl", "email.body.plaintext.gotmpl"])
def test_mail_carries_its_code_and_how_long_it_lives(
    kind: str, placeholders: set[str], body: str
) -> None:
    text = (TEMPLATES / kind / "valid" / body).read_text(encoding="utf-8")
    assert set(PLACEHOLDER.findall(text)) == placeholders
    assert text.count("{{") == len(PLACEHOLDER.findall(text))
    assert "berlaku 15 menit" in text
    for name in FILES:
        methods = load(name)["selfservice"]["methods"]
        assert methods["code"]["config"]["lifespan"] == "15m"


@pytest.mark.parametrize("kind", ["verification_code", "recovery_code"])
@pytest.mark.parametrize("variant", ["valid", "invalid"])
def test_subject_is_one_line_without_the_code(kind: str, variant: str) -> None:
    path = TEMPLATES / kind / variant / "email.subject.gotmpl"
    subject = path.read_text(encoding="utf-8")
    assert len(subject.splitlines()) == 1
    assert "Karima Store" in subject
    assert "{{" not in subject


@pytest.mark.parametrize("kind", ["verification_code", "recovery_code"])
@pytest.mark.parametrize("variant", ["valid", "invalid"])
def test_html_mail_asks_nothing_of_other_servers(kind: str, variant: str) -> None:
    text = (TEMPLATES / kind / variant / "email.body.gotmpl").read_text("utf-8")
    assert not re.search(r"https?://|<img|<script|@import", text)
    assert '<html lang="id">' in text
