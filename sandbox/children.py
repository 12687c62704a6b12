"""The demo's programs: started, watched and ended together in one terminal."""

import contextlib
import os
import re
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from karima.local import PROJECT
from sandbox.engines.processes import spawn, stop

POLL_SECONDS = 0.1
# Seconds: many times what the slowest program needs on a small machine.
READY_TIMEOUT = 60
LAST_LINES = 15
LOOKS_WRONG = re.compile(r'\bERROR\b|\bCRITICAL\b|^Traceback|"level": ?"(error|crit)')


class ChildFailedError(Exception):
    """A program of the demo ended, or never answered; the text ends with its log."""


@dataclass(frozen=True, slots=True)
class Child:
    """One running program, and its log as this process reads it."""

    name: str
    process: subprocess.Popen[bytes]
    log: Path
    reader: IO[bytes]

    def new_complaints(self) -> list[str]:
        """Return the lines since the last look that a person should see."""
        lines = self.reader.read().decode("utf-8", "replace").splitlines()
        return [line for line in lines if LOOKS_WRONG.search(line)]


@contextlib.contextmanager
def running_child(
    name: str, command: Sequence[str], *, logs: Path, environment: Mapping[str, str]
) -> Iterator[Child]:
    """Run a program whose output goes to its log file, and stop it at the end."""
    log = logs / f"{name}.log"
    with log.open("wb") as output:
        process = spawn(
            command,
            output=output,
            account=None,
            death_signal=signal.SIGTERM,
            environment=environment,
            cwd=PROJECT,
        )
    try:
        with log.open("rb") as reader:
            yield Child(name, process, log, reader)
    finally:
        stop(process, signal.SIGTERM)


def run_step(
    name: str, command: Sequence[str], *, logs: Path, environment: Mapping[str, str]
) -> None:
    """Run a command to its end. Raises `ChildFailedError` when it fails."""
    log = logs / f"{name}.log"
    with log.open("wb") as output:
        code = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            env={**os.environ, **environment},
            cwd=PROJECT,
            check=False,
        ).returncode
    if code:
        raise ChildFailedError(f"`{name}` failed ({code}).\n{last_lines(name, log)}")


def wait_until_ready(children: Sequence[Child], urls: Sequence[str]) -> None:
    """Return when every URL answers without an error. Raises `ChildFailedError`."""
    deadline = time.monotonic() + READY_TIMEOUT
    for url in urls:
        while not _answers(url):
            look_after(children)
            if time.monotonic() > deadline:
                logs = "\n".join(last_lines(c.name, c.log) for c in children)
                raise ChildFailedError(f"{url} does not answer.\n{logs}")
            time.sleep(POLL_SECONDS)


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=2):
            return True
    except (urllib.error.URLError, OSError):
        return False


def watch(children: Sequence[Child]) -> None:
    """Show complaints until a program ends. Raises `ChildFailedError` when one does."""
    while True:
        look_after(children)
        time.sleep(POLL_SECONDS)


def look_after(children: Sequence[Child]) -> None:
    """Show new complaints. Raises `ChildFailedError` when a program has ended."""
    for child in children:
        for line in child.new_complaints():
            print(f"[{child.name}] {line}  ({child.log})", file=sys.stderr, flush=True)
        code = child.process.poll()
        if code is not None:
            log = last_lines(child.name, child.log)
            raise ChildFailedError(f"`{child.name}` ended ({code}).\n{log}")


def last_lines(name: str, log: Path) -> str:
    """Return the end of a log, each line with the name of the program."""
    lines = log.read_text("utf-8", "replace").splitlines()[-LAST_LINES:]
    return "\n".join(f"[{name}] {line}" for line in [*lines, f"(log: {log})"])
