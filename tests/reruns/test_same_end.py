"""However often an import was stopped, and wherever: it ends as one that was not."""

from __future__ import annotations

import signal
import tempfile
from collections import Counter
from collections.abc import Iterable
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from commands.process import start, vorel_import
from effort import NIGHTLY, examples
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from referee import World, dropped, late, lost, refusal, serving
from referee.stopping import Left, Stopping, made_of
from referee.weeks import FIELDS, MAIL, NAME, RUN, TEL, Row, everybody, maps, person, save
from stories import service

import importer

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.slow

NOTES = 'notes = "Note"\n'


@dataclass(frozen=True)
class Sample:
    """A list in which several rows have something in common, and how one run of it ends."""

    rows: tuple[Row, ...]
    ends_with: int
    records: int
    fields: str = FIELDS
    identity: tuple[str, ...] = ()
    flags: tuple[str, ...] = ()
    object_: str = "contact"

    @property
    def command(self) -> tuple[str, ...]:
        return (*RUN, *self.flags)

    def write(self, world: World) -> None:
        maps(world, self.fields, identity=self.identity, object_=self.object_)
        save(world, self.rows)


def twice(rows: Iterable[Row], column: str, first: str, second: str) -> tuple[Row, ...]:
    """Return each row twice: one value differs."""
    rows = [*rows]
    return tuple({**row, column: value} for value in (first, second) for row in rows)


def with_one(rows: Iterable[Row], **values: str) -> tuple[Row, ...]:
    return tuple({**row, **values} for row in rows)


PEOPLE = everybody(4)
COUPLE = with_one(PEOPLE[:2], Mail="lind@example.com")
SAMPLES = {
    "two rows a person": Sample(
        twice(PEOPLE, "Note", "home", "office"), 0, 8, fields=NAME + MAIL + NOTES
    ),
    "two rows a person one below the other": Sample(
        tuple(sorted(twice(PEOPLE, "Note", "home", "office"), key=lambda row: row["First"])),
        0,
        8,
        fields=NAME + MAIL + TEL + NOTES,
    ),
    "a family": Sample(
        (*with_one(everybody(5), Last="Lind", Tel="0501234567"), person(6), person(7)), 0, 7
    ),
    "colleagues of one first name": Sample(
        tuple(
            {**person(number, "Ali"), "Mail": "info@firm.example", "Tel": "042223344"}
            for number in range(6)
        ),
        0,
        6,
    ),
    "a second enquiry": Sample(
        tuple(
            {"Name": f"{row['First']} {row['Last']}", "Mail": row["Mail"], "Wants": wants}
            for wants in ("a flat", "a villa")
            for row in PEOPLE
        ),
        0,
        8,
        fields=f'name = "Name"\n{MAIL}intent = "Wants"\n',
        object_="lead",
    ),
    "equal rows": Sample((*PEOPLE, *PEOPLE[:2], PEOPLE[0]), 0, 4),
    "equal rows that are sent": Sample(
        (*PEOPLE, *PEOPLE[:2], PEOPLE[0]), 0, 7, flags=("--on-duplicate", "send")
    ),
    "equal in what is sent, with a detail": Sample(
        twice(PEOPLE, "Exported", "monday", "tuesday"), 0, 4
    ),
    "equal in what is sent, without a detail": Sample(
        (*everybody(6), *with_one(PEOPLE[:3], Exported="tuesday")), 6, 6, fields=NAME
    ),
    "equal in what is sent, which is sent": Sample(
        twice(PEOPLE, "Exported", "monday", "tuesday"),
        0,
        8,
        fields=NAME,
        flags=("--on-duplicate", "send"),
    ),
    "an address that two have, which is the identity": Sample(
        (*COUPLE, *PEOPLE[2:]), 6, 3, identity=("email",)
    ),
    "one identity with other values": Sample(
        (*PEOPLE, {**PEOPLE[0], "Tel": "0509999999"}), 0, 4, identity=("email",)
    ),
    "a name in two spellings": Sample(
        (
            {**person(0, "Jürgen", "Müller"), "Mail": "jm@example.com"},
            {**person(1, "Juergen", "Mueller"), "Mail": "jm@example.com"},
            *PEOPLE[2:],
        ),
        0,
        4,
    ),
    "an address written otherwise": Sample(
        (*PEOPLE, *({**row, "Mail": row["Mail"].swapcase()} for row in PEOPLE)), 0, 4
    ),
    "names written otherwise": Sample(
        (
            {**person(0, "Jürgen", "Müller"), "Mail": "jm@example.com", "Tel": ""},
            {**person(1, "JUERGEN", "Mueller"), "Mail": "JM@example.com", "Tel": ""},
            {**person(2, "José", "Al Amin"), "Mail": "", "Tel": "0501234567"},
            {**person(3, "Jose", "Al-Amin"), "Mail": "", "Tel": "+971501234567"},
            person(4),
        ),
        0,
        3,
    ),
    "names written otherwise without a detail": Sample(
        (*everybody(6), *({**row, "First": row["First"].upper()} for row in PEOPLE[:3])),
        6,
        6,
        fields=NAME,
    ),
    "names written otherwise that are sent": Sample(
        (*PEOPLE, *({**row, "First": row["First"].upper()} for row in PEOPLE[:3])),
        0,
        7,
        flags=("--on-duplicate", "send"),
    ),
    "names written otherwise that are skipped": Sample(
        (*PEOPLE, *({**row, "First": row["First"].upper()} for row in PEOPLE[:3])),
        0,
        4,
        fields=NAME,
        flags=("--on-duplicate", "skip"),
    ),
    "first and last name swapped": Sample(
        (*PEOPLE, *({**row, "First": row["Last"], "Last": row["First"]} for row in PEOPLE)), 0, 8
    ),
    "numbers written otherwise": Sample(
        twice(PEOPLE, "Size", "7", "7.0"),
        0,
        4,
        fields=NAME + MAIL + '"attributes.size" = "Size"\n',
    ),
    "nobody with a detail": Sample(
        twice(PEOPLE, "Note", "home", "office"), 0, 8, fields=NAME + NOTES
    ),
    "rows that are refused here": Sample(
        (*twice(PEOPLE[:2], "Mail", f"{'x' * 300}@example.com", "a@example.com"), *PEOPLE[2:]),
        1,
        4,
    ),
    "deals of one customer": Sample(
        tuple(
            {"Title": title, "Mail": mail, "Amount": amount}
            for title in ("a flat", "a villa")
            for mail in ("ada@example.com", "bo@example.com")
            for amount in ("1000", "2000")
        ),
        0,
        8,
        fields='title = "Title"\ncontact_email = "Mail"\namount = "Amount"\n',
        object_="deal",
    ),
}
POINTS = range(8)
"""Behind how many requests a run may be stopped; no sample has more than eight."""
ANSWERS = {
    "who has no right": refusal("unauthorized", 401),
    "that is down": refusal("internal_error", 500),
    "that closes connections": dropped,
    "that makes records and closes connections": lost,
    "that makes records long after": late,
    "that refuses everybody": refusal("validation_error"),
}
SHORT = ("--max-outage", "0", "--max-errors", "0")
ONE_BY_ONE = ("--concurrency", "1")


@contextmanager
def importing(sample: Sample) -> Iterator[tuple[World, Stopping]]:
    """Give a folder with the list, and a CRM of its own."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory())) / "lists"
        folder.mkdir()
        crm = Stopping()
        url = stack.enter_context(serving(crm))
        world = World(folder, url, crm, remembers=True)
        sample.write(world)
        yield world, crm


def environment(world: World) -> dict[str, str]:
    """Return the variables of a process that is to run the very code that this test runs."""
    return {**world.environment, "PYTHONPATH": str(Path(importer.__file__).parents[1])}


_ENDS: dict[str, Counter[str]] = {}


def undisturbed(name: str) -> Counter[str]:
    """Return what one run makes of a list that nobody stops."""
    if name not in _ENDS:
        sample = SAMPLES[name]
        with importing(sample) as (world, crm):
            run = world.run(*sample.command)
            assert run.exit_code == sample.ends_with, run.told()
            _ENDS[name] = made_of(crm)
        assert _ENDS[name].total() == sample.records
    return _ENDS[name]


def ends_as_undisturbed(name: str, world: World, crm: Stopping) -> None:
    """Run until the end, and once more: everything is as after one run that nobody stopped."""
    sample = SAMPLES[name]
    crm.be_well()
    run = world.run(*sample.command)
    assert made_of(crm) == undisturbed(name), run.told()
    assert run.exit_code == sample.ends_with, run.told()
    crm.catch_up()
    crm.be_well()
    again = world.run(*sample.command)
    assert made_of(crm) == undisturbed(name), again.told()
    assert again.requests == 0, again.told()
    assert again.exit_code == sample.ends_with, again.told()


def some_points(name: str) -> Iterable[tuple[bool, int]]:
    """Return before or behind which requests of a list it is killed: each of them each night."""
    tried = [*product((True, False), POINTS if NIGHTLY else (0, 1, 2))]
    return tried if NIGHTLY else [tried[list(SAMPLES).index(name) % len(tried)]]


@pytest.mark.nightly  # `test_row_by_row` stops behind each number of rows in turn
@pytest.mark.parametrize("name", SAMPLES)
def test_stopped_behind_each_number_of_rows(name: str) -> None:
    for limit in POINTS:
        with importing(SAMPLES[name]) as (world, crm):
            world.run(*SAMPLES[name].command, "--limit", f"{limit}")
            ends_as_undisturbed(name, world, crm)


@pytest.mark.parametrize("name", SAMPLES)
def test_row_by_row(name: str) -> None:
    with importing(SAMPLES[name]) as (world, crm):
        for _ in range(len(SAMPLES[name].rows)):
            crm.be_well()
            world.run(*SAMPLES[name].command, "--limit", "1")
        ends_as_undisturbed(name, world, crm)


@pytest.mark.parametrize("name", SAMPLES)
def test_stopped_by_a_service(name: str) -> None:
    tried = [*product(ANSWERS.values(), (1, 5))]
    every = 1 if NIGHTLY else 6  # each of them with some of the lists
    for answer, point in tried[list(SAMPLES).index(name) % every :: every]:
        with importing(SAMPLES[name]) as (world, crm):
            crm.stop(point, answer)
            world.run(*SAMPLES[name].command, *SHORT, *ONE_BY_ONE)
            ends_as_undisturbed(name, world, crm)


@pytest.mark.parametrize("name", SAMPLES)
def test_killed_at_each_request(name: str) -> None:
    """Before the request of a row, and behind it."""
    for before, point in some_points(name):
        with importing(SAMPLES[name]) as (world, crm):
            left = Left(world, crm, world.folder.with_name("left"))
            crm.watch(point, left.take, before=before)
            world.run(*SAMPLES[name].command, *ONE_BY_ONE)
            if not left.is_taken:  # there are fewer requests
                assert NIGHTLY
                continue
            left.put_back()
            ends_as_undisturbed(name, world, crm)


@pytest.mark.parametrize(
    ("name", "fuse"), [("two rows a person", 1), ("a family", 3), ("equal rows that are sent", 5)]
)
def test_killed_for_real(name: str, fuse: int) -> None:
    with importing(SAMPLES[name]) as (world, crm):
        process = start(
            *("run", "--no-input", "--json", "--rate", "100000", "--pace", "burst"),
            *SAMPLES[name].command,
            *ONE_BY_ONE,
            cwd=world.folder,
            env=environment(world),
        )
        crm.watch(fuse, process.kill, before=fuse == 3)
        told = process.communicate(timeout=90)
        assert process.returncode == -signal.SIGKILL, told
        crm.keep({one.key for one in crm.requests})
        ends_as_undisturbed(name, world, crm)


@pytest.mark.parametrize("name", ["two rows a person", "equal rows"])
def test_started_once_more_while_it_runs(name: str) -> None:
    codes: list[int] = []
    told: list[str] = []

    with importing(SAMPLES[name]) as (world, crm):

        def start_again() -> None:
            done = vorel_import(
                *("run", "--no-input"),
                *SAMPLES[name].command,
                cwd=world.folder,
                env=environment(world),
            )
            codes.append(done.returncode)
            told.append(done.stderr)

        crm.watch(1, start_again, before=False)
        run = world.run(*SAMPLES[name].command)
        assert codes == [2], told
        assert made_of(crm) == undisturbed(name), run.told()
        ends_as_undisturbed(name, world, crm)


STOPS = st.lists(
    st.tuples(
        st.sampled_from(["limit", "kill before", "kill behind", *ANSWERS]), st.sampled_from(POINTS)
    ),
    min_size=2,
    max_size=5,
)


@settings(
    max_examples=examples(10),
    deadline=None,
    derandomize=True,
    phases=[Phase.explicit, Phase.generate],  # each example is short enough to be read as it is
)
@given(name=st.sampled_from([*SAMPLES]), stops=STOPS)
def test_stopped_again_and_again(name: str, stops: list[tuple[str, int]]) -> None:
    with service.short_waits(), importing(SAMPLES[name]) as (world, crm):
        for how, point in stops:
            stop(name, how, point, world, crm)
        ends_as_undisturbed(name, world, crm)


def stop(name: str, how: str, point: int, world: World, crm: Stopping) -> None:
    """Start a run that is stopped in some way."""
    command = SAMPLES[name].command
    crm.be_well()
    if how == "limit":
        world.run(*command, "--limit", f"{point}")
    elif how.startswith("kill"):
        left = Left(world, crm, world.folder.with_name("left"))
        crm.watch(point, left.take, before=how == "kill before")
        world.run(*command)
        if left.is_taken:
            left.put_back()
    else:
        crm.stop(point, ANSWERS[how])
        world.run(*command, *SHORT)
