"""The steps that staff may take with an order: when, by whom, and what they call."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django import forms
from unfold.widgets import (
    UnfoldAdminSelectWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
)

from accounts.models import User
from orders.models import Order
from orders.services import fulfilment, transitions
from payments.services import (
    challenges,
    charges,
    expiry,
    order_steps,
    reconciliation,
)

Status = Order.Status
Answers = dict[str, Any]

COURIERS = [
    ("JNE", "JNE"),
    ("J&T", "J&T Express"),
    ("SiCepat", "SiCepat"),
    ("AnterAja", "AnterAja"),
    ("Ninja", "Ninja Xpress"),
    ("POS", "Pos Indonesia"),
    ("TIKI", "TIKI"),
    ("Lion", "Lion Parcel"),
    ("Lainnya", "Kurir lain"),
]


class ShipForm(forms.Form):
    courier = forms.ChoiceField(
        label="Kurir", choices=COURIERS, widget=UnfoldAdminSelectWidget
    )
    tracking_number = forms.CharField(
        label="Nomor resi",
        max_length=50,
        widget=UnfoldAdminTextInputWidget(
            attrs={"autofocus": True, "autocomplete": "off"}
        ),
        help_text="Ketik atau pindai dari label kurir.",
    )


class CancelForm(forms.Form):
    note = forms.CharField(
        label="Alasan",
        max_length=200,
        widget=UnfoldAdminTextInputWidget,
        help_text="Dicatat di riwayat pesanan.",
    )


class ReturnForm(forms.Form):
    note = forms.CharField(
        label="Catatan",
        max_length=200,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 3}),
        help_text="Mengapa paket kembali, dan bagaimana keadaannya.",
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """One step. `form` asks for what it needs; `warning` stands above the form."""

    name: str
    label: str
    icon: str
    permission: str
    statuses: frozenset[str]
    run: Callable[[Order, User, Answers], None]
    done: str
    form: type[forms.Form] | None = None
    warning: str = ""
    variant: str = "primary"
    # None where the payment does not matter, else whether its money is gone.
    when_money_lost: bool | None = None
    when_held_for_review: bool = False

    def fits(self, order: Order) -> bool:
        """Tell whether the order's state allows the step."""
        lost = order.payment_status in transitions.LOST
        held = order.payment_status == Order.PaymentStatus.CHALLENGE
        return (
            order.status in self.statuses
            and self.when_money_lost in (None, lost)
            and (held or not self.when_held_for_review)
        )


def _pack(order: Order, actor: User, answers: Answers) -> None:
    fulfilment.pack(order.number, actor=actor)


def _ship(order: Order, actor: User, answers: Answers) -> None:
    order_steps.ship(order.number, actor=actor, **answers)


def _deliver(order: Order, actor: User, answers: Answers) -> None:
    fulfilment.deliver(order.number, actor=actor)


def _complete(order: Order, actor: User, answers: Answers) -> None:
    fulfilment.complete(order.number, actor=actor)


def _take_back(order: Order, actor: User, answers: Answers) -> None:
    fulfilment.take_back(order.number, actor=actor, note=answers["note"])


def _cancel_refunded(order: Order, actor: User, answers: Answers) -> None:
    fulfilment.cancel(order.number, actor=actor, note=answers["note"])


def _cancel(order: Order, actor: User, answers: Answers) -> None:
    expiry.cancel_unpaid(order.number, actor=actor, note=answers["note"])


def _accept_card(order: Order, actor: User, answers: Answers) -> None:
    challenges.approve(order.number)


def _refuse_card(order: Order, actor: User, answers: Answers) -> None:
    challenges.deny(order.number)


def _check_payment(order: Order, actor: User, answers: Answers) -> None:
    attempt = charges.latest_attempt(order.number)
    if attempt is None:
        raise charges.PaymentNotFound()
    reconciliation.poll(attempt)


MOVES = (
    Move(
        name="pack",
        label="Mulai kemas",
        icon="inventory_2",
        permission="orders.pack_order",
        statuses=frozenset({Status.CONFIRMED}),
        run=_pack,
        when_money_lost=False,
        done="Pesanan {number} mulai dikemas.",
    ),
    Move(
        name="ship",
        label="Kirim",
        icon="local_shipping",
        permission="orders.ship_order",
        statuses=frozenset({Status.PROCESSING}),
        run=_ship,
        when_money_lost=False,
        done="Pesanan {number} tercatat dikirim.",
        form=ShipForm,
    ),
    Move(
        name="deliver",
        label="Tandai diterima",
        icon="where_to_vote",
        permission="orders.ship_order",
        statuses=frozenset({Status.SHIPPED}),
        run=_deliver,
        done="Pesanan {number} tercatat diterima pembeli.",
    ),
    Move(
        name="complete",
        label="Selesaikan",
        icon="task_alt",
        permission="orders.ship_order",
        statuses=frozenset({Status.DELIVERED}),
        run=_complete,
        done="Pesanan {number} selesai.",
    ),
    Move(
        name="return",
        label="Catat retur",
        icon="assignment_return",
        permission="orders.return_order",
        statuses=frozenset({Status.SHIPPED, Status.DELIVERED}),
        run=_take_back,
        done="Retur pesanan {number} tercatat dan barangnya kembali ke stok.",
        form=ReturnForm,
        warning="Semua barang pesanan ini kembali ke stok.",
        variant="default",
    ),
    Move(
        name="check-payment",
        label="Periksa pembayaran",
        icon="sync",
        permission="payments.view_paymentattempt",
        statuses=frozenset({Status.PENDING, Status.CONFIRMED, Status.EXPIRED}),
        run=_check_payment,
        done="Midtrans sudah ditanya; pembayaran {number} di bawah ini yang terbaru.",
        variant="default",
    ),
    Move(
        name="accept-card",
        label="Terima kartu",
        icon="verified_user",
        permission="payments.decide_challenge",
        statuses=frozenset(Status),
        run=_accept_card,
        done="Kartu pesanan {number} diterima.",
        when_held_for_review=True,
    ),
    Move(
        name="refuse-card",
        label="Tolak kartu",
        icon="gpp_bad",
        permission="payments.decide_challenge",
        statuses=frozenset(Status),
        run=_refuse_card,
        done="Kartu pesanan {number} ditolak; pembeli dapat membayar dengan cara lain.",
        variant="danger",
        when_held_for_review=True,
    ),
    Move(
        name="cancel",
        label="Batalkan",
        icon="block",
        permission="orders.cancel_order",
        statuses=frozenset({Status.PENDING}),
        run=_cancel,
        done="Pesanan {number} dibatalkan dan stoknya dilepas.",
        form=CancelForm,
        warning="Pembeli tidak dapat lagi membayar pesanan ini.",
        variant="danger",
    ),
    Move(
        name="cancel-refunded",
        label="Batalkan",
        icon="block",
        permission="orders.cancel_order",
        statuses=frozenset({Status.CONFIRMED, Status.PROCESSING}),
        run=_cancel_refunded,
        done="Pesanan {number} dibatalkan dan stoknya dilepas.",
        form=CancelForm,
        warning="Uangnya sudah kembali ke pembeli. Barangnya kembali ke stok.",
        variant="danger",
        when_money_lost=True,
    ),
)
BY_NAME = {move.name: move for move in MOVES}
