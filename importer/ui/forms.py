"""Reads forms and uploads: only with the form's token, and files straight to disk."""

from __future__ import annotations

import hmac
import os
import tempfile
from collections.abc import AsyncGenerator, Iterator
from contextlib import aclosing, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from python_multipart.exceptions import FormParserError
from starlette.datastructures import FormData, Headers, UploadFile
from starlette.exceptions import HTTPException
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import Request

from importer.core.errors import ConfigError

_MOST_FIELDS, _FIELDS_BESIDE_A_FILE = 20_000, 8
_LONGEST_FORM = 8 * 1024 * 1024
_UNREADABLE = "the form cannot be read, or it is too long"


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that was uploaded, with the name that the browser says."""

    path: Path
    name: str

    def remove(self) -> None:
        """Remove the file, if nobody has taken it."""
        with suppress(OSError):
            self.path.unlink(missing_ok=True)


@dataclass(frozen=True, slots=True)
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
            self.upload.remove()


async def read_form(request: Request, token: str, folder: Path) -> Form:
    """
    Return the form of a request; a file is written to `folder` as it comes.

    `is_genuine` says whether it has the page's token. Raises `ConfigError` for what is no form, is
    too long for one or was cut off, and if there is no room for a file.
    """
    headers, upload = request.headers, None
    try:
        if headers.get("content-type", "").lower().startswith("multipart/form-data"):
            found, upload = await _read_parts(request, folder)
        elif int(headers.get("content-length", _LONGEST_FORM)) < _LONGEST_FORM:
            found = await request.form(max_fields=_MOST_FIELDS, max_part_size=_LONGEST_FORM)
        else:
            raise ConfigError(_UNREADABLE)
    except (HTTPException, MultiPartException, FormParserError) as error:
        raise ConfigError(_UNREADABLE) from error
    except OSError as error:
        raise ConfigError(
            "there is no room for the file, or it cannot be written (%(fault)s)",
            fault=error.strerror,
            hint="Make room, then upload the file again.",
        ) from error
    fields = {name: value for name, value in found.items() if isinstance(value, str)}
    given = fields.pop("token", "")
    is_genuine = hmac.compare_digest(given.encode("utf-8", "replace"), token.encode())
    return Form(fields, upload, is_genuine)


async def _read_parts(request: Request, folder: Path) -> tuple[FormData, Upload | None]:
    handle, path = tempfile.mkstemp(dir=folder)
    upload = Upload(Path(path), "")
    try:
        with os.fdopen(handle, "wb") as file:
            async with aclosing(request.stream()) as stream:
                parts = _Parts(request.headers, stream, file)
                found = await parts.parse()
        if not parts.is_whole:
            raise ConfigError("the upload was cut off", hint="Upload the file again.")
        for one in found.values():
            if isinstance(one, UploadFile) and one.filename:
                upload = Upload(upload.path, one.filename)
    finally:
        if not upload.name:
            upload.remove()
    return found, upload if upload.name else None


class _Parts(MultiPartParser):
    """Reads a form with a file, which goes straight to `file`."""

    def __init__(
        self, headers: Headers, stream: AsyncGenerator[bytes, None], file: BinaryIO
    ) -> None:
        super().__init__(headers, stream, max_files=1, max_fields=_FIELDS_BESIDE_A_FILE)
        self._file = file
        self.is_whole = False

    def on_headers_finished(self) -> None:
        super().on_headers_finished()
        if (upload := self._current_part.file) is not None:
            upload.file.close()
            upload.file = self._file

    def on_end(self) -> None:
        self.is_whole = True
