"""What a source's columns hold, and which values stand in several rows: counted, little kept."""

from __future__ import annotations

from array import array
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

__all__ = ["ColumnProfile", "Repeated", "RepeatedValues", "SourceProfile"]

_DISTINCT = 10_000
_SAMPLES = 3
_SAMPLE_LENGTH = 60
_ROWS_AT_ONCE = 1024
_FIRST_SLOTS = 1 << 12
_LINES_KEPT = 5
_HASH = (1 << 64) - 1


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnProfile:
    """
    What one column of a source holds, in all rows that could be read.

    `filled` counts cells that are not blank; `distinct` their different values up to 10,000,
    with `distinct_capped` where there are more. `min_length` and `max_length` count characters.
    `samples` are the first different values, cut to 60 characters. `fields` are the fields the
    mapping makes of the column; without any the column is not read.
    """

    column: str
    fields: tuple[str, ...]
    rows: int
    filled: int
    distinct: int
    distinct_capped: bool
    min_length: int
    max_length: int
    samples: tuple[str, ...]


class SourceProfile:
    """Collects the profile of each of `columns`; memory does not grow with the rows."""

    def __init__(self, columns: Sequence[str]) -> None:
        self._columns = [_Column(name) for name in columns]
        self._waiting: list[Mapping[str, str]] = []
        self._rows = 0

    def add(self, values: Mapping[str, str]) -> None:
        """Count one row's cells; a column it does not have is blank."""
        self._waiting.append(values)
        if len(self._waiting) >= _ROWS_AT_ONCE:
            self._flush()

    def _flush(self) -> None:
        """Count column by column, which is several times faster than row by row."""
        rows, self._waiting = self._waiting, []
        self._rows += len(rows)
        for column in self._columns:
            name = column.name
            column.add([text for row in rows if (text := row.get(name, "").strip())])

    def result(self, fields: Mapping[str, tuple[str, ...]]) -> tuple[ColumnProfile, ...]:
        """Return the profiles in the columns' order. `fields` says what is made of each column."""
        self._flush()
        return tuple(
            ColumnProfile(
                column=column.name,
                fields=fields.get(column.name, ()),
                rows=self._rows,
                filled=column.filled,
                distinct=min(len(column.hashes), _DISTINCT),
                distinct_capped=len(column.hashes) > _DISTINCT,
                min_length=column.min_length or 0,
                max_length=column.max_length,
                samples=tuple(_cut(text) for text in column.samples),
            )
            for column in self._columns
        )


class _Column:
    """The counters of one column."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.filled = self.max_length = 0
        self.min_length: int | None = None
        self.hashes: set[int] = set()
        self.samples: list[str] = []

    def add(self, texts: Collection[str]) -> None:
        if not texts:
            return
        self.filled += len(texts)
        lengths = [*map(len, texts)]
        shortest = min(lengths)
        if self.min_length is None or shortest < self.min_length:
            self.min_length = shortest
        self.max_length = max(self.max_length, *lengths)
        if len(self.hashes) <= _DISTINCT:
            self.hashes.update(map(hash, texts))
        if len(self.samples) < _SAMPLES:
            self.samples = [*dict.fromkeys((*self.samples, *texts))][:_SAMPLES]


def _cut(text: str) -> str:
    return text if len(text) <= _SAMPLE_LENGTH else text[: _SAMPLE_LENGTH - 1] + "…"


@dataclass(frozen=True, slots=True, kw_only=True)
class Repeated:
    """
    How many rows share a value of this `kind` with an earlier row.

    `lines` are the first of them, each with the line of the row that had the value first.
    """

    kind: str
    count: int
    lines: tuple[tuple[int, int], ...]


class RepeatedValues:
    """
    Finds the rows that have a value an earlier row has.

    A table of 8-byte hashes, and the line each was first on, is all that is kept: 24 to 48
    bytes a value, whatever its length.
    """

    def __init__(self, kind: str) -> None:
        self._kind = kind
        self._count = self._used = 0
        self._lines: list[tuple[int, int]] = []
        self._allocate(_FIRST_SLOTS)

    def add(self, values: Iterable[str], line: int) -> None:
        """Take in one row's values of this kind; several that repeat count as one row."""
        first: int | None = None
        for value in {*values}:
            known = self._place((hash(value) & _HASH) or 1, line)
            first = known if first is None else first
        if first is not None:
            self._count += 1
            if len(self._lines) < _LINES_KEPT:
                self._lines.append((line, first))

    def _allocate(self, slots: int) -> None:
        self._hashes = array("Q", bytes(8 * slots))
        self._firsts = array("Q", bytes(8 * slots))
        self._mask = slots - 1

    def _place(self, hashed: int, line: int) -> int | None:
        """Return the line a hash was first on, or None where this one is the first."""
        hashes, mask = self._hashes, self._mask
        slot = hashed & mask
        while (found := hashes[slot]) != 0:
            if found == hashed:
                return self._firsts[slot]
            slot = (slot + 1) & mask
        hashes[slot] = hashed
        self._firsts[slot] = line
        self._used += 1
        if self._used * 3 > mask * 2:
            self._grow()
        return None

    def _grow(self) -> None:
        hashes, firsts = self._hashes, self._firsts
        self._used = 0
        self._allocate(2 * len(hashes))
        for hashed, line in zip(hashes, firsts, strict=True):
            if hashed:
                self._place(hashed, line)

    def result(self) -> Repeated:
        """Return what was found."""
        return Repeated(kind=self._kind, count=self._count, lines=tuple(self._lines))
