"""Keeps the rows that earlier runs recognised, in some 40 bytes each."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from importer.core.keys import KEY_PREFIX
from importer.writer.index.created_rows import texts_at
from importer.writer.lines.row_line import versions_in

if TYPE_CHECKING:  # polars takes long to load, and a small results file has no index
    import polars as pl

    from importer.writer.index.file_snapshot import FileSnapshot
    from importer.writer.index.hash_prefixes import HashPrefixIndex


class _KnownRowLine(msgspec.Struct, gc=False):
    source_hash: str
    idempotency_key: str
    packed: str = msgspec.field(default="", name="versions")


_decoder = msgspec.json.Decoder(_KnownRowLine)


class KnownRowPlace(NamedTuple):
    """A row that was recognised: its place among all versions on record, and its record's key."""

    order: int
    base: str


class KnownRows:
    """
    The rows with the occurrence 1 that were recognised by the values that were sent of a record.

    No other line of the results file is about them. The line of a row is read when it is needed.
    Without a scan there are none.
    """

    _snapshot: FileSnapshot
    _rows: pl.DataFrame

    def __init__(self, scanned: tuple[FileSnapshot, pl.DataFrame] | None = None) -> None:
        """Take a file and the `known_rows` of its scan, in the order of the file."""
        self._count = 0
        if scanned is not None:
            self._snapshot, self._rows = scanned
            self._count = len(self._rows)

    def __len__(self) -> int:
        return self._count

    @cached_property
    def _index(self) -> HashPrefixIndex:
        from importer.writer.index.hash_prefixes import HashPrefixIndex

        return HashPrefixIndex.of(self._rows["hash"])

    def have(self, hashes: Sequence[str]) -> Sequence[bool]:
        """Return whether each source hash is that of a known row; it may be another one's."""
        if not self:
            return [False] * len(hashes)
        return [place is not None for place in self._index.find(hashes)]

    def find(self, hashes: Sequence[str]) -> Mapping[str, KnownRowPlace]:
        """Return those of these rows that are known, by source hash."""
        if not self:
            return {}
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
        if not self:
            return
        import polars as pl

        from importer.writer.index.scanning import prefixes_of

        keys = prefixes_of([one.removeprefix(KEY_PREFIX) for one in bases])
        for _, line in self._lines(self._rows.filter(pl.col("key").is_in(keys.implode()))):
            if line.idempotency_key in bases:
                yield from versions_in(line)

    def _lines(self, rows: pl.DataFrame) -> Iterator[tuple[int, _KnownRowLine]]:
        """Yield the lines of some rows, each once, with its position."""
        offsets = rows["offset"].unique().sort()
        for offset, text in zip(offsets, texts_at(self._snapshot, offsets), strict=True):
            yield offset, _decoder.decode(text)
