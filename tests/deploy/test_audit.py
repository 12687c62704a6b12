"""The audit never says "clean" of what it could not see; nothing secret is in git."""

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from deploy import audit, find_secrets
from tests.karima.processes import ROOT

SEEN = {"name": "django", "version": "5.2.19", "vulns": []}
UNSEEN = {"name": "pillow", "skip_reason": "Dependency not found"}
WEAK = {
    "name": "jinja",
    "version": "1",
    "vulns": [{"id": "PYSEC-1", "fix_versions": ["2"]}],
}


@pytest.mark.parametrize(
    ("document", "is_good", "text"),
    [
        (None, None, "skipped: could not look"),
        ({}, None, "skipped: could not look"),
        ({"dependencies": []}, None, "skipped: could not look"),
        ({"dependencies": [UNSEEN, UNSEEN]}, None, "skipped: could not look"),
        ({"dependencies": [SEEN, UNSEEN]}, None, "at 1 of 2: pillow"),
        ({"dependencies": [SEEN, SEEN]}, True, "no known weakness in 2"),
        ({"dependencies": [SEEN, WEAK]}, False, "1 known weaknesses"),
        ({"dependencies": [UNSEEN, WEAK]}, False, "1 known weaknesses"),
    ],
)
def test_verdict(document: dict[str, Any] | None, is_good: object, text: str) -> None:
    verdict, summary, _ = audit.verdict(document)
    assert verdict is is_good
    assert text in summary


@pytest.fixture
def reports(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("REPORTS_DIR", str(tmp_path))
    return tmp_path


def run(monkeypatch: pytest.MonkeyPatch, document: dict[str, Any] | None) -> int:
    monkeypatch.setattr(audit, "pip_audit", lambda lock: document)
    monkeypatch.setattr("sys.argv", ["audit", "requirements.txt"])
    return audit.main()


def test_weakness_ends_with_one_and_is_reported(
    reports: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(monkeypatch, {"dependencies": [SEEN, WEAK]}) == 1
    assert "jinja 1: PYSEC-1, fixed in 2" in capsys.readouterr().out
    assert json.loads((reports / "audit.json").read_text())["ok"] is False


def test_audit_that_could_not_look_is_kept_as_that(
    reports: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(monkeypatch, None) == 0
    assert capsys.readouterr().out == "audit: skipped: could not look\n"
    assert json.loads((reports / "audit.json").read_text())["ok"] is None


def test_program_that_is_not_there_could_not_look(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("sys.executable", str(tmp_path / "python"))
    assert audit.pip_audit(tmp_path / "requirements.txt") is None


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    subprocess.run(["git", "init", "-q", tmp_path], check=True)
    return tmp_path


SECRETS = [
    "-----BEGIN EC PRIVATE " + "KEY-----",
    "MIDTRANS_SERVER_KEY=Mid-server-" + "Ab3dEf6hIj9kLm2n",
    "AKIA" + "ABCDEFGHIJKLMNOP",
    "postgres://shop:" + "dq8Zk3Vw1xTn@db:5432/karima",
    "eyJhbGciOiJSUzI1NiJ9."
    + "eyJzdWIiOiIxMjM0NTY3ODkwIn0."
    + "c2lnbmF0dXJlLXRoYXQtaXMtbG9uZw",
]


@pytest.mark.parametrize("secret", SECRETS)
def test_secret_in_a_file_is_found_and_not_printed(
    repository: Path, capsys: pytest.CaptureFixture[str], secret: str
) -> None:
    (repository / "settings.py").write_text(f"# one\nx = '{secret}'\n")
    assert find_secrets.main(repository) == 1
    told = capsys.readouterr().out
    assert "settings.py:2: " in told
    assert secret not in told


@pytest.mark.parametrize(
    "name", [".env", ".env.production", "kratos.private.yml", "deploy/tls/db.key"]
)
def test_file_that_must_stay_outside_is_found(repository: Path, name: str) -> None:
    (repository / name).parent.mkdir(parents=True, exist_ok=True)
    (repository / name).write_text("x")
    assert find_secrets.main(repository) == 1


@pytest.mark.parametrize(
    "text",
    [
        "JWT_SECRET=<strong-random-secret>",
        "postgres://kratos:<password>@db:5432/kratos",
        "postgres://karima_store:lokal@db:5432/kratos",
        "MIDTRANS_SERVER_KEY=YOUR_SERVER_KEY",
        "-----BEGIN CERTIFICATE-----",
    ],
)
def test_placeholder_is_no_secret(repository: Path, text: str) -> None:
    (repository / ".env.production.example").write_text(text)
    assert find_secrets.main(repository) == 0


def test_this_repository_holds_none() -> None:
    assert find_secrets.main() == 0


def test_bill_of_materials_has_every_locked_library(tmp_path: Path) -> None:
    made = tmp_path / "sbom.json"
    program = Path(sys.executable).with_name("cyclonedx-py")
    subprocess.run(
        [program, "requirements", ROOT / "requirements.txt", "--sv=1.6", "-o", made],
        check=True,
        capture_output=True,
    )
    document = json.loads(made.read_text(encoding="utf-8"))
    assert (document["bomFormat"], document["specVersion"]) == ("CycloneDX", "1.6")
    locked = re.findall(
        r"^([a-z0-9-]+)(?:\[.*\])?==", (ROOT / "requirements.txt").read_text(), re.M
    )
    assert {part["name"] for part in document["components"]} == set(locked)
