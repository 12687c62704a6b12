"""Generated secrets: complete, the same in both places, and nothing is overwritten."""

import re
import shutil
import stat
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

from deploy import make_secrets
from karima.env import rules, source
from tests.karima.processes import ROOT

HOSTILE = "p@ss:/w%41#x"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Give a checkout with the examples and nothing filled in."""
    for example in ROOT.glob(".env.*.example"):
        shutil.copy(example, tmp_path / example.name)
    (tmp_path / "deploy/kratos").mkdir(parents=True)
    shutil.copy(
        ROOT / make_secrets.KRATOS_ORIGINAL, tmp_path / make_secrets.KRATOS_ORIGINAL
    )
    return tmp_path


def values(path: Path) -> dict[str, str]:
    lines = path.read_text(encoding="utf-8").splitlines()
    pairs = (line.split("=", 1) for line in lines if re.match(r"[A-Z]", line))
    return {name: source.clean(value) for name, value in pairs}


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_fresh_checkout_gets_strong_secrets(folder: Path) -> None:
    make_secrets.main(folder)
    production, kratos = (
        values(folder / ".env.production"),
        values(folder / ".env.kratos"),
    )
    assert not rules.is_weak(production["JWT_SECRET"])
    assert not rules.is_weak(production["KRATOS_WEBHOOK_KEY"])
    assert min(len(production[f"{n}_PASSWORD"]) for n in ("DB", "REDIS")) >= 32
    assert len(production["METRICS_TOKEN"]) >= 32
    ciphers = {kratos[f"SECRETS_{n}"] for n in ("DEFAULT", "COOKIE", "CIPHER")}
    assert [len(secret) for secret in ciphers] == [32, 32, 32]
    assert "<" not in kratos["DSN"]


def test_files_are_for_their_owner_alone(folder: Path) -> None:
    (folder / ".env.production").write_text("APP_ENV=production\n", encoding="utf-8")
    (folder / ".env.production").chmod(0o644)
    make_secrets.main(folder)
    for name in (".env.production", ".env.kratos"):
        assert mode(folder / name) == 0o600
    assert mode(folder / make_secrets.KRATOS_PRIVATE) in (0o400, 0o600)


def test_what_is_set_stays(folder: Path) -> None:
    own = f"JWT_SECRET=mine-and-weak\nDB_PASSWORD='{HOSTILE} # x'\n# a note\nMINE=1\n"
    (folder / ".env.production").write_text(own, encoding="utf-8")
    make_secrets.main(folder)
    after = (folder / ".env.production").read_text(encoding="utf-8")
    assert after.startswith(own)
    assert values(folder / ".env.production")["DB_PASSWORD"] == f"{HOSTILE} # x"


def test_second_time_changes_nothing(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    make_secrets.main(folder)
    before = {p.name: p.read_bytes() for p in folder.iterdir() if p.is_file()}
    capsys.readouterr()
    make_secrets.main(folder)
    assert {p.name: p.read_bytes() for p in folder.iterdir() if p.is_file()} == before
    assert "Generated: 0" in capsys.readouterr().out


def test_no_secret_is_printed_and_the_rest_is_named(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    make_secrets.main(folder)
    told = capsys.readouterr().out
    made = [*values(folder / ".env.production").values()]
    assert [v for v in made if len(v) >= 32 and v in told and "://" not in v] == []
    assert ".env.production: MIDTRANS_SERVER_KEY\n" in told
    assert ".env.production: CF_ACCESS_AUD (optional)" in told
    # An address in angle brackets is no placeholder.
    assert "EMAIL_FROM" not in told
    assert ".env.kratos: COURIER_SMTP_CONNECTION_URI" in told
    assert ".env.production: JWT_SECRET\n" in told.partition("To fill in")[0]


def test_password_of_kratos_is_percent_encoded_in_the_dsn(folder: Path) -> None:
    postgres = folder / ".env.postgres"
    example = postgres.with_name(".env.postgres.example")
    example.write_text("KRATOS_DB_PASSWORD=<strong-password>\n", encoding="utf-8")
    postgres.write_text(f'KRATOS_DB_PASSWORD="{HOSTILE}"\n', encoding="utf-8")
    make_secrets.main(folder)
    dsn = urlsplit(values(folder / ".env.kratos")["DSN"])
    assert unquote(dsn.password or "") == HOSTILE
    assert (dsn.username, dsn.path) == ("kratos", "/kratos")
    assert dsn.hostname == "postgres.ks-backend.cloud"


def test_password_in_the_dsn_goes_to_the_database_in_clear(folder: Path) -> None:
    example = folder / ".env.postgres.example"
    example.write_text("KRATOS_DB_PASSWORD=<strong-password>\n", encoding="utf-8")
    text = (folder / ".env.kratos.example").read_text(encoding="utf-8")
    encoded = "p%40ss%3A%2Fw%2541%23x"
    (folder / ".env.kratos").write_text(
        text.replace("<password>@postgres", f"{encoded}@postgres"), encoding="utf-8"
    )
    make_secrets.main(folder)
    assert values(folder / ".env.postgres")["KRATOS_DB_PASSWORD"] == HOSTILE


def test_passwords_that_should_agree_and_do_not_are_told(folder: Path) -> None:
    example = folder / ".env.redis.example"
    example.write_text("REDIS_PASSWORD=<strong-password>\n", encoding="utf-8")
    (folder / ".env.redis").write_text("REDIS_PASSWORD=one\n", encoding="utf-8")
    (folder / ".env.production").write_text("REDIS_PASSWORD=two\n", encoding="utf-8")
    with pytest.raises(SystemExit, match="REDIS_PASSWORD"):
        make_secrets.main(folder)
    assert not (folder / ".env.kratos").exists()


def test_copy_of_kratos_file_has_the_key_and_is_kept(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    make_secrets.main(folder)
    private = folder / make_secrets.KRATOS_PRIVATE
    key = values(folder / ".env.production")["KRATOS_WEBHOOK_KEY"]
    assert f"Bearer {key}" in private.read_text(encoding="utf-8")
    private.chmod(0o600)
    private.write_text("mine", encoding="utf-8")
    make_secrets.main(folder)
    assert private.read_text(encoding="utf-8") == "mine"
    assert "compare" in capsys.readouterr().out
