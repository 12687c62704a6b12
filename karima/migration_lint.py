"""Which migrations are new since the last release, and which of them may be deployed.

A migration says what it is allowed to do in attributes of its class, with the reason:

    contracts = "unused since 0.3.0: the price is in catalog_price"
    lint_exempt = {"M001": "sizes has eleven rows and changes twice a year"}
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from django.apps import apps
from django.conf import settings
from django.db import connection
from django.db.migrations import CreateModel, Migration
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.state import ProjectState

from karima.migration_rules import MENDS, Table, broken_by, broken_by_mixture, steps

# The last migration of each app in the last release, and that release.
RELEASED = Path(__file__).with_name("released_migrations.txt")
REASON_LENGTH = 20
CONTRACTS = re.compile(r"unused since v?(\d+(?:\.\d+)+): (.+)", re.DOTALL)

Key = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Release:
    """What a release holds: its version, and the last migration of each app."""

    version: tuple[int, ...]
    leaves: dict[str, str]


def read_release(path: Path = RELEASED) -> Release:
    """Return the last release; before the first one it holds nothing."""
    version: tuple[int, ...] = ()
    leaves: dict[str, str] = {}
    for line in path.read_text("utf-8").splitlines():
        match line.split("#")[0].split():
            case ["release", number]:
                version = _version(number)
            case [app, name]:
                leaves[app] = name
    return Release(version, leaves)


def write_release(version: str, path: Path = RELEASED) -> None:
    """Take every migration there is as released with the version."""
    loader = MigrationLoader(None)
    comments = [
        line for line in path.read_text("utf-8").splitlines() if line.startswith("#")
    ]
    ours = sorted(key for key in loader.graph.leaf_nodes() if key[0] in our_apps())
    lines = [*comments, f"release {version}", *(" ".join(key) for key in ours)]
    path.write_text("\n".join(lines) + "\n", "utf-8")


def _version(text: str) -> tuple[int, ...]:
    return tuple(int(part) for part in text.removeprefix("v").split("."))


def our_apps() -> set[str]:
    """Return the labels of the apps whose code is in this project."""
    root = Path(settings.BASE_DIR).resolve()
    return {
        app.label
        for app in apps.get_app_configs()
        if Path(app.path).resolve().parent == root
    }


def problems(loader: MigrationLoader, release: Release) -> Iterator[str]:
    """Yield a line for each thing that is wrong with the migrations since a release."""
    yield from _unknown_leaves(loader, release)
    released = _released(loader, release)
    ours, fresh = our_apps(), frozenset[Table]()
    state = ProjectState()
    for key in _plan(loader):
        migration = loader.graph.nodes[key]
        if key[0] in ours and key not in released:
            fresh |= _made_by(migration)
            yield from problems_of(migration, state, fresh=fresh, release=release)
        state = migration.mutate_state(state, preserve=False)


def _unknown_leaves(loader: MigrationLoader, release: Release) -> Iterator[str]:
    for key in release.leaves.items():
        if key not in loader.graph.nodes:
            yield f"{RELEASED.name} names {key[0]}.{key[1]}, which does not exist."


def _released(loader: MigrationLoader, release: Release) -> set[Key]:
    leaves = [key for key in release.leaves.items() if key in loader.graph.nodes]
    return {key for leaf in leaves for key in loader.graph.forwards_plan(leaf)}


def _plan(loader: MigrationLoader) -> list[Key]:
    plan = dict.fromkeys(
        key
        for leaf in sorted(loader.graph.leaf_nodes())
        for key in loader.graph.forwards_plan(leaf)
    )
    return list(plan)


def _made_by(migration: Migration) -> frozenset[Table]:
    return frozenset(
        (migration.app_label, operation.name_lower)
        for operation in migration.operations
        if isinstance(operation, CreateModel)
    )


def problems_of(
    migration: Migration,
    state: ProjectState,
    *,
    fresh: frozenset[Table],
    release: Release,
) -> Iterator[str]:
    """Yield a line for each thing that is wrong with one migration.

    `state` is the one before it; `fresh` are the tables that no release has.
    """
    name = f"{migration.app_label}.{migration.name}"
    exempt: dict[str, str] = getattr(migration, "lint_exempt", {})
    contracts: str = getattr(migration, "contracts", "")
    may_contract = _may_contract(contracts, release)
    if contracts and not may_contract:
        yield f'{name}: `contracts` is "unused since VERSION: why", a released VERSION.'
    broken = _broken(migration, state, fresh)
    for rule, what in broken.items():
        if rule not in exempt and not (rule == "M005" and may_contract):
            yield f"{name}: {rule} {what}: {MENDS[rule]}."
    yield from _wrong_exemptions(name, exempt, set(broken))


def _broken(
    migration: Migration, state: ProjectState, fresh: frozenset[Table]
) -> dict[str, str]:
    """Return the broken rules, each with the first operation that breaks it."""
    found = list(steps(migration, state, fresh))
    broken: dict[str, str] = {}
    for step in found:
        for rule in broken_by(step):
            broken.setdefault(rule, step.operation.describe())
    for rule in broken_by_mixture(found):
        broken.setdefault(rule, "the operations together")
    return broken


def _may_contract(contracts: str, release: Release) -> bool:
    match = CONTRACTS.fullmatch(contracts)
    return bool(match and _version(match[1]) <= release.version)


def _wrong_exemptions(
    name: str, exempt: dict[str, str], broken: set[str]
) -> Iterator[str]:
    for rule, reason in exempt.items():
        if rule not in broken:
            yield f"{name}: lint_exempt names {rule}, which is not broken: remove it."
        if len(reason) < REASON_LENGTH:
            yield f"{name}: lint_exempt of {rule} needs its reason, as a sentence."


def pending_contracts() -> Iterator[str]:
    """Yield the migrations to come after which the version before cannot run."""
    executor = MigrationExecutor(connection)
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    for migration, _ in plan:
        takes_away = "M005" in getattr(migration, "lint_exempt", {})
        if takes_away or bool(getattr(migration, "contracts", "")):
            yield f"{migration.app_label}.{migration.name}"
