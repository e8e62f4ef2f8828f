"""A list of people over weeks: who stands in it, what happens to them, and what is sent of it."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence

from referee.world import World

__all__ = [
    "FIELDS",
    "MAIL",
    "NAME",
    "RESULTS",
    "RUN",
    "TEL",
    "Row",
    "begin",
    "everybody",
    "maps",
    "married",
    "moved",
    "person",
    "renumbered",
    "save",
]

Row = dict[str, str]

RESULTS = "people.results.jsonl"
RUN = ("people.csv", "--mapping", "mapping.toml")
NAME = 'first_name = "First"\nlast_name = "Last"\n'
MAIL = 'email = "Mail"\n'
TEL = 'phone = { column = "Tel", type = "phone", region = "AE" }\n'
FIELDS = NAME + MAIL + TEL
_FIRST = (
    *("Ada", "Bo", "Cyd", "Dina", "Emil", "Farah", "Greta", "Hugo", "Ines", "Jamal"),
    *("Kira", "Liam", "Mona", "Nils", "Olga", "Paul", "Rosa", "Sven", "Tara", "Umar"),
)
_LAST = (
    *("Lind", "Berg", "Cohen", "Dorn", "Engel", "Faris", "Gallo", "Haas", "Iqbal", "Jensen"),
    *("Kumar", "Lopez", "Marsh", "Nader", "Ortiz", "Petrov", "Rossi", "Stern", "Tanaka", "Usman"),
)


def person(number: int, first: str | None = None, last: str | None = None) -> Row:
    """Return the row of one of 400 people; the first twenty share no name."""
    lap, place = divmod(number, len(_FIRST))
    first = first or _FIRST[place]
    last = last or _LAST[(place + lap) % len(_LAST)]
    return {
        "First": first,
        "Last": last,
        "Mail": f"{first}.{last}@example.com".lower(),
        "Tel": f"05011{number:05}",
        "Exported": "monday",
    }


def everybody(count: int) -> list[Row]:
    return [person(number) for number in range(count)]


def moved(row: Row, domain: str = "other.example") -> Row:
    """Return a row with another address."""
    return {**row, "Mail": f"{row['Mail'].partition('@')[0]}@{domain}"}


def renumbered(row: Row) -> Row:
    """Return a row with another phone."""
    return {**row, "Tel": row["Tel"].replace("05011", "05299")}


def married(row: Row, last: str = "Marin") -> Row:
    """Return a row with another family name, and an address made from it."""
    return {**row, "Last": last, "Mail": f"{row['First']}.{last}@example.com".lower()}


def save(world: World, rows: Iterable[Row], name: str = "people.csv") -> None:
    """Write a list; its columns are those of the first row."""
    rows = [*rows]
    text = io.StringIO()
    writer = csv.DictWriter(text, list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    world.write(name, text.getvalue())


def maps(
    world: World, fields: str = FIELDS, *, identity: Sequence[str] = (), object_: str = "contact"
) -> None:
    """Write the mapping."""
    named = f"identity = {list(identity)}\n".replace("'", '"') if identity else ""
    world.write("mapping.toml", f'object = "{object_}"\n{named}[fields]\n{fields}')


def stamped(rows: Iterable[Row], day: str) -> list[Row]:
    """Return rows as they are exported on a day, which is in a column that is not imported."""
    return [{**row, "Exported": day} for row in rows]


def begin(world: World, rows: Iterable[Row], *identity: str, fields: str = FIELDS) -> None:
    """Import a list for the first time: everybody on it is new."""
    rows = [*rows]
    maps(world, fields, identity=identity)
    save(world, rows)
    world.run(*RUN).ended(0, created=len(rows))
