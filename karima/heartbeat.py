"""The pulse of the database: see `karima.models.Heartbeat`."""

from django.utils import timezone

from karima.models import Heartbeat


def beat() -> None:
    """Write down that this moment was reached. In one statement, safe to repeat."""
    now = timezone.now()
    Heartbeat.objects.bulk_create(
        [Heartbeat(id=1, beat_at=now)],
        update_conflicts=True,
        unique_fields=["id"],
        update_fields=["beat_at"],
    )
