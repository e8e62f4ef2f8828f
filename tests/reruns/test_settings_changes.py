"""Headers are the mapping, or a setting changes what a row is."""

from __future__ import annotations

import pytest
from referee import World
from referee.changed_mappings import (
    EVERYBODY,
    EXPORTED_ANEW,
    MAPPING,
    PEOPLE,
    RUN,
    mend,
)
from referee.fixtures import beginning


class TestHeadersAsMapping:
    PEOPLE = """\
        First Name,Last Name,Email
        Ada,Abboud,ada@example.com
        Bo,Berg,bo@example.com
        """
    RUN = ("people.csv", "--object", "contact")

    @beginning
    def imported(self, world: World) -> None:
        world.write("people.csv", self.PEOPLE)
        world.run(*self.RUN).ended(0, created=2)

    def test_a_new_column_is_a_field(self, imported: World) -> None:
        imported.edit(
            "people.csv",
            ("Email", "Email,Mobile"),
            ("ada@example.com", "ada@example.com,+971501110001"),
            ("bo@example.com", "bo@example.com,+971501110002"),
        )
        imported.run(*self.RUN).ended(0, before=2)
        imported.settled(Ada=1, Bo=1)

    def test_a_new_column_is_a_field_and_somebody_is_new(self, imported: World) -> None:
        imported.edit(
            "people.csv",
            ("Email", "Mobile,Email"),
            (",ada@example.com", ",,ada@example.com"),
            (",bo@", ",+971501110002,bo@"),
            ("Bo,", "Cyd,Cohen,+971501110003,cyd@example.com\nBo,"),
        )
        imported.run(*self.RUN).ended(0, before=2, created=1)
        imported.settled(Ada=1, Bo=1, Cyd=1)

    def test_a_mapping_file_takes_over_with_a_field_more(self, imported: World) -> None:
        imported.write(
            "mapping.toml",
            """\
            object = "contact"
            [fields]
            first_name = "First Name"
            last_name = "Last Name"
            email = "Email"
            city = "Town"
            """,
        )
        imported.edit("people.csv", ("Email", "Email,Town"), (".com", ".com,Dubai"))
        imported.run(*RUN).ended(0, before=2)
        imported.settled(Ada=1, Bo=1)

    def test_a_column_that_was_a_field_is_gone(self, world: World) -> None:
        world.write(
            "people.csv", self.PEOPLE.replace("Email", "Email,City").replace(".com", ".com,Dubai")
        )
        world.run(*self.RUN).ended(0, created=2)
        world.write("people.csv", self.PEOPLE)
        world.run(*self.RUN).knew(2)
        world.settled(Ada=1, Bo=1)


class TestSettingsThatChangeWhatARowIs:
    """Each of them changes together with an unmapped column."""

    @pytest.mark.parametrize(
        ("first", "then"), [("", "spring"), ("spring", ""), ("spring", "summer")]
    )
    def test_the_namespace(self, world: World, first: str, then: str) -> None:
        world.write("people.csv", PEOPLE)
        world.write("mapping.toml", MAPPING)
        world.run(*RUN, "--namespace", first).ended(0, created=3)
        world.edit("people.csv", EXPORTED_ANEW)
        world.run(*RUN, "--namespace", then).knew(3)
        world.settled(**EVERYBODY)

    def test_what_stands_for_empty(self, world: World) -> None:
        world.write("people.csv", PEOPLE.replace("Berg", "-").replace("Cohen", "-"))
        world.write("mapping.toml", MAPPING)
        mend(world, 'last_name = "Last"')
        world.run(*RUN).ended(0, created=3)
        world.write("mapping.toml", world.read("mapping.toml") + '[read]\nnull = ["-"]\n')
        world.edit("people.csv", EXPORTED_ANEW)
        world.run(*RUN).ended(0, before=3)
        world.settled(**EVERYBODY)

    def test_a_schema_of_their_own(self, world: World) -> None:
        world.write("people.csv", PEOPLE.replace("C-", "00"))
        world.write("mapping.toml", MAPPING)
        mend(world, 'points = "Ref"')
        schema = '{"type": "object", "properties": {"points": {"type": "string"}}}'
        world.write("schema.json", schema)
        run = (*RUN, "--schema", "schema.json")
        world.run(*run).ended(0, created=3)
        world.write("schema.json", schema.replace('"string"', '"integer"'))
        world.edit("people.csv", EXPORTED_ANEW)
        world.run(*run).knew(3)
        world.settled(**EVERYBODY)

    def test_the_mapping_file_states_a_type(self, world: World) -> None:
        world.write("people.csv", PEOPLE.replace("C-", "050123456"))
        world.write("mapping.toml", MAPPING)
        mend(world, 'phone = "Ref"')
        world.run(*RUN).ended(0, created=3)
        world.edit("mapping.toml", ('"Ref"', '{ column = "Ref", type = "phone", region = "AE" }'))
        world.edit("people.csv", EXPORTED_ANEW)
        world.run(*RUN).ended(0, before=3)
        world.settled(**EVERYBODY)
