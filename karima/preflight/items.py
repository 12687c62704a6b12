"""The sixteen items of the checklist, and the probes that answer each."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from karima.env import Environment, Problem, rules
from karima.preflight.network import Network


class State(StrEnum):
    """What is known of a thing; `manual` is what only a person can answer."""

    OK = "ok"
    MANUAL = "manual"
    FAIL = "fail"


# From best to worst: an item is as good as the worst of what was found.
ORDER = (State.OK, State.MANUAL, State.FAIL)


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that a probe found, and how to mend it; never a secret."""

    state: State
    text: str
    mend: str = ""


def ok(text: str) -> Finding:
    return Finding(State.OK, text)


def manual(text: str, mend: str) -> Finding:
    return Finding(State.MANUAL, text, mend)


def fail(text: str, mend: str) -> Finding:
    return Finding(State.FAIL, text, mend)


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """What the probes look at. `problems` are why the shop would refuse to start."""

    environment: Environment
    problems: tuple[Problem, ...] = ()
    network: Network = field(default_factory=Network)
    # Where a process of the shop answers from inside, past the proxy.
    app_url: str = "http://127.0.0.1:8080"
    kratos_config: Path = Path("deploy/kratos/kratos.prod.yml")
    kratos_env_file: Path = Path(".env.kratos")
    reports: Path = Path(".data/reports")

    @property
    def known_warnings(self) -> frozenset[str]:
        """Return the ids of Django's checks that repeat a rule of the environment."""
        found = rules.warnings(self.environment)
        return frozenset(f"karima.{problem.rule}" for problem in found)


Probe = Callable[[Context], Iterable[Finding]]


@dataclass(frozen=True, slots=True)
class Item:
    """A line of the checklist. `key` is what `--only` takes."""

    number: int
    key: str
    title: str


ITEMS = tuple(
    Item(number, key, title)
    for number, (key, title) in enumerate(
        {
            "environment": "Environment variables have production values",
            "credentials": "Database and Redis have credentials of their own",
            "database-tls": "The database link is encrypted",
            "cors": "CORS names the production origins",
            "midtrans": "Midtrans has its production keys",
            "r2": "Photos are kept in the production bucket of R2",
            "dns": "The host names resolve",
            "certificates": "TLS certificates are valid",
            "zero-trust": "Cloudflare Access guards the admin",
            "kratos": "Kratos serves the production domain",
            "monitoring": "Metrics can be scraped",
            "logs": "Logs can be collected",
            "backups": "Backups are made",
            "smoke": "The critical flows were tested",
            "loadtest": "The load was tested",
            "audit": "The security was audited",
        }.items(),
        start=1,
    )
)

PROBES: dict[str, list[Probe]] = {item.key: [] for item in ITEMS}


def add_probe(key: str, probe: Probe) -> None:
    """Have a probe answer for an item. Called from an app's `ready()`.

    It must bound its own waiting, may raise nothing that it can name better, and is
    not asked while the item's own variables are refused.
    """
    PROBES[key].append(probe)


@dataclass(frozen=True, slots=True)
class Outcome:
    """An item with all that was found."""

    item: Item
    findings: tuple[Finding, ...]

    @property
    def state(self) -> State:
        return max((f.state for f in self.findings), key=ORDER.index)

    def as_document(self) -> Mapping[str, object]:
        """Return what `--json` prints of it."""
        return {
            "number": self.item.number,
            "key": self.item.key,
            "title": self.item.title,
            "state": self.state,
            "findings": [
                {"state": f.state, "text": f.text, "mend": f.mend}
                for f in self.findings
            ],
        }
