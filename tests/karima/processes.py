"""Start Python with an environment of its own, as a server's start would."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
DUMP_SETTINGS = """
import json
import django
from karima.settings import select_settings
select_settings()
from django.conf import settings
names = [name for name in dir(settings) if name.isupper()]
print(json.dumps({name: getattr(settings, name) for name in names}, default=str))
"""


def run_python(
    *arguments: str, environment: Mapping[str, str], cwd: Path = ROOT
) -> subprocess.CompletedProcess[str]:
    """Return what Python did, started with these variables and no env file."""
    base = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "ENV_FILE": os.devnull}
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=cwd,
        env=base | dict(environment),
        capture_output=True,
        text=True,
        check=False,
    )


def settings_of(environment: Mapping[str, str]) -> dict[str, Any]:
    """Return Django's settings as a process with these variables has them."""
    done = run_python("-c", DUMP_SETTINGS, environment=environment)
    assert done.returncode == 0, done.stderr
    settings: dict[str, Any] = json.loads(done.stdout)
    return settings
