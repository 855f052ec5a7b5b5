"""A relay between a browser and a server that counts bytes as they are sent."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit


class Relay:
    """Passes bytes on, and counts those that reach the browser."""

    def __init__(self, host: str, port: int) -> None:
        self.there = (host, port)
        self.received = 0
        self.lock = threading.Lock()
        self.listening = socket.create_server(("127.0.0.1", 0))
        self.port = self.listening.getsockname()[1]

    def run(self) -> None:
        """Take connections until closed."""
        while True:
            try:
                near, _ = self.listening.accept()
            except OSError:
                return
            far = socket.create_connection(self.there)
            for one, other, counts in ((near, far, False), (far, near, True)):
                threading.Thread(
                    target=self.pass_on, args=(one, other, counts), daemon=True
                ).start()

    def pass_on(self, one: socket.socket, other: socket.socket, counts: bool) -> None:
        """Pass on what comes in one direction."""
        with contextlib.suppress(OSError):
            while part := one.recv(65536):
                other.sendall(part)
                if counts:
                    with self.lock:
                        self.received += len(part)
        for end in (one, other):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)


@contextmanager
def relayed(address: str) -> Iterator[tuple[str, Relay]]:
    """Yield another address for the same server, and what counts there."""
    parts = urlsplit(address)
    relay = Relay(parts.hostname or "", parts.port or 80)
    thread = threading.Thread(target=relay.run, daemon=True)
    thread.start()
    try:
        yield parts._replace(netloc=f"127.0.0.1:{relay.port}").geturl(), relay
    finally:
        relay.listening.shutdown(socket.SHUT_RDWR)
        relay.listening.close()
