"""Decide on a card that the fraud check holds: take its money, or refuse it."""

from karima.errors import Conflict
from payments.clients import midtrans
from payments.clients.midtrans import GatewayMisconfigured, GatewayRejected
from payments.models import GatewayTransaction
from payments.services import reconciliation


class NoChallenge(Conflict):
    code = "no_challenge"
    title = "No payment held for review"
    detail = "Tidak ada pembayaran kartu pesanan ini yang menunggu keputusan."


def approve(number: str) -> None:
    """Take the money of an order's card that is held. Raises like `deny`."""
    _decide(number, accept=True)


def deny(number: str) -> None:
    """Refuse an order's card that is held; the customer may pay in another way.

    Raises `NoChallenge`, also when Midtrans has decided meanwhile, and
    `GatewayUnavailable`, after which asking again is safe.
    """
    _decide(number, accept=False)


def _decide(number: str, *, accept: bool) -> None:
    held = (
        GatewayTransaction.objects.filter(
            attempt__order__number=number, status="challenge"
        )
        .select_related("attempt__order")
        .first()
    )
    if held is None:
        raise NoChallenge()
    call = midtrans.approve if accept else midtrans.deny
    try:
        call(held.transaction_id)
    except GatewayMisconfigured:
        raise
    except GatewayRejected:
        reconciliation.poll(held.attempt)
        raise NoChallenge() from None
    reconciliation.poll(held.attempt)
