"""Run every stand-in: `python -m sandbox`. Ends on Ctrl-C or SIGTERM."""

import argparse
import os
import signal
import sys
import threading
from contextlib import ExitStack
from pathlib import Path
from types import FrameType

from sandbox.access import run_access
from sandbox.kratos import run_kratos
from sandbox.midtrans import MERCHANT_ID, SERVER_KEY, run_midtrans
from sandbox.midtrans.server import Account
from sandbox.server import PortTaken


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
    """Start the three services, or none; return a line about each."""
    account = Account(
        server_key=os.environ.get("MIDTRANS_SERVER_KEY") or SERVER_KEY,
        merchant_id=os.environ.get("MIDTRANS_MERCHANT_ID") or MERCHANT_ID,
        notification_url=options.notification_url,
    )
    where = {"host": options.host, "state": options.state}
    kratos = running.enter_context(
        run_kratos(
            port=options.kratos_port, admin_port=options.kratos_admin_port, **where
        )
    )
    midtrans = running.enter_context(
        run_midtrans(account, port=options.midtrans_port, **where)
    )
    access = running.enter_context(
        run_access(upstream=options.upstream, port=options.access_port, **where)
    )
    return [
        f"Kratos     {kratos.public_url} (admin {kratos.admin_url})",
        f"Midtrans   {midtrans.core_base_url} (notifies {account.notification_url})",
        f"Access     {access.url} (in front of {options.upstream})",
    ]


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m sandbox",
        description="Run stand-ins for Kratos, Midtrans and Cloudflare Access.",
    )
    parser.add_argument("--state", type=Path, help="folder that survives restarts")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--kratos-port", type=int, default=4433)
    parser.add_argument("--kratos-admin-port", type=int, default=4434)
    parser.add_argument("--midtrans-port", type=int, default=4480)
    parser.add_argument("--access-port", type=int, default=4490)
    parser.add_argument(
        "--upstream",
        default="http://127.0.0.1:8080",
        help="the shop behind Access (default: %(default)s)",
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
