"""Reads forms and uploads: only with the form's token."""

from __future__ import annotations

import hmac
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from python_multipart.exceptions import FormParserError
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.requests import Request

from importer.core.errors import ConfigError

_MOST_FIELDS = 20_000
_LONGEST_FORM = 8 * 1024 * 1024
_UNREADABLE = "the form cannot be read, or it is too long"


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that was uploaded, with the name that the browser says."""

    path: Path
    name: str


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
            with suppress(OSError):
                self.upload.path.unlink(missing_ok=True)


async def read_form(request: Request, token: str, folder: Path) -> Form:
    """
    Return the form of a request; a file is kept in `folder`.

    `is_genuine` says whether it has the page's token: without it no file is kept. Raises
    `ConfigError` for what is no form, or too long for one.
    """
    headers = request.headers
    has_file = headers.get("content-type", "").lower().startswith("multipart/form-data")
    if not has_file and int(headers.get("content-length", _LONGEST_FORM)) >= _LONGEST_FORM:
        raise ConfigError(_UNREADABLE)
    try:
        async with request.form(max_fields=_MOST_FIELDS, max_part_size=_LONGEST_FORM) as found:
            fields = {name: value for name, value in found.items() if isinstance(value, str)}
            given = fields.pop("token", "")
            is_genuine = hmac.compare_digest(given.encode("utf-8", "replace"), token.encode())
            files = [one for one in found.values() if isinstance(one, UploadFile) and one.filename]
            upload = None
            if files and is_genuine:
                upload = await run_in_threadpool(_keep, files[-1], folder)
            return Form(fields, upload, is_genuine)
    except (HTTPException, FormParserError) as error:
        raise ConfigError(_UNREADABLE) from error


def _keep(file: UploadFile, folder: Path) -> Upload:
    with tempfile.NamedTemporaryFile(dir=folder, delete=False) as kept:
        shutil.copyfileobj(file.file, kept)
    return Upload(Path(kept.name), file.filename or "")
