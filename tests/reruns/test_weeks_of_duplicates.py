"""A row that repeats another one, and what becomes of the record once the other one changes."""

from __future__ import annotations

import pytest
from referee import Run, World, refusal
from referee.fixtures import beginning

HEADER = "First,Last,Mail,Tel\n"
ANA = "Ana,Roy,ana@example.com,0501110001\n"
BO = "Bo,Roy,bo@example.com,0501110001\n"
CYD = "Cyd,Saleh,cyd@example.com,0501110002\n"
MAPPING = """
object = "contact"
identity = ["phone"]
[fields]
first_name = "First"
last_name = "Last"
email = "Mail"
phone = { column = "Tel", type = "phone", region = "AE" }
"""
NO_IDENTITY = MAPPING.replace('identity = ["phone"]\n', "")
EDITED = {
    "address": ANA.replace("ana@", "roy@"),
    "last name": ANA.replace("Roy", "Marin"),
    "number": ANA.replace("0001", "0009"),
}
RUN = ("people.csv", "--mapping", "mapping.toml", "--on-duplicate", "skip")


@beginning
def family(world: World) -> None:
    """A family with one number, which is their identity: one of them has a record."""
    world.write("mapping.toml", MAPPING)
    world.write("people.csv", HEADER + ANA + BO + CYD)
    world.run(*RUN).ended(0, created=2, duplicate=1)


NOTED = HEADER.replace("\n", ",Note\n")
MOVED = ANA.replace("ana@", "roy@")
AGAIN = ANA.replace("ana@", "ana.roy@")


def noted(row: str, note: str = "") -> str:
    """Return a row with a note, which is not mapped."""
    return row.replace("\n", f",{note}\n")


@pytest.mark.parametrize("edited", EDITED.values(), ids=EDITED)
def test_a_duplicate_leaves_the_record_to_the_row_that_it_repeats(
    family: World, edited: str
) -> None:
    family.write("people.csv", HEADER + edited + BO + CYD)
    run = family.run(*RUN)
    assert run.requests == 0, run.told()
    assert run.exit_code == 6, run.told()
    family.holds(Ana=1, Cyd=1)
    twice = edited.replace("ana@", "ana.roy@").replace("roy@", "r@")
    family.write("people.csv", HEADER + twice + BO + CYD)
    assert family.run(*RUN).requests == 0
    family.holds(Ana=1, Cyd=1)


def test_a_duplicate_stays_one_when_the_mapping_gets_an_identity(world: World) -> None:
    named = 'object = "contact"\n[fields]\nfirst_name = "First"\nlast_name = "Last"\n'
    world.write("mapping.toml", named)
    world.write("people.csv", HEADER + ANA + ANA.replace("ana@", "roy@") + CYD)
    world.run(*RUN).ended(0, created=2, duplicate=1)
    world.write("mapping.toml", MAPPING.replace('["phone"]', '["first_name", "last_name"]'))
    world.run(*RUN).ended(0, before=2, duplicate=1)


def lists(world: World, *rows: str) -> Run:
    """Import a list of these rows and Cyd's."""
    world.write("mapping.toml", NO_IDENTITY)
    world.write("people.csv", NOTED + "".join([*rows, noted(CYD)]))
    return world.run(*RUN)


@pytest.mark.parametrize("note", ["", "{row}", "night {night} {row}"])
@pytest.mark.parametrize("first", [True, False], ids=["the first", "the second"])
@pytest.mark.parametrize("edited", EDITED.values(), ids=EDITED)
def test_of_two_equal_rows_one_is_changed(
    world: World, edited: str, first: bool, note: str
) -> None:
    def night(number: int, *rows: str) -> Run:
        notes = (note.format(row=at, night=number) for at in range(len(rows)))
        return lists(world, *map(noted, rows, notes))

    night(1, ANA, ANA).ended(0, created=2, duplicate=1)
    rows = (edited, ANA) if first else (ANA, edited)
    for number in (2, 3):
        run = night(number, *rows)
        assert run.requests == 0, run.told()
    world.acknowledge()
    if world.possible_duplicates():
        world.acknowledge("--same", "all")
    night(4, *rows).knew(3)
    twice = edited.replace("ana@", "a@").replace("roy@", "a@").replace("000", "050")
    for number in (5, 6):
        run = night(number, *(twice if row is edited else row for row in rows))
        assert run.requests == 0, run.told()
    world.holds(Ana=1, Cyd=1)


@pytest.mark.parametrize("changed", [0, 1])
@pytest.mark.parametrize("edited", EDITED.values(), ids=EDITED)
def test_of_two_equal_rows_one_is_changed_and_a_third_comes(
    world: World, edited: str, changed: int
) -> None:
    lists(world, noted(ANA, "web"), noted(ANA, "again")).ended(0, created=2, duplicate=1)
    rows = [noted(ANA, "web"), noted(ANA, "again"), noted(ANA, "third")]
    rows[changed] = noted(edited, ("web", "again")[changed])
    lists(world, *rows).ended(6, before=2, duplicate=1, possible_duplicate=1)


@pytest.mark.parametrize("edited", EDITED.values(), ids=EDITED)
@pytest.mark.parametrize("changed", range(3))
def test_of_equal_rows_of_several_weeks_one_is_changed_and_all_are_written_otherwise(
    world: World, edited: str, changed: int
) -> None:
    notes = ("web", "again", "third")
    for count in (2, 3):
        lists(world, *(noted(ANA, note) for note in notes[:count]))
    rows = [noted(ANA, f"{note} Dubai") for note in notes]
    rows[changed] = noted(edited, f"{notes[changed]} Dubai")
    run = lists(world, *rows)
    assert (run.exit_code, run.requests) == (6, 0), run.told()


def test_a_told_change_keeps_the_record_beside_a_copy_of_its_old_row(world: World) -> None:
    copy = noted(ANA, "again")
    lists(world, noted(ANA), copy).ended(0, created=2, duplicate=1)
    lists(world, noted(AGAIN), copy).ended(6, before=2, changed=1)
    for note in ("seen", "called"):
        lists(world, noted(AGAIN, note), copy).ended(0, before=3)
    world.holds(Ana=1, Cyd=1)


def test_what_a_poor_mapping_was_refused_with_is_no_record_of_a_namesake(world: World) -> None:
    named = 'object = "contact"\n[fields]\nfirst_name = "First"\nlast_name = "Last"\n'
    world.write("mapping.toml", named)
    other = ANA.replace("ana@", "roy@").replace("0001", "0007")
    world.write("people.csv", NOTED + noted(ANA) + noted(other))
    world.crm.always("Ana", refusal("crm_unavailable"))
    world.run(*RUN, "--retry", "none").ended(1, failed=1, duplicate=1)
    world.crm.always("Ana", None)
    world.write("mapping.toml", NO_IDENTITY)
    world.run(*RUN, "--limit", "1")
    world.holds(Ana=1)
    married = ANA.replace("Roy", "Marin")
    world.write("people.csv", NOTED + noted(married, "seen") + noted(other, "seen"))
    world.run(*RUN).ended(6, changed=1, created=1)
    world.holds(Ana=2)


def test_a_copy_whose_changed_twin_was_decided_is_not_sent(world: World) -> None:
    lists(world, noted(ANA), noted(ANA)).ended(0, created=2, duplicate=1)
    married = ANA.replace("Roy", "Novak")
    lists(world, noted(ANA), noted(married)).ended(6, before=2, possible_duplicate=1)
    world.acknowledge("--same", "all")
    lists(world, noted(ANA, "x"), noted(married)).knew(3)
    world.holds(Ana=1, Cyd=1)


def test_of_three_copies_one_changes_and_one_gets_a_note(world: World) -> None:
    lists(world, *(noted(ANA, f"{at}") for at in range(3))).ended(0, created=2, duplicate=2)
    lists(world, noted(MOVED, "0"), noted(ANA, "x"), noted(ANA, "2")).left_to_somebody()
    world.holds(Ana=1, Cyd=1)


def test_two_decided_versions_of_a_record_are_no_change_back_each_night(world: World) -> None:
    def night(number: int, *rows: str) -> Run:
        return lists(world, *(noted(row, f"{at} {number}") for at, row in enumerate(rows)))

    night(1, ANA, ANA).ended(0, created=2, duplicate=1)
    night(2, MOVED, MOVED).knew(3)
    world.acknowledge()
    night(3, AGAIN, MOVED).knew(3)
    world.acknowledge("--same", "all")
    for number in (4, 5, 6):
        night(number, AGAIN, MOVED).ended(0, before=3)
    world.holds(Ana=1, Cyd=1)


@pytest.mark.parametrize("more", ['notes = "Note"\n', 'source = { const = "list" }\n'])
def test_a_question_stays_one_under_another_mapping(world: World, more: str) -> None:
    lists(world, noted(ANA), noted(ANA)).ended(0, created=2, duplicate=1)
    lists(world, noted(ANA), noted(MOVED)).ended(6, before=2, possible_duplicate=1)
    world.edit("mapping.toml", ("[fields]\n", f"[fields]\n{more}"))
    world.run(*RUN).ended(6, before=2, possible_duplicate=1)
    world.acknowledge("--same", "all")
    world.run(*RUN).ended(0, before=3)
    world.holds(Ana=1, Cyd=1)


def test_a_decision_counts_for_what_was_asked_about_the_row_before(world: World) -> None:
    lists(world, noted(ANA), noted(ANA)).ended(0, created=2, duplicate=1)
    number = EDITED["number"]
    lists(world, noted(number), noted(ANA)).ended(6, before=2, possible_duplicate=1)
    (asked,) = world.possible_duplicates()
    lists(world, noted(number, "seen"), noted(ANA)).ended(6, before=2, possible_duplicate=1)
    world.acknowledge("--same", "all")
    again = ("acknowledge", "people.results.jsonl", "--same", asked["vorel_ref"])
    code, _, told = world.command(*again)
    assert code == 2
    assert "it was decided about together with a row that was reported later" in told
