"""A file to read, which may have been unpacked or converted from another one."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from importer.core.locale.message import Message
from importer.core.settings import ReadOptions
from importer.reader.files.scan import FileScan, scan

_SHEET_OPTIONS = {
    "format": "csv",
    "encoding": "utf-8",
    "delimiter": ",",
    "quote": '"',
    "escape": "",
}


@dataclass(frozen=True, kw_only=True)
class SourceFile:
    """
    A file to read. `name` is what the user calls it, `path` the file with its bytes.

    The two differ if the file is unpacked or converted first. `sheet` is the name of the sheet in a
    workbook that was converted to CSV. `starts` are the lines of that CSV file on which the rows of
    the sheet begin, or empty if each row is one line. `notices` are for people.
    """

    name: str
    path: Path
    sheet: str | None = None
    notices: tuple[Message, ...] = ()
    starts: Sequence[int] = field(default=(), hash=False, compare=False)

    @cached_property
    def content(self) -> FileScan:
        """The scan of the whole file, which is read once, on first access."""
        return scan(self.path)

    @property
    def is_sheet(self) -> bool:
        """Whether the file was a sheet of a spreadsheet."""
        return self.sheet is not None

    @property
    def is_scanned(self) -> bool:
        """Whether the file has been read from end to end already."""
        return "content" in self.__dict__

    def scan_with(self, digest: Callable[[bytes], None]) -> FileScan:
        """Read the file from end to end, passing its bytes to `digest`."""
        self.__dict__["content"] = content = scan(self.path, digest)
        return content

    def options(self, stated: ReadOptions) -> ReadOptions:
        """Return `stated`, or of a sheet the options of the CSV file that it was converted to."""
        return stated.model_copy(update=_SHEET_OPTIONS) if self.is_sheet else stated


def fingerprint(files: Sequence[SourceFile]) -> tuple[int, str]:
    """
    Return the size of all files together in bytes, and the SHA-256 (hex) of their content.

    The same pass fills `SourceFile.content`, which shows the encoding.
    """
    digest = hashlib.sha256()
    size = sum(file.scan_with(digest.update).size for file in files)
    return size, digest.hexdigest()
