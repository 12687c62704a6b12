"""The few words of systemd that deploy.sh uses, where no systemd runs: see `install`.

It starts the units of deploy/systemd as they are written: what goes before, environment
files, the command, restarts, SIGTERM and the grace; not their confinement. Variables of
the caller win over the units', whose shop is in production.
"""

import os
import shlex
import signal
import subprocess
import sys
import time
from configparser import RawConfigParser
from contextlib import suppress
from pathlib import Path
from types import FrameType

ROOT = Path(__file__).resolve().parents[2]
FOLDER = Path(os.environ.get("UNIT_STATE", "/nowhere"))
PLACES = {"/opt/karima": "UNIT_LINKS", "/etc/karima": "UNIT_SETTINGS"}


def install(folder: Path) -> dict[str, str]:
    """Lay down `systemctl` and `journalctl`; return the variables that lead to them."""
    for name in ("bin", "state", "links", "settings"):
        (folder / name).mkdir(parents=True)
    for name in ("systemctl", "journalctl"):
        program = folder / "bin" / name
        text = f'#!/bin/sh\nexec {sys.executable} {__file__} {name} "$@"\n'
        program.write_text(text, "utf-8")
        program.chmod(0o755)
    return {
        "PATH": f"{folder / 'bin'}:{os.environ['PATH']}",
        "UNIT_STATE": str(folder / "state"),
        "UNIT_LINKS": str(folder / "links"),
        "UNIT_SETTINGS": str(folder / "settings"),
    }


def end_all(folder: Path) -> None:
    """End what still runs, for the end of a test."""
    for path in (folder / "state").glob("*.pid"):
        with suppress(ProcessLookupError, ValueError):
            os.killpg(int(path.read_text("ascii")), signal.SIGKILL)


def main(program: str, *arguments: str) -> int:
    if program == "journalctl":
        unit = arguments[arguments.index("--unit") + 1]
        log = FOLDER / f"{unit}.log"
        sys.stdout.write(log.read_text("utf-8", "replace") if log.exists() else "")
        return 0
    words = [word for word in arguments if word != "--quiet"]
    if words[0] == "keep":
        keep(words[1])
        return 0
    verbs = {"restart": restart, "stop": stop, "is-active": is_active}
    return verbs.get(words[0], mark)(words[-1])


def mark(unit: str) -> int:
    """Take `enable`, `disable` and `reset-failed` down, which do nothing here."""
    with (FOLDER / "asked").open("a", encoding="utf-8") as record:
        record.write(" ".join(sys.argv[2:]) + "\n")
    return 0


def restart(unit: str) -> int:
    stop(unit)
    (FOLDER / f"{unit}.log").unlink(missing_ok=True)
    if "ExecStartPre" in service(unit) and run(unit, "ExecStartPre").wait():
        return 1
    keeper = subprocess.Popen(
        [sys.executable, __file__, "systemctl", "keep", unit],
        start_new_session=True,
        close_fds=True,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    (FOLDER / f"{unit}.pid").write_text(str(keeper.pid), "ascii")
    while keeper.poll() is None and not (FOLDER / f"{unit}.up").exists():
        time.sleep(0.02)
    return 0


def keep(unit: str) -> None:
    """Run the unit's command, and again when it ends, until told to stop."""
    stopping = False

    def end(number: int, frame: FrameType | None) -> None:
        nonlocal stopping
        stopping = True
        with suppress(ProcessLookupError):
            process.terminate()

    up = FOLDER / f"{unit}.up"
    process = run(unit, "ExecStart")
    signal.signal(signal.SIGTERM, end)
    while True:
        up.write_text(str(process.pid), "ascii")
        process.wait()
        up.unlink()
        if stopping:
            return
        time.sleep(float(service(unit)["RestartSec"]))
        process = run(unit, "ExecStart")


def stop(unit: str) -> int:
    path = FOLDER / f"{unit}.pid"
    if not path.exists():
        return 0
    pid = int(path.read_text("ascii"))
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGTERM)
    ends_at = time.monotonic() + float(service(unit)["TimeoutStopSec"])
    while runs(pid) and time.monotonic() < ends_at:
        time.sleep(0.05)
    with suppress(ProcessLookupError):
        os.killpg(pid, signal.SIGKILL)
    path.unlink()
    (FOLDER / f"{unit}.up").unlink(missing_ok=True)
    return 0


def runs(pid: int) -> bool:
    with suppress(OSError):
        return Path(f"/proc/{pid}/stat").read_text("ascii").split()[2] != "Z"
    return False


def is_active(unit: str) -> int:
    return 0 if (FOLDER / f"{unit}.up").exists() else 3


def service(unit: str) -> dict[str, str]:
    """Return the unit's words, with its instance and this machine's places in them."""
    name, _, instance = unit.partition("@")
    file = f"{name}@.service" if instance else f"{name}.service"
    text = (ROOT / "deploy/systemd" / file).read_text("utf-8").replace("%i", instance)
    for place, variable in PLACES.items():
        text = text.replace(place, os.environ[variable])
    # A unit may set the environment twice; nothing here reads it.
    parser = RawConfigParser(strict=False, delimiters=("=",))
    parser.optionxform = str  # type: ignore[assignment,method-assign]
    parser.read_string(text)
    return dict(parser["Service"])


def run(unit: str, line: str) -> subprocess.Popen[bytes]:
    words = service(unit)
    settings = dict(
        pair.split("=", 1)
        for pair in Path(words["EnvironmentFile"].removeprefix("-"))
        .read_text("utf-8")
        .split()
    )
    environment = os.environ | settings
    command = [
        word.replace("${APP_PORT}", settings.get("APP_PORT", ""))
        for word in shlex.split(words[line])
    ]
    with (FOLDER / f"{unit}.log").open("ab") as log:
        return subprocess.Popen(
            command,
            cwd=words["WorkingDirectory"],
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
        )


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
