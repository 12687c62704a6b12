"""Background jobs of the operation itself."""

from procrastinate.contrib.django import app

from karima import heartbeat


@app.periodic(cron="* * * * * */30")
@app.task(queueing_lock="beat")
def beat(timestamp: int) -> None:
    heartbeat.beat()
