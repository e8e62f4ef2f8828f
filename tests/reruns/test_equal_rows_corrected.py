"""Two equal rows were refused, and each was corrected in the failed file."""

from __future__ import annotations

import json
from functools import partial

import pytest
from referee import World
from referee.equal_rows import BO, HEADER, MAPPING, SEND, SKIP, edited
from referee.fixtures import Begun

TOO_LONG = f"{'a' * 300}@example.com"
BAD = f"Ada,{TOO_LONG},monday\n"
FIXED = ("fixed.csv", *SKIP[1:], "--results", "people.results.jsonl")
IDENTITY = MAPPING.replace("[fields]", 'identity = ["email"]\n    [fields]')
ALL_SENT = ("--on-duplicate", "send")


def import_corrected(
    world: World, mapping: str = MAPPING, more: tuple[str, ...] = ()
) -> tuple[str, ...]:
    """Import the corrected rows, and return the flags with which they were."""
    world.write("mapping.toml", mapping)
    world.write("people.csv", HEADER + BAD * 2 + BO)
    world.run(*SKIP, *more)
    refused = world.read("people.failed.csv")
    assert refused.count(TOO_LONG) >= 2
    once = refused.replace(TOO_LONG, "ada1@example.com", 1)
    world.write("fixed.csv", once.replace(TOO_LONG, "ada2@example.com", 1))
    world.run(*FIXED, *more).ended(0, created=2)
    return more


WAYS = {
    "skipped": import_corrected,
    "sent": partial(import_corrected, more=ALL_SENT),
    "by an identity": partial(import_corrected, mapping=IDENTITY),
}


@pytest.fixture(params=WAYS.values(), ids=[*WAYS])
def more(world: World, begun: Begun, request: pytest.FixtureRequest) -> tuple[str, ...]:
    flags: tuple[str, ...] = begun(world, request.param)
    return flags


@pytest.mark.parametrize("sends", [(), ("--on-change", "send")])
def test_the_same_file_again_makes_nobody_twice(
    world: World, more: tuple[str, ...], sends: tuple[str, ...]
) -> None:
    world.run(*FIXED, *more, *sends).ended(0, before=2)
    world.settled(Ada=2, Bo=1)


@pytest.mark.parametrize("at", [1, 2])
@pytest.mark.parametrize("sends", [(), ("--on-change", "send")])
def test_nor_does_one_of_them_alone(
    world: World, more: tuple[str, ...], sends: tuple[str, ...], at: int
) -> None:
    lines = world.read("fixed.csv").splitlines(keepends=True)
    world.write("fixed.csv", lines[0] + lines[at])
    world.run(*FIXED, *more, *sends).ended(0, before=1)
    world.settled(Ada=2, Bo=1)


@pytest.mark.parametrize("which", ["ada1", "ada2"])
def test_corrected_once_more_each_is_a_change_of_its_own_record(
    world: World, more: tuple[str, ...], which: str
) -> None:
    ids = {record.fields["email"]: key for key, record in world.crm.records.items()}
    world.edit("fixed.csv", (which, "other"))
    world.run(*FIXED, *more).ended(6, before=1, changed=1)
    named = [row["vorel_external_id"] for row in world.rows("people.changed.csv")]
    assert named == [ids[f"{which}@example.com"]]


def test_both_stand_for_their_rows_if_another_column_differs(world: World) -> None:
    world.write("mapping.toml", MAPPING)
    world.write("people.csv", HEADER + BAD * 2 + BO)
    world.run(*SEND)
    refused = world.read("people.failed.csv").replace(TOO_LONG, "ada1@example.com", 1)
    world.write("fixed.csv", refused.replace(TOO_LONG, "ada2@example.com", 1))
    world.run(*FIXED, *ALL_SENT).ended(0, created=2)
    world.write("people.csv", HEADER + edited(BAD) * 2 + BO)
    world.run(*SEND).ended(0, before=3)
    world.settled(Ada=2, Bo=1)


@pytest.mark.parametrize("of_both", [False, True])
def test_a_copy_of_a_row_whose_correction_was_sent_is_a_duplicate(
    world: World, of_both: bool
) -> None:
    world.write("mapping.toml", MAPPING)
    world.write("people.csv", HEADER + BAD * (1 + of_both) + BO)
    world.run(*SKIP)
    header, first, *_ = world.read("people.failed.csv").splitlines(keepends=True)
    world.write("fixed.csv", header + first.replace(TOO_LONG, "ada@example.com"))
    world.run(*FIXED).ended(0, created=1)
    world.write("people.csv", HEADER + BAD * 2 + BO)
    for _ in range(3):
        code, out, told = world.command("check", *SKIP, "--json")
        assert code == 0, told
        foreseen = {name: n for name, n in json.loads(out)["counts"].items() if n}
        run = world.run(*SKIP)
        assert run.exit_code == 0, run.told()
        assert foreseen.get("duplicate", 0) == run.counts.get("duplicate", 0), run.told()
    world.settled(Ada=1, Bo=1)
