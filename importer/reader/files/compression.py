"""Unpacks compressed files into a folder, by what is in them; nothing is lost without a word."""

from __future__ import annotations

import bz2
import errno
import gzip
import importlib
import lzma
import shutil
import struct
import sys
import tempfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO, Any, Literal

from importer.errors import SourceError
from importer.shared import FORMAT_SUFFIXES

__all__ = ["Kind", "Limit", "Packed", "decompress", "kind_of", "spool", "unzip"]

Kind = Literal["gzip", "bzip2", "xz", "zstd", "zip", "xlsx", "ods", "xls"]

_MAGIC: tuple[tuple[bytes, Kind], ...] = (
    (b"\x1f\x8b", "gzip"),
    (b"BZh", "bzip2"),
    (b"\xfd7zXZ\x00", "xz"),
    (b"\x28\xb5\x2f\xfd", "zstd"),
    (b"PK\x03\x04", "zip"),
    (b"PK\x05\x06", "zip"),  # one without members
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "xls"),
)
_HEAD = 512
_BLOCK = 1024 * 1024
_FREE = 64 * 1024 * 1024
_ENCRYPTED = 0x1
_UNPACK_FIRST = "Unpack it and name the list itself."
_DAMAGED = (
    EOFError,
    lzma.LZMAError,
    zlib.error,
    zipfile.BadZipFile,
    gzip.BadGzipFile,
    struct.error,  # zipfile lets these three pass where lengths in an archive make no sense
    ValueError,
    OverflowError,
)
_ZSTD = "compression.zstd" if sys.version_info >= (3, 14) else "backports.zstd"


class Limit:
    """
    How much an archive may grow to: `ratio` times its own `size`, and 64 MiB in any case.

    An archive of a few KiB can be made to fill any disk.
    """

    def __init__(self, name: str, size: int, ratio: int) -> None:
        self._name = name
        self._ratio = ratio
        self._room = max(_FREE, size * ratio)

    def take(self, count: int) -> None:
        """Count unpacked bytes. Raises `SourceError` where they are too many."""
        self._room -= count
        if self._room < 0:
            raise SourceError(
                f"{self._name} unpacks to more than {self._ratio} times its size, as archives do "
                "that are made to fill the disk",
                hint="Raise --max-ratio if the list is right.",
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class Packed:
    """A file that was in an archive: what it is called there, and where its bytes lie now."""

    name: str
    path: Path


def kind_of(path: Path) -> Kind | None:
    """Tell what a file is packed as, or that it is a spreadsheet; None for anything else."""
    with path.open("rb") as stream:
        head = stream.read(_HEAD)
    kind = next((kind for magic, kind in _MAGIC if head.startswith(magic)), None)
    if kind != "zip":
        return kind
    try:
        with zipfile.ZipFile(path) as archive:
            names = set(archive.namelist())
    except (*_DAMAGED, NotImplementedError):
        return kind  # what is wrong with it is said when it is unpacked
    if any(name.startswith("xl/workbook.") for name in names):
        return "xlsx"
    return "ods" if {"mimetype", "content.xml"} <= names else kind


def decompress(name: str, path: Path, kind: Kind, folder: Path | None, ratio: int) -> Path:
    """
    Unpack one compressed file into `folder` and return where it lies there.

    Raises `SourceError` for one that is damaged, cut off, or grows beyond all bounds.
    """
    limit = Limit(name, path.stat().st_size, ratio)
    inner = PurePosixPath(PurePosixPath(name).stem)
    with _explained(name), path.open("rb") as packed, _OPENERS[kind](packed) as stream:
        return spool(stream, folder, suffix=inner.suffix, limit=limit)


def unzip(name: str, path: Path, folder: Path | None, ratio: int) -> tuple[list[Packed], list[str]]:
    """
    Unpack the members of a zip archive; also return the names of what is of no use in a list.

    Raises `SourceError` for an archive that is damaged, encrypted, empty, or grows beyond bounds.
    """
    limit = Limit(name, path.stat().st_size, ratio)
    found: list[Packed] = []
    with _explained(name), zipfile.ZipFile(path) as archive:
        infos = [info for info in archive.infolist() if not _is_by_the_way(info)]
        wanted = [info for info in infos if is_list_name(info.filename)] or infos
        if len(wanted) > 1 and not is_list_name(wanted[0].filename):
            names = ", ".join(info.filename for info in wanted[:5])
            raise SourceError(f"{name}: no lists are in it, only {names}", hint=_UNPACK_FIRST)
        for info in wanted:
            if info.flag_bits & _ENCRYPTED:
                raise SourceError(
                    f"{name}: {info.filename} has a password", hint="Unpack it with the password."
                )
            with archive.open(info) as stream:
                suffix = PurePosixPath(info.filename).suffix
                inner = spool(stream, folder, suffix=suffix, limit=limit)
            found.append(Packed(name=f"{name}/{info.filename}", path=inner))
    if not found:
        raise SourceError(f"{name} is empty", hint="Export the list again.")
    return found, [info.filename for info in infos if info not in wanted]


_LIST_SUFFIXES = {".xlsx", ".ods"}.union(*FORMAT_SUFFIXES.values())
_PACKED_SUFFIXES = {".gz", ".bz2", ".xz", ".zst", ".zip"}


def is_list_name(name: str) -> bool:
    """Tell whether a file is a list by its name, maybe a packed one."""
    path = PurePosixPath(name.lower())
    return path.suffix in _LIST_SUFFIXES or path.suffix in _PACKED_SUFFIXES


def _is_by_the_way(info: zipfile.ZipInfo) -> bool:
    """Tell folders, and what macOS and Office put beside files, from what was meant."""
    path = PurePosixPath(info.filename)
    return info.is_dir() or path.parts[0] == "__MACOSX" or path.name.startswith((".", "~$"))


def spool(
    stream: IO[bytes], folder: Path | None, *, suffix: str = "", limit: Limit | None = None
) -> Path:
    """Copy a stream into a file in `folder`, at most as much as `limit` allows."""
    with tempfile.NamedTemporaryFile(
        dir=folder, prefix="source-", suffix=suffix, delete=False
    ) as file:
        if limit is None:
            shutil.copyfileobj(stream, file)
            return Path(file.name)
        while block := stream.read(_BLOCK):
            limit.take(len(block))
            file.write(block)
    return Path(file.name)


@contextmanager
def _open_zstd(packed: IO[bytes]) -> Iterator[IO[bytes]]:
    """Open a stream packed with zstd. Raises `SourceError` where the extra is not installed."""
    try:
        zstd = importlib.import_module(_ZSTD)
    except ImportError:
        raise SourceError(
            "a file packed with zstd needs one more package",
            hint="pip install 'vorel-importer[zstd]', or unpack the file first.",
        ) from None
    try:
        with zstd.ZstdFile(packed) as stream:
            yield stream
    except zstd.ZstdError as error:  # damaged, or packed with a window too large for memory
        raise OSError(str(error)) from error


_OPENERS: dict[Kind, Callable[[IO[bytes]], Any]] = {
    "gzip": lambda packed: gzip.GzipFile(fileobj=packed),
    "bzip2": bz2.BZ2File,
    "xz": lzma.LZMAFile,
    "zstd": _open_zstd,
}


@contextmanager
def _explained(name: str) -> Iterator[None]:
    """Raise what goes wrong while unpacking as `SourceError`."""
    try:
        yield
    except _DAMAGED as error:
        what = "ends too early" if isinstance(error, EOFError) else f"is damaged ({error})"
        raise SourceError(
            f"{name} {what}: nothing of it is read", hint="Fetch or pack the list again."
        ) from error
    except NotImplementedError as error:
        raise SourceError(f"{name}: {error}", hint=_UNPACK_FIRST) from error
    except OSError as error:
        if error.errno == errno.ENOSPC:
            hint = "Make room, or set TMPDIR to a folder that has some."
            raise SourceError(f"{name}: no room to unpack it", hint=hint) from error
        what = error.strerror or str(error)  # bz2 says in words only that its data are damaged
        raise SourceError(f"{name} cannot be unpacked ({what})", hint=_UNPACK_FIRST) from error
