"""The list of who may say who the client is."""

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest

from tests.deploy.proxy import NGINX
from tests.deploy.upstream import Reply, Seen, Upstream

FOUR = [f"173.245.{n}.0/24" for n in range(12)]
SIX = ["2400:cb00::/32", "2606:4700::/32"]
OLD = "set_real_ip_from 173.245.48.0/20;\n"


@pytest.fixture(scope="module")
def script() -> ModuleType:
    spec = importlib.util.spec_from_file_location(
        "refresh_cloudflare", NGINX / "refresh_cloudflare.py"
    )
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def file(tmp_path: Path) -> Path:
    file = tmp_path / "cloudflare.conf"
    file.write_text(OLD, encoding="ascii")
    return file


def lists(backend: Upstream, four: list[str], six: list[str]) -> tuple[str, str]:
    """Publish the two lists and return where."""

    def publish(seen: Seen) -> Reply:
        lines = four if seen.path == "/ips-v4" else six
        return Reply(body="\n".join(lines).encode())

    backend.answering = publish
    return f"http://{backend.address}/ips-v4", f"http://{backend.address}/ips-v6"


def test_versioned_file_passes_its_own_checks(script: ModuleType) -> None:
    text = (NGINX / "snippets/cloudflare.conf").read_text("ascii")
    rows = [line for line in text.splitlines() if not line.startswith("#")]
    networks = [row.removeprefix("set_real_ip_from ").rstrip(";") for row in rows]
    assert script.written(script.checked(["\n".join(networks)])) == text
    assert len(networks) == 22


def test_new_list_is_written_and_the_command_runs(
    script: ModuleType, backend: Upstream, file: Path
) -> None:
    urls = lists(backend, FOUR, SIX)
    done = file.parent / "done"
    assert script.main(["--then", f"touch {done}"], urls, file) == 0
    expected = [f"set_real_ip_from {network};" for network in FOUR + SIX]
    assert file.read_text("ascii").splitlines()[2:] == expected
    assert done.exists()
    done.unlink()
    assert script.main(["--then", f"touch {done}"], urls, file) == 0
    assert not done.exists()


def test_check_writes_nothing(
    script: ModuleType, backend: Upstream, file: Path
) -> None:
    assert script.main(["--check"], lists(backend, FOUR, SIX), file) == 1
    assert file.read_text("ascii") == OLD


@pytest.mark.parametrize(
    ("published", "reason"),
    [
        ((FOUR[:3], SIX), "plausible"),
        (([f"173.{n}.0.0/24" for n in range(70)], SIX), "plausible"),
        (([*FOUR, "0.0.0.0/0"], SIX), "wider than"),
        (([*FOUR, "160.0.0.0/7"], SIX), "wider than"),
        ((FOUR, [*SIX, "::/0"]), "wider than"),
        (([*FOUR, "10.0.0.0/8"], SIX), "not on the Internet"),
        (([*FOUR, "173.245.48.1/20"], SIX), "is no network"),
        (([*FOUR, "<html>"], SIX), "is no network"),
        (([*FOUR, "1.2.3.0/24;", "}"], SIX), "is no network"),
        (([*FOUR, FOUR[0]], SIX), "twice"),
        ((FOUR, []), "empty"),
    ],
)
def test_list_that_does_not_look_right_changes_nothing(
    script: ModuleType,
    backend: Upstream,
    file: Path,
    capsys: pytest.CaptureFixture[str],
    published: tuple[list[str], list[str]],
    reason: str,
) -> None:
    assert script.main([], lists(backend, *published), file) == 1
    assert reason in capsys.readouterr().err
    assert file.read_text("ascii") == OLD


def test_list_that_cannot_be_fetched_changes_nothing(
    script: ModuleType, backend: Upstream, file: Path
) -> None:
    urls = lists(backend, FOUR, SIX)
    backend.answering = lambda seen: Reply(503)
    assert script.main([], urls, file) == 1
    assert script.main([], ("http://127.0.0.1:9/",), file) == 1
    assert file.read_text("ascii") == OLD


def test_list_that_nginx_refuses_is_taken_back(
    script: ModuleType, backend: Upstream, file: Path
) -> None:
    assert script.main(["--then", "false"], lists(backend, FOUR, SIX), file) == 1
    assert file.read_text("ascii") == OLD
