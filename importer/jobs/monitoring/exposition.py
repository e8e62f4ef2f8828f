"""Answers Prometheus over HTTP, in threads of its own, so that no busy event loop delays it."""

from __future__ import annotations

import socket
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socketserver import TCPServer
from urllib.parse import urlsplit

from importer.core.errors import ConfigError
from importer.jobs.monitoring.figures import Figures
from importer.jobs.monitoring.metrics import Metrics, Samples, metrics_text

_HOST = "127.0.0.1"
_HINT = "Give a port, such as 9464, or an address and a port: 10.0.0.5:9464."


class Exposition:
    """The metrics of a process: the figures of running jobs, and the ends of jobs."""

    def __init__(self, running: Callable[[], Mapping[str, Figures]]) -> None:
        self._running = running
        self._ended: dict[str, Metrics] = {}
        self._lock = threading.Lock()
        self.hindered: Callable[[], Mapping[str, str]] = dict
        """Returns the kind of error of each job that cannot be run by this process."""
        self.is_ready: Callable[[], bool] = lambda: True
        """Returns whether the process can do its work now."""
        self.more: Callable[[], Samples] = dict
        """Returns more figures, which are not of one run: samples by name."""

    def ended(self, metrics: Metrics) -> None:
        """Show the end of a job, until it ends again."""
        with self._lock:
            self._ended[metrics.job] = metrics

    def text(self) -> str:
        """Return all figures in Prometheus' text format, without values of rows and keys."""
        with self._lock:
            ended = [self._ended[job] for job in sorted(self._ended)]
        return metrics_text(self._running(), ended, self.hindered(), self.more())


@contextmanager
def exposed(
    address: str, text: Callable[[], str], is_ready: Callable[[], bool] = lambda: True
) -> Iterator[str]:
    """
    Answer requests for `/metrics` with a text while the context lasts. Yields the URL.

    `/healthz` is answered with 200 as long as the process answers, and `/readyz` with 200 if it
    `is_ready`, else with 503.

    `address` is a port, of this computer alone, or an address and a port. Raises `ConfigError` if
    it is neither, or cannot be used.
    """
    host, port = _parsed(address)
    try:
        family, *_, place = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        server = _server(family, (str(place[0]), port), _handler(text, is_ready))
    except OSError as error:
        raise ConfigError(
            "--metrics %(path)s: cannot be used (%(fault)s)",
            path=address,
            fault=error.strerror,
            hint=_HINT,
        ) from error
    thread = threading.Thread(target=server.serve_forever, name="vorel-metrics", daemon=True)
    thread.start()
    try:
        named = f"[{host}]" if ":" in host else host
        yield f"http://{named}:{server.server_port}/metrics"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _parsed(address: str) -> tuple[str, int]:
    refused = ConfigError("--metrics %(path)s: it is not a port", path=address, hint=_HINT)
    try:
        parts = urlsplit(f"//{address}" if ":" in address else f"//{_HOST}:{address}")
        host, port = parts.hostname, parts.port
    except ValueError:
        raise refused from None
    if not host or port is None or parts.netloc.rpartition("]")[2].count(":") != 1:
        raise refused
    return host, port


def _server(
    family: int, place: tuple[str, int], handler: type[BaseHTTPRequestHandler]
) -> ThreadingHTTPServer:
    class Server(ThreadingHTTPServer):
        address_family = family

        def server_bind(self) -> None:
            """Bind without asking for this computer's name, which can take as long as DNS does."""
            TCPServer.server_bind(self)
            self.server_name, self.server_port = place[0], int(self.server_address[1])

        def handle_error(self, request: object, client_address: object) -> None:
            """Ignore clients that disconnect early; a traceback would be printed otherwise."""
            if not isinstance(sys.exception(), OSError):
                super().handle_error(request, client_address)  # type: ignore[arg-type]

    return Server(place, handler)


def _handler(text: Callable[[], str], is_ready: Callable[[], bool]) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        timeout = 10.0
        server_version, sys_version = "vorel-import", ""

        def do_GET(self) -> None:
            status = HTTPStatus.OK
            match self.path.partition("?")[0]:
                case "/metrics":
                    body = text().encode()
                case "/healthz":
                    body = b"ok\n"
                case "/readyz" if is_ready():
                    body = b"ok\n"
                case "/readyz":
                    body, status = b"the queue cannot be used\n", HTTPStatus.SERVICE_UNAVAILABLE
                case _:
                    self.send_error(HTTPStatus.NOT_FOUND)
                    return
            self.send_response(status)
            self.send_header("Content-Type", "text/plain; version=0.0.4; charset=utf-8")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Do not log requests."""

    return Handler
