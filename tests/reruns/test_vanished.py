"""Records whose rows are gone from the list: told once, and never those of rows that changed."""

from __future__ import annotations

import pytest
from referee import World, refusal
from referee.fixtures import beginning

from importer.writer import index_file

HEADER = "Id,Name,E-mail,Remarks\n"
MAPPING = """\
object = "contact"
identity = ["external_ref"]
[fields]
external_ref = "Id"
first_name = "Name"
email = "E-mail"
"""
RUN = ("people.csv", "--mapping", "mapping.toml")
ROWS = [
    f"{n},{name},{name.lower()}@example.com,\n" for n, name in enumerate(["Omar", "Lina", "Zoe"])
]


@beginning
def people(world: World) -> None:
    world.write("mapping.toml", MAPPING)
    world.write("people.csv", HEADER + "".join(ROWS))
    world.run(*RUN).ended(0, created=3)


def gone(world: World) -> list[str]:
    """Return the numbers of the rows in the vanished file."""
    return (
        [one["row"] for one in world.rows("people.vanished.csv")]
        if world.has("people.vanished.csv")
        else []
    )


def test_it_is_told_once_and_listed_until_it_is_acknowledged(people: World) -> None:
    people.write("people.csv", HEADER + ROWS[0] + ROWS[2])
    first = people.run(*RUN).ended(0, before=2)
    again = people.run(*RUN).ended(0, before=2)
    assert (first.report["vanished"], again.report["vanished"]) == (1, 0)
    told = people.command("status", "people.results.jsonl")[1]
    assert "people.vanished.csv has the records whose rows have left the list" in told
    assert "1 record has no row in the list any more" in first.stderr
    (row,) = people.rows("people.vanished.csv")
    assert row["external_id"] in people.crm.records
    assert (row["row"], row["source"]) == ("2", "people.csv")

    assert people.command("acknowledge", "people.results.jsonl")[0] == 0
    assert not people.has("people.vanished.csv")
    people.run(*RUN).ended(0, before=2)
    assert not people.has("people.vanished.csv")


def test_the_lists_of_a_job_are_one_list_whatever_their_names(people: World) -> None:
    people.write("job.toml", MAPPING + '[job]\nsources = "list-*.csv"\nnewest = true\n')
    people.write("list-a.csv", HEADER + "".join(ROWS).replace(",Omar", ",Badr"))
    people.run("--job", "job.toml", "--new-import").ended(0, created=3)
    people.delete("list-a.csv")
    people.write("list-b.csv", HEADER + ROWS[0].replace(",Omar", ",Badr") + ROWS[2])
    assert people.run("--job", "job.toml").ended(0, before=2).report["vanished"] == 1
    (row,) = people.rows("job.vanished.csv")
    assert (row["row"], row["source"]) == ("2", "list-a.csv")


def test_a_row_that_is_there_again_is_not_sent_again(people: World) -> None:
    people.write("people.csv", HEADER + ROWS[0] + ROWS[2])
    people.run(*RUN)
    people.write("people.csv", HEADER + "".join(ROWS))
    people.run(*RUN).ended(0, before=3)
    assert gone(people) == []
    people.holds(Omar=1, Lina=1, Zoe=1)


@pytest.mark.parametrize(
    "change",
    [("lina@example.com", "lina@example.org"), ("lina@example.com,", "lina@example.com,moved")],
    ids=["a mapped cell", "another cell"],
)
def test_a_row_that_was_edited_is_not_gone(change: tuple[str, str], people: World) -> None:
    people.edit("people.csv", change)
    for _ in range(2):
        assert people.run(*RUN).report["vanished"] == 0
    assert gone(people) == []
    people.write("people.csv", HEADER + ROWS[0] + ROWS[2])
    assert people.run(*RUN).report["vanished"] == 1
    assert gone(people) == ["2"]


def test_the_order_and_other_columns_do_not_count(people: World) -> None:
    people.sort("people.csv", reverse=True)
    assert people.run(*RUN).report["vanished"] == 0
    people.edit(
        "people.csv", ("Remarks", "Remarks,Age"), *((row, row[:-1] + ",7\n") for row in ROWS)
    )
    assert people.run(*RUN).report["vanished"] == 0


def test_the_records_of_another_list_are_not_gone(people: World) -> None:
    people.write("others.csv", HEADER + "7,Sara,sara@example.com,\n")
    results = ("--results", "people.results.jsonl")
    assert people.run("others.csv", *RUN[1:], *results).report["vanished"] == 0
    assert people.run(*RUN).report["vanished"] == 0


def test_a_corrected_row_is_gone_with_its_original(people: World) -> None:
    bad = "8,Badr,no address,\n"
    people.write("people.csv", HEADER + "".join(ROWS) + bad)
    people.edit("mapping.toml", ('"E-mail"', '{ column = "E-mail", type = "email" }'))
    people.run(*RUN).ended(1, before=3, invalid=1)
    people.edit("people.failed.csv", ("no address", "badr@example.com"))
    assert people.run("people.failed.csv", *RUN[1:]).report["vanished"] == 0
    assert people.run(*RUN).report["vanished"] == 0
    people.write("people.csv", HEADER + "".join(ROWS))
    assert people.run(*RUN).report["vanished"] == 1


def test_compact_keeps_what_was_told(people: World) -> None:
    people.write("people.csv", HEADER + ROWS[0])
    assert people.run(*RUN).report["vanished"] == 2
    people.command("compact", "people.results.jsonl")
    assert people.run(*RUN).report["vanished"] == 0
    people.write("people.csv", HEADER + ROWS[0] + "9,Nour,nour@example.com,\n")
    assert people.run(*RUN).report["vanished"] == 0
    assert sorted(gone(people)) == ["2", "3"]


def test_it_is_told_of_rows_that_were_recovered_from_a_success_file(people: World) -> None:
    people.write("copy.csv", people.read("people.success.csv"))
    people.delete("people.results.jsonl", "people.success.csv")
    recover = ("recover", "people.results.jsonl", "copy.csv", "--mapping", "mapping.toml")
    assert people.command(*recover)[0] == 0
    people.write("people.csv", HEADER + ROWS[0] + ROWS[2])
    people.run(*RUN).ended(0, before=2)
    assert gone(people) == ["2"]


def test_equal_rows_that_were_all_sent_are_none_of_them_gone(world: World) -> None:
    send = (*RUN, "--on-duplicate", "send")
    world.write("mapping.toml", MAPPING.replace('identity = ["external_ref"]\n', ""))
    world.write("people.csv", HEADER + ROWS[0] * 3 + ROWS[1])
    world.run(*send).ended(0, created=4)
    edited = ROWS[0].replace("\n", "tuesday\n")
    world.write("people.csv", HEADER + edited * 3 + ROWS[1])
    world.run(*send).ended(0, before=4)
    assert gone(world) == []
    world.write("people.csv", HEADER + edited * 2 + ROWS[1])
    world.run(*send).ended(0, before=3)
    assert len(gone(world)) == 1


def test_rows_that_a_run_has_not_come_to_may_be_those_of_any_record(people: World) -> None:
    new = "3,Ana,ana@example.com,\n"
    people.write("people.csv", HEADER + new + "".join(row[:-1] + "again\n" for row in ROWS))
    run = people.run(*RUN, "--limit", "1").ended(0, created=1)
    assert (run.report["vanished"], gone(people)) == (0, [])
    people.run(*RUN).ended(0, before=4)
    assert gone(people) == []


def test_a_limited_run_leaves_the_file_as_it_is(people: World) -> None:
    people.write("people.csv", HEADER + ROWS[0] + ROWS[2])
    people.run(*RUN).ended(0, before=2)
    new = ["3,Ana,ana@example.com,\n", "4,Eva,eva@example.com,\n"]
    people.write("people.csv", HEADER + ROWS[0] + ROWS[2] + "".join(new))
    people.run(*RUN, "--limit", "1").ended(0, before=2, created=1)
    assert gone(people) == ["2"]


def test_a_change_that_is_refused_leaves_its_record_to_its_row(people: World) -> None:
    people.write("people.csv", HEADER + ROWS[0].replace("omar@", "o@") + ROWS[1] + ROWS[2])
    people.crm.script("Omar", refusal("validation_error"))
    run = people.run(*RUN, "--on-change", "send").ended(1, before=2, failed=1)
    assert (run.report["vanished"], gone(people)) == (0, [])


@pytest.mark.parametrize("size", [0, 1_000_000], ids=["in blocks", "line by line"])
def test_the_records_of_a_changed_row_that_was_sent_are_those_of_its_row(
    people: World, monkeypatch: pytest.MonkeyPatch, size: int
) -> None:
    """Both are that person's, whatever else changes in the row later."""
    monkeypatch.setattr(index_file, "_SMALL_BYTES", size)
    send, others = ("--on-change", "send"), ROWS[1] + ROWS[2]
    for night, address in enumerate(["o", "om", "om", "om"]):
        people.write("people.csv", f"{HEADER}0,Omar,{address}@example.com,{night}\n{others}")
        assert people.run(*RUN, *send).report["vanished"] == 0
        assert gone(people) == []
    people.write("people.csv", HEADER + others)
    assert people.run(*RUN, *send).report["vanished"] == 3


@pytest.mark.parametrize("size", [0, 1_000_000], ids=["in blocks", "line by line"])
@pytest.mark.parametrize("is_last", [False, True], ids=["in its place", "as the last row"])
def test_a_record_that_is_gone_again_is_told_again(
    people: World, monkeypatch: pytest.MonkeyPatch, size: int, *, is_last: bool
) -> None:
    monkeypatch.setattr(index_file, "_SMALL_BYTES", size)
    for _ in range(2):
        people.write("people.csv", HEADER + ROWS[0] + ROWS[2])
        assert people.run(*RUN).ended(0, before=2).report["vanished"] == 1
        assert gone(people) == ["2"]
        assert people.command("acknowledge", "people.results.jsonl")[0] == 0
        back = [ROWS[0], ROWS[2], ROWS[1]] if is_last else ROWS
        people.write("people.csv", HEADER + "".join(back))
        assert people.run(*RUN).ended(0, before=3).report["vanished"] == 0
        assert gone(people) == []
