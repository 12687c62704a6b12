"""Figures that are read from the database when Prometheus asks, each by one query.

Every app names its own in `services/readings.py`. A query returns rows of the labels'
values and the number. Counts are of rows that are never deleted, so they only grow and
stay right through restarts of whatever process.
"""

import logging
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django.db import Error, connection, transaction
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily

logger = logging.getLogger(__name__)

TIMEOUT_MILLISECONDS = 5000

Family = CounterMetricFamily | GaugeMetricFamily


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """A metric and the query behind it. A name that ends in `_total` is a counter."""

    name: str
    help: str
    sql: str
    labels: tuple[str, ...] = ()

    def family(self) -> Family:
        """Return the metric without a sample."""
        if self.name.endswith("_total"):
            return CounterMetricFamily(self.name, self.help, labels=list(self.labels))
        return GaugeMetricFamily(self.name, self.help, labels=list(self.labels))


def take(readings: Iterable[Reading]) -> Iterator[Family]:
    """Yield each metric with what the database says now.

    A query that fails costs its own metric only, and is named by
    `karima_reading_failed`.
    """
    failed = GaugeMetricFamily(
        "karima_reading_failed",
        "1 for a figure that could not be read",
        labels=["metric"],
    )
    for reading in readings:
        family = reading.family()
        try:
            rows = _rows(reading.sql)
        except Error:
            logger.warning(
                "reading_failed", exc_info=True, extra={"reason": family.name}
            )
            failed.add_metric([reading.name], 1)
            continue
        for *labels, value in rows:
            if value is not None:
                family.add_metric([str(label) for label in labels], float(value))
        yield family
    yield failed


def _rows(sql: str) -> list[tuple[Any, ...]]:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"SET LOCAL statement_timeout = {TIMEOUT_MILLISECONDS}")
        cursor.execute(sql)
        return cursor.fetchall()


# The queue is rows of Procrastinate; `queue_reading` looks at them as an operator does.
READINGS = (
    Reading(
        name="karima_job_queue_oldest_seconds",
        help="Seconds that the oldest due job of a task has waited",
        labels=("task",),
        sql="""
            SELECT job.task_name,
                   extract(epoch FROM now() - min(
                       coalesce(job.scheduled_at, event.at, now())))
              FROM procrastinate_jobs job
              LEFT JOIN procrastinate_events event
                     ON event.job_id = job.id AND event.type = 'deferred'
             WHERE job.status = 'todo' AND coalesce(job.scheduled_at, now()) <= now()
             GROUP BY 1
        """,
    ),
    Reading(
        name="karima_jobs",
        help="Jobs in the queue by status",
        labels=("status",),
        sql="SELECT status, count(*) FROM procrastinate_jobs GROUP BY 1",
    ),
    Reading(
        name="karima_workers_alive",
        help="Background workers heard of in the last minute",
        sql="""
            SELECT count(*) FROM procrastinate_workers
             WHERE last_heartbeat > now() - interval '1 minute'
        """,
    ),
    Reading(
        name="karima_backup_last_wal_archived_timestamp_seconds",
        help="When PostgreSQL last archived a WAL segment; absent until it has",
        sql="SELECT extract(epoch FROM last_archived_time) FROM pg_stat_archiver",
    ),
    Reading(
        name="karima_backup_wal_ready",
        help="WAL segments that wait to be archived; absent without archiving",
        sql="""
            SELECT CASE WHEN current_setting('archive_mode') = 'off' THEN NULL
                   ELSE (SELECT count(*) FROM pg_ls_archive_statusdir()
                          WHERE name LIKE '%.ready') END
        """,
    ),
    Reading(
        name="karima_heartbeat_timestamp_seconds",
        help="When the worker last wrote its pulse into the database",
        sql="SELECT extract(epoch FROM beat_at) FROM karima_heartbeat",
    ),
    Reading(
        name="karima_backup_last_success_timestamp_seconds",
        help="When a backup of this kind last ended well",
        labels=("kind",),
        sql="""
            SELECT kind, extract(epoch FROM max(finished_at)) FROM karima_backuprun
             WHERE ok AND kind LIKE 'backup%' GROUP BY 1
        """,
    ),
    Reading(
        name="karima_backup_dump_success_timestamp_seconds",
        help="When the dumps of all databases last ended well",
        sql="""
            SELECT extract(epoch FROM max(finished_at)) FROM karima_backuprun
             WHERE ok AND kind = 'dump'
        """,
    ),
    Reading(
        name="karima_restore_drill_success_timestamp_seconds",
        help="When a restore drill last ended well",
        sql="""
            SELECT extract(epoch FROM max(finished_at)) FROM karima_backuprun
             WHERE ok AND kind = 'restore_drill'
        """,
    ),
    Reading(
        name="karima_restore_drill_duration_seconds",
        help="How long the last restore drill took, whatever came of it",
        sql="""
            SELECT duration_seconds FROM karima_backuprun
             WHERE kind = 'restore_drill' ORDER BY finished_at DESC LIMIT 1
        """,
    ),
)
