"""docs/asvs.csv names requirements of ASVS 5.0 and evidence that exists."""

import csv
import re

import pytest

from tests.karima.processes import ROOT

with (ROOT / "docs/asvs.csv").open(encoding="utf-8", newline="") as file:
    ROWS = list(csv.DictReader(file))


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["requirement"])
def test_claim_has_evidence(row: dict[str, str]) -> None:
    assert re.fullmatch(r"\d+\.\d+\.\d+", row["requirement"])
    assert row["state"] in ("met", "partly", "not")
    path, _, function = row["evidence"].partition("::")
    text = (ROOT / path).read_text(encoding="utf-8")
    assert f"def {function}(" in text if function else text
    if row["state"] != "met":
        reasons = (ROOT / "docs/security.md").read_text(encoding="utf-8")
        assert f"| {row['requirement']} |" in reasons


def test_requirements_are_in_order_and_named_once() -> None:
    numbers = [tuple(map(int, row["requirement"].split("."))) for row in ROWS]
    assert numbers == sorted(set(numbers))
