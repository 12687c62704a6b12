"""What other commands left behind: backups, tested flows, load, audits.

Each writes `NAME.json` into the folder REPORTS_DIR:

    {"at": "2026-11-25T03:00:00+00:00", "ok": true, "summary": "one line"}

`ok` is null when the command could not look; that is no proof of anything.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from django.core.checks import WARNING, run_checks
from django.db import DatabaseError, connection
from django.utils import timezone

from karima.preflight.items import Context, Finding, fail, manual, ok

SMOKE_MAX_AGE = timedelta(days=7)
LOADTEST_MAX_AGE = timedelta(days=90)
AUDIT_MAX_AGE = timedelta(days=7)
BACKUP_MAX_AGE = timedelta(hours=26)
ARCHIVE_MAX_AGE = timedelta(minutes=15)
BACKUP = "run `make backup`, and see that its timer is on"


@dataclass(frozen=True, slots=True)
class Report:
    """What a command wrote down. `is_good` is None when it could not look."""

    at: datetime
    is_good: bool | None
    summary: str


def read(folder: Path, name: str) -> Report | None:
    """Return a report, or None when there is none that can be read."""
    try:
        document = json.loads((folder / f"{name}.json").read_text(encoding="utf-8"))
        at = datetime.fromisoformat(document["at"])
        summary, is_good = str(document["summary"]), document["ok"]
    except (OSError, ValueError, KeyError, TypeError):
        return None
    if at.tzinfo is None or is_good not in (True, False, None):
        return None
    return Report(at, is_good, summary)


def judged(context: Context, name: str, *, max_age: timedelta, mend: str) -> Finding:
    """Return what a report says, if it is not too old to say anything."""
    report = read(context.reports, name)
    if report is None:
        return manual("there is no report of it", mend)
    age = timezone.now() - report.at
    when = f"{report.at:%Y-%m-%d %H:%M} UTC: {report.summary}"
    if report.is_good is False:
        return fail(f"it failed on {when}", mend)
    if report.is_good is None:
        return manual(f"it could not look on {when}", mend)
    if age > max_age:
        return manual(f"the last report is {age.days} days old", mend)
    return ok(f"passed on {when}")


def smoke(context: Context) -> Iterator[Finding]:
    mend = "run `make smoke URL=https://api...` against the running shop"
    yield judged(context, "smoke", max_age=SMOKE_MAX_AGE, mend=mend)


def load_test(context: Context) -> Iterator[Finding]:
    mend = "run `make loadtest` on a machine like the server"
    yield judged(context, "loadtest", max_age=LOADTEST_MAX_AGE, mend=mend)


def audit(context: Context) -> Iterator[Finding]:
    """Return the audit of the dependencies, and Django's own deployment checks."""
    yield judged(context, "audit", max_age=AUDIT_MAX_AGE, mend="run `make audit`")
    found = run_checks(include_deployment_checks=True)
    serious = [m for m in found if m.level >= WARNING and not m.is_silenced()]
    # Those of the environment stand under its items already.
    names = sorted({str(m.id) for m in serious if m.id not in context.known_warnings})
    if names:
        mend = "run `python manage.py check --deploy`, which explains each"
        yield fail(f"the deployment checks say {', '.join(names)}", mend)
    else:
        yield ok("the deployment checks have nothing to say")


def backups(context: Context) -> Iterator[Finding]:
    """Say how old the newest backup is, and whether changes are archived since."""
    report = read(context.reports, "backup")
    if report is None:
        yield fail("there is no report of a backup", BACKUP)
    elif not report.is_good:
        yield fail(f"the last backup failed: {report.summary}", BACKUP)
    else:
        hours = (timezone.now() - report.at) / timedelta(hours=1)
        state = ok(f"the newest backup is {hours:.0f} hours old")
        is_old = hours > BACKUP_MAX_AGE / timedelta(hours=1)
        yield fail(state.text, BACKUP) if is_old else state
    yield _archive()


def _archive() -> Finding:
    mend = "set archive_mode and archive_command, deploy/backup"
    try:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT current_setting('archive_mode'), now() - last_archived_time,"
                " last_failed_time > last_archived_time FROM pg_stat_archiver"
            )
            mode, age, has_failed = cursor.fetchone()
    except DatabaseError:
        return fail("the database does not answer", "see the items above")
    return archive_finding(mode, age, has_failed=bool(has_failed), mend=mend)


def archive_finding(
    mode: str, age: timedelta | None, *, has_failed: bool, mend: str
) -> Finding:
    """Judge what PostgreSQL says of its archive of changes."""
    if mode == "off":
        return fail("changes since the backup are not archived", mend)
    if has_failed:
        return fail("archiving the last changes failed", mend)
    if age is None or age > ARCHIVE_MAX_AGE:
        return fail("no change was archived in the last 15 minutes", mend)
    return ok("changes since then are archived")
