"""The pulse that a restored copy tells its moment by."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from procrastinate.contrib.django import app

from karima import heartbeat, readings
from karima.models import BackupRun, Heartbeat
from karima.tasks import beat

NOON = datetime(2026, 11, 25, 12, tzinfo=UTC)
pytestmark = pytest.mark.django_db


def test_there_is_one_row_and_it_moves() -> None:
    with time_machine.travel(NOON, tick=False) as clock:
        heartbeat.beat()
        clock.shift(timedelta(seconds=30))
        beat(timestamp=0)
    assert Heartbeat.objects.get().beat_at == NOON + timedelta(seconds=30)


def test_the_worker_beats_every_thirty_seconds() -> None:
    crons = {
        task.task.name: task.cron
        for task in app.periodic_registry.periodic_tasks.values()
    }
    assert crons["karima.tasks.beat"] == "* * * * * */30"


def figures() -> dict[tuple[str, str], float]:
    return {
        (sample.name, sample.labels.get("kind", "")): sample.value
        for family in readings.take(readings.READINGS)
        for sample in family.samples
    }


def test_metrics_tell_the_last_good_end_of_each_kind() -> None:
    heartbeat.beat()
    for hour, (kind, ok) in enumerate(
        [
            ("dump", True),
            ("dump", False),
            ("restore_drill", True),
            ("backup_full", True),
        ]
    ):
        BackupRun.objects.create(
            kind=kind,
            ok=ok,
            duration_seconds=hour,
            finished_at=NOON + timedelta(hours=hour),
        )
    found = figures()
    dump = found["karima_backup_dump_success_timestamp_seconds", ""]
    assert dump == NOON.timestamp()
    full = found["karima_backup_last_success_timestamp_seconds", "backup_full"]
    assert full == (NOON + timedelta(hours=3)).timestamp()
    drill = "karima_restore_drill"
    at = found[f"{drill}_success_timestamp_seconds", ""]
    assert at == (NOON + timedelta(hours=2)).timestamp()
    assert found[f"{drill}_duration_seconds", ""] == 2
    assert found["karima_heartbeat_timestamp_seconds", ""] > 0
