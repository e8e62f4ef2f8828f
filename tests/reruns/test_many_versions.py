"""A column that is not imported changes every night; an old list or derived file comes back."""

from __future__ import annotations

import json
from typing import Any

import pytest
from effort import NIGHTLY, some
from referee import World, lost, refusal
from referee.changed_mappings import MAPPING, RUN

from importer.writer import index_file
from importer.writer.line_reader import line_from_json
from importer.writer.lines.row_line import KnownLine, RowLine, versions_in

pytestmark = pytest.mark.slow

RESULTS = "people.results.jsonl"
NIGHTS = 6


def people(night: int, names: str = "Ada Bo Cyd") -> str:
    rows = [f"{one},Lind,{one.lower()}@example.com,seen in night {night}" for one in names.split()]
    return "\n".join(["First,Last,Mail,Seen", *rows, ""])


@pytest.fixture(params=some(["each night", "never", "at the end"], 2))
def packs(request: pytest.FixtureRequest) -> str:
    """When the results file is made smaller: then many versions of a row are in one line."""
    return str(request.param)


@pytest.fixture
def nightly(world: World, packs: str) -> World:
    world.write("mapping.toml", MAPPING)
    for night in range(NIGHTS):
        world.write("people.csv", people(night))
        counts = {"before": 3} if night else {"created": 3}
        world.run(*RUN).ended(0, **counts)
        compact(world, packs, night)
    assert versions_packed(world, "known") == (0 if packs == "never" else 3 * (NIGHTS - 2))
    return world


def compact(world: World, packs: str = "each night", night: int = NIGHTS - 1) -> None:
    if packs == "each night" or (packs == "at the end" and night == NIGHTS - 1):
        code, _, told = world.command("compact", RESULTS)
        assert code == 0, told


def versions_packed(world: World, kind: str) -> int:
    """Return how many versions are packed into lines of a kind."""
    lines = (line_from_json(json.loads(text)) for text in world.read(RESULTS).splitlines())
    return sum(
        len(versions_in(line)) - 1
        for line in lines
        if isinstance(line, KnownLine | RowLine)
        if line.kind == kind
    )


@pytest.mark.parametrize("night", [0, 1, NIGHTS - 1] if NIGHTLY else [1])
def test_an_old_list_comes_back(nightly: World, night: int) -> None:
    nightly.write("people.csv", people(night))
    nightly.run(*RUN).ended(0, before=3)
    nightly.run(*RUN, "--on-duplicate", "send").ended(0, before=3)
    nightly.settled(Ada=1, Bo=1, Cyd=1)
    code, _, told = nightly.command("export", RESULTS, "people.csv")
    assert code == 0, told
    assert len(nightly.rows("people.success.csv")) == 3


def test_two_old_versions_of_a_person_are_in_one_list(nightly: World) -> None:
    nightly.write("people.csv", people(1) + people(2, "Ada").split("\n", 1)[1])
    nightly.run(*RUN).ended(0, before=3, duplicate=1)
    nightly.settled(Ada=1, Bo=1, Cyd=1)


@pytest.mark.parametrize("night", [0, 1, 5] if NIGHTLY else [1])
def test_an_old_list_comes_back_and_the_column_is_imported(nightly: World, night: int) -> None:
    nightly.write("people.csv", people(night))
    nightly.write("mapping.toml", MAPPING + '    "custom.seen" = "Seen"\n')
    nightly.run(*RUN).ended(0, before=3)
    nightly.settled(Ada=1, Bo=1, Cyd=1)


@pytest.mark.parametrize("packs", ["at the end", "each night"])
def test_a_row_that_was_refused_once_stays_known(world: World, packs: str) -> None:
    """A line about more than a row's record keeps the other one needed."""
    world.write("mapping.toml", MAPPING + '    birthday = { column = "Born", type = "date" }\n')
    world.write("people.csv", "First,Mail,Seen,Born\nAda,ada@example.com,0,\n")
    world.run(*RUN).ended(0, created=1)
    world.write("people.csv", "First,Mail,Seen,Born\nAda,ada@example.com,1,the 2nd\n")
    world.run(*RUN).ended(1, invalid=1)
    world.write("mapping.toml", MAPPING)
    world.run(*RUN).ended(0, before=1)
    for night in range(2, NIGHTS):
        world.write("people.csv", f"First,Mail,Seen,Born\nAda,ada@example.com,{night},the 2nd\n")
        world.run(*RUN).ended(0, before=1)
        compact(world, packs, night)
    world.write("people.csv", "First,Mail,Seen,Born\nAda,ada@example.com,1,the 2nd\n")
    world.run(*RUN).ended(0, before=1)
    world.settled(Ada=1)


BY_ID = """\
    object = "contact"
    identity = ["external_ref"]
    [fields]
    external_ref = "Mail"
    first_name = "First"
    last_name = "Last"
    """
MARRIED = ("Ada,Lind", "Ada,Marin")


@pytest.fixture
def edited(world: World, packs: str) -> World:
    """One of three people is edited, and the column that is not imported goes on changing."""
    world.write("mapping.toml", BY_ID)
    world.write("people.csv", people(0))
    world.run(*RUN).ended(0, created=3)
    for night in range(1, NIGHTS):
        world.write("people.csv", people(night))
        world.edit("people.csv", MARRIED)
        counts = {"before": 3} if night > 1 else {"before": 2, "changed": 1}
        world.run(*RUN).ended(6 if night == 1 else 0, **counts)
        compact(world, packs, night)
    assert versions_packed(world, "row") == (0 if packs == "never" else NIGHTS - 2)
    return world


@pytest.mark.parametrize("night", [0, 1, NIGHTS - 1] if NIGHTLY else [1])
def test_an_old_list_of_an_edited_row_comes_back(edited: World, night: int) -> None:
    edited.write("people.csv", people(night))
    if night:
        edited.edit("people.csv", MARRIED)
    edited.run(*RUN).ended(0, before=3)
    assert edited.has("people.changed.csv") == bool(night)
    code, _, told = edited.command("acknowledge", RESULTS)
    assert code == 0, told
    if not night:  # the record is said to be up to date, and the list has the old name
        edited.run(*RUN).ended(6, before=2, changed=1)
        assert edited.command("acknowledge", RESULTS)[0] == 0
    edited.run(*RUN).ended(0, before=3)
    assert not edited.has("people.changed.csv")
    edited.settled(Ada=1, Bo=1, Cyd=1)


def test_an_old_change_is_sent_once_where_changes_are_sent(edited: World) -> None:
    edited.write("people.csv", people(2))
    edited.edit("people.csv", MARRIED)
    edited.run(*RUN, "--on-change", "send").ended(0, before=2, created=1)
    edited.run(*RUN, "--on-change", "send").ended(0, before=3)
    edited.write("people.csv", people(5))
    edited.edit("people.csv", MARRIED)
    edited.run(*RUN).ended(0, before=3)
    edited.settled(Ada=2, Bo=1, Cyd=1)


def test_a_changed_file_of_some_nights_ago(world: World, packs: str) -> None:
    world.write("mapping.toml", BY_ID)
    world.write("people.csv", people(0))
    world.run(*RUN).ended(0, created=3)
    old = ""
    for night in range(1, NIGHTS):
        world.write("people.csv", people(night))
        world.edit("people.csv", MARRIED)
        world.run(*RUN)
        compact(world, packs, night)
        old = world.read("people.changed.csv") if night == 2 else old
    world.write("people.changed.csv", old)
    world.edit("people.changed.csv", ("ada@example.com", "ada.new@example.com"))
    run = world.run("people.changed.csv", "--mapping", "mapping.toml")
    assert "created" not in run.counts
    world.holds(Ada=1, Bo=1, Cyd=1)


def test_an_unsent_file_of_some_nights_ago(world: World, packs: str) -> None:
    world.write("mapping.toml", MAPPING)
    world.write("people.csv", people(0))
    world.run(*RUN).ended(0, created=3)
    world.write("people.csv", people(1, "Ada Eve Bo Cyd"))
    world.run(*RUN, "--limit", "1").ended(0, created=1, before=1)
    old = world.read("people.unsent.csv")
    for night in range(1, NIGHTS):
        world.write("people.csv", people(night, "Ada Eve Bo Cyd"))
        world.run(*RUN).ended(0, before=4)
        compact(world, packs, night)
    world.write("people.unsent.csv", old)
    world.edit("people.unsent.csv", ("cyd@example.com", "cyd.new@example.com"))
    world.run("people.unsent.csv", "--mapping", "mapping.toml").ended(6, before=1, changed=1)
    world.holds(Ada=1, Bo=1, Cyd=1, Eve=1)


OTHERS = (
    ("status", RESULTS),
    ("export", RESULTS, "people.csv"),
    ("undo", RESULTS),
    ("report", RESULTS),
    ("forget", RESULTS, "--before", "2999-01-01"),
    ("reconcile", RESULTS, "crm.csv", "--apply"),
    ("compact", RESULTS),
    ("check", *RUN),
)


def test_every_other_command_reads_what_is_packed(edited: World, packs: str) -> None:
    made = [
        f"{one},{record.fields['first_name']},{record.fields['external_ref']}"
        for one, record in edited.crm.records.items()
    ]
    edited.write("crm.csv", "\n".join(["Record ID,First Name,External Ref", *made, ""]))
    said: list[Any] = []
    for arguments in OTHERS:
        code, out, told = edited.command(*arguments, "--json")
        assert code in {0, 1, 6}, told
        said.append(json.loads(out) if out.startswith("{") else out)
        edited.run(*RUN).ended(0, before=3)
    status, exported = said[0], said[1]
    assert (status["counts"]["created"], status["counts"]["changed"]) == (2, 1)
    assert edited.has("people.changed.csv")
    [row] = edited.rows("people.changed.csv")
    assert (row["Last"], row["Mail"]) == ("Marin", "ada@example.com")
    assert len(edited.rows("people.undo.csv")) == 3
    assert exported
    assert versions_packed(edited, "row") == NIGHTS - 2, packs


@pytest.mark.parametrize("night", [1, NIGHTS - 1] if NIGHTLY else [1])
def test_another_import_finds_who_is_in_a_packed_file(nightly: World, night: int) -> None:
    nightly.write("again.csv", people(night))
    again = ("again.csv", *RUN[1:])
    code, _, told = nightly.command("run", *again, "--no-input")
    assert code == 2, told
    assert RESULTS in told
    nightly.run(*again, "--results", RESULTS).ended(0, before=3)
    nightly.settled(Ada=1, Bo=1, Cyd=1)


@pytest.mark.parametrize("night", [0, 1, NIGHTS - 1] if NIGHTLY else [1])
def test_an_old_list_comes_back_with_a_row_that_repeats_another(
    world: World, packs: str, night: int
) -> None:
    world.write("mapping.toml", MAPPING)

    def write(number: int) -> None:
        copy = f"Ada,Lind,ada@example.com,copied in night {number}\n"
        world.write("people.csv", people(number) + copy)

    for number in range(NIGHTS):
        write(number)
        counts = {"before": 3} if number else {"created": 3}
        world.run(*RUN).ended(0, duplicate=1, **counts)
        compact(world, packs, number)
    assert versions_packed(world, "row") == (0 if packs == "never" else NIGHTS - 1)
    write(night)
    world.run(*RUN).ended(0, before=4)
    assert len(world.rows("people.success.csv")) == 4
    world.run(*RUN, "--on-duplicate", "send").ended(0, before=3, created=1)
    world.settled(Ada=2, Bo=1, Cyd=1)


@pytest.mark.parametrize("is_small", [False, True])
def test_a_record_that_was_made_of_a_later_version_than_the_first_request(
    world: World, monkeypatch: pytest.MonkeyPatch, *, is_small: bool
) -> None:
    """Where created rows are read by the block, what is on record about their keys stays too."""
    monkeypatch.setattr(index_file, "_SMALL_BYTES", index_file._SMALL_BYTES if is_small else 0)
    world.write("mapping.toml", MAPPING)
    world.write("people.csv", people(0))
    world.remembers = True  # what becomes of the key of a lost request is not what this is about
    world.crm.script("Bo", lost, refusal("validation_error"))
    world.run(*RUN).ended(1, created=2, unknown=1)
    old = world.read("people.failed.csv")
    world.write("people.csv", people(1))
    world.run(*RUN).ended(0, created=1, before=2)
    world.write("people.failed.csv", old)
    world.run("people.failed.csv", "--mapping", "mapping.toml").ended(0, before=1)
    world.write("people.csv", people(2))
    world.run(*RUN).ended(0, before=3)
    (world.folder / "people.results.index").unlink(missing_ok=True)
    compact(world)
    assert versions_packed(world, "known") > 0
    world.settled(Ada=1, Bo=1, Cyd=1)


def test_the_lines_of_what_is_wrong_are_those_of_the_list(edited: World) -> None:
    """Not those on which the row was when it was read; a packed line has one of many."""
    edited.sort("people.csv", reverse=True)
    [problem] = edited.run(*RUN).ended(0, before=3).report["problems"]
    assert (problem["lines"], problem["sources"]) == ([4], ["people.csv"])
