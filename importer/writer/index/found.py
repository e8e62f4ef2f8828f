"""Finds the created rows of a results file, and the lines that are to be read one by one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import BinaryIO, Self

import polars as pl

from importer.writer.index.created import HashPrefixIndex
from importer.writer.index.scanning import DIGEST_BYTES, Sorted, sort_lines, sorted_blocks
from importer.writer.index_file import Stamp, StoredIndex, add_sections

__all__ = ["Found", "find_lines"]

_ROWS = ("digests", "sources", "keys", "offsets", "others", "sent", "minutes")
_TAIL_BYTES = 1024 * 1024
"""What was added since the index was written is read in a hundredth of a second."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """
    What the first `size` bytes of a results file hold, `lines` lines.

    `digests`, `sources`, `keys` and `offsets` are those of `CreatedRows`. `others` are the places
    (`line`, `offset`) of all other lines, without the `sent` lines of first attempts: those that
    are not of a created row are in `sent`, with their `key`. With `has_repeats`, lines of created
    rows that repeat others were found, and are in `others`.

    `minutes` counts the lines that are not in `others` by `kind` (`row` or `sent`) and minute, and
    apart for each run: each count has the `offset` of its first line.
    """

    size: int
    lines: int
    digests: bytes | bytearray
    sources: HashPrefixIndex
    keys: HashPrefixIndex
    offsets: pl.Series
    others: pl.DataFrame
    sent: pl.DataFrame
    minutes: pl.DataFrame
    has_repeats: bool = False

    def places(self) -> pl.DataFrame:
        """Return the places of the lines that are read one by one, in file order."""
        lines = [self.others, self.sent.select("line", "offset")]
        return pl.concat(lines).unique("offset").sort("offset")

    def with_tail(self, tail: _Parts) -> Self | None:
        """Return what was found with the lines that follow; None if they repeat created rows."""
        sources = self.sources.with_more(tail.created["source"])
        keys = self.keys.with_more(tail.created["key"])
        if self.has_repeats or sources.has_repeats() or keys.has_repeats():
            return None
        sent = pl.concat([self.sent, tail.sent])
        return replace(
            self,
            size=tail.size,
            lines=tail.lines,
            digests=b"".join([self.digests, tail.digests]) if tail.digests else self.digests,
            sources=sources,
            keys=keys,
            offsets=pl.concat([self.offsets, tail.created["offset"]]),
            others=pl.concat([self.others, tail.others]),
            sent=sent.filter(~keys.hold(sent["key"])),
            minutes=pl.concat([self.minutes, tail.minutes]),
        )

    def keep(self, results: Path, stamp: Stamp) -> None:
        """Write the index of the results file, which has to be locked."""
        add_sections(
            results,
            stamp,
            {"size": self.size, "lines": self.lines},
            {
                "digests": self.digests,
                "sources": self.sources.to_frame(),
                "keys": self.keys.to_frame(),
                "offsets": self.offsets.to_frame("offset"),
                "others": self.others,
                "sent": self.sent,
                "minutes": self.minutes,
            },
        )

    @classmethod
    def stored(cls, results: Path) -> Self | None:
        """Return what the index of a results file has, or None if it cannot be used."""
        index = StoredIndex.read(results, _ROWS)
        if index is None:
            return None
        tables = {name: index.take_table(name) for name in _ROWS[1:]}
        if any(table is None for table in tables.values()) or "digests" not in index.sections:
            return None
        found = {name: table for name, table in tables.items() if table is not None}
        return cls(
            size=index.about["size"],
            lines=index.about["lines"],
            digests=index.sections["digests"],
            sources=HashPrefixIndex.from_frame(found["sources"]),
            keys=HashPrefixIndex.from_frame(found["keys"]),
            offsets=found["offsets"]["offset"],
            others=found["others"],
            sent=found["sent"],
            minutes=found["minutes"],
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Parts:
    """The lines of many blocks, sorted by kind: `size` and `lines` are those of the whole file."""

    size: int
    lines: int
    digests: bytearray
    created: pl.DataFrame
    sent: pl.DataFrame
    others: pl.DataFrame
    minutes: pl.DataFrame


def find_lines(path: Path, *, uses_index: bool = True, keeps_index: bool = False) -> Found:
    """
    Return what is found in a results file.

    With `uses_index`, only what was added since its index was written is read. `keeps_index` has
    the index written, if that is worth it; then the file has to be locked.
    """
    stamp = Stamp.of(path.stat())
    known = Found.stored(path) if uses_index else None
    with path.open("rb") as stream:
        found = known and known.with_tail(_parts(stream, known.size, known.lines))
        is_kept = known is not None and found is not None and _is_near(known, found)
        found = found or _whole(stream)
    is_still = found.size == stamp.size and Stamp.of(path.stat()) == stamp
    if keeps_index and not is_kept and is_still and not found.has_repeats:
        found.keep(path, stamp)
    return found


def _is_near(known: Found, found: Found) -> bool:
    """Return whether an index has all created rows, and little was added since it was written."""
    return len(known.offsets) == len(found.offsets) and found.size - known.size <= _TAIL_BYTES


def _whole(stream: BinaryIO) -> Found:
    parts = _parts(stream, 0, 0)
    created, digests, others = parts.created, parts.digests, parts.others
    sources, keys = HashPrefixIndex.of(created["source"]), HashPrefixIndex.of(created["key"])
    has_repeats = sources.has_repeats() or keys.has_repeats()
    if has_repeats:
        # No run writes such lines, but a file that somebody has put together may have them.
        repeated = created["source"].is_duplicated() | created["key"].is_duplicated()
        for position in reversed(repeated.arg_true().to_list()):
            del digests[position * DIGEST_BYTES : (position + 1) * DIGEST_BYTES]
        line = pl.col("line").cast(pl.Int64)
        others = pl.concat([others, created.filter(repeated).select(line, "offset")])
        created = created.filter(~repeated)
        sources, keys = HashPrefixIndex.of(created["source"]), HashPrefixIndex.of(created["key"])
    return Found(
        size=parts.size,
        lines=parts.lines,
        digests=digests,
        sources=sources,
        keys=keys,
        offsets=created["offset"],
        others=others,
        sent=parts.sent.filter(~keys.hold(parts.sent["key"])),
        minutes=parts.minutes,
        has_repeats=has_repeats,
    )


def _parts(stream: BinaryIO, begin: int, lines: int) -> _Parts:
    """Sort all lines from `begin` on, before which there are so many lines."""
    size, digests = begin, bytearray()
    parts = [_in_file(sort_lines(b""), 0, 0)]
    for offset, part in sorted_blocks(stream, begin):
        digests += part.digests
        parts.append(_in_file(part, lines, offset))
        lines += part.lines
        size = offset + part.size
    # Memory is at its highest here: some 80 bytes a row.
    return _Parts(
        size=size,
        lines=lines,
        digests=digests,
        created=_joined([part.created for part in parts]),
        sent=_joined([part.sent for part in parts]),
        others=_joined([part.others for part in parts]),
        minutes=_joined([part.minutes for part in parts]),
    )


def _joined(parts: Sequence[pl.DataFrame]) -> pl.DataFrame:
    return pl.concat(parts, rechunk=False)


def _in_file(part: Sorted, lines: int, offset: int) -> Sorted:
    """Return the lines of a block with their places in the file: `lines` and `offset` are added."""
    line, offset_ = pl.col("line") + lines, pl.col("offset") + offset
    settled = part.created.select("key")
    return Sorted(
        lines=part.lines,
        size=part.size,
        digests=b"",
        created=part.created.select(line.cast(pl.UInt32), offset_, "source", "key"),
        sent=part.sent.join(settled, on="key", how="anti").select(line, offset_, "key"),
        others=part.others.select(line, offset_),
        minutes=part.minutes.with_columns(offset_),
    )
