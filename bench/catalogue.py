"""The catalogue against plain DRF: the same pages of the same data, side by side.

`python -m bench.catalogue`, on the local database or one named by the environment,
after `manage.py seed_demo --products 1000`. Starts three servers of one gunicorn worker
each on loopback: plain DRF (`bench.plain_drf`), the shop without memory, the shop. They
take turns in short rounds, so that a busy machine slows all alike; the median of the
rounds counts. Prints milliseconds for a request and the ratio to plain DRF. Fails on
nothing: absolute numbers of one run mean little, and ratios have goals, not limits.
"""

import os
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import django
from django.apps import apps

ROUNDS, REQUESTS = 15, 40
FIRST_PORT = int(os.environ.get("BENCH_PORT", "24510"))
START_SECONDS = 30.0
HOST = "127.0.0.1"


class Client:
    """One connection that stays open; sends bytes and reads what the length says."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.connect()

    def connect(self) -> None:
        """Open a new connection: the server closes one that rested."""
        self.socket = socket.create_connection((HOST, self.port), timeout=30)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def get(self, path: str, *, tag: str = "") -> tuple[int, dict[str, str], bytes]:
        condition = f"If-None-Match: {tag}\r\n" if tag else ""
        request = f"GET {path} HTTP/1.1\r\nHost: {HOST}\r\n{condition}\r\n"
        self.socket.sendall(request.encode())
        head, _, body = self._until_head().partition(b"\r\n\r\n")
        status, *lines = head.decode().split("\r\n")
        headers = dict(line.lower().split(": ", 1) for line in lines)
        length = int(headers.get("content-length", "0"))
        while len(body) < length:
            body += self.socket.recv(65536)
        return int(status.split()[1]), headers, body

    def _until_head(self) -> bytes:
        received = b""
        while b"\r\n\r\n" not in received:
            piece = self.socket.recv(65536)
            if not piece:
                raise ConnectionError("the server closed the connection")
            received += piece
        return received


@contextmanager
def server(settings: str, port: int, *, remember: bool) -> Iterator[Client]:
    """Run one worker with these settings; yields a connection to it."""
    with socket.socket() as probe:
        if probe.connect_ex((HOST, port)) == 0:
            sys.exit(f"Port {port} is taken; set BENCH_PORT.")
    environment = os.environ | {
        "DJANGO_SETTINGS_MODULE": settings,
        "BENCH_REMEMBER": str(int(remember)),
    }
    command = [
        sys.executable, "-m", "gunicorn", "--bind", f"{HOST}:{port}", "--workers", "1",
        "--worker-class", "gthread", "--threads", "1", "--keep-alive", "30",
        "--log-level", "error", "--no-control-socket", "karima.wsgi:application",
    ]  # fmt: skip
    with subprocess.Popen(command, env=environment) as process:
        try:
            yield Client(_started(port))
        finally:
            process.terminate()
            process.wait(timeout=10)


def _started(port: int) -> int:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        with socket.socket() as probe:
            if probe.connect_ex((HOST, port)) == 0:
                return port
        time.sleep(0.1)
    sys.exit(f"Nothing listens on port {port}.")


def seconds(client: Client, path: str, tag: str = "") -> float:
    """Return the seconds of one request, on average over a round."""
    client.connect()
    client.get(path, tag=tag)
    started = time.perf_counter()
    for _ in range(REQUESTS):
        client.get(path, tag=tag)
    return (time.perf_counter() - started) / REQUESTS


def compare(title: str, runs: dict[str, tuple[Client, str, str]]) -> None:
    """Measure all in turns, the first one being the yardstick, and print them."""
    for client, path, tag in runs.values():
        client.connect()
        status, _, body = client.get(path, tag=tag)
        assert status == (304 if tag else 200), (path, status, body[:200])
        seconds(client, path, tag)
    rounds: dict[str, list[float]] = {name: [] for name in runs}
    for _ in range(ROUNDS):
        for name, run in runs.items():
            rounds[name].append(seconds(*run))
    yardstick = statistics.median(next(iter(rounds.values())))
    print(f"\n{title}")
    for name, times in rounds.items():
        median = statistics.median(times)
        print(f"  {name:<34} {median * 1e3:7.2f} ms   {yardstick / median:6.1f} x")


def slugs(client: Client) -> str:
    client.connect()
    _, _, body = client.get("/products")
    return body.decode().split('"slug":"', 1)[1].split('"', 1)[0]


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "karima.settings.dev")
    django.setup()
    on_sale = apps.get_model("catalog", "Product").objects.filter(status="active")
    print(f"{on_sale.count()} products on sale, pages of 20")
    with ExitStack() as stack:
        plain, cold, warm = (
            stack.enter_context(
                server(settings, FIRST_PORT + number, remember=bool(number - 1))
            )
            for number, settings in enumerate(
                ["bench.yardstick", "bench.shop", "bench.shop"]
            )
        )
        shop = "/api/v1/products"
        detail = f"/{slugs(plain)}"
        compare_all(plain, cold, warm, shop=shop, detail=detail)


def compare_all(
    plain: Client, cold: Client, warm: Client, *, shop: str, detail: str
) -> None:
    warm.connect()
    tag = warm.get(shop)[1]["etag"]
    compare(
        "List, page 1   (goals: uncached 4 x, warm 9 x, unchanged 12 x)",
        {
            "plain DRF": (plain, "/products", ""),
            "shop, nothing remembered": (cold, shop, ""),
            "shop, warm": (warm, shop, ""),
            "shop, 304 to If-None-Match": (warm, shop, tag),
        },
    )
    compare(
        "List, page 20",
        {
            "plain DRF": (plain, "/products?page=20", ""),
            "shop, nothing remembered": (cold, f"{shop}?page=20", ""),
        },
    )
    compare(
        "Detail   (goal: uncached 3 x)",
        {
            "plain DRF": (plain, f"/products{detail}", ""),
            "shop, nothing remembered": (cold, shop + detail, ""),
            "shop, warm": (warm, shop + detail, ""),
        },
    )


if __name__ == "__main__":
    main()
