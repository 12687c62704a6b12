"""The container files, read as data: what is published, who runs, which secrets."""

import json
import re
from typing import Any

import pytest
import yaml

from tests.karima.environments import good_production
from tests.karima.processes import ROOT, run_python

SECRET_NAME = re.compile(r"PASSWORD|SECRET|TOKEN|SERVER_KEY|ACCESS_KEY|DSN")


def load(path: str) -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load((ROOT / path).read_text(encoding="utf-8"))
    return loaded


@pytest.fixture(scope="module")
def development() -> dict[str, Any]:
    services: dict[str, Any] = load("docker-compose.yml")["services"]
    return services


@pytest.fixture(scope="module")
def production() -> dict[str, Any]:
    services: dict[str, Any] = load("docker-compose.prod.yml")["services"]
    return services


def published(services: dict[str, Any]) -> list[str]:
    return [port for service in services.values() for port in service.get("ports", [])]


def test_development_has_the_services_that_the_commands_name(
    development: dict[str, Any],
) -> None:
    asked = {"backend", "db", "redis", "kratos", "kratos-ui"}
    assert set(development) == asked | {"kratos-migrate", "migrate", "worker", "mail"}


def test_development_publishes_on_this_machine_only(
    development: dict[str, Any],
) -> None:
    assert published(development) == [
        "127.0.0.1:${APP_PORT:-8080}:8080",
        "127.0.0.1:5432:5432",
        "127.0.0.1:6379:6379",
        "127.0.0.1:4433:4433",
        "127.0.0.1:4434:4434",
        "127.0.0.1:4455:4455",
        "127.0.0.1:8025:8025",
    ]


def test_production_is_public_at_the_proxy_alone(production: dict[str, Any]) -> None:
    assert published(production) == [
        "${PROXY_HTTP_PORT:-80}:80",
        "${PROXY_HTTPS_PORT:-443}:443",
    ]
    assert "ports" in production["proxy"]


def test_emergency_door_is_shut_and_on_loopback_only(
    production: dict[str, Any],
) -> None:
    door = production["admin-local"]
    assert door["profiles"] == ["break-glass"]
    assert door["network_mode"] == "host"
    assert door["command"][-2:] == ["--bind", "127.0.0.1:8090"]
    environment = door["environment"]
    assert environment["DJANGO_SETTINGS_MODULE"] == "karima.settings.break_glass"
    assert environment["ACCESS_BREAKGLASS_UNTIL"] == "${ACCESS_BREAKGLASS_UNTIL:-}"


def test_only_the_emergency_door_has_its_settings(production: dict[str, Any]) -> None:
    for name, service in production.items():
        if name != "admin-local":
            assert "DJANGO_SETTINGS_MODULE" not in service.get("environment", {})


@pytest.mark.parametrize("path", ["docker-compose.yml", "docker-compose.prod.yml"])
def test_kratos_is_pinned_and_changed_by_one_variable(path: str) -> None:
    services = load(path)["services"]
    images = {
        service["image"].rpartition(":")[2]
        for name, service in services.items()
        if name.startswith("kratos")
    }
    assert images == {"-v1.1.0}"}
    assert "kratos-migrate" in services


def test_images_carry_the_name_of_their_registry(development: dict[str, Any]) -> None:
    ours = {"backend", "worker", "migrate"}
    for name in set(development) - ours:
        assert development[name]["image"].startswith("docker.io/")


def test_production_images_carry_the_name_of_their_registry_and_a_version(
    production: dict[str, Any],
) -> None:
    for name in set(production) - {*OURS, "db"}:
        image = production[name]["image"]
        assert image.startswith("docker.io/")
        assert not image.endswith(":latest")
        assert ":" in image.rpartition("/")[2]


def test_nothing_waits_for_a_one_off_service(development: dict[str, Any]) -> None:
    for service in development.values():
        assert not {"migrate", "kratos-migrate"} & set(service.get("depends_on", []))


def test_containers_reach_each_other_and_browsers_stay_on_127_0_0_1(
    development: dict[str, Any],
) -> None:
    environment = development["backend"]["environment"]
    assert environment["APP_ENV"] == "development"
    assert environment["DB_HOST"] == "db"
    assert environment["KRATOS_PUBLIC_URL"] == "http://kratos:4433"
    assert environment["KRATOS_BROWSER_URL"] == "http://127.0.0.1:4433"


def test_empty_volume_gets_the_database_of_kratos(development: dict[str, Any]) -> None:
    mounts = " ".join(development["db"]["volumes"])
    assert "/docker-entrypoint-initdb.d/" in mounts
    script = ROOT / "deploy/postgres/create-kratos-database.sh"
    assert "CREATE DATABASE kratos" in script.read_text(encoding="utf-8")


OURS = ("backend", "backend-green", "worker", "migrate", "exporter", "admin-local")


def test_every_production_container_is_confined(production: dict[str, Any]) -> None:
    for name, service in production.items():
        assert service["read_only"] is True, name
        assert service["cap_drop"] == ["ALL"], name
        assert service["security_opt"] == ["no-new-privileges:true"], name
        assert service["mem_limit"], name
        assert service["pids_limit"], name
        assert service["logging"]["options"]["max-size"], name
        assert service["logging"]["options"]["max-file"], name
        assert "privileged" not in service, name
        assert "container_name" not in service, name
        assert not [v for v in service.get("volumes", []) if "docker.sock" in v], name


@pytest.mark.parametrize("name", OURS)
def test_the_shop_runs_as_nobody_in_particular_from_a_named_version(
    production: dict[str, Any], name: str
) -> None:
    service = production[name]
    assert re.search(r"karima_store_backend\}:\$\{VERSION:\?", service["image"])
    assert "build" not in service
    assert service["env_file"][0] == "${SECRETS_DIR:-.}/.env.${APP_ENV:-production}"
    assert service["user"] == "10001:10001"
    assert service["init"] is True
    assert "cap_add" not in service


def test_serving_processes_hold_no_role_that_owns_the_tables(
    production: dict[str, Any],
) -> None:
    assert production["migrate"]["env_file"][1] == {
        "path": "${SECRETS_DIR:-.}/.env.migrate",
        "required": False,
    }
    for name in set(OURS) - {"migrate"}:
        assert len(production[name]["env_file"]) == 1


def test_only_what_must_change_its_user_keeps_a_capability(
    production: dict[str, Any],
) -> None:
    kept = {name for name, service in production.items() if "cap_add" in service}
    assert kept == {"proxy", "db", "redis"}
    for name in kept:
        assert not {"SYS_ADMIN", "NET_ADMIN"} & set(production[name]["cap_add"])


def test_data_is_on_a_network_without_a_way_out(production: dict[str, Any]) -> None:
    networks = load("docker-compose.prod.yml")["networks"]
    assert networks["data"]["internal"] is True
    assert set(production["redis"]["networks"]) == {"data"}
    assert set(production["db"]["networks"]) == {"data", "archive"}
    assert production["proxy"]["networks"] == ["edge"]
    assert [n for n, s in production.items() if "archive" in s.get("networks", [])] == [
        "db"
    ]


def test_names_of_certificates_are_answered_inside(production: dict[str, Any]) -> None:
    for name, host in (("db", "postgres"), ("redis", "redis")):
        data = production[name]["networks"]["data"]
        assert data["aliases"] == [f"{host}.ks-backend.cloud"]
        address = data["ipv4_address"]
        assert (
            f"{host}.ks-backend.cloud:{address}"
            in (production["admin-local"]["extra_hosts"])
        )


def test_managed_data_stores_leave_ours_out(production: dict[str, Any]) -> None:
    left_out = load("deploy/compose.managed.yml")["services"]
    assert {name: left_out[name]["profiles"] for name in ("db", "redis")} == {
        "db": ["unmanaged"],
        "redis": ["unmanaged"],
    }
    for service in production.values():
        for name, how in service.get("depends_on", {}).items():
            assert name not in {"db", "redis"} or how["required"] is False


def test_one_off_jobs_are_over_before_what_needs_them(
    production: dict[str, Any],
) -> None:
    after = {"condition": "service_completed_successfully"}
    for name in ("backend", "backend-green", "worker"):
        assert production[name]["depends_on"]["migrate"] == after
    for name in ("kratos", "kratos-courier"):
        assert production[name]["depends_on"]["kratos-migrate"] == after
    for name in ("migrate", "kratos-migrate", "admin-local"):
        assert production[name]["restart"] == "no"
    for name in set(production) - {"migrate", "kratos-migrate", "admin-local"}:
        assert production[name]["restart"] == "unless-stopped"


def test_production_asks_kratos_inside_and_shows_browsers_the_outside(
    production: dict[str, Any],
) -> None:
    environment = production["backend"]["environment"]
    assert environment["KRATOS_INTERNAL_URL"] == "http://kratos:4433"
    assert "https://auth.ks-backend.cloud" in environment["KRATOS_PUBLIC_URL"]


def test_production_has_time_to_finish_requests(production: dict[str, Any]) -> None:
    gunicorn = (ROOT / "deploy/gunicorn.conf.py").read_text(encoding="utf-8")
    graceful = re.search(r"^graceful_timeout = (\d+)$", gunicorn, re.MULTILINE)
    assert graceful is not None
    assert int(graceful[1]) <= 30
    for name in ("backend", "backend-green", "proxy", "worker", "db"):
        grace = int(production[name]["stop_grace_period"].removesuffix("s"))
        assert grace > int(graceful[1])


def test_production_compose_holds_no_secret(production: dict[str, Any]) -> None:
    text = (ROOT / "docker-compose.prod.yml").read_text(encoding="utf-8")
    assert not re.search(r"postgres://|redis://|smtps?://", text)
    for service in production.values():
        names = service.get("environment", {})
        assert [name for name in names if SECRET_NAME.search(name)] == []


def leaves(node: Any, path: str = "") -> list[tuple[str, Any]]:
    """Return every value of a document with the path that leads to it."""
    if isinstance(node, dict):
        rows = [leaves(value, f"{path}.{key}") for key, value in node.items()]
        return [row for part in rows for row in part]
    if isinstance(node, list):
        return [row for value in node for row in leaves(value, f"{path}[]")]
    return [(path, node)]


def test_kratos_in_production_takes_its_secrets_from_the_environment() -> None:
    config = load("deploy/kratos/kratos.prod.yml")
    assert "secrets" not in config
    assert "dsn" not in config
    assert "connection_uri" not in config["courier"]["smtp"]
    example = (ROOT / ".env.kratos.example").read_text(encoding="utf-8")
    names = re.findall(r"^([A-Z_]+)=.*<", example, re.MULTILINE)
    assert names == [
        "DSN",
        "SECRETS_DEFAULT",
        "SECRETS_COOKIE",
        "SECRETS_CIPHER",
        "COURIER_SMTP_CONNECTION_URI",
    ]


def test_kratos_in_production_knows_https_addresses_only() -> None:
    config = load("deploy/kratos/kratos.prod.yml")
    urls = {path: value for path, value in leaves(config) if "://" in str(value)}
    plain = {path for path, url in urls.items() if not url.startswith("https://")}
    body = ".selfservice.flows.registration.after.password.hooks[].config.body"
    assert plain == {".serve.admin.base_url", ".identity.schemas[].url", body}
    assert config["log"]["leak_sensitive_values"] is False


def test_kratos_in_development_shows_browsers_127_0_0_1_only() -> None:
    config = load("deploy/kratos/kratos.dev.yml")
    hosts = {
        match[1]
        for path, value in leaves(config)
        if (match := re.match(r"https?://([^/:]+)", str(value)))
        and path != ".serve.admin.base_url"
        and ".hooks[]." not in path
    }
    assert hosts == {"127.0.0.1"}


@pytest.mark.parametrize("name", ["dev", "prod"])
def test_kratos_session_cookie_is_the_one_the_shop_reads(name: str) -> None:
    cookie = load(f"deploy/kratos/kratos.{name}.yml")["session"]["cookie"]
    assert (cookie["name"], cookie["same_site"]) == ("ory_kratos_session", "Lax")


@pytest.mark.parametrize("name", ["dev", "prod"])
def test_registration_signs_in_last_of_all(name: str) -> None:
    flows = load(f"deploy/kratos/kratos.{name}.yml")["selfservice"]["flows"]
    hooks = flows["registration"]["after"]["password"]["hooks"]
    assert hooks[-1] == {"hook": "session"}


def test_identities_hold_no_rights() -> None:
    path = ROOT / "deploy/kratos/identity.customer.schema.json"
    schema = json.loads(path.read_text(encoding="utf-8"))
    traits = schema["properties"]["traits"]
    assert set(traits["properties"]) == {"email", "name", "phone"}
    assert traits["additionalProperties"] is False


def dockerfile() -> list[str]:
    """Return the instructions, one a line, without comments."""
    text = (ROOT / "Dockerfile").read_text(encoding="utf-8")
    lines = re.sub(r"^ *#.*\n", "", text, flags=re.MULTILINE).replace("\\\n", " ")
    return [" ".join(line.split()) for line in lines.splitlines() if line.strip()]


def test_image_is_built_from_hashed_packages_and_runs_as_nobody_in_particular() -> None:
    lines = dockerfile()
    assert not (ROOT / "Dockerfile").read_text().startswith("# syntax")
    assert [line for line in lines if line.startswith("FROM ")] == [
        "FROM ${PYTHON_IMAGE} AS builder",
        "FROM ${PYTHON_IMAGE}",
    ]
    assert "ARG PYTHON_IMAGE=docker.io/library/python:3.13-slim-bookworm" in lines
    installs = [
        line for line in lines if "install --require" in line or "pip install" in line
    ]
    assert len(installs) == 1
    assert "--require-hashes" in installs[0]
    assert "requirements.txt" in installs[0]
    assert "requirements-dev" not in "".join(lines)


def test_collected_files_can_be_read_by_the_user_of_the_image() -> None:
    collect = next(line for line in dockerfile() if "collectstatic" in line)
    assert collect.index("chmod -R u=rwX,go=rX .") > collect.index("collectstatic")


def final_stage() -> list[str]:
    lines = dockerfile()
    return lines[lines.index("FROM ${PYTHON_IMAGE}") :]


def test_final_image_has_no_way_to_install_or_fetch() -> None:
    stage = " ".join(final_stage())
    assert "pip uninstall" in stage
    assert not re.search(r"apt-get|curl|wget|gcc|ADD ", stage)
    assert not re.search(r"(?:ENV|ARG) \w*(?:PASSWORD|SECRET|TOKEN|KEY)", stage)


def test_final_image_is_unprivileged_and_says_how_it_does() -> None:
    stage = final_stage()
    user = stage.index("USER 10001:10001")
    assert not [line for line in stage[user:] if line.startswith(("RUN", "COPY"))]
    # Code that belongs to root cannot be changed by the shop.
    copies = [line for line in stage if line.startswith("COPY")]
    assert not [line for line in copies if "--chown" in line]
    assert any(line.startswith("HEALTHCHECK") for line in stage)
    # The exec form: no shell between the engine's signal and gunicorn.
    assert 'ENTRYPOINT ["/app/deploy/entrypoint.sh"]' in stage
    assert 'CMD ["gunicorn", "--config", "deploy/gunicorn.conf.py"]' in stage
    assert 'org.opencontainers.image.version="${VERSION}"' in " ".join(stage)


def test_image_holds_neither_sandbox_nor_tests_nor_env_files() -> None:
    lines = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    rules = [line for line in lines if line and not line.startswith("#")]
    assert rules[0] == "*"
    taken = {rule[1:] for rule in rules if rule.startswith("!")}
    assert not any(re.search(r"sandbox|tests|\.env", name) for name in taken)
    assert [name for name in sorted(taken) if not (ROOT / name).exists()] == []
    assert not [name for name in taken if name in {"deploy", "docs", ".git"}]


def test_gunicorn_takes_its_port_from_the_environment() -> None:
    show = "import runpy; print(runpy.run_path('deploy/gunicorn.conf.py')['bind'])"
    done = run_python("-c", show, environment=good_production() | {"APP_PORT": "9000"})
    assert done.stdout == "0.0.0.0:9000\n"


@pytest.mark.parametrize("name", ["db", "redis", "proxy"])
def test_each_server_sees_its_own_key_alone(
    production: dict[str, Any], name: str
) -> None:
    folder = {"db": "postgres"}.get(name, name)
    mounts = [mount for mount in production[name]["volumes"] if "TLS_FOLDER" in mount]
    (mount,) = mounts
    assert mount.startswith(f"${{TLS_FOLDER:-./deploy/tls/private}}/{folder}:")
