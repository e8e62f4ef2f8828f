"""Keeps the rows that earlier runs recognised, in some 30 bytes each."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import cached_property

import msgspec
import polars as pl

from importer.core.keys import KEY_PREFIX
from importer.writer.index.created_rows import HashPrefixIndex, texts_at
from importer.writer.index.file_snapshot import FileSnapshot
from importer.writer.index.scanning import prefixes_of
from importer.writer.lines.row_line import unpack_hashes

_FEW = 64


class _Line(msgspec.Struct, gc=False):
    source_hash: str
    idempotency_key: str
    versions: str = ""


_decoder = msgspec.json.Decoder(_Line)


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
        return [place is not None for place in self._places(hashes)]

    def find(self, hashes: Sequence[str]) -> Mapping[str, tuple[int, str]]:
        """Return the position of the line and the key of the record, by source hash."""
        places = self._places(hashes)
        wanted = [(one, at) for one, at in zip(hashes, places, strict=True) if at is not None]
        offsets = self._rows["offset"].gather([at for _, at in wanted]).to_list()
        lines = dict(self._lines(offsets))
        return {
            one: (offset, lines[offset].idempotency_key)
            for (one, _), offset in zip(wanted, offsets, strict=True)
            if one in _hashes_of(lines[offset])
        }

    def of_records(self, bases: Collection[str]) -> Iterator[str]:
        """Yield the source hashes of the known rows of these records."""
        keys = prefixes_of([one.removeprefix(KEY_PREFIX) for one in bases])
        found = self._rows.filter(pl.col("key").is_in(keys.implode()))
        for _, line in self._lines(found["offset"].to_list()):
            if line.idempotency_key in bases:
                yield from _hashes_of(line)

    def all(self) -> Iterator[str]:
        """Yield the source hashes of all known rows."""
        numbers = {*self._rows["hash"]}
        for _, line in self._lines(self._rows["offset"].to_list()):
            found = _hashes_of(line)
            are_known = zip(found, prefixes_of(found), strict=True)
            yield from (one for one, number in are_known if number in numbers)

    def _places(self, hashes: Sequence[str]) -> Sequence[int | None]:
        if not len(self):
            return [None] * len(hashes)
        if len(hashes) < _FEW:
            return [self._index.position(one) for one in hashes]
        return self._index.find(prefixes_of(hashes)).to_list()

    def _lines(self, offsets: Collection[int]) -> Iterator[tuple[int, _Line]]:
        """Yield the lines at these offsets, each once."""
        ordered = pl.Series(sorted(set(offsets)), dtype=pl.Int64)
        if len(ordered):
            with self._snapshot.open() as stream:
                for offset, text in zip(ordered, texts_at(stream, ordered), strict=True):
                    yield offset, _decoder.decode(text)


def _hashes_of(line: _Line) -> tuple[str, ...]:
    return (*unpack_hashes(line.versions), line.source_hash)
