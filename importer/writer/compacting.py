"""Makes a results file smaller, without losing it whatever happens meanwhile."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from importer import systems
from importer.errors import JournalError
from importer.writer.index.loading import scan_results
from importer.writer.ledger.on_record import OnRecord
from importer.writer.ledger.policy import Policy
from importer.writer.placing import clear_drafts
from importer.writer.results import ResultsFile, sync_folder
from importer.writer.superseded import Superseded

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
        try:
            clear_drafts(real.parent, real.name)
            after = _rewrite(opened, real, gone)
        except OSError as error:
            raise JournalError(
                f"{path}: cannot be rewritten ({error.strerror or error})",
                hint="It is unchanged. Make room or repair the disk, then run the command again.",
            ) from error
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


def _rewrite(opened: ResultsFile, path: Path, gone: Sequence[tuple[int, int]]) -> int:
    """Replace a file by one without these lines. Returns its size."""
    fd, name = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".tmp", dir=path.parent)
    draft = Path(name)
    replaces_open = systems.current.replaces_open_files
    try:
        with os.fdopen(fd, "wb") as target, path.open("rb") as source:
            if replaces_open:  # the new file is locked until it is safe on disk
                systems.current.lock(target.fileno(), draft)
            systems.current.copy_mode(source.fileno(), target.fileno())
            for begin, end in _kept(gone, path.stat().st_size):
                _copy(source, target, begin, end)
            target.flush()
            os.fsync(target.fileno())
            _prove(path, draft)
            size = target.tell()
            if replaces_open:
                _take_the_name(draft, path)
        if not replaces_open:  # the lock is on a file of its own, and stays
            opened.let_go()
            _take_the_name(draft, path)
        return size
    finally:
        draft.unlink(missing_ok=True)


def _take_the_name(draft: Path, path: Path) -> None:
    systems.current.replace(draft, path)
    sync_folder(path.parent)


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


def _prove(before: Path, after: Path) -> None:
    """Raise `JournalError` unless both files lead to the same decisions."""
    if not _on_record(before).says_the_same(_on_record(after)):
        raise JournalError(
            f"{before}: the smaller file would lead to other decisions",
            hint="The file is unchanged and can be used. Please report this.",
        )


def _on_record(path: Path) -> OnRecord:
    found = OnRecord(Policy())
    created, lines = scan_results(path, uses_index=False)
    if created is not None:
        found.take(created)
    found.load(line for _, _, line in lines if line is not None)
    return found
