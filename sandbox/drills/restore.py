"""`make drill-restore`: the server is lost; the shop comes back from the storage.

Sales, a full backup, sales, a differential one, an outage of the storage, sales, then
the server and its disk are gone. Measures what is lost (RPO) and how long it takes
until the shop sells again (RTO), with the time-outs that production has.
"""

import os
import signal
import sys
import time

from sandbox.drills.buyers import Buyers
from sandbox.drills.checks import orders_in, what_must_hold
from sandbox.drills.failover import family, skus_of
from sandbox.drills.shop import furnish, kratos_with_buyers, manage, serving, variables
from sandbox.drills.verdict import Verdict
from sandbox.kratos import Kratos
from sandbox.lab.backups import BackedUp, backed_up
from sandbox.lab.postgres import DATABASE, Cluster, checked

BUYERS = 4
RPO_SECONDS, RTO_SECONDS = 15 * 60, 60 * 60
SALE_SECONDS = 6.0
OUTAGE_SECONDS = 20.0
BEAT = "from karima import heartbeat; heartbeat.beat()"
# Longer than archive_timeout: sales of before this must have left the machine.
AGE_SECONDS = 75.0


def main() -> int:
    verdict = Verdict("RESTORE DRILL")
    # As production archives: whatever was written leaves within 60 seconds.
    with (
        backed_up({"archive_timeout": "60"}) as lab,
        kratos_with_buyers(BUYERS) as (kratos, tokens),
    ):
        verdict.step("migrating and filling the shop, as its two roles")
        furnish(lab.cluster)
        before = len(orders_in(lab.cluster))
        sold = sell(verdict, lab, kratos, tokens)
        accident(verdict, lab)
        weekly_drill(verdict, lab)
        lose_and_restore(verdict, lab, kratos, tokens, sold=sold, before=before)
    return verdict.end()


def sell(
    verdict: Verdict, lab: BackedUp, kratos: Kratos, tokens: list[str]
) -> dict[str, float]:
    """Sell through backups and an outage; return the orders by number and moment."""
    with serving(variables(lab.cluster, kratos), lab.folder) as url:
        buyers = Buyers(url, tokens, skus_of(lab.cluster))
        with buyers.buying():
            for kind in ("full", "diff"):
                time.sleep(SALE_SECONDS)
                done = lab.script("backup.sh", kind)
                verdict.check(done.returncode == 0, f"a {kind} backup during sales")
            outage(verdict, lab, buyers)
            manage(lab.cluster, "shell", "--command", BEAT)
            time.sleep(SALE_SECONDS)
        verdict.check(len(buyers.orders) > 0, f"{len(buyers.orders)} orders were sold")
        return buyers.orders


def outage(verdict: Verdict, lab: BackedUp, buyers: Buyers) -> None:
    """T-7.3: sales go on, the backlog can be seen, and it is caught up with."""
    began = time.time()
    lab.storage.pause()
    end = time.monotonic() + OUTAGE_SECONDS
    while time.monotonic() < end:
        with lab.cluster.superuser() as root:
            root.execute("SELECT pg_switch_wal()")
        time.sleep(2)
    waiting = lab.waiting()
    sold = sum(moment > began for moment in buyers.orders.values())
    failed = [a for a in buyers.since(began) if a.status == 0 or a.status >= 500]
    verdict.check(
        sold > 0 and not failed,
        f"the storage was silent for {OUTAGE_SECONDS:.0f} s: {sold} orders, "
        f"{len(failed)} failed",
    )
    verdict.check(waiting > 0, f"{waiting} files of the log were seen to wait")
    lab.storage.resume()
    lab.wait_until_archived()
    verdict.check(lab.waiting() <= 1, f"caught up: {lab.waiting()} files wait")


def accident(verdict: Verdict, lab: BackedUp) -> None:
    """T-7.1: somebody deletes; the second before comes back, beside the shop."""
    with lab.cluster.superuser(DATABASE) as root:
        lines = "SELECT count(*) FROM orders_orderline"
        had = root.execute(lines).fetchone()
        moment = root.execute("SELECT clock_timestamp()::text").fetchone()
        root.execute("CREATE TABLE accident AS SELECT * FROM orders_orderline")
        root.execute("DELETE FROM orders_orderline")
        # The shop itself is mended from the copy of before.
        root.execute("INSERT INTO orders_orderline SELECT * FROM accident")
        root.execute("DROP TABLE accident")
    lab.wait_until_archived()
    target = str(moment[0]) if moment else ""
    done = lab.script("restore.sh", str(lab.folder / "second-before"), "--time", target)
    copy = lab.copy("second-before", hot_standby="off")
    copy.start()
    try:
        with copy.superuser(DATABASE) as root:
            has = root.execute(lines).fetchone()
        verdict.check(
            done.returncode == 0 and has == had,
            f"the second before a DELETE: {has and has[0]} lines of {had and had[0]}",
        )
    finally:
        copy.stop()
    checked(["rm", "-rf", str(copy.data)])


def weekly_drill(verdict: Verdict, lab: BackedUp) -> None:
    """Run what the timer runs, once well and once with a pass that is wrong."""
    done = lab.script("restore-drill.sh")
    said = [line for line in done.stderr.splitlines() if "RPO" in line][-1:]
    verdict.check(
        done.returncode == 0 and "RESTORE DRILL: PASS" in done.stdout,
        f"restore-drill.sh passes {' '.join(said) or done.stderr[-500:]}",
    )
    wrong = lab.script("restore-drill.sh", PGBACKREST_REPO1_CIPHER_PASS="wrong")
    verdict.check(
        wrong.returncode == 1 and "RESTORE DRILL: FAIL" in wrong.stdout,
        "restore-drill.sh fails with a wrong pass",
    )
    leftovers = list((lab.folder / "drill").glob("restore.*"))
    verdict.check(not leftovers, "and neither leaves a copy behind")


def lose_and_restore(
    verdict: Verdict,
    lab: BackedUp,
    kratos: Kratos,
    tokens: list[str],
    *,
    sold: dict[str, float],
    before: int,
) -> None:
    """The machine is gone with all that had not left it; only the storage is left."""
    wait = max(sold.values()) + AGE_SECONDS - time.time()
    verdict.step(f"waiting {wait:.0f} s, the longest that a sale may stay unsaved")
    time.sleep(max(0.0, wait))
    late = sell_a_little(lab, kratos, tokens)
    lost_at = time.time()
    for pid in family(lab.cluster):
        os.kill(pid, signal.SIGKILL)
    checked(["rm", "-rf", str(lab.cluster.data)])
    verdict.step("the server and its disk are lost")

    lab.must("restore.sh", str(lab.folder / "again"), "--keep-archiving")
    again = lab.copy("again", hot_standby="off")
    again.start()
    try:
        again.make_roles()
        with serving(variables(again, kratos), lab.folder) as url:
            rto = time.time() - lost_at
            buyers = Buyers(url, tokens, skus_of(again))
            with buyers.buying():
                time.sleep(SALE_SECONDS)
        judge(verdict, again, sold | late, buyers, lost_at=lost_at, before=before)
        verdict.check(len(buyers.orders) > 0, f"{len(buyers.orders)} sold after it")
        verdict.check(
            rto <= RTO_SECONDS,
            f"RTO {rto:.0f} s (limit {RTO_SECONDS} s, a database of {size_of(again)})",
        )
    finally:
        again.stop(signal.SIGQUIT)


def sell_a_little(lab: BackedUp, kratos: Kratos, tokens: list[str]) -> dict[str, float]:
    """Sell until the very end, so that there is something to lose."""
    with serving(variables(lab.cluster, kratos), lab.folder) as url:
        buyers = Buyers(url, tokens, skus_of(lab.cluster))
        with buyers.buying():
            time.sleep(SALE_SECONDS)
    return buyers.orders


def judge(
    verdict: Verdict,
    again: Cluster,
    sold: dict[str, float],
    buyers: Buyers,
    *,
    lost_at: float,
    before: int,
) -> None:
    kept = orders_in(again)
    missing = {number: at for number, at in sold.items() if number not in kept}
    rpo = lost_at - min(missing.values()) if missing else 0.0
    verdict.check(
        rpo <= RPO_SECONDS,
        f"RPO {rpo:.0f} s: {len(missing)} of {len(sold)} orders were sold after the "
        f"last log that was saved (limit {RPO_SECONDS} s)",
    )
    acknowledged = (set(sold) - set(missing)) | set(buyers.orders)
    what_must_hold(verdict, again, acknowledged, before=before)


def size_of(cluster: Cluster) -> str:
    with cluster.superuser(DATABASE) as root:
        row = root.execute(
            "SELECT pg_size_pretty(pg_database_size(current_database()))"
        ).fetchone()
    return str(row[0]) if row else "unknown"


if __name__ == "__main__":
    sys.exit(main())
