"""The shop runs without any privilege, in a folder that it cannot write."""

import http.client
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

from tests.karima.environments import good_production
from tests.karima.processes import ROOT

# Many times what a start needs on a busy machine.
PATIENCE_SECONDS = 120
IGNORED = shutil.ignore_patterns("__pycache__", "*.pyc")


def image_content(folder: Path) -> Path:
    """Lay down what `.dockerignore` lets into the image, for reading only."""
    app = folder / "app"
    for line in (ROOT / ".dockerignore").read_text("utf-8").splitlines():
        if line.startswith("!"):
            source, target = ROOT / line[1:], app / line[1:]
            target.parent.mkdir(parents=True, exist_ok=True)
            if source.is_dir():
                shutil.copytree(source, target, ignore=IGNORED)
            else:
                shutil.copy2(source, target)
    for path in [app, *app.rglob("*")]:
        path.chmod(path.stat().st_mode & ~0o222)
    return app


def unprivileged(*command: str) -> list[str]:
    """Return the command without the superuser's power over files, as in the image."""
    drop = ["setpriv", "--no-new-privs", "--bounding-set=-all", "--inh-caps=-all"]
    return [*(drop if os.geteuid() == 0 else []), sys.executable, *command]


def get(path: Path, url: str) -> int:
    """Return the status of an answer over the server's socket; 0: none yet."""
    connection = http.client.HTTPConnection("127.0.0.1", timeout=20)
    connection.sock = socket.socket(socket.AF_UNIX)
    try:
        connection.sock.settimeout(20)
        connection.sock.connect(str(path))
        connection.request("GET", url)
        return connection.getresponse().status
    except OSError:
        return 0
    finally:
        connection.close()


def test_the_shop_serves_from_a_folder_that_it_cannot_write(tmp_path: Path) -> None:
    app = image_content(tmp_path)
    environment = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(app),
        "PYTHONDONTWRITEBYTECODE": "1",
        "ENV_FILE": os.devnull,
        "HOME": "/nonexistent",
        "WEB_CONCURRENCY": "1",
        **good_production(),
    }
    attempt = unprivileged("-c", "open('proof', 'w')")
    refused = subprocess.run(attempt, cwd=app, env=environment, capture_output=True)
    assert b"PermissionError" in refused.stderr

    listening = tmp_path / "s"
    serve = ("-m", "gunicorn", "--config", "deploy/gunicorn.conf.py")
    command = unprivileged(*serve, "--bind", f"unix:{listening}")
    log = tmp_path / "log"
    with log.open("wb") as output:
        server = subprocess.Popen(
            command, cwd=app, env=environment, stdout=output, stderr=output
        )
    try:
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not (status := get(listening, "/health/live")):
            assert server.poll() is None, log.read_text("utf-8")
            assert time.monotonic() < deadline, log.read_text("utf-8")
            time.sleep(0.1)
        assert status == 200
    finally:
        server.send_signal(signal.SIGTERM)
        code = server.wait(timeout=PATIENCE_SECONDS)
    assert code == 0
    for path in app.rglob("*"):
        path.chmod(path.stat().st_mode | 0o200)
