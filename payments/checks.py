"""Preflight: does Midtrans know the shop by its key?"""

import secrets
from collections.abc import Iterator

from karima.preflight.items import Context, Finding, fail, ok
from payments.clients import midtrans


def midtrans_key(context: Context) -> Iterator[Finding]:
    """Ask for a payment that does not exist: who may ask is told "not found"."""
    try:
        found = midtrans.get_status(f"preflight-{secrets.token_hex(8)}")
    except midtrans.GatewayMisconfigured:
        mend = "take the server key of the production environment's dashboard"
        yield fail("Midtrans refuses the server key (401)", mend)
    except midtrans.GatewayUnavailable:
        mend = "is api.midtrans.com reachable from here? See status.midtrans.com"
        yield fail("Midtrans does not answer", mend)
    else:
        yield ok(
            "Midtrans knows the server key" if found is None else "Midtrans answers"
        )
