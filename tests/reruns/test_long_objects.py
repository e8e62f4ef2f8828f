"""Lists of large JSON objects, which are read in several chunks."""

from __future__ import annotations

import json

from referee import World

_PEOPLE = 300
_NOTE = "x" * 18_000


def save(world: World, *others: int) -> None:
    """Write the list; `others` are the places at which somebody else stands."""
    numbers = [number + 1000 * (number in others) for number in range(_PEOPLE)]
    rows = [
        {"First": f"P{number}", "Mail": f"p{number}@example.com", "Note": _NOTE}
        for number in numbers
    ]
    world.write("people.jsonl", "".join(f"{json.dumps(row)}\n" for row in rows))


def test_who_is_new_is_sent_and_nobody_else(world: World) -> None:
    """Most chunks are known as they are, and need not be read."""
    world.write(
        "mapping.toml", 'object = "contact"\n[fields]\nfirst_name = "First"\nemail = "Mail"\n'
    )
    save(world)
    world.run("people.jsonl", "--mapping", "mapping.toml").ended(0, created=_PEOPLE)
    save(world, 50, 250)
    world.run("people.jsonl", "--mapping", "mapping.toml", "--accept-list").ended(
        0, created=2, before=_PEOPLE - 2
    )
    assert {made.fields["first_name"] for made in world.crm.records.values()} >= {"P1050", "P1250"}
    assert len(world.crm.records) == _PEOPLE + 2
