"""Scans a results file: created rows in blocks, and the places of all other lines."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import BinaryIO, Self

import polars as pl

from importer.core.keys import DIGEST_BYTES
from importer.writer.index.hash_prefixes import CreatedTables, HashPrefixIndex
from importer.writer.index.scanning import SortedLines, sort_file
from importer.writer.index_file import (
    TAIL_BYTES,
    Stamp,
    StoredIndex,
    add_sections,
    index_digest,
    remember,
    remembered,
)

_TABLES = ("sources", "keys", "offsets", "others", "sent", "known", "readings", "minutes")
_PLACE = (pl.col("line").cast(pl.Int64), pl.col("offset"))


@dataclass(frozen=True, kw_only=True)
class ResultsScan:
    """
    The scan of the first `size` bytes of a results file, which are `lines` lines.

    `digests` and `tables` are those of `CreatedRows`. `sent` has the places (`line`, `offset`) and
    `key` of `sent` lines of first attempts without a created row. `known`, `readings` and `others`
    are those of `SortedLines`. With `has_repeats`, some lines of created rows repeat earlier ones;
    they are in `others`.

    `minutes` counts the lines that are not in `others` by `kind` (`row` or `sent`), minute and run:
    each count has the `offset` of its first line.
    """

    size: int
    lines: int
    digests: bytes | bytearray
    tables: CreatedTables
    others: pl.DataFrame
    sent: pl.DataFrame
    known: pl.DataFrame
    readings: pl.DataFrame
    minutes: pl.DataFrame
    has_repeats: bool = False

    def places(self, *, with_known: bool = False) -> pl.DataFrame:
        """
        Return the places of the lines to read one by one, in file order.

        Created rows and those in `known` are among them if `others` has lines about the same rows,
        and all in `known` and `readings` if `with_known`.
        """
        known = [self.known, self.readings] if with_known else [self._told_again]
        apart = (self.others, self.sent, *known, self._created_again)
        lines = [one.select(_PLACE) for one in apart]
        return pl.concat(lines).unique("offset").sort("offset")

    def known_rows(self) -> pl.DataFrame:
        """Return the last line of each version in `known` that no line of `places` is about."""
        alone = self.known.join(self._told_again, on="offset", how="anti", maintain_order="left")
        return alone.unique("hash", keep="last", maintain_order=True)

    @cached_property
    def _created_again(self) -> pl.DataFrame:
        """The lines of created rows that another line read one by one is about, too."""
        hashes = pl.concat([self.others["hash"], self._told_again["hash"]]).drop_nulls().unique()
        if not len(hashes):
            return self.others.clear()
        tables = self.tables
        offsets = tables.offsets.gather(tables.sources.find(hashes).drop_nulls().sort())
        return pl.DataFrame({"line": pl.repeat(-1, len(offsets), eager=True), "offset": offsets})

    @cached_property
    def _told_again(self) -> pl.DataFrame:
        """The lines in `known` with a version that another line read one by one is about, too."""
        told = self.known.join(self.others, on="hash", how="semi")
        while True:
            versions = self.known.join(told, on="offset", how="semi")
            more = self.known.join(versions, on="hash", how="semi")
            if len(more) == len(told):
                return told
            told = more

    def with_tail(self, tail: SortedLines) -> Self | None:
        """Return the scan with the lines that follow, or None if they repeat created rows."""
        longer = replace(
            self,
            size=tail.size,
            lines=tail.lines,
            others=pl.concat([self.others, tail.others]),
            readings=pl.concat([self.readings, tail.readings]),
            minutes=pl.concat([self.minutes, tail.minutes]),
        )
        if not tail.created.height and not tail.sent.height and not tail.known.height:
            return longer
        tables = self.tables.with_more(tail.created)
        if tables.has_repeats():
            return None
        sent = pl.concat([self.sent, tail.sent])
        known, others = _split_known(tail.known, tables)
        return replace(
            longer,
            known=pl.concat([self.known, known]),
            others=pl.concat([longer.others, others]),
            digests=b"".join([self.digests, tail.digests]) if tail.digests else self.digests,
            tables=tables,
            sent=sent.filter(~tables.keys.hold(sent["key"])),
        )

    def keep(self, results: Path, stamp: Stamp) -> None:
        """Write the index of the results file, which has to be locked."""
        tables = self.tables
        add_sections(
            results,
            stamp,
            {"size": self.size, "lines": self.lines},
            {
                "digests": self.digests,
                "sources": tables.sources.to_frame(),
                "keys": tables.keys.to_frame(),
                "offsets": tables.offsets.to_frame("offset"),
                "others": self.others,
                "sent": self.sent,
                "known": self.known,
                "readings": self.readings,
                "minutes": self.minutes,
            },
        )

    @classmethod
    def stored(cls, results: Path) -> ResultsScan | None:
        """Return the scan in the index of a results file, or None if it cannot be used."""
        found = remembered(index_digest(results))
        if isinstance(found, cls):
            return found
        index = StoredIndex.read(results, ("digests", *_TABLES))
        if index is None or "digests" not in index.sections:
            return None
        tables = [table for name in _TABLES if (table := index.take_table(name)) is not None]
        if len(tables) < len(_TABLES):
            return None
        sources, keys, offsets, others, sent, known, readings, minutes = tables
        stored = cls(
            size=index.about["size"],
            lines=index.about["lines"],
            digests=index.sections["digests"],
            tables=CreatedTables(
                HashPrefixIndex.from_frame(sources),
                HashPrefixIndex.from_frame(keys),
                offsets["offset"],
            ),
            others=others,
            sent=sent,
            known=known,
            readings=readings,
            minutes=minutes,
        )
        remember(index.digest, stored)
        return stored


def scan_file(path: Path, *, uses_index: bool = True, keeps_index: bool = False) -> ResultsScan:
    """
    Scan a results file.

    With `uses_index` it reads only what was added since the index was written. With `keeps_index`
    it writes the index, if that is worth it; then the file has to be locked.
    """
    stamp = Stamp.of(path.stat())
    stored = ResultsScan.stored(path) if uses_index else None
    with path.open("rb") as stream:
        found = stored and stored.with_tail(sort_file(stream, stored.size, stored.lines))
        is_kept = stored is not None and found is not None and _is_near(stored, found)
        found = found or _whole(stream)
    is_still = found.size == stamp.size and Stamp.of(path.stat()) == stamp
    if keeps_index and not is_kept and is_still and not found.has_repeats:
        found.keep(path, stamp)
        if (digest := index_digest(path)) is not None:
            remember(digest, found)
    return found


def _is_near(stored: ResultsScan, found: ResultsScan) -> bool:
    """Return whether an index has all created rows, and little was added since then."""
    return len(stored.digests) == len(found.digests) and found.size - stored.size <= TAIL_BYTES


def _split_known(known: pl.DataFrame, tables: CreatedTables) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return `known` without the lines about created rows, and these as a part of `others`."""
    created = known.filter(tables.sources.hold(known["hash"]))
    left = known.join(created, on="offset", how="anti", maintain_order="left")
    return left, known.join(created, on="offset", how="semi").select(*_PLACE, "hash")


def _whole(stream: BinaryIO) -> ResultsScan:
    parts = sort_file(stream, 0, 0)
    created, digests, others = parts.created, parts.digests, parts.others
    sources, keys = HashPrefixIndex.of(created["source"]), HashPrefixIndex.of(created["key"])
    has_repeats = sources.has_repeats() or keys.has_repeats()
    if has_repeats:
        # No run writes such lines, but somebody may have joined two files.
        digests = bytearray(digests)
        repeated = created["source"].is_duplicated() | created["key"].is_duplicated()
        for position in reversed(repeated.arg_true().to_list()):
            del digests[position * DIGEST_BYTES : (position + 1) * DIGEST_BYTES]
        line = pl.col("line").cast(pl.Int64)
        of_row = pl.col("source").alias("hash")
        others = pl.concat([others, created.filter(repeated).select(line, "offset", of_row)])
        created = created.filter(~repeated)
        sources, keys = HashPrefixIndex.of(created["source"]), HashPrefixIndex.of(created["key"])
    tables = CreatedTables(sources, keys, created["offset"])
    known, of_created = _split_known(parts.known, tables)
    return ResultsScan(
        size=parts.size,
        lines=parts.lines,
        digests=digests,
        tables=tables,
        others=pl.concat([others, of_created]),
        sent=parts.sent.filter(~keys.hold(parts.sent["key"])),
        known=known,
        readings=parts.readings,
        minutes=parts.minutes,
        has_repeats=has_repeats,
    )
