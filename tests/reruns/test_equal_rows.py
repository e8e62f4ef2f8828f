"""Equal rows, skipped or sent: of n in the list with k records, n - k are sent."""

from __future__ import annotations

from threading import Barrier

import pytest
from referee import World, made, refusal
from referee.equal_rows import ADA, BO, HEADER, MAPPING, SEND, SKIP, edited, lists, mend

from importer.writer import index_file

WITH_NOTES = MAPPING + '    notes = "Note"\n'
ADA_LIND = ADA.replace("Ada,", "Ada Lind,")


def test_skipped_however_they_move(world: World) -> None:
    lists(world, ADA, ADA, BO)
    world.run(*SKIP).ended(0, created=2, duplicate=1)
    lists(world, BO, ADA, edited(ADA), ADA)
    world.run(*SKIP).knew(4)
    world.settled(Ada=1, Bo=1)


def test_skipped_through_one_mapping_after_another(world: World) -> None:
    lists(world, ADA, ADA, BO, edited(ADA))
    world.run(*SKIP).ended(0, created=2, duplicate=2)
    for word in ("spring", "summer", "autumn"):
        world.write("mapping.toml", MAPPING + f'    source = {{ const = "{word}" }}\n')
        world.run(*SKIP).knew(4)
    world.settled(Ada=1, Bo=1)


def test_skipped_after_a_refusal_and_two_more_mappings(world: World) -> None:
    lists(world, ADA, ADA)
    world.crm.script("Ada", refusal("validation_error"))
    world.run(*SKIP, "--limit", "1")
    world.write("mapping.toml", MAPPING + '    source = { const = "spring" }\n')
    lists(world, edited(ADA), ADA, ADA)
    world.run(*SKIP).ended(0, created=1, duplicate=2)
    world.write("mapping.toml", MAPPING + '    source = { const = "summer" }\n')
    lists(world, edited(ADA), ADA, edited(ADA, "sunday"))
    world.run(*SKIP).knew(3)
    lists(world, edited(ADA), ADA, ADA, edited(ADA, "sunday"))
    world.run(*SKIP).knew(4)
    world.settled(Ada=1)


def test_the_only_row_is_edited_in_an_unmapped_column(world: World) -> None:
    lists(world, ADA)
    world.run(*SEND).ended(0, created=1)
    lists(world, edited(ADA))
    world.run(*SEND).ended(0, before=1)
    world.settled(Ada=1)


def test_all_of_several_are_edited_in_an_unmapped_column(world: World) -> None:
    lists(world, ADA, BO, ADA)
    world.run(*SEND).ended(0, created=3)
    lists(world, edited(ADA), BO, edited(ADA, "sunday"))
    world.run(*SEND).ended(0, before=3)
    world.settled(Ada=2, Bo=1)


def test_more_of_them(world: World) -> None:
    lists(world, ADA, BO)
    world.run(*SEND).ended(0, created=2)
    lists(world, ADA, ADA, BO, ADA)
    world.run(*SEND).ended(0, before=2, created=2)
    world.settled(Ada=3, Bo=1)


def test_fewer_of_them_and_then_more(world: World) -> None:
    lists(world, ADA, ADA, ADA)
    world.run(*SEND).ended(0, created=3)
    lists(world, ADA)
    world.run(*SEND).ended(0, before=1)
    lists(world, ADA, BO, ADA, ADA, edited(ADA))
    world.run(*SEND).ended(0, before=3, created=2)
    world.settled(Ada=4, Bo=1)


@pytest.mark.parametrize("note", ["monday", "tuesday"], ids=["same rows", "another export"])
def test_the_mapping_changes_and_there_is_one_more(world: World, note: str) -> None:
    lists(world, ADA, ADA)
    world.run(*SEND).ended(0, created=2)
    mend(world)
    lists(world, edited(ADA, note), BO, edited(ADA, note), edited(ADA, note))
    world.run(*SEND).ended(0, before=2, created=2)
    world.settled(Ada=3, Bo=1)


def test_rows_that_only_the_mapping_makes_equal(world: World) -> None:
    lists(world, ADA, edited(ADA))
    world.run(*SEND).ended(0, created=2)
    lists(world, edited(ADA, "sunday"), ADA)
    world.run(*SEND).ended(0, before=2)
    world.settled(Ada=2)


def test_an_identity_is_added_and_there_is_one_more(world: World) -> None:
    lists(world, ADA, ADA)
    world.run(*SEND).ended(0, created=2)
    world.edit("mapping.toml", ("[fields]", 'identity = ["email"]\n[fields]'))
    lists(world, ADA, edited(ADA), ADA)
    world.run(*SEND).ended(0, before=2, created=1)
    world.settled(Ada=3)


def test_two_become_equal_and_the_first_has_a_record_of_its_own_besides(world: World) -> None:
    """The second has the content of the one record, and would otherwise be left without."""
    world.write("people.csv", HEADER + edited(ADA, "tea") + ADA.replace("monday", ""))
    world.write("mapping.toml", MAPPING.rstrip() + '\n    notes = "Note"\n')
    world.run(*SEND).ended(0, created=2)
    world.write(
        "people.csv", "First,Mail,Note,Day\nAda,ada@example.com,tea,2\nAda,ada@example.com,,2\n"
    )
    world.write("mapping.toml", MAPPING)
    world.run(*SEND).ended(0, before=2)
    world.settled(Ada=2)


def test_a_pilot_in_between(world: World) -> None:
    lists(world, ADA, ADA, ADA, BO, ADA)
    assert world.run(*SEND, "--limit", "2").counts["created"] == 2
    lists(world, BO, ADA, ADA, ADA, ADA)
    world.run(*SEND).ended(0, before=2, created=3)
    world.settled(Ada=4, Bo=1)


def test_the_mapping_changes_after_a_pilot_and_a_copy_moves(world: World) -> None:
    lists(world, ADA, BO, ADA)
    assert world.run(*SEND, "--limit", "2").counts["created"] == 2
    mend(world)
    lists(world, ADA, ADA, edited(BO))
    world.run(*SEND).ended(0, before=2, created=1)
    world.settled(Ada=2, Bo=1)


@pytest.mark.parametrize("code", [("rate_limited", 429), ("validation_error", 200)])
def test_the_first_of_two_is_refused_and_the_mapping_changes(
    world: World, code: tuple[str, int]
) -> None:
    lists(world, ADA, ADA)
    stop = refusal("unauthorized", 401)
    world.crm.script("Ada", refusal(*code), made, stop, stop)
    world.crm.meeting = Barrier(2)
    first = world.run(*SEND, "--concurrency", "2", "--max-outage", "0")
    assert first.counts["created"] == 1, first.told()
    world.crm.script("Ada")
    mend(world)
    world.run(*SEND).ended(0, before=1, created=1)
    world.settled(Ada=2)


def test_one_of_several_was_edited_in_a_column_that_is_not_mapped_any_more(world: World) -> None:
    """It is held back for the record that is left, also once there is one more."""
    plain = edited(ADA, "")
    world.write("mapping.toml", WITH_NOTES)
    lists(world, ADA, ADA, plain)
    world.run(*SEND).ended(0, created=3)
    world.write("mapping.toml", MAPPING)
    lists(world, ADA, edited(ADA), plain)
    world.run(*SEND).ended(6, before=2, possible_duplicate=1)
    lists(world, ADA, edited(ADA), plain, edited(ADA, "sunday"))
    world.run(*SEND).ended(6, before=2, possible_duplicate=1, created=1)
    world.run(*SEND).ended(6, before=3, possible_duplicate=1)
    world.settled(Ada=4)


@pytest.mark.parametrize("has_moved_on", [False, True])
def test_the_same_where_an_unmapped_column_differs_in_all_of_them(
    world: World, *, has_moved_on: bool
) -> None:
    """
    None of the rows has the content of a record any more.

    One that was edited meanwhile is known by its version; without one it is held back.
    """
    world.write("mapping.toml", MAPPING + '    source = "Town"\n')
    copies = 2 * "Ada,ada@example.com,monday,Ajman\n"
    rows = f"First,Mail,Note,Town\n{copies}Ada,ada@example.com,monday,\n"
    world.write("people.csv", rows)
    world.run(*SEND).ended(0, created=3)
    world.write("mapping.toml", MAPPING)
    rows = rows.replace("monday", "tuesday")
    if has_moved_on:
        world.write("people.csv", rows)
        world.run(*SEND).ended(0, before=3)
    world.write("people.csv", rows.replace("Ajman", "Dubai", 1))
    if has_moved_on:
        world.run(*SEND).ended(0, before=3)
    else:
        world.run(*SEND).ended(6, before=2, possible_duplicate=1)
    world.write("people.csv", rows + "Ada,ada@example.com,tuesday,Dubai\n")
    world.run(*SEND).ended(0, before=3, created=1)
    world.settled(Ada=4)


@pytest.mark.parametrize("copies", [1, 3])
def test_a_copy_is_added_beside_a_row_that_was_changed(world: World, copies: int) -> None:
    """The record of the row as it was is free: one copy is a change of it, the others are new."""
    world.write("mapping.toml", WITH_NOTES)
    lists(world, ADA_LIND, BO)
    world.run(*SEND).ended(0, created=2)
    lists(world, edited(ADA_LIND), BO)
    world.run(*SEND, "--on-change", "send").ended(0, before=1, created=1)
    lists(world, edited(ADA_LIND), *[edited(ADA_LIND)] * copies, BO)
    new = {"created": copies - 1} if copies > 1 else {}
    world.run(*SEND).ended(6, before=2, changed=1, **new)
    world.settled(Ada=1 + copies, Bo=1)
    world.run(*SEND, "--on-change", "send").ended(0, before=1 + copies, created=1)
    world.settled(Ada=2 + copies, Bo=1)


def test_a_row_is_edited_and_later_comes_back(world: World) -> None:
    lists(world, ADA, ADA)
    world.run(*SEND).ended(0, created=2)
    lists(world, ADA, edited(ADA))
    world.run(*SEND).ended(0, before=2)
    lists(world, ADA, ADA, edited(ADA))
    world.run(*SEND).ended(0, before=2, created=1)
    world.settled(Ada=3)


def test_in_two_lists(world: World) -> None:
    world.write("mapping.toml", MAPPING)
    world.write("a.csv", HEADER + ADA)
    world.write("b.csv", HEADER + ADA + BO)
    run = ("a.csv", "b.csv", *SEND[1:], "--results", "all.results.jsonl")
    world.run(*run).ended(0, created=3)
    world.run("b.csv", "a.csv", *run[2:]).ended(0, before=3)
    world.write("a.csv", HEADER + BO)
    world.run(*run).ended(0, before=2, created=1)
    world.settled(Ada=2, Bo=2)


def test_a_duplicate_names_no_row_of_an_earlier_list(world: World) -> None:
    lists(world, ADA, BO)
    world.run(*SKIP).ended(0, created=2)
    lists(world, BO, ADA, edited(BO), edited(ADA))
    world.run(*SKIP).knew(4)
    lines = world.outcomes("people.results.jsonl")
    assert lines[3].get("duplicate_of") in {None, 1}
    assert lines[4].get("duplicate_of") in {None, 2}


class TestAnotherPolicy:
    def test_skipped_at_first_and_then_sent(self, world: World) -> None:
        lists(world, ADA, ADA, BO)
        world.run(*SKIP).ended(0, created=2, duplicate=1)
        world.run(*SEND).ended(0, before=2, created=1)
        world.settled(Ada=2, Bo=1)

    def test_sent_at_first_and_then_skipped(self, world: World) -> None:
        lists(world, ADA, ADA)
        world.run(*SEND).ended(0, created=2)
        lists(world, edited(ADA), ADA, ADA)
        world.run(*SKIP).knew(3)
        world.settled(Ada=2)

    def test_to_and_fro_while_an_unmapped_column_differs(self, world: World) -> None:
        lists(world, ADA, ADA)
        world.run(*SKIP).ended(0, created=1, duplicate=1)
        lists(world, edited(ADA), edited(ADA))
        world.run(*SEND).ended(0, before=1, created=1)
        lists(world, edited(ADA, "sunday"), edited(ADA, "sunday"))
        world.run(*SKIP).knew(2)
        world.run(*SEND).ended(0, before=2)
        world.settled(Ada=2)

    def test_changes_are_sent_but_a_duplicate_of_an_unchanged_row_is_not(
        self, world: World
    ) -> None:
        world.write(
            "mapping.toml", WITH_NOTES.replace("[fields]", 'identity = ["email"]\n[fields]')
        )
        lists(world, ADA_LIND, edited(ADA_LIND))
        world.run(*SKIP).ended(0, created=1, duplicate=1)
        lists(world, ADA_LIND, edited(ADA_LIND, "sunday"))
        world.run(*SKIP, "--on-change", "send").ended(0, before=1, duplicate=1)
        world.settled(Ada=1)


def test_a_copy_written_otherwise_that_an_identity_makes_equal(world: World) -> None:
    lists(world, ADA)
    world.run(*SKIP).ended(0, created=1)
    world.edit("mapping.toml", ("[fields]", 'identity = ["first_name"]\n[fields]'))
    world.edit("mapping.toml", ('email = "Mail"', ""))
    lists(world, ADA, ADA.replace("ada@example.com", "Ada@Example.com"))
    world.run(*SKIP).ended(6, before=1, possible_duplicate=1)
    world.settled(Ada=1)
    world.run(*SKIP, "--on-duplicate", "skip").ended(0, before=1, duplicate=1)
    world.settled(Ada=1)


@pytest.mark.parametrize("mapping", ["without the constant", "with an identity"])
@pytest.mark.parametrize("more", [(), ("--on-change", "send")])
def test_a_row_comes_back_beside_the_one_that_stood_for_it(
    world: World, mapping: str, more: tuple[str, ...]
) -> None:
    capitals = ADA.replace("ada@example.com", "Ada@Example.com")
    world.write("mapping.toml", MAPPING)
    mend(world)
    lists(world, ADA, BO)
    world.run(*SKIP).ended(0, created=2)
    world.write("mapping.toml", MAPPING)
    lists(world, capitals, BO)
    world.run(*SKIP).ended(0, before=2)
    if mapping == "with an identity":
        world.write(
            "mapping.toml", MAPPING.replace("[fields]", 'identity = ["first_name"]\n[fields]')
        )
    lists(world, ADA, capitals, BO)
    world.run(*SKIP, *more).knew(3)
    world.settled(Ada=1, Bo=1)


@pytest.mark.parametrize("more", [(), ("--on-change", "send")])
def test_a_copy_written_otherwise_once_the_mapping_has_changed(
    world: World, more: tuple[str, ...]
) -> None:
    lists(world, ADA)
    mend(world)
    world.run(*SKIP).ended(0, created=1)
    world.write("mapping.toml", MAPPING)
    lists(world, ADA.replace("ada@example.com", "Ada@Example.com"), ADA)
    world.run(*SKIP, *more).ended(0, before=1, duplicate=1)
    world.settled(Ada=1)


def test_a_change_that_was_to_be_sent_and_was_refused_is_reported(world: World) -> None:
    world.write("mapping.toml", WITH_NOTES)
    lists(world, ADA_LIND)
    world.run(*SKIP).ended(0, created=1)
    lists(world, edited(ADA_LIND))
    world.crm.script("Ada", refusal("validation_error"))
    world.run(*SKIP, "--on-change", "send").ended(1, failed=1)
    world.run(*SEND).ended(6, changed=1)
    world.settled(Ada=1)


@pytest.mark.parametrize("size", [0, 1_000_000], ids=["in blocks", "line by line"])
def test_a_change_of_two_equal_rows_that_was_reported_is_sent(
    world: World, monkeypatch: pytest.MonkeyPatch, size: int
) -> None:
    monkeypatch.setattr(index_file, "_SMALL_BYTES", size)
    world.write("mapping.toml", WITH_NOTES)
    lists(world, ADA_LIND, ADA_LIND)
    world.run(*SKIP).ended(0, created=1, duplicate=1)
    lists(world, edited(ADA_LIND), edited(ADA_LIND))
    world.run(*SKIP).ended(6, changed=1, duplicate=1)
    world.run(*SKIP, "--on-change", "send").ended(0, created=1, duplicate=1)
    world.run(*SKIP, "--on-change", "send").ended(0, before=2)
    assert len({one.fields.get("notes") for one in world.crm.of("Ada")}) == 2


def test_a_reported_change_that_is_a_duplicate_in_another_list(world: World) -> None:
    """The row of the change was written as a duplicate itself: it repeats nothing but itself."""
    send = ("--on-change", "send")
    world.write("mapping.toml", WITH_NOTES)
    lists(world, ADA_LIND)
    world.run(*SKIP).ended(0, created=1)
    lists(world, edited(ADA_LIND))
    world.run(*SKIP).ended(6, changed=1)
    world.write("others.csv", HEADER + ADA_LIND + edited(ADA_LIND))
    others = ("others.csv", *SKIP[1:], "--results", "people.results.jsonl", *send)
    for _ in range(3):
        assert world.run(*others).exit_code == 0


@pytest.mark.parametrize("refused", [0, 1])
def test_a_change_of_two_equal_rows_that_was_refused_is_sent_with_its_next_key(
    world: World, refused: int
) -> None:
    """Not with a first one once more: a CRM that refuses each key at first would never make it."""
    world.write("mapping.toml", WITH_NOTES)
    lists(world, ADA_LIND, ADA_LIND)
    world.run(*SEND).ended(0, created=2)
    lists(world, edited(ADA_LIND), edited(ADA_LIND))
    answers = [made, made]
    answers[refused] = refusal("validation_error")
    world.crm.script("Ada", *answers)
    changes = (*SEND, "--on-change", "send", "--concurrency", "1")
    world.run(*changes).ended(1, created=1, failed=1)
    key = world.crm.requests[-2:][refused].key
    world.run(*changes).ended(0, before=1, created=1)
    assert world.crm.requests[-1].key == f"{key}-2"


def test_the_original_row_is_back_beside_a_copy_that_has_a_record_of_its_own(
    world: World,
) -> None:
    """The first of two equal copies had taken its record, and is now in the place of the second."""
    lists(world, BO, ADA)
    world.run(*SEND).ended(0, created=2)
    lists(world, edited(BO), edited(BO), ADA)
    world.run(*SEND).ended(0, before=2, created=1)
    lists(world, BO, edited(BO), ADA)
    world.run(*SEND).ended(0, before=3)
    world.settled(Ada=1, Bo=2)


def test_the_original_row_is_back_beside_as_many_copies_as_had_records(world: World) -> None:
    lists(world, BO, ADA)
    world.run(*SEND).ended(0, created=2)
    lists(world, edited(BO), edited(BO), ADA)
    world.run(*SEND).ended(0, before=2, created=1)
    lists(world, BO, edited(BO), edited(BO), ADA)
    world.run(*SEND).ended(0, before=3, created=1)
    world.settled(Ada=1, Bo=3)


def test_new_copies_of_a_row_that_was_reported_are_sent(world: World) -> None:
    """The row that was reported has the record, as many records as rows are made."""
    world.write("mapping.toml", WITH_NOTES)
    lists(world, ADA_LIND)
    world.run(*SEND).ended(0, created=1)
    lists(world, edited(ADA_LIND))
    world.run(*SEND).ended(6, changed=1)
    lists(world, edited(ADA_LIND), edited(ADA_LIND))
    world.run(*SEND).ended(0, before=1, created=1)
    world.settled(Ada=2)


def test_an_equal_row_was_edited_in_a_column_that_is_dropped(world: World) -> None:
    world.write("mapping.toml", WITH_NOTES)
    rows = "Ada Lind,ada@example.com,tea,1\nAda Lind,ada@example.com,,1\n"
    world.write("people.csv", f"First,Mail,Note,Day\n{rows}")
    world.run(*SEND).ended(0, created=2)
    world.write("mapping.toml", MAPPING)
    world.edit("people.csv", ("tea", "coffee"), (",1\n", ",2\n"))
    world.run(*SEND).ended(0, before=2)
    world.settled(Ada=2)
