"""Accidents in which known people look changed: the run stops, and says what has happened."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable, Sequence
from datetime import date, timedelta
from random import Random
from typing import Any

import pytest
from effort import NIGHTLY
from referee import Run, World

from importer.run import pipeline
from importer.run.planning import make_plan

pytestmark = pytest.mark.slow

MAPPING = """\
object = "contact"
identity = ["external_ref"]
[fields]
external_ref = "Id"
first_name = "First Name"
last_name = "Last Name"
email = "E-mail"
phone = "Mobile"
notes = "Remarks"
"attributes.balance" = "Balance"
"attributes.since" = "Since"
"""
COLUMNS = ("Id", "First Name", "Last Name", "E-mail", "Mobile", "Remarks", "Balance", "Since")
RUN = ("people.csv", "--mapping", "mapping.toml", "--pace", "burst", "--rate", "100000")
ROWS = 150
NEW = 5
FIRST = ("Zoë", "José", "Lina", "Chloé", "Badr", "Jürgen", "Nour", "Sára", "Ivana", "Tariq")
LAST = ("Haddad", "Núñez", "Okafor", "Lindqvist", "Petrović", "Rahman", "Costa", "Weiß")

Person = list[str]
Spoil = Callable[[list[Person]], list[Person]]


def person(n: int) -> Person:
    first = FIRST[n % len(FIRST)]
    last = f"{LAST[n % len(LAST)]}-{'abcdefghij'[n // 10 % 10]}{'klmnopqrst'[n % 10]}"
    plain = first.encode("ascii", "ignore").decode().lower()
    since = f"20{n % 20 + 10}-{n % 12 + 1:02}-{n % 11 + 1:02}"
    note = f"likes tea no {n}" if n % 3 else ""
    phone = f"0{50 + n % 9}{1_000_000 + n * 37}"
    email = f"{plain}{n}@example.com"
    return [f"C-{n:05}", first, last, email, phone, note, f"{n * 13}.50", since]


def people(last: int, first: int = 0) -> list[Person]:
    return [person(n) for n in range(first, last)]


def csv_of(rows: Iterable[Sequence[str]]) -> str:
    lines = (",".join(f'"{cell}"' for cell in row) for row in rows)
    return "\n".join([",".join(COLUMNS), *lines, ""])


def column(name: str, change: Callable[[str], str]) -> Spoil:
    """Return what changes each value of a column."""
    at = COLUMNS.index(name)
    return lambda rows: [[*row[:at], change(row[at]), *row[at + 1 :]] for row in rows]


def swapped(one: str, other: str) -> Spoil:
    a, b = COLUMNS.index(one), COLUMNS.index(other)

    def swap(row: Person) -> Person:
        row = [*row]
        row[a], row[b] = row[b], row[a]
        return row

    return lambda rows: [swap(row) for row in rows]


def of_others(name: str) -> Spoil:
    """Return what sorts a column without the others."""
    at = COLUMNS.index(name)

    def sort(rows: list[Person]) -> list[Person]:
        values = sorted((row[at] for row in rows), reverse=True)
        return [[*row[:at], value, *row[at + 1 :]] for row, value in zip(rows, values, strict=True)]

    return sort


def emptied(rows: list[Person]) -> list[Person]:
    chance = Random(1)
    return [[row[0], *(c if chance.random() < 0.55 else "" for c in row[1:])] for row in rows]


def renumbered(rows: list[Person]) -> list[Person]:
    return [[f"C-{n + 7000:05}", *row[1:]] for n, row in enumerate(rows)]


def ids_reused(rows: list[Person]) -> list[Person]:
    return [[rows[n - 1][0], *row[1:]] for n, row in enumerate(rows)]


def mojibake(text: str) -> str:
    return text.encode().decode("cp1252", "replace")


ACCIDENTS: dict[str, tuple[Spoil, str]] = {
    "names swapped": (
        swapped("First Name", "Last Name"),
        "first_name: 150 of 150; they are those of last_name before",
    ),
    "phones without leading zeros": (
        column("Mobile", lambda text: text.lstrip("0")),
        "phone: 150 of 150; with a leading zero they are as before",
    ),
    "accents as question marks": (
        column("First Name", lambda text: text.encode("ascii", "replace").decode()),
        "first_name: 75 of 150; letters have become `?`",
    ),
    "accents as U+FFFD": (
        column("First Name", lambda text: text.encode("latin-1").decode("utf-8", "replace")),
        "first_name: 75 of 150; letters have become `?`",
    ),
    "mojibake": (
        column("First Name", mojibake),
        "first_name: 75 of 150; read in another encoding they are as before",
    ),
    "ids renumbered": (renumbered, "external_ref: 150 of 150"),
    "ids reused": (ids_reused, "150 of the 155 rows have the identity of somebody else"),
    "one email for all": (
        column("E-mail", lambda _: "info@example.com"),
        "email: 150 of 150; nearly all have the same value now",
    ),
    "capitals": (
        column("Last Name", str.upper),
        "last_name: 150 of 150; in other capitals they are as before",
    ),
    "amounts times 100": (
        column("Balance", lambda text: f"{float(text) * 100:.2f}"),
        "attributes.balance: 150 of 150; multiplied or divided by 10, 100 or 1,000",
    ),
    "days and months exchanged": (
        column("Since", lambda text: f"{text[:5]}{text[8:]}-{text[5:7]}"),
        "attributes.since: 128 of 150; with day and month exchanged they are as before",
    ),
    "half of the cells empty": (emptied, "they are empty now"),
    "a column sorted alone": (
        of_others("Mobile"),
        "phone: 149 of 150; they are those of other rows before: was the column sorted alone?",
    ),
    "a column of another table": (
        column("Remarks", lambda _: "see the other table"),
        "column 'Remarks' mostly holds words; in the last one it held letters with digits",
    ),
}


def import_first_night(world: World) -> None:
    world.write("mapping.toml", MAPPING)
    world.write("people.csv", csv_of(people(ROWS)))
    assert world.run(*RUN).exit_code == 0


@pytest.fixture
def night(world: World, begun: Callable[[World, Any], None]) -> Callable[..., Run]:
    """Import the export of a night; that of the first night is imported already."""
    begun(world, import_first_night)

    def run(rows: Iterable[Sequence[str]], *flags: str) -> Run:
        world.write("people.csv", csv_of(rows))
        return world.run(*RUN, *flags)

    return run


@pytest.mark.parametrize("accident", ACCIDENTS)
def test_a_mass_change_stops_the_run_before_its_first_request(
    accident: str, world: World, night: Callable[..., Run]
) -> None:
    spoil, words = ACCIDENTS[accident]
    requests = len(world.crm.requests)

    run = night(spoil(people(ROWS + NEW)))

    assert run.exit_code == 7, run.told()
    assert len(world.crm.requests) == requests
    assert words in run.report["stopped"], run.report["stopped"]
    assert night(people(ROWS + NEW)).report["counts"]["created"] == NEW


def edited(rows: list[Person], share: float, night: int) -> list[Person]:
    """Edit some rows as people do, each in one column."""
    chance = Random(night)
    rows = [[*row] for row in rows]
    for row in chance.sample(rows, round(share * len(rows))):
        number = row[0].removeprefix("C-")
        news = {2: chance.choice(LAST), 3: f"new{number}-{night}@example.com", 5: f"moved {night}"}
        at = chance.choice([*news])
        row[at] = news[at]
    return rows


NIGHTS = 60 if NIGHTLY else 12


def test_no_ordinary_night_is_stopped(night: Callable[..., Run]) -> None:
    """New people, edits, people who leave, another order, campaigns of 15 %."""
    chance = Random(7)
    last, rows, held = ROWS, people(ROWS), 0
    for day in range(1, NIGHTS + 1):
        new = round(0.15 * len(rows)) if day % 30 == 3 else chance.randrange(4)
        rows = edited([*rows, *people(last + new, last)], chance.uniform(0.01, 0.06), day)
        last += new
        for _ in range(chance.randrange(3)):
            rows.pop(chance.randrange(len(rows) - new))
        if day % 4 == 0:
            rows.sort(key=lambda row: row[2])
        run = night(rows)
        counts = run.report["counts"]
        assert run.exit_code in {0, 6}, run.told()
        # A newcomer may have the name of somebody who has left: that is for a person.
        held, before = counts["possible_duplicate"], held
        assert new - max(0, held - before) <= counts["created"] <= new, run.told()


def test_the_guard_on_new_rows_does_not_wear_off_with_changes(night: Callable[..., Run]) -> None:
    """Changes that nobody has acknowledged are rows with a record, and make no room for others."""
    rows = people(ROWS)
    for day in range(4):
        rows = edited(rows, 0.18, day)
        assert night(rows).exit_code == 6
    run = night([*rows, *people(ROWS + 60, ROWS)])
    assert run.exit_code == 7, run.told()
    assert "60 of its 210 rows look new; 50 would be expected at most" in run.report["stopped"]


class TestTheLimit:
    def test_one_of_ones_own_allows_more_or_less(self, night: Callable[..., Run]) -> None:
        rows = edited(people(ROWS), 0.3, 1)
        assert night(rows, "--max-changed", "5").exit_code == 7
        assert night(rows).exit_code == 7
        assert night(rows, "--max-changed", "31%").exit_code == 6

    @pytest.mark.usefixtures("night")
    def test_check_foresees_it(self, world: World) -> None:
        world.write("people.csv", csv_of(edited(people(ROWS), 0.3, 1)))
        code, out, _ = world.command("check", *RUN[:3])
        assert code == 7
        assert "45 of the 150 rows that were known have changed; 30 would be expected" in out

    def test_what_nights_usually_change_is_allowed_three_times(
        self, night: Callable[..., Run]
    ) -> None:
        rows = people(ROWS)
        for day in range(3):
            rows = edited(rows, 0.15, day)
            assert night(rows).exit_code == 6
        assert night(edited(rows, 0.4, 9)).exit_code == 6

    def test_a_night_that_was_accepted_does_not_count_as_usual(
        self, night: Callable[..., Run]
    ) -> None:
        rows = edited(people(ROWS), 0.9, 1)
        assert night(rows, "--accept-list").exit_code == 6
        assert night(edited(rows, 0.5, 2)).exit_code == 7

    def test_a_change_is_counted_once(self, night: Callable[..., Run]) -> None:
        """What was told in another night is no change of this one."""
        rows = edited(people(ROWS), 0.19, 1)
        assert night(rows).exit_code == 6
        assert night([*rows, *people(ROWS + 1, ROWS)]).exit_code == 0


def test_a_column_of_everybody_that_is_not_imported_is_no_change(
    world: World, night: Callable[..., Run]
) -> None:
    mapping = MAPPING.replace('"attributes.since" = "Since"\n', "")
    world.write("mapping.toml", mapping)
    rows = column("Since", lambda _: "2026-11-29")(people(ROWS + 1))
    run = night(rows)
    assert run.report["counts"]["created"] == 1, run.told()


class TestWhatIsTold:
    """What may be right, and is told all the same: once, without values."""

    def test_a_doubled_list_is_counted_once_and_the_next_night_is_not_stopped(
        self, night: Callable[..., Run]
    ) -> None:
        run = night([*people(ROWS + 1), *people(ROWS + 1)])
        assert run.report["counts"]["created"] == 1, run.told()
        [told] = run.report["news"]
        assert told == (
            "151 of the 302 rows of the list repeat others; in the last one 0 did: was it exported "
            "twice?"
        )
        honest = night(people(ROWS + 3))
        assert (honest.exit_code, honest.report["counts"]["created"]) == (0, 2), honest.told()
        assert honest.report["news"] == []

    def test_a_list_that_has_lost_rows_is_not_saved_by_repeating_the_others(
        self, night: Callable[..., Run]
    ) -> None:
        run = night([*people(ROWS // 2), *people(ROWS // 2)])
        assert run.exit_code == 7, run.told()
        assert "it has 75 rows; the last one had 150 (50 % fewer" in run.report["stopped"]

    def test_an_old_list_again(self, night: Callable[..., Run]) -> None:
        night(people(ROWS + 1))
        run = night(people(ROWS))
        assert len(run.report["news"]) == 1
        assert "again; the last one, of" in run.report["news"][0], run.told()

    @pytest.mark.usefixtures("night")
    def test_a_list_that_was_written_before_the_last_one(self, world: World) -> None:
        world.write("people.csv", csv_of(people(ROWS + 2)))
        long_ago = (world.folder / "people.csv").stat().st_mtime - 5 * 86_400
        os.utime(world.folder / "people.csv", (long_ago, long_ago))
        [told] = world.run(*RUN).report["news"]
        assert told.startswith("the list was written on 2")
        assert "has read another one since: is it an old export?" in told

    def test_the_same_list_for_days(self, world: World, night: Callable[..., Run]) -> None:
        results = world.folder / "people.results.jsonl"
        text = results.read_text()
        day = json.loads(text.partition("\n")[0])["at"][:10]
        before = (date.fromisoformat(day) - timedelta(days=4)).isoformat()
        results.write_text(text.replace(f'"at":"{day}', f'"at":"{before}'))
        run = night(people(ROWS))
        assert run.exit_code == 0
        [told] = run.report["news"]
        assert told.startswith(f"the list is the same for 4 days (since {before}); its file was")
        assert night(people(ROWS)).report["news"] == []  # told once

    def test_what_has_changed_in_the_mapping(self, world: World, night: Callable[..., Run]) -> None:
        changed = MAPPING.replace('first_name = "First Name"', 'first_name = "Last Name"')
        changed = changed.replace('last_name = "Last Name"', 'last_name = "First Name"')
        world.write("mapping.toml", changed.replace('notes = "Remarks"\n', ""))
        run = night(people(ROWS + 1))
        [told] = run.report["news"]
        assert told == (
            "the mapping has changed since the last run: first_name is from Last Name (it was from "
            "First Name); last_name is from First Name (it was from Last Name); notes is no longer "
            "sent (it was from Remarks); rows that were created before are not sent again"
        )
        assert night(people(ROWS + 2)).report["news"] == []

    def test_a_growing_list_is_refused_before_anything_is_sent(
        self, world: World, night: Callable[..., Run], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def slow(*arguments: Any, **details: Any) -> Any:
            plan = make_plan(*arguments, **details)
            with (world.folder / "people.csv").open("a") as stream:
                stream.write(csv_of(people(ROWS + 9, ROWS + 5)).partition("\n")[2])
            return plan

        monkeypatch.setattr(pipeline, "make_plan", slow)
        requests = len(world.crm.requests)
        run = night(people(ROWS + 5))
        assert run.exit_code == 7, run.told()
        assert "people.csv was written to while it was read" in run.report["stopped"]
        assert len(world.crm.requests) == requests
        monkeypatch.undo()
        assert world.run(*RUN).report["counts"]["created"] == 9


def test_the_accident_shows_in_the_file_of_the_next_night_alone(
    world: World, night: Callable[..., Run]
) -> None:
    """A list that was refused leaves no change behind: nothing of it is on record."""
    spoil, _ = ACCIDENTS["phones without leading zeros"]
    assert night(spoil(people(ROWS + NEW))).exit_code == 7
    run = night(people(ROWS + NEW))
    assert (run.exit_code, run.report["counts"]["changed"]) == (0, 0)
    assert not world.has("people.changed.csv")
