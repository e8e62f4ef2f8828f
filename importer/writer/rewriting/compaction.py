"""Makes a results file smaller, without losing it whatever happens meanwhile."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import BinaryIO

from importer.core.locale.message import Message
from importer.core.systems.contents import copy_part
from importer.writer.group_commit import encode_line
from importer.writer.line_reader import parse_line
from importer.writer.lines.row_line import pack_hashes
from importer.writer.loading import scan_results
from importer.writer.results import ResultsFile, is_torn, torn_line_kept
from importer.writer.rewriting.compaction_policy import may_save_enough, saves_enough
from importer.writer.rewriting.packing import Packing
from importer.writer.rewriting.replacement import rewrite
from importer.writer.rewriting.superseded import Superseded


@dataclass(frozen=True, slots=True, kw_only=True)
class Compacted:
    """
    The size of a results file before and after, in bytes.

    `lines` lines are gone, and `packed` lines were packed into others. `torn` is the file with the
    torn last line, if there was one. `notices` are for the person.
    """

    before: int
    after: int
    lines: int
    packed: int
    torn: str | None = None
    notices: tuple[Message, ...] = ()


def compact(path: Path) -> Compacted:
    """
    Rewrite a results file without the lines that no later run needs.

    Lines that say the same of many versions of a row are packed into the last of them. All other
    lines stay, in the same order. The new file is written to the same folder, synced and read back;
    it replaces the old one only if it leads to the same decisions. At every moment one whole file
    has the name. Both files are locked.

    Raises `ResultsError` if there is no such file or a run is using it, and `JournalError` if the
    new file cannot be written: then nothing has changed.
    """
    real = path.resolve()
    with closing(ResultsFile(real, is_there=True)) as opened:
        return _compact(opened, _find(real))


def compact_if_it_pays(path: Path) -> Compacted | None:
    """
    Rewrite a results file like `compact` if that saves a quarter of it, and more than 1 MB.

    Returns None if nothing was done. A file with a torn last line is left to the next run, which
    repairs it and says so. Raises the same errors as `compact`.
    """
    real = path.resolve()
    if not may_save_enough(real) or is_torn(real):
        return None
    with closing(ResultsFile(real, is_there=True)) as opened:
        found = _find(real)
        return _compact(opened, found) if saves_enough(found.spare, real.stat().st_size) else None


def _compact(opened: ResultsFile, found: _Found) -> Compacted:
    size = opened.path.stat().st_size
    same = Compacted(
        before=size,
        after=size,
        lines=0,
        packed=0,
        torn=None if opened.torn is None else str(opened.torn),
        notices=tuple(torn_line_kept(opened.path, opened.torn)),
    )
    if not found.changes:
        return same

    def fill(source: BinaryIO, target: BinaryIO) -> None:
        begin = 0
        for offset, (length, text) in found.changes.items():
            copy_part(source, target, begin, offset - begin)
            target.write(text)
            begin = offset + length
        copy_part(source, target, begin, size - begin)

    after = rewrite(opened, fill)
    return replace(same, after=after, lines=found.lines, packed=found.packed)


def superseded_bytes(path: Path) -> int:
    """Return how much smaller `compact` would make a results file."""
    return _find(path).spare


@dataclass(frozen=True, slots=True)
class _Found:
    """
    The changes of a file by offset, in order, each with the old length and the new text.

    `lines` lines are removed, and `packed` lines are packed into others.
    """

    changes: Mapping[int, tuple[int, bytes]]
    lines: int
    packed: int

    @property
    def spare(self) -> int:
        """How many bytes it saves."""
        return sum(length - len(text) for length, text in self.changes.values())


def _find(path: Path) -> _Found:
    scanned = scan_results(path, reads_known=True)
    superseded, packing = Superseded(), Packing()
    offsets: list[int] = []  # of each line; each version in a packed line counts as a line
    for _, offset, line in scanned.lines:
        superseded.add(len(offsets), line)
        packing.add(len(offsets), line)
        offsets.append(offset)
    gone = superseded.lines(scanned.created)
    groups = {one[-1]: one[:-1] for one in packing.groups(superseded.pinned, gone, scanned.created)}
    moved = {place for group in groups.values() for place in group}
    gone |= superseded.runs(gone | moved)
    rewriting = _Rewriting(packing, offsets, gone | moved, groups)
    with path.open("rb") as stream:
        changes = dict(rewriting.changes(stream))
    emptied = [offset for offset, (_, text) in changes.items() if not text]
    packed = len({offsets[place] for place in moved}.intersection(emptied))
    return _Found(changes, len(emptied) - packed, packed)


@dataclass(frozen=True, slots=True)
class _Rewriting:
    """
    Makes the new texts of changed lines. `offsets` has the offset of each line, by its place.

    Lines at the places `away` are left out, and `groups` are packed into others.
    """

    packing: Packing
    offsets: Sequence[int]
    away: Collection[int]
    groups: Mapping[int, Sequence[int]]

    def changes(self, stream: BinaryIO) -> Iterator[tuple[int, tuple[int, bytes]]]:
        """Yield the offset of each line that changes, with its length and the new text."""
        for offset in sorted({self.offsets[place] for place in (*self.away, *self.groups)}):
            stream.seek(offset)
            before = stream.readline()
            begin, end = bisect_left(self.offsets, offset), bisect_right(self.offsets, offset)
            text = b"".join(self._texts(range(begin, end), before))
            if text != before:
                yield offset, (len(before), text)

    def _texts(self, places: range, before: bytes) -> Iterator[bytes]:
        """Yield the new texts of a line: one for each version that stays there."""
        stay = [place for place in places if place not in self.away]
        line = (parse_line(before) or {}) if stay else {}
        line.pop("versions", None)
        for place in stay:
            versions = [self.packing.hash_of(one) for one in self.groups.get(place, ())]
            about = {"source_hash": self.packing.hash_of(place)}
            yield encode_line(
                {**line, **about, **({"versions": pack_hashes(versions)} if versions else {})}
            )
