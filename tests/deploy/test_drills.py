"""The drills of the proxy end in a plain verdict."""

import subprocess
import sys

from tests.deploy.proxy import ROOT


def test_certificates_are_renewed_under_load_without_a_failed_request() -> None:
    done = subprocess.run(
        [sys.executable, ROOT / "deploy/drills/certificate_renewal.py", "--renewals=2"],
        check=False,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout
    assert " 0 failed" in done.stdout
    assert "3 certificates seen" in done.stdout
    assert done.stdout.splitlines()[-1].startswith("PASSED")
