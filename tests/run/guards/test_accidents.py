"""Accidents of a nightly export: each stops the run before its first request."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from typing import Any

import pytest
from referee import Run, World

MAPPING = """\
object = "contact"
identity = ["external_ref"]
[fields]
external_ref = "Id"
first_name = "First Name"
email = { column = "E-mail", type = "email" }
notes = "Remarks"
"""
COLUMNS = ("Id", "First Name", "E-mail", "Remarks")
RUN = ("people.csv", "--mapping", "mapping.toml")
ROWS = 100

Person = tuple[str, str, str, str]


def people(first: int, last: int) -> list[Person]:
    return [
        (f"C-{n:05}", f"Zoë{n}", f"zoe{n}@example.com", f"likes tea, {n}")
        for n in range(first, last)
    ]


def csv_of(rows: Iterable[Person], *, columns: tuple[str, ...] = COLUMNS, mark: str = ",") -> str:
    quoted = (mark.join(f'"{cell}"' for cell in row) for row in rows)
    return "\n".join([mark.join(columns), *quoted, ""])


def import_first_night(world: World) -> None:
    world.write("mapping.toml", MAPPING)
    world.write("people.csv", csv_of(people(0, ROWS)))
    sent(world.run(*RUN), ROWS)


@pytest.fixture
def night(world: World, begun: Callable[[World, Any], None]) -> Callable[..., Run]:
    """Save the export of a night and import it; the list of the first night is imported already."""
    begun(world, import_first_night)

    def run(text: str, *flags: str, encoding: str = "utf-8") -> Run:
        world.write("people.csv", text, encoding)
        return world.run(*RUN, *flags)

    return run


def stopped(run: Run, *words: str) -> None:
    assert run.exit_code == 7, run.told()
    assert run.report["requests"] == 0
    for word in words:
        assert word in run.report["stopped"], run.report["stopped"]


def sent(run: Run, created: int, exit_code: int = 0) -> None:
    assert run.exit_code == exit_code, run.told()
    assert run.report["counts"]["created"] == created, run.told()


def reformatted() -> str:
    return csv_of((a.removeprefix("C-"), b, c, d) for a, b, c, d in people(0, ROWS))


def shifted() -> str:
    return csv_of((a, c, d, b) for a, b, c, d in people(0, ROWS))


def emptied() -> str:
    return csv_of((a, b, "", d) for a, b, _, d in people(0, ROWS))


def renamed() -> str:
    return csv_of(people(0, ROWS), columns=("Id", "First Name", "Mail box", "Remarks"))


def strangers() -> str:
    return csv_of(people(1000, 1000 + ROWS))


ACCIDENTS = {
    "the header alone": (csv_of([]), "it has no rows; the last one had 100"),
    "half the file": (csv_of(people(0, 50)), "it has 50 rows; the last one had 100"),
    "another delimiter": (csv_of(people(0, ROWS), mark=";"), "its delimiter is ';'"),
    "shifted columns": (shifted(), "column 'E-mail' mostly holds letters with digits"),
    "an empty column": (emptied(), "column 'E-mail' is filled in 0 % of its rows"),
    "ids written otherwise": (reformatted(), "column 'Id' mostly holds numbers"),
    "a renamed column": (renamed(), "the file has no column 'E-mail'"),
    "the list of somebody else": (strangers(), "100 of its 100 rows look new; 50 would be"),
}


@pytest.mark.parametrize("accident", ACCIDENTS)
def test_it_stops_the_run_and_the_right_list_continues(
    accident: str, world: World, night: Callable[..., Run]
) -> None:
    text, words = ACCIDENTS[accident]

    stopped(night(text), words)
    stopped(night(text), words)  # the list that was refused is not the last list

    sent(night(csv_of(people(0, ROWS + 3))), 3)
    world.holds(**{f"Zoë{n}": 1 for n in range(ROWS + 3)})


def test_an_accident_after_another_one_is_judged_by_the_last_good_list(
    night: Callable[..., Run],
) -> None:
    for accident in ("the header alone", "a renamed column"):
        text, words = ACCIDENTS[accident]
        stopped(night(text), words)


def test_another_encoding_stops_the_run(world: World, night: Callable[..., Run]) -> None:
    stopped(night(csv_of(people(0, ROWS)), encoding="utf-16"), "it is encoded in UTF-16")
    assert len(world.crm.requests) == ROWS


@pytest.mark.parametrize("accident", ["the header alone", "half the file", "shifted columns"])
def test_check_foresees_it(accident: str, world: World, night: Callable[..., Run]) -> None:
    text, words = ACCIDENTS[accident]
    world.write("people.csv", text)
    code, out, _ = world.command("check", *RUN, "--json")
    report = json.loads(out)
    assert (code, report["exit_code"]) == (7, 7)
    assert words in report["stopped"]
    stopped(night(text), words)


def test_a_flag_takes_the_list_as_it_is(world: World, night: Callable[..., Run]) -> None:
    stopped(night(strangers()))
    sent(night(strangers(), "--accept-list"), ROWS)
    world.holds(**{f"Zoë{n}": 1 for n in (*range(ROWS), *range(1000, 1000 + ROWS))})


@pytest.mark.parametrize(
    ("flags", "text"),
    [(("--max-shrink", "60%"), csv_of(people(0, 50))), (("--max-new", "100%"), strangers())],
)
def test_a_limit_of_ones_own_allows_more(
    flags: tuple[str, str], text: str, night: Callable[..., Run]
) -> None:
    assert night(text, *flags).exit_code == 0


def test_a_smaller_limit_allows_less(night: Callable[..., Run]) -> None:
    stopped(night(csv_of(people(0, ROWS + 3)), "--max-new", "2"), "3 of its 103 rows look new")
    stopped(night(csv_of(people(0, ROWS - 9)), "--max-shrink", "5%"), "it has 91 rows")


class TestWhatIsNoAccident:
    def test_a_list_of_another_name(self, world: World, night: Callable[..., Run]) -> None:
        world.write("others.csv", csv_of(people(500, 570)))
        results = ("--results", "people.results.jsonl")
        sent(world.run("others.csv", *RUN[1:], *results), 70)
        sent(night(csv_of(people(0, ROWS + 1))), 1)

    def test_the_failed_file(self, world: World, night: Callable[..., Run]) -> None:
        bad = ("C-99999", "Omar", "no address", "")
        sent(night(csv_of([*people(0, ROWS), bad])), 0, exit_code=1)
        world.edit("people.failed.csv", ("no address", "omar@example.com"))
        sent(world.run("people.failed.csv", *RUN[1:]), 1)

    def test_the_rest_of_a_list_after_a_pilot(self, world: World) -> None:
        world.write("mapping.toml", MAPPING)
        world.write("people.csv", csv_of(people(0, 200)))
        sent(world.run(*RUN, "--limit", "20"), 20)
        world.edit("people.csv", ("likes tea, 199", "likes coffee"))
        sent(world.run(*RUN), 180)

    def test_growth_as_on_other_nights(self, night: Callable[..., Run]) -> None:
        sent(night(csv_of(people(0, ROWS + 40))), 40)
        sent(night(csv_of(people(0, ROWS + 40 + 110))), 110)

    def test_another_order_and_edits(self, world: World, night: Callable[..., Run]) -> None:
        rows = [
            (a, b, c, d) if n % 6 else (a, b, c, f"moved, {n}")
            for n, (a, b, c, d) in enumerate(reversed(people(0, ROWS)))
        ]
        assert night(csv_of(rows)).exit_code == 6
        world.holds(**{f"Zoë{n}": 1 for n in range(ROWS)})

    def test_the_first_letter_that_is_not_ascii(self, world: World) -> None:
        world.write("mapping.toml", MAPPING)
        plain = [(a, b.replace("ë", "e"), c, d) for a, b, c, d in people(0, ROWS)]
        world.write("people.csv", csv_of(plain))
        sent(world.run(*RUN), ROWS)
        more = [*plain, ("C-70000", "Chloé", "chloe@example.com", "déjà vu, naïve")]
        world.write("people.csv", csv_of(more), "cp1252")
        sent(world.run(*RUN, "--encoding", "cp1252"), 1)

    def test_names_with_dates_are_one_list(self, world: World) -> None:
        world.write("mapping.toml", MAPPING)
        flags = (*RUN[1:], "--results", "people.results.jsonl")
        world.write("people-2026-11-24.csv", csv_of(people(0, ROWS)))
        sent(world.run("people-2026-11-24.csv", *flags), ROWS)
        world.write("people-2026-11-25.csv", csv_of(people(0, 30)))
        stopped(world.run("people-2026-11-25.csv", *flags), "it has 30 rows")


def test_a_key_that_no_object_has_any_more(world: World) -> None:
    world.write("mapping.toml", MAPPING)
    names = COLUMNS[:3]
    objects = [dict(zip(COLUMNS, row, strict=True)) for row in people(0, ROWS)]
    world.write("people.jsonl", "".join(f"{json.dumps(one)}\n" for one in objects))
    flags = ("people.jsonl", *RUN[1:])
    sent(world.run(*flags), ROWS)

    poorer = [{name: one[name] for name in names} for one in objects]
    world.write("people.jsonl", "".join(f"{json.dumps(one)}\n" for one in poorer))
    stopped(world.run(*flags), "column 'Remarks' is filled in 0 % of its rows")


def test_compact_keeps_the_list_that_the_next_one_is_compared_with(
    world: World, night: Callable[..., Run]
) -> None:
    night(csv_of(people(0, ROWS + 30)))
    stopped(night(csv_of(people(0, 60))), "had 130")
    code, _, err = world.command("compact", "people.results.jsonl")
    assert code == 0, err
    stopped(night(csv_of(people(0, 60))), "it has 60 rows; the last one had 130")


def test_a_list_that_was_refused_is_decided_about_for_the_first_time_when_it_is_accepted(
    world: World, night: Callable[..., Run]
) -> None:
    """A relative with the same address is another person if the one with the record is there."""
    flag = ("--mapping", "mapping.toml")
    world.write("mapping.toml", MAPPING.replace('identity = ["external_ref"]\n', ""))
    relatives = [(f"D-{n}", f"Omar{n}", f"zoe{n}@example.com", "") for n in range(ROWS)]
    stopped(night(csv_of([*relatives, *people(0, 30)]), *flag))
    night(csv_of([*relatives, *people(0, 30)]), *flag, "--accept-list").ended(
        6, before=30, created=30, possible_duplicate=70
    )
