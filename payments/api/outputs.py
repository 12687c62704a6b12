"""How a payment looks to the customer. Amounts are whole rupiah, times are UTC."""

from typing import Any

from rest_framework import serializers

from orders.api.outputs import OrderOutput
from payments.models import PaymentAttempt


class PaymentOutput(serializers.Serializer):
    """The newest payment attempt of an order."""

    state = serializers.ChoiceField(
        choices=PaymentAttempt.State.choices,
        help_text="`creating`: there is no token yet; ask again, or POST to /pay.",
    )
    amount = serializers.IntegerField()
    expires_at = serializers.DateTimeField()
    snap_token = serializers.CharField(allow_null=True)
    redirect_url = serializers.URLField(allow_null=True)
    method = serializers.CharField(allow_null=True)
    instructions = serializers.DictField(
        help_text="Virtual account, bill or payment code, once a method is chosen."
    )


class AcknowledgementOutput(serializers.Serializer):
    status = serializers.CharField()


class CheckoutOutput(serializers.Serializer):
    order = OrderOutput()
    payment = PaymentOutput(allow_null=True)


def payment_document(attempt: PaymentAttempt) -> dict[str, Any]:
    """Return an attempt as the API shows it; only an open one can still be paid."""
    is_open = attempt.state == PaymentAttempt.State.OPEN
    chosen = attempt.transactions.order_by("-id").first()
    return {
        "state": attempt.state,
        "amount": attempt.amount,
        "expires_at": attempt.expires_at,
        "snap_token": attempt.snap_token if is_open else None,
        "redirect_url": attempt.redirect_url if is_open else None,
        "method": chosen.payment_type if chosen else None,
        "instructions": chosen.instructions if chosen else {},
    }
