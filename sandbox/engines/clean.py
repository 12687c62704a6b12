"""Remove the local data: `python -m sandbox.engines.clean`. Any Python can run it."""

import contextlib
import shutil
import sys
from pathlib import Path

from karima import local
from sandbox.engines.errors import EngineError
from sandbox.engines.folders import hold


def clean(data: Path) -> None:
    """Remove the data and its sockets. Raises `EngineError` while they are in use."""
    if not data.exists():
        return
    folders = [data, *sorted(data.glob("test*"))]
    with contextlib.ExitStack() as stack:
        for folder in folders:
            stack.enter_context(hold(folder))
        for folder in folders:
            shutil.rmtree(local.run_dir(folder), ignore_errors=True)
        shutil.rmtree(data)


if __name__ == "__main__":
    try:
        clean(local.data_dir())
    except EngineError as error:
        sys.exit(f"karima: {error}")
