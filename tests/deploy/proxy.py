"""Run the real nginx with the configuration of deploy/nginx, and speak to it."""

import http.client
import os
import random
import signal
import socket
import ssl
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests.deploy.certificates import Authority

ROOT = Path(__file__).resolve().parents[2]
NGINX = ROOT / "deploy/nginx"

API = "api.ks-backend.cloud"
SECOND_API = "api.karima.com"
ADMIN = "admin.ks-backend.cloud"
AUTH = "auth.ks-backend.cloud"
HOSTS = (API, SECOND_API, ADMIN, AUTH)
STOREFRONT = "https://karima.com"

TRIES = 8
PATIENCE_SECONDS = 10


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back. `headers` keeps repeated ones."""

    status: int
    headers: http.client.HTTPMessage
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode()


@dataclass(slots=True)
class Proxy:
    """A running nginx in `folder`, which trusts `authority`'s certificate."""

    folder: Path
    authority: Authority
    https_port: int
    http_port: int
    local_port: int
    environment: dict[str, str]
    process: subprocess.Popen[bytes] = field(init=False)
    first_workers: set[int] = field(init=False)

    def context(self) -> ssl.SSLContext:
        """Return what a client needs to trust the proxy."""
        context = ssl.create_default_context()
        context.load_verify_locations(self.folder / "authority.pem")
        return context

    def connect(
        self, host: str, context: ssl.SSLContext | None = None
    ) -> http.client.HTTPSConnection:
        """Return a connection to the proxy that asks for the host by SNI."""
        return _Connection(host, self.https_port, context or self.context())

    def request(
        self,
        method: str,
        host: str,
        path: str,
        *,
        headers: Mapping[str, str] | None = None,
        body: bytes | None = None,
    ) -> Answer:
        """Send one request on a connection of its own."""
        connection = self.connect(host)
        try:
            connection.request(method, path, body, {"Host": host} | dict(headers or {}))
            return answer_of(connection)
        finally:
            connection.close()

    def get(self, host: str, path: str, **headers: str) -> Answer:
        """GET with headers whose underscores stand for hyphens."""
        named = {name.replace("_", "-"): text for name, text in headers.items()}
        return self.request("GET", host, path, headers=named)

    def plain_connection(self, port: int) -> http.client.HTTPConnection:
        """Return a connection without TLS to one of the ports."""
        return http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE_SECONDS)

    def plain(self, host: str, path: str) -> Answer:
        """GET over plain http."""
        return _plain(self.http_port, host, path)

    def local(self, path: str) -> Answer:
        """GET from the side that only the machine itself sees."""
        return _plain(self.local_port, "127.0.0.1", path)

    def test(self) -> subprocess.CompletedProcess[str]:
        """Run `nginx -t`."""
        return self._nginx("-t")

    def reload(self) -> None:
        """Have nginx read its files again, as a release does."""
        done = self._nginx("-s", "reload")
        assert done.returncode == 0, done.stderr

    def reload_and_wait(self) -> None:
        """Reload, and wait until the workers from before are gone."""
        before = self._workers()
        self.reload()
        self._wait_until_gone(before)

    def wait_for_new_workers(self) -> None:
        """Wait until those who served before a reload are gone."""
        self._wait_until_gone(self.first_workers)

    def _wait_until_gone(self, before: set[int]) -> None:
        deadline = time.monotonic() + PATIENCE_SECONDS
        while before & self._workers():
            assert time.monotonic() < deadline, "the old workers do not leave"
            time.sleep(0.01)

    def _workers(self) -> set[int]:
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children")
        return {int(word) for word in children.read_text(encoding="ascii").split()}

    def access_log(self) -> str:
        return (self.folder / "log/access.log").read_text(encoding="utf-8")

    def command(self) -> list[str]:
        return ["nginx", "-p", f"{self.folder}/", "-c", f"{self.folder}/nginx.conf"]

    def _nginx(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*self.command(), *arguments],
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
        )


class _Connection(http.client.HTTPSConnection):
    """Connects to this machine, whatever the host's name."""

    def __init__(self, host: str, port: int, context: ssl.SSLContext) -> None:
        super().__init__(host, port, timeout=PATIENCE_SECONDS, context=context)
        self.secure = context

    def connect(self) -> None:
        bare = socket.create_connection(("127.0.0.1", self.port), self.timeout)
        self.sock = self.secure.wrap_socket(bare, server_hostname=self.host)


def answer_of(connection: http.client.HTTPConnection) -> Answer:
    """Read the whole answer of the last request."""
    response = connection.getresponse()
    return Answer(response.status, response.msg, response.read())


def _plain(port: int, host: str, path: str) -> Answer:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE_SECONDS)
    try:
        connection.request("GET", path, headers={"Host": host})
        return answer_of(connection)
    finally:
        connection.close()


def search_path() -> str:
    """Return a PATH on which nginx is found; Debian keeps it where only root looks."""
    return os.environ["PATH"] + ":/usr/sbin"


def render(folder: Path, variables: Mapping[str, str]) -> dict[str, str]:
    """Render the configuration into the folder, and return the environment used."""
    environment = {"PATH": search_path(), "LC_ALL": "C.UTF-8", "TZ": "WIB-7"} | dict(
        variables
    )
    subprocess.run(
        [NGINX / "render.sh", folder],
        env=environment,
        check=True,
        capture_output=True,
        text=True,
    )
    return environment


@contextmanager
def run_proxy(
    folder: Path, *, backend: str, kratos: str, **variables: str
) -> Iterator[Proxy]:
    """Run nginx in front of the two for the length of a `with` block."""
    authority = Authority.new("Authority of the tests")
    tls = folder / "pair"
    tls.mkdir(parents=True)
    authority.write(folder / "authority.pem")
    authority.issue(tls, "proxy", list(HOSTS))
    # For those who ask for origin pulls: they replace it with their own.
    authority.write(tls / "origin-pull-ca.pem")
    settings = {
        "API_HOSTS": f"{API},{SECOND_API}",
        "ADMIN_HOSTS": ADMIN,
        "AUTH_HOSTS": AUTH,
        "CORS_ORIGIN": STOREFRONT,
        "PROXY_TLS": str(tls),
        "PROXY_BACKEND": backend,
        "PROXY_KRATOS": kratos,
        # The tests' clients play Cloudflare.
        "PROXY_TRUSTED_PEERS": "127.0.0.1",
    } | variables
    for _ in range(TRIES):
        proxy = _started(folder, authority, settings)
        if proxy is not None:
            break
    else:
        log = (folder / "log/error.log").read_text(encoding="utf-8")
        raise AssertionError(f"nginx does not start: {log}")
    try:
        yield proxy
    finally:
        proxy.process.send_signal(signal.SIGTERM)
        proxy.process.wait(PATIENCE_SECONDS)


def _started(
    folder: Path, authority: Authority, settings: Mapping[str, str]
) -> Proxy | None:
    """Return the running proxy, or None when somebody took one of its ports."""
    https_port, http_port, local_port = _free_ports(3)
    variables = {
        **settings,
        "PROXY_HTTPS_LISTEN": f"127.0.0.1:{https_port}",
        "PROXY_HTTP_LISTEN": f"127.0.0.1:{http_port}",
        "PROXY_LOCAL_LISTEN": f"127.0.0.1:{local_port}",
        "PROXY_PORT_SUFFIX": f":{https_port}",
    }
    environment = render(folder, variables)
    proxy = Proxy(folder, authority, https_port, http_port, local_port, environment)
    proxy.process = subprocess.Popen(
        [*proxy.command(), "-g", "daemon off;"], env=environment
    )
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline and proxy.process.poll() is None:
        try:
            proxy.local("/proxy/health")
        except OSError:
            time.sleep(0.01)
        else:
            proxy.first_workers = proxy._workers()
            return proxy
    proxy.process.kill()
    proxy.process.wait()
    return None


def _free_ports(count: int) -> list[int]:
    """Return ports below those that the kernel gives to clients."""
    found: list[int] = []
    while len(found) < count:
        port = random.SystemRandom().randrange(20_000, 32_000)
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            if port not in found and probe.connect_ex(("127.0.0.1", port)) != 0:
                found.append(port)
    return found
