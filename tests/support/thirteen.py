"""A list of people with thirteen kinds of problems, which begin behind the rows looked at first."""

from __future__ import annotations

import csv
from pathlib import Path

__all__ = ["FAULTS", "LOOKED_AT", "write_list"]

FAULTS = {
    "email": ["not an address", "@example.com", "a@@b"],
    "phone": ["call me", "12", "050 555 0101 ext 5", "+999 123 456"],
    "birthday": ["13.04.1990", "31/02/1990", "soon"],
    "created_at": ["yesterday", "01/05/2024 10:00", "2024-05-01 25:00"],
}
"""Values that cannot be sent, by the field that they are for."""
_GOOD = {
    "E-mail": "p{}@example.com",
    "Phone": "050 555 0101",
    "Birthday": "13/04/1990",
    "Created": "2024-05-01 10:00",
}
_COLUMNS = dict(zip(FAULTS, _GOOD, strict=True))
LOOKED_AT = 200
"""Rows without a problem, at the beginning."""


def write_list(path: Path, rows: int, *, good: int = LOOKED_AT, every: int = 1) -> int:
    """Write a list; behind `good` rows, one row in `every` has a problem. Count these rows."""
    faults = [(_COLUMNS[field], text) for field, texts in FAULTS.items() for text in texts]
    faulty = 0
    with path.open("w", encoding="utf-8", newline="") as stream:
        table = csv.writer(stream)
        table.writerow(["Name", *_GOOD])
        for number in range(rows):
            row = {name: text.format(number) for name, text in _GOOD.items()}
            if number >= good and number % every == 0:
                column, text = faults[faulty % len(faults)]
                row[column] = text
                faulty += 1
            table.writerow([f"Amal {number}", *row.values()])
    return faulty
