"""Repairs an irregular row, if there is only one way to read it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from importer.core.locale.message import Message
from importer.reader.csv.dialect import CsvDialect, spaced_cells
from importer.reader.csv.profile import ColumnKind, Profile, are_first_cells
from importer.reader.csv.repair.loose_quotes import readings

_FEWEST_LOST = 2
_FEWEST_SEEN = 5
_MOST_EXTRA = 4
_LONGEST_CUT = 500
OTHER_DELIMITERS = (",", ";", "\t", "|", "||", ", ", ":", " ")
_IN_WORDS = {":", " ", ", "}


@dataclass(frozen=True, slots=True)
class RepairedRow:
    """The cells of a row as they were meant, and what was wrong (`why`)."""

    cells: list[str]
    why: Message


class Repairer:
    """
    Repairs rows of a file with `width` columns; without their profile, only their quotes.

    `kinds` are those of the columns of a list that is too small for more than a rough profile.
    """

    def __init__(
        self,
        dialect: CsvDialect,
        width: int,
        profile: Profile | None,
        kinds: Sequence[ColumnKind] = (),
    ) -> None:
        self._dialect = dialect
        self._kinds = kinds if len(kinds) == width else ()
        self._width = width
        self._profile = profile

    def repair(self, raw: str, cells: Sequence[str] | None) -> RepairedRow | None:
        """
        Return the one certain way to read a line, or None.

        `cells` are those by the file's dialect, or None if the line's quotes are irregular.
        """
        line = raw.rstrip("\r\n")
        several = "\r" in line or "\n" in line
        fits = cells is not None and len(cells) == self._width
        if self._dialect.is_trusted or several or fits or self._width < 2:
            return None
        found = [
            repaired
            for repaired in (
                self._loose_quotes(line) if cells is None else self._cell_count(cells),
                self._other_delimiter(line),
                self._spaced_quotes(line) if cells is None else None,
            )
            if repaired is not None
        ]
        is_certain = all(other.cells == found[0].cells for other in found[1:])
        return found[0] if found and is_certain else None

    def may_join(self, cells: Sequence[str], rest: Sequence[str]) -> bool:
        """Return whether the cells of two lines may be one row, whose last and first are one."""
        joined = [*cells[:-1], f"{cells[-1]}\n{rest[0]}", *rest[1:]]
        return all(kind.may_hold(cell) for kind, cell in zip(self._kinds, joined, strict=False))

    def _loose_quotes(self, line: str) -> RepairedRow | None:
        """Read quotes that are not next to a delimiter as text."""
        if not self._dialect.quote or self._dialect.escape:
            return None
        found = readings(line, self._dialect, self._width)
        if len(found) != 1 or self._holds_rows(found[0]):
            return None
        return RepairedRow(found[0], Message("a quote inside a quoted cell was not doubled"))

    def _holds_rows(self, cells: Sequence[str]) -> bool:
        """Return whether a cell with a quote may be two rows whose line end was lost."""
        return any(
            self._dialect.quote in cell
            and cell.count(self._dialect.delimiter) >= max(self._width - 1, _FEWEST_LOST)
            for cell in cells
        )

    def _spaced_quotes(self, line: str) -> RepairedRow | None:
        """Read a row that has spaces between the ends of quoted cells and delimiters."""
        cells = spaced_cells(line, self._dialect)
        if cells is None or len(cells) != self._width:
            return None
        if self._profile is not None and not self._profile.could_hold(cells):
            return None
        return RepairedRow(cells, Message("there were spaces between its quotes and delimiters"))

    def _other_delimiter(self, line: str) -> RepairedRow | None:
        """Read a row that has another delimiter than the file."""
        if self._profile is None:
            return None
        found: dict[tuple[str, ...], str] = {}
        for delimiter in OTHER_DELIMITERS:
            if delimiter == self._dialect.delimiter or delimiter not in line:
                continue
            cells = replace(self._dialect, delimiter=delimiter).split(line)
            if cells is None or len(cells) != self._width or not self._profile.could_hold(cells):
                continue
            if delimiter in _IN_WORDS and not self._profile.fits(cells):
                continue
            found.setdefault(tuple(cells), delimiter)
        if len(found) != 1:
            return None
        [(cells_found, delimiter)] = found.items()
        return RepairedRow(
            list(cells_found), Message("its delimiter is %(value)s", value=delimiter)
        )

    def _cell_count(self, cells: Sequence[str]) -> RepairedRow | None:
        if self._kinds and cells and are_first_cells(cells, self._kinds):
            missing = [""] * (self._width - len(cells))
            return RepairedRow([*cells, *missing], Message("cells at its end are missing"))
        if self._profile is None or not cells:
            return None
        if len(cells) < self._width:
            return _lengthened(cells, self._profile)
        delimiter = self._dialect.delimiter
        return _shortened(cells, self._profile, delimiter) or _continued(
            cells, self._profile, delimiter
        )


def _lengthened(cells: Sequence[str], profile: Profile) -> RepairedRow | None:
    """
    Read a short row, if only the cells at its end can be missing.

    The last cell that is not empty must fit its own column and no other, and at most one of the
    others may look odd. Had a cell before it been lost, it would be a value of a later column; had
    it been joined with its neighbour, it could be cut into values of both. A column that is empty
    in all other rows has no value in this one either, unless the list is too small to tell.
    """
    width, columns = len(profile.columns), profile.columns
    missing = width - len(cells)
    last = max((n for n, cell in enumerate(cells) if cell.strip()), default=None)
    if last is None:
        return None
    is_known = columns[last].count >= _FEWEST_SEEN
    odd = sum(not c.fits(cell) for c, cell in zip(columns, cells, strict=False))
    if odd > is_known or not columns[last].fits(cells[last]):
        return None
    often = missing < len(profile.short) and profile.short[missing] >= 3
    if not often and not all(column.empties for column in columns[len(cells) :]):
        return None
    cell = cells[last]
    following = [one for one in columns[last + 1 : last + 1 + missing] if one.count or not is_known]
    if len(cell) > _LONGEST_CUT or any(column.could_hold(cell) for column in following):
        return None
    joined = columns[last + 1] in following and any(
        columns[last].could_hold(cell[:cut]) and columns[last + 1].could_hold(cell[cut:])
        for cut in range(1, len(cell))
    )
    if joined:
        return None
    return RepairedRow([*cells, *[""] * missing], Message("empty cells at its end were left out"))


def _shortened(cells: Sequence[str], profile: Profile, delimiter: str) -> RepairedRow | None:
    """Read a long row, if there is one way to drop empty cells or to join others."""
    cells = list(cells)
    width = len(profile.columns)
    while len(cells) - width > _MOST_EXTRA and not cells[-1].strip():
        del cells[-1]
    extra = len(cells) - width
    if extra > _MOST_EXTRA:
        return None
    found = _ways(cells, profile, delimiter, extra)
    if len(found) != 1:
        return None
    [only] = found
    if not all(column.fits(cell) for column, cell in zip(profile.columns, only, strict=True)):
        return None
    kept = [cell for cell in only if cell.strip()]
    joined = kept != [cell for cell in cells if cell.strip()]
    why = (
        Message("a delimiter in a cell was not quoted")
        if joined
        else Message("it has empty cells too many")
    )
    return RepairedRow(list(only), why)


def _continued(cells: Sequence[str], profile: Profile, delimiter: str) -> RepairedRow | None:
    """
    Read a long row, if exactly the surplus cells begin with a space.

    No value of the other rows does, so they continue the text before: `Main St 5, Kent`.
    """
    starts = [at for at, cell in enumerate(cells) if at and cell.startswith(" ") and cell.strip()]
    is_usual = any(" " in column.edges[0] for column in profile.columns)
    if is_usual or len(starts) != len(cells) - len(profile.columns):
        return None
    joined: list[str] = []
    for at, cell in enumerate(cells):
        if at not in starts:
            joined.append(cell)
        elif joined[-1].strip():
            joined[-1] += delimiter + cell
        else:
            return None
    for column, cell in zip(profile.columns, joined, strict=True):
        is_text = delimiter in cell and any(map(str.isalpha, cell))
        if column.is_strict and not is_text and cell.strip() and not column.could_hold(cell):
            return None
    return RepairedRow(joined, Message("a delimiter in a cell was not quoted"))


def _ways(
    cells: Sequence[str], profile: Profile, delimiter: str, extra: int
) -> list[tuple[str, ...]]:
    """
    Return the ways, two at most, to fit cells into the columns; there are `extra` cells too many.

    Works from the last column back: for each place where a column's cell may begin, it keeps the
    ways to read the rest of the row.
    """
    width = len(profile.columns)
    rests: dict[int, list[tuple[str, ...]]] = {
        start: [()] if not any(cell.strip() for cell in cells[start:]) else []
        for start in range(width, len(cells) + 1)
    }
    for column in reversed(range(width)):
        following, rests = rests, {}
        for start in reversed(range(column, column + extra + 1)):
            found = list(rests.get(start + 1, ())) if not cells[start].strip() else []
            for end in range(start + 1, column + extra + 2):
                cell = delimiter.join(cells[start:end])
                if following[end] and profile.columns[column].could_hold(cell):
                    found += ((cell, *rest) for rest in following[end])
            rests[start] = list(dict.fromkeys(found))[:2]
    return rests[0]
