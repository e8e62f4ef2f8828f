"""What an office does with its lists over weeks, where nobody has done anything wrong."""

from __future__ import annotations

import json

import pytest
from referee import World, refusal
from referee.weeks import (
    FIELDS,
    MAIL,
    NAME,
    RESULTS,
    RUN,
    Row,
    begin,
    everybody,
    maps,
    moved,
    person,
    renumbered,
    save,
)

INTO = ("--mapping", "mapping.toml", "--results", RESULTS)


class TestANightlyList:
    def test_has_the_time_of_the_export_in_each_row(self, world: World) -> None:
        begin(world, everybody(20))
        for night in range(1, 6):
            save(world, [{**row, "Exported": f"2026-11-0{night} 02:00"} for row in everybody(20)])
            world.run(*RUN).ended(0, before=20)

    def test_grows_and_shrinks_and_is_sorted_anew(self, world: World) -> None:
        people = everybody(20)
        begin(world, people[:12])
        for rows in (people[:15], people[5:18], people[::-1], people[3:]):
            save(world, [{**row, "Exported": f"{len(rows)}"} for row in rows])
            assert world.run(*RUN).exit_code == 0
        assert len(world.crm.records) == 20

    def test_has_somebody_who_leaves_and_comes_back(self, world: World) -> None:
        people = everybody(6)
        begin(world, people)
        save(world, people[1:])
        world.run(*RUN).ended(0, before=5)
        save(world, [*people[1:], {**people[0], "Exported": "friday"}])
        world.run(*RUN).ended(0, before=6)

    def test_has_somebody_who_leaves_and_comes_back_with_another_phone(self, world: World) -> None:
        people = everybody(6)
        begin(world, people)
        save(world, people[1:])
        world.run(*RUN).ended(0, before=5)
        save(world, [*people[1:], renumbered(people[0])])
        world.run(*RUN).ended(6, before=5, changed=1)

    def test_has_people_who_change_and_people_who_are_new(self, world: World) -> None:
        people = everybody(20)
        begin(world, people[:15])
        save(world, [*map(moved, people[:3]), *people[3:]])
        world.run(*RUN).ended(6, before=12, changed=3, created=5)
        world.run(*RUN).ended(0, before=20)

    def test_has_more_columns_and_columns_in_another_order(self, world: World) -> None:
        begin(world, everybody(6))
        save(world, [{"Team": "a", **dict(reversed(row.items()))} for row in everybody(6)])
        world.run(*RUN).ended(0, before=6)


class TestAPilot:
    @pytest.mark.parametrize("limit", [1, 5, 19])
    def test_and_then_the_rest_with_a_row_added(self, world: World, limit: int) -> None:
        people = everybody(21)
        maps(world)
        save(world, people[:20])
        world.run(*RUN, "--limit", f"{limit}")
        save(world, [people[20], *people[:20]])
        world.run(*RUN).ended(0, before=limit, created=21 - limit)
        world.run(*RUN).ended(0, before=21)

    def test_and_then_the_rest_with_a_row_corrected(self, world: World) -> None:
        people = everybody(20)
        maps(world)
        save(world, people)
        world.run(*RUN, "--limit", "5")
        save(world, [moved(people[0]), *people[1:]])
        world.run(*RUN).ended(6, before=4, changed=1, created=15)

    def test_and_then_the_rest_by_a_better_mapping(self, world: World) -> None:
        maps(world, NAME + MAIL)
        save(world, everybody(20))
        world.run(*RUN, "--limit", "5")
        maps(world)
        world.run(*RUN).ended(0, before=5, created=15)
        world.run(*RUN).ended(0, before=20)


class TestSeveralFiles:
    def test_hold_the_list_in_two_parts(self, world: World) -> None:
        people = everybody(20)
        maps(world)
        save(world, people[:10], "a.csv")
        save(world, people[10:], "b.csv")
        world.run("a.csv", *INTO).ended(0, created=10)
        world.run("b.csv", *INTO).ended(0, created=10)
        for _ in range(2):
            world.run("a.csv", *INTO).ended(0, before=10)
            world.run("b.csv", *INTO).ended(0, before=10)
        save(world, people)
        world.run("people.csv", *INTO).ended(0, before=20)
        assert len(world.crm.records) == 20

    def test_are_sources_of_one_run(self, world: World) -> None:
        people = everybody(20)
        maps(world)
        save(world, people[:12], "a.csv")
        save(world, people[12:], "b.csv")
        world.run("a.csv", "b.csv", *INTO).ended(0, created=20)
        world.run("b.csv", "a.csv", *INTO).ended(0, before=20)
        save(world, [moved(people[12]), *people[13:]], "b.csv")
        world.run("a.csv", "b.csv", *INTO).ended(6, before=19, changed=1)

    def test_have_a_row_that_goes_from_one_to_the_other(self, world: World) -> None:
        people = everybody(6)
        maps(world)
        save(world, people[:3], "a.csv")
        save(world, people[3:], "b.csv")
        world.run("a.csv", "b.csv", *INTO).ended(0, created=6)
        save(world, people[:2], "a.csv")
        save(world, [renumbered(people[2]), *people[3:]], "b.csv")
        world.run("a.csv", "b.csv", *INTO).ended(6, before=5, changed=1)

    def test_have_a_family_that_is_in_both(self, world: World) -> None:
        ada, bo = ({**person(number), "Tel": "0501234567"} for number in (0, 1))
        maps(world)
        save(world, [ada, *everybody(6)[2:]], "a.csv")
        save(world, [bo, *everybody(10)[6:]], "b.csv")
        world.run("a.csv", "b.csv", *INTO).ended(0, created=10)
        world.run("a.csv", *INTO).ended(0, before=5)
        world.run("b.csv", *INTO).ended(0, before=5)


def test_standard_input(world: World) -> None:
    maps(world)
    save(world, everybody(6))
    text = world.read("people.csv")
    world.run("-", *INTO, stdin=text).ended(0, created=6)
    world.run("-", *INTO, stdin=text).ended(0, before=6)
    save(world, [moved(person(0)), *everybody(7)[1:]])
    world.run("-", *INTO, stdin=world.read("people.csv")).ended(6, before=5, changed=1, created=1)
    world.run(*RUN).ended(0, before=7)


class TestDealsOfOneCustomer:
    FIELDS = (
        'title = "Title"\ncontact_email = "Mail"\namount = "Amount"\nstage = "Stage"\n'
        'owner = "Owner"\n'
    )

    def deals(self) -> list[Row]:
        return [
            {"Title": title, "Mail": mail, "Amount": "1000", "Stage": "new", "Owner": "Omar"}
            for title in ("a flat", "a villa", "an office")
            for mail in ("ada@example.com", "bo@example.com")
        ]

    def test_are_several_records(self, world: World) -> None:
        maps(world, self.FIELDS, object_="deal")
        save(world, self.deals())
        world.run(*RUN).ended(0, created=6)
        world.run(*RUN).ended(0, before=6)

    @pytest.mark.parametrize(
        "change", [{"Amount": "1100"}, {"Stage": "won"}, {"Amount": "1100", "Stage": "won"}]
    )
    def test_are_known_by_customer_title_and_one_more_value(
        self, world: World, change: Row
    ) -> None:
        maps(world, self.FIELDS, object_="deal")
        deals = self.deals()
        save(world, deals)
        world.run(*RUN).ended(0, created=6)
        save(world, [{**deals[0], **change}, *deals[1:]])
        world.run(*RUN).ended(6, before=5, changed=1)
        world.run(*RUN).ended(0, before=6)

    def test_may_be_known_by_customer_and_title_alone(self, world: World) -> None:
        maps(world, self.FIELDS, object_="deal")
        deals = self.deals()
        save(world, deals)
        world.run(*RUN).ended(0, created=6)
        save(world, [{**deals[0], "Amount": "1", "Stage": "won", "Owner": "Olga"}, *deals[1:]])
        for _ in range(2):
            world.run(*RUN).ended(6, before=5, possible_duplicate=1)
        world.acknowledge("--same", "all")
        world.run(*RUN).ended(0, before=6)

    def test_are_more_than_before(self, world: World) -> None:
        maps(world, self.FIELDS, object_="deal")
        deals = self.deals()
        save(world, deals[:3])
        world.run(*RUN).ended(0, created=3)
        save(world, deals)
        world.run(*RUN).ended(0, before=3, created=3)

    def test_have_an_id_and_another_title(self, world: World) -> None:
        maps(world, f'{self.FIELDS}external_ref = "Ref"\n', object_="deal")
        deals = [{**row, "Ref": f"D-{number}"} for number, row in enumerate(self.deals())]
        save(world, deals)
        world.run(*RUN).ended(0, created=6)
        save(world, [{**deals[0], "Title": "a bigger flat"}, *deals[1:]])
        world.run(*RUN).knew(6)
        assert len(world.crm.records) == 6

    def test_have_an_identity_and_another_title(self, world: World) -> None:
        fields = f'{self.FIELDS}external_ref = "Ref"\n'
        maps(world, fields, identity=("external_ref",), object_="deal")
        deals = [{**row, "Ref": f"D-{number}"} for number, row in enumerate(self.deals())]
        save(world, deals)
        world.run(*RUN).ended(0, created=6)
        save(world, [{**deals[0], "Title": "a bigger flat"}, *deals[1:]])
        world.run(*RUN).ended(6, before=5, changed=1)


class TestAppointments:
    FIELDS = (
        'customer_name = "Name"\ncustomer_phone = "Tel"\nstatus = "Status"\n'
        'location_text = "Place"\n'
        'scheduled_start = { column = "Start", timezone = "Asia/Dubai" }\n'
        'scheduled_end = { after = "scheduled_start", minutes = { column = "Minutes" } }\n'
    )

    def appointments(self) -> list[Row]:
        return [
            {
                "Name": f"{person(number)['First']} {person(number)['Last']}",
                "Tel": f"+97150111000{number}",
                "Status": "confirmed",
                "Place": "Office",
                "Start": f"2026-12-0{day} 10:00",
                "Minutes": "30",
            }
            for number in range(4)
            for day in (1, 8)
        ]

    def first(self, world: World) -> list[Row]:
        maps(world, self.FIELDS, object_="appointment")
        rows = self.appointments()
        save(world, rows)
        world.run(*RUN).ended(0, created=8)
        return rows

    def test_are_completed(self, world: World) -> None:
        rows = self.first(world)
        save(world, [{**row, "Status": "completed"} if row in rows[::2] else row for row in rows])
        world.run(*RUN).ended(6, before=4, changed=4)
        world.run(*RUN).ended(0, before=8)
        save(world, [{**row, "Status": "completed"} for row in rows])
        world.run(*RUN).ended(6, before=4, changed=4)
        assert len(world.crm.records) == 8

    def test_are_completed_and_moved_to_another_place(self, world: World) -> None:
        rows = self.first(world)
        save(world, [{**rows[0], "Status": "completed", "Place": "Marina"}, *rows[1:]])
        world.run(*RUN).ended(6, before=7, changed=1)
        assert len(world.crm.records) == 8

    def test_go_on_each_week(self, world: World) -> None:
        rows = self.first(world)
        save(world, [*rows, {**rows[0], "Start": "2026-12-15 10:00"}])
        world.run(*RUN).ended(0, before=8, created=1)


class TestArabicNames:
    PEOPLE = (
        ("محمد", "الهاشمي"),
        ("محمد", "الكعبي"),
        ("فاطمة", "الهاشمي"),
        ("عبد الله", "بن سالم"),
        ("نور", "الدين"),
    )

    def people(self) -> list[Row]:
        return [
            {**person(number, first, last), "Mail": f"p{number}@example.com"}
            for number, (first, last) in enumerate(self.PEOPLE)
        ]

    def test_are_known_again(self, world: World) -> None:
        begin(world, self.people())
        save(world, [{**row, "Exported": "friday"} for row in reversed(self.people())])
        world.run(*RUN).ended(0, before=5)

    def test_of_whom_one_has_another_phone(self, world: World) -> None:
        people = self.people()
        begin(world, people)
        save(world, [renumbered(people[0]), *people[1:]])
        world.run(*RUN).ended(6, before=4, changed=1)

    def test_in_an_encoding_of_old_spreadsheets(self, world: World) -> None:
        begin(world, self.people())
        text = world.read("people.csv")
        mapping = world.read("mapping.toml")
        world.write("mapping.toml", f'{mapping}[read]\nencoding = "windows-1256"\n')
        world.write("people.csv", text, encoding="windows-1256")
        world.run(*RUN).ended(0, before=5)

    def test_of_a_namesake_who_is_new(self, world: World) -> None:
        people = self.people()
        begin(world, people)
        namesake = {**person(30, *self.PEOPLE[0]), "Mail": "p30@example.com"}
        save(world, [*people, namesake])
        world.run(*RUN).ended(0, before=5, created=1)


class TestDerivedFiles:
    def test_the_failed_file_is_corrected(self, world: World) -> None:
        maps(world)
        people = everybody(6)
        save(world, [*people[:5], {**people[5], "Mail": f"{'x' * 300}@example.com"}])
        world.run(*RUN).ended(1, created=5, invalid=1)
        bad = world.rows("people.failed.csv")
        save(world, [{**row, "Mail": people[5]["Mail"]} for row in bad], "people.failed.csv")
        world.run("people.failed.csv", *RUN[1:]).ended(0, created=1)
        world.run(*RUN).ended(0, before=6)
        assert len(world.crm.records) == 6

    def test_the_failed_file_of_what_the_crm_refused_is_corrected(self, world: World) -> None:
        maps(world)
        save(world, everybody(6))
        world.crm.script("Ada", refusal("validation_error"))
        world.run(*RUN).ended(1, created=5, failed=1)
        save(world, [moved(row) for row in world.rows("people.failed.csv")], "people.failed.csv")
        world.run("people.failed.csv", *RUN[1:]).ended(0, created=1)
        world.run(*RUN).ended(0, before=6)
        assert len(world.crm.records) == 6

    @pytest.mark.parametrize("stripped", [False, True], ids=["as it is", "without own columns"])
    def test_the_success_file_is_imported_again(self, world: World, *, stripped: bool) -> None:
        begin(world, everybody(6))
        rows = world.rows("people.success.csv")
        if stripped:
            rows = [{name: row[name] for name in everybody(1)[0]} for row in rows]
        save(world, rows, "sent.csv")
        run = world.run("sent.csv", *INTO).knew(6)
        assert run.requests == 0, run.told()

    def test_the_unsent_file_is_imported_and_then_the_list(self, world: World) -> None:
        maps(world)
        save(world, everybody(6))
        world.run(*RUN, "--limit", "2")
        world.run("people.unsent.csv", *RUN[1:]).ended(0, created=4)
        world.run(*RUN).ended(0, before=6)


class TestWhatIsForeseen:
    """`check` says what `run` does then, without sending anything."""

    @pytest.mark.parametrize("change", ["nobody", "moved", "married", "new"])
    def test_before_each_run(self, world: World, change: str) -> None:
        people = everybody(6)
        begin(world, people)
        more = {
            "nobody": people,
            "moved": [moved(people[0]), *people[1:]],
            "married": [{**moved(people[0]), "Last": "Marin"}, *people[1:]],
            "new": [*people, person(6)],
        }
        save(world, more[change])
        code, out, told = world.command("check", *RUN, "--json")
        assert code != 2, told
        foreseen = json.loads(out)
        run = world.run(*RUN)
        assert foreseen["before"] == run.counts.get("before", 0), run.told()
        for name in ("changed", "possible_duplicate"):
            assert foreseen["counts"].get(name, 0) == run.counts.get(name, 0), run.told()
        assert len(world.crm.records) == 6 + run.counts.get("created", 0)


def test_each_row_is_sent_where_that_is_asked_for(world: World) -> None:
    """Two rows that are equal are two people to whoever says so, however the list grows."""
    maps(world, FIELDS)
    rows = everybody(4)
    send = (*RUN, "--on-duplicate", "send")
    save(world, [*rows, rows[0]])
    world.run(*send).ended(0, created=5)
    save(world, [*rows, rows[0], rows[0], person(5)])
    world.run(*send).ended(0, before=5, created=2)
    save(world, [{**row, "Exported": "friday"} for row in (*rows, rows[0], rows[0], person(5))])
    world.run(*send).ended(0, before=7)
    assert len(world.crm.records) == 7
