"""A mail server over real SMTP: it keeps what arrives, and asks for a password if told to."""

from __future__ import annotations

import base64
import email
import email.policy
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import EmailMessage
from socketserver import StreamRequestHandler, ThreadingTCPServer
from threading import Thread

__all__ = ["Mailbox", "serving_mail"]


@dataclass
class Mailbox:
    """What has arrived. With a `password`, only a login as `vorel` with it may send."""

    port: int
    password: str | None = None
    refuses: bool = False
    mails: list[EmailMessage] = field(default_factory=list)
    to: list[str] = field(default_factory=list)


@contextmanager
def serving_mail(password: str | None = None) -> Iterator[Mailbox]:
    """Run a mail server on this computer."""

    class Handler(StreamRequestHandler):
        def handle(self) -> None:
            self._say("220 here")
            is_known = box.password is None
            for line in self.rfile:
                word, _, rest = line.decode().strip().partition(" ")
                match word.upper():
                    case "EHLO":
                        self._say("250-here\r\n250 AUTH PLAIN")
                    case "AUTH":
                        said = base64.b64decode(rest.partition(" ")[2]).decode()
                        is_known = said == f"\0vorel\0{box.password}"
                        self._say("235 yes" if is_known else "535 no")
                    case "MAIL" if not is_known:
                        self._say("530 log in first")
                    case "RCPT" if box.refuses:
                        self._say("550 nobody")
                    case "RCPT":
                        box.to.append(rest.partition(":")[2].strip("<>"))
                        self._say("250 yes")
                    case "DATA":
                        self._say("354 go on")
                        self._keep()
                        self._say("250 kept")
                    case "QUIT":
                        self._say("221 bye")
                        return
                    case _:
                        self._say("250 yes")

        def _keep(self) -> None:
            lines = iter(self.rfile.readline, b".\r\n")
            text = b"".join(line.removeprefix(b".") for line in lines)
            box.mails.append(email.message_from_bytes(text, policy=email.policy.default))

        def _say(self, text: str) -> None:
            self.wfile.write(f"{text}\r\n".encode())

    class Server(ThreadingTCPServer):
        daemon_threads = True

    with Server(("127.0.0.1", 0), Handler) as server:
        box = Mailbox(server.server_address[1], password)
        thread = Thread(target=server.serve_forever, args=(0.05,), daemon=True)
        thread.start()
        try:
            yield box
        finally:
            server.shutdown()
            thread.join()
