"""Clean invented tables, and every way to spoil them that a test measures the reader by."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice

__all__ = ["Polluted", "Table", "polluted", "tables", "write"]

ROWS = 80


@dataclass(frozen=True)
class Table:
    """A clean table."""

    name: str
    header: list[str]
    rows: list[list[str]]


@dataclass(frozen=True)
class Polluted:
    """A file, and the rows it truly holds, each by its column."""

    pollution: str
    content: bytes
    truth: list[list[str]]
    header: list[str]
    options: dict[str, object] = field(default_factory=dict)


def tables() -> list[Table]:
    """Return three tables as lists of people have them: contacts, a survey, visits."""
    return [_contacts(random.Random(1)), _survey(random.Random(2)), _visits(random.Random(3))]


_FIRST = [
    "Rana", "Omar", "Layla", "Anna-Lena", "José", "Thomas", "Siobhán", "Yusuf", "Mei", "Ola",
    "Petra", "Karim", "Ines", "Luc",
]  # fmt: skip
_LAST = [
    "Haddad", "Saleh", "Müller", "O'Brien", "García", "Smith", "van-Dijk", "Öztürk", "Chen",
    "Larsen", "Novák", "Aziz",
]  # fmt: skip
_CITIES = ["Dubai", "Berlin", "Madrid", "Cork", "Izmir", "Oslo", "Prague", "Lyon"]
_WORDS = [
    "called", "twice,", "no", "answer;", "prefers", "mornings", "likes", "the", "garden", "view",
    "asked", "about", "parking", "wants", "a", "quote", '"soon"', "moved", "in", "spring",
]  # fmt: skip


def _note(rng: random.Random) -> str:
    return " ".join(rng.choices(_WORDS, k=rng.randint(2, 8))) if rng.random() < 0.6 else ""


def _contacts(rng: random.Random) -> Table:
    header = ["ID", "First name", "Last name", "E-mail", "Phone", "City", "Born", "Balance", "Note"]
    rows = []
    for number in range(ROWS):
        first, last = rng.choice(_FIRST), rng.choice(_LAST)
        rows.append([
            str(1000 + number), first, last, f"{first.lower()}.{number}@example.com",
            f"+9715{rng.randint(0, 9)}{rng.randint(1000000, 9999999)}", rng.choice(_CITIES),
            f"{rng.randint(1950, 2004)}-{rng.randint(1, 12):02}-{rng.randint(1, 28):02}",
            f"{rng.uniform(0, 5000):.2f}", _note(rng),
        ])  # fmt: skip
    return Table("contacts", header, rows)


def _survey(rng: random.Random) -> Table:
    header = ["DATE", "TIME", "Qty", "PRODUCTID", "Price", "ProductType", "ProductDescription",
              "URL", "Comments"]  # fmt: skip
    kinds = ["lamp", "desk", "chair"]
    rows = []
    for number in range(ROWS):
        kind = rng.choice(kinds)
        rows.append([
            f"{rng.randint(1, 12)}/{rng.randint(1, 28)}/2021",
            f"{rng.randint(8, 19)}:{rng.randint(10, 59)}",
            str(rng.randint(1, 40)), f"{kind[0].upper()}{rng.randint(100, 999)}",
            f"{rng.uniform(5, 900):.2f}", kind,
            f"{kind}, {rng.choice(['oak', 'steel', 'glass'])} {rng.randint(20, 90)} cm",
            f"https://shop.example.com/{kind}/{number}", _note(rng) or "ok",
        ])  # fmt: skip
    return Table("survey", header, rows)


def _visits(rng: random.Random) -> Table:
    header = [
        "Nr",
        "Patient",
        "Visit",
        "Doctor",
        "Dept",
        "Score",
        "Paid",
        "Insured",
        "Plan",
        "Remark",
    ]
    rows = [
        [
            f"V-{number:04}", f"{rng.choice(_LAST)}, {rng.choice(_FIRST)}",
            f"{rng.randint(1, 28):02}.{rng.randint(1, 12):02}.2023 {rng.randint(8, 17):02}:30",
            f"Dr. {rng.choice(_LAST)}", rng.choice(["ENT", "Dental", "Eyes"]),
            str(rng.randint(0, 100)) if rng.random() < 0.8 else "", f"{rng.randint(5, 95)} %",
            rng.choice(["yes", "no"]), rng.choice(["A", "B", "N/A"]), _note(rng),
        ]
        for number in range(ROWS)
    ]  # fmt: skip
    return Table("visits", header, rows)


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


def _whole(table: Table) -> list[list[str]]:
    return [table.header, *table.rows]


def _dialects(table: Table) -> Iterator[tuple[str, str]]:
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
    yield "no last line end", write(_whole(table)).rstrip("\n")
    yield "two last line ends", write(_whole(table)) + "\n"
    yield "line breaks in quotes", write(
        [[*row[:-1], row[-1] + "\nsecond line"] if n % 7 == 3 else row
         for n, row in enumerate(_whole(table))])  # fmt: skip


def _structures(table: Table) -> Iterator[tuple[str, str, list[list[str]]]]:
    text, width = write(_whole(table)), len(table.header)
    rows = table.rows
    yield "no header", write(rows), rows
    yield "header only", write([table.header]), []
    yield "one row", write(_whole(table)[:2]), rows[:1]
    yield "preamble", f"List of {table.name}\nas of May 2023, second issue\n\n{text}", rows
    wordy = "List, made by Al, Bo, Cy, Di, and Ed\nAll of it: a, b, c\n"
    yield "preamble with delimiters", wordy + text, rows
    yield "preamble padded", f"{table.name}{',' * (width - 1)}\n{',' * (width - 1)}\n{text}", rows
    yield "sep line", "sep=;\n" + write(_whole(table), delimiter=";"), rows
    yield "footer", f"{text}\nTotal records: {len(rows)}\n-- end --\n", rows
    units = write([[f"({name.lower()} of it)" for name in table.header]])
    head = write([table.header])
    yield "two header rows", head + units + write(rows), rows
    yield "three header rows", head + units + units.replace("of it", "again") + write(rows), rows
    yield "the header repeated", head + write(rows[:40]) + head + write(rows[40:]), rows
    for name, n in (("fewer", width - 3), ("more", width + 2), ("same", width)):
        names = [f"field {chr(97 + column)}" for column in range(n)]
        other = write([names, *([f"x{r}{c}" for c in range(n)] for r in range(20))])
        yield f"another table, {name} columns", f"{text}\n{other}", rows
    yield "names twice", text.replace(table.header[2], table.header[1], 1), rows
    yield (
        "names missing",
        write([["" if n % 3 == 1 else c for n, c in enumerate(table.header)], *rows]),
        rows,
    )
    yield "a very long name", write([[*table.header[:-1], "x" * 50_000], *rows]), rows
    long = [[*rows[5][:-1], "long " * 20_000], *rows]
    yield "a very long row", write([table.header, *long]), long


def _row_pollutions(table: Table) -> Iterator[tuple[str, str]]:
    """Yield (pollution, file) for each row and each of its columns."""
    lines = write(_whole(table)).splitlines(keepends=True)
    for number, row in enumerate(_whole(table)):
        for name, line in _spoiled_lines(row):
            yield name, "".join([*lines[:number], line, "\n", *lines[number + 1 :]])


def _spoiled_lines(row: list[str]) -> Iterator[tuple[str, str]]:
    cells = [write([[cell]], end="") for cell in row]
    for column in range(len(row)):
        for name, spoil in _SPOILS.items():
            spoiled = spoil(list(cells), column)
            if spoiled is not None:
                yield name, spoiled
    for other in (";", "\t", "|", " ", ", "):
        yield f"one row with {other!r}", write([row], delimiter=other, end="")
    yield "one row in '", write([row], quote="'", everything=True, end="")
    yield "trailing delimiters", ",".join(cells) + ",,"
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


_SPOILS: dict[str, Callable[[list[str], int], str | None]] = {
    "one separator less": _less,
    "one separator more": _more,
    "one separator more, inside": _more_inside,
    "one quote more, before": _quote(lambda _: 0),
    "one quote more, inside": _quote(lambda cell: (len(cell) + 1) // 2),
    "one quote more, behind": _quote(len),
}


def polluted(table: Table, *, step: int = 1) -> Iterator[Polluted]:
    """Yield spoiled files of a table; of those spoiled in one place, each `step`-th."""
    for name, text in _dialects(table):
        truth = table.rows
        if name == "line breaks in quotes":
            truth = [[*row[:-1], row[-1] + "\nsecond line"] if n % 7 == 3 else row
                     for n, row in enumerate(table.rows, 1)]  # fmt: skip
        yield Polluted(name, text.encode(), truth, table.header)
    for name, text, truth in _structures(table):
        yield Polluted(name, text.encode(), truth, table.header)
    for name, text in islice(_row_pollutions(table), 0, None, step):
        yield Polluted(name, text.encode(), table.rows, table.header)
