"""The units of process mode: confined, patient at the end, for programs that exist."""

from configparser import RawConfigParser
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
UNITS = sorted((ROOT / "deploy/systemd").glob("*.service"))


def service(unit: Path) -> dict[str, str]:
    parser = RawConfigParser(strict=False, delimiters=("=",))
    # Names of units are in camel case.
    parser.optionxform = str  # type: ignore[assignment,method-assign]
    parser.read(unit, encoding="utf-8")
    return dict(parser["Service"])


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.name)
def test_unit_is_confined_and_comes_back(unit: Path) -> None:
    found = service(unit)
    assert found["NoNewPrivileges"] == "yes"
    assert found["ProtectSystem"] == "strict"
    if unit.stem == "karima-proxy":
        # It binds port 443, and its workers become another user.
        assert "CAP_SYS" not in found["CapabilityBoundingSet"]
    else:
        assert found["User"] in ("karima", "kratos")
        assert found["CapabilityBoundingSet"] == ""
    assert found["MemoryMax"]
    assert found["Restart"] == "always"


@pytest.mark.parametrize(
    ("name", "seconds"), [("karima-web@.service", 45), ("karima-worker.service", 90)]
)
def test_unit_waits_for_what_runs_and_not_for_a_bad_environment(
    name: str, seconds: int
) -> None:
    found = service(ROOT / "deploy/systemd" / name)
    assert int(found["TimeoutStopSec"]) >= seconds
    assert found["RestartPreventExitStatus"] == "78"
    assert found["Environment"]


def test_the_installation_names_every_unit() -> None:
    text = (ROOT / "docs/install.md").read_text("utf-8")
    named = [
        unit.name.replace("@.service", "@").removesuffix(".service") for unit in UNITS
    ]
    assert [name for name in named if name not in text] == []
