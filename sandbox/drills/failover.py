"""`make drill-failover`: PostgreSQL restarts, is killed, hangs, is lost for good.

D2 to D4 of the resiliency matrix in docs/operations.md, and a replica that takes over.
"""

import os
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path

import psycopg

from sandbox.drills.buyers import Buyers, tally
from sandbox.drills.checks import orders_in, what_must_hold
from sandbox.drills.shop import furnish, kratos_with_buyers, serving, variables
from sandbox.drills.verdict import Verdict
from sandbox.engines.processes import engine_account
from sandbox.kratos import Kratos
from sandbox.lab.certificates import Authority
from sandbox.lab.folder import give, lab_folder, with_children
from sandbox.lab.postgres import (
    DATABASE,
    HOST,
    PASSWORDS,
    Cluster,
    bindir,
    checked,
)

BUYERS = 8
CALM_SECONDS = 5.0
# Longer than the shop waits, so that it must give up by itself.
HANG_SECONDS = 40
# D4 of the matrix. To get a connection (3), then statement_timeout and the grace of
# karima.connections (10): what is left is for a busy machine.
LONGEST_ANSWER_SECONDS = 15.0


def main() -> int:
    verdict = Verdict("DATABASE FAILOVER DRILL")
    with lab_folder() as folder, kratos_with_buyers(BUYERS) as (kratos, tokens):
        Authority().write(folder, "postgres", HOST, "localhost")
        give(folder, engine_account())
        first = Cluster(folder / "data", tls=folder)
        first.create()
        first.start()
        first.make_roles()
        verdict.step("migrating and filling the shop, as its two roles")
        furnish(first)
        try:
            with serving(variables(first, kratos), folder) as url:
                buyers = Buyers(url, tokens, skus_of(first))
                break_it(verdict, first, buyers)
            take_over(verdict, first, folder, kratos, tokens)
        finally:
            first.stop(signal.SIGQUIT)
    return verdict.end()


def skus_of(cluster: Cluster) -> list[str]:
    with cluster.superuser(DATABASE) as root:
        rows = root.execute(
            "SELECT v.sku FROM catalog_variant v"
            " JOIN catalog_product p ON p.id = v.product_id"
            " WHERE v.is_active AND p.status = 'active' ORDER BY 1 LIMIT 16"
        )
        return [row[0] for row in rows]


def break_it(verdict: Verdict, cluster: Cluster, buyers: Buyers) -> None:
    before = len(orders_in(cluster))
    with buyers.buying():
        time.sleep(CALM_SECONDS)
        verdict.check(len(buyers.orders) > 0, f"calm: {tally(buyers.answers)}")
        during(verdict, buyers, "D3 fast restart", lambda: restart(cluster))
        for number in (1, 2, 3):
            during(
                verdict,
                buyers,
                f"D2 immediate stop {number} of 3",
                lambda: restart(cluster, signal.SIGQUIT),
            )
        during(verdict, buyers, f"D4 hangs for {HANG_SECONDS} s", lambda: hang(cluster))
        longest = max(answer.seconds for answer in buyers.answers)
        verdict.check(
            longest <= LONGEST_ANSWER_SECONDS,
            f"the longest answer took {longest:.1f} s",
        )
    what_must_hold(verdict, cluster, buyers.orders, before=before)


def during(
    verdict: Verdict, buyers: Buyers, name: str, trouble: Callable[[], None]
) -> None:
    """Make trouble, then see that the shop sells again without being touched."""
    began = time.time()
    trouble()
    over = time.time()
    time.sleep(CALM_SECONDS)
    met = [a for a in buyers.all() if a.at < over and a.at + a.seconds > began]
    bad = [a for a in met if a.status not in (0, 503) and a.status >= 500]
    verdict.check(not bad, f"{name}, {over - began:.1f} s: {tally(met)}")
    # Requests that began a moment after it was up; each is answered as if nothing was.
    after = buyers.since(over + 1)
    failed = [a for a in after if a.status == 0 or a.status >= 500]
    sold = sum(moment > over for moment in buyers.orders.values())
    verdict.check(
        not failed and sold > 0,
        f"  a second after it was back: {len(failed)} failed of {len(after)}, "
        f"{sold} orders",
    )


def restart(cluster: Cluster, how: signal.Signals = signal.SIGINT) -> None:
    cluster.stop(how)
    cluster.start()


def hang(cluster: Cluster) -> None:
    """Stop every process of the server, as a disk that hangs would."""
    pids = family(cluster)
    for pid in pids:
        os.kill(pid, signal.SIGSTOP)
    time.sleep(HANG_SECONDS)
    for pid in pids:
        os.kill(pid, signal.SIGCONT)


def family(cluster: Cluster) -> list[int]:
    """Return the server's process and its children."""
    assert cluster.process
    return with_children(cluster.process.pid)


def take_over(
    verdict: Verdict,
    first: Cluster,
    folder: Path,
    kratos: Kratos,
    tokens: list[str],
) -> None:
    """Lose the first server for good while buyers buy, and go on with its replica."""
    second = follow(first, folder)
    before = len(orders_in(first))
    with serving(variables(first, kratos), folder) as url:
        buyers = Buyers(url, tokens, skus_of(first))
        with buyers.buying():
            time.sleep(CALM_SECONDS)
            verdict.check(len(buyers.orders) > 0, f"replica: {lag(first)}")
            lose(first)
            lost_at = time.monotonic()
            buyers.is_lost = True
            buyers.stop()
    verdict.step("the first server is lost for good; promoting the replica")
    checked([folder / "deploy/postgres/replica.sh", "promote", second.data], path())
    try:
        with serving(variables(second, kratos), folder) as url:
            seconds = time.monotonic() - lost_at
            verdict.check(seconds < 300, f"the shop sells again after {seconds:.0f} s")
            missing = set(buyers.orders) - orders_in(second)
            verdict.check(
                len(missing) <= 1, f"{len(missing)} acknowledged orders are missing"
            )
            known = (set(buyers.orders) - missing) | sell_again(verdict, url, buyers)
        untold = len(orders_in(second)) - before - len(known)
        verdict.check(
            untold <= len(tokens), f"{untold} orders whose answer the loss cut off"
        )
        what_must_hold(verdict, second, known, before=before + untold)
    finally:
        second.stop(signal.SIGQUIT)


def sell_again(verdict: Verdict, url: str, before: Buyers) -> set[str]:
    """Let the same buyers buy from the shop that came back; return the orders."""
    again = Buyers(url, before.tokens, before.skus)
    with again.buying():
        time.sleep(CALM_SECONDS)
    verdict.check(len(again.orders) > 0, f"{len(again.orders)} sold after it")
    return set(again.orders)


def lose(first: Cluster) -> None:
    """End the server without a word, as a machine that is gone."""
    for pid in family(first):
        os.kill(pid, signal.SIGKILL)


def path() -> dict[str, str]:
    return {"PATH": f"{bindir()}:{os.environ['PATH']}"}


def follow(first: Cluster, folder: Path) -> Cluster:
    """Return a running replica of the server, made by `deploy/postgres/replica.sh`."""
    second = Cluster(folder / "second", tls=folder)
    checked(
        [folder / "deploy/postgres/replica.sh", "copy", "localhost", second.data],
        path()
        | {
            "PGPORT": str(first.port),
            "DB_REPLICA_PASSWORD": PASSWORDS["karima_replica"],
            "DB_SSL_ROOT_CERT": str(first.tls / "ca.pem"),
        },
    )
    second.start()
    deadline = time.monotonic() + 30
    while not lag(first):
        if time.monotonic() > deadline:
            raise TimeoutError("the replica does not follow")
        time.sleep(0.2)
    return second


def lag(first: Cluster) -> str:
    with first.superuser() as root:
        row = root.execute(
            "SELECT application_name || ' ' || state || ', behind by ' ||"
            " pg_wal_lsn_diff(pg_current_wal_lsn(), replay_lsn) || ' bytes'"
            " FROM pg_stat_replication WHERE state = 'streaming'"
        ).fetchone()
    return str(row[0]) if row else ""


if __name__ == "__main__":
    try:
        sys.exit(main())
    except psycopg.Error as error:
        sys.exit(f"DATABASE FAILOVER DRILL: FAIL ({error})")
