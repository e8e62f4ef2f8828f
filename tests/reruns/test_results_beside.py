"""Another results file in the same folder has created some of the list's rows."""

from __future__ import annotations

import csv
import re
import shlex
from collections.abc import Iterator
from typing import Any

import pytest
from referee import World, refusal
from referee.fixtures import beginning

from importer.matching.open_rows import OpenRow
from importer.matching.row_ties import RowTies
from importer.writer import index_file
from importer.writer.rewriting.compaction import Compacted, compact

HEADER = "first_name,last_name,email,exported\n"
ADA = "Ada,Abboud,ada@example.com,monday\n"
BO = "Bo,Berg,bo@example.com,monday\n"
CYD = "Cyd,Cohen,cyd@example.com,monday\n"
FIELDS = 'first_name = "first_name"\nlast_name = "last_name"\nemail = "email"\n'
MAPPING = f'object = "contact"\n[fields]\n{FIELDS}'
WITH = ("--mapping", "mapping.toml")
OLD = "list-06-01.results.jsonl"
NEW = ("list-06-02.csv", *WITH)


@beginning
def yesterday(world: World) -> None:
    """Ada and Bo, imported from yesterday's list."""
    world.write("mapping.toml", MAPPING)
    world.write("list-06-01.csv", HEADER + ADA + BO)
    world.run("list-06-01.csv", *WITH).ended(0, created=2)


TODAY = {
    "a copy": HEADER + ADA + BO,
    "a copy and somebody new": HEADER + CYD + ADA + BO,
    "another export": (HEADER + BO + ADA + CYD).replace("monday", "tuesday"),
    "saved by a spreadsheet": (HEADER + ADA + BO).replace(",", ";").replace("\n", "\r\n"),
    "half of it": HEADER + BO,
    "corrected rows": (HEADER + ADA + BO).replace("ada@", "ADA@").replace("Bo,", "BO,"),
    "without a column": (HEADER + ADA + BO).replace(",exported", "").replace(",monday", ""),
}


@pytest.mark.parametrize("today", TODAY.values(), ids=TODAY)
def test_is_found_before_the_first_request(yesterday: World, today: str) -> None:
    yesterday.write("list-06-02.csv", today)
    yesterday.run(*NEW).refused(f"--results {OLD}", "--new-import")
    yesterday.holds(Ada=1, Bo=1)


def test_is_found_though_the_mapping_changed_with_the_list(yesterday: World) -> None:
    yesterday.write("mapping.toml", MAPPING + 'source = { const = "old list" }\n')
    yesterday.write("list-06-02.csv", TODAY["another export"])
    yesterday.run(*NEW).refused(f"--results {OLD}", "--new-import")


def test_is_found_by_its_own_mapping_where_there_are_no_contact_details(world: World) -> None:
    mapping = 'object = "contact"\n[fields]\nfirst_name = "first_name"\ncity = "city"\n'
    world.write("mapping.toml", mapping)
    world.write("list-06-01.csv", "first_name,city,exported\nAda,Dubai,monday\n")
    world.run("list-06-01.csv", *WITH).ended(0, created=1)
    world.write("mapping.toml", mapping + 'source = { const = "old list" }\n')
    world.write("list-06-02.csv", "first_name,city,exported\nAda,Dubai,tuesday\n")
    world.run(*NEW).refused(f"--results {OLD}", "--new-import")


def test_is_found_each_time_until_it_is_answered(yesterday: World) -> None:
    yesterday.write("list-06-02.csv", TODAY["a copy"])
    for _ in range(3):
        yesterday.run(*NEW).refused(f"--results {OLD}", "--new-import")


def test_is_gone_on_with(yesterday: World) -> None:
    yesterday.write("list-06-02.csv", TODAY["another export"])
    yesterday.run(*NEW, "--results", OLD).ended(0, before=2, created=1)
    yesterday.settled(Ada=1, Bo=1, Cyd=1)


def test_is_found_beside_the_file_that_a_link_points_to(world: World) -> None:
    world.write("mapping.toml", MAPPING)
    (world.folder / "exports").mkdir()
    world.write("exports/people.csv", HEADER + ADA + BO)
    world.run("exports/people.csv", *WITH).ended(0, created=2)
    (world.folder / "latest.csv").symlink_to("exports/people.csv")
    world.run("latest.csv", *WITH).refused("--results", "exports/people.results.jsonl")


def test_is_named_so_that_its_name_can_be_copied(world: World) -> None:
    world.write("mapping.toml", MAPPING)
    world.write("our lists/list 1.csv", HEADER + ADA)
    world.run("our lists/list 1.csv", *WITH).ended(0, created=1)
    world.write("our lists/list 2.csv", HEADER + ADA)
    run = world.run("our lists/list 2.csv", *WITH).refused("--results", "--new-import")
    found = re.search(r"--results .*?(?=;)", run.stderr)
    assert found, run.told()
    world.run("our lists/list 2.csv", *WITH, *shlex.split(found[0])).ended(0, before=1)
    world.holds(Ada=1)


def test_is_left_aside_on_purpose(yesterday: World) -> None:
    yesterday.write("list-06-02.csv", TODAY["a copy"])
    yesterday.run(*NEW, "--new-import").ended(0, created=2)
    yesterday.run(*NEW).ended(0, before=2)
    yesterday.run(*NEW, "--new-import").ended(0, before=2)
    assert yesterday.has(OLD)
    yesterday.holds(Ada=2, Bo=2)


def test_of_other_people_is_no_question(yesterday: World) -> None:
    yesterday.write("list-06-02.csv", HEADER + CYD)
    yesterday.run(*NEW).ended(0, created=1)
    yesterday.settled(Ada=1, Bo=1, Cyd=1)


def test_that_has_the_address_of_one_of_them_is_a_question_about_that_one(
    yesterday: World,
) -> None:
    yesterday.write("list-06-02.csv", HEADER + CYD + "Eve,Evans,ada@example.com,monday\n")
    yesterday.run(*NEW).ended(6, created=1, possible_duplicate=1)
    yesterday.settled(Ada=1, Bo=1, Cyd=1)


def test_that_created_nobody_is_no_question(world: World) -> None:
    world.write("mapping.toml", MAPPING)
    world.write("list-06-01.csv", HEADER + ADA)
    world.crm.script("Ada", refusal("validation_error"))
    world.run("list-06-01.csv", *WITH).ended(1, failed=1)
    world.write("list-06-02.csv", HEADER + ADA)
    world.run(*NEW).ended(0, created=1)
    world.settled(Ada=1)


class TestOnceTheOwnFileHasRecords:
    @pytest.fixture
    def both(self, yesterday: World) -> World:
        yesterday.write("list-06-02.csv", HEADER + CYD)
        yesterday.run(*NEW).ended(0, created=1)
        yesterday.write("list-06-02.csv", HEADER + CYD + ADA)
        return yesterday

    def test_its_people_are_held_back(self, both: World) -> None:
        both.run(*NEW).ended(6, before=1, changed=1)
        line = both.outcomes("list-06-02.results.jsonl")[2]
        assert line["external_id"] == both.crm.of("Ada")[0].record
        both.settled(Ada=1, Bo=1, Cyd=1)

    @pytest.mark.parametrize("named", ["its row", "its file"])
    def test_one_of_its_people_is_somebody_else_as_the_hint_says(
        self, both: World, named: str
    ) -> None:
        both.write("list-06-02.csv", HEADER + CYD + ADA + BO)
        run = both.run(*NEW).ended(6, before=1, changed=2)
        assert "acknowledge RESULTS --new REF" in run.report["problems"][0]["hint"]
        changed = both.read("list-06-02.changed.csv").splitlines(keepends=True)
        both.write("ada.csv", "".join(changed[:2]))
        [row] = csv.DictReader(changed[:2])
        ref = "ada.csv" if named == "its file" else row["vorel_ref"]
        code, _, told = both.command("acknowledge", "list-06-02.results.jsonl", "--new", ref)
        assert code == 0, told
        both.run(*NEW).ended(0, before=2, created=1)
        both.settled(Ada=2, Bo=1, Cyd=1)

    def test_who_has_the_address_of_one_of_them_is_asked_about(self, both: World) -> None:
        both.write("list-06-02.csv", HEADER + CYD + "Eve,Evans,ada@example.com,monday\n")
        for flags in ((), ("--on-change", "send")):
            both.run(*NEW, *flags).ended(6, before=1, possible_duplicate=1)
        both.command("acknowledge", "list-06-02.results.jsonl", "--new", "all")
        both.run(*NEW).ended(0, before=1, created=1)
        both.settled(Ada=1, Bo=1, Cyd=1, Eve=1)

    def test_an_address_that_two_of_the_list_have_tells_nobody(self, both: World) -> None:
        new = "Eve,Evans,ada@example.com,monday\nFay,Frost,ada@example.com,monday\n"
        both.write("list-06-02.csv", HEADER + CYD + new)
        both.run(*NEW).ended(0, before=1, created=2)

    def test_its_people_are_sent_where_that_is_asked_for(self, both: World) -> None:
        both.run(*NEW, "--on-change", "send").ended(0, before=1, created=1)
        both.settled(Ada=2, Bo=1, Cyd=1)


class TestListsThatAreSplitMergedAndRenamed:
    def test_renamed_without_its_results(self, yesterday: World) -> None:
        (yesterday.folder / "list-06-01.csv").rename(yesterday.folder / "clients.csv")
        yesterday.run("clients.csv", *WITH).refused(f"--results {OLD}", "--new-import")

    def test_split_in_two(self, yesterday: World) -> None:
        for name, row in (("a.csv", ADA), ("b.csv", BO)):
            yesterday.write(name, HEADER + row)
            yesterday.run(name, *WITH).refused(f"--results {OLD}")
            yesterday.run(name, *WITH, "--results", OLD).ended(0, before=1)
        yesterday.holds(Ada=1, Bo=1)

    def test_two_that_are_merged(self, yesterday: World) -> None:
        yesterday.write("list-06-02.csv", HEADER + CYD)
        yesterday.run(*NEW).ended(0, created=1)
        yesterday.write("all.csv", HEADER + ADA + BO + CYD)
        yesterday.run("all.csv", *WITH).refused("--results", "--new-import")
        yesterday.run("all.csv", *WITH, "--results", OLD).ended(6, before=2, changed=1)
        yesterday.settled(Ada=1, Bo=1, Cyd=1)

    def test_one_of_several_sources_alone(self, world: World) -> None:
        world.write("mapping.toml", MAPPING)
        world.write("a.csv", HEADER + ADA)
        world.write("b.csv", HEADER + BO)
        both = ("a.csv", "b.csv", *WITH, "--results", "all.results.jsonl")
        world.run(*both).ended(0, created=2)
        world.run("b.csv", *WITH).refused("--results all.results.jsonl", "--new-import")
        world.run("b.csv", *both[2:]).ended(0, before=1)
        world.holds(Ada=1, Bo=1)

    def test_two_copies_of_a_results_file_in_turn(self, yesterday: World) -> None:
        yesterday.write("copy.results.jsonl", yesterday.read(OLD))
        yesterday.edit("list-06-01.csv", (BO, BO + CYD))
        run = ("list-06-01.csv", *WITH)
        yesterday.run(*run, "--results", "copy.results.jsonl").ended(0, before=2, created=1)
        yesterday.run(*run).ended(6, before=2, changed=1)
        yesterday.settled(Ada=1, Bo=1, Cyd=1)


def _is_about(ties: RowTies, results: str) -> bool:
    return ties._on_record is not None and ties._on_record._path.name == results


def test_rows_are_found_in_a_file_that_is_made_smaller_meanwhile(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its own job may do that at any time: the places of its lines are others then."""
    monkeypatch.setattr(index_file, "_SMALL_BYTES", 0)
    people = [f"{one}{two}" for one in "ABCD" for two in "abcdef"]

    def write(name: str, day: int, *who: str) -> None:
        rows = [f"{one},Haddad,{one.lower()}@example.com,{day}\n" for one in who]
        world.write(name, HEADER + "".join(rows))

    world.write("mapping.toml", MAPPING)
    for day in range(7):
        write("list-06-01.csv", day, "Xa", "Ya", "Za", *(people[12:] if day == 6 else ()))
        world.run("list-06-01.csv", *WITH)
    write("list-06-02.csv", 8, "Ga")
    world.run(*NEW).ended(0, created=1)
    smaller = list[Compacted]()
    look_up = RowTies._look_up

    def looked_up(self: RowTies, row: OpenRow) -> Iterator[Any]:
        yield from look_up(self, row)
        if _is_about(self, OLD) and not smaller:
            smaller.append(compact(world.folder / OLD))

    monkeypatch.setattr(RowTies, "_look_up", looked_up)
    write("list-06-02.csv", 9, *people)
    world.run(*NEW).knew(12, created=12)
    assert smaller[0].packed
