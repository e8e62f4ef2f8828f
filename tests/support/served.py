"""A real web server with lists, which keeps what was asked of it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

__all__ = ["LIST", "SECRET", "Server", "serving"]

LIST = b"Id,Name,Mail\n1,Ada,ada@example.com\n2,Bo,bo@example.com\n"
SECRET = "hunter2"


class Server(ThreadingHTTPServer):
    """Serves files, and keeps what was asked of it."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.files = {"/people.csv": LIST, "/2026-11-02/a b.csv": LIST}
        self.asked: list[tuple[str, str | None]] = []

    def url(self, path: str, user: str = "") -> str:
        return f"http://{user}127.0.0.1:{self.server_port}{path}"


class _Handler(BaseHTTPRequestHandler):
    server: Server

    def do_GET(self) -> None:
        self.server.asked.append((self.path, self.headers["Authorization"]))
        path = self.path.partition("?")[0].replace("%20", " ")
        if path == "/elsewhere":
            self.send_response(302)
            self.send_header("Location", "http://192.0.2.1/people.csv")
            self.end_headers()
            return
        if path == "/ftp":
            self.send_response(302)
            self.send_header("Location", f"ftp://ann:{SECRET}@127.0.0.1:1/people.csv")
            self.end_headers()
            return
        if path == "/part":
            self.send_response(206)
            self.end_headers()
            self.wfile.write(LIST[:20])
            return
        body = self.server.files.get(path.removeprefix("/cut"))
        if body is None:
            self.send_error(404, SECRET)
            return
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body[:20] if path.startswith("/cut") else body)

    def log_message(self, *_: object) -> None: ...


@contextmanager
def serving() -> Iterator[Server]:
    """Yield a server that is at work."""
    server = Server()
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
