"""Finds the files that a source names: paths, folders, globs, archives, standard input."""

from __future__ import annotations

import glob
import hashlib
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any

from importer.errors import SourceError
from importer.reader.files.compression import decompress, is_list_name, kind_of, spool, unzip
from importer.reader.files.scan import Content, Digest, scan
from importer.reader.files.spreadsheet import write_sheet
from importer.settings import ReadOptions

__all__ = ["SourceFile", "find_sources", "fingerprint"]

_OWN_ENDINGS = (
    ".success.csv",
    ".failed.csv",
    ".failed.jsonl",
    ".unsent.csv",
    ".results.jsonl",
)
_DEEPEST = 3
_WRITTEN = {"format": "csv", "encoding": "utf-8", "delimiter": ",", "quote": '"', "escape": ""}


@dataclass(frozen=True, kw_only=True)
class SourceFile:
    """
    A file to read. `name` is what the user calls it, `path` where its bytes lie.

    `known` are read options that hold whatever is stated: a spreadsheet is written as CSV here,
    in a way nobody has to state. `starts` are the lines its rows begin on there
    (`importer.reader.files.spreadsheet.WrittenSheet`).
    """

    name: str
    path: Path
    known: Mapping[str, Any] = field(default_factory=dict, hash=False)
    notices: tuple[str, ...] = ()
    starts: Sequence[int] = field(default=(), hash=False, compare=False)

    @cached_property
    def content(self) -> Content:
        """What reading the file from end to end finds; it is read once, when first asked for."""
        return scan(self.path)

    @property
    def is_read(self) -> bool:
        """Tell whether the file has been read from end to end already."""
        return "content" in self.__dict__

    def read_with(self, digest: Digest) -> Content:
        """Read the file from end to end, handing its bytes to `digest` on the way."""
        self.__dict__["content"] = content = scan(self.path, digest)
        return content

    def options(self, stated: ReadOptions) -> ReadOptions:
        """Return how to read it."""
        return stated.model_copy(update=dict(self.known)) if self.known else stated


def find_sources(
    names: Sequence[str], *, spool: Path | None = None, options: ReadOptions | None = None
) -> list[SourceFile]:
    """
    Return the files that `names` (paths, folders, globs, `-` for standard input) stand for.

    Standard input, a pipe that has a name, and what is in archives and spreadsheets are copied
    into the folder `spool`, since a source is read more than once. A folder stands for the lists
    in it, without its own folders. Folders and globs pass over the files the importer itself
    writes, unless a glob names their ending.

    Raises `SourceError` for what does not exist, cannot be read or cannot be unpacked.
    """
    finder = _Finder(spool, options or ReadOptions())
    return [file for name in names for file in finder.find(name)]


class _Finder:
    """Finds files, and unpacks what is packed into a folder."""

    def __init__(self, folder: Path | None, options: ReadOptions) -> None:
        self._folder = folder
        self._options = options

    def find(self, name: str) -> Iterator[SourceFile]:
        if name == "-":
            path = spool(sys.stdin.buffer, self._folder)
            yield from self._unpacked(SourceFile(name=name, path=path))
        elif Path(name).is_dir():
            yield from self._in_folder(name)
        elif Path(name).exists():
            yield from self._readable(name)
        else:
            # glob.glob and not Path.glob: it takes the patterns a shell takes, absolute ones too.
            matches = sorted(glob.glob(name, recursive=True))  # noqa: PTH207
            matches = [found for found in matches if not (_is_own(found, name) or _is_dir(found))]
            if not matches:
                raise SourceError(f"{name}: no such file", hint="Check the path.")
            for match in matches:
                yield from self._readable(match)

    def _in_folder(self, name: str) -> Iterator[SourceFile]:
        try:
            files = sorted(path for path in Path(name).iterdir() if not path.is_dir())
        except OSError as error:
            raise SourceError(f"{name}: cannot be read ({error.strerror})") from error
        files = [
            file for file in files if not (file.name.startswith((".", "~$")) or _is_own(file.name))
        ]
        lists = [str(file) for file in files if is_list_name(file.name)]
        if not lists:
            raise SourceError(
                f"{name} is a folder without lists (*.csv, *.tsv, *.jsonl, …)",
                hint="Name its files, for example with *.txt.",
            )
        notices = _passed_over([file.name for file in files if not is_list_name(file.name)])
        for file in (file for found in lists for file in self._readable(found)):
            yield replace(file, notices=(*notices, *file.notices))
            notices = ()

    def _readable(self, name: str) -> Iterator[SourceFile]:
        path = Path(name)
        try:
            with path.open("rb") as stream:
                if not path.is_file():
                    path = spool(stream, self._folder)
        except OSError as error:
            raise SourceError(f"{name}: cannot be read ({error.strerror})") from error
        yield from self._unpacked(SourceFile(name=name, path=path))

    def _unpacked(self, file: SourceFile, depth: int = 0) -> Iterator[SourceFile]:
        """Yield a file as it is, or what is in it."""
        kind = kind_of(file.path)
        if kind is None:
            yield file
            return
        ratio = self._options.max_ratio
        if depth == _DEEPEST:
            raise SourceError(f"{file.name} is packed too often", hint="Unpack it first.")
        if kind in {"xlsx", "ods", "xls"}:
            sheet = write_sheet(file.name, file.path, self._options.sheet, self._folder)
            yield SourceFile(
                name=file.name,
                path=sheet.path,
                known=_WRITTEN,
                notices=(*file.notices, *sheet.notices),
                starts=sheet.starts,
            )
        elif kind == "zip":
            members, others = unzip(file.name, file.path, self._folder, ratio)
            notices = (*file.notices, *_passed_over(others))
            for member in members:
                inner = SourceFile(name=member.name, path=member.path, notices=notices)
                yield from self._unpacked(inner, depth + 1)
                notices = ()
        else:
            path = decompress(file.name, file.path, kind, self._folder, ratio)
            yield from self._unpacked(replace(file, path=path), depth + 1)


def _is_own(name: str, pattern: str = "") -> bool:
    return any(name.endswith(end) and not pattern.endswith(end) for end in _OWN_ENDINGS)


def _is_dir(name: str) -> bool:
    return Path(name).is_dir()


def _passed_over(names: Sequence[str]) -> tuple[str, ...]:
    if not names:
        return ()
    more = f" and {len(names) - 5} more" if len(names) > 5 else ""
    return (f"passed over, since by their names they are no lists: {', '.join(names[:5])}{more}",)


def fingerprint(files: Sequence[SourceFile]) -> tuple[int, str]:
    """
    Return the bytes of all files together and the SHA-256 (hex) of their content.

    The same pass proves their encoding (`SourceFile.content`).
    """
    digest = hashlib.sha256()
    size = sum(file.read_with(digest).size for file in files)
    return size, digest.hexdigest()
