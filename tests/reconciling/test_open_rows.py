"""Rows without a clear answer are settled with an export of the CRM, and nobody is made twice."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from referee import World, dropped, late, lost, refusal
from referee.workbook import save_workbook

from importer.cli.text import printable
from importer.writer.index import loading

PEOPLE = ("Ada", "Bo", "Cyd", "Dan", "Eve", "Fay")
LIST = "people.csv"
RESULTS = "people.results.jsonl"
MAPPING = """\
    object = "contact"
    [fields]
    first_name = "First"
    last_name = "Last"
    email = "Mail"
    phone = { column = "Tel", type = "phone", region = "AE" }
    """
RUN = (LIST, "--mapping", "mapping.toml")
STOP = refusal("unauthorized", 401)
NO = refusal("validation_error")

Change = Callable[[dict[str, str]], dict[str, str] | None]


def row_of(name: str) -> str:
    number = PEOPLE.index(name) if name in PEOPLE else 90 + len(name)
    return f"{name},Saleh{name},{name.lower()}@example.com,050 123 45{number:02}"


def write_list(world: World, *names: str) -> None:
    world.write(LIST, "\n".join(["First,Last,Mail,Tel", *map(row_of, names), ""]))


@pytest.fixture
def world(world: World) -> World:
    """Six people, of whom Cyd and Dan have no clear answer: Cyd was made, and Dan was not."""
    world.write("mapping.toml", MAPPING)
    write_list(world, *PEOPLE)
    world.crm.script("Cyd", lost, NO)
    world.crm.script("Dan", dropped, NO)
    world.run(*RUN).ended(1, created=4, unknown=2)
    return world


def export(
    world: World, *changes: Change, name: str = "export.csv", more: Iterable[str] = ()
) -> str:
    """Write the CRM's export: its own headers, each record changed by `changes`, None for none."""
    lines = ["Record ID,First Name,Last Name,Email,Phone Number,Owner"]
    for one, request in world.crm.records.items():
        fields = request.fields
        found: dict[str, str] | None = {
            "id": one,
            **{key: str(fields.get(key, "")) for key in ("first_name", "last_name")},
            **{key: str(fields.get(key, "")) for key in ("email", "phone")},
            "owner": "Omar",
        }
        for change in changes:
            found = None if found is None else change(found)
        if found is not None:
            lines.append(",".join(found.values()))
    world.write(name, "\n".join([*lines, *more, ""]))
    return name


def reconcile(world: World, exported: str, *flags: str) -> tuple[int, dict[str, Any]]:
    code, out, err = world.command("reconcile", RESULTS, exported, "--json", *flags)
    assert "Traceback" not in err
    assert "should not have happened" not in err, err
    return code, json.loads(out)


def findings(world: World) -> dict[str, tuple[str, str]]:
    """Return (finding, id) by the first name of the row, which is that of the list."""
    if not world.has("people.reconcile.csv"):
        return {}
    people = [line.split(",")[0] for line in world.read(LIST).splitlines()[1:]]
    return {
        people[int(one["row"]) - 1]: (one["finding"], one["external_id"])
        for one in world.rows("people.reconcile.csv")
    }


def id_of(world: World, name: str) -> str:
    [made] = world.crm.of(name)
    return str(made.record)


def without(*names: str) -> Change:
    return lambda one: None if one["first_name"] in names else one


def test_it_only_shows_what_it_would_do(world: World) -> None:
    lines = world.read(RESULTS).count('"kind":"row"')

    code, found = reconcile(world, export(world))

    assert code == 1
    assert found["known_in_export"] == found["known"] == 4
    assert found["counts"]["found"] == found["counts"]["not_there"] == 1
    assert findings(world) == {"Cyd": ("found", id_of(world, "Cyd")), "Dan": ("not_there", "")}
    assert world.read(RESULTS).count('"kind":"row"') == lines
    assert world.command("status", RESULTS, "--json")[1].count('"unknown": 2')


def test_a_run_after_it_sends_exactly_the_rows_that_are_not_there(world: World) -> None:
    keys = world.crm.keys("Dan")
    code, found = reconcile(world, export(world), "--apply")
    assert (code, found["recorded"]) == (0, 2)

    run = world.run(*RUN).ended(0, before=5, created=1)

    assert (run.requests, run.report["vanished"]) == (1, 0)
    assert world.crm.keys("Dan") == keys, "the key is not raised"
    world.settled(**dict.fromkeys(PEOPLE, 1))
    outcomes = world.outcomes(RESULTS)
    assert outcomes[3]["external_id"] == id_of(world, "Cyd")


def test_a_row_that_is_not_there_is_sent_however_old_its_key_is(world: World) -> None:
    world.run(*RUN, "--key-lifetime", "0").ended(1, before=4, unknown=2)
    reconcile(world, export(world), "--apply")
    world.run(*RUN, "--key-lifetime", "0").ended(0, before=5, created=1)
    world.settled(**dict.fromkeys(PEOPLE, 1))


def test_once_it_was_sent_again_without_an_answer_it_is_unclear_again(world: World) -> None:
    reconcile(world, export(world), "--apply")
    world.crm.script("Dan", lost, NO)
    world.run(*RUN).ended(1, before=5, unknown=1)

    world.run(*RUN, "--key-lifetime", "0").ended(1, before=5, unknown=1)
    assert len(world.crm.of("Dan")) == 1
    reconcile(world, export(world), "--apply")
    world.run(*RUN).ended(0, before=6)
    world.holds(**dict.fromkeys(PEOPLE, 1))


def test_a_refusal_after_it_does_not_raise_the_key(world: World) -> None:
    keys = world.crm.keys("Dan")
    reconcile(world, export(world), "--apply")
    world.crm.script("Dan", NO)
    world.run(*RUN).ended(1, before=5, unknown=1)
    world.run(*RUN).ended(0, before=5, created=1)
    assert world.crm.keys("Dan") == keys


def test_created_rows_that_are_read_in_blocks_are_known_too(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As in results files of more than 256 KB."""
    monkeypatch.setattr(loading, "_SMALL_BYTES", 0)
    code, found = reconcile(world, export(world), "--apply")
    assert (code, found["known_in_export"], found["recorded"]) == (0, 4, 2)
    world.run(*RUN).ended(0, before=5, created=1)
    first = next(iter(world.crm.records.values())).fields["first_name"]
    code, found = reconcile(world, export(world, without(str(first))), "--apply")
    assert (code, found["counts"]["deleted"], found["known"]) == (0, 1, 6)
    world.settled(**dict.fromkeys(PEOPLE, 1))


def test_a_list_of_every_night_is_not_taken_for_another_one_after_it(world: World) -> None:
    """What it puts on record is no list that the guards compare the next one with."""
    world.remembers = True
    many = [f"N{n}" for n in range(150)]
    rows = [f"{name},Saleh,{name}@example.com,050 123 4567" for name in many]
    world.write(LIST, "\n".join(["First,Last,Mail,Tel", *map(row_of, PEOPLE), *rows, ""]))
    world.crm.script("N7", dropped, NO)
    world.run(*RUN).ended(1, before=4, created=151, unknown=1)
    code, found = reconcile(world, export(world, without("N90")), "--apply")
    assert (code, found["recorded"], found["is_complete"]) == (0, 1, True), found
    assert (found["counts"]["not_there"], found["counts"]["deleted"]) == (1, 1)
    more = [f"M{n},Saleh,M{n}@example.com,050 123 4567" for n in range(40)]
    world.write(LIST, world.read(LIST) + "\n".join([*more, ""]))
    world.run(*RUN).ended(0, before=155, created=41)


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


def test_status_report_compact_and_a_second_look_agree(world: World) -> None:
    reconcile(world, export(world), "--apply")

    status = json.loads(world.command("status", RESULTS, "--json")[1])
    assert status["counts"] | {"created": 5, "unknown": 1} == status["counts"]
    assert status["ended"]
    assert world.command("report", RESULTS)[0] == 0
    assert world.rows("people.failed.csv")[0]["First"] == "Dan"
    assert len(world.rows("people.success.csv")) == 5
    code, found = reconcile(world, export(world))
    assert (code, found["counts"]["not_there"], found["counts"]["found"]) == (0, 1, 0)
    assert world.command("compact", RESULTS)[0] == 0
    code, again = reconcile(world, export(world))
    assert (code, again["counts"]) == (0, found["counts"])
    world.run(*RUN).ended(0, before=5, created=1)
    code, found = reconcile(world, export(world))
    assert (code, findings(world)) == (0, {})
    assert world.command("compact", RESULTS)[0] == 0
    world.settled(**dict.fromkeys(PEOPLE, 1))
    assert json.loads(world.command("status", RESULTS, "--json")[1])["counts"]["created"] == 6


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


def test_a_sent_line_without_an_outcome_is_settled_too(world: World) -> None:
    write_list(world, *PEOPLE, "Gus", "Hal")
    world.crm.script("Gus", lost, STOP)
    world.crm.script("Hal", late, STOP)
    assert world.run(*RUN, "--key-lifetime", "0").exit_code == 3

    for name in ("Gus", "Hal"):
        world.crm.script(name)

    reconcile(world, export(world), "--apply")

    assert findings(world)["Gus"] == ("found", id_of(world, "Gus"))
    world.run(*RUN)
    world.settled(**dict.fromkeys((*PEOPLE, "Gus", "Hal"), 1))


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


def test_without_the_list_nothing_is_certain(world: World) -> None:
    exported = export(world)
    (world.folder / LIST).rename(world.folder / "moved.csv")
    code, out, _ = world.command("reconcile", RESULTS, exported, "--json", "--apply")
    found = json.loads(out)
    assert (code, found["is_list_there"], found["recorded"]) == (1, False, 0)
    assert found["counts"]["unclear"] == 2
    details = {one["row"]: one["external_id"] for one in world.rows("people.reconcile.csv")}
    assert details == {"3": id_of(world, "Cyd"), "4": ""}

    code, found = reconcile(world, exported, "--source", "moved.csv", "--apply")
    assert (code, found["recorded"]) == (0, 2)
    world.run("moved.csv", "--mapping", "mapping.toml", "--results", RESULTS)
    world.holds(**dict.fromkeys(PEOPLE, 1))


def test_rows_that_were_edited_since_are_settled_by_the_list_as_it_was(world: World) -> None:
    world.write("old.csv", world.read(LIST))
    world.edit(LIST, ("SalehCyd", "Married"), ("SalehDan", "Married"))
    world.run(*RUN).ended(1, before=4, unknown=2)
    code, found = reconcile(world, export(world), "--apply")
    assert (code, found["counts"]["unclear"], found["recorded"]) == (1, 2, 0)

    code, found = reconcile(world, export(world), "--source", "old.csv", "--apply")
    assert (code, found["recorded"]) == (0, 2)

    status = json.loads(world.command("status", RESULTS, "--json")[1])
    assert (status["counts"]["created"], status["counts"]["unknown"]) == (4, 2), status
    world.run(*RUN).ended(6, before=4, created=1, changed=1)
    world.settled(**dict.fromkeys(PEOPLE, 1))
    assert world.crm.of("Dan")[0].fields["last_name"] == "Married"


def test_the_columns_can_be_named(world: World) -> None:
    text = world.read(export(world)).replace("Record ID", "Nummer").replace("Email", "Feld 7")
    world.write("export.csv", text)
    world.write("columns.toml", 'object = "contact"\n[fields]\nemail = "Feld 7"\n')
    flags = ("--mapping", "columns.toml", "--id-column", "Nummer")
    code, found = reconcile(world, "export.csv", *flags)
    assert (code, found["fields"], found["id_column"]) == (1, ["email"], "Nummer")
    assert findings(world)["Cyd"][0] == "found"
    code, _, err = world.command("reconcile", RESULTS, "export.csv", "--id-column", "No")
    assert (code, "no column 'No'" in err) == (2, True)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "is empty"),
        ("Record ID,Email\n", "no column has any of the ids on record"),
        ("Record ID,Owner\n{0},Omar\n", "no column is known by its header"),
        ("Record ID,Other ID,Email\n{0},{0},x\n", "may be in 'Record ID' or in 'Other ID'"),
    ],
)
def test_an_export_that_cannot_be_used_is_named_with_what_to_do(
    world: World, text: str, words: str
) -> None:
    before = world.read(RESULTS)
    world.write("odd.csv", text.format(next(iter(world.crm.records))))
    code, _, err = world.command("reconcile", RESULTS, "odd.csv", "--apply")
    assert code == 2
    assert words in err
    assert world.read(RESULTS) == before


def test_a_workbook_is_read_too(world: World) -> None:
    save_workbook(world.read(export(world)), world.folder / "export.xlsx")
    code, found = reconcile(world, "export.xlsx", "--apply")
    assert (code, found["recorded"]) == (0, 2)


def test_an_export_of_json_lines_is_read_too(world: World) -> None:
    lines = [
        json.dumps({"id": one, "properties": {**made.fields}})
        for one, made in world.crm.records.items()
    ]
    world.write("export.jsonl", "\n".join([*lines, ""]))
    _, found = reconcile(world, "export.jsonl")
    assert found["id_column"] == "id"
    assert findings(world)["Cyd"] == ("found", id_of(world, "Cyd"))


def test_a_results_file_in_use_is_left_alone(world: World) -> None:
    from importer.writer import ResultsFile

    opened = ResultsFile(world.folder / RESULTS)
    code, _, err = world.command("reconcile", RESULTS, export(world))
    opened.close()
    assert code == 2
    assert "in use by another run" in err


def test_what_it_prints_names_the_file_and_what_to_do(world: World) -> None:
    code, out, _ = world.command("reconcile", RESULTS, export(world))
    assert code == 1
    assert "4 of the 4 records on record are in it" in out
    assert "people.reconcile.csv" in out
    assert "--apply" in out
    assert out == printable(out)
    assert (Path(world.folder) / "people.reconcile.csv").stat().st_mode & 0o777 == 0o600
