"""`python -m sandbox` as a process, and memory that survives a restart."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from sandbox.access import run_access
from sandbox.kratos import BUDI, run_kratos
from sandbox.midtrans import run_midtrans
from sandbox.server import PortTaken, listen
from tests.sandbox.client import ask
from tests.sandbox.test_midtrans_api import order, snap

ORDER = "KS-20260115-000001-01"
ROOT = Path(__file__).resolve().parents[2]
FREE_PORTS = [
    *("--kratos-port", "0", "--kratos-admin-port", "0"),
    *("--midtrans-port", "0", "--access-port", "0", "--storefront-port", "0"),
]


def sandbox_command(*options: str) -> list[str]:
    return [sys.executable, "-m", "sandbox", *FREE_PORTS, *options]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_all_services_run_until_a_signal(tmp_path: Path, number: int) -> None:
    with subprocess.Popen(
        sandbox_command("--state", str(tmp_path)),
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        lines = [process.stdout.readline() for _ in range(4)]
        kratos = lines[0].split()[1]
        ready = ask("GET", f"{kratos}/health/ready").status
        process.send_signal(number)
        _, errors = process.communicate(timeout=20)
    names = [line.split()[0] for line in lines]
    assert names == ["Kratos", "Midtrans", "Access", "Storefront"]
    assert (ready, process.returncode, errors) == (200, 0, "")


def test_taken_port_is_refused_in_one_line() -> None:
    with listen("test", host="127.0.0.1", port=0) as holder:
        port = str(holder.getsockname()[1])
        done = subprocess.run(
            sandbox_command("--midtrans-port", port),
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=20,
            check=False,
        )
    assert done.returncode == 1
    assert done.stdout == ""
    assert done.stderr == (
        f"Midtrans: port {port} on 127.0.0.1 is taken. Stop the program that listens "
        "there, or choose another port.\n"
    )


def test_taken_admin_port_frees_the_public_one() -> None:
    with listen("test", host="127.0.0.1", port=0) as holder:
        port = holder.getsockname()[1]
        with (
            pytest.raises(PortTaken, match=r"^Kratos \(admin\): port"),
            run_kratos(admin_port=port),
        ):
            pass


def test_identities_and_sessions_survive_a_restart(tmp_path: Path) -> None:
    with run_kratos(state=tmp_path) as kratos:
        login = kratos.login("budi@karima.example")
        siti = kratos.add_identity("siti@karima.example")
    with run_kratos(state=tmp_path) as kratos:
        headers = {"Cookie": f"ory_kratos_session={login.cookie}"}
        url = f"{kratos.public_url}/sessions/whoami"
        assert ask("GET", url, headers=headers).json()["identity"]["id"] == BUDI
        assert kratos.login("siti@karima.example").identity_id == siti


def test_transactions_survive_a_restart(tmp_path: Path) -> None:
    with run_midtrans(state=tmp_path) as midtrans:
        page = snap(midtrans, order(ORDER)).json()["redirect_url"].rpartition("/")[2]
        midtrans.pay(ORDER, "gopay")
        before = midtrans.status(ORDER)
    with run_midtrans(state=tmp_path) as midtrans:
        url = f"{midtrans.core_base_url}/snap/v4/redirection/{page}"
        assert midtrans.status(ORDER) == before
        assert ask("GET", url).status == 200


def test_signing_key_survives_a_restart(tmp_path: Path) -> None:
    with run_access(state=tmp_path) as access:
        before = ask("GET", access.certs_url).json()
    with run_access(state=tmp_path) as access:
        assert ask("GET", access.certs_url).json() == before
