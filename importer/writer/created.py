"""Holds the rows that earlier runs created at some 70 bytes each."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import polars as pl

from importer.records import Outcome
from importer.writer.lines import read_outcome
from importer.writer.reading import parse_line
from importer.writer.scanning import PREFIX_DIGITS

__all__ = ["DIGEST_BYTES", "CreatedRows"]

DIGEST_BYTES = 32
"""How long a source hash is where it is not written in hex."""


class _Prefixes:
    """Finds hashes by the number their first digits stand for: a sorted list and where each was."""

    def __init__(self, numbers: pl.Series) -> None:
        order = numbers.arg_sort()
        self._order = order
        self._sorted = numbers.gather(order)

    def positions(self, hashes: Sequence[str]) -> list[int]:
        """Return for each hash the one position it may have; it need not be there."""
        wanted = (
            pl.Series("hash", hashes, pl.String).str.slice(0, PREFIX_DIGITS).str.to_integer(base=16)
        )
        places = self._sorted.search_sorted(wanted).clip(upper_bound=len(self._sorted) - 1)
        return self._order.gather(places).to_list()


class CreatedRows:
    """
    Rows that were created, each the first of its kind in the source, in the order of the results.

    Of each row only its source hash, where its line begins, and the first digits of its key are
    held; the outcome itself is read from the file when it is asked for.
    """

    def __init__(
        self,
        path: Path,
        digests: bytearray,
        sources: pl.Series,
        keys: pl.Series,
        offsets: pl.Series,
    ) -> None:
        """
        Take the source hashes, joined, and for each row three numbers.

        `sources` and `keys` are the first `PREFIX_DIGITS` of source hashes and of keys, as numbers
        no two of which are equal; `offsets` say where the lines begin.
        """
        self._path = path
        self._digests = digests
        self._offsets = offsets
        self._by_source = _Prefixes(sources)
        self._by_key = _Prefixes(keys)

    def __len__(self) -> int:
        return len(self._offsets)

    def has_next(self, position: int, digests: bytes) -> bool:
        """Tell whether these rows stand here from `position` on, one behind the other."""
        begin = position * DIGEST_BYTES
        return self._digests.startswith(digests, begin)

    def find(self, hashes: Sequence[str]) -> list[int | None]:
        """Return the position of each source hash, None where it is not here."""
        if not len(self):
            return [None] * len(hashes)
        digests = self._digests
        return [
            position
            if digests.startswith(bytes.fromhex(source_hash), position * DIGEST_BYTES)
            else None
            for source_hash, position in zip(hashes, self._by_source.positions(hashes), strict=True)
        ]

    def offset(self, position: int) -> int:
        """Return where the line of a row begins in the results file."""
        return int(self._offsets[position])

    def find_key(self, key: str) -> Outcome | None:
        """Return the outcome of the row that was created under a key of a first attempt."""
        if not len(self):
            return None
        position = self._by_key.positions([key[4:]])[0]
        with self._path.open("rb") as stream:
            stream.seek(self.offset(position))
            line = parse_line(stream.readline())
        outcome = read_outcome(line) if line is not None else None
        return outcome if outcome is not None and outcome.idempotency_key == key else None
