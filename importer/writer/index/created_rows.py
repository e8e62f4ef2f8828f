"""Keeps the rows that earlier runs created, in some 50 bytes each."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, BinaryIO

import msgspec

from importer.core.keys import DIGEST_BYTES, KEY_PREFIX, digests_of
from importer.core.records import Outcome
from importer.writer.line_reader import read_line
from importer.writer.lines.row_line import RowLine

if TYPE_CHECKING:  # polars takes long to load, and a small results file has no index
    import polars as pl

    from importer.writer.index.file_snapshot import FileSnapshot
    from importer.writer.index.hash_prefixes import HashPrefixIndex
    from importer.writer.index.results_scan import ResultsScan

_READ_AT_ONCE = 8 * 1024
_FAR_APART = 8 * 1024


class _CreatedLine(msgspec.Struct, gc=False):
    """What is needed of the line of a created row, most often for a derived file."""

    external_id: str
    record_url: str | None
    idempotency_key: str
    row_hash: str


_decoder = msgspec.json.Decoder(_CreatedLine)


class CreatedRows:
    """
    The created rows with the occurrence 1, in the order of the results file.

    Only half the source hash, the position of the line, and the first digits of the key are kept
    for each row; the outcome is read from the file when it is needed. Without a scan there are
    none, as where all lines of a small file are read one by one.
    """

    _snapshot: FileSnapshot
    _offsets: pl.Series
    _sources: HashPrefixIndex
    _keys: HashPrefixIndex

    def __init__(self, scanned: tuple[FileSnapshot, ResultsScan] | None = None) -> None:
        """Take a file and its scan."""
        self._digests = b""
        if scanned is not None:
            from importer.writer.index.hash_prefixes import HashPrefixIndex

            self._snapshot, scan = scanned
            self._digests = scan.digests
            self._offsets = scan.offsets["offset"]
            self._sources, self._keys = HashPrefixIndex(scan.sources), HashPrefixIndex(scan.keys)

    def __len__(self) -> int:
        return len(self._digests) // DIGEST_BYTES

    def has_next(self, position: int, hashes: Sequence[str]) -> bool:
        """Return whether exactly these hashes follow from `position` on."""
        return self._digests.startswith(digests_of(hashes), position * DIGEST_BYTES)

    def find(self, hashes: Sequence[str]) -> list[int | None]:
        """Return the position of each source hash, or None if it is not in the index."""
        if not self._digests:
            return [None] * len(hashes)
        digests, size = digests_of(hashes), DIGEST_BYTES
        return [
            position
            if position is not None
            and self._digests.startswith(digests[at : at + size], position * size)
            else None
            for at, position in zip(
                range(0, len(digests), size), self._sources.find(hashes), strict=True
            )
        ]

    def offset(self, position: int) -> int:
        """Return the byte offset of the line of a row in the results file."""
        return int(self._offsets[position])

    def links(
        self, positions: Sequence[int], keys: Sequence[str] | None = None
    ) -> pl.DataFrame | None:
        """
        Return `external_id` and `record_url` of some rows, read from the results file.

        A `record_url` that is null is "". Returns None if they were not created with these `keys`.
        """
        import polars as pl

        lines = self._lines(positions)
        if keys is not None and [line.idempotency_key for line in lines] != [*keys]:
            return None
        return pl.DataFrame(
            {
                "external_id": [line.external_id for line in lines],
                "record_url": [line.record_url or "" for line in lines],
            },
            schema={"external_id": pl.String, "record_url": pl.String},
        )

    def _lines(self, positions: Sequence[int]) -> list[_CreatedLine]:
        import polars as pl

        offsets = self._offsets.gather(pl.Series(positions, dtype=pl.UInt32))
        return [_decoder.decode(text) for text in texts_at(self._snapshot, offsets)]

    def find_key(self, key: str) -> Outcome | None:
        """Return the outcome of the row that was created with this key of a first attempt."""
        [position] = self.find_keys([key])
        outcome = None if position is None else self._outcome(position)
        return outcome if outcome is not None and outcome.idempotency_key == key else None

    def find_keys(self, keys: Sequence[str]) -> Sequence[int | None]:
        """
        Return the only possible position of each of many keys of first attempts, or None.

        Compare it with `key` to be certain.
        """
        if not self._digests:
            return [None] * len(keys)
        return self._keys.find([key.removeprefix(KEY_PREFIX) for key in keys])

    def key(self, position: int) -> str | None:
        """Return the key with which a row was created."""
        outcome = self._outcome(position)
        return None if outcome is None else outcome.idempotency_key

    def sent(self, positions: Sequence[int]) -> list[tuple[str, str]]:
        """Return the key and the `row_hash` with which each of many rows was created."""
        return [(one.idempotency_key, one.row_hash) for one in self._lines(positions)]

    def _outcome(self, position: int) -> Outcome | None:
        line = read_line(self._snapshot.line_at(self.offset(position)))
        return line.outcome if isinstance(line, RowLine) else None


def texts_at(snapshot: FileSnapshot, offsets: pl.Series) -> Iterator[bytes]:
    """Yield the lines of a file at these offsets; those near each other are read together."""
    with snapshot.open() as stream:
        for begin in range(0, len(offsets), _READ_AT_ONCE):
            yield from _texts_at(stream, offsets.slice(begin, _READ_AT_ONCE))


def _texts_at(stream: BinaryIO, offsets: pl.Series) -> Iterator[bytes]:
    """Yield the lines at these offsets, with one read unless they are far apart."""
    first, last = offsets[0], offsets[-1]
    block = b""
    if offsets.is_sorted() and last - first <= len(offsets) * _FAR_APART:
        stream.seek(last)
        size = last - first + len(stream.readline())
        stream.seek(first)
        block = stream.read(size)
    for offset in offsets.to_list():
        if block:
            yield block[offset - first : block.index(b"\n", offset - first)]
        else:
            stream.seek(offset)
            yield stream.readline()
