"""Lists at random, answers lost at random, and exports of all kinds: nobody is made twice."""

from __future__ import annotations

import json
import random
from collections import Counter

import pytest
from referee import World, dropped, lost, refusal

MAPPING = """\
    object = "contact"
    [fields]
    first_name = "First"
    last_name = "Last"
    email = "Mail"
    phone = { column = "Tel", type = "phone", region = "AE" }
    """
RUN = ("l.csv", "--mapping", "mapping.toml", "--key-lifetime", "0")
NO = refusal("validation_error")
COLUMNS = ("first_name", "last_name", "email", "phone")

Cells = tuple[str, str, str, str, str]


def people(chance: random.Random) -> list[str]:
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    names = [f"{letter}{'aeiou'[n % 5]}{n}" for n, letter in enumerate(letters)]
    return chance.sample(names, chance.randint(8, 24))


def write(world: World, names: list[str]) -> None:
    rows = (f"{name},Saleh{name},{name}@example.com,050 123 4{name[2:]:0>3}" for name in names)
    world.write("l.csv", "\n".join(["First,Last,Mail,Tel", *rows, ""]))


def records(world: World) -> list[Cells]:
    found = []
    for one, made in world.crm.records.items():
        first, last, email, phone = (str(made.fields[name]) for name in COLUMNS)
        found.append((one, first, last, email, phone))
    return found


def rewritten(cells: Cells, chance: random.Random) -> Cells:
    one, first, last, email, phone = cells
    if chance.random() < 0.5:
        phone = "0" + phone.removeprefix("+971")
    if chance.random() < 0.5:
        email, last = email.upper(), last.lower()
    return one, first, last, email, phone


def incomplete(found: list[Cells], chance: random.Random) -> list[Cells]:
    """Sort the records by a column and cut them, or leave some out."""
    if chance.random() < 0.5:
        column = chance.randrange(1, 5)
        found = sorted(found, key=lambda one: one[column].lower(), reverse=chance.random() < 0.5)
        return found[: len(found) - chance.randint(1, 4)]
    return [one for one in found if chance.random() < 0.8]


def reconcile(world: World, found: list[Cells]) -> Counter[str]:
    lines = [",".join(one) for one in found]
    header = "Record ID,First Name,Last Name,Email,Phone Number"
    world.write("crm.csv", "\n".join([header, *lines, ""]))
    code, out, err = world.command("reconcile", "l.results.jsonl", "crm.csv", "--apply", "--json")
    assert "Traceback" not in err
    assert "should not have happened" not in err, err
    return Counter(json.loads(out)["counts"]) if code < 2 else Counter()


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(12))
def test_nobody_is_made_twice_and_a_whole_export_settles_all(world: World, seed: int) -> None:
    chance = random.Random(seed)
    world.write("mapping.toml", MAPPING)
    names = people(chance)
    write(world, names)
    for name in names:
        if chance.random() < 0.3:
            world.crm.script(name, chance.choice((lost, dropped)), NO)
    world.run(*RUN)
    for name in names:
        world.crm.script(name)

    part = incomplete([rewritten(one, chance) for one in records(world)], chance)
    known = {one["external_id"] for one in world.outcomes("l.results.jsonl").values()} - {None}
    if not known <= {one[0] for one in part}:  # else nobody can see that records are missing
        reconcile(world, part)
        world.run(*RUN)
    assert max(world.crm.people("us").values()) == 1, world.crm.people("us")

    whole = [rewritten(one, chance) for one in records(world)]
    chance.shuffle(whole)
    found = reconcile(world, whole)
    assert not found["unclear"], world.read("l.reconcile.csv")
    run = world.run(*RUN)
    assert (run.exit_code, run.requests) == (0, found["not_there"]), run.told()
    world.settled(**dict.fromkeys(names, 1))
