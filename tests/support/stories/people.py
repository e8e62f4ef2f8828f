"""A list of people, what is done to its rows and columns, and who each row is about."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from random import Random

from stories.files import FORMATS

__all__ = ["NAMES", "TOO_LONG", "People", "Row"]

NAMES = (
    "Ada", "Bo", "Cyd", "Dee", "Eli", "Fay", "Gus", "Hal", "Ivy", "Jon",
    "Kim", "Lea", "Moe", "Nia", "Ola", "Pia", "Quy", "Ray", "Sue", "Tia",
)  # fmt: skip
TOO_LONG = f"{'x' * 300}@example.com"
_COLUMNS = ("First", "Last", "Mail", "Tel", "Ref", "Budget", "Note", "Exported")
_DISPENSABLE = ("Note", "Exported")
"""Columns that come and go: they are seldom mapped, or never."""
_BAD = 0.15
_LONGEST = 40


@dataclass
class Row:
    """A row of the list by its columns. `who` it is about is not in the file."""

    who: str
    cells: dict[str, str]

    def copy(self) -> Row:
        """Return another row with the same cells."""
        return Row(self.who, dict(self.cells))

    @property
    def is_bad(self) -> bool:
        """Return whether its address is too long to be sent."""
        return self.cells["Mail"] == TOO_LONG


class People:
    """
    The list and its header. All rows of a person have the same details, but for notes.

    `headers` are what the columns are called, `columns` those that the list has, in order.
    `moved` says whose address, number or name has changed since a run has put the row on record:
    only one of them, since else nothing would connect the row with its record. `has_numbers` says
    whether the numbers have been mapped all the time.
    """

    def __init__(self, chance: Random) -> None:
        self._chance = chance
        self._left = list(NAMES)
        self._gone: list[Row] = []
        self.rows: list[Row] = []
        self.headers = {column: column for column in _COLUMNS}
        self.columns = list(_COLUMNS)
        self.format = chance.choice(FORMATS)
        self.moved: dict[str, str] = {}
        self.has_numbers = True
        self.edits: dict[str, Callable[[], None]] = {
            "add": self.add,
            "add a relative": self._add_relative,
            "delete": self._delete,
            "bring back": self._bring_back,
            "sort": lambda: chance.shuffle(self.rows),
            "copy": self._copy,
            "export anew": self._export_anew,
            "change a note": lambda: self._change_one(
                "Note", f"called {chance.randint(1, 3)} times"
            ),
            "export a row anew": lambda: self._change_one("Exported", "saturday"),
            "correct bad ones": self._correct,
            "change an address": lambda: self._move("Mail", lambda text: f"new.{text}"),
            "change a number": lambda: self._move(
                "Tel", lambda text: text.replace("12345", "12346")
            ),
            "write an address in capitals": lambda: self._change("Mail", str.swapcase),
            "write a number otherwise": lambda: self._change("Tel", _spaced),
            "write an amount otherwise": lambda: self._change("Budget", _amount),
            "write an address of a row in capitals": self._change_case,
            "add a blank": lambda: self._change("Last", lambda text: f"{text} "),
            "add a second name": self._add_second_name,
            "rename a header": self._rename,
            "reorder columns": lambda: chance.shuffle(self.columns),
            "add or remove a column": self._toggle_column,
            "save in another format": self._reformat,
        }

    def pass_a_day(self, day: int) -> None:
        """Let the column differ that says when a row was exported."""
        for row in self.rows:
            row.cells["Exported"] = f"day {day}"

    def add(self) -> None:
        """Add somebody new."""
        if self._left:
            self.insert(self.somebody_new())

    @property
    def has_others(self) -> bool:
        """Whether there is somebody who has not been in the list yet."""
        return bool(self._left)

    def somebody_new(self) -> Row:
        """Return the row of somebody new, perhaps with an address that is too long."""
        name = self._left.pop(0)
        number = NAMES.index(name)
        is_bad = self._chance.random() < _BAD
        cells = {
            "First": name,
            "Last": f"{name}son",
            "Mail": TOO_LONG if is_bad else f"{name.lower()}@example.com",
            "Tel": f"{self._chance.choice(['+97150', '050 '])}12345{number:02}",
            "Ref": f"C-{number + 1}",
            "Budget": f"{number + 1}250.00",
            "Note": self._chance.choice(["", "", "met in May"]),
            "Exported": "monday",
        }
        return Row(name, cells)

    def file_rows(self, rows: list[Row]) -> list[dict[str, str]]:
        """Return rows as they are in the file, by header."""
        return [
            {self.headers[column]: row.cells[column] for column in self.columns} for row in rows
        ]

    def names(self) -> list[str]:
        """Return whom the list is about."""
        return sorted({row.who for row in self.rows})

    def correct(self, who: str, mail: str) -> None:
        """Let all rows of a person have this address."""
        for row in [*self.rows, *self._gone]:
            if row.who == who:
                row.cells["Mail"] = mail

    def insert(self, row: Row) -> None:
        """Add a row anywhere."""
        self.rows.insert(self._chance.randint(0, len(self.rows)), row)

    def _add_relative(self) -> None:
        if self._left and self.rows:
            other, new = self._chance.choice(self.rows), self.somebody_new()
            shared = self._chance.choice([("Tel",), ("Last", "Tel"), ("Last",)])
            new.cells |= {column: other.cells[column] for column in shared}
            self.insert(new)

    def _delete(self) -> None:
        if len(self.rows) > 1:
            self._gone.append(self.rows.pop(self._chance.randrange(len(self.rows))))

    def _bring_back(self) -> None:
        if self._gone:
            self.rows.append(self._gone.pop())

    def _copy(self) -> None:
        self.insert(self._chance.choice(self.rows).copy())

    def _export_anew(self) -> None:
        self.pass_a_day(self._chance.randint(10, 99))

    def _correct(self) -> None:
        for row in self.rows:
            if row.is_bad and self._chance.random() < 0.7:
                self._set(row.who, "Mail", f"{row.who.lower()}@example.com")

    def _change_one(self, column: str, text: str) -> None:
        """Change a cell of one row, not of the person's other rows."""
        self._chance.choice(self.rows).cells[column] = text

    def _change_case(self) -> None:
        row = self._chance.choice(self.rows)
        if not row.is_bad:
            row.cells["Mail"] = row.cells["Mail"].swapcase()

    def _move(self, column: str, change: Callable[[str], str]) -> None:
        row = self._chance.choice(self.rows)
        if row.is_bad or (column == "Mail" and not self.has_numbers):
            return
        if self.moved.setdefault(row.who, column) == column:
            self._set(row.who, column, change(row.cells[column]))

    def settle(self, people: set[str]) -> None:
        """Let something else change of people whose rows are on record as they are now."""
        self.moved = {who: column for who, column in self.moved.items() if who not in people}

    def _add_second_name(self) -> None:
        row = self._chance.choice(self.rows)
        is_short = len(row.cells["First"]) < _LONGEST
        if is_short and not row.is_bad and self.moved.setdefault(row.who, "First") == "First":
            self._set(row.who, "First", f"{row.cells['First']} Maria")

    def _change(self, column: str, change: Callable[[str], str]) -> None:
        row = self._chance.choice(self.rows)
        if not row.is_bad and len(row.cells[column]) < _LONGEST:
            self._set(row.who, column, change(row.cells[column]))

    def _set(self, who: str, column: str, text: str) -> None:
        for row in [*self.rows, *self._gone]:
            if row.who == who:
                row.cells[column] = text

    def _rename(self) -> None:
        column = self._chance.choice(_COLUMNS)
        self.headers[column] = self._chance.choice([column, f"{column} 2", f"{column.upper()}S"])

    def _toggle_column(self) -> None:
        column = self._chance.choice(_DISPENSABLE)
        if column in self.columns:
            self.columns.remove(column)
        else:
            self.columns.insert(self._chance.randint(0, len(self.columns)), column)

    def _reformat(self) -> None:
        self.format = self._chance.choice(FORMATS)


def _spaced(number: str) -> str:
    """Return a number in another way of writing: with blanks, or without them."""
    return number.replace(" ", "") if " " in number else f"{number[:-7]} {number[-7:]}"


def _amount(text: str) -> str:
    """Return an amount as a spreadsheet program writes it, or as it was."""
    return text.removesuffix(".00") if text.endswith(".00") else f"{text}.00"
