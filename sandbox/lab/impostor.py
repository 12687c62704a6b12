"""A server with any certificate that claims to be PostgreSQL, to hear a password."""

import contextlib
import socket
import ssl
import struct
import threading
from collections.abc import Iterator
from pathlib import Path

TLS_YES = b"S"
ASK_IN_CLEAR = b"R" + struct.pack("!ii", 8, 3)
PASSWORD_MESSAGE = b"p"


class Impostor:
    """Listens on `port`; `heard` is what clients sent after it asked in clear."""

    def __init__(self, certificate: Path, key: Path) -> None:
        self.heard: list[bytes] = []
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._context.load_cert_chain(certificate, key)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def _serve(self) -> None:
        while True:
            try:
                plain, _ = self._listener.accept()
            except OSError:
                return
            with plain, contextlib.suppress(OSError):
                plain.settimeout(5)
                self._meet(plain)

    def _meet(self, plain: socket.socket) -> None:
        plain.recv(8)  # SSLRequest
        plain.sendall(TLS_YES)
        with self._context.wrap_socket(plain, server_side=True) as talk:
            talk.recv(4096)  # StartupMessage
            talk.sendall(ASK_IN_CLEAR)
            self.heard.append(talk.recv(4096))

    def close(self) -> None:
        # Wakes the thread that waits in `accept`.
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join(10)


@contextlib.contextmanager
def impostor(certificate: Path, key: Path) -> Iterator[Impostor]:
    server = Impostor(certificate, key)
    try:
        yield server
    finally:
        server.close()
