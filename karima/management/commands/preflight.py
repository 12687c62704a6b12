"""Answer the checklist of production: ok, fail, or manual, item by item."""

import argparse
import json
import logging
from dataclasses import replace
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from karima.env import env, judge, source
from karima.env_file import OPTION
from karima.preflight import report
from karima.preflight.items import (
    ITEMS,
    Context,
    Finding,
    Item,
    Outcome,
    State,
)
from karima.preflight.network import Network, read_hosts
from karima.preflight.running import run

HELP = """Answer the sixteen items of the production checklist. Nothing is changed, but
for one object that is put into the bucket of the photos and removed. It runs also where
the shop refuses to start, and says why. Exit status: 0, or 1 when an item fails."""


class Command(BaseCommand):
    help = HELP
    # It runs them itself, as one of its items.
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument(OPTION, help="judge this file, whatever the process has")
        parser.add_argument("--json", action="store_true", help="for a program")
        parser.add_argument(
            "--only", default="", metavar="ITEMS", help="numbers or keys: 3,kratos"
        )
        parser.add_argument(
            "--app-url",
            default=f"http://127.0.0.1:{settings.BREAK_GLASS_PORT}",
            help="where the shop answers from inside; by default %(default)s",
        )
        parser.add_argument(
            "--hosts", type=Path, help="a file like /etc/hosts, instead of the DNS"
        )
        parser.add_argument(
            "--kratos-config", type=Path, help="the file that Kratos was started with"
        )

    def handle(self, **options: Any) -> None:
        items = chosen(options["only"])
        context = make_context(options)
        if options["verbosity"] < 2:
            # What clients log of an outage would stand between the lines.
            logging.disable()
        try:
            outcomes = self.answer(context, items, options)
        finally:
            logging.disable(logging.NOTSET)
        if any(outcome.state == State.FAIL for outcome in outcomes):
            raise SystemExit(1)

    def answer(
        self, context: Context, items: list[Item], options: dict[str, Any]
    ) -> list[Outcome]:
        """Print the items as they are known, and return their outcomes."""
        outcomes = []
        for outcome in run(context, items):
            outcomes.append(hidden(outcome))
            if not options["json"]:
                for line in report.lines(outcomes[-1], self.style):
                    self.stdout.write(line)
                self.stdout.flush()
        if options["json"]:
            self.stdout.write(as_json(outcomes))
        else:
            self.stdout.write(f"\n{report.summary(outcomes)}")
        return outcomes


def chosen(only: str) -> list[Item]:
    """Return the items that `--only` names, by number or key. Raises CommandError."""
    wanted = {part.strip() for part in only.split(",") if part.strip()}
    known = {name for item in ITEMS for name in (item.key, str(item.number))}
    if wanted - known:
        keys = ", ".join(item.key for item in ITEMS)
        raise CommandError(f"--only knows the numbers 1 to {len(ITEMS)} and: {keys}")
    return [i for i in ITEMS if not wanted or wanted & {i.key, str(i.number)}]


def make_context(options: dict[str, Any]) -> Context:
    """Return what the probes look at, from the options and this process."""
    _, problems = judge(source.read_process_and_files())
    context = Context(
        environment=env,
        problems=tuple(problems),
        app_url=options["app_url"].rstrip("/"),
        kratos_config=kratos_config(options["kratos_config"]),
        kratos_env_file=settings.BASE_DIR / ".env.kratos",
        reports=settings.REPORTS_DIR,
    )
    if options["hosts"] is None:
        return context
    try:
        return replace(context, network=Network(hosts=read_hosts(options["hosts"])))
    except OSError as error:
        raise CommandError(f"--hosts cannot be read: {error.strerror}") from None


def kratos_config(given: Path | None) -> Path:
    """Return Kratos's file: given, or the server's own copy, or the one shipped."""
    own = settings.BASE_DIR / "kratos.private.yml"
    shipped = settings.BASE_DIR / "deploy/kratos/kratos.prod.yml"
    return given or (own if own.exists() else shipped)


def hidden(outcome: Outcome) -> Outcome:
    """Return the outcome with any secret taken out of its texts."""
    return replace(
        outcome,
        findings=tuple(
            Finding(f.state, report.hide(f.text, env), report.hide(f.mend, env))
            for f in outcome.findings
        ),
    )


def as_json(outcomes: list[Outcome]) -> str:
    document = {
        "ready": all(outcome.state != State.FAIL for outcome in outcomes),
        "at": timezone.now().isoformat(timespec="seconds"),
        "environment": settings.APP_ENV,
        "version": settings.APP_VERSION,
        "items": [outcome.as_document() for outcome in outcomes],
    }
    return json.dumps(document, indent=2)
