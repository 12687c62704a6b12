"""What must hold in the database at every moment, checked and never mended.

Every app names its own in `services/invariants.py`. An invariant is a query for what
breaks it. Whoever finds a row looks for the cause; nothing here changes anything.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db import connection, transaction

TIMEOUT_MILLISECONDS = 20_000
# So many violations are named; all are counted.
NAMED = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Invariant:
    """A sentence that must be true. `sql` returns a text for each thing that breaks it.

    `name` is the label of the metric and the heading in docs/runbooks/invariants.md.
    """

    name: str
    says: str
    sql: str
    parameters: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """How many things break an invariant, and the first of them by name."""

    invariant: Invariant
    count: int
    named: tuple[str, ...]


def check(invariants: Iterable[Invariant]) -> list[Finding]:
    """Check all against one picture of the database.

    Opens its own transaction, read-only, 20 seconds for each query. Raises
    `django.db.Error` when the database does not answer: that is no violation.
    """
    with transaction.atomic(durable=True):
        with connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
            cursor.execute(f"SET LOCAL statement_timeout = {TIMEOUT_MILLISECONDS}")
        return [find(invariant) for invariant in invariants]


def find(invariant: Invariant) -> Finding:
    """Return what breaks one invariant, in the caller's transaction if there is one."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT subject, count(*) OVER () FROM ({invariant.sql}) "  # noqa: S608 ours
            f"AS found(subject) ORDER BY subject LIMIT {NAMED}",
            dict(invariant.parameters),
        )
        rows = cursor.fetchall()
    count = rows[0][1] if rows else 0
    return Finding(
        invariant=invariant, count=count, named=tuple(str(row[0]) for row in rows)
    )
