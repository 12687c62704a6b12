"""Kratos and Midtrans of the container test: the sandbox's, in one container."""

import os
import signal
import threading

from sandbox.kratos import BrowserSettings, run_kratos
from sandbox.midtrans import run_midtrans
from sandbox.midtrans.server import Account

KRATOS_PORT, KRATOS_ADMIN_PORT, MIDTRANS_PORT = 4433, 4434, 4480


def main() -> None:
    """Run both until told to stop. Everything that they call goes through the proxy."""
    api, auth = os.environ["API_URL"], os.environ["AUTH_URL"]
    settings = BrowserSettings(
        base_url=auth,
        ui_url=auth,
        webhook_url=f"{api}/api/v1/webhooks/kratos",
        webhook_key=os.environ["KRATOS_WEBHOOK_KEY"],
        cookie_secure=True,
    )
    account = Account(
        server_key=os.environ["MIDTRANS_SERVER_KEY"],
        merchant_id=os.environ["MIDTRANS_MERCHANT_ID"],
        notification_url=f"{api}/api/v1/payments/midtrans/notification",
    )
    everywhere = "0.0.0.0"
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda number, frame: stop.set())
    with (
        run_kratos(
            host=everywhere,
            port=KRATOS_PORT,
            admin_port=KRATOS_ADMIN_PORT,
            settings=settings,
        ),
        run_midtrans(account, host=everywhere, port=MIDTRANS_PORT),
    ):
        stop.wait()


if __name__ == "__main__":
    main()
