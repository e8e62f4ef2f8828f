"""Finds lines about many versions of a row that can be packed into one line."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Hashable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace

from importer.core import keys
from importer.core.records import Outcome, Status
from importer.writer.index.created_rows import CreatedRows
from importer.writer.line_reader import Line
from importer.writer.lines.row_line import KnownLine, RequestLine, RowLine
from importer.writer.lines.run_line import AcknowledgedLine, RunLine

_HASH = re.compile(r"[0-9a-f]{64}")
_OF_OTHER_RECORDS = frozenset({Status.CHANGED, Status.DUPLICATE, Status.POSSIBLE_DUPLICATE})
"""Outcomes of rows that neither make a record nor are tried again."""


@dataclass(frozen=True, slots=True)
class _VersionLine:
    """A line about one version of a row; two lines with equal `says` differ only in the version."""

    place: int
    source_hash: str
    says: Hashable


class Packing:
    """
    Finds lines that can be packed. Call `add` with all lines in order, without created rows.

    If an unmapped column changes, a row has a line for each of its versions, and all of them say
    the same: which record it belongs to, repeats or changes. They are packed into the last of them,
    so the earlier ones move past other lines. A version moves only if no other line is about it.
    Versions of one record keep their order, which decides between equal rows. In case of doubt a
    line stays where it is.
    """

    def __init__(self) -> None:
        self._hashes: dict[int, str] = {}
        self._known: dict[str, list[_VersionLine]] = {}
        self._rows: dict[Hashable, list[_VersionLine]] = {}
        self._decides: str | None = None
        self._seen_to = 0

    def add(self, place: int, line: Line | None) -> None:
        """Add one line; None is a damaged one. `place` identifies it, as in `Superseded`."""
        match line:
            case RunLine():
                self._decides = line.decides
                self._seen_to += bool(line.undone)
            case AcknowledgedLine():
                self._seen_to += 1
            case RequestLine():
                self._hashes[place] = line.source_hash
            case KnownLine():
                self._hashes[place] = line.source_hash
                base = keys.key_base(line.idempotency_key)
                says = line.occurrence, line.idempotency_key, line.as_key, line.hashes
                found = _VersionLine(place, line.source_hash, says)
                self._known.setdefault(base, []).append(found)
            case RowLine():
                self._hashes[place] = line.outcome.source_hash
                if line.outcome.status in _OF_OTHER_RECORDS:
                    self._add_row(place, line.outcome)

    def _add_row(self, place: int, outcome: Outcome) -> None:
        """Add the line of a row. It does not move past an `acknowledged` line."""
        if outcome.corrected is None and outcome.cells_hash is None:
            # Where the row was in its list decides nothing, so lines may differ in it. The source
            # of a duplicate does: it may be a derived file.
            of_any = replace(outcome, source_hash="", number=0, line=0, duplicate_of=None)
            if outcome.status is not Status.DUPLICATE:
                of_any = replace(of_any, source="")
            says = self._decides, self._seen_to, of_any, outcome.hashes
            with suppress(TypeError):  # an id that is no text
                found = _VersionLine(place, outcome.source_hash, says)
                self._rows.setdefault(says, []).append(found)

    def hash_of(self, place: int) -> str:
        """Return the source hash of the row that a line is about."""
        return self._hashes[place]

    def groups(
        self, stay: Collection[int], gone: Collection[int], created: CreatedRows
    ) -> Iterator[Sequence[int]]:
        """
        Yield groups of two or more lines that can be packed into the last one, by their places.

        Lines in `stay` are not moved, and those in `gone` do not count. `created` has the rows
        whose lines were not added.
        """
        counts = Counter(found for place, found in self._hashes.items() if place not in gone)
        hashes = [one for one, count in counts.items() if count == 1 and _HASH.fullmatch(one)]
        places = created.find(hashes)
        single = {one for one, at in zip(hashes, places, strict=True) if at is None}
        for of_one in (*self._known.values(), *self._rows.values()):
            group: list[_VersionLine] = []
            for one in of_one:
                if one.place in gone:
                    continue
                is_free = one.source_hash in single and one.place not in stay
                if group and not (is_free and one.says == group[-1].says):
                    yield from _if_many(group)
                    group = []
                group += [one] if is_free else []
            yield from _if_many(group)


def _if_many(group: Sequence[_VersionLine]) -> Iterator[Sequence[int]]:
    if len(group) > 1:
        yield [one.place for one in group]
