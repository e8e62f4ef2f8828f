"""Unpacks compressed files and archives into a folder, recognized by their content."""

from __future__ import annotations

import bz2
import errno
import gzip
import importlib
import lzma
import struct
import sys
import tempfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import IO, Any, Literal

from importer.core.errors import SourceError
from importer.core.locale.message import Message
from importer.core.shared import FORMAT_SUFFIXES
from importer.core.systems.packages import install_command
from importer.reader.files.source_file import SourceFile

ContainerFormat = Literal["gzip", "bzip2", "xz", "zstd", "zip", "xlsx", "ods", "xls"]

_MAGIC: tuple[tuple[bytes, ContainerFormat], ...] = (
    (b"\x1f\x8b", "gzip"),
    (b"BZh", "bzip2"),
    (b"\xfd7zXZ\x00", "xz"),
    (b"\x28\xb5\x2f\xfd", "zstd"),
    (b"PK\x03\x04", "zip"),
    (b"PK\x05\x06", "zip"),  # an empty archive
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "xls"),
)
_HEAD_BYTES = 512
_BLOCK = 1024 * 1024
_ALWAYS_ALLOWED = 64 * 1024 * 1024
_ENCRYPTED = 0x1
_UNPACK_FIRST = "Unpack it, and import the list in it."
_DAMAGED = (
    EOFError,
    lzma.LZMAError,
    zlib.error,
    zipfile.BadZipFile,
    gzip.BadGzipFile,
    struct.error,  # zipfile raises these three for lengths that cannot be right
    ValueError,
    OverflowError,
)
_ZSTD = "compression.zstd" if sys.version_info >= (3, 14) else "backports.zstd"


class SizeLimit:
    """
    How large an archive may become: 64 MiB, or `ratio` times its own `size` if that is more.

    An archive of a few KiB can be made to fill any disk.
    """

    def __init__(self, name: str, size: int, ratio: int) -> None:
        self._name = name
        self._ratio = ratio
        self._bytes_left = max(_ALWAYS_ALLOWED, size * ratio)

    def take(self, count: int) -> None:
        """Count unpacked bytes. Raises `SourceError` if there are too many."""
        self._bytes_left -= count
        if self._bytes_left < 0:
            raise SourceError(
                "%(name)s unpacks to more than %(count)s times its size: it may be made to "
                "fill the disk",
                name=self._name,
                count=self._ratio,
                hint="Raise --max-ratio if you trust the file.",
            )


def container_format(path: Path) -> ContainerFormat | None:
    """Return the format of a packed file or a spreadsheet, None for any other file."""
    with path.open("rb") as stream:
        head = stream.read(_HEAD_BYTES)
    found = next((container for magic, container in _MAGIC if head.startswith(magic)), None)
    if found != "zip":
        return found
    try:
        with zipfile.ZipFile(path) as archive:
            names = set(archive.namelist())
    except (*_DAMAGED, NotImplementedError):
        return found  # unpacking it says what is wrong
    if any(name.startswith("xl/workbook.") for name in names):
        return "xlsx"
    return "ods" if {"mimetype", "content.xml"} <= names else found


def decompress(
    name: str, path: Path, container: ContainerFormat, folder: Path | None, ratio: int
) -> Path:
    """
    Unpack one compressed file into `folder` and return the path of the copy.

    Raises `SourceError` for a file that is damaged, cut off, or larger unpacked than `SizeLimit`
    allows.
    """
    limit = SizeLimit(name, path.stat().st_size, ratio)
    inner = PurePosixPath(PurePosixPath(name).stem)
    with _translated_errors(name), path.open("rb") as packed, _OPENERS[container](packed) as stream:
        return spool(stream, folder, suffix=inner.suffix, limit=limit)


def unzip(
    name: str, path: Path, folder: Path | None, ratio: int
) -> tuple[list[SourceFile], list[str]]:
    """
    Unpack the lists in a zip archive into `folder`; also return the names of all other files.

    A single file is taken for a list whatever its name. Raises `SourceError` for an archive that
    is damaged, encrypted, empty, without lists, or larger unpacked than `SizeLimit` allows.
    """
    limit = SizeLimit(name, path.stat().st_size, ratio)
    found: list[SourceFile] = []
    with _translated_errors(name), zipfile.ZipFile(path) as archive:
        infos = [info for info in archive.infolist() if not _is_metadata(info)]
        wanted = [info for info in infos if is_list_name(info.filename)] or infos
        if len(wanted) > 1 and not is_list_name(wanted[0].filename):
            names = ", ".join(info.filename for info in wanted[:5])
            raise SourceError(
                "%(name)s has no lists in it, only %(names)s",
                name=name,
                names=names,
                hint=_UNPACK_FIRST,
            )
        for info in wanted:
            if info.flag_bits & _ENCRYPTED:
                raise SourceError(
                    "%(name)s: %(path)s has a password",
                    name=name,
                    path=info.filename,
                    hint="Unpack it with the password.",
                )
            with archive.open(info) as stream:
                suffix = PurePosixPath(info.filename).suffix
                inner = spool(stream, folder, suffix=suffix, limit=limit)
            found.append(SourceFile(name=f"{name}/{info.filename}", path=inner))
    if not found:
        raise SourceError("%(name)s is empty", name=name, hint="Export the list again.")
    return found, [info.filename for info in infos if info not in wanted]


_LIST_SUFFIXES = {".xlsx", ".ods"}.union(*FORMAT_SUFFIXES.values())
_PACKED_SUFFIXES = {".gz", ".bz2", ".xz", ".zst", ".zip"}


def is_list_name(name: str) -> bool:
    """Return whether a file is a list, packed or not, by the suffix of its name."""
    path = PurePosixPath(name.lower())
    return path.suffix in _LIST_SUFFIXES or path.suffix in _PACKED_SUFFIXES


def _is_metadata(info: zipfile.ZipInfo) -> bool:
    """Return whether a member is a folder, or a file that macOS or Office adds by itself."""
    path = PurePosixPath(info.filename)
    return info.is_dir() or path.parts[0] == "__MACOSX" or path.name.startswith((".", "~$"))


def spool(
    stream: IO[bytes], folder: Path | None, *, suffix: str = "", limit: SizeLimit | None = None
) -> Path:
    """Copy a stream into a new file in `folder`, with at most as many bytes as `limit` allows."""
    with tempfile.NamedTemporaryFile(
        dir=folder, prefix="source-", suffix=suffix, delete=False
    ) as file:
        while block := stream.read(_BLOCK):
            if limit is not None:
                limit.take(len(block))
            file.write(block)
    return Path(file.name)


@contextmanager
def _open_zstd(packed: IO[bytes]) -> Iterator[IO[bytes]]:
    """Open a stream packed with zstd. Raises `SourceError` if the extra is not installed."""
    try:
        zstd = importlib.import_module(_ZSTD)
    except ImportError:
        raise SourceError(
            "reading a file packed with zstd needs one more package",
            hint=Message(
                "Unpack the file first, or: %(command)s", command=install_command("backports-zstd")
            ),
        ) from None
    try:
        with zstd.ZstdFile(packed) as stream:
            yield stream
    except zstd.ZstdError as error:  # damaged, or packed with a window too large for memory
        raise OSError(str(error)) from error


_OPENERS: dict[ContainerFormat, Callable[[IO[bytes]], Any]] = {
    "gzip": lambda packed: gzip.GzipFile(fileobj=packed),
    "bzip2": bz2.BZ2File,
    "xz": lzma.LZMAFile,
    "zstd": _open_zstd,
}


@contextmanager
def _translated_errors(name: str) -> Iterator[None]:
    """Raise the errors of the unpacking libraries as `SourceError`."""
    try:
        yield
    except _DAMAGED as error:
        what = (
            Message("ends too early")
            if isinstance(error, EOFError)
            else Message("is damaged (%(reason)s)", reason=error)
        )
        raise SourceError(
            "%(name)s %(how)s: none of it is read",
            name=name,
            how=what,
            hint="Download the list, or pack it, again.",
        ) from error
    except NotImplementedError as error:
        raise SourceError(
            "%(name)s: %(text)s", name=name, text=error, hint=_UNPACK_FIRST
        ) from error
    except OSError as error:
        if error.errno == errno.ENOSPC:
            hint = "Free some space, or set TMPDIR to a folder that has some."
            raise SourceError(
                "%(name)s: not enough disk space to unpack it", name=name, hint=hint
            ) from error
        fault = error.strerror or str(error)  # bz2 sets no strerror for damaged data
        raise SourceError(
            "%(name)s cannot be unpacked (%(fault)s)", name=name, fault=fault, hint=_UNPACK_FIRST
        ) from error
