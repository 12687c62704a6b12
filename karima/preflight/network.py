"""Names, connections and short HTTP requests, each within some seconds."""

import http.client
import json
import os
import socket
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

MAX_BODY_BYTES = 2 * 1024**2


@dataclass(frozen=True, slots=True)
class Answer:
    """What a server said. Names of headers are in lower case, values joined by LF."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> Any:
        """Return the body's JSON. Raises ValueError when it is none."""
        return json.loads(self.body)


@dataclass(frozen=True, slots=True, kw_only=True)
class Network:
    """How names become addresses: by the resolver, or by a map that stands for it.

    `ports` moves connections to other ports, for servers of this machine.
    """

    hosts: Mapping[str, str] = field(default_factory=dict)
    ports: Mapping[int, int] = field(default_factory=dict)
    timeout_seconds: float = 5.0

    def addresses(self, host: str) -> list[str]:
        """Return the addresses of a name. Raises OSError when it has none."""
        if self.hosts:
            if host not in self.hosts:
                raise socket.gaierror(socket.EAI_NONAME, "no such name")
            return [self.hosts[host]]
        found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
        return sorted({str(row[4][0]) for row in found})

    def connect(self, host: str, port: int) -> socket.socket:
        """Return a connection, or raise OSError within the time-out."""
        address = (self.hosts.get(host, host), self.ports.get(port, port))
        return socket.create_connection(address, timeout=self.timeout_seconds)

    def connect_securely(self, host: str, port: int = 443) -> ssl.SSLSocket:
        """Return a connection whose certificate is checked, or raise OSError."""
        plain = self.connect(host, port)
        try:
            return _trust().wrap_socket(plain, server_hostname=host)
        except OSError:
            plain.close()
            raise

    def get(
        self, url: str, headers: Mapping[str, str] | None = None, *, method: str = "GET"
    ) -> Answer:
        """Return the answer to one request; redirects are not followed.

        Raises OSError when there is no answer, a wrong certificate included.
        """
        parts = urlsplit(url)
        host = parts.hostname or ""
        is_secure = parts.scheme == "https"
        port = parts.port or (443 if is_secure else 80)
        open_socket = self.connect_securely if is_secure else self.connect
        connection = http.client.HTTPConnection(host, port)
        connection.sock = open_socket(host, port)
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        sent = {"Host": parts.netloc, "User-Agent": "karima-preflight"}
        try:
            connection.request(method, path, headers=sent | dict(headers or {}))
            response = connection.getresponse()
            return Answer(
                response.status, _headers(response), response.read(MAX_BODY_BYTES)
            )
        except http.client.HTTPException as error:
            raise OSError(f"no HTTP: {type(error).__name__}") from None
        finally:
            connection.close()


def reason(error: OSError) -> str:
    """Return why there was no answer, in words that hold no value of ours."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"certificate refused: {error.verify_message}"
    if isinstance(error, socket.gaierror):
        return "the name does not resolve"
    if isinstance(error, TimeoutError):
        return "no answer in time"
    if isinstance(error, ConnectionRefusedError):
        return "connection refused"
    return type(error).__name__


def read_hosts(path: Path) -> dict[str, str]:
    """Return the names of a file in the format of /etc/hosts. Raises OSError."""
    found = {}
    for line in path.read_text(encoding="utf-8").splitlines():
        address, *names = line.partition("#")[0].split() or [""]
        found.update(dict.fromkeys(names, address))
    return found


def _trust() -> ssl.SSLContext:
    """Return whom to trust: the system's CAs, or those of SSL_CERT_FILE."""
    return ssl.create_default_context(cafile=os.environ.get("SSL_CERT_FILE"))


def _headers(response: http.client.HTTPResponse) -> dict[str, str]:
    found: dict[str, str] = {}
    for name, value in response.getheaders():
        key = name.lower()
        found[key] = f"{found[key]}\n{value}" if key in found else value
    return found
