"""What a migration must not do to a table that a serving version uses.

Each rule looks at one operation in the state before it. Tables that no release has are
free: nobody reads them yet. docs/decisions/0036 has the reasons.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django.contrib.postgres.operations import (
    AddConstraintNotValid,
    AddIndexConcurrently,
    RemoveIndexConcurrently,
    ValidateConstraint,
)
from django.db import connection
from django.db.migrations import Migration, operations
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ProjectState
from django.db.models.expressions import BaseExpression, Value
from django.db.models.functions import Now

Table = tuple[str, str]

# Rule: what is wrong, and the mend.
MENDS = {
    "M001": "an index built while nobody can write: AddIndexConcurrently or "
    "RemoveIndexConcurrently, with `atomic = False`",
    "M002": "a column that the serving version does not fill: `null=True`, or a "
    "`db_default` that is a constant",
    "M003": "every row written anew, or checked, while nobody can read: add a column, "
    "fill it in batches, and drop the old one two releases later",
    "M004": "a constraint checked against every row while nobody can write: "
    "AddConstraintNotValid, then ValidateConstraint in the next migration (NOT NULL: "
    "by such a check first; unique: an index built concurrently first)",
    "M005": "what the serving version may still use is taken away: stop using it in "
    'one release, and say `contracts = "unused since VERSION: why"` in the next',
    "M006": "data and schema in one migration: give each its own",
    "M007": "no way back: give RunPython a reverse_code, RunSQL a reverse_sql "
    "(`noop` where there is nothing to undo)",
    "M008": "all rows changed in one transaction: `atomic = False`, and batches that "
    "commit by themselves",
    "M009": "SQL that locks a table or takes something away: use Django's operations, "
    "or say in `lint_exempt` why it is safe",
}
LOCKING_SQL = re.compile(
    r"\b(?:create\s+(?:unique\s+)?index(?!\s+concurrently)|drop\s+(?:table|column)"
    r"|set\s+not\s+null|alter\s+(?:column\s+)?\S+\s+(?:set\s+data\s+)?type|rename\s+"
    r"|vacuum\s+full|lock\s+table|cluster\b)",
    re.IGNORECASE,
)
DATA = (operations.RunPython, operations.RunSQL)
# They name nothing in the database.
STATE_ONLY = (
    operations.AlterModelOptions,
    operations.AlterModelManagers,
    operations.AlterModelTableComment,
)


@dataclass(frozen=True, slots=True)
class Step:
    """One operation on the database, and what was there before it."""

    operation: Any
    before: ProjectState
    app: str
    is_atomic: bool
    # Tables that were made since the last release.
    fresh: frozenset[Table]

    @property
    def is_free(self) -> bool:
        """Say whether no release knows the operation's table."""
        name = getattr(self.operation, "model_name", "")
        name = name or getattr(self.operation, "name", "")
        return (self.app, str(name).lower()) in self.fresh

    @property
    def has_released_tables(self) -> bool:
        """Say whether the app had tables in the last release."""
        tables = {key for key in self.before.models if key[0] == self.app}
        return bool(tables - self.fresh)

    def field_before(self) -> Any:
        """Return the field that an AlterField is about to change."""
        model = self.before.models[self.app, self.operation.model_name_lower]
        return model.get_field(self.operation.name)


def steps(
    migration: Migration, before: ProjectState, fresh: frozenset[Table]
) -> Iterator[Step]:
    """Yield what the migration does to the database, each with the state before it."""
    state = before.clone()
    for operation in migration.operations:
        parts: Iterable[Operation] = [operation]
        if isinstance(operation, operations.SeparateDatabaseAndState):
            parts = operation.database_operations
        for part in parts:
            yield Step(
                part, state.clone(), migration.app_label, migration.atomic, fresh
            )
        operation.state_forwards(migration.app_label, state)


def broken_by(step: Step) -> Iterator[str]:
    """Yield the rules that one operation breaks by itself."""
    yield from _without_way_back(step.operation)
    if step.is_free:
        return
    for kinds, rule in RULES:
        if isinstance(step.operation, kinds):
            yield from rule(step)


def broken_by_mixture(found: list[Step]) -> Iterator[str]:
    """Yield the rules that the operations of one migration break together."""
    schema = [step for step in found if not isinstance(step.operation, DATA)]
    changes = [step for step in schema if not isinstance(step.operation, STATE_ONLY)]
    code = [step for step in found if isinstance(step.operation, operations.RunPython)]
    if changes and any(step.has_released_tables for step in code):
        yield "M006"
    kinds = {type(step.operation) for step in schema}
    if {AddConstraintNotValid, ValidateConstraint} <= kinds:
        yield "M004"


def _without_way_back(operation: Operation) -> Iterator[str]:
    if isinstance(operation, DATA) and not operation.reversible:
        yield "M007"


def _index(step: Step) -> Iterator[str]:
    concurrent = (AddIndexConcurrently, RemoveIndexConcurrently)
    if not isinstance(step.operation, concurrent) or step.is_atomic:
        yield "M001"


def _add_field(step: Step) -> Iterator[str]:
    field = step.operation.field
    if field.many_to_many:
        return
    if getattr(field, "generated", False) or not _is_constant(field):
        yield "M003"
    elif not field.null and not field.has_db_default():
        yield "M002"
    yield from _indexed(field)


def _is_constant(field: Any) -> bool:
    """Say whether old rows get the column's default without being written anew."""
    if not field.has_db_default():
        return True
    default = field.db_default
    return isinstance(default, Value | Now) or not isinstance(default, BaseExpression)


def _indexed(field: Any) -> Iterator[str]:
    if field.unique or field.db_index:
        yield "M001"
    if field.remote_field and getattr(field, "db_constraint", False):
        yield "M004"


def _alter_field(step: Step) -> Iterator[str]:
    old, new = step.field_before(), step.operation.field
    if not _keeps_rows(_type(old), _type(new)):
        yield "M003"
    if old.null and not new.null:
        yield "M004"
    if (new.unique and not old.unique) or (new.db_index and not old.db_index):
        yield "M001"
    if _is_checked(new) and not _is_checked(old):
        yield "M004"
    name = step.operation.name
    if (old.db_column or name) != (new.db_column or name):
        yield "M005"


def _is_checked(field: Any) -> bool:
    return bool(field.remote_field and getattr(field, "db_constraint", False))


def _type(field: Any) -> str:
    # A foreign key has the type of what it points to, which is not known here.
    if field.remote_field:
        return f"key of {field.remote_field.model}".lower()
    return str(field.db_type(connection))


def _keeps_rows(old: str, new: str) -> bool:
    """Say whether PostgreSQL changes the type without touching a row."""
    if old == new:
        return True
    sizes = [re.fullmatch(r"varchar\((\d+)\)", text) for text in (old, new)]
    if sizes[0] and new in {"text", "varchar"}:
        return True
    return bool(sizes[0] and sizes[1] and int(sizes[0][1]) <= int(sizes[1][1]))


def _add_constraint(step: Step) -> Iterator[str]:
    # NOT VALID exists for checks only.
    if not isinstance(step.operation, AddConstraintNotValid):
        yield "M004"


def _unique_together(step: Step) -> Iterator[str]:
    yield "M004"


def _take_away(step: Step) -> Iterator[str]:
    yield "M005"


def _python(step: Step) -> Iterator[str]:
    if step.is_atomic and step.has_released_tables:
        yield "M008"


def _sql(step: Step) -> Iterator[str]:
    text = str(getattr(step.operation, "sql", ""))
    if step.has_released_tables and LOCKING_SQL.search(text):
        yield "M009"


RULES: tuple[
    tuple[tuple[type[Operation], ...], Callable[[Step], Iterator[str]]], ...
] = (
    ((operations.AddIndex, operations.RemoveIndex), _index),
    ((operations.AddField,), _add_field),
    ((operations.AlterField,), _alter_field),
    ((operations.AddConstraint,), _add_constraint),
    (
        (operations.AlterUniqueTogether, operations.AlterIndexTogether),
        _unique_together,
    ),
    (
        (
            operations.RemoveField,
            operations.RenameField,
            operations.DeleteModel,
            operations.RenameModel,
            operations.AlterModelTable,
        ),
        _take_away,
    ),
    ((operations.RunPython,), _python),
    ((operations.RunSQL,), _sql),
)
