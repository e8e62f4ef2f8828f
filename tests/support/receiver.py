"""A receiver of pings and messages over real HTTP: it keeps what arrives, and answers as told."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread

__all__ = ["Arrived", "Receiver", "receiving"]


@dataclass(frozen=True)
class Arrived:
    """One request."""

    path: str
    content_type: str
    body: str

    @property
    def text(self) -> str:
        """The text of a message as Slack takes it."""
        assert self.content_type == "application/json"
        message = json.loads(self.body)
        assert message.keys() == {"text"}
        return str(message["text"])


@dataclass
class Receiver:
    """What has arrived. With `hangs` it answers when the test is over, and otherwise `status`."""

    url: str
    status: int = 200
    hangs: bool = False
    arrived: list[Arrived] = field(default_factory=list)
    is_over: Event = field(default_factory=Event)

    def take(self) -> list[Arrived]:
        """Return what has arrived since the last call."""
        taken, self.arrived[:] = list(self.arrived), []
        return taken


@contextmanager
def receiving() -> Iterator[Receiver]:
    """Run a receiver."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
            kind = self.headers.get("Content-Type", "")
            receiver.arrived.append(Arrived(self.path, kind, body))
            if receiver.hangs:
                receiver.is_over.wait()
            self.send_response(receiver.status)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its name there
            """Write nothing to the terminal."""

    class Server(ThreadingHTTPServer):
        daemon_threads = True
        block_on_close = False

        def handle_error(self, request: object, client_address: object) -> None:
            """Say nothing of a client that has given up."""

    with Server(("127.0.0.1", 0), Handler) as server:
        receiver = Receiver(f"http://127.0.0.1:{server.server_port}")
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        thread.start()
        try:
            yield receiver
        finally:
            receiver.is_over.set()
            server.shutdown()
            thread.join()
