"""Taking stock: open a session, count, look at the differences, apply them.

A count is kept with what the books said when it was entered. Applied is the difference
of the two, so that orders which ship in between stay right. A variant that somebody
else adjusted since is refused, not corrected twice.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Count, F, Q, QuerySet
from django.utils import timezone

from accounts.models import User
from catalog.models import Category, StockMovement, StockTake, StockTakeLine, Variant
from catalog.services import stock
from karima.errors import Conflict, Invalid
from karima.jobs import enqueue

State = StockTake.State
Outcome = StockTakeLine.Outcome
JOB = "catalog.tasks.apply_stock_take"
# Corrected in one transaction.
BATCH = 100
ADJUSTED = "Stok disesuaikan sejak dihitung; hitung lagi."
PROMISED = "Lebih sedikit daripada yang sudah dipesan pelanggan."


class StockTakeClosed(Conflict):
    code = "stock_take_closed"
    title = "Stock take closed"
    detail = "Stok opname ini sudah diterapkan atau dibatalkan."


class NothingCounted(Conflict):
    code = "nothing_counted"
    title = "Nothing counted"
    detail = "Belum ada hitungan yang dapat diterapkan."


class NothingToCount(Invalid):
    code = "nothing_to_count"
    title = "Nothing to count"
    detail = "Tidak ada SKU di kategori ini."


@dataclass(frozen=True, slots=True)
class Progress:
    """How many lines there are, were counted, differ, and are done."""

    total: int
    counted: int
    differing: int
    done: int
    refused: int

    @property
    def percent(self) -> int:
        return 100 * self.counted // self.total if self.total else 100


def open_take(*, title: str, category: Category | None, actor: User) -> StockTake:
    """Open a session for a category and all below it, or for the whole shop.

    Its lines are the variants on sale or on the shelf now. Opens its own transaction.
    Raises NothingToCount.
    """
    found = Variant.objects.filter(Q(is_active=True) | Q(stock__on_hand__gt=0))
    if category is not None:
        found = found.filter(product__category__path__startswith=category.path)
    pks = list(found.order_by("pk").values_list("pk", flat=True))
    if not pks:
        raise NothingToCount
    with transaction.atomic(durable=True):
        take = StockTake.objects.create(title=title, category=category, opened_by=actor)
        lines = (StockTakeLine(take=take, variant_id=pk) for pk in pks)
        StockTakeLine.objects.bulk_create(lines, batch_size=1000)
    return take


def record(take_id: int, counts: Mapping[int, int | None], *, actor: User) -> int:
    """Keep counts by variant, None taking one back; return how many were kept.

    Variants out of scope or applied already are left alone. Opens its own
    transaction. Raises StockTakeClosed, and InvalidQuantity for what is no count.
    """
    with transaction.atomic(durable=True):
        return note(take_id, counts, actor=actor)


def note(take_id: int, counts: Mapping[int, int | None], *, actor: User) -> int:
    """Keep counts as `record` does. Must run in a transaction."""
    given = [counted for counted in counts.values() if counted is not None]
    if not all(0 <= counted <= stock.MAX_QUANTITY for counted in given):
        raise stock.InvalidQuantity
    take = _locked(take_id, State.COUNTING)
    lines = list(
        take.lines.filter(variant__in=list(counts))
        .exclude(outcome__in=[Outcome.APPLIED, Outcome.SAME])
        .order_by("variant")
    )
    looks = stock.look(line.variant_id for line in lines)
    for line in lines:
        _note(line, counts[line.variant_id], looks[line.variant_id], actor)
    StockTakeLine.objects.bulk_update(
        lines,
        [
            "counted",
            "on_hand_then",
            "movement_then",
            "counted_by",
            "counted_at",
            "outcome",
            "problem",
        ],
        batch_size=500,
    )
    return len(lines)


def start(take_id: int, *, actor: User) -> None:
    """Have the worker apply what was counted. Opens its own transaction.

    What was not counted stays as it is. Raises StockTakeClosed and NothingCounted.
    """
    with transaction.atomic(durable=True):
        take = _locked(take_id, State.COUNTING)
        waiting = take.lines.filter(counted__isnull=False)
        tried = waiting.filter(outcome__in=["", Outcome.REFUSED])
        if not tried.update(outcome="", problem=""):
            raise NothingCounted
        take.state, take.applied_by = State.APPLYING, actor
        take.save(update_fields=["state", "applied_by"])
        enqueue(JOB, take_id=str(take.pk))


def run(take_id: int) -> None:
    """Apply the session, a transaction for each batch; two at once take turns.

    A line is done when its batch commits, so a second run goes on where the first was
    killed. With refused lines the session goes back to being counted.
    """
    while _run_batch(take_id):
        pass


def continue_stopped() -> None:
    """Put the sessions that are being applied into the queue again."""
    with transaction.atomic(durable=True):
        for pk in StockTake.objects.filter(state=State.APPLYING).values_list(
            "pk", flat=True
        ):
            enqueue(JOB, take_id=str(pk))


def close(take_id: int) -> None:
    """End a session; what was applied stays. Opens its own transaction.

    Raises StockTakeClosed.
    """
    with transaction.atomic(durable=True):
        take = _locked(take_id, State.COUNTING)
        is_applied = take.lines.filter(outcome=Outcome.APPLIED).exists()
        take.state = State.APPLIED if is_applied else State.CANCELLED
        take.closed_at = timezone.now()
        take.save(update_fields=["state", "closed_at"])


def progress(take: StockTake) -> Progress:
    """Return how far the session is, in one query."""
    is_counted = Q(counted__isnull=False)
    found = take.lines.aggregate(
        total=Count("pk"),
        differing=Count("pk", filter=is_counted & ~Q(counted=F("on_hand_then"))),
        done=Count("pk", filter=Q(outcome__in=[Outcome.APPLIED, Outcome.SAME])),
        refused=Count("pk", filter=Q(outcome=Outcome.REFUSED)),
        # Last: from here on the name is the sum's.
        counted=Count("pk", filter=is_counted),
    )
    return Progress(**found)


def differences(take: StockTake) -> QuerySet[StockTakeLine]:
    """Return the lines whose count is not what the books said, with their `delta`."""
    found = take.lines.filter(counted__isnull=False).exclude(counted=F("on_hand_then"))
    return found.annotate(delta=F("counted") - F("on_hand_then")).select_related(
        "variant__product", "variant__color", "variant__size", "counted_by"
    )


def _locked(take_id: int, state: str) -> StockTake:
    found = StockTake.objects.select_for_update(of=("self",), no_key=True)
    take = found.filter(pk=take_id, state=state).first()
    if take is None:
        raise StockTakeClosed
    return take


def _note(
    line: StockTakeLine, counted: int | None, look: stock.Look, actor: User
) -> None:
    is_taken_back = counted is None
    line.counted = counted
    line.on_hand_then = None if is_taken_back else look.on_hand
    line.movement_then = None if is_taken_back else look.movement_id
    line.counted_by = None if is_taken_back else actor
    line.counted_at = None if is_taken_back else timezone.now()
    line.outcome, line.problem = "", ""


def _run_batch(take_id: int) -> bool:
    """Apply the next lines; false when there are none."""
    with transaction.atomic(durable=True):
        try:
            take = _locked(take_id, State.APPLYING)
        except StockTakeClosed:
            return False
        waiting = take.lines.filter(counted__isnull=False, outcome="")
        lines = list(waiting.order_by("variant")[:BATCH])
        if lines:
            _apply(take, lines)
            StockTakeLine.objects.bulk_update(lines, ["outcome", "problem"])
        else:
            _finish(take)
    return bool(lines)


def _apply(take: StockTake, lines: Iterable[StockTakeLine]) -> None:
    by_variant = {line.variant_id: line for line in lines}
    stock.look(by_variant)
    adjusted = _adjusted_since(by_variant.values())
    deltas = {}
    for pk, line in by_variant.items():
        delta = (line.counted or 0) - (line.on_hand_then or 0)
        line.outcome = Outcome.APPLIED if delta else Outcome.SAME
        if delta and pk in adjusted:
            line.outcome, line.problem = Outcome.REFUSED, ADJUSTED
        elif delta:
            deltas[pk] = delta
    refused = stock.correct(
        deltas, reference=take.reference, actor=take.applied_by, note=take.title
    )
    for pk in refused:
        by_variant[pk].outcome = Outcome.REFUSED
        by_variant[pk].problem = PROMISED


def _adjusted_since(lines: Iterable[StockTakeLine]) -> set[int]:
    """Return the variants that were adjusted since they were counted."""
    then = {line.variant_id: line.movement_then or 0 for line in lines}
    rows = StockMovement.objects.filter(
        variant__in=list(then),
        kind=StockMovement.Kind.ADJUST,
        pk__gt=min(then.values()),
    ).order_by()
    return {
        variant_id
        for variant_id, pk in rows.values_list("variant_id", "pk")
        if pk > then[variant_id]
    }


def _finish(take: StockTake) -> None:
    is_refused = take.lines.filter(outcome=Outcome.REFUSED).exists()
    take.state = State.COUNTING if is_refused else State.APPLIED
    take.closed_at = None if is_refused else timezone.now()
    take.save(update_fields=["state", "closed_at"])
