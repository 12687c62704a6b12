"""Background jobs. Each calls one service and may run twice, and twice at once."""

from uuid import UUID

from procrastinate.contrib.django import app

from accounts.services import messages


@app.task
def send_message(message_id: str) -> None:
    messages.send(UUID(message_id))


@app.periodic(cron="* * * * *")
@app.task(queueing_lock="send_due_messages")
def send_due_messages(timestamp: int) -> None:
    messages.send_due()


@app.periodic(cron="53 19 * * *")
@app.task(queueing_lock="forget_old_messages")
def forget_old_messages(timestamp: int) -> None:
    messages.forget_old()
