"""Background jobs. Each calls one service and may run twice, and twice at once."""

from uuid import UUID

from procrastinate.contrib.django import app

from catalog.services import documents, imports


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
