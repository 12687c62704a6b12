"""The shop's processes on a database of the lab, with the rights of production."""

import contextlib
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

from karima.local import PROJECT
from sandbox import environment
from sandbox.children import running_child, wait_until_ready
from sandbox.engines.errors import EngineError
from sandbox.kratos import Kratos, run_kratos
from sandbox.lab.folder import free_port
from sandbox.lab.postgres import Cluster

NOWHERE = "http://127.0.0.1:9"
# So much that no buyer of a drill meets an empty shelf.
FILL_SHELVES = """
from catalog.models import Variant
from catalog.services import stock
stock.receive(
    [stock.StockLine(pk, 5000) for pk in Variant.objects.values_list("pk", flat=True)],
    note="drill",
)
"""


def variables(cluster: Cluster, kratos: Kratos | None = None) -> dict[str, str]:
    """Return the environment of the shop: demo, but with production's pool and role."""
    outside = {"MIDTRANS_API_BASE_URL": NOWHERE, "MIDTRANS_CORE_API_URL": NOWHERE}
    who = {}
    if kratos:
        who = {
            "KRATOS_PUBLIC_URL": kratos.public_url,
            "KRATOS_ADMIN_URL": kratos.admin_url,
        }
    return {
        **environment.variables(),
        **outside,
        **who,
        **cluster.shop_variables(),
        "CACHE_TYPE": "memory",
        "RATE_LIMITS": "off",
        "DB_POOL_MAX": "8",
        "WEB_CONCURRENCY": "2",
        "WEB_THREADS": "8",
    }


def manage(
    cluster: Cluster, *arguments: str, user: str = "karima_prod"
) -> subprocess.CompletedProcess[str]:
    """Run a management command against the database; the caller looks at the code."""
    return subprocess.run(
        [sys.executable, "manage.py", *arguments],
        env={**os.environ, **variables(cluster), **cluster.shop_variables(user)},
        cwd=PROJECT,
        capture_output=True,
        text=True,
        check=False,
    )


def furnish(cluster: Cluster) -> None:
    """Migrate as the owner, then fill the shop with demo goods as the shop's role."""
    for user, arguments in [
        ("karima_migrate", ["migrate", "--verbosity", "0"]),
        ("karima_prod", ["sync_roles"]),
        ("karima_prod", ["seed_demo"]),
        ("karima_prod", ["shell", "--command", FILL_SHELVES]),
    ]:
        done = manage(cluster, *arguments, user=user)
        if done.returncode:
            raise EngineError(f"{arguments[0]} failed: {done.stderr[-2000:]}")


@contextlib.contextmanager
def kratos_with_buyers(count: int) -> Iterator[tuple[Kratos, list[str]]]:
    """Run Kratos's stand-in; yield it and one session token for each buyer."""
    with run_kratos(port=free_port(), admin_port=free_port()) as kratos:
        tokens = []
        for number in range(count):
            email = f"pembeli{number}@karima.example"
            kratos.add_identity(email, first="Pembeli", last=str(number))
            tokens.append(kratos.login(email).token)
        yield kratos, tokens


@contextlib.contextmanager
def serving(
    variables: Mapping[str, str], folder: Path, *, port: int | None = None
) -> Iterator[str]:
    """Run gunicorn as production does; yield the shop's address."""
    port = port or free_port()
    url = f"http://127.0.0.1:{port}"
    command = [
        *(sys.executable, "-m", "gunicorn", "--config", "deploy/gunicorn.conf.py"),
        *("--bind", f"127.0.0.1:{port}"),
    ]
    with running_child("web", command, logs=folder, environment=variables) as web:
        wait_until_ready([web], [f"{url}/health/ready"])
        yield url
