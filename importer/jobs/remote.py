"""Fetches lists that are elsewhere: over HTTP, by plugins, or from what fsspec knows (S3, …)."""

from __future__ import annotations

import base64
import errno
import logging
import os
import re
import shutil
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from datetime import datetime
from email.message import Message
from pathlib import Path
from typing import IO, Any, BinaryIO
from urllib.error import HTTPError, URLError
from urllib.parse import SplitResult, unquote, urlsplit, urlunsplit
from urllib.request import HTTPRedirectHandler, Request, build_opener

from importer.core.addresses import is_remote, name_of, shown
from importer.core.errors import ConfigError, SourceError, UsageError
from importer.core.plugins import SOURCES, Plugin, plugin_of
from importer.core.shared import LOOPBACK
from importer.core.systems import OPEN_FLAGS
from importer.core.systems.packages import install_command
from importer.reader.program_rows import write_rows
from importer.reader.spool import spool_folder

_WEB = {"http", "https"}
_AGAIN = "Nothing was sent. Check the address and its credentials, then run again."
_DATE = re.compile(r"%(?![0-9A-Fa-f]{2})[A-Za-z]")


def dated(source: str, now: datetime) -> str:
    """
    Return an address with the day put in for `%Y-%m-%d` and the like, but not for `%20`.

    >>> dated("https://example.com/my%20lists/%Y-%m-%d.csv", datetime(2026, 11, 2))
    'https://example.com/my%20lists/2026-11-02.csv'
    """
    return _DATE.sub(lambda found: now.strftime(found[0]), source)


@contextmanager
def fetched(sources: Sequence[str]) -> Iterator[tuple[str, ...]]:
    """
    Yield files for all sources: those that are elsewhere are copied to a temporary folder.

    Nobody else can read the copies, and they are removed at the end. Raises `SourceError` if one
    cannot be fetched as a whole, with nothing of an address that could be a secret.
    """
    with ExitStack() as stack:
        spool = stack.enter_context(spool_folder()) if any(map(is_remote, sources)) else Path()
        found = []
        for number, source in enumerate(sources):
            if is_remote(source):
                folder = spool / str(number)
                folder.mkdir(mode=0o700)
                found.append(str(_fetch(source.strip(), folder)))
            else:
                found.append(source)
        yield tuple(found)


def _fetch(source: str, folder: Path) -> Path:
    """Copy what is at an address to a file in a folder."""
    path = folder / name_of(source)
    is_web = source.partition("://")[0].lower() in _WEB
    if (plugin := plugin_of(SOURCES, source)) is not None:
        return _fetch_with_plugin(plugin, source, path.with_name(f"{path.name}.jsonl"))
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | OPEN_FLAGS
    try:
        with os.fdopen(os.open(path, flags, 0o600), "wb") as copy:
            if is_web:
                fetch(source, copy)
            else:
                _fetch_with_fsspec(source, copy)
    except (ConfigError, SourceError):
        raise
    except Exception as error:  # noqa: BLE001 - each library has errors of its own
        # The words of a library may quote the address, or whatever a server has said.
        raise SourceError(
            "%(path)s: it cannot be fetched (%(text)s)",
            path=shown(source),
            text=reason_of(error),
            hint=_AGAIN,
        ) from None
    return path


def _fetch_with_plugin(plugin: Plugin, source: str, path: Path) -> Path:
    """Write the rows that a plugin returns. Each error names it."""
    try:
        read = plugin.load()
    except ConfigError as error:  # it names the plugin itself
        raise SourceError(
            "%(path)s: %(what)s", path=shown(source), what=error.message, hint=error.hint
        ) from error
    try:
        write_rows(read(source), path)
    except UsageError as error:  # its own words, or what is wrong with a row
        raise SourceError(
            "%(path)s: %(package)s: %(what)s",
            path=shown(source),
            package=plugin,
            what=error.message,
            hint=error.hint or _AGAIN,
        ) from error
    except Exception as error:  # noqa: BLE001 - whatever it is, it may quote the address
        raise SourceError(
            "%(path)s: %(package)s has failed (%(text)s)",
            path=shown(source),
            package=plugin,
            text=reason_of(error),
            hint=_AGAIN,
        ) from None
    return path


def reason_of(error: BaseException) -> str:
    """Return why something elsewhere failed, without words that may quote an address."""
    match error:
        case FileNotFoundError():
            return "there is no such file or folder"
        case PermissionError():
            return "access is refused"
        case OSError(errno=int() as number, strerror=str() as said):
            # A library may put what a server has said behind a number of the system.
            return os.strerror(number) if number in errno.errorcode else said
        case _:
            return type(error).__name__


def _fetch_with_fsspec(source: str, copy: BinaryIO) -> None:
    system, path = file_system(source)
    with system.open(path, "rb") as stream:
        shutil.copyfileobj(stream, copy)


def file_system(address: str) -> tuple[Any, str]:
    """
    Return what fsspec reads and writes an address with, and the path there.

    It remembers nothing of earlier runs in this process. Raises `ConfigError` if fsspec is not
    installed, or has no program for such an address.
    """
    try:
        import fsspec
    except ImportError:
        raise ConfigError(
            "%(path)s: such an address needs one more package, fsspec",
            path=shown(address),
            hint=install_command("fsspec"),
        ) from None
    _silence()
    try:
        kind = fsspec.get_filesystem_class(fsspec.utils.get_protocol(address))
        # A single connection may have been lost since the last run. Those of an event loop have to
        # stay: if one is forgotten while another loop is running, it is closed in the wrong one.
        system, path = fsspec.core.url_to_fs(address, skip_instance_cache=not kind.async_impl)
    except ImportError as error:  # it names the package, and nothing else
        raise ConfigError(
            "%(path)s: %(reason)s",
            path=shown(address),
            reason=error,
            hint="Install that package beside the importer.",
        ) from None
    except ValueError:
        raise ConfigError(
            "%(path)s: no program is known for such an address",
            path=shown(address),
            hint="It begins with s3://, gs://, az://, sftp://, https:// or the like, or with the "
            "name of a plugin that is installed.",
        ) from None
    system.invalidate_cache()
    return system, path


def _silence() -> None:
    """Let paramiko log nothing: it shows a traceback, and what a server has said."""
    logger = logging.getLogger("paramiko")
    if not logger.handlers:
        logger.addHandler(logging.NullHandler())
    logger.propagate = False


_SECONDS = 60.0
_WHOLE = {200, 203}
"""Statuses with a whole list; with 206 it is a part of one."""


def fetch(source: str, copy: BinaryIO) -> None:
    """
    Copy what is at an address.

    Raises `ConfigError` if it would not be safe, and `OSError` if it cannot be read as a whole,
    with nothing of the address.
    """
    parts = urlsplit(source)
    _refuse_unsafe(parts)
    host = parts.netloc.rpartition("@")[2]
    request = Request(urlunsplit(parts._replace(netloc=host, fragment="")))  # noqa: S310
    if parts.username is not None:
        user = f"{unquote(parts.username)}:{unquote(parts.password or '')}".encode()
        said = f"Basic {base64.b64encode(user).decode('ascii')}"
        request.add_unredirected_header("Authorization", said)
    try:
        with closing(build_opener(_Redirects()).open(request, timeout=_SECONDS)) as answer:
            if answer.status not in _WHOLE:
                raise OSError(answer.status, f"HTTP status {answer.status}")
            shutil.copyfileobj(answer, copy)
            size = answer.headers.get("Content-Length", "")
            if size.isdecimal() and int(size) != copy.tell():
                raise OSError(0, "it is cut")
    except HTTPError as error:
        error.close()
        raise OSError(error.code, f"HTTP status {error.code}") from None
    except URLError as error:
        if isinstance(error.reason, OSError):
            raise error.reason from None
        raise


def _refuse_unsafe(parts: SplitResult) -> None:
    scheme = parts.scheme.lower()
    if scheme != "https" and (scheme != "http" or parts.hostname not in LOOPBACK):
        raise ConfigError(
            "%(path)s: %(type)s would show the list to everyone on the way",
            path=shown(urlunsplit(parts)),
            type=scheme,
            hint="Use https.",
        )


class _Redirects(HTTPRedirectHandler):
    def redirect_request(
        self, req: Request, fp: IO[bytes], code: int, msg: str, headers: Message, newurl: str
    ) -> Request | None:
        try:
            _refuse_unsafe(urlsplit(newurl))
        except ConfigError:
            fp.close()
            raise
        return super().redirect_request(req, fp, code, msg, headers, newurl)  # type: ignore[arg-type]
