"""The shape of a list: how full its mapped columns are, and what their values look like."""

from __future__ import annotations

import re
from array import array
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field

from importer.core.keys import DIGEST_BYTES, digests_of
from importer.core.records import Row
from importer.core.shared import JsonValue
from importer.mapper.fields.extract import find
from importer.reader import Batch

_DIGIT, _LETTER = re.compile(r"\d"), re.compile(r"[^\W\d_]")
_MANY = 100_000
_SAMPLED = 2_000
"""
About how many rows are sampled. A share of them is exact to 1 in 100 (a standard error of
`sqrt(0.5 * 0.5 / 2000)`), which is enough to see that a column has collapsed.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class ListShape:
    """
    The shape of a list, from a sample of its rows.

    `rows` is the size of the sample. `columns` has, for each mapped column, how many of these rows
    have a value of which form. `read_as` is the encoding
    and the delimiter of each file. With `is_ascii` most encodings read the sample in the same way.
    `different` counts the rows of the whole list without those that repeat another one; it is None
    for lists of earlier versions.
    """

    rows: int
    columns: Mapping[str, Mapping[str, int]]
    read_as: Sequence[tuple[str, str]]
    is_ascii: bool
    different: int | None = None

    def to_json(self) -> dict[str, JsonValue]:
        """Return the value of `shape` in an `end` line. It holds no value of a row."""
        return asdict(self)


def form_of(value: JsonValue) -> str | None:
    """
    Return the form of a value, or None if it is empty.

    >>> [form_of(one) for one in ("ada@example.com", "+971 50 1", "C-17", "Ada", "", None)]
    ['email', 'digits', 'code', 'words', None, None]
    """
    if value is None or isinstance(value, Mapping | list):
        return None if not value else "nested"
    text = str(value).strip()
    if not text:
        return None
    if "@" in text:
        return "email"
    has_letters = _LETTER.search(text) is not None
    if _DIGIT.search(text):
        return "code" if has_letters else "digits"
    return "words" if has_letters else "signs"


@dataclass(slots=True)
class ShapeSampler:
    """
    Samples every n-th row of a list while it is read, and counts all rows.

    `expected` is the approximate number of rows.
    """

    columns: Sequence[str]
    expected: int
    _rows: int = 0
    _next: int = 0
    _is_ascii: bool = True
    _forms: dict[str, Counter[str]] = field(default_factory=dict)
    _hashes: array[int] = field(default_factory=lambda: array("q"))

    def see(self, batch: Batch) -> None:
        """Look at the rows of the next batch."""
        self._hashes.extend(array("q", digests_of(batch.hashes))[:: DIGEST_BYTES // 8])
        step = -(-self.expected // _SAMPLED) or 1
        while self._next < len(batch):
            row = batch.row(self._next)
            if isinstance(row, Row):
                self._add(row)
            self._next += step
        self._next -= len(batch)

    def _add(self, row: Row) -> None:
        self._rows += 1
        for column in self.columns:
            value = find(row.values, column)
            form = form_of(value)
            forms = self._forms.setdefault(column, Counter())
            if form is not None:
                forms[form] += 1
                self._is_ascii = self._is_ascii and str(value).isascii()

    @property
    def rows(self) -> int:
        """How many rows were shown."""
        return len(self._hashes)

    @property
    def different(self) -> int:
        """How many rows there are, without those that repeat another one."""
        if len(self._hashes) < _MANY:
            return len(set(self._hashes))
        import polars as pl  # a set of ten million numbers takes a gigabyte

        return pl.Series(self._hashes, dtype=pl.Int64).n_unique()

    def result(self, read_as: Sequence[tuple[str, str]]) -> ListShape:
        """Return the shape of the list."""
        return ListShape(
            rows=self._rows,
            columns={name: dict(forms) for name, forms in self._forms.items()},
            read_as=read_as,
            is_ascii=self._is_ascii,
            different=self.different,
        )
