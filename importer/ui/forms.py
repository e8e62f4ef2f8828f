"""Reads forms and uploads: only with the form's token, and files straight to disk."""

from __future__ import annotations

import hmac
import os
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any
from urllib.parse import parse_qsl

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header
from starlette.requests import Request

from importer.core.errors import ConfigError

_LONGEST_FORM = 8 * 1024 * 1024
_MOST_FIELDS = 20_000
_LONGEST_FIELD = 64 * 1024


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that was uploaded, with the name that the browser says."""

    path: Path
    name: str


@dataclass(slots=True)
class Form:
    """The fields of a form, each with its last value, and the file if there is one."""

    fields: dict[str, str] = field(default_factory=dict)
    upload: Upload | None = None
    is_genuine: bool = False

    def get(self, name: str, default: str = "") -> str:
        """Return a field without the space around it."""
        return self.fields.get(name, default).strip()

    def starting(self, prefix: str) -> Iterator[tuple[str, str]]:
        """Yield (rest of the name, value) of the fields whose names begin so."""
        for name, value in self.fields.items():
            if name.startswith(prefix):
                yield name.removeprefix(prefix), value

    def close(self) -> None:
        """Remove the uploaded file, if nobody has taken it."""
        if self.upload is not None:
            with suppress(OSError):
                self.upload.path.unlink(missing_ok=True)


async def read_form(request: Request, token: str, folder: Path) -> Form:
    """
    Return the form of a request; a file is written to `folder` as it comes.

    `is_genuine` says whether it has the page's token. Raises `ConfigError` for what is no form, or
    too long for one.
    """
    kind = request.headers.get("content-type", "")
    if kind.startswith("multipart/form-data"):
        form = await _read_parts(request, folder)
    elif kind.startswith("application/x-www-form-urlencoded"):
        form = Form(dict(_pairs(await _body(request))))
    else:
        raise ConfigError("this is not a form of the page")
    given = form.fields.pop("token", "")
    form.is_genuine = hmac.compare_digest(given.encode("utf-8", "replace"), token.encode())
    return form


async def _body(request: Request) -> bytes:
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > _LONGEST_FORM:
            raise ConfigError("the form is too long")
    return bytes(body)


def _pairs(body: bytes) -> list[tuple[str, str]]:
    try:
        text = body.decode("ascii")
        return parse_qsl(text, keep_blank_values=True, max_num_fields=_MOST_FIELDS)
    except ValueError as error:
        raise ConfigError("the form cannot be read") from error


async def _read_parts(request: Request, folder: Path) -> Form:
    _, options = parse_options_header(request.headers["content-type"].encode("latin-1"))
    parts = _Parts(folder)
    try:
        parser = MultipartParser(options[b"boundary"], parts.callbacks())
        async for chunk in request.stream():
            parser.write(chunk)
        parser.finalize()
        return parts.form()
    except (FormParserError, KeyError, UnicodeError) as error:
        parts.close()
        raise ConfigError("the upload cannot be read", hint="Upload the file again.") from error
    except BaseException:
        parts.close()
        raise


class _Parts:
    """Takes the parts of a form as they come: a file goes to disk, fields stay in memory."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._fields: dict[str, str] = {}
        self._header, self._value = bytearray(), bytearray()
        self._name = ""
        self._filename: str | None = None
        self._text = bytearray()
        self._file: IO[bytes] | None = None
        self._upload: Upload | None = None
        self._is_whole = False

    def callbacks(self) -> Any:
        """Return what the parser calls."""
        return {
            "on_header_field": lambda data, start, end: self._header.extend(data[start:end]),
            "on_header_value": lambda data, start, end: self._value.extend(data[start:end]),
            "on_header_end": self._end_header,
            "on_headers_finished": self._begin,
            "on_part_data": self._data,
            "on_part_end": self._end,
            "on_end": self._finish,
        }

    def _end_header(self) -> None:
        if bytes(self._header).lower() == b"content-disposition":
            _, options = parse_options_header(bytes(self._value))
            self._name = options.get(b"name", b"").decode("utf-8", "replace")
            filename = options.get(b"filename")
            self._filename = None if filename is None else filename.decode("utf-8", "replace")
        self._header.clear()
        self._value.clear()

    def _begin(self) -> None:
        self._text.clear()
        if self._filename:
            self.close()
            fd, name = tempfile.mkstemp(dir=self._folder)
            self._file = os.fdopen(fd, "wb")
            self._upload = Upload(Path(name), self._filename)

    def _data(self, data: bytes, start: int, end: int) -> None:
        if self._file is not None:
            self._file.write(data[start:end])
        else:
            self._text += data[start:end]
            if len(self._text) > _LONGEST_FIELD or len(self._fields) > _MOST_FIELDS:
                raise ConfigError("the form is too long")

    def _end(self) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None
        elif self._filename is None:
            self._fields[self._name] = self._text.decode("utf-8", "replace")
        self._name, self._filename = "", None

    def _finish(self) -> None:
        self._is_whole = True

    def close(self) -> None:
        """Remove the file that came, if one did."""
        if self._file is not None:
            self._file.close()
            self._file = None
        if self._upload is not None:
            self._upload.path.unlink(missing_ok=True)
            self._upload = None

    def form(self) -> Form:
        """Return the form. Raises `ConfigError` if its end has not come."""
        if not self._is_whole:
            raise ConfigError("the upload was cut off", hint="Upload the file again.")
        return Form(self._fields, self._upload)
