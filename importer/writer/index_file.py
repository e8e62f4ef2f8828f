"""
Stores the scan of a results file in a file next to it, the index.

The results file is the truth. An index is used only if nobody but this importer has written to the
results file since, and if every byte of the index is as it was written. Otherwise it is ignored,
and written again.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import struct
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, NamedTuple, Self

from importer.core import systems
from importer.core.systems.contents import copy_part, whole_file

if TYPE_CHECKING:  # polars takes long to load, and a small results file has no index
    import polars as pl

    Section = bytes | bytearray | memoryview | pl.DataFrame

TAIL_BYTES = 1024 * 1024
"""An index is written again if more was added since: reading this takes a hundredth of a second."""

_SMALL_BYTES = 1536 * 1024
"""Reading a smaller file line by line takes 50 ms a MB, and loading polars more than 100."""

_MAGIC = b"vorel-import index 1\n"
_STAMP = struct.Struct("<QQQQ")
_BEGIN = len(_MAGIC) + _STAMP.size
_DIGEST_BYTES = 32
_END = struct.Struct(f"<I{_DIGEST_BYTES}s")
_FORMAT = 5
"""The version of the format: a change of the sections takes another number."""

_UNUSABLE = (OSError, ValueError, KeyError, TypeError, struct.error)
"""The exceptions that a missing, cut or damaged index raises."""


def is_small(results: Path) -> bool:
    """Return whether a results file is read line by line, and has no index."""
    return results.stat().st_size < _SMALL_BYTES


def made_by() -> str:
    """Return the version that can read an index: hashes differ between versions of polars."""
    import polars as pl

    return f"{_FORMAT}, polars {pl.__version__}"


class Stamp(NamedTuple):
    """Changes whenever the results file is written to or replaced."""

    inode: int
    size: int
    modified: int
    changed: int

    @classmethod
    def of(cls, found: os.stat_result) -> Self:
        """Return the stamp of a file."""
        return cls(found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns)

    def to_bytes(self) -> bytes:
        """Return the first bytes of the index of a results file with this stamp."""
        return _MAGIC + _STAMP.pack(*self)


def output_stem(results: Path) -> str:
    """Return the beginning of the names of derived files, which is that of the results file."""
    return results.name.removesuffix(".jsonl").removesuffix(".results")


def beside(results: Path, ending: str) -> Path:
    """Return the path of a file that belongs to a results file: `<stem>.<ending>`."""
    return results.with_name(f"{output_stem(results)}.{ending}")


def index_path(results: Path) -> Path:
    """Return the path of the index of a results file: `<stem>.results.index`."""
    return beside(results.resolve(), "results.index")


def advance(index: Path, before: Stamp, after: Stamp) -> None:
    """
    Update the stamp in an index after this process has written to its results file.

    `before` is the stamp from right before. If the index has another one, it belongs to another
    state of the file, and nothing is done.
    """
    flags = os.O_RDWR | systems.NO_FOLLOW | systems.OPEN_FLAGS
    with suppress(OSError):
        fd = os.open(index, flags)
        try:
            if systems.current.read_at(fd, _BEGIN, 0) == before.to_bytes():
                systems.current.write_at(fd, after.to_bytes(), 0)
        finally:
            os.close(fd)


@dataclass(frozen=True, slots=True)
class StoredIndex:
    """
    An index that belongs to the present state of its results file.

    Taking a section removes it here, so that it is in memory only once. The `digest` is that of
    the digests of all sections.
    """

    digest: bytes
    about: Mapping[str, int]
    sections: dict[str, bytes]

    @classmethod
    def read(cls, results: Path, names: Sequence[str]) -> Self | None:
        """
        Read sections of the index. Returns None if it cannot be used, for any reason.

        Sections that were not stored are left out.
        """
        with suppress(*_UNUSABLE), _opened_of(results) as stream:
            footer = _footer(stream)
            if footer["made_by"] == made_by():
                places = footer["sections"]
                found = {name: _section(stream, *places[name]) for name in names if name in places}
                return cls(digest=_digest(stream), about=footer["about"], sections=found)
        return None

    def take_table(self, name: str) -> pl.DataFrame | None:
        """Return a section as a table, or None if it is not there."""
        return _table(self.sections.pop(name)) if name in self.sections else None


_last: dict[bytes, Any] = {}
"""What was read of one index, by its digest."""


def remember(digest: bytes, found: object) -> None:
    """Keep in memory what was read of an index, or written to it: it is asked for once more."""
    _last.clear()
    _last[digest] = found


def remembered(digest: bytes | None) -> Any:
    """Return what was read of the index with this digest, if that was the last one, or None."""
    return None if digest is None else _last.get(digest)


def forget() -> None:
    """Give the memory of `remember` back, once a run has ended."""
    _last.clear()


def index_digest(results: Path) -> bytes | None:
    """Return the `digest` of the index that belongs to the present state of a results file."""
    with suppress(*_UNUSABLE), _opened_of(results) as stream:
        return _digest(stream)
    return None


def left_behind(results: Path) -> tuple[Stamp, Mapping[str, int]] | None:
    """
    Return the content of an index that belongs to another state of its results file.

    That is the stamp of that state, and the sizes of the sections. The results file may be missing.
    Returns None if there is no index, if it cannot be read, or if it belongs to the file.
    """
    with suppress(*_UNUSABLE), _opened(index_path(results)) as stream:
        begin = stream.read(_BEGIN)
        if not begin.startswith(_MAGIC):
            return None
        stamp = Stamp(*_STAMP.unpack(begin.removeprefix(_MAGIC)))
        if results.exists() and Stamp.of(results.stat()) == stamp:
            return None
        return stamp, {name: size for name, (_, size, _) in _footer(stream)["sections"].items()}
    return None


def _table(section: bytes) -> pl.DataFrame | None:
    import polars as pl
    from polars.exceptions import PolarsError

    try:
        return pl.read_ipc(io.BytesIO(section))
    except PolarsError:
        return None


def _opened(path: Path) -> BinaryIO:
    return os.fdopen(os.open(path, os.O_RDONLY | systems.NO_FOLLOW | systems.OPEN_FLAGS), "rb")


def _opened_of(results: Path) -> BinaryIO:
    """Open the index of a results file. Raises `ValueError` if it is that of another state."""
    stamp = Stamp.of(results.stat())
    stream = _opened(index_path(results))
    if stream.read(_BEGIN) != stamp.to_bytes():
        stream.close()
        raise ValueError("somebody else has written to the results file")
    return stream


def _end(stream: BinaryIO) -> tuple[int, int, bytes]:
    """Return where the footer ends, its size and its digest."""
    end = stream.seek(-_END.size, os.SEEK_END)
    return end, *_END.unpack(stream.read(_END.size))


def _digest(stream: BinaryIO) -> bytes:
    return _end(stream)[2]


def _footer(stream: BinaryIO) -> dict[str, Any]:
    end, size, digest = _end(stream)
    stream.seek(end - size)
    text = stream.read(size)
    if hashlib.sha256(text).digest() != digest:
        raise ValueError("the end of the index is damaged")
    footer: dict[str, Any] = json.loads(text)
    return footer


def _section(stream: BinaryIO, begin: int, size: int, digest: str) -> bytes:
    stream.seek(begin)
    found = stream.read(size)
    if hashlib.sha256(found).hexdigest() != digest:
        raise ValueError("a section of the index is damaged")
    return found


def add_sections(
    results: Path, stamp: Stamp, about: Mapping[str, int], sections: Mapping[str, Section]
) -> None:
    """
    Write the index of a results file, which has to be locked.

    `stamp` is that of the results file when it was read. `about` has numbers to store with the
    sections. Other sections of a usable index stay. If the index cannot be written, the next run
    reads the results file.
    """
    path = index_path(results)
    with suppress(OSError):
        for temporary in _temporary_files(path):
            temporary.unlink(missing_ok=True)
        if not _is_free(path):
            return
        # What a crash leaves of it is found damaged, and the results file is read.
        with whole_file(path, prefix=f".{path.name}-", is_synced=False) as stream:
            _write(stream, stamp, about, sections, path)


def remove(results: Path) -> None:
    """Remove the index of a results file, and unfinished ones."""
    path = index_path(results)
    with suppress(OSError):
        for temporary in _temporary_files(path):
            temporary.unlink(missing_ok=True)
        if path.exists() and _is_free(path):
            path.unlink()


def _temporary_files(path: Path) -> Iterator[Path]:
    begin = f".{path.name}-"
    for one in os.scandir(path.parent):
        if one.name.startswith(begin) and one.name.endswith(".tmp"):
            yield Path(one.path)


def _is_free(path: Path) -> bool:
    """Return whether there is no such file, or an index, also one that a crash has emptied."""
    if path.is_symlink():
        return False
    if not path.exists():
        return True
    with path.open("rb") as stream:
        begin = stream.read(len(_MAGIC))
    return begin == _MAGIC or not any(begin)


def _write(
    stream: BinaryIO,
    stamp: Stamp,
    about: Mapping[str, int],
    sections: Mapping[str, Section],
    present: Path,
) -> None:
    import polars as pl

    stream.write(stamp.to_bytes())
    said, places = _copy_others(stream, stamp, present, sections)
    for name, section in sections.items():
        data = _ipc(section) if isinstance(section, pl.DataFrame) else section
        places[name] = stream.tell(), len(data), hashlib.sha256(data).hexdigest()
        stream.write(data)
    footer = {"made_by": made_by(), "about": said | dict(about), "sections": places}
    text = json.dumps(footer).encode()
    stream.write(text + _END.pack(len(text), hashlib.sha256(text).digest()))


def _copy_others(
    target: BinaryIO, stamp: Stamp, present: Path, names: Collection[str]
) -> tuple[dict[str, int], dict[str, tuple[int, int, str]]]:
    """
    Copy the sections of the present index with other names. Returns its numbers, and the places.

    The sections keep their digests, which still show damage.
    """
    places: dict[str, tuple[int, int, str]] = {}
    with suppress(*_UNUSABLE), _opened(present) as source:
        if source.read(_BEGIN) == stamp.to_bytes():
            footer = _footer(source)
            if footer["made_by"] == made_by():
                for name, (begin, size, digest) in footer["sections"].items():
                    if name not in names:
                        places[name] = target.tell(), size, digest
                        copy_part(source, target, begin, size)
                return footer["about"], places
    return {}, {}


def _ipc(table: pl.DataFrame) -> memoryview:
    buffer = io.BytesIO()
    table.write_ipc(buffer, compression="uncompressed")
    return buffer.getbuffer()
