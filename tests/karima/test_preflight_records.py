"""Reports that other commands leave, and what PostgreSQL says of its archive."""

import json
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from django.core.checks import Warning, registry
from django.utils import timezone

from karima.preflight import records
from karima.preflight.items import Context, Finding
from tests.karima.preflight_servers import production_context

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


def write(folder: Path, name: str, *, age: timedelta, ok: object = True) -> None:
    at: datetime = timezone.now() - age
    document = {"at": at.isoformat(), "ok": ok, "summary": "seen"}
    (folder / f"{name}.json").write_text(json.dumps(document), encoding="utf-8")


@pytest.fixture
def context(tmp_path: Path) -> Context:
    return production_context(reports=tmp_path)


PROBES = {
    "smoke": (records.smoke, records.SMOKE_MAX_AGE),
    "loadtest": (records.load_test, records.LOADTEST_MAX_AGE),
    "audit": (records.audit, records.AUDIT_MAX_AGE),
}


def first(name: str, context: Context) -> Finding:
    return next(iter(PROBES[name][0](context)))


@pytest.mark.parametrize("name", PROBES)
def test_report_decides(context: Context, name: str) -> None:
    max_age = PROBES[name][1]
    assert first(name, context).state == "manual"
    write(context.reports, name, age=max_age - HOUR)
    assert first(name, context).state == "ok"
    write(context.reports, name, age=max_age + HOUR)
    assert first(name, context).state == "manual"
    write(context.reports, name, age=HOUR, ok=False)
    assert first(name, context).state == "fail"


def test_report_of_what_could_not_look_is_no_proof(context: Context) -> None:
    write(context.reports, "audit", age=HOUR, ok=None)
    assert first("audit", context).state == "manual"


@pytest.mark.parametrize(
    "text",
    ["", "{", "[]", '{"at": "now", "ok": true, "summary": ""}', '{"ok": true}',
     '{"at": "2026-11-25T03:00:00", "ok": true, "summary": ""}',
     '{"at": "2026-11-25T03:00:00Z", "ok": "yes", "summary": ""}'],
)  # fmt: skip
def test_broken_report_counts_as_none(context: Context, text: str) -> None:
    (context.reports / "smoke.json").write_text(text, encoding="utf-8")
    assert first("smoke", context).state == "manual"


def test_deployment_checks_are_part_of_the_audit(
    context: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The tests run with development settings, of which Django has much to say."""
    (_, checks) = records.audit(context)
    assert checks.state == "fail"
    assert "security.W" in checks.text
    monkeypatch.setattr(records, "run_checks", lambda **kwargs: [])
    (_, checks) = records.audit(context)
    assert checks.state == "ok"


def test_warning_of_the_environment_is_not_told_twice(
    context: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert context.known_warnings == frozenset()
    other = Warning("told elsewhere", id="karima.W005")
    monkeypatch.setattr(records, "run_checks", lambda **kwargs: [other])
    assert [f.state for f in records.audit(context)][1] == "fail"
    monkeypatch.setattr(
        Context, "known_warnings", property(lambda self: frozenset({"karima.W005"}))
    )
    assert [f.state for f in records.audit(context)][1] == "ok"
    assert registry.registry is not None


@pytest.mark.django_db
def test_newest_backup_is_judged_by_its_age(context: Context) -> None:
    def state() -> str:
        return next(iter(records.backups(context))).state

    assert state() == "fail"
    write(context.reports, "backup", age=HOUR)
    assert state() == "ok"
    write(context.reports, "backup", age=records.BACKUP_MAX_AGE + HOUR)
    assert state() == "fail"
    write(context.reports, "backup", age=HOUR, ok=False)
    assert state() == "fail"


@pytest.mark.django_db
def test_database_without_an_archive_fails(context: Context) -> None:
    (_, archive) = records.backups(context)
    assert archive.state == "fail"


@pytest.mark.parametrize(
    ("mode", "age", "has_failed", "state"),
    [
        ("on", 5, False, "ok"),
        ("always", 5, False, "ok"),
        ("on", 16, False, "fail"),
        ("on", None, False, "fail"),
        ("on", 5, True, "fail"),
        ("off", 5, False, "fail"),
    ],
)
def test_archive_is_judged_by_its_newest_change(
    mode: str, age: int | None, has_failed: bool, state: str
) -> None:
    span = None if age is None else timedelta(minutes=age)
    found = records.archive_finding(mode, span, has_failed=has_failed, mend="")
    assert found.state == state
