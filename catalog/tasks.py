"""Background jobs. Each calls one service and may run twice, and twice at once."""

from uuid import UUID

from procrastinate.contrib.django import app

from catalog.services import documents, imports, stock_messages, stock_takes


@app.task
def run_import(file_id: str) -> None:
    imports.run(UUID(file_id))


@app.periodic(cron="* * * * *")
@app.task(queueing_lock="continue_imports")
def continue_imports(timestamp: int) -> None:
    imports.continue_stopped()


@app.periodic(cron="* * * * *")
@app.task(queueing_lock="follow_prices")
def follow_prices(timestamp: int) -> None:
    documents.follow_prices()


@app.periodic(cron="* * * * *")
@app.task(queueing_lock="tell_who_waits_for_stock")
def tell_who_waits_for_stock(timestamp: int) -> None:
    stock_messages.tell_due()


# 08:00 WIB.
@app.periodic(cron="0 1 * * *")
@app.task(queueing_lock="tell_of_low_stock")
def tell_of_low_stock(timestamp: int) -> None:
    stock_messages.tell_low()


@app.task
def apply_stock_take(take_id: str) -> None:
    stock_takes.run(int(take_id))


@app.periodic(cron="*/5 * * * *")
@app.task(queueing_lock="continue_stock_takes")
def continue_stock_takes(timestamp: int) -> None:
    stock_takes.continue_stopped()
