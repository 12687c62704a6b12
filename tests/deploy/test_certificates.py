"""The shop's own authority, and the way of a new certificate to the proxy."""

import os
import ssl
import stat
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from cryptography import x509

from tests.deploy.certificates import Authority
from tests.deploy.proxy import API, HOSTS, NGINX, ROOT, Proxy, run_proxy
from tests.deploy.upstream import Upstream

TLS = ROOT / "deploy/tls"

Installed = tuple[Proxy, Callable[[Path, Path], tuple[int, str]]]


def run(script: str, *arguments: object, **variables: object) -> tuple[int, str]:
    """Return the status and all that the script said."""
    environment = os.environ | {name: str(text) for name, text in variables.items()}
    done = subprocess.run(
        [TLS / script, *map(str, arguments)],
        env=environment,
        check=False,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    return done.returncode, done.stdout


def make(folder: Path, *arguments: str) -> tuple[int, str]:
    return run(
        "make-ca.sh",
        *arguments,
        TLS_FOLDER=folder / "private",
        TLS_CA_FOLDER=folder / "ca",
    )


def contents(folder: Path) -> dict[str, bytes]:
    files = [path for path in folder.rglob("*") if path.is_file()]
    return {str(path.relative_to(folder)): path.read_bytes() for path in files}


def load(path: Path) -> x509.Certificate:
    return x509.load_pem_x509_certificate(path.read_bytes())


def names_of(certificate: x509.Certificate) -> list[str]:
    extension = certificate.extensions.get_extension_for_class(
        x509.SubjectAlternativeName
    )
    return extension.value.get_values_for_type(x509.DNSName)


def test_authority_signs_for_the_names_of_the_engines(tmp_path: Path) -> None:
    status, _ = make(tmp_path)
    assert status == 0
    authority = load(tmp_path / "private/ca.pem")
    expected = {
        "postgres": ["postgres.ks-backend.cloud", "postgres", "db"],
        "redis": ["redis.ks-backend.cloud", "redis"],
    }
    for name, names in expected.items():
        certificate = load(tmp_path / f"private/{name}/{name}.pem")
        assert names_of(certificate) == names
        certificate.verify_directly_issued_by(authority)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(
            tmp_path / f"private/{name}/{name}.pem",
            tmp_path / f"private/{name}/{name}.key",
        )


def test_keys_are_for_their_owner_alone(tmp_path: Path) -> None:
    make(tmp_path, "proxy")
    keys = list(tmp_path.rglob("*.key"))
    assert len(keys) == 4
    assert {stat.S_IMODE(key.stat().st_mode) for key in keys} == {0o600}
    # Servers get the folder of certificates; the authority's key is not in it.
    assert not (tmp_path / "private/ca.key").exists()


def test_second_run_replaces_nothing(tmp_path: Path) -> None:
    make(tmp_path)
    before = contents(tmp_path)
    status, said = make(tmp_path)
    assert status == 0
    assert contents(tmp_path) == before
    assert "kept" in said


def test_lost_authority_is_not_made_anew_over_its_key(tmp_path: Path) -> None:
    make(tmp_path)
    (tmp_path / "private/ca.pem").unlink()
    before = contents(tmp_path)
    status, said = make(tmp_path)
    assert status == 1
    assert "Bring ca.pem back" in said
    assert contents(tmp_path) == before


def test_renewal_changes_the_pair_and_keeps_the_old_one(tmp_path: Path) -> None:
    make(tmp_path)
    before = contents(tmp_path / "private")
    status, _ = make(tmp_path, "renew", "postgres")
    after = contents(tmp_path / "private")
    assert status == 0
    assert after["postgres/postgres.pem"] != before["postgres/postgres.pem"]
    assert after["postgres/postgres.key"] != before["postgres/postgres.key"]
    assert after["redis/redis.pem"] == before["redis/redis.pem"]
    assert after["ca.pem"] == before["ca.pem"]
    kept = {name: text for name, text in after.items() if name.startswith("former/")}
    assert set(kept.values()) == {
        before["postgres/postgres.pem"],
        before["postgres/postgres.key"],
    }
    load(tmp_path / "private/postgres/postgres.pem").verify_directly_issued_by(
        load(tmp_path / "private/ca.pem")
    )


def test_renewal_without_the_authoritys_key_changes_nothing(tmp_path: Path) -> None:
    make(tmp_path)
    (tmp_path / "ca/ca.key").unlink()
    before = contents(tmp_path / "private")
    status, said = make(tmp_path, "renew", "redis")
    assert status == 1
    assert "ca.key is missing" in said
    after = contents(tmp_path / "private")
    assert {name: after[name] for name in before} == before


def test_unknown_name_is_refused(tmp_path: Path) -> None:
    make(tmp_path)
    assert make(tmp_path, "renew", "mailer")[0] == 64
    assert make(tmp_path, "nonsense")[0] == 64


def test_days_left_are_told(tmp_path: Path) -> None:
    make(tmp_path)
    folder = tmp_path / "private"
    status, said = run("check-expiry.sh", TLS_FOLDER=folder)
    assert status == 0
    assert f"ok   {folder}/postgres/postgres.pem: 36" in said
    status, said = run("check-expiry.sh", TLS_FOLDER=folder, TLS_WARN_DAYS=400)
    assert status == 1
    assert f"FAIL {folder}/redis/redis.pem" in said
    assert f"ok   {folder}/ca.pem" in said


def test_file_without_a_certificate_is_no_good_news(tmp_path: Path) -> None:
    (tmp_path / "empty.pem").write_bytes(b"")
    status, said = run("check-expiry.sh", tmp_path / "empty.pem")
    assert status == 1
    assert "no certificate can be read" in said


def test_days_left_are_asked_of_a_server(proxy: Proxy) -> None:
    place = f"localhost:{proxy.https_port}"
    status, said = run("check-expiry.sh", place)
    assert status == 1, "the proxy knows no host called localhost"
    assert f"FAIL {place}" in said


def serving(proxy: Proxy) -> x509.Certificate:
    connection = proxy.connect(API, _any_authority())
    connection.connect()
    data = connection.sock.getpeercert(binary_form=True)
    connection.close()
    return x509.load_der_x509_certificate(data)


def _any_authority() -> ssl.SSLContext:
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


@pytest.fixture
def installed(tmp_path: Path, backend: Upstream) -> Iterator[Installed]:
    """Give a proxy, and a function that installs a pair for it."""
    folder = tmp_path / "proxy"
    with run_proxy(folder, backend=backend.address, kratos=backend.address) as proxy:

        def install(certificate: Path, key: Path) -> tuple[int, str]:
            return run(
                "install-certificate.sh",
                certificate,
                key,
                PROXY_TLS=folder / "pair",
                PROXY_RELOAD=NGINX / "reload.sh",
                PROXY_FOLDER=folder,
            )

        yield proxy, install


def test_new_certificate_serves(installed: Installed, tmp_path: Path) -> None:
    proxy, install = installed
    new = proxy.authority.issue(tmp_path, "new", list(HOSTS))
    status, said = install(tmp_path / "new.crt", tmp_path / "new.key")
    assert status == 0, said
    proxy.wait_for_new_workers()
    assert serving(proxy) == new
    assert proxy.get(API, "/").status == 200


@pytest.mark.parametrize(
    ("hosts", "key", "reason"),
    [
        ([API], "new", "is not good for"),
        (list(HOSTS), "other", "does not belong"),
        (list(HOSTS), "missing", "is no private key"),
    ],
)
def test_wrong_pair_is_refused_and_nothing_changes(
    installed: Installed,
    tmp_path: Path,
    hosts: list[str],
    key: str,
    reason: str,
) -> None:
    proxy, install = installed
    authority = Authority.new("Another")
    authority.issue(tmp_path, "new", hosts)
    authority.issue(tmp_path, "other", hosts)
    before, shown = contents(proxy.folder / "pair"), serving(proxy)
    status, said = install(tmp_path / "new.crt", tmp_path / f"{key}.key")
    assert status == 1
    assert reason in said
    assert contents(proxy.folder / "pair") == before
    assert serving(proxy) == shown


def test_certificate_that_nginx_refuses_is_taken_back(
    installed: Installed,
    tmp_path: Path,
) -> None:
    proxy, install = installed
    proxy.authority.issue(tmp_path, "new", list(HOSTS))
    before = contents(proxy.folder / "pair")
    (proxy.folder / "conf.d/broken.conf").write_text("nonsense;", encoding="utf-8")
    status, said = install(tmp_path / "new.crt", tmp_path / "new.key")
    assert status == 1
    assert "the certificate from before serves" in said
    after = contents(proxy.folder / "pair")
    assert {name: after[name] for name in before} == before
