"""What can go wrong with a nightly import."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from random import Random

from nights.clinic import COLUMNS, Clinic, Person

__all__ = ["ACCIDENTS", "Accident"]

Text = str | bytes
_DAY_ZERO = date(1899, 12, 30)
_PAGE = (
    "<!DOCTYPE html>\n<html><body><h1>502 Bad Gateway</h1><p>The server is away</p></body></html>\n"
)


@dataclass(frozen=True)
class Accident:
    """
    An accident: what the export looks like that night, or what is wrong with its surroundings.

    `spoil` makes the export, and `encoding` is how text is saved. `trouble` is a kind of
    `nights.surroundings.Surroundings`, or None if only the list is wrong. `codes` are the exit
    codes with which the run may tell of it; with 0 and 6 the message does, unless it
    `makes_no_difference`. What `nobody_can_know` sends wrong records: a few rows of people who do
    not exist, or a mapping that a person has changed.
    """

    spoil: Callable[[Clinic], Text] = Clinic.export
    encoding: str = "utf-8"
    trouble: str | None = None
    codes: frozenset[int] = frozenset({7})
    makes_no_difference: bool = False
    nobody_can_know: bool = False


def _column(name: str, change: Callable[[str], str]) -> Callable[[Clinic], Text]:
    """Return what changes each value of a column."""
    at = COLUMNS.index(name)

    def spoil(clinic: Clinic) -> str:
        return clinic.export(
            [[*one[:at], change(one[at]), *one[at + 1 :]] for one in clinic.people]
        )

    return spoil


def _rows(change: Callable[[list[Person]], list[Person]]) -> Callable[[Clinic], Text]:
    """Return what changes the rows as a whole."""
    return lambda clinic: clinic.export(change([[*one] for one in clinic.people]))


def _text(change: Callable[[str], Text]) -> Callable[[Clinic], Text]:
    """Return what changes the text of the export."""
    return lambda clinic: change(clinic.export())


def _others(name: str, order: Callable[[list[str]], list[str]]) -> Callable[[Clinic], Text]:
    """Return what gives a column the values of other rows."""
    at = COLUMNS.index(name)

    def change(rows: list[Person]) -> list[Person]:
        values = order([one[at] for one in rows])
        return [[*one[:at], new, *one[at + 1 :]] for one, new in zip(rows, values, strict=True)]

    return _rows(change)


def _swapped(rows: list[Person]) -> list[Person]:
    return [[one[0], one[2], one[1], *one[3:]] for one in rows]


def _shifted(rows: list[Person]) -> list[Person]:
    return [[one[0], *one[2:6], one[1], *one[6:]] for one in rows]


def _ids_of_others(rows: list[Person]) -> list[Person]:
    return [[rows[n - 1][0], *one[1:]] for n, one in enumerate(rows)]


def _renumbered(rows: list[Person]) -> list[Person]:
    return [[f"C-{n + 700_000:06}", *one[1:]] for n, one in enumerate(rows)]


def _with_holes(rows: list[Person]) -> list[Person]:
    chance = Random(1)
    return [[one[0], *(c if chance.random() < 0.55 else "" for c in one[1:])] for one in rows]


def _anonymous(rows: list[Person]) -> list[Person]:
    return [
        [one[0], "Test", "Person", f"test{n}@example.com", *one[4:]] for n, one in enumerate(rows)
    ]


def _without(name: str) -> Callable[[Clinic], Text]:
    at = COLUMNS.index(name)

    def spoil(clinic: Clinic) -> str:
        lines = [clinic.export([one]).splitlines()[1] for one in clinic.people]
        kept = [",".join(cells[:at] + cells[at + 1 :]) for cells in (x.split(",") for x in lines)]
        header = [one for one in COLUMNS if one != name]
        return "\n".join([",".join(header), *kept, ""])

    return spoil


def _torn(text: str) -> str:
    """Cut the last row off in its third column."""
    lines = text.splitlines()
    cells = lines[-1].split(",")
    return "\n".join([*lines[:-1], ",".join([*cells[:2], cells[2][:2]])])


def _strangers(count: Callable[[int], int]) -> Callable[[Clinic], Text]:
    """Return what adds people of another clinic."""

    def spoil(clinic: Clinic) -> str:
        chance = Random(7)
        others = Clinic(chance, count(len(clinic.people)))
        more = [[f"X-{one[0]}", one[1], one[2], f"x{one[3]}", *one[4:]] for one in others.people]
        return clinic.export([*clinic.people, *more])

    return spoil


def _of_others(clinic: Clinic) -> str:
    others = Clinic(Random(11), len(clinic.people))
    return others.export([[one[0].replace("C-", "D-"), *one[1:]] for one in others.people])


def _test_rows(clinic: Clinic) -> str:
    tests = [
        ["T-1", "Test", "Test", "test@example.com", "0500000000", "", "1.50", "2020-01-01", "1"],
        ["T-2", "Asdf", "Qwertz", "asdf@example.com", "0500000001", "", "1.50", "2020-01-01", "1"],
    ]
    return clinic.export([*clinic.people, *tests])


def _mojibake(text: str) -> str:
    return text.encode().decode("cp1252", "replace")


def _serial(text: str) -> str:
    return str((date.fromisoformat(text) - _DAY_ZERO).days)


def _day_and_month(text: str) -> str:
    return f"{text[:5]}{text[8:]}-{text[5:7]}"


_FINE = frozenset({0, 1, 6})

ACCIDENTS: Mapping[str, Accident] = {
    "the header alone": Accident(lambda clinic: clinic.export([])),
    "an empty file": Accident(lambda _: b"", codes=frozenset({2, 7})),
    "half the file": Accident(lambda c: c.export(c.people[: len(c.people) // 2])),
    "the file cut off after two thirds": Accident(_text(lambda text: text[: len(text) * 2 // 3])),
    "the last row torn": Accident(_text(_torn), codes=frozenset({1, 6, 7})),
    "the header lost": Accident(
        _text(lambda text: text.partition("\n")[2]), codes=frozenset({2, 7})
    ),
    "an error page": Accident(lambda _: _PAGE, codes=frozenset({2, 7})),
    "zeros instead of bytes": Accident(
        _text(lambda text: bytes(len(text))), codes=frozenset({2, 7})
    ),
    "another delimiter": Accident(lambda clinic: clinic.export(mark=";")),
    "another encoding": Accident(encoding="utf-16"),
    "an encoding without accents": Accident(_text(lambda text: text.encode("cp1252", "replace"))),
    "shifted columns": Accident(_rows(_shifted)),
    "a renamed column": Accident(lambda c: c.export().replace("E-mail", "Mail box", 1)),
    "a column that is gone": Accident(_without("Mobile")),
    "an empty column": Accident(_column("E-mail", lambda _: "")),
    "the list of another clinic": Accident(_of_others),
    "a list that is there twice": Accident(lambda c: c.export(c.people * 2), codes=_FINE),
    "half of a list twice": Accident(lambda c: c.export(c.people[: len(c.people) // 2] * 2)),
    "an old list again": Accident(trouble="old list", codes=frozenset({0, 6, 7})),
    "ids written otherwise": Accident(_column("Id", lambda text: text.removeprefix("C-00"))),
    "ids renumbered": Accident(_rows(_renumbered)),
    "ids of others": Accident(_rows(_ids_of_others)),
    "ids empty": Accident(_column("Id", lambda _: "")),
    "one id for all": Accident(_column("Id", lambda _: "C-000001")),
    "names swapped": Accident(_rows(_swapped)),
    "phones without zeros": Accident(_column("Mobile", lambda text: text.lstrip("0"))),
    "phones as a spreadsheet shows them": Accident(_column("Mobile", lambda t: f"{int(t):.2E}")),
    "accents as question marks": Accident(
        _column("First Name", lambda text: text.encode("ascii", "replace").decode())
    ),
    "accents as U+FFFD": Accident(
        _column("First Name", lambda text: text.encode("latin-1").decode("utf-8", "replace"))
    ),
    "mojibake": Accident(_column("First Name", _mojibake)),
    "capitals": Accident(_column("Last Name", str.upper)),
    "one email for all": Accident(_column("E-mail", lambda _: "info@example.com")),
    "emails masked": Accident(_column("E-mail", lambda text: f"{text[:1]}***@example.com")),
    "amounts times 100": Accident(_column("Balance", lambda text: f"{float(text) * 100:.2f}")),
    "amounts without their point": Accident(_column("Balance", lambda text: text.replace(".", ""))),
    "days and months exchanged": Accident(_column("Since", _day_and_month)),
    "dates as numbers": Accident(_column("Since", _serial)),
    "errors of a spreadsheet": Accident(_column("Last Name", lambda _: "#REF!")),
    "half of the cells empty": Accident(_rows(_with_holes)),
    "a column sorted alone": Accident(_others("Mobile", lambda found: sorted(found, reverse=True))),
    "a column one row lower": Accident(_others("First Name", lambda x: [x[-1], *x[:-1]])),
    "a column of another table": Accident(_column("Remarks", lambda text: f"{len(text)}/A")),
    "everybody anonymous": Accident(_rows(_anonymous)),
    "two test rows": Accident(
        _test_rows, codes=_FINE, makes_no_difference=True, nobody_can_know=True
    ),
    "4.5 % strangers": Accident(
        _strangers(lambda rows: round(rows * 0.045)),
        codes=_FINE,
        makes_no_difference=True,
        nobody_can_know=True,
    ),
    "a mapping that swaps names": Accident(trouble="mapping", codes=_FINE, nobody_can_know=True),
    "a mapping with a typing error": Accident(trouble="mapping cut", codes=frozenset({2})),
    "no file": Accident(trouble="no file", codes=frozenset({2})),
    "a file that still grows": Accident(
        trouble="growing", codes=frozenset({0, 6, 7}), makes_no_difference=True
    ),
    "two runs at once": Accident(trouble="overlap", codes=frozenset({8})),
    "a full disk": Accident(trouble="disk", codes=frozenset({3})),
    "a revoked key": Accident(trouble="key", codes=frozenset({3})),
    "no key": Accident(trouble="no key", codes=frozenset({2})),
    "the service away": Accident(trouble="service", codes=frozenset({5})),
    "a lost results file": Accident(trouble="results lost"),
    "the results file of last night": Accident(trouble="results old"),
    "a week's outage": Accident(
        trouble="outage", codes=frozenset({0, 6}), makes_no_difference=True
    ),
}
"""Each of them, and with which exit code a run may end that night."""
