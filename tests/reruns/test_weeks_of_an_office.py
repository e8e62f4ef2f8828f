"""Weeks in which several ordinary things happen one after the other."""

from __future__ import annotations

import shlex

from referee import World
from referee.weeks import (
    FIELDS,
    RESULTS,
    RUN,
    Row,
    begin,
    everybody,
    maps,
    married,
    moved,
    person,
    renumbered,
    save,
    stamped,
)

INTO = ("--mapping", "mapping.toml", "--results", RESULTS)


def test_two_exchange_their_addresses_and_change_back(world: World) -> None:
    ada, bo, *others = people = everybody(5)
    begin(world, people)
    exchanged = [{**ada, "Mail": bo["Mail"]}, {**bo, "Mail": ada["Mail"]}, *others]
    for rows, day in ((exchanged, "tuesday"), (people, "wednesday")):
        save(world, stamped(rows, day))
        world.run(*RUN).ended(6, before=3, changed=2)
        ids = [row["vorel_external_id"] for row in world.rows("people.changed.csv")]
        assert [world.crm.records[one].fields["first_name"] for one in ids] == ["Ada", "Bo"]
        world.acknowledge()
    save(world, stamped(people, "thursday"))
    world.run(*RUN).ended(0, before=5)


def test_a_phone_goes_to_a_colleague_and_an_address_to_somebody_new(world: World) -> None:
    ada, bo, *others = everybody(5)
    begin(world, everybody(5))
    rows = [{**bo, "Tel": ada["Tel"]}, *others]
    save(world, rows)
    world.run(*RUN).ended(6, before=3, changed=1)
    rows.append({**person(8), "Mail": ada["Mail"]})
    save(world, rows)
    world.run(*RUN).ended(6, before=4, possible_duplicate=1)
    world.acknowledge("--new", "all")
    world.run(*RUN).ended(0, before=4, created=1)
    rows.append({**ada, "Mail": "ada@new.example", "Tel": "0523334444"})
    save(world, rows)
    world.run(*RUN).ended(6, before=5, possible_duplicate=1)
    world.acknowledge("--same", "all")
    save(world, stamped(rows, "friday"))
    world.run(*RUN).ended(0, before=6)
    world.holds(Ada=1, Bo=1, Cyd=1, Dina=1, Emil=1, Ines=1)


def test_twins_of_whom_one_moves_out_and_the_mother_joins(world: World) -> None:
    maps(world, FIELDS + 'birthday = { column = "Born", type = "date" }\n')
    home = {"Last": "Saleh", "Mail": "home@example.com", "Tel": "0501234567", "Born": "2001-02-03"}
    lina, dina = ({"First": first, **home, "Exported": ""} for first in ("Lina", "Dina"))
    other = {**person(4), "Born": ""}
    save(world, stamped([lina, dina, other], "1"))
    world.run(*RUN).ended(0, created=3)
    dina = {**dina, "Mail": "dina@example.com"}
    save(world, stamped([lina, dina, other], "2"))
    world.run(*RUN).ended(6, before=2, changed=1)
    mother = {**lina, "First": "Mona", "Born": "1970-01-01"}
    save(world, stamped([dina, mother, other], "3"))
    world.run(*RUN).ended(0, before=2, created=1)
    save(world, stamped([dina, mother, lina, other], "4"))
    world.run(*RUN).ended(0, before=4)
    world.holds(Lina=1, Dina=1, Mona=1, Emil=1)


def test_a_list_in_two_parts_of_which_somebody_changes(world: World) -> None:
    people = everybody(8)
    begin(world, people)
    save(world, stamped(people[:4], "tuesday"), "a.csv")
    save(world, stamped(people[4:], "tuesday"), "b.csv")
    world.run("a.csv", *INTO).ended(0, before=4)
    world.run("b.csv", *INTO).ended(0, before=4)
    save(world, people[:3], "a.csv")
    save(world, [*people[4:], renumbered(people[3])], "b.csv")
    world.run("a.csv", *INTO).ended(0, before=3)
    world.run("b.csv", *INTO).ended(6, before=4, changed=1)
    world.run("a.csv", "b.csv", *INTO).ended(0, before=8)
    save(world, [*people[:3], renumbered(people[3]), *people[4:]])
    world.run(*RUN).ended(0, before=8)
    assert len(world.crm.records) == 8


def test_files_that_have_a_new_name_each_night_and_a_family_in_both(world: World) -> None:
    people = everybody(6)
    ada, bo, ines = ({**one, "Tel": "0501234567"} for one in (*people[:2], person(8)))
    maps(world)
    save(world, [ada, *people[2:4]], "north-1.csv")
    save(world, [bo, *people[4:]], "south-1.csv")
    world.run("north-1.csv", "south-1.csv", *INTO).ended(0, created=6)
    save(world, stamped([ada, *people[2:4]], "2"), "north-2.csv")
    save(world, stamped([bo, *people[4:], ines], "2"), "south-2.csv")
    world.run("north-2.csv", "south-2.csv", *INTO).ended(0, before=6, created=1)
    bo = {**bo, "Mail": "bo@own.example"}
    save(world, stamped([ada, *people[2:4], bo], "3"), "north-3.csv")
    save(world, stamped([*people[4:], ines], "3"), "south-3.csv")
    world.run("south-3.csv", "north-3.csv", *INTO).ended(6, before=6, changed=1)
    assert not world.names("*.vanished.csv")


def test_the_list_and_its_failed_file_are_corrected_differently(world: World) -> None:
    people = everybody(5)
    maps(world, FIELDS.replace('"Mail"', '{ column = "Mail", type = "email" }'))
    save(world, [{**people[0], "Tel": "12"}, {**people[1], "Mail": "bo@"}, *people[2:]])
    world.run(*RUN).ended(1, created=3, invalid=2)
    failed = world.rows("people.failed.csv")
    save(world, [{**failed[0], "Tel": "0501100000"}, failed[1]], "people.failed.csv")
    world.run("people.failed.csv", *RUN[1:]).ended(1, created=1, invalid=1)
    people[0] = {**people[0], "Tel": "0501100009"}
    save(world, stamped(people, "tuesday"))
    world.run(*RUN).ended(6, before=3, created=1, changed=1)
    for name, rows in (("people.changed.csv", 1), ("people.success.csv", 4), ("people.csv", 5)):
        world.run(name, *RUN[1:]).ended(0, before=rows)
    world.holds(Ada=1, Bo=1, Cyd=1, Dina=1, Emil=1)


def test_standard_input_each_night(world: World) -> None:
    people = everybody(5)
    maps(world)
    ada, others, new = moved(people[0]), people[1:], person(8)
    nights: list[tuple[list[Row], int, dict[str, int]]] = [
        (people, 0, {"created": 5}),
        ([ada, *others], 6, {"before": 4, "changed": 1}),
        ([ada, *others, new], 0, {"before": 5, "created": 1}),
        ([*others, new], 0, {"before": 5}),
        ([married(ada), *others, new], 6, {"before": 5, "possible_duplicate": 1}),
    ]
    for night, (rows, code, counts) in enumerate(nights):
        save(world, stamped(rows, f"night {night}"), "piped.csv")
        text = world.read("piped.csv")
        world.delete("piped.csv")
        world.run("-", *INTO, stdin=text).ended(code, **counts)


def test_a_spreadsheet_spoils_more_each_time_it_saves_the_list(world: World) -> None:
    fields = 'birthday = { column = "Born", type = "date" }\nexternal_ref = "Id"\n'
    maps(world, FIELDS + fields)
    names = ("Zoë", "José", "Chloé", "Jürgen", "Sára")
    people = [
        {**row, "First": name, "Born": f"198{at}-03-0{at + 1}", "Id": f"00{at}7"}
        for at, (row, name) in enumerate(zip(everybody(5), names, strict=True))
    ]
    save(world, people)
    world.run(*RUN).ended(0, created=5)
    spoilt = [
        {
            **row,
            "First": row["First"].encode().decode("cp1252", "replace"),
            "Tel": row["Tel"].lstrip("0"),
            "Id": row["Id"].lstrip("0"),
        }
        for row in people
    ]
    save(world, spoilt)
    world.run(*RUN).ended(0, before=5)
    for column, value in (("Born", "03/04/1980"), ("Id", "1.23457E+12")):
        save(world, [{**row, column: value} for row in spoilt])
        run = world.run(*RUN).ended(1, invalid=5)
        assert run.report["verdict"]["text"].startswith("All 5 people are in the CRM")
        assert not world.has("people.vanished.csv")
    save(world, people)
    world.run(*RUN).ended(0, before=5)


def test_an_id_goes_to_somebody_else_and_its_owner_gets_another(world: World) -> None:
    people = [{**row, "Id": f"{100 + at}"} for at, row in enumerate(everybody(12))]
    begin(world, people, "external_ref", fields=FIELDS + 'external_ref = "Id"\n')
    shifted = [{**row, "Id": f"{int(row['Id']) + 1}"} for row in people]
    save(world, shifted)
    world.run(*RUN).refused("11 of the 12 rows")
    dina = people[3]
    people[3] = {**person(15), "Id": dina["Id"]}
    save(world, people)
    world.run(*RUN).ended(6, before=11, possible_duplicate=1)
    world.acknowledge("--new", "all")
    world.run(*RUN).ended(0, before=11, created=1)
    save(world, stamped([*people, {**dina, "Id": "200"}], "friday"))
    world.run(*RUN).ended(6, before=12, changed=1)
    assert world.crm.people("us")["Dina"] == 1


def test_a_results_file_is_lost_and_the_hint_is_followed(world: World) -> None:
    people = everybody(6)
    begin(world, people)
    world.delete(RESULTS)
    save(world, stamped([moved(people[0]), *people[1:], person(8)], "tuesday"))
    lost = world.run(*RUN)
    assert (lost.exit_code, lost.requests) == (7, 0)
    [line] = [one for one in lost.stderr.splitlines() if "vorel-import recover" in one]
    _, _, command = line.partition("vorel-import ")
    assert world.command(*shlex.split(command))[0] == 0
    world.run(*RUN).ended(6, before=5, changed=1, created=1)
    assert len(world.crm.records) == 7


def test_two_of_one_first_name_at_the_reception_do_not_make_it_their_own(world: World) -> None:
    reception = {"Mail": "info@clinic.example", "Tel": "0500000001"}
    team = [{**person(at, "Sara"), **reception} for at in range(3)]
    begin(world, [*team, person(5)])
    save(world, [team[0], {**person(6, "Omar"), **reception}, person(5)])
    world.run(*RUN).ended(0, before=2, created=1)


def test_an_id_that_is_no_identity_any_more_gives_nobody_a_record(world: World) -> None:
    """Many have one id; the mapping has it as the identity at first, and does without it then."""
    fields = f'{FIELDS}external_ref = "Id"\n'
    first = [{**person(at), "Id": f"{at}"} for at in range(4)]
    begin(world, first, "external_ref", fields=fields)
    maps(world, fields)
    ada, *others = first
    joins = {**person(7, "Ada", "Haas"), "Id": ada["Id"]}
    save(world, [joins, {**ada, "Id": "9"}, *others])
    world.run(*RUN).ended(6, before=3, changed=1, created=1)
    assert world.rows("people.changed.csv")[0]["Last"] == ada["Last"]
    world.holds(Ada=2, Bo=1, Cyd=1, Dina=1)


def test_an_identity_that_is_another_column_now_gives_nobody_a_record(world: World) -> None:
    fields = f'{FIELDS}external_ref = "Id"\n'
    first = [{**person(at), "Id": f"{at}"} for at in range(4)]
    begin(world, first, "external_ref", fields=fields)
    maps(world, fields, identity=["email"])
    ada, *others = first
    joins = {**person(7, "Ada", "Haas"), "Id": ada["Id"]}
    save(world, [joins, {**ada, "Id": "9"}, *others])
    world.run(*RUN).ended(6, before=3, changed=1, created=1)
    world.holds(Ada=2, Bo=1, Cyd=1, Dina=1)


def test_who_has_only_the_identity_of_an_earlier_mapping_in_common_is_asked_about(
    world: World,
) -> None:
    fields = f'{FIELDS}"attributes.member" = "Id"\n'
    first = [{**person(at), "Id": f"{at}"} for at in range(4)]
    begin(world, first, "attributes.member", fields=fields)
    maps(world, fields)
    save(world, [{**person(7, "Ada", "Haas"), "Id": first[0]["Id"]}, *first[1:]])
    world.run(*RUN).ended(6, before=3, possible_duplicate=1)
    world.holds(Ada=1, Bo=1, Cyd=1, Dina=1)
