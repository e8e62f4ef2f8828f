"""Makes a results file smaller, without losing it whatever happens meanwhile."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from importer.writer.index.loading import scan_results
from importer.writer.results import ResultsFile
from importer.writer.rewriting.replacing import rewrite
from importer.writer.rewriting.superseded import Superseded

__all__ = ["Compacted", "compact", "superseded_bytes"]


_BLOCK_BYTES = 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Compacted:
    """How large a results file was and is, in bytes, and how many lines are gone."""

    before: int
    after: int
    lines: int


def compact(path: Path) -> Compacted:
    """
    Rewrite a results file without the lines that no later run needs.

    The lines that stay are the same bytes in the same order. They are written to a new file in the
    same folder, synced and read back. The new file takes the old one's name only if it leads to
    the same decisions, so at every moment one whole file has that name. Both files are locked.

    Raises `ResultsError` if there is no such file or a run is using it, and `JournalError` if the
    new file cannot be written: then nothing has changed.
    """
    real = path.resolve()
    with closing(ResultsFile(real, is_there=True)) as opened:
        size = real.stat().st_size
        gone = superseded(real)
        if not gone:
            return Compacted(before=size, after=size, lines=0)

        def fill(source: BinaryIO, target: BinaryIO) -> None:
            for begin, end in _kept(gone, size):
                _copy(source, target, begin, end)

        after = rewrite(opened, fill)
    return Compacted(before=size, after=after, lines=len(gone))


def superseded(path: Path) -> Sequence[tuple[int, int]]:
    """Return (offset, size) of each line that no later run needs, in file order."""
    found = Superseded()
    for _, offset, line in scan_results(path)[1]:
        found.add(offset, line)
    with path.open("rb") as stream:
        return [(offset, _size(stream, offset)) for offset in sorted(found.offsets())]


def superseded_bytes(path: Path) -> int:
    """Return how much smaller `compact` would make a results file."""
    return sum(size for _, size in superseded(path))


def _size(stream: BinaryIO, offset: int) -> int:
    stream.seek(offset)
    return len(stream.readline())


def _kept(gone: Sequence[tuple[int, int]], size: int) -> Iterator[tuple[int, int]]:
    """Yield the beginning and the end of each part that stays."""
    begin = 0
    for offset, length in gone:
        if offset > begin:
            yield begin, offset
        begin = offset + length
    if size > begin:
        yield begin, size


def _copy(source: BinaryIO, target: BinaryIO, begin: int, end: int) -> None:
    source.seek(begin)
    left = end - begin
    while left:
        block = source.read(min(left, _BLOCK_BYTES))
        if not block:
            raise OSError(f"{source.name} became shorter")
        target.write(block)
        left -= len(block)
