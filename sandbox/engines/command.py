"""The command line of the engines: run a command with them around it."""

import argparse
import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from types import FrameType

from karima import local
from karima.env import env
from sandbox.engines.engines import cache_variables, database_variables, running
from sandbox.engines.errors import AlreadyRunningError, EngineError
from sandbox.engines.processes import die_with_parent

PASSED_ON = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def main(arguments: Sequence[str]) -> int:
    """Run what the arguments ask for and return the exit code of the command."""
    options = _parse(arguments)
    for name in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(name, _leave)
    _adopt_servers_of_env_file()
    try:
        with _engines(options.data, share=options.mode == "use") as variables:
            return run_command(options.command, variables)
    except EngineError as error:
        print(f"karima: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 128 + signal.SIGINT


def _parse(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m sandbox.engines")
    parser.add_argument(
        "mode",
        choices=["run", "use"],
        help="run: start the engines, refuse when they run already; "
        "use: take the running ones, start them when there are none",
    )
    parser.add_argument("--data", type=Path, default=local.data_dir())
    parser.add_argument("command", nargs="+")
    options = parser.parse_args(arguments)
    options.data = options.data.absolute()
    return options


def _leave(number: int, frame: FrameType | None) -> None:
    sys.exit(128 + number)


def _adopt_servers_of_env_file() -> None:
    """Let a server that the env file names count as one in the environment."""
    for name, value in (("DB_HOST", env.db_host), ("REDIS_HOST", env.redis_host)):
        if value:
            os.environ[name] = value


@contextlib.contextmanager
def _engines(data: Path, *, share: bool) -> Iterator[Mapping[str, str]]:
    with contextlib.ExitStack() as stack:
        try:
            variables = stack.enter_context(running(data))
        except AlreadyRunningError:
            if not share:
                raise
            variables = _variables_of_running(data)
        yield variables


def _variables_of_running(data: Path) -> dict[str, str]:
    """Return what leads to the engines that another process runs in the folder."""
    variables = {} if os.environ.get("DB_HOST") else database_variables(data)
    if local.redis_socket(data).exists() and not os.environ.get("REDIS_HOST"):
        variables |= cache_variables(data)
    return variables


def run_command(command: Sequence[str], variables: Mapping[str, str]) -> int:
    """Run the command with these variables, pass signals on, return its exit code."""
    children: list[subprocess.Popen[bytes]] = []
    early: list[int] = []

    def pass_on(number: int, frame: FrameType | None) -> None:
        # A terminal sends Ctrl-C to the whole group, so the child has it already.
        if number == signal.SIGINT and os.isatty(0):
            return
        early.append(number)
        for child in children:
            child.send_signal(number)

    before = {name: signal.signal(name, pass_on) for name in PASSED_ON}
    try:
        child = _start(command, variables)
        children.append(child)
        for number in early:
            child.send_signal(number)
        code = child.wait()
    finally:
        for name, handler in before.items():
            signal.signal(name, handler)
    return code if code >= 0 else 128 - code


def _start(
    command: Sequence[str], variables: Mapping[str, str]
) -> subprocess.Popen[bytes]:
    tie = die_with_parent(signal.SIGTERM)

    def prepare() -> None:
        # A shell starts its background jobs deaf to Ctrl-C, which children inherit.
        for name in PASSED_ON:
            signal.signal(name, signal.SIG_DFL)
        if tie:
            tie()

    try:
        return subprocess.Popen(
            command, env={**os.environ, **variables}, preexec_fn=prepare
        )
    except OSError as error:
        raise EngineError(f"Cannot run {command[0]}: {error.strerror}.") from error
