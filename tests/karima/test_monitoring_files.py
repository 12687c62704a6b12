"""Rules, routes and dashboards: what they name exists, and the tools accept them."""

import json
import os
import re
import shutil
import subprocess
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.test import Client
from prometheus_client.parser import text_string_to_metric_families
from pytest_django import Settings

from karima import readings
from karima.metrics import exporter
from karima.readings import Reading
from payments.services.watching import INVARIANTS, READINGS
from tests.karima.processes import ROOT
from tests.karima.test_metrics import TOKEN, WITH_TOKEN, promtool

DEPLOY = ROOT / "deploy"
RULES = DEPLOY / "prometheus/rules.yml"
BOARDS = sorted((DEPLOY / "grafana/dashboards").glob("*.json"))
# What other programs show, in words of their own documentation.
FOREIGN = {
    "up", "probe_success", "probe_ssl_earliest_cert_expiry", "pg_stat_activity_count",
    "redis_memory_used_bytes", "redis_memory_max_bytes", "redis_evicted_keys_total",
    "node_cpu_seconds_total", "node_memory_MemAvailable_bytes",
    "node_memory_MemTotal_bytes", "node_filesystem_avail_bytes",
    "node_filesystem_size_bytes",
}  # fmt: skip
ALERTS = {
    "ALERT_SMTP_HOST": "smtp.karima.example:587",
    "ALERT_SMTP_USER": "alarm",
    "ALERT_SMTP_PASSWORD": 'p"a\\s & word',
    "ALERT_MAIL_FROM": "alarm@karima.example",
    "ALERT_MAIL_TO": "penjaga@karima.example",
    "ALERT_TELEGRAM_TOKEN": "1234:abc",
    "ALERT_TELEGRAM_CHAT": "-1001234",
    "ALERT_HEARTBEAT_URL": "https://heartbeat.karima.example/x",
}


def load(path: Path) -> Any:
    return yaml.safe_load(path.read_text("utf-8"))


def rules() -> list[dict[str, Any]]:
    return [rule for group in load(RULES)["groups"] for rule in group["rules"]]


def alerts() -> list[dict[str, Any]]:
    return [rule for rule in rules() if "alert" in rule]


def queries() -> Iterator[tuple[str, str]]:
    """Yield where each expression stands, and the expression."""
    for rule in rules():
        yield rule.get("alert", rule.get("record")), rule["expr"]
    for board in BOARDS:
        for panel in json.loads(board.read_text("utf-8"))["panels"]:
            for target in panel["targets"]:
                yield f"{board.name}: {panel['title']}", target["expr"]


def named_metrics(expression: str) -> set[str]:
    without_texts = re.sub(r'"[^"]*"', '""', expression)
    without_labels = re.sub(r"\{[^}]*\}", "{}", without_texts)
    found = re.findall(r"[a-zA-Z_:][\w:]*", re.sub(r"\[[^\]]*\]", "", without_labels))
    names = set(re.findall(r"\b(?:by|without)\s*\(([^)]*)\)", without_labels))
    labels = {label.strip() for group in names for label in group.split(",")}
    return {name for name in found if is_metric(name)} - labels


def is_metric(name: str) -> bool:
    return name.startswith(("karima_", "job:", "node_", "redis_", "pg_", "probe_")) or (
        name == "up"
    )


def run(*command: str, environment: dict[str, str] | None = None) -> str:
    done = subprocess.run(
        command,
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture
def shown(db: None, client: Client, settings: Settings, tmp_path: Path) -> set[str]:
    """Give the names of all that a run of the shop shows to Prometheus."""
    settings.METRICS_TOKEN = TOKEN
    web = client.get("/internal/metrics", headers=WITH_TOKEN).content.decode()
    names = {name for text in (web, noted(tmp_path)) for name in names_of(text)}
    names |= {name for reading in READINGS for name in sample_names(reading)}
    names |= {family.name for family in exporter.Invariants(INVARIANTS).describe()}
    names |= {family.name for family in exporter.Dependencies([]).describe()}
    return names | {family.name for family in readings.take([])}


def names_of(text: str) -> Iterator[str]:
    for family in text_string_to_metric_families(text):
        yield family.name + ("_total" if family.type == "counter" else "")
        if family.type == "histogram":
            yield from (f"{family.name}_{part}" for part in ("bucket", "sum", "count"))


def sample_names(reading: Reading) -> Iterator[str]:
    """Yield the reading's name if PostgreSQL can answer it."""
    *families, failed = readings.take([reading])
    assert failed.samples == [], reading.name
    yield from (reading.name for _ in families)


def noted(folder: Path) -> str:
    """Return what node_exporter shows of the machine's certificates."""
    tls = {"TLS_FOLDER": str(folder / "tls"), "TLS_CA_FOLDER": str(folder / "ca")}
    (folder / "metrics").mkdir()
    metrics = {"METRICS_TEXTFILE_DIR": str(folder / "metrics")}
    run("deploy/tls/make-ca.sh", environment=os.environ | tls)
    run("deploy/tls/check-expiry.sh", environment=os.environ | tls | metrics)
    return (folder / "metrics/certificates.prom").read_text("utf-8")


def test_every_metric_of_a_rule_or_a_dashboard_is_shown_by_somebody(
    shown: set[str],
) -> None:
    recorded = {rule["record"] for rule in rules() if "record" in rule}
    known = shown | FOREIGN | recorded
    unknown = {
        where: named_metrics(expression) - known
        for where, expression in queries()
        if named_metrics(expression) - known
    }
    assert unknown == {}
    assert all(named_metrics(expression) for where, expression in queries()
               if where != "Watchdog")  # fmt: skip


def test_promtool_can_read_every_expression(tmp_path: Path) -> None:
    read = [
        {"record": f"test:query{number}", "expr": expression}
        for number, (_, expression) in enumerate(queries())
    ]
    file = tmp_path / "all.yml"
    file.write_text(yaml.safe_dump({"groups": [{"name": "all", "rules": read}]}))
    assert f"{len(read)} rules found" in promtool("check", "rules", str(file))


def test_configuration_of_prometheus_is_valid() -> None:
    config = str(DEPLOY / "prometheus/prometheus.yml")
    promtool("check", "config", "--syntax-only", config)
    promtool("check", "rules", str(RULES))


def test_alerts_fire_on_what_they_are_for_and_on_nothing_else() -> None:
    promtool("test", "rules", str(DEPLOY / "prometheus/rules_test.yml"))


def test_every_alert_has_a_test_in_which_it_fires() -> None:
    cases = [
        case
        for test in load(DEPLOY / "prometheus/rules_test.yml")["tests"]
        for case in test["alert_rule_test"]
    ]
    firing = {case["alertname"] for case in cases if case["exp_alerts"]}
    assert firing == {rule["alert"] for rule in alerts()}


@pytest.mark.parametrize("rule", alerts(), ids=lambda rule: rule["alert"])
def test_alert_says_how_urgent_it_is_and_what_to_do(rule: dict[str, Any]) -> None:
    assert rule["labels"]["severity"] in {"page", "warn", "none"}
    assert rule["annotations"]["summary"]
    page = ROOT / rule["annotations"]["runbook"]
    text = page.read_text("utf-8")
    assert f"`{rule['alert']}`" in text
    assert "**Look.**" in text
    assert "**Do.**" in text


def test_every_runbook_belongs_to_an_alert() -> None:
    pages = {path.name for path in (ROOT / "docs/runbooks").glob("*.md")}
    used = {Path(rule["annotations"]["runbook"]).name for rule in alerts()}
    assert pages == used | {"README.md"}


def test_every_invariant_is_in_its_runbook() -> None:
    text = (ROOT / "docs/runbooks/invariants.md").read_text("utf-8")
    assert {i.name for i in INVARIANTS if f"`{i.name}`" not in text} == set()


def rendered(folder: Path, environment: dict[str, str]) -> Path:
    path = {"PATH": os.environ["PATH"]}
    text = run("deploy/alertmanager/start.sh", "render", environment=path | environment)
    file = folder / "alertmanager.yml"
    file.write_text(text, "utf-8")
    return file


def test_alertmanager_takes_its_secrets_from_the_environment(tmp_path: Path) -> None:
    config = rendered(tmp_path, ALERTS)
    assert "SUCCESS" in run(amtool(), "check-config", str(config))
    read = load(config)
    assert read["global"]["smtp_auth_password"] == ALERTS["ALERT_SMTP_PASSWORD"]
    assert "ALERT_" not in config.read_text("utf-8")


@pytest.mark.parametrize("name", ALERTS)
def test_alertmanager_does_not_start_without(name: str) -> None:
    environment = {"PATH": os.environ["PATH"]} | ALERTS | {name: ""}
    done = subprocess.run(
        ["deploy/alertmanager/start.sh", "render"],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 78
    assert name in done.stderr
    assert done.stdout == ""


@pytest.mark.parametrize(
    ("labels", "receiver"),
    [
        (("alertname=Watchdog", "severity=none"), "dead-mans-switch"),
        (("alertname=ApiDown", "severity=page"), "page"),
        (("alertname=JobsLag", "severity=warn"), "mail"),
    ],
)
def test_alerts_reach_who_must_know(
    tmp_path: Path, labels: tuple[str, ...], receiver: str
) -> None:
    config = f"--config.file={rendered(tmp_path, ALERTS)}"
    assert run(amtool(), "config", "routes", "test", config, *labels).split() == [
        receiver
    ]


def amtool() -> str:
    program = shutil.which("amtool")
    assert program, "amtool is missing: make programs"
    return program


def test_machine_tells_of_its_certificates_as_promtool_accepts(tmp_path: Path) -> None:
    text = noted(tmp_path)
    assert promtool("check", "metrics", given=text) == ""
    places = re.findall(r'place="([^"]+)"', text)
    assert places == ["ca.pem", "postgres.pem", "redis.pem"]
    assert [path.name for path in (tmp_path / "metrics").iterdir()] == [
        "certificates.prom"
    ]


@pytest.mark.parametrize("path", BOARDS, ids=lambda path: path.stem)
def test_dashboard_is_whole_and_its_panels_do_not_overlap(path: Path) -> None:
    board = json.loads(path.read_text("utf-8"))
    assert board["title"].startswith("Karima ")
    assert board["editable"] is False
    ids = [panel["id"] for panel in board["panels"]]
    assert len(ids) == len(set(ids))
    covered: set[tuple[int, int]] = set()
    for panel in board["panels"]:
        place = panel["gridPos"]
        assert place["x"] + place["w"] <= 24
        cells = {
            (x, y)
            for x in range(place["x"], place["x"] + place["w"])
            for y in range(place["y"], place["y"] + place["h"])
        }
        assert not cells & covered, panel["title"]
        covered |= cells
        for target in panel["targets"]:
            assert target["datasource"]["uid"] == "prometheus"


def test_dashboards_are_six_and_know_their_source() -> None:
    assert len(BOARDS) == 6
    assert len({json.loads(path.read_text("utf-8"))["uid"] for path in BOARDS}) == 6
    sources = load(DEPLOY / "grafana/provisioning/datasources/karima.yml")
    assert {source["uid"] for source in sources["datasources"]} == {
        "prometheus",
        "loki",
    }


def test_vector_reads_files_and_its_parts_fit_together() -> None:
    config = tomllib.loads((DEPLOY / "vector/vector.toml").read_text("utf-8"))
    parts = {**config["sources"], **config["transforms"]}
    for part in (*config["transforms"].values(), *config["sinks"].values()):
        assert set(part["inputs"]) <= set(parts)
    used = {name for part in (*config["transforms"].values(), *config["sinks"].values())
            for name in part["inputs"]}  # fmt: skip
    assert used == set(parts)
    assert config["sinks"]["loki"]["endpoint"] == "http://loki:3100"
    assert set(config["sinks"]["loki"]["labels"]) == {"service", "level"}


def test_every_target_of_prometheus_is_a_service() -> None:
    services = load(ROOT / "docker-compose.prod.yml")["services"]
    targets = [
        target.partition(":")[0]
        for job in load(DEPLOY / "prometheus/prometheus.yml")["scrape_configs"]
        for group in job.get("static_configs", [])
        for target in group["targets"]
    ]
    assert set(targets) - set(services) == {"localhost"}


def test_monitoring_is_a_profile_without_published_ports() -> None:
    services = load(ROOT / "docker-compose.prod.yml")["services"]
    watching = {
        n: s for n, s in services.items() if s.get("profiles") == ["monitoring"]
    }
    assert set(watching) == {
        "exporter", "prometheus", "alertmanager", "grafana", "loki", "vector",
        "postgres-exporter", "redis-exporter", "node-exporter", "blackbox-exporter",
    }  # fmt: skip
    assert not any("ports" in service for service in watching.values())
    for name in ("prometheus", "grafana", "loki", "vector"):
        assert "edge" not in watching[name]["networks"]
