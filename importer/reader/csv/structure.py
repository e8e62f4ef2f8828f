"""Finds where the rows of a CSV file begin: below a preamble, header rows, or no header."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import zip_longest

from importer.core.locale.message import Message
from importer.reader.csv.dialect import SampleRecord
from importer.reader.csv.profile import (
    EMAIL,
    ColumnKind,
    Profile,
    has_digits,
    is_typed,
    is_value,
    kinds_of,
    looks_like_name,
    nearly_all,
    profile_of,
    shape_of,
)
from importer.reader.csv.sniff import Detected

_LOOKED_AT = 400
_MOST_HEADER_ROWS = 4
_FEWEST_COLUMNS = 3
_MOST_PREAMBLE = 50
_FEWEST_ROWS = 3
_ENOUGH_ROWS = 10
_REGULAR = 0.9

_YEAR, _CENTURIES = 4, ("19", "20")
_ID = 5
# An email address, or a number too long for anything but a phone number or an id.
_REACHES = re.compile(EMAIL.pattern + r"|\+?(?:[ ()./-]{0,2}\d){9,15}")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}|[0-9]{1,2}([./-])[0-9]{1,2}\1[0-9]{4}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Structure:
    """
    Where the header is: `header_rows` records (0: none) behind `skip_lines` physical lines.

    `width` is the number of columns. `profile` is None if there are too few rows for one. `filled`
    is the number of columns up to the last one with a value; it is 0 for few rows of different
    lengths. `counts_rows` is True if
    the first column counts: 1, 2, 3. `is_regular` is True if nine rows in ten, and at least two,
    have as many cells as there are columns. `kinds` are the kinds of the columns of a short list.
    `doubt` says which line below the header may be the header, if one may be.
    """

    skip_lines: int = 0
    header_rows: int = 1
    line: int = 1
    width: int = 1
    profile: Profile | None = None
    filled: int = 0
    counts_rows: bool = False
    is_regular: bool = False
    kinds: tuple[ColumnKind, ...] = ()
    notices: tuple[Message, ...] = ()
    doubt: Message | None = None

    @property
    def evidence(self) -> Message:
        """Where the header is, in words."""
        if not self.header_rows:
            return Message("no header")
        if self.header_rows > 1:
            text = "header on line %(line)s (%(count)s rows)"
            return Message(text, line=self.line, count=self.header_rows)
        return Message("header on line %(line)s", line=self.line)


def find_structure(
    detected: Detected, *, skip_lines: int | None = None, header_rows: int | None = None
) -> Structure:
    """Return where the rows begin. Arguments that are not None are stated, and not questioned."""
    records, width = list(detected.records), detected.width
    if skip_lines is not None:
        records = [record for record in records if record.line > skip_lines]
    elif header_rows != 0:
        above = _preamble(records, width, joins=header_rows != 1)
        names = records[above : above + (header_rows or 1)]
        lacking = sum(not _may_be_names(record.cells) for record in names[1:])
        records = records[max(above - lacking, 0) :]
    rows = _above_names(_rows(records[1:], width))
    counted = _header_rows(records, rows, width) if header_rows is None else header_rows
    line = records[0].line if records else 1
    # Without a header, everything above the first row is skipped.
    skip = skip_lines or (line - 1 if line > 1 else 0)
    used = rows[max(counted - 1, 0) :]
    doubt = _doubt(records, width) if header_rows is None and counted == 1 else None
    if few := _few_rows(records[counted:]):
        width = len(few[0])
    profile = _profile(used, records, width)
    return Structure(
        skip_lines=skip,
        header_rows=counted,
        line=line,
        width=width,
        profile=profile,
        filled=_filled(used if profile else few),
        counts_rows=_counts(used or few),
        is_regular=_is_regular(records[counted:], width),
        kinds=kinds_of(used) if 1 < len(used) < _ENOUGH_ROWS else (),
        notices=(
            *detected.notices,
            *((doubt,) if doubt else ()),
            *(_notices(counted, records) if header_rows is None and not doubt else ()),
        ),
        doubt=doubt,
    )


def _notices(header_rows: int, records: Sequence[SampleRecord]) -> tuple[Message, ...]:
    """Return notices about a header that people may not expect."""
    if header_rows == 0:
        return (Message("no header: the first line is a row, and the columns are numbered"),)
    if header_rows > 1:
        text = "the header has %(count)s rows; use --header-rows 1 if it has one"
        return (Message(text, count=header_rows),)
    if records and any(is_typed(cell) for cell in records[0].cells):
        doubt = Message(
            "the first line is read as the header, though it has values in it; use --no-header if "
            "it is a row"
        )
        return (doubt,)
    return ()


def _doubt(records: Sequence[SampleRecord], width: int) -> Message | None:
    """
    Return that a line below the header may be the header, too, or None.

    It is the first line below it with more than half of its cells. One column of numbers that it
    names is enough if it has names where the header has none, or the header repeats a name.
    """
    above = [record.cells for record in records[:_ENOUGH_ROWS]]
    at = next((at for at, cells in enumerate(above) if at and 2 * _count_filled(cells) > width), 0)
    if not at or records[at].width != width or above[at] == above[0]:
        return None
    is_fuller = _count_filled(above[at]) > _count_filled(above[0])
    is_poor = is_fuller or has_repeats(above[0])
    if _count_names(_rows(records[at:], width)) <= (not is_poor):
        return None
    return second_header(records[at].line, is_next=at == 1)


def second_header(line: int, *, is_next: bool = True) -> Message:
    """Return that the row on a line, which may be the next one, may belong to the header."""
    if not is_next:
        return Message(
            "line %(line)s looks like names of columns too: use --skip-lines %(count)s if it is "
            "the header, or --header-rows 1 if it is a row",
            line=line,
            count=line - 1,
        )
    return Message(
        "line %(line)s looks like names of columns too: use --header-rows 2 if both lines "
        "are the header, --skip-lines %(count)s if only this one is, or --header-rows 1 if it is "
        "a row",
        line=line,
        count=line - 1,
    )


def _above_names(rows: list[list[str]]) -> list[list[str]]:
    """Return the rows above a row of names that begins another table."""
    for place, cells in enumerate(rows[_ENOUGH_ROWS:], _ENOUGH_ROWS):
        if all(map(looks_like_name, cells)) and profile_of(rows[:place]).is_foreign(cells):
            return rows[:place]
    return rows


def _rows(records: Sequence[SampleRecord], width: int) -> list[list[str]]:
    regular = [record for record in records if record.width == width]
    return [record.cells for record in regular[:_LOOKED_AT]]


def _few_rows(records: Sequence[SampleRecord]) -> list[list[str]]:
    """
    Return the rows of a list too short for a profile, if all have the same number of cells.

    A cell that begins with a space may have been cut off from a value that holds the delimiter.
    """
    rows = [record.cells for record in records[:_FEWEST_ROWS]]
    spaced = any(cell.startswith(" ") for row in rows for cell in row[1:])
    agree = len(rows) < _FEWEST_ROWS and len(set(map(len, rows))) == 1 and len(rows[0]) > 1
    return rows if agree and not spaced else []


def _filled(rows: Sequence[Sequence[str]]) -> int:
    columns = zip(*rows, strict=True)
    return max(
        (place for place, cells in enumerate(columns, 1) if any(map(str.strip, cells))), default=0
    )


def _counts(rows: Sequence[Sequence[str]]) -> bool:
    """Return whether the first cells of at least two rows are whole numbers, one after another."""
    first = [cells[0].strip() for cells in rows]
    numbers = [int(text) for text in first if text.isascii() and text.isdecimal()]
    return (
        len(first) > 1
        and len(numbers) == len(first)
        and numbers == [*range(numbers[0], numbers[0] + len(numbers))]
    )


def _is_regular(records: Sequence[SampleRecord], width: int) -> bool:
    agree = sum(record.width == width for record in records)
    return agree > 1 and agree >= _REGULAR * len(records)


def _profile(
    rows: Sequence[Sequence[str]], records: Sequence[SampleRecord], width: int
) -> Profile | None:
    if width < 2 or len(rows) < _FEWEST_ROWS:
        return None
    lacking = Counter(width - record.width for record in records if 0 < record.width < width)
    return profile_of(rows, [lacking[count] for count in range(width)])


def _preamble(records: Sequence[SampleRecord], width: int, *, joins: bool) -> int:
    """
    Return the number of records above the header, 0 where that is not certain.

    It is certain if a row of names is above typed values, or if the records above the
    names have less than half of their cells, or none in the second half, or are titles above names
    of all columns. A header with only a few missing cells remains the header. If it `joins` them,
    the names of groups of columns are not above the header, but its first row.
    """
    few = padded = titles = True
    for position, record in enumerate(records[:_MOST_PREAMBLE]):
        cells = record.cells
        filled = _count_filled(cells)
        rows = _rows(records[position + 1 :], width)
        is_first = joins and few and _are_groups(cells, rows)
        if is_first or (record.width == width and filled * 2 > width):
            below = _profile_below(records[position + 1 :], width)
            if is_first or position == 0 or (below and below.is_foreign(cells)):
                return position
            if (below and below.fits(cells)) or not _may_be_names(cells):
                return 0
            named = _count_named(cells, rows)
            if few and (named or _are_titles(records[: position + 1])):
                return position
            titles = titles or _has_gap(records[: position + 1])
            if titles and named and _are_all_names(cells, records[position + 1 :]):
                return position
            shorter = all(above.width < width for above in records[:position])
            return position if (shorter or padded) and named > 1 else 0
        padded = padded and not any(cell.strip() for cell in cells[width // 2 :])
        is_short = record.width * 2 <= width or (record.width == width and filled <= 1)
        few = few and is_short
        titles = titles and (is_short or any(":" in cell or has_digits(cell) for cell in cells))
    return 0


def _count_filled(cells: Sequence[str]) -> int:
    return sum(bool(cell.strip()) for cell in cells)


def _has_gap(records: Sequence[SampleRecord]) -> bool:
    """Return whether a blank line is above the last record."""
    *_, above, names = records
    return not _count_filled(above.cells) or names.line > above.line + len(above.lines)


def _are_all_names(cells: Sequence[str], below: Sequence[SampleRecord]) -> bool:
    """Return whether a row has a name of its own for nearly each column that has a value."""
    rows = _rows(below, len(cells))
    named = [
        bool(cell.strip())
        for cell, values in zip(cells, zip(*rows, strict=True), strict=False)
        if any(map(str.strip, values))
    ]
    filled = [cell for cell in cells if cell.strip()]
    return nearly_all(named) and all(map(looks_like_name, filled)) and not has_repeats(cells)


def _may_be_names(cells: Sequence[str]) -> bool:
    """Return whether most cells are names, and none a value other than a year."""
    filled = [cell.strip() for cell in cells if cell.strip()]
    names = sum(map(looks_like_name, filled))
    return names * 2 > len(filled) and not any(
        is_typed(cell) and not (cell.isdecimal() and len(cell) <= _YEAR) for cell in filled
    )


def _count_named(cells: Sequence[str], rows: Sequence[Sequence[str]]) -> int:
    """Count the columns of numbers, dates or addresses for which a row has names."""
    return sum(
        looks_like_name(cell) and nearly_all(is_typed(value) for value in values if value.strip())
        for cell, values in zip(cells, zip(*rows, strict=True), strict=False)
    )


def _are_titles(records: Sequence[SampleRecord]) -> bool:
    """
    Return whether the records above the last one are titles, and not a header that lacks names.

    They are if each is a single cell, and a blank line or a row of three names or more follows.
    """
    *above, names = records
    if any(_count_filled(record.cells) > 1 for record in above):
        return False
    return _has_gap(records) or names.width >= _FEWEST_COLUMNS


def _profile_below(records: Sequence[SampleRecord], width: int) -> Profile | None:
    rows = _rows(records, width)[_MOST_HEADER_ROWS:]
    return profile_of(rows) if len(rows) >= _FEWEST_ROWS else None


def _header_rows(records: Sequence[SampleRecord], rows: Sequence[Sequence[str]], width: int) -> int:
    """Return the number of header rows: one, unless none or several is certain."""
    first = records[0].cells if records else []
    if has_an_address(first, (record.cells for record in records[1:_LOOKED_AT])):
        return 0
    if len(first) != width:
        return 2 if _are_groups(first, rows) else 1
    below = profile_of(rows[_MOST_HEADER_ROWS:] or rows) if len(rows) >= _FEWEST_ROWS else None
    if is_row(first, rows, below):
        return 0
    are_groups = bool(rows) and _names_groups(first, rows)
    if are_groups or below is None:
        return 2 if are_groups else 1
    for count, record in enumerate(records[1:_MOST_HEADER_ROWS], 1):
        if record.width != width or not below.is_header(record.cells, _FEWEST_COLUMNS):
            return count
    return 1


def _names_groups(first: Sequence[str], rows: Sequence[Sequence[str]]) -> bool:
    """
    Return whether the first row names groups of columns, and the second one the columns.

    Then the first one has gaps or repeats a name, and the second one has a name for each column
    that has none, of which two are above typed values. Two groups may have columns of one name.
    """
    are_named = all(
        one.strip() or two.strip() for one, two in zip_longest(first, rows[0], fillvalue="")
    )
    is_whole = all(map(str.strip, rows[0])) or has_repeats(rows[0])
    return _has_groups(first) and are_named and is_whole and _count_names(rows, may_repeat=True) > 1


def _are_groups(cells: Sequence[str], below: Sequence[Sequence[str]]) -> bool:
    """Return whether a row is nothing but names, and those of several groups of columns."""
    filled = [cell for cell in cells if cell.strip()]
    are_names = all(
        looks_like_name(one) and ":" not in one and not has_digits(one) for one in filled
    )
    return len(filled) > 1 and are_names and bool(below) and _names_groups(cells, below)


def _has_groups(first: Sequence[str]) -> bool:
    return len({cell.strip() for cell in first} - {""}) < len(first)


def has_repeats(cells: Sequence[str]) -> bool:
    """Return whether a name is there twice among the names of a row."""
    names = [cell.strip() for cell in cells if cell.strip()]
    return len(set(names)) < len(names)


def _count_names(rows: Sequence[Sequence[str]], *, may_repeat: bool = False) -> int:
    """
    Count the names above typed values in the first of some rows, 0 if it has other cells.

    Above whole numbers any word is a name: `No` is one there, and elsewhere an answer.
    """
    names, *below = rows
    are_numbers = nearly_all(cells[0].strip().isdecimal() for cells in below)
    others = names[1:] if are_numbers and names[0].strip().isalpha() else names
    are_names = all(looks_like_name(cell.strip()) for cell in others if cell.strip())
    is_header = are_names and (may_repeat or not has_repeats(names))
    return _count_named(names, below) if is_header else 0


def is_row(cells: Sequence[str], rows: Sequence[Sequence[str]], below: Profile | None) -> bool:
    """
    Return whether the first row is certainly no header: it has values like the rows below.

    `below` describes those rows; it is None where they are too few to judge by.
    """
    if _names_a_person(cells, rows):
        return True
    if below is None:
        return False
    if _is_like_the_rows(cells, below) or _has_a_number_of_its_column(cells, rows):
        return True
    return list(cells) not in rows and _repeats_a_value(cells, below)


def has_an_address(cells: Sequence[str], rows: Iterable[Sequence[str]]) -> bool:
    """
    Return whether a row has one email address above other addresses, or above bad ones.

    Such a row is no header. `rows` may have different lengths. Several addresses in a row may be
    names of columns, for example those of participants.
    """
    found = [at for at, cell in enumerate(cells) if EMAIL.fullmatch(cell.strip())]
    return len(found) == 1 and any("@" in one for row in rows for one in row[found[0] :][:1])


def _names_a_person(cells: Sequence[str], rows: Sequence[Sequence[str]]) -> bool:
    """
    Return whether a row has an address, a phone number or a day where the rows below have them.

    None of them is the name of a column then. (Days are where a column of marks is below each.)
    """
    return any(
        form.fullmatch(cell.strip()) is not None and _all_are(form, values)
        for cell, values in zip(cells, zip(*rows, strict=True), strict=False)
        for form in (_REACHES, _DAY)
    )


def _all_are(form: re.Pattern[str], values: Sequence[str]) -> bool:
    given = [value.strip() for value in values if is_value(value)]
    fitting = sum(form.fullmatch(value) is not None for value in given)
    return bool(given) and fitting >= _REGULAR * len(given)


def _has_a_number_of_its_column(cells: Sequence[str], rows: Sequence[Sequence[str]]) -> bool:
    """
    Return whether a row has a whole number where all rows below have numbers of the same length.

    It is one of those, and no name, if it has five digits or more, or if all other cells are
    written like most of those below them and are more than one word: `Pék Roland;203`. Years and
    counted columns (1, 2, 3) may be names.
    """
    numbers = [cell.strip() for cell in cells if cell.strip().isdecimal()]
    if not numbers or len({*map(int, numbers)} & {*range(len(cells) + 1)}) > 1:
        return False
    columns = [
        (cell.strip(), [value.strip() for value in values if value.strip()])
        for cell, values in zip(cells, zip(*rows, strict=True), strict=False)
        if cell.strip()
    ]
    alike = all(_are_numbers(cell, values) for cell, values in columns if cell.isdecimal())
    if not alike or any(len(one) == _YEAR and one[:2] in _CENTURIES for one in numbers):
        return False
    words = [(cell, values) for cell, values in columns if not cell.isdecimal()]
    written = bool(words) and all(_is_written_like(cell, values) for cell, values in words)
    return written or max(map(len, numbers)) >= _ID


def _repeats_a_value(cells: Sequence[str], below: Profile) -> bool:
    """Return whether a cell is one of a few values that come again and again in its column."""
    return below.could_hold(cells) and any(
        column.values is not None and len(column.values) >= _FEWEST_ROWS and cell in column.values
        for column, cell in zip(below.columns, cells, strict=True)
        if cell.strip()
    )


def _are_numbers(cell: str, values: Sequence[str]) -> bool:
    lengths = Counter(len(value) for value in values if value.isdecimal())
    near = sum(lengths[len(cell) + more] for more in (-1, 0, 1))
    return len(values) >= _FEWEST_ROWS and near >= _REGULAR * len(values)


def _is_written_like(cell: str, values: Sequence[str]) -> bool:
    shape = shape_of(cell)
    same = sum(shape_of(value) == shape for value in values)
    return shape != "a" and 2 * same > len(values)


def _is_like_the_rows(cells: Sequence[str], below: Profile) -> bool:
    """Return whether the first row is certainly not a header: it has values like the rows below."""
    typed = [
        (column, cell)
        for column, cell in zip(below.columns, cells, strict=True)
        if is_typed(cell) and column.is_strict
    ]
    if len(set(cells)) < len(cells) - cells.count(""):
        return bool(typed) and below.could_hold(cells)
    no_name = not any(looks_like_name(cell) for cell in cells)
    # Years may be the names of columns, and whole numbers look like years.
    not_whole_numbers = [cell for _, cell in typed if not cell.strip().isdecimal()]
    several = len(typed) >= 2 and bool(not_whole_numbers)
    return below.could_hold(cells) and bool(typed) and (no_name or several)
