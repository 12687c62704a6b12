"""The examples, the documentation and the code name the same variables."""

import re
from pathlib import Path

from karima.env.fields import OTHER_SPELLINGS, VARIABLES
from tests.karima.environments import DEVELOPMENT_BLOCK, PRODUCTION_BLOCK
from tests.karima.processes import ROOT

# Read by the compose files only.
OUTSIDE_THE_SETTINGS = {"KRATOS_VERSION"}


def test_env_example_begins_with_the_development_block() -> None:
    text = (ROOT / ".env.example").read_text(encoding="utf-8")
    assert DEVELOPMENT_BLOCK in text


def test_env_production_example_begins_with_the_production_block() -> None:
    text = (ROOT / ".env.production.example").read_text(encoding="utf-8")
    assert PRODUCTION_BLOCK in text


def names_in(path: Path) -> list[str]:
    text = path.read_text(encoding="utf-8")
    return re.findall(r"^(?:# )?([A-Z][A-Z0-9_]*)=", text, re.MULTILINE)


def test_env_example_lists_every_variable_once_and_no_other() -> None:
    names = names_in(ROOT / ".env.example")
    assert sorted(names) == sorted({*VARIABLES, *OUTSIDE_THE_SETTINGS})


def test_env_production_example_lists_only_variables_that_are_read() -> None:
    assert set(names_in(ROOT / ".env.production.example")) <= set(VARIABLES)


def test_env_example_names_every_other_spelling() -> None:
    text = (ROOT / ".env.example").read_text(encoding="utf-8")
    assert [name for name in OTHER_SPELLINGS if name not in text] == []


def test_documentation_has_every_variable() -> None:
    text = (ROOT / "docs/configuration.md").read_text(encoding="utf-8")
    missing = [n for n in (*VARIABLES, *OTHER_SPELLINGS) if f"`{n}`" not in text]
    assert missing == []
