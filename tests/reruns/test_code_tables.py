"""A table of codes changes between runs, or goes: its rows are known by what it held."""

from __future__ import annotations

from referee import World
from referee.fixtures import beginning

PEOPLE = """\
    First,Mail,Stage,Exported
    Ada,ada@example.com,1,monday
    Bo,bo@example.com,2,monday
    Cyd,cyd@example.com,1,monday
    """
MAPPING = """\
    object = "contact"
    [fields]
    first_name = "First"
    email = "Mail"
    status = { column = "Stage", codes = "stages.csv" }
    """
STAGES = "code,meaning\n1,new\n2,won\n"
RUN = ("people.csv", "--mapping", "mapping.toml")
EVERYBODY = {"Ada": 1, "Bo": 1, "Cyd": 1}
EXPORTED_ANEW = ("monday", "tuesday")


@beginning
def imported(world: World) -> None:
    """Three people, imported by the first table."""
    world.write("people.csv", PEOPLE)
    world.write("stages.csv", STAGES)
    world.write("mapping.toml", MAPPING)
    world.run(*RUN).ended(0, created=3)


class TestATableOfCodes:
    def test_changes(self, imported: World) -> None:
        imported.edit("stages.csv", ("new", "fresh"))
        imported.run(*RUN).ended(0, before=3)
        imported.settled(**EVERYBODY)

    def test_changes_with_the_list(self, imported: World) -> None:
        imported.edit("stages.csv", ("new", "fresh"))
        imported.edit("people.csv", EXPORTED_ANEW)
        imported.run(*RUN).ended(0, before=3)
        imported.settled(**EVERYBODY)

    def test_goes_with_its_line(self, imported: World) -> None:
        imported.edit("mapping.toml", (', codes = "stages.csv"', ""))
        imported.delete("stages.csv")
        imported.edit("people.csv", EXPORTED_ANEW)
        imported.run(*RUN).ended(0, before=3)
        imported.settled(**EVERYBODY)

    def test_comes_to_stand_elsewhere(self, imported: World) -> None:
        imported.write("other.csv", STAGES)
        imported.edit("mapping.toml", ("stages.csv", "other.csv"))
        imported.edit("people.csv", EXPORTED_ANEW)
        imported.run(*RUN).ended(0, before=3)
        imported.settled(**EVERYBODY)
