"""Every way to spoil a clean table that a test measures the reader by."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import islice
from typing import Any

from lists.clean import Table

__all__ = ["Polluted", "polluted", "write"]


@dataclass(frozen=True)
class Polluted:
    """A file, and the rows it truly holds, each by its column."""

    pollution: str
    content: bytes
    truth: list[list[str]]


def write(rows: Sequence[Sequence[str]], *, delimiter: str = ",", quote: str = '"',
          escape: str = "", end: str = "\n", everything: bool = False) -> str:  # fmt: skip
    """Write rows in a dialect, by hand: several delimiters have two characters."""
    special = {delimiter[0], quote, "\r", "\n"} | ({escape} if escape else set())

    def cell(text: str) -> str:
        if not everything and not (special & set(text)) and text[:1] != " ":
            return text
        if escape:
            text = text.replace(escape, escape * 2)
        return quote + text.replace(quote, (escape or quote) + quote) + quote

    return "".join(delimiter.join(map(cell, row)) + end for row in rows)


_ENOUGH = 10
_Writer = Callable[..., str]


def _whole(table: Table) -> list[list[str]]:
    return [table.header, *table.rows]


def _dialects(table: Table, write: _Writer) -> Iterator[tuple[str, str]]:
    for delimiter in (",", ";", "\t", "|", "||", ", ", " ", ":", ";;", "^", "~"):
        yield f"delimiter {delimiter!r}", write(_whole(table), delimiter=delimiter)
    yield "quote '", write(_whole(table), quote="'")
    yield "quote ' everywhere", write(_whole(table), quote="'", everything=True)
    yield 'quote " everywhere', write(_whole(table), everything=True)
    yield "escape \\", write(_whole(table), escape="\\")
    yield "quote ' and ;", write(_whole(table), quote="'", delimiter=";")
    for name, end in (("LF", "\n"), ("CR", "\r"), ("CRLF", "\r\n")):
        yield f"line ends {name}", write(_whole(table), end=end)
    ends = ["\n", "\r\n", "\r"]
    yield (
        "line ends mixed",
        "".join(write([row], end=ends[n % 3]) for n, row in enumerate(_whole(table))),
    )
    yield "no last line end", write(_whole(table)).rstrip("\r\n")
    yield "two last line ends", write(_whole(table)) + write([[]])
    if any('"' in cell for row in table.rows for cell in row):
        loose = [",".join(map(_loosely_quoted, row)) for row in _whole(table)]
        yield "quotes nowhere doubled", "\n".join(loose) + "\n"


_COLOURS = ("Red", "Green", "Blue", "Grey", "White", "Black", "Brown")
_THINGS = ("car", "house", "door", "lamp", "chair", "desk")


def _loosely_quoted(cell: str) -> str:
    return f'"{cell}"' if set(',"\r\n') & set(cell) else cell


def _structures(table: Table, write: _Writer) -> Iterator[tuple[str, str, list[list[str]]]]:
    text, width = write(_whole(table)), len(table.header)
    rows, head, blank = table.rows, write([table.header]), write([[]])
    yield "no header", write(rows), rows
    yield "header only", head, []
    yield "one row", write(_whole(table)[:2]), rows[:1]
    title = write([[f"List of {table.name}"], ["as of May 2023, second issue"]])
    yield "preamble", title + blank + text, rows
    wordy = "List, made by Al, Bo, Cy, Di, and Ed\nAll of it: a, b, c\n"
    yield "preamble with delimiters", wordy + text, rows
    empty = [""] * (width - 1)
    for gap, padding in ((blank, [[*empty, ""]]), ("", list[list[str]]())):
        name = "" if gap else ", no gap"
        above = [["Overview"]] * 3
        yield f"preamble of words{name}", write(above) + gap + text, rows
        padded = [[*line, *empty] for line in above]
        yield f"preamble padded{name}", write(padded + padding) + text, rows
        notes = [["Remark"], ["Source: own list"], ["Remark"]]
        padded = [[*line, *empty] for line in notes]
        yield f"footnote{name}", text + gap + write(notes), rows
        yield f"footnote padded{name}", text + write(padding + padded), rows
    yield "sep line", "sep=;\n" + write(_whole(table), delimiter=";"), rows
    yield "footer", f"{text}\nTotal records: {len(rows)}\n-- end --\n", rows
    total = ["Total", *[""] * (width - 2), "1234.50"]
    yield "total padded", text + write([total]), rows
    units = write([[f"({name.lower()} of it)" for name in table.header]])
    yield "two header rows", head + units + write(rows), rows
    yield "three header rows", head + units + units.replace("of it", "again") + write(rows), rows
    yield "the header twice", head + text, rows
    yield "the header three times", head + head + text, rows
    half = len(rows) // 2
    yield "the header repeated", head + write(rows[:half]) + head + write(rows[half:]), rows
    others = (("fewer", max(width - 3, 2)), ("more", width + 2), ("same", width))
    for name, n in others if len(rows) >= _ENOUGH else ():
        names = [f"{_COLOURS[column % 7]} {_THINGS[column // 7]}" for column in range(n)]
        other = write([names, *([f"x{r}{c}" for c in range(n)] for r in range(len(rows) // 4))])
        yield f"another table, {name} columns", text + blank + other, rows
        yield f"another table, {name} columns, no gap", text + other, rows
    yield from _names_and_sizes(table, write)


def _names_and_sizes(table: Table, write: _Writer) -> Iterator[tuple[str, str, list[list[str]]]]:
    text, rows, width = write(_whole(table)), table.rows, len(table.header)
    yield "names twice", text.replace(table.header[-1], table.header[0], 1), rows
    names = ["" if n % 3 == 1 else c for n, c in enumerate(table.header)]
    yield "names missing", write([names, *rows]), rows
    yield "a name of signs", write([["HEAD/%R", *table.header[1:]], *rows]), rows
    yield "a very long name", write([[*table.header[:-1], "x" * 50_000], *rows]), rows
    long = [[*rows[-1][:-1], "long " * 20_000], *rows]
    yield "a very long row", write([table.header, *long]), long
    yield "one column", write([row[:1] for row in _whole(table)]), [row[:1] for row in rows]
    wide = [[*row, *row * 20] for row in _whole(table)]
    yield "many columns", write(wide), wide[1:]
    long = rows * 10
    yield "many rows", write([table.header, *long]), long

    if len(rows) < _ENOUGH:
        return
    again = [[*row, "", ""] for row in _whole(table)[:10]]
    yield "its first rows again, wider", text + write(again), rows
    again = [row[: width - 3] for row in _whole(table)[:10]]
    yield "its first rows again, narrower", text + write(again), rows


def _encodings(text: str) -> Iterator[tuple[str, bytes]]:
    for encoding in ("utf-8-sig", "utf-16", "windows-1252", "windows-1256", "iso-8859-1"):
        try:
            yield f"encoding {encoding}", text.encode(encoding)
        except UnicodeEncodeError:
            continue


def _row_pollutions(table: Table, write: _Writer) -> Iterator[tuple[str, str]]:
    """Yield (pollution, file) for each row and each of its columns."""
    records = [write([row]) for row in _whole(table)]
    for number, row in enumerate(_whole(table)):
        before, after = "".join(records[:number]), "".join(records[number + 1 :])
        end = write([[]])
        for name, line in _spoiled_lines(row, write):
            yield name, f"{before}{line}{end}{after}"
        yield "one row with LF", f"{before}{write([row], end=chr(10))}{after}"
        yield "one row with CR", f"{before}{write([row], end=chr(13))}{after}"
        if number:
            yield "one blank line", f"{before}{end}{records[number]}{after}"


def _spoiled_lines(row: list[str], write: _Writer) -> Iterator[tuple[str, str]]:
    cells = [write([[cell]], end="") for cell in row]
    for column in range(len(row)):
        for name, spoil in _SPOILS.items():
            spoiled = spoil(list(cells), column)
            if spoiled is not None:
                yield name, spoiled
    for other in (";", "\t", "|", " ", ", "):
        yield f"one row with {other!r}", write([row], delimiter=other, end="")
    yield "one row with ' ', not quoted for it", " ".join(cells)
    yield "one row in '", write([row], quote="'", everything=True, end="")
    yield "trailing delimiters", ",".join(cells) + ",,"
    yield "cut short", ",".join(cells[: (len(cells) + 1) // 2])
    yield "its last cell again and again", ",".join([*cells, *cells[-1:] * 6])
    if any('"' in cell for cell in row):
        yield "one row escaped", write([row], escape="\\", end="")
    if any('"' in cell or "," in cell for cell in row):
        yield "one row, quotes not doubled", ",".join(f'"{cell}"' for cell in row)
        yield "one row without quotes", ",".join(row)
    for lost in (1, 2):
        if not any(row[-lost:]):
            yield "trailing empty cells lost", ",".join(cells[:-lost])


def _less(cells: list[str], column: int) -> str | None:
    if column == len(cells) - 1:
        return None
    cells[column : column + 2] = [cells[column] + cells[column + 1]]
    return ",".join(cells)


def _more(cells: list[str], column: int) -> str:
    return ",".join([*cells[: column + 1], "", *cells[column + 1 :]])


def _more_inside(cells: list[str], column: int) -> str | None:
    cell = cells[column]
    if len(cell) < 2 or '"' in cell:
        return None
    cells[column] = cell[: len(cell) // 2] + "," + cell[len(cell) // 2 :]
    return ",".join(cells)


def _quote(place: Callable[[str], int]) -> Callable[[list[str], int], str | None]:
    def spoil(cells: list[str], column: int) -> str | None:
        cell = cells[column]
        cells[column] = cell[: place(cell)] + '"' + cell[place(cell) :]
        return ",".join(cells)

    return spoil


def _quote_in_quotes(cells: list[str], column: int) -> str | None:
    if not cells[column].startswith('"'):
        return None
    cells[column] = '"' + cells[column]
    return ",".join(cells)


_SPOILS: dict[str, Callable[[list[str], int], str | None]] = {
    "one separator less": _less,
    "one separator more": _more,
    "one separator more, inside": _more_inside,
    "one quote more, before": _quote(lambda _: 0),
    "one quote more, inside": _quote(lambda cell: (len(cell) + 1) // 2),
    "one quote more, behind": _quote(len),
    "one quote more, in quotes": _quote_in_quotes,
}


def polluted(
    table: Table, *, step: int = 1, end: str = "\n", everything: bool = False
) -> Iterator[Polluted]:
    """
    Yield spoiled files of a table; of those spoiled in one place, each `step`-th.

    `end` and `everything` say how the table is written before it is spoiled.
    """
    base = partial(_written, end=end, everything=everything)
    for name, text in _dialects(table, base):
        yield Polluted(name, text.encode(), table.rows)
    for name, content in _encodings(base(_whole(table))):
        yield Polluted(name, content, table.rows)
    for name, text, truth in _structures(table, base):
        yield Polluted(name, text.encode(), truth)
    for name, text in islice(_row_pollutions(table, base), 0, None, step):
        yield Polluted(name, text.encode(), table.rows)


def _written(rows: Sequence[Sequence[str]], **dialect: Any) -> str:
    """Write rows; a row without cells is a blank line."""
    if list(rows) == [[]]:
        return str(dialect["end"])
    return write(rows, **dialect)
