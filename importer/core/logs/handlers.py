"""Writes log lines to a file and to standard error, as text or as JSON."""

from __future__ import annotations

import json
import logging
import platform
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from datetime import UTC, datetime
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import Literal, TextIO

from importer.core.errors import ConfigError
from importer.core.logs.event_log import FIELDS, LOGGER
from importer.core.shared import one_line

LogFormat = Literal["text", "json"]

_FILE_BYTES = 10 * 1024 * 1024
_FILES_KEPT = 5


_SCOPE: ContextVar[object] = ContextVar("importer log scope", default=None)
"""The run that logs: its lines go to its own handlers, also if others run at the same time."""

_open_scopes: list[object] = []


@contextmanager
def logged(
    *,
    path: Path | None,
    log_format: LogFormat,
    job: str | None,
    console: TextIO | None,
    level: int = logging.INFO,
    on_failure: Callable[[str], None],
) -> Iterator[None]:
    """
    Write log records of this context to a file, and to `console` from this `level` on.

    Tasks and threads of anyio that are started in the context belong to it. Each line of JSON names
    the `job`. If the file cannot be written any more, `on_failure` is called once, and logging
    continues. Raises `ConfigError` if the file cannot be opened.
    """
    scope = object()
    handlers: list[logging.Handler] = []
    if path is not None:
        handlers.append(_open(path, on_failure))
    if console is not None:
        handlers.append(_Console(console))
        handlers[-1].setLevel(level)
    for handler in handlers:
        handler.setFormatter(_JsonLines(job) if log_format == "json" else _TextLines())
        handler.addFilter(lambda _: _SCOPE.get() is scope)
        LOGGER.addHandler(handler)
    _open_scopes.append(scope)
    LOGGER.setLevel(logging.INFO)
    token = _SCOPE.set(scope)
    try:
        yield
    finally:
        _SCOPE.reset(token)
        _open_scopes.remove(scope)
        if not _open_scopes:
            LOGGER.setLevel(logging.NOTSET)
        for handler in handlers:
            LOGGER.removeHandler(handler)
            with suppress(OSError):  # a full disk; that was told before
                handler.close()


def _open(path: Path, on_failure: Callable[[str], None]) -> logging.Handler:
    try:
        return _LogFile(path, on_failure)
    except OSError as error:
        raise ConfigError(
            "--log-file %(path)s: %(fault)s", path=path, fault=error.strerror
        ) from error


class _LogFile(RotatingFileHandler):
    """A log file that is renamed when it is full; five older ones are kept."""

    def __init__(self, path: Path, on_failure: Callable[[str], None]) -> None:
        super().__init__(
            path,
            maxBytes=_FILE_BYTES,
            backupCount=_FILES_KEPT,
            encoding="utf-8",
            errors="backslashreplace",
        )
        self._path = path
        self._on_failure: Callable[[str], None] | None = on_failure

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 - logging's name
        """Report once that the file cannot be written, since a log must not end a run."""
        del record
        error, tell, self._on_failure = sys.exception(), self._on_failure, None
        if tell is not None:
            reason = error.strerror if isinstance(error, OSError) else type(error).__name__
            tell(f"--log-file {self._path}: cannot be written ({reason})")


class _Console(logging.StreamHandler[TextIO]):
    """Standard error. If it cannot be written, the run goes on."""

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 - logging's name
        """Ignore that a line cannot be written."""


def _time_of(record: logging.LogRecord) -> str:
    return datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")


class _TextLines(logging.Formatter):
    """Lines for people: the time, and what happened."""

    def format(self, record: logging.LogRecord) -> str:
        """Return one line."""
        return f"{_time_of(record)} {one_line(record.getMessage())}"


class _JsonLines(logging.Formatter):
    """One JSON object a line, in ASCII, with the fields of `FIELDS` that are set."""

    def __init__(self, job: str | None) -> None:
        super().__init__()
        self._job = job
        self._host = platform.node()

    def format(self, record: logging.LogRecord) -> str:
        """Return one line."""
        found = {name: getattr(record, name, None) for name in FIELDS}
        fields = {
            "at": _time_of(record).replace("+00:00", "Z"),
            "level": record.levelname.lower(),
            "event": found.pop("event"),
            "run": found.pop("run"),
            "job": found.pop("job") or self._job,
            "host": self._host,
            "message": found.pop("told"),
            **found,
        }
        return json.dumps({name: one for name, one in fields.items() if one is not None})
