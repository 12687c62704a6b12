"""Have a command read one env file, before anything reads the environment."""

import argparse
import os
from collections.abc import Sequence
from pathlib import Path

from dotenv import dotenv_values

OPTION = "--env-file"


def take_env_file(arguments: Sequence[str]) -> None:
    """Let the file named by `--env-file` say what the environment is.

    What it names hides the process's variables, those it leaves empty included; what
    it does not name, such as what the compose file gives, stays.
    """
    parser = argparse.ArgumentParser(add_help=False, allow_abbrev=False)
    parser.add_argument(OPTION)
    given = parser.parse_known_args(arguments)[0].env_file
    if given is None:
        return
    path = Path(given).resolve()
    for name in dotenv_values(path, interpolate=False) if path.is_file() else ():
        os.environ.pop(name, None)
        os.environ.pop(f"{name}_FILE", None)
    os.environ.pop("DJANGO_SETTINGS_MODULE", None)
    os.environ["ENV_FILE"] = str(path)
