"""What must be true after every drill: nothing acknowledged is lost, none is double."""

from collections.abc import Iterable
from pathlib import Path

from karima.local import PROJECT
from sandbox.drills.shop import manage
from sandbox.drills.verdict import Verdict
from sandbox.lab.postgres import DATABASE, Cluster

VERIFY = PROJECT / "deploy/postgres/backup/verify.sql"


def orders_in(cluster: Cluster) -> set[str]:
    with cluster.superuser(DATABASE) as root:
        return {row[0] for row in root.execute("SELECT number FROM orders_order")}


def faults_in(cluster: Cluster, sql: Path = VERIFY) -> list[str]:
    with cluster.superuser(DATABASE) as root:
        query = sql.read_bytes()
        return [row[0] for row in root.execute(query)]


def what_must_hold(
    verdict: Verdict, cluster: Cluster, acknowledged: Iterable[str], *, before: int
) -> None:
    """Check the books. `before`: how many orders there were when the buyers came."""
    acknowledged, kept = set(acknowledged), orders_in(cluster)
    lost = acknowledged - kept
    verdict.check(
        not lost, f"{len(acknowledged)} orders were acknowledged, {len(lost)} lost"
    )
    extra = len(kept) - before - len(acknowledged)
    verdict.check(extra == 0, f"{extra} orders that no buyer was told of")
    faults = faults_in(cluster)
    verdict.check(not faults, f"stock and totals add up {faults[:3] or ''}".strip())
    for command in ("verify_stock", "check_invariants"):
        done = manage(cluster, command)
        last = (done.stdout + done.stderr).strip().splitlines()[-1:]
        verdict.check(done.returncode == 0, f"manage.py {command}: {' '.join(last)}")
