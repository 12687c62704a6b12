"""Background jobs. Each calls one service and may run twice, and twice at once."""

from procrastinate.contrib.django import app

from orders.services import idempotency
from payments.services import expiry, reconciliation


@app.periodic(cron="* * * * *")
@app.task(queueing_lock="expire_unpaid_orders")
def expire_unpaid_orders(timestamp: int) -> None:
    expiry.expire_due()


@app.periodic(cron="* * * * *")
@app.task(queueing_lock="reconcile_payments")
def reconcile_payments(timestamp: int) -> None:
    reconciliation.process_waiting_events()
    reconciliation.poll_due()


@app.periodic(cron="17 * * * *")
@app.task(queueing_lock="forget_idempotency_keys")
def forget_idempotency_keys(timestamp: int) -> None:
    idempotency.forget_old()
