"""Three people who were imported by a mapping, and ways to change that mapping afterwards."""

from __future__ import annotations

from referee.world import World

PEOPLE = """\
    First,Last,Mail,Ref,Exported
    Ada,Abboud,ada@example.com,C-1,monday
    Bo,Berg,bo@example.com,C-2,monday
    Cyd,Cohen,cyd@example.com,C-3,monday
    """
MAPPING = """\
    object = "contact"
    [fields]
    first_name = "First"
    email = "Mail"
    """
RUN = ("people.csv", "--mapping", "mapping.toml")
EVERYBODY = {"Ada": 1, "Bo": 1, "Cyd": 1}
EXPORTED_ANEW = ("monday", "tuesday")


def import_them(world: World) -> World:
    world.write("people.csv", PEOPLE)
    world.write("mapping.toml", MAPPING)
    world.run(*RUN).ended(0, created=3)
    return world


def mend(world: World, line: str) -> None:
    world.edit("mapping.toml", ('email = "Mail"', f'email = "Mail"\n{line}'))


def identify(world: World, *fields: str) -> None:
    """Let the mapping name an identity, or another one, or none."""
    first, *rest = world.read("mapping.toml").splitlines()
    rest = [line for line in rest if not line.startswith("identity")]
    named = [f"identity = {list(fields)}".replace("'", '"')] if fields else []
    world.write("mapping.toml", "\n".join([first, *named, *rest, ""]))
