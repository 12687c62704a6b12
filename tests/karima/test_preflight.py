"""The command as an operator meets it: what it prints, and how it ends."""

import io
import json
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.core.management.color import color_style, no_style

from karima.env import from_mapping, judge, source
from karima.preflight import environment, items, report, running
from karima.preflight.items import (
    ITEMS,
    PROBES,
    Context,
    Finding,
    Outcome,
    State,
    fail,
    manual,
    ok,
)
from tests.karima.environments import PRODUCTION_BLOCK, good_production
from tests.karima.preflight_servers import production_context, states
from tests.karima.processes import ROOT, run_python

NOBODY = "127.0.0.1 nobody.invalid\n"


def preflight(*arguments: str, env_file: Path) -> Any:
    # Not the reports that `make audit` and others have left in the project.
    environment = {"REPORTS_DIR": str(env_file.parent)}
    command = ("manage.py", "preflight", f"--env-file={env_file}")
    return run_python(*command, *arguments, environment=environment)


@pytest.fixture(scope="module")
def seed_block(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """Give the verdict on the production block as it was asked for, offline."""
    folder = tmp_path_factory.mktemp("preflight")
    (folder / ".env.production").write_text(PRODUCTION_BLOCK, encoding="utf-8")
    (folder / ".env.production").chmod(0o600)
    (folder / "hosts").write_text(NOBODY, encoding="utf-8")
    done = preflight(
        "--json",
        f"--hosts={folder / 'hosts'}",
        env_file=folder / ".env.production",
    )
    assert done.returncode == 1, done.stderr
    document: dict[str, Any] = json.loads(done.stdout)
    return document


def findings_of(document: dict[str, Any], key: str) -> str:
    (item,) = [item for item in document["items"] if item["key"] == key]
    return "\n".join(
        f"{f['state']}: {f['text']} -> {f['mend']}" for f in item["findings"]
    )


def test_checklist_has_the_sixteen_items_in_their_order(
    seed_block: dict[str, Any],
) -> None:
    assert [item["number"] for item in seed_block["items"]] == list(range(1, 17))
    assert [item["key"] for item in seed_block["items"]] == [i.key for i in ITEMS]
    assert seed_block["ready"] is False


MISSING = {
    "environment": ["JWT_SECRET is refused (K003)", "4 more variables are refused"],
    "credentials": ["DB_PASSWORD is refused (K004)", "REDIS_PASSWORD is refused"],
    "database-tls": ["DB_SSL_MODE needs attention (W005)", "verify-full"],
    "cors": ["API_HOSTS needs attention (W001)"],
    "midtrans": ["MIDTRANS_SERVER_KEY is refused", "MIDTRANS_CLIENT_KEY is refused"],
    "r2": ["R2_ACCESS_KEY_ID needs attention (W011)"],
    "dns": ["api.ks-backend.cloud: the name does not resolve"],
    "certificates": ["auth.ks-backend.cloud: the name does not resolve"],
    "zero-trust": ["CF_ACCESS_AUD needs attention (W010)"],
    "kratos": ["Kratos does not answer inside", "the web hook has no key"],
    "monitoring": ["METRICS_TOKEN is missing", "make secrets"],
    "backups": ["there is no report of a backup", "make backup"],
    "smoke": ["there is no report", "make smoke"],
    "loadtest": ["there is no report", "make loadtest"],
    "audit": ["there is no report", "make audit"],
}


@pytest.mark.parametrize("key", MISSING)
def test_production_block_as_asked_is_told_what_is_missing(
    seed_block: dict[str, Any], key: str
) -> None:
    told = findings_of(seed_block, key)
    assert [text for text in MISSING[key] if text not in told] == []


def test_items_that_the_block_settles_are_ok(seed_block: dict[str, Any]) -> None:
    good = [item["key"] for item in seed_block["items"] if item["state"] == "ok"]
    assert good == ["logs"]


def test_shop_itself_still_refuses_that_environment(tmp_path: Path) -> None:
    path = tmp_path / ".env.production"
    path.write_text(PRODUCTION_BLOCK, encoding="utf-8")
    for command in ("check", "migrate", "shell"):
        done = run_python(
            "manage.py",
            command,
            environment={"ENV_FILE": str(path), "APP_ENV": "production"},
        )
        assert done.returncode == 78, command


def test_the_file_wins_over_the_process(tmp_path: Path) -> None:
    path = tmp_path / "some.env"
    lines = [f"{name}={value}" for name, value in good_production().items()]
    path.write_text("\n".join([*lines, "RATE_LIMITS="]), encoding="utf-8")
    own = {
        "APP_ENV": "development",
        "RATE_LIMITS": "off",
        "JWT_SECRET_FILE": "/nowhere",
        "DJANGO_SETTINGS_MODULE": "karima.settings.dev",
    }
    done = run_python(
        "manage.py",
        "preflight",
        "--env-file",
        str(path),
        "--only=1,4,logs",
        environment=own,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "ready: 3 ok, 0 manual, 0 fail" in done.stdout


def test_missing_file_is_told(tmp_path: Path) -> None:
    done = preflight("--only=1", env_file=tmp_path / "nowhere")
    assert done.returncode == 1
    assert "ENV_FILE is refused" in done.stdout


def test_terminal_shows_columns_and_no_colors_in_a_pipe(tmp_path: Path) -> None:
    path = tmp_path / "some.env"
    path.write_text(PRODUCTION_BLOCK, encoding="utf-8")
    done = preflight("--only=environment", env_file=path)
    assert done.stdout.splitlines()[:3] == [
        "fail     1  Environment variables have production values",
        "            ! JWT_SECRET is refused (K003)",
        "              -> still holds the example's placeholder",
    ]
    assert "\x1b" not in done.stdout
    assert done.stderr == ""


@pytest.mark.parametrize("state", State)
def test_colors_are_for_a_terminal(state: State) -> None:
    assert report.colored(state, no_style()) == f"{state.value:<6}"
    assert "\x1b[" in report.colored(state, color_style(force_color=True))


def test_unknown_item_is_refused() -> None:
    with pytest.raises(CommandError, match="zero-trust"):
        call_command("preflight", "--only=everything")


def test_hosts_file_that_cannot_be_read_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="--hosts"):
        call_command("preflight", "--only=1", f"--hosts={tmp_path / 'nowhere'}")


def test_every_item_has_an_answer() -> None:
    settled = {"environment", "cors"}
    assert [i.key for i in ITEMS if not PROBES[i.key] and i.key not in settled] == []


# What the rules say, item by item.
FLIPS = [
    ("environment", "JWT_SECRET", ""),
    ("environment", "RATE_LIMITS", "off"),
    ("environment", "ALLOWED_HOSTS", "*"),
    ("credentials", "DB_PASSWORD", "lokal"),
    ("credentials", "REDIS_PASSWORD", ""),
    ("database-tls", "DB_SSL_MODE", "disable"),
    ("cors", "CORS_ORIGIN", "*"),
    ("cors", "STOREFRONT_URL", "http://karima.com"),
    ("midtrans", "MIDTRANS_IS_PRODUCTION", "false"),
    ("r2", "R2_BUCKET_NAME", "dev-testing"),
    ("zero-trust", "CF_ACCESS_AUD", "0123"),
    ("kratos", "KRATOS_PUBLIC_URL", "http://auth.ks-backend.cloud"),
]


def context_of(variables: dict[str, str]) -> Context:
    raw = source.collect(source.clean_all(variables))
    typed, problems = judge(raw)
    return production_context(environment=typed, problems=tuple(problems))


@pytest.mark.parametrize(("key", "name", "value"), FLIPS)
def test_refused_variable_fails_its_item(key: str, name: str, value: str) -> None:
    context = context_of(good_production() | {name: value})
    found = list(environment.findings(context, key))
    assert found[0].state == State.FAIL
    assert name in found[0].text
    (whole, *_) = environment.findings(context, "environment")
    assert whole.state == State.FAIL


@pytest.mark.parametrize("key", sorted({"environment", *environment.SOUND}))
def test_sound_environment_is_ok_in_every_item(key: str) -> None:
    assert states(environment.findings(production_context(), key)) == ["ok"]


def test_development_is_not_production() -> None:
    context = production_context(environment=from_mapping({}))
    (finding,) = environment.findings(context, "environment")
    assert finding.state == State.FAIL
    assert "development" in finding.text


@pytest.fixture
def lone_item(monkeypatch: pytest.MonkeyPatch) -> Iterator[items.Item]:
    """Give an item that no probe answers for yet."""
    item = ITEMS[-1]
    monkeypatch.setitem(PROBES, item.key, [])
    yield item


def test_item_is_as_good_as_its_worst_finding(lone_item: items.Item) -> None:
    for findings, state in (
        ([ok("a")], State.OK),
        ([ok("a"), manual("b", "c")], State.MANUAL),
        ([manual("b", "c"), fail("d", "e"), ok("a")], State.FAIL),
    ):
        assert Outcome(lone_item, tuple(findings)).state == state


def test_probe_that_breaks_fails_alone_and_tells_no_secret(
    lone_item: items.Item,
) -> None:
    def broken(context: Context) -> list[Finding]:
        raise ValueError("password=hunter2")

    items.add_probe(lone_item.key, broken)
    items.add_probe(lone_item.key, lambda context: [ok("fine")])
    (outcome,) = running.run(production_context(), [lone_item])
    assert [f.state for f in outcome.findings] == [State.FAIL, State.OK]
    assert "hunter2" not in repr(outcome)


def test_silent_probe_is_given_up(
    lone_item: items.Item, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(running, "DEADLINE_SECONDS", 0.2)
    release = threading.Event()

    def silent(context: Context) -> list[Finding]:
        release.wait(20)
        return [ok("too late")]

    items.add_probe(lone_item.key, silent)
    (outcome,) = running.run(production_context(), [lone_item])
    release.set()
    assert outcome.state == State.FAIL
    assert "no answer within" in outcome.findings[0].text


def test_secret_that_a_probe_lets_slip_is_hidden(
    lone_item: items.Item, monkeypatch: pytest.MonkeyPatch
) -> None:
    secret = good_production()["DB_PASSWORD"]
    clean = report.hide(f"tried {secret} twice", production_context().environment)
    assert clean == "tried [redacted] twice"


@pytest.mark.django_db
def test_exit_status_is_zero_when_nothing_fails(
    lone_item: items.Item, monkeypatch: pytest.MonkeyPatch
) -> None:
    items.add_probe(lone_item.key, lambda context: [manual("look", "yourself")])
    out = io.StringIO()
    call_command("preflight", f"--only={lone_item.key}", stdout=out)
    assert "ready: 0 ok, 1 manual, 0 fail" in out.getvalue()


def test_root_is_where_the_command_looks_for_kratos_files() -> None:
    from karima.management.commands import preflight as command  # noqa: PLC0415

    given = ROOT / "other.yml"
    assert command.kratos_config(given) == given
    assert command.kratos_config(None).name in ("kratos.private.yml", "kratos.prod.yml")
