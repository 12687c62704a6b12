"""What Prometheus reads of the messages."""

from karima.readings import Reading

READINGS = (
    Reading(
        name="karima_messages",
        help="Messages of the last year by state",
        labels=("state",),
        sql="SELECT state, count(*) FROM accounts_message GROUP BY 1",
    ),
)
