"""Only what an export proves is recorded; everything else is left to a person."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from typing import Any

import pytest
from referee import World, dropped, lost
from referee.open_rows import (
    LIST,
    NO,
    PEOPLE,
    RESULTS,
    RUN,
    STOP,
    export,
    findings,
    id_of,
    reconcile,
    row_of,
    without,
    write_list,
)


def test_an_export_that_may_be_cut_at_a_limit_proves_nothing(world: World) -> None:
    world.remembers = True
    rows = [f"N{n},Saleh,N{n}@example.com,050 123 4567" for n in range(94)]
    world.write(
        LIST, "\n".join(["First,Last,Mail,Tel", *map(row_of, PEOPLE), *rows, "N,N,n@e.com,"])
    )
    world.crm.script("N", dropped, NO)
    world.run(*RUN).ended(1, before=4, created=96, unknown=1)
    code, found = reconcile(world, export(world), "--apply")
    assert (code, found["records"], found["recorded"]) == (1, 100, 0)
    assert "exactly 100 records" in found["incomplete_because"][0]


def test_the_same_values_written_otherwise_are_found(world: World) -> None:
    def rewritten(one: dict[str, str]) -> dict[str, str]:
        phone = one["phone"].removeprefix("+971")
        return {
            **one,
            "first_name": f" {one['first_name'].upper()} ",
            "email": one["email"].title(),
            "phone": f"(0{phone[:2]}) {phone[2:5]}-{phone[5:]}",
        }

    code, found = reconcile(world, export(world, rewritten), "--apply")
    assert (code, found["counts"]["edited"], found["recorded"]) == (0, 0, 2)
    world.run(*RUN).ended(0, before=5, created=1)
    world.settled(**dict.fromkeys(PEOPLE, 1))


@pytest.mark.parametrize(
    ("missing", "why"),
    [
        (("Fay",), "made last"),
        (("Ada", "Bo", "Eve"), "made last"),
        (("Ada", "Bo", "Eve", "Fay"), "no column has any of the ids"),
    ],
)
def test_what_an_incomplete_export_lacks_is_not_taken_to_be_missing(
    world: World, missing: tuple[str, ...], why: str
) -> None:
    code, out, err = world.command(
        "reconcile", RESULTS, export(world, without(*missing)), "--json", "--apply"
    )
    assert why in out + err
    assert code == (2 if "column" in why else 1)
    assert "not_there" not in str(findings(world))
    world.run(*RUN, "--key-lifetime", "0")
    assert "Dan" not in world.crm.people("us")
    assert len(world.crm.of("Cyd")) == 1


def test_an_export_that_is_older_than_the_request_proves_nothing(world: World) -> None:
    write_list(world, *PEOPLE, "Gus")
    exported = export(world)
    world.crm.script("Gus", lost, STOP)
    assert world.run(*RUN, "--key-lifetime", "0").exit_code == 3
    os.utime(world.folder / exported, (0, 0))

    reconcile(world, exported, "--apply")

    assert findings(world)["Gus"][0] == "unclear"
    world.run(*RUN, "--key-lifetime", "0")
    assert len(world.crm.of("Gus")) == 1


def test_an_edited_record_is_found_only_if_there_is_no_doubt(world: World) -> None:
    def edited(one: dict[str, str]) -> dict[str, str]:
        return {**one, "email": "new@example.com"} if one["first_name"] == "Cyd" else one

    code, _ = reconcile(world, export(world, edited), "--apply")

    assert code == 1
    assert findings(world)["Cyd"] == ("unclear", id_of(world, "Cyd"))
    world.run(*RUN, "--key-lifetime", "0").ended(1, before=4, created=1, unknown=1)
    assert len(world.crm.of("Cyd")) == 1


def test_a_record_that_has_another_name_and_address_but_the_number_is_in_doubt(
    world: World,
) -> None:
    more = ["rec-77,Somebody,Else,other@example.com,+971501234503,Omar"]
    reconcile(world, export(world, more=more), "--apply")
    assert findings(world)["Dan"] == ("unclear", "rec-77")


def test_the_mapping_says_what_is_the_same_record(world: World) -> None:
    world.edit("mapping.toml", ('"contact"\n', '"contact"\nidentity = ["email"]\n'))
    write_list(world, *PEOPLE, "Gus")
    world.crm.script("Gus", lost, NO)
    world.run(*RUN, "--key-lifetime", "0")

    def edited(one: dict[str, str]) -> dict[str, str]:
        return {**one, "last_name": "Married"} if one["first_name"] == "Gus" else one

    reconcile(world, export(world, edited), "--apply")
    assert findings(world)["Gus"] == ("found", id_of(world, "Gus"))


@pytest.mark.parametrize(
    ("day", "finding"), [("2020-05-01", "unclear"), ("2999-05-01", "found"), ("", "found")]
)
def test_a_record_that_was_there_before_is_not_that_of_a_row(
    world: World, day: str, finding: str
) -> None:
    today = datetime.now(UTC).date().isoformat()
    header, *lines = world.read(export(world)).splitlines()
    days = [day if "Cyd" in line else f"{today} 10:00" for line in lines]
    rows = [f"{line},{made},1970-01-01" for line, made in zip(lines, days, strict=True)]
    world.write("export.csv", "\n".join([f"{header},Create Date,Born", *rows, ""]))
    reconcile(world, "export.csv", "--apply")
    assert findings(world)["Cyd"] == (finding, id_of(world, "Cyd"))
    world.run(*RUN, "--key-lifetime", "0")
    assert len(world.crm.of("Cyd")) == 1


def test_two_records_that_may_be_a_row_are_left_to_a_person(world: World) -> None:
    [made] = world.crm.of("Cyd")
    cells = ",".join(str(made.fields[name]) for name in ("first_name", "last_name", "email"))
    more = [f"rec-77,{cells},{made.fields['phone']},Omar"]
    code, found = reconcile(world, export(world, more=more), "--apply")
    assert (code, findings(world)["Cyd"][0], found["counts"]["found"]) == (1, "unclear", 0)
    assert "rec-77" in world.read("people.reconcile.csv")


class TestEqualRows:
    """Two equal rows that are both sent: records and rows pair in one way, or in none."""

    RUN = (*RUN, "--on-duplicate", "send")

    def both(self, world: World, *answers: Any) -> None:
        write_list(world, *PEOPLE, "Gus", "Gus")
        world.crm.script("Gus", *answers)
        run = world.run(*self.RUN, "--key-lifetime", "0", "--concurrency", "1")
        assert run.counts["unknown"] == 2 + len(answers) // 2, run.told()

    def test_both_made(self, world: World) -> None:
        self.both(world, lost, lost, NO, NO)
        code, _ = reconcile(world, export(world), "--apply")
        assert code == 0
        ids = {one["external_id"] for one in world.rows("people.reconcile.csv")}
        assert {str(one.record) for one in world.crm.of("Gus")} < ids
        world.run(*self.RUN)
        world.settled(**dict.fromkeys(PEOPLE, 1), Gus=2)

    def test_neither_made(self, world: World) -> None:
        self.both(world, dropped, dropped, NO, NO)
        reconcile(world, export(world), "--apply")
        world.run(*self.RUN)
        world.settled(**dict.fromkeys(PEOPLE, 1), Gus=2)

    def test_one_of_them_made(self, world: World) -> None:
        self.both(world, lost, dropped, NO, NO)
        code, _ = reconcile(world, export(world), "--apply")
        assert (code, findings(world)["Gus"][0]) == (1, "unclear")
        assert world.run(*self.RUN, "--key-lifetime", "0").requests == 1, "Dan alone"
        assert len(world.crm.of("Gus")) == 1

    def test_one_of_them_known(self, world: World) -> None:
        write_list(world, *PEOPLE, "Gus")
        world.run(*self.RUN, "--key-lifetime", "0", "--concurrency", "1")
        self.both(world, lost, NO)
        known = world.crm.of("Gus")[0].record
        reconcile(world, export(world), "--apply")
        found = {row["external_id"] for row in world.rows("people.reconcile.csv")}
        assert world.crm.of("Gus")[1].record in found
        assert known not in found
        world.run(*self.RUN)
        world.settled(**dict.fromkeys(PEOPLE, 1), Gus=2)


def test_records_that_were_deleted_or_edited_or_made_twice_are_listed(world: World) -> None:
    write_list(world, *PEOPLE, *(f"P{n}" + "x" * n for n in range(8)))
    world.remembers = True
    world.run(*RUN).ended(0, before=4, created=10)
    ada, bo = id_of(world, "Ada"), id_of(world, "Bo")
    [made] = world.crm.of("Eve")
    eve = f"{made.fields['first_name']},{made.fields['last_name']},{made.fields['email']}"

    def edited(one: dict[str, str]) -> dict[str, str]:
        return {**one, "last_name": "Married"} if one["first_name"] == "Bo" else one

    exported = export(
        world, without("Ada"), edited, more=[f"rec-77,{eve},{made.fields['phone']},Omar"]
    )
    before = world.read(RESULTS).count('"kind":"row"')

    code, found = reconcile(world, exported, "--apply")

    assert (code, found["is_complete"]) == (1, False), "one of fourteen is too many to be sure"
    assert findings(world) == {
        "Ada": ("deleted", ada),
        "Bo": ("edited", bo),
        "Eve": ("twice", "rec-77"),
    }
    assert world.rows("people.reconcile.csv")[-1]["details"] == "last_name"
    assert world.read(RESULTS).count('"kind":"row"') == before
    assert world.run(*RUN).requests == 0
