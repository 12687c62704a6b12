"""What the code passes to its loggers is what the log keeps and the documents name."""

import ast
import re
from collections.abc import Iterator

import pytest

from karima.logs import FIELDS
from tests.karima.processes import ROOT

APPS = ("karima", "accounts", "catalog", "orders", "payments")
MODULES = sorted(path for app in APPS for path in (ROOT / app).rglob("*.py"))
LEVELS = {"debug", "info", "warning", "error", "exception"}


def is_log_line(node: ast.AST) -> bool:
    return (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in LEVELS
        and ast.unparse(node.func.value) == "logger"
    )


def functions() -> Iterator[ast.FunctionDef]:
    for module in MODULES:
        for node in ast.walk(ast.parse(module.read_text("utf-8"))):
            if isinstance(node, ast.FunctionDef):
                yield node


def extras(function: ast.FunctionDef) -> Iterator[ast.expr]:
    """Yield what a function passes as `extra`, also where it has a name of its own."""
    nodes = list(ast.walk(function))
    named = {
        ast.unparse(node.targets[0]): node.value
        for node in nodes
        if isinstance(node, ast.Assign)
    }
    for line in filter(is_log_line, nodes):
        for keyword in ast.iter_child_nodes(line):
            if isinstance(keyword, ast.keyword) and keyword.arg == "extra":
                yield named.get(ast.unparse(keyword.value), keyword.value)


def keys_of(extra: ast.expr) -> set[str]:
    assert isinstance(extra, ast.Dict), ast.unparse(extra)
    return {ast.literal_eval(key) for key in extra.keys if key}


def fields_passed() -> set[str]:
    found = [keys_of(extra) for function in functions() for extra in extras(function)]
    return set().union(*found)


def test_every_field_that_is_passed_is_kept_and_none_is_kept_for_nothing() -> None:
    assert fields_passed() == set(FIELDS)


@pytest.mark.parametrize("field", FIELDS)
def test_operations_explains_the_field(field: str) -> None:
    text = (ROOT / "docs" / "operations.md").read_text("utf-8")
    rows = re.findall(r"^\| (`.*?`) \|", text, re.MULTILINE)
    assert f"`{field}`" in ", ".join(rows).split(", ")
