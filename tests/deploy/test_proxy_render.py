"""What deploy/nginx/render.sh writes for different programs and users."""

import os
import subprocess
from pathlib import Path

import pytest

from tests.deploy.proxy import NGINX


def render(folder: Path, **variables: str) -> Path:
    """Render into a folder without a certificate, which only stops the last step."""
    subprocess.run(
        [NGINX / "render.sh", folder],
        env=os.environ | variables,
        capture_output=True,
        check=False,
    )
    return folder


@pytest.mark.parametrize(
    ("version", "is_known"),
    [("1.22.1", False), ("1.27.3", False), ("1.27.4", True), ("1.28.0", True)],
)
def test_idle_connections_outlive_a_reload_where_nginx_can(
    tmp_path: Path, version: str, is_known: bool
) -> None:
    program = tmp_path / "bin/nginx"
    program.parent.mkdir()
    program.write_text(f"#!/bin/sh\necho nginx version: nginx/{version} >&2\n", "utf-8")
    program.chmod(0o755)
    path = f"{program.parent}:{os.environ['PATH']}"
    text = (render(tmp_path / "proxy", PATH=path) / "conf.d/10-http.conf").read_text()
    assert ("keepalive_min_timeout 5s;" in text) is is_known
    assert "${" not in text


def test_workers_need_not_be_root(tmp_path: Path) -> None:
    text = (
        render(tmp_path / "proxy", PROXY_USER="www-data") / "nginx.conf"
    ).read_text()
    # Only root can become somebody else.
    assert ("user www-data;" in text) is (os.getuid() == 0)
