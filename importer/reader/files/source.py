"""Finds the files that a source names: paths, folders, globs, archives, standard input."""

from __future__ import annotations

import glob
import re
import sys
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from importer.core.errors import SourceError
from importer.core.locale.message import Message
from importer.core.settings import ReadOptions
from importer.reader.files.compression import (
    container_format,
    decompress,
    is_list_name,
    spool,
    unzip,
)
from importer.reader.files.source_file import SourceFile

_OWN_NAME = re.compile(
    r"\.(success|failed|unsent|changed|vanished|undo|reconcile|check-failed)"
    r"(?:-[0-9]+)?\.(?:csv|jsonl)\Z"
    r"|\.(success|failed|unsent|changed|undo|check-failed)(?:-[0-9]+)?\.xlsx\Z|\.(results)\.jsonl\Z"
    r"|\.results\.index\Z|\.report(?:-[0-9]+)?\.html\Z"
)
"""The names of files that the importer writes, also with a number such as `-2`."""
_MAX_NESTING = 3


def find_sources(
    names: Sequence[str], *, spool: Path | None = None, options: ReadOptions | None = None
) -> list[SourceFile]:
    """
    Return the files for `names`: paths, folders, globs, or `-` for standard input.

    Standard input, named pipes, and the contents of archives and spreadsheets are copied into the
    folder `spool`, since a source is read more than once. A folder means the lists in it, without
    subfolders. In folders and globs, the importer's own files are skipped, unless a glob names
    their kind (`*.failed.csv`).

    Raises `SourceError` if a source does not exist, or cannot be read or unpacked.
    """
    finder = _Finder(spool, options or ReadOptions())
    return [file for name in names for file in finder.find(name)]


class _Finder:
    """Finds files, and unpacks archives and compressed files into a folder."""

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
            # Unlike Path.glob, glob.glob takes absolute patterns, as a shell does.
            matches = sorted(glob.glob(name, recursive=True))  # noqa: PTH207
            matches = [
                found for found in matches if not (_is_own(found, name) or Path(found).is_dir())
            ]
            if not matches and "://" in name:  # it may hold a password
                raise SourceError(
                    "an address cannot be read here",
                    hint="Commands and jobs fetch lists from addresses; here, name a file.",
                )
            if not matches:
                raise SourceError(
                    "%(name)s: no such file",
                    name=name,
                    hint=_where_is(name),
                )
            for match in matches:
                yield from self._readable(match)

    def _in_folder(self, name: str) -> Iterator[SourceFile]:
        try:
            files = sorted(path for path in Path(name).iterdir() if not path.is_dir())
        except OSError as error:
            raise SourceError(
                "%(name)s: cannot be read (%(fault)s)", name=name, fault=error.strerror
            ) from error
        files = [
            file for file in files if not (file.name.startswith((".", "~$")) or _is_own(file.name))
        ]
        lists = [str(file) for file in files if is_list_name(file.name)]
        if not lists:
            raise SourceError(
                "%(name)s is a folder without lists (*.csv, *.tsv, *.jsonl, …)",
                name=name,
                hint="Give the names of its files, for example with *.txt.",
            )
        notices = _skipped_notice([file.name for file in files if not is_list_name(file.name)])
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
            raise SourceError(
                "%(name)s: cannot be read (%(fault)s)", name=name, fault=error.strerror
            ) from error
        yield from self._unpacked(SourceFile(name=name, path=path))

    def _unpacked(self, file: SourceFile, depth: int = 0) -> Iterator[SourceFile]:
        """Yield a file unchanged, or the files that are packed in it."""
        container = container_format(file.path)
        if container is None:
            yield file
            return
        ratio = self._options.max_ratio
        if depth == _MAX_NESTING:
            raise SourceError(
                "%(name)s is packed in too many layers", name=file.name, hint="Unpack it first."
            )
        if container in {"xlsx", "ods", "xls"}:
            from importer.reader.files.spreadsheet import convert_sheet

            yield convert_sheet(file, self._options.sheet, self._folder)
        elif container == "zip":
            lists, others = unzip(file.name, file.path, self._folder, ratio)
            notices = (*file.notices, *_skipped_notice(others))
            for inner in lists:
                yield from self._unpacked(replace(inner, notices=notices), depth + 1)
                notices = ()
        else:
            path = decompress(file.name, file.path, container, self._folder, ratio)
            yield from self._unpacked(replace(file, path=path), depth + 1)


def _is_own(name: str, pattern: str = "") -> bool:
    """Return whether the importer writes files of this name, and `pattern` does not ask for it."""
    found = _OWN_NAME.search(name)
    if found is None:
        return False
    return found.lastindex is None or f".{found[found.lastindex]}" not in pattern


def _where_is(name: str) -> Message:
    """Return what to do about a file that is not there."""
    found = _OWN_NAME.search(name)
    results = name[: found.start()] + ".results.jsonl" if found is not None else ""
    if Path(results).is_file():
        return Message(
            "Each run writes such files anew, and removes those that would be empty. What is left: "
            "vorel-import status %(name)s",
            name=results,
        )
    return Message("Check the path, and whether the export has run.")


def _skipped_notice(names: Sequence[str]) -> tuple[Message, ...]:
    if not names:
        return ()
    if len(names) <= 5:
        return (Message("skipped, not list files: %(names)s", names=names),)
    return (
        Message(
            "skipped, not list files: %(names)s and %(count)s more",
            names=names[:5],
            count=len(names) - 5,
        ),
    )
