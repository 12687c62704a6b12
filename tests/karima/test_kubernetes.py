"""The manifests: valid by Kubernetes's own schemas, confined, in step with the shop."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import kubernetes_validate
import pytest
import yaml

from karima.env.fields import SECRETS, VARIABLES

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "deploy/kubernetes"
VERSION = "1.32"
GUNICORN_GRACE_SECONDS = 30


def documents() -> list[dict[str, Any]]:
    files = sorted(set(FOLDER.glob("*.yaml")) - {FOLDER / "kustomization.yaml"})
    found = [yaml.safe_load_all(path.read_text("utf-8")) for path in files]
    return [document for each in found for document in each]


DOCUMENTS = documents()


def named(kind: str, name: str) -> dict[str, Any]:
    (found,) = (
        document
        for document in DOCUMENTS
        if (document["kind"], document["metadata"]["name"]) == (kind, name)
    )
    return found


def pods() -> Iterator[tuple[str, dict[str, Any]]]:
    for document in DOCUMENTS:
        if document["kind"] in ("Deployment", "Job"):
            yield document["metadata"]["name"], document["spec"]["template"]


PODS = dict(pods())


@pytest.mark.parametrize(
    "document", DOCUMENTS, ids=lambda d: f"{d['kind']}-{d['metadata']['name']}"
)
def test_manifest_is_valid(document: dict[str, Any]) -> None:
    kubernetes_validate.validate(document, VERSION, strict=True)


def test_the_validation_sees_a_wrong_field() -> None:
    wrong = named("Service", "karima-web") | {"spec": {"ports": [{"prot": 80}]}}
    with pytest.raises(kubernetes_validate.ValidationError):
        kubernetes_validate.validate(wrong, VERSION, strict=True)


def test_there_is_a_pod_for_each_process_of_the_shop() -> None:
    kinds = {"web", "worker", "exporter", "migrate-v1.0.0"}
    assert set(PODS) == {f"karima-{kind}" for kind in kinds}


@pytest.mark.parametrize("name", PODS)
def test_pod_is_as_confined_as_in_the_compose_file(name: str) -> None:
    spec = PODS[name]["spec"]
    (container,) = spec["containers"]
    assert spec["automountServiceAccountToken"] is False
    assert spec["securityContext"]["runAsNonRoot"] is True
    assert spec["securityContext"]["runAsUser"] == 10001
    assert spec["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    assert container["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }
    assert container["resources"]["limits"]["memory"]
    assert container["resources"]["requests"].keys() == {"cpu", "memory"}


@pytest.mark.parametrize("name", PODS)
def test_what_a_pod_names_is_there(name: str) -> None:
    spec = PODS[name]["spec"]
    (container,) = spec["containers"]
    for source in container["envFrom"]:
        for kind, key in (("ConfigMap", "configMapRef"), ("Secret", "secretRef")):
            if key in source:
                named(kind, source[key]["name"])
    mounted = {mount["name"] for mount in container["volumeMounts"]}
    assert mounted == {volume["name"] for volume in spec["volumes"]}


def test_labels_lead_to_their_pods() -> None:
    labels = PODS["karima-web"]["metadata"]["labels"]
    selectors = [
        named("Service", "karima-web")["spec"]["selector"],
        named("PodDisruptionBudget", "karima-web")["spec"]["selector"]["matchLabels"],
        named("NetworkPolicy", "karima-web")["spec"]["podSelector"]["matchLabels"],
    ]
    assert [selector for selector in selectors if selector != labels] == []


def test_prometheus_finds_the_exporter() -> None:
    (container,) = PODS["karima-exporter"]["spec"]["containers"]
    (port,) = container["ports"]
    assert container["args"][-1] == str(port["containerPort"])
    (let_in,) = named("NetworkPolicy", "karima-exporter")["spec"]["ingress"]
    assert let_in["ports"] == [{"port": port["name"]}]
    labels = PODS["karima-exporter"]["metadata"]["labels"]
    assert named("Service", "karima-exporter")["spec"]["selector"] == labels


def test_requests_in_flight_are_answered_before_a_pod_goes() -> None:
    spec = PODS["karima-web"]["spec"]
    (container,) = spec["containers"]
    _, pause = container["lifecycle"]["preStop"]["exec"]["command"]
    assert spec["terminationGracePeriodSeconds"] > GUNICORN_GRACE_SECONDS + int(pause)
    rolling = named("Deployment", "karima-web")["spec"]["strategy"]["rollingUpdate"]
    assert rolling["maxUnavailable"] == 0


def test_a_database_that_is_away_restarts_nothing() -> None:
    (container,) = PODS["karima-web"]["spec"]["containers"]
    assert container["readinessProbe"]["httpGet"]["path"] == "/health/ready"
    assert container["livenessProbe"]["httpGet"]["path"] == "/health/live"


def test_settings_and_secrets_are_variables_of_the_shop() -> None:
    settings = set(named("ConfigMap", "karima-settings")["data"])
    secrets = set(named("Secret", "karima-secrets")["stringData"])
    secrets |= set(named("Secret", "karima-migrate")["stringData"])
    assert settings | secrets <= set(VARIABLES)
    assert settings & set(SECRETS) == set()


def test_secrets_are_templates() -> None:
    for name in ("karima-secrets", "karima-migrate"):
        values = named("Secret", name)["stringData"]
        real = {k: v for k, v in values.items() if "<" not in v and k != "DB_USER"}
        assert real == {}


def test_every_host_of_the_shop_has_a_way_in() -> None:
    settings = named("ConfigMap", "karima-settings")["data"]
    wanted = {
        host
        for name in ("API_HOSTS", "ADMIN_HOSTS", "AUTH_HOSTS")
        for host in settings[name].split(",")
    }
    rules = [
        rule
        for name in ("karima", "karima-admin")
        for rule in named("Ingress", name)["spec"]["rules"]
    ]
    assert {rule["host"] for rule in rules} == wanted


def test_metrics_and_admin_are_not_on_the_api_hosts() -> None:
    for rule in named("Ingress", "karima")["spec"]["rules"][:2]:
        paths = {path["path"] for path in rule["http"]["paths"]}
        assert paths == {"/api/", "/auth/", "/static/", "/health"}


def test_kustomization_names_every_file_but_the_migration() -> None:
    kustomization = yaml.safe_load((FOLDER / "kustomization.yaml").read_text("utf-8"))
    files = {path.name for path in FOLDER.glob("*.yaml")}
    by_itself = {"kustomization.yaml", "migrate.yaml"}
    assert set(kustomization["resources"]) == files - by_itself
