"""Lists in which rows are equal, and the runs that skip or send the copies."""

from __future__ import annotations

from referee.world import World

HEADER = "First,Mail,Note\n"
ADA = "Ada,ada@example.com,monday\n"
BO = "Bo,bo@example.com,monday\n"
MAPPING = """\
    object = "contact"
    [fields]
    first_name = "First"
    email = "Mail"
    """
SKIP = ("people.csv", "--mapping", "mapping.toml")
SEND = (*SKIP, "--on-duplicate", "send")


def lists(world: World, *rows: str) -> None:
    world.write("people.csv", HEADER + "".join(rows))
    if not world.has("mapping.toml"):
        world.write("mapping.toml", MAPPING)


def edited(row: str, word: str = "tuesday") -> str:
    return row.replace("monday", word)


def mend(world: World) -> None:
    world.edit("mapping.toml", ('email = "Mail"', 'email = "Mail"\nsource = { const = "old" }'))
