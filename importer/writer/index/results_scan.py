"""Scans a results file: created rows in blocks, and the places of all other lines."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any, Self

import polars as pl

from importer.core.keys import DIGEST_BYTES
from importer.writer.index.hash_prefixes import PREFIX_TABLE, with_more
from importer.writer.index.scanning import SortedLines, sort_file, sort_lines
from importer.writer.index_file import (
    TAIL_BYTES,
    Stamp,
    StoredIndex,
    add_sections,
    index_digest,
    remember,
    remembered,
)

_JOINED = ("sent", "known", "readings", "others", "minutes")
"""The tables of `SortedLines` that are joined as they are."""
_TABLES = ("offsets", "sources", "keys", *_JOINED)


@dataclass(frozen=True, kw_only=True)
class ResultsScan:
    """
    The scan of the first `size` bytes of a results file, which are `lines` lines.

    Created rows have the positions of their `offsets`, `digests` and numbers in `sources` and
    `keys`, which are tables of `HashPrefixIndex`. The other tables are those of `SortedLines`;
    lines in `sent` and `known` are about other rows. With `has_repeats`, some lines of created rows
    repeat earlier ones; they are in `others`.
    """

    size: int
    lines: int
    digests: bytes
    offsets: pl.DataFrame
    sources: pl.DataFrame
    keys: pl.DataFrame
    sent: pl.DataFrame
    known: pl.DataFrame
    readings: pl.DataFrame
    others: pl.DataFrame
    minutes: pl.DataFrame
    has_repeats: bool = False

    @classmethod
    def of_nothing(cls) -> Self:
        """Return the scan of no lines."""
        lines, empty = sort_lines(b"", 0, 0), pl.DataFrame(schema=PREFIX_TABLE)
        tables = {name: getattr(lines, name) for name in _JOINED}
        offsets = lines.created.select("offset")
        return cls(
            size=0, lines=0, digests=b"", offsets=offsets, sources=empty, keys=empty, **tables
        )

    def places(self, *, with_known: bool = False) -> pl.DataFrame:
        """
        Return the places of the lines to read one by one, in file order.

        Created rows and those in `known` are among them if `others` has lines about the same rows,
        and all in `known` and `readings` if `with_known`.
        """
        known = [self.known, self.readings] if with_known else [self._told_again]
        apart = (self.others, self.sent, *known, self._created_again)
        lines = [one.select("line", "offset") for one in apart]
        return pl.concat(lines).unique("offset").sort("offset")

    def known_rows(self) -> pl.DataFrame:
        """Return the last line of each version in `known` that no line of `places` is about."""
        alone = self.known.join(self._told_again, on="offset", how="anti", maintain_order="left")
        return alone.unique("hash", keep="last", maintain_order=True)

    @cached_property
    def _created_again(self) -> pl.DataFrame:
        """The lines of created rows that another line read one by one is about, too."""
        hashes = pl.concat([self.others["hash"], self._told_again["hash"]]).drop_nulls()
        return self._created_lines(self.sources.filter(_is_one_of("number", hashes)))

    def _created_lines(self, sources: pl.DataFrame) -> pl.DataFrame:
        """Return the lines of created rows as a part of `others`, but without their numbers."""
        return sources.select(
            pl.lit(-1, pl.Int64).alias("line"),
            self.offsets["offset"].gather(sources["position"]),
            pl.col("number").alias("hash"),
        )

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

    def with_more(self, later: SortedLines) -> Self:
        """Return the scan with the lines that follow."""
        both = {name: pl.concat([getattr(self, name), getattr(later, name)]) for name in _JOINED}
        found = replace(self, size=later.size, lines=later.lines, **both)
        created = later.created
        if not created.is_empty():
            found = replace(
                found,
                digests=self.digests + later.digests,
                offsets=pl.concat([self.offsets, created.select("offset")]),
                sources=with_more(self.sources, created["source"]),
                keys=with_more(self.keys, created["key"]),
            ).without_repeats()
        if created.is_empty() and later.sent.is_empty() and later.known.is_empty():
            return found
        return found.without_created()

    def without_repeats(self) -> Self:
        """Return the scan with the lines of created rows that share a hash in `others`."""
        tables = self.sources, self.keys
        alike = [one.filter(pl.col("number") == pl.col("number").shift(1)) for one in tables]
        if all(map(pl.DataFrame.is_empty, alike)):
            return self
        # No run writes such lines, but somebody may have joined two files.
        repeated = pl.concat(
            one.filter(_is_one_of("number", again["number"]))["position"]
            for one, again in zip(tables, alike, strict=True)
        ).unique()
        is_one = _is_one_of("position", repeated)
        digests = bytearray(self.digests)
        for position in repeated.sort(descending=True):
            del digests[position * DIGEST_BYTES : (position + 1) * DIGEST_BYTES]
        ranked = pl.col("position").rank().cast(pl.UInt32) - 1
        sources, keys = (one.filter(~is_one).with_columns(ranked) for one in tables)
        return replace(
            self,
            digests=bytes(digests),
            offsets=self.offsets.with_row_index("position").filter(~is_one).select("offset"),
            sources=sources,
            keys=keys,
            others=pl.concat([self.others, self._created_lines(self.sources.filter(is_one))]),
            has_repeats=True,
        )

    def without_created(self) -> Self:
        """Return the scan without `sent` and `known` lines about created rows."""
        known, sent = self.known, self.sent
        made = self.sources.filter(_is_one_of("number", known["hash"]))["number"]
        answered = self.keys.filter(_is_one_of("number", sent["key"]))["number"]
        is_told = _is_one_of("offset", known.filter(_is_one_of("hash", made))["offset"])
        return replace(
            self,
            known=known.filter(~is_told),
            others=pl.concat([self.others, known.filter(is_told).select("line", "offset", "hash")]),
            sent=sent.filter(~_is_one_of("key", answered)),
        )

    def keep(self, results: Path, stamp: Stamp) -> None:
        """Write the index of the results file, which has to be locked."""
        sections = {name: getattr(self, name) for name in ("digests", *_TABLES)}
        add_sections(results, stamp, {"size": self.size, "lines": self.lines}, sections)

    @classmethod
    def stored(cls, results: Path) -> ResultsScan | None:
        """Return the scan in the index of a results file, or None if it cannot be used."""
        found = remembered(index_digest(results))
        if isinstance(found, cls):
            return found
        index = StoredIndex.read(results, ("digests", *_TABLES))
        if index is None or "digests" not in index.sections:
            return None
        tables: dict[str, Any] = {
            name: table for name in _TABLES if (table := index.take_table(name)) is not None
        }
        if len(tables) < len(_TABLES):
            return None
        size, lines = index.about["size"], index.about["lines"]
        stored = cls(size=size, lines=lines, digests=index.sections["digests"], **tables)
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
    known = stored or ResultsScan.of_nothing()
    with path.open("rb") as stream:
        found = known.with_more(sort_file(stream, known.size, known.lines))
    is_kept = stored is not None and _is_near(stored, found)
    is_still = found.size == stamp.size and Stamp.of(path.stat()) == stamp
    if keeps_index and not is_kept and is_still and not found.has_repeats:
        found.keep(path, stamp)
        if (digest := index_digest(path)) is not None:
            remember(digest, found)
    return found


def _is_near(stored: ResultsScan, found: ResultsScan) -> bool:
    """Return whether an index has all created rows, and little was added since then."""
    return len(stored.digests) == len(found.digests) and found.size - stored.size <= TAIL_BYTES


def _is_one_of(name: str, few: pl.Series) -> pl.Expr:
    """Return whether a number is one of the others, of which polars makes a set."""
    return pl.col(name).is_in(few.implode())
