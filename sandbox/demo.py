"""The whole shop in one terminal: `make demo`.

Engines, migrations, demo data, the stand-ins, the API with the admin, and the job
worker. Ctrl-C stops everything; one program that ends stops the rest.
"""

import signal
import socket
import sys
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from types import FrameType
from urllib.parse import urlsplit

from karima import local
from sandbox import environment
from sandbox.children import (
    Child,
    ChildFailedError,
    run_step,
    running_child,
    wait_until_ready,
    watch,
)
from sandbox.engines.engines import running
from sandbox.engines.errors import EngineError
from sandbox.engines.folders import make_data_folder

MANAGE = (sys.executable, "manage.py")
SERVE = (
    *(sys.executable, "-m", "gunicorn", "--config", "deploy/gunicorn.conf.py"),
    *("--bind", urlsplit(environment.SHOP_URL).netloc),
)
WORK = ("procrastinate", "worker")
HEALTH = (
    f"{environment.KRATOS_URL}/health/ready",
    f"{environment.KRATOS_ADMIN_URL}/health/ready",
    f"{environment.SHOP_URL}/health/ready",
    environment.STOREFRONT_URL,
)
OUR_URLS = (
    environment.SHOP_URL,
    environment.KRATOS_URL,
    environment.KRATOS_ADMIN_URL,
    environment.MIDTRANS_URL,
    environment.ACCESS_URL,
    environment.STOREFRONT_URL,
)
PORTS = [urlsplit(url).port or 80 for url in OUR_URLS]

WALK = Path(__file__).with_name("walk.sh")
BLOCK = f"""
Karima Store is open. Ctrl-C closes it.

  Shop       {environment.STOREFRONT_URL}
  API        {environment.SHOP_URL}/api/v1/products
  API docs   {environment.SHOP_URL}/api/docs
  Admin      {environment.ACCESS_URL}/admin/   (choose citra@karima.example)
  Sign in    {environment.SHOP_URL}/login   (account: {environment.SHOP_URL}/settings)
  Kratos     {environment.KRATOS_URL}   (admin API: {environment.KRATOS_ADMIN_URL})
  Mails      {environment.INBOX_URL}   (codes to verify or recover an account)
  Midtrans   {environment.MIDTRANS_URL}
  Customers  aisyah@karima.example, budi@karima.example   (karima-demo-2026)

A walk from sign-in to a paid order, to paste into another terminal:
{WALK.read_text("utf-8")}
"""


def main() -> int:
    """Run the demo until Ctrl-C; return the exit code."""
    # SIGINT too: a shell starts its background jobs with Ctrl-C ignored.
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _leave)
    try:
        refuse_taken_ports(PORTS)
        with running(local.data_dir()) as engines:
            _run(local.data_dir() / "demo", environment.variables() | engines)
    except (EngineError, ChildFailedError) as error:
        print(f"karima: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nKarima Store is closed.")
    return 0


def _leave(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def refuse_taken_ports(ports: Sequence[int]) -> None:
    """Raise `EngineError` that names every port somebody else listens on."""
    taken = [str(port) for port in sorted(ports) if _is_taken(port)]
    if taken:
        raise EngineError(
            f"In use on 127.0.0.1: port {', '.join(taken)}. Stop what listens there, "
            "perhaps an earlier `make demo` or `make run`, and try again."
        )


def _is_taken(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return True
    return False


def _run(folder: Path, variables: Mapping[str, str]) -> None:
    logs = folder / "logs"
    make_data_folder(logs)
    with ExitStack() as stack:

        def start(name: str, *command: str) -> Child:
            child = running_child(name, command, logs=logs, environment=variables)
            return stack.enter_context(child)

        # The stand-ins start while the database is made ready.
        children = [start("sandbox", *_sandbox_command(folder))]
        for name, say in (("migrate", "database"), ("seed_demo", "demo data")):
            print(f"Karima Store: {say} ...", flush=True)
            run_step(name, [*MANAGE, name], logs=logs, environment=variables)
        print("Karima Store: servers ...", flush=True)
        children += [start("shop", *SERVE), start("worker", *MANAGE, *WORK)]
        wait_until_ready(children, HEALTH)
        print(BLOCK, flush=True)
        watch(children)


def _sandbox_command(folder: Path) -> Sequence[str]:
    return (sys.executable, "-m", "sandbox", "--state", str(folder / "sandbox"))


if __name__ == "__main__":
    sys.exit(main())
