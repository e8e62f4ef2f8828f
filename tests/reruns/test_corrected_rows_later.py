"""A row was corrected in the file of failed rows, and the list itself changes afterwards."""

from __future__ import annotations

import json

import pytest
from referee import Run, World, dropped, refusal
from referee.fixtures import beginning
from referee.three_people import (
    ADA,
    BAD_CYD,
    BO,
    EVERYBODY,
    HEADER,
    TOO_LONG,
    corrected,
    rewrite,
)


class TestACorrectedRowWhoseUnmappedColumnDiffersLater:
    """The list still has the bad value; only what nobody sends has changed in it."""

    HEADER = "First,Mail,Exported\n"
    MAPPING = 'object = "contact"\n[fields]\nfirst_name = "First"\nemail = "Mail"\n'
    ADA, BAD_BO = "Ada,ada@example.com,monday\n", f"Bo,{TOO_LONG}@example.com,monday\n"
    RUN = ("people.csv", "--mapping", "mapping.toml")

    def people(self, world: World, *rows: str) -> None:
        world.write("people.csv", self.HEADER + "".join(rows))

    def correct(self, world: World) -> None:
        rewrite(world, "people.failed.csv", "people.failed.csv", self.corrected)
        world.run("people.failed.csv", *self.RUN[1:]).ended(0, created=1)

    @staticmethod
    def corrected(row: dict[str, str]) -> dict[str, str]:
        return {**row, "Mail": f"{row['First'].lower()}@example.com"}

    @beginning
    def imported(self, world: World) -> None:
        world.write("mapping.toml", self.MAPPING)
        self.people(world, self.ADA, self.BAD_BO)
        world.run(*self.RUN).ended(1, created=1, invalid=1)

    @pytest.mark.parametrize("compacted", [False, True])
    def test_is_still_corrected(self, imported: World, *, compacted: bool) -> None:
        self.correct(imported)
        for day in ("tuesday", "friday"):
            if compacted:
                assert imported.command("compact", "people.results.jsonl")[0] == 0
            imported.edit("people.csv", (imported.rows("people.csv")[0]["Exported"], day))
            code, out, _ = imported.command("check", *self.RUN, "--json")
            assert (code, json.loads(out)["before"]) == (0, 2)
            imported.run(*self.RUN).ended(0, before=2)
        imported.settled(Ada=1, Bo=1)

    def test_is_still_corrected_once_the_change_of_a_record_is_dealt_with(
        self, world: World
    ) -> None:
        world.write(
            "mapping.toml",
            self.MAPPING.replace("[fields]", "[fields]\nphone = 'Tel'\nlast_name = 'Last'"),
        )
        bo = "Bo,Berg,{},+971501112002,{}\n".format

        def people(mail: str, day: str) -> None:
            rows = [
                "First,Last,Mail,Tel,Exported\n",
                "Ada,,ada@example.com,,sunday\n",
                bo(mail, day),
            ]
            world.write("people.csv", "".join(rows))

        people("b@example.com", "sunday")
        world.run(*self.RUN).ended(0, created=2)
        people(f"{TOO_LONG}@example.com", "monday")
        world.run(*self.RUN).ended(1, before=1, invalid=1)
        rewrite(world, "people.failed.csv", "people.failed.csv", self.corrected)
        world.run("people.failed.csv", *self.RUN[1:]).ended(6, changed=1)
        world.acknowledge()
        for day in ("tuesday", "friday"):
            people(f"{TOO_LONG}@example.com", day)
            world.run(*self.RUN).ended(0, before=2)
        world.settled(Ada=1, Bo=1)

    def test_after_a_first_correction_that_was_not_good(self, imported: World) -> None:
        bad = f"{'y' * 300}@example.com"
        imported.edit("people.failed.csv", (f"{TOO_LONG}@example.com", bad))
        imported.run("people.failed.csv", *self.RUN[1:]).ended(1, invalid=1)
        self.correct(imported)
        assert imported.command("compact", "people.results.jsonl")[0] == 0
        imported.edit("people.csv", ("monday", "tuesday"))
        imported.run(*self.RUN).ended(0, before=2)
        imported.settled(Ada=1, Bo=1)

    def test_another_row_with_another_bad_value_is_not(self, imported: World) -> None:
        self.correct(imported)
        self.people(imported, self.ADA, self.BAD_BO.replace("xx@", "yy@"))
        imported.run(*self.RUN).ended(1, before=1, invalid=1)

    def test_a_second_row_with_the_same_bad_value_is_not(self, imported: World) -> None:
        self.correct(imported)
        self.people(imported, self.ADA, self.BAD_BO, self.BAD_BO.replace("monday", "friday"))
        imported.run(*self.RUN).ended(1, before=2, invalid=1)

    def test_a_row_that_was_refused_beside_it_is_not(self, world: World) -> None:
        world.write("mapping.toml", self.MAPPING)
        other = self.BAD_BO.replace("monday", "friday")
        self.people(world, self.ADA, self.BAD_BO, other)
        world.run(*self.RUN).ended(1, created=1, invalid=2)
        first, _ = world.rows("people.failed.csv")
        rewrite(
            world,
            "people.failed.csv",
            "people.failed.csv",
            lambda row: self.corrected(row) if row == first else row,
        )
        world.run("people.failed.csv", *self.RUN[1:]).ended(1, created=1, invalid=1)
        self.people(world, self.ADA, other)
        world.run(*self.RUN).ended(1, before=1, invalid=1)

    @pytest.mark.parametrize("more", [(), ("--on-duplicate", "send")])
    def test_where_the_crm_had_refused_it(self, world: World, more: tuple[str, ...]) -> None:
        world.write("mapping.toml", self.MAPPING)
        self.people(world, self.ADA, "Bo,wrong@example.com,monday\n")
        world.crm.script("Bo", refusal("validation_error"))
        world.run(*self.RUN, *more).ended(1, created=1, failed=1)
        rewrite(world, "people.failed.csv", "people.failed.csv", self.corrected)
        world.run("people.failed.csv", *self.RUN[1:], *more).ended(0, created=1)
        world.edit("people.csv", ("monday", "tuesday"))
        world.run(*self.RUN, *more).ended(0, before=2)
        world.settled(Ada=1, Bo=1)


class TestARowIsCorrectedOnceMore:
    """
    The list and its mapping have changed, so the row is refused anew; its record is there.

    The record was made of the same content, so that it is known before anything is mapped.
    """

    MAPPING = """\
        object = "contact"
        [fields]
        first_name = "first_name"
        last_name = "last_name"
        email = "email"
        """
    RUN = ("people.csv", "--mapping", "mapping.toml")

    @beginning
    def world(self, world: World) -> None:
        world.write("people.csv", HEADER + ADA + BO + BAD_CYD)
        world.write("mapping.toml", self.MAPPING)
        world.run(*self.RUN).ended(1, created=2, invalid=1)
        self.correct(world).ended(0, created=1)
        world.holds(**EVERYBODY)

    def correct(self, world: World) -> Run:
        rewrite(world, "people.failed.csv", "people.failed.csv", corrected)
        return world.run("people.failed.csv", *self.RUN[1:])

    def test_a_column_more_is_mapped(self, world: World) -> None:
        world.write("mapping.toml", self.MAPPING + '        phone = "phone"\n')
        world.edit("people.csv", ("0501110003", "0501110003 "))
        world.run(*self.RUN).ended(1, before=2, invalid=1)
        self.correct(world).ended(0, before=1)
        world.holds(**EVERYBODY)

    def test_the_mapping_has_a_constant_more(self, world: World) -> None:
        world.write("mapping.toml", self.MAPPING + '        source = { const = "old" }\n')
        world.edit("people.csv", (f"Cyd,Cohen,{TOO_LONG}@", f"Cyd,Cohen,y{TOO_LONG}@"))
        world.run(*self.RUN).ended(1, before=2, invalid=1)
        world.edit("people.failed.csv", (f"y{TOO_LONG}", TOO_LONG))
        self.correct(world).ended(0, before=1)
        world.holds(**EVERYBODY)


@pytest.mark.parametrize("later", [(), ("--key-lifetime", "0")])
def test_after_an_unclear_answer_it_stands_for_its_row_once_a_column_differs(
    world: World, later: tuple[str, ...]
) -> None:
    """The request that had no clear answer is not sent again, and holds nobody back."""
    fields = '[fields]\nfirst_name = "First"\nemail = "Mail"\n'
    world.write("mapping.toml", f'object = "contact"\n{fields}')
    run = ("people.csv", "--mapping", "mapping.toml")
    world.write("people.csv", "First,Mail,Day\nBo,bo@example.com,monday\n")
    world.crm.script("Bo", dropped, refusal("validation_error"))
    world.run(*run).ended(1, unknown=1)
    world.write("fixed.csv", world.read("people.failed.csv").replace("bo@", "bob@"))
    into = ("--results", "people.results.jsonl", "--resend-unknown")
    world.run("fixed.csv", *run[1:], *into).ended(0, created=1)
    world.run(*run, *later).ended(0, before=1)
    world.write("people.csv", "First,Mail,Day\nBo,bo@example.com,tuesday\n")
    world.run(*run, *later).ended(0, before=1)
    world.settled(Bo=1)


def test_an_old_request_is_not_sent_again_once_its_row_was_corrected_in_the_list(
    world: World,
) -> None:
    """Whether it made a record of its own, or the corrected row is the only one, nobody knows."""

    def lists(day: str, address: str = "bo@example.com") -> None:
        row = f"Bo,Berg,{address},0501110002,{day}\n"
        world.write("people.csv", f"first_name,last_name,email,phone,Day\n{row}")

    fields = "".join(f'{one} = "{one}"\n' for one in HEADER.strip().split(","))
    world.write("mapping.toml", f'object = "contact"\n[fields]\n{fields}')
    run = ("people.csv", "--mapping", "mapping.toml")
    lists("monday")
    world.crm.script("Bo", dropped, refusal("validation_error"))
    world.run(*run).ended(1, unknown=1)
    lists("tuesday", "bob@example.com")
    world.run(*run).ended(1, unknown=1)
    world.run(*run, "--resend-unknown").ended(0, created=1)
    lists("wednesday")
    world.run(*run).ended(6, possible_duplicate=1)
    world.settled(Bo=1)
