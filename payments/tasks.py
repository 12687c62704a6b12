"""Background jobs. Each calls one service and may run twice, and twice at once."""

from uuid import UUID

from procrastinate.contrib.django import app

from orders.services import idempotency, pictures, sales
from payments.services import (
    comparison,
    expiry,
    privacy_erasure,
    privacy_export,
    privacy_jobs,
    privacy_scrubbing,
    reconciliation,
    refund_sending,
)


@app.periodic(cron="* * * * *")
@app.task(queueing_lock="expire_unpaid_orders")
def expire_unpaid_orders(timestamp: int) -> None:
    expiry.expire_due()


@app.periodic(cron="* * * * *")
@app.task(queueing_lock="finish_notifications")
def finish_notifications(timestamp: int) -> None:
    reconciliation.process_waiting_events()


@app.periodic(cron="* * * * *")
@app.task(queueing_lock="poll_payments")
def poll_payments(timestamp: int) -> None:
    reconciliation.poll_due()


@app.periodic(cron="* * * * *")
@app.task(queueing_lock="send_refunds")
def send_refunds(timestamp: int) -> None:
    refund_sending.send_due()


# At 02.10 WIB, when few people buy.
@app.periodic(cron="10 19 * * *")
@app.task(queueing_lock="compare_payments")
def compare_payments(timestamp: int) -> None:
    comparison.compare_recent()


@app.periodic(cron="17 * * * *")
@app.task(queueing_lock="forget_idempotency_keys")
def forget_idempotency_keys(timestamp: int) -> None:
    idempotency.forget_old()


@app.task
def build_privacy_export(request_id: str) -> None:
    privacy_export.build_export(UUID(request_id))


@app.task
def erase_customer(request_id: str) -> None:
    privacy_erasure.erase(UUID(request_id))


@app.periodic(cron="* * * * *")
@app.task(queueing_lock="continue_privacy_requests")
def continue_privacy_requests(timestamp: int) -> None:
    privacy_jobs.continue_overdue()


@app.periodic(cron="37 * * * *")
@app.task(queueing_lock="delete_expired_exports")
def delete_expired_exports(timestamp: int) -> None:
    privacy_export.delete_expired()


@app.periodic(cron="47 * * * *")
@app.task(queueing_lock="scrub_late_news")
def scrub_late_news(timestamp: int) -> None:
    privacy_scrubbing.scrub_late_news()


@app.periodic(cron="*/10 * * * *")
@app.task(queueing_lock="remove_discarded_pictures")
def remove_discarded_pictures(timestamp: int) -> None:
    pictures.remove_discarded()


@app.periodic(cron="23 20 * * 6")
@app.task(queueing_lock="discard_orphaned_pictures")
def discard_orphaned_pictures(timestamp: int) -> None:
    pictures.discard_orphans()


@app.periodic(cron="27 * * * *")
@app.task(queueing_lock="count_sold")
def count_sold(timestamp: int) -> None:
    sales.count_sold()
