"""Which operations on a released table are refused, and how a migration may say why."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from django.contrib.postgres.operations import (
    AddConstraintNotValid,
    AddIndexConcurrently,
    RemoveIndexConcurrently,
    ValidateConstraint,
)
from django.core.management import call_command
from django.db import migrations, models
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ProjectState
from django.db.models.functions import Now, Random

from karima.migration_lint import (
    Release,
    problems,
    problems_of,
    read_release,
    write_release,
)

RELEASE = Release((0, 3, 0), {})
INDEX = models.Index(fields=["size"], name="shoe_size")
CHECK = models.CheckConstraint(condition=models.Q(size__gt=0), name="size_positive")
UNIQUE = models.UniqueConstraint(fields=["size"], name="one_of_a_size")
SHOE = migrations.CreateModel(
    "Shoe",
    [
        ("id", models.BigAutoField(primary_key=True)),
        ("name", models.CharField(max_length=20)),
        ("size", models.IntegerField()),
        ("note", models.TextField(null=True)),
    ],
)


def add(field: "models.Field[Any, Any]") -> Operation:
    return migrations.AddField("shoe", "new", field)


def alter(name: str, field: "models.Field[Any, Any]") -> Operation:
    return migrations.AlterField("shoe", name, field)


def noop(apps: object, editor: object) -> None:
    """Stand for a change of rows."""


def lint(
    *operations: Operation,
    atomic: bool = True,
    fresh: bool = False,
    **attributes: Any,
) -> list[str]:
    """Return what is wrong with a migration of the released table of shoes."""
    migration = migrations.Migration("0002_next", "shoes")
    migration.operations = list(operations)
    migration.atomic = atomic
    for name, value in attributes.items():
        setattr(migration, name, value)
    state = ProjectState()
    SHOE.state_forwards("shoes", state)
    tables = frozenset({("shoes", "shoe")}) if fresh else frozenset[tuple[str, str]]()
    return list(problems_of(migration, state, fresh=tables, release=RELEASE))


def rules(found: Sequence[str]) -> set[str]:
    return {line.split()[1] for line in found}


REFUSED = [
    (migrations.AddIndex("shoe", INDEX), {"M001"}),
    (add(models.IntegerField()), {"M002"}),
    (add(models.IntegerField(default=1)), {"M002"}),
    (add(models.IntegerField(null=True, db_index=True)), {"M001"}),
    (add(models.IntegerField(null=True, unique=True)), {"M001"}),
    (add(models.FloatField(db_default=Random())), {"M003"}),
    (
        add(models.ForeignKey("shoes.shoe", models.CASCADE, null=True)),
        {"M001", "M004"},
    ),
    (alter("size", models.BigIntegerField()), {"M003"}),
    (alter("name", models.CharField(max_length=10)), {"M003"}),
    (alter("size", models.PositiveBigIntegerField()), {"M003"}),
    (alter("note", models.TextField()), {"M004"}),
    (alter("size", models.IntegerField(unique=True)), {"M001"}),
    (alter("size", models.IntegerField(db_column="length")), {"M005"}),
    (migrations.AddConstraint("shoe", CHECK), {"M004"}),
    (migrations.AddConstraint("shoe", UNIQUE), {"M004"}),
    (migrations.AlterUniqueTogether("shoe", {("name", "size")}), {"M004"}),
    (migrations.RemoveField("shoe", "note"), {"M005"}),
    (migrations.RenameField("shoe", "note", "remark"), {"M005"}),
    (migrations.DeleteModel("Shoe"), {"M005"}),
    (migrations.RenameModel("Shoe", "Boot"), {"M005"}),
    (migrations.AlterModelTable("shoe", "boots"), {"M005"}),
    (migrations.RunPython(noop), {"M007", "M008"}),
    (migrations.RunPython(noop, noop), {"M008"}),
    (migrations.RunSQL("SELECT 1"), {"M007"}),
    (migrations.RunSQL("CREATE INDEX i ON shoe (size)", "SELECT 1"), {"M009"}),
    (migrations.RunSQL("ALTER TABLE s DROP COLUMN a", "SELECT 1"), {"M009"}),
    (migrations.RunSQL("ALTER TABLE s ALTER a TYPE text", "SELECT 1"), {"M009"}),
    (AddIndexConcurrently("shoe", INDEX), {"M001"}),
]
ALLOWED = [
    add(models.IntegerField(null=True)),
    add(models.IntegerField(db_default=1)),
    add(models.DateTimeField(db_default=Now())),
    add(
        models.ForeignKey(
            "shoes.shoe",
            models.CASCADE,
            null=True,
            db_index=False,
            db_constraint=False,
        )
    ),
    alter("name", models.CharField(max_length=40)),
    alter("name", models.TextField()),
    alter("size", models.IntegerField(null=True)),
    AddConstraintNotValid("shoe", CHECK),
    migrations.AlterModelOptions("shoe", {"verbose_name": "sepatu"}),
    migrations.RunSQL("CREATE INDEX CONCURRENTLY i ON shoe (size)", "SELECT 1"),
    SHOE,
]


@pytest.mark.parametrize(
    ("operation", "wanted"),
    REFUSED,
    ids=[str(number) for number in range(len(REFUSED))],
)
def test_operation_that_stops_a_serving_version_is_refused(
    operation: Operation, wanted: set[str]
) -> None:
    assert rules(lint(operation)) == wanted


@pytest.mark.parametrize(
    "operation", ALLOWED, ids=[str(number) for number in range(len(ALLOWED))]
)
def test_operation_that_nobody_notices_is_allowed(operation: Operation) -> None:
    assert lint(operation) == []


def test_concurrent_index_and_batches_need_a_migration_without_a_transaction() -> None:
    assert lint(AddIndexConcurrently("shoe", INDEX), atomic=False) == []
    assert lint(RemoveIndexConcurrently("shoe", "shoe_size"), atomic=False) == []
    assert lint(migrations.RunPython(noop, noop), atomic=False) == []


def test_check_is_validated_in_a_migration_of_its_own() -> None:
    valid = ValidateConstraint("shoe", "size_positive")
    assert lint(valid) == []
    assert rules(lint(AddConstraintNotValid("shoe", CHECK), valid)) == {"M004"}


def test_data_and_schema_are_apart() -> None:
    code = migrations.RunPython(noop, noop)
    found = lint(add(models.IntegerField(null=True)), code, atomic=False)
    assert rules(found) == {"M006"}


def test_what_hides_in_separate_state_is_found() -> None:
    hidden = migrations.SeparateDatabaseAndState(
        database_operations=[migrations.AddIndex("shoe", INDEX)]
    )
    assert rules(lint(hidden)) == {"M001"}
    state_only = migrations.SeparateDatabaseAndState(
        state_operations=[migrations.RemoveField("shoe", "note")]
    )
    assert lint(state_only) == []


def test_table_that_no_release_has_is_free() -> None:
    free = [operation for operation, wanted in REFUSED if "M007" not in wanted]
    for operation in free:
        assert lint(operation, fresh=True) == []


def test_line_names_the_migration_the_operation_and_the_mend() -> None:
    (line,) = lint(migrations.AddIndex("shoe", INDEX))
    assert line.startswith("shoes.0002_next: M001 Create index shoe_size")
    assert "AddIndexConcurrently" in line


@pytest.mark.parametrize("since", ["0.3.0", "v0.3.0", "0.2.1"])
def test_column_unused_since_a_release_may_go(since: str) -> None:
    drop = migrations.RemoveField("shoe", "note")
    assert lint(drop, contracts=f"unused since {since}: remarks replaced it") == []


@pytest.mark.parametrize("since", ["unused since 0.4.0: soon", "nobody needs it", "-"])
def test_column_that_the_last_release_uses_stays(since: str) -> None:
    found = lint(migrations.RemoveField("shoe", "note"), contracts=since)
    assert any("M005" in line for line in found)
    assert any("a released VERSION" in line for line in found)


def test_exemption_needs_a_reason_and_a_rule_that_is_broken() -> None:
    index = migrations.AddIndex("shoe", INDEX)
    why = "the table has eleven rows and changes twice a year"
    assert lint(index, lint_exempt={"M001": why}) == []
    (short,) = lint(index, lint_exempt={"M001": "small"})
    assert "needs its reason" in short
    (idle,) = lint(index, lint_exempt={"M001": why, "M003": why})
    assert "M003, which is not broken" in idle


def test_migrations_of_the_project_stop_no_serving_version() -> None:
    call_command("lint_migrations", verbosity=0)


def test_recorded_release_is_the_new_baseline(tmp_path: Path) -> None:
    path = tmp_path / "released.txt"
    path.write_text("# A comment stays.\n", "utf-8")
    write_release("0.1.0", path)
    release = read_release(path)
    assert path.read_text("utf-8").startswith("# A comment stays.\nrelease 0.1.0\n")
    assert release.version == (0, 1, 0)
    assert {"accounts", "catalog", "orders", "payments"} <= set(release.leaves)
    loader = MigrationLoader(None)
    assert list(problems(loader, release)) == []
    release.leaves["catalog"] = "0999_gone"
    assert "catalog.0999_gone, which does not exist" in next(problems(loader, release))


@pytest.mark.django_db
def test_migrated_database_awaits_no_contraction(
    capsys: pytest.CaptureFixture[str],
) -> None:
    call_command("lint_migrations", "--pending-contracts")
    assert capsys.readouterr().out == ""
