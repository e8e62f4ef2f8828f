"""`check` says what `run` then does, whatever has changed since the run before."""

from __future__ import annotations

import json

import pytest
from effort import NIGHTLY
from referee import World, refusal

PEOPLE = """\
first_name,last_name,email,exported
Ada,Abboud,ada@example.com,monday
Bo,Berg,bo@example.com,monday
Bo,Berg,bo@example.com,monday
"""
MAPPING = """\
object = "contact"
[fields]
first_name = "first_name"
last_name = "last_name"
email = "email"
"""
RUN = ("people.csv", "--mapping", "mapping.toml")
CONSTANT = ("mapping.toml", "[fields]", '[fields]\nsource = { const = "old list" }')
EXPORTED = ("people.csv", "monday", "tuesday")
CORRECTED = ("people.csv", "ada@example.com", "ada.abboud@example.com")
BAD = ("people.csv", "Bo,Berg", f"{'x' * 2000},{'y' * 300},bad@{'x' * 300},monday\nBo,Berg")
NEW = ("people.csv", "Ada,", "Cyd,Cohen,cyd@example.com,monday\nAda,")
IDENTITY = ("mapping.toml", "[fields]", 'identity = ["email"]\n[fields]')
CHANGES: dict[str, list[tuple[str, str, str]]] = {
    "nothing": [],
    "another export": [EXPORTED],
    "a mapping mended": [CONSTANT],
    "both": [CONSTANT, EXPORTED],
    "a person corrected": [CORRECTED],
    "a person corrected and one new": [CORRECTED, NEW],
    "a bad row": [BAD, EXPORTED],
    "an identity and a correction": [IDENTITY, EXPORTED, NEW],
    "all at once": [CONSTANT, CORRECTED, EXPORTED, NEW],
}


FLAGS = {
    "": (),
    "equal rows are sent": ("--on-duplicate", "send"),
    "changes are sent": ("--on-change", "send"),
    "another namespace": ("--namespace", "spring"),
}


@pytest.mark.parametrize(
    ("what", "how"),
    [
        (what, how)
        for what in CHANGES
        for how in FLAGS
        if NIGHTLY or not how or what == "all at once"
    ],
)
def test_what_run_does(world: World, what: str, how: str) -> None:
    flags = FLAGS[how]
    world.write("people.csv", PEOPLE)
    world.write("mapping.toml", MAPPING)
    world.run(*RUN).ended(0, created=2, duplicate=1)
    for name, old, new in CHANGES[what]:
        world.edit(name, (old, new))
    foreseen = check(world, *flags)
    run = world.run(*RUN, *flags)
    assert run.counts == foreseen, run.told()


def test_a_row_that_was_refused_comes_after_those_below_it(world: World) -> None:
    bo, ada = "Bo,Berg,bo@example.com,0501234567", "Ada,Berg,ada@example.com,0501234567"
    header = "first_name,last_name,email,phone,exported\n"
    world.write("people.csv", f"{header}{bo},monday\n{ada},monday\n")
    phone = '{ column = "phone", type = "phone", region = "AE" }'
    world.write("mapping.toml", f"{MAPPING}phone = {phone}\n")
    world.crm.script("Bo", refusal("validation_error"))
    world.run(*RUN).ended(1, created=1, failed=1)

    world.edit("people.csv", (f"{ada},monday", f"{ada},tuesday"))  # so the record is hers
    foreseen = check(world)

    assert foreseen == {"before": 1, "created": 1}
    world.run(*RUN).ended(0, **foreseen)
    world.settled(Ada=1, Bo=1)


def check(world: World, *flags: str) -> dict[str, int]:
    """Return the counts that `check` foresees."""
    code, out, told = world.command("check", *RUN, *flags, "--json")
    assert code in {0, 1, 6}, told
    plan = json.loads(out)
    counts = {"before": plan["before"], **plan["counts"], "created": plan["unsent"]}
    return {name: count for name, count in counts.items() if count}
