"""Keeps the rows that earlier runs recognised, in some 40 bytes each."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import cached_property
from typing import NamedTuple

import msgspec
import polars as pl

from importer.core.keys import KEY_PREFIX
from importer.writer.index.created_rows import texts_at
from importer.writer.index.file_snapshot import FileSnapshot
from importer.writer.index.hash_prefixes import HashPrefixIndex
from importer.writer.index.scanning import prefixes_of, versions_in


class _KnownRowLine(msgspec.Struct, gc=False):
    source_hash: str
    idempotency_key: str
    versions: str = ""


_decoder = msgspec.json.Decoder(_KnownRowLine)


class KnownRowPlace(NamedTuple):
    """A row that was recognised: its place among all versions on record, and its record's key."""

    order: int
    base: str


class KnownRows:
    """
    The rows with the occurrence 1 that were recognised by the values that were sent of a record.

    No other line of the results file is about them. The line of a row is read when it is needed.
    """

    def __init__(self, snapshot: FileSnapshot, rows: pl.DataFrame) -> None:
        """Take the `known_rows` of a scan, in the order of the file."""
        self._snapshot = snapshot
        self._rows = rows

    def __len__(self) -> int:
        return len(self._rows)

    @cached_property
    def _index(self) -> HashPrefixIndex:
        return HashPrefixIndex.of(self._rows["hash"])

    def have(self, hashes: Sequence[str]) -> Sequence[bool]:
        """Return whether each source hash is that of a known row; it may be another one's."""
        return [place is not None for place in self._index.find(hashes)]

    def find(self, hashes: Sequence[str]) -> Mapping[str, KnownRowPlace]:
        """Return those of these rows that are known, by source hash."""
        places = self._index.find(hashes)
        wanted = [(one, at) for one, at in zip(hashes, places, strict=True) if at is not None]
        rows = self._rows.select("offset", "order")[[at for _, at in wanted]]
        lines = {offset: (line, {*versions_in(line)}) for offset, line in self._lines(rows)}
        found = {}
        for (source_hash, _), (offset, order) in zip(wanted, rows.iter_rows(), strict=True):
            line, versions = lines[offset]
            if source_hash in versions:
                found[source_hash] = KnownRowPlace(order, line.idempotency_key)
        return found

    def of_records(self, bases: Collection[str]) -> Iterator[str]:
        """Yield the source hashes of the known rows of these records."""
        keys = prefixes_of([one.removeprefix(KEY_PREFIX) for one in bases])
        for _, line in self._lines(self._rows.filter(pl.col("key").is_in(keys.implode()))):
            if line.idempotency_key in bases:
                yield from versions_in(line)

    def _lines(self, rows: pl.DataFrame) -> Iterator[tuple[int, _KnownRowLine]]:
        """Yield the lines of some rows, each once, with its position."""
        offsets = rows["offset"].unique().sort()
        for offset, text in zip(offsets, texts_at(self._snapshot, offsets), strict=True):
            yield offset, _decoder.decode(text)
