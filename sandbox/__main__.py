"""Run every stand-in: `python -m sandbox`. Ends on Ctrl-C or SIGTERM."""

import argparse
import os
import signal
import sys
import threading
from contextlib import ExitStack
from pathlib import Path
from types import FrameType
from typing import get_args

from sandbox.access import run_access
from sandbox.kratos import BrowserSettings, run_kratos
from sandbox.midtrans import MERCHANT_ID, SERVER_KEY, run_midtrans
from sandbox.midtrans.server import Account
from sandbox.server import PortTaken
from sandbox.storefront import Mode, run_storefront


def main() -> int:
    """Run until told to stop; return the exit code."""
    options = _options()
    stop = _stop_on_signals()
    with ExitStack() as running:
        try:
            for line in _start(running, options):
                print(line, flush=True)
        except PortTaken as problem:
            print(problem, file=sys.stderr)
            return 1
        stop.wait()
    return 0


def _start(running: ExitStack, options: argparse.Namespace) -> list[str]:
    """Start the four services, or none; return a line about each."""
    account = Account(
        server_key=os.environ.get("MIDTRANS_SERVER_KEY") or SERVER_KEY,
        merchant_id=os.environ.get("MIDTRANS_MERCHANT_ID") or MERCHANT_ID,
        notification_url=options.notification_url,
    )
    where = {"host": options.host, "state": options.state}
    kratos = running.enter_context(
        run_kratos(
            port=options.kratos_port,
            admin_port=options.kratos_admin_port,
            settings=_kratos_settings(options.upstream),
            **where,
        )
    )
    midtrans = running.enter_context(
        run_midtrans(account, port=options.midtrans_port, **where)
    )
    access = running.enter_context(
        run_access(upstream=options.upstream, port=options.access_port, **where)
    )
    storefront = running.enter_context(
        run_storefront(
            host=options.host,
            port=options.storefront_port,
            api_url=options.upstream,
            mode=options.storefront_mode,
        )
    )
    return [
        f"Kratos     {kratos.public_url} (admin {kratos.admin_url})",
        f"Midtrans   {midtrans.core_base_url} (notifies {account.notification_url})",
        f"Access     {access.url} (in front of {options.upstream})",
        f"Storefront {storefront.url} ({storefront.mode})",
    ]


def _kratos_settings(shop: str) -> BrowserSettings:
    """Return what leads Kratos to the shop: its pages, and the door of the web hook."""
    key = os.environ.get("KRATOS_WEBHOOK_KEY", "")
    return BrowserSettings(
        ui_url=shop,
        webhook_url=f"{shop}/api/v1/webhooks/kratos" if key else "",
        webhook_key=key,
    )


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m sandbox",
        description="Run the stand-ins for the outside world, and a storefront.",
    )
    parser.add_argument("--state", type=Path, help="folder that survives restarts")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--kratos-port", type=int, default=4433)
    parser.add_argument("--kratos-admin-port", type=int, default=4434)
    parser.add_argument("--midtrans-port", type=int, default=4480)
    parser.add_argument("--access-port", type=int, default=4490)
    parser.add_argument("--storefront-port", type=int, default=3000)
    parser.add_argument(
        "--storefront-mode",
        choices=get_args(Mode),
        default="cookie",
        help="how the session reaches the API; see docs/storefront.md",
    )
    parser.add_argument(
        "--upstream",
        default="http://127.0.0.1:8080",
        help="the shop, as Access and browsers reach it (default: %(default)s)",
    )
    parser.add_argument(
        "--notification-url",
        default="http://127.0.0.1:8080/api/v1/payments/midtrans/notification",
        help="where Midtrans posts (default: %(default)s)",
    )
    return parser.parse_args()


def _stop_on_signals() -> threading.Event:
    stop = threading.Event()

    def ask_to_stop(number: int, frame: FrameType | None) -> None:
        stop.set()

    signal.signal(signal.SIGINT, ask_to_stop)
    signal.signal(signal.SIGTERM, ask_to_stop)
    return stop


if __name__ == "__main__":
    sys.exit(main())
