"""Finds the files that a source names: paths, globs, standard input."""

from __future__ import annotations

import glob
import hashlib
import shutil
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from importer.errors import SourceError

__all__ = ["SourceFile", "find_sources", "fingerprint"]

_BLOCK = 1024 * 1024
_OWN_ENDINGS = (".success.csv", ".failed.csv", ".unsent.csv", ".results.jsonl")


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceFile:
    """A file to read. `name` is what the user calls it, `path` where its bytes lie."""

    name: str
    path: Path


def find_sources(names: tuple[str, ...], *, spool: Path | None = None) -> list[SourceFile]:
    """
    Return the files that `names` (paths, globs, or `-` for standard input) stand for.

    Standard input, and a pipe that has a name, are copied into the folder `spool`, since a
    source is read more than once. A glob passes over folders and over the files the importer
    itself writes, unless it names their ending.

    Raises `SourceError` for what does not exist or cannot be read.
    """
    return [file for name in names for file in _find(name, spool)]


def _find(name: str, spool: Path | None) -> Iterator[SourceFile]:
    if name == "-":
        yield SourceFile(name=name, path=_copy(sys.stdin.buffer, spool))
    elif Path(name).exists():
        yield _readable(name, spool)
    else:
        # glob.glob and not Path.glob: it takes the patterns a shell takes, absolute ones too.
        matches = sorted(glob.glob(name, recursive=True))  # noqa: PTH207
        matches = [match for match in matches if not (_is_own(match, name) or Path(match).is_dir())]
        if not matches:
            raise SourceError(f"{name}: no such file", hint="Check the path.")
        yield from (_readable(match, spool) for match in matches)


def _is_own(match: str, pattern: str) -> bool:
    return any(match.endswith(end) and not pattern.endswith(end) for end in _OWN_ENDINGS)


def _readable(name: str, spool: Path | None) -> SourceFile:
    path = Path(name)
    if path.is_dir():
        raise SourceError(f"{name} is a folder", hint="Name its files, for example with *.csv.")
    try:
        with path.open("rb") as stream:
            if path.is_file():
                return SourceFile(name=name, path=path)
            return SourceFile(name=name, path=_copy(stream, spool))
    except OSError as error:
        raise SourceError(f"{name}: cannot be read ({error.strerror})") from error


def _copy(stream: IO[bytes], folder: Path | None) -> Path:
    with tempfile.NamedTemporaryFile(dir=folder, prefix="source-", delete=False) as file:
        shutil.copyfileobj(stream, file)
    return Path(file.name)


def fingerprint(files: list[SourceFile]) -> tuple[int, str]:
    """Return the bytes of all files together and the SHA-256 (hex) of their content."""
    digest = hashlib.sha256()
    size = 0
    for file in files:
        with file.path.open("rb") as stream:
            while block := stream.read(_BLOCK):
                digest.update(block)
                size += len(block)
    return size, digest.hexdigest()
