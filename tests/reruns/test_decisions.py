"""A person decides about changes and possible duplicates, and every count and file follows."""

from __future__ import annotations

import json

from referee import World
from referee.fixtures import beginning
from referee.three_people import HEADER, RUN, save

from importer.report.facts import Facts, read_facts

RESULTS = "people.results.jsonl"
ADA = "Ada,Abboud,ada@example.com,0501110001\n"
BO = "Bo,Berg,bo@example.com,0501110002\n"
CYD = "Cyd,Cohen,cyd@example.com,0501110003\n"
DAN = "Dan,Dietz,dan@example.com,0501110004\n"
NEW_BO = BO.replace("0501110002", "0509990002")
ZOE = "Zoe,Zander,cyd@example.com,0509990003\n"
"""She has the address of Cyd, whose row is gone, and nothing else of hers."""
IAN = "Ian,Ibsen,dan@example.com,0509990004\n"
"""He has the address of Dan, whose row is gone."""


@beginning
def world(world: World) -> None:
    """Four records; then one row has changed, and two may be somebody who has a record."""
    world.write("people.csv", HEADER + ADA + BO + CYD + DAN)
    world.run(*RUN).ended(0, created=4)
    world.write("people.csv", HEADER + ADA + NEW_BO + ZOE + IAN)
    world.run(*RUN).ended(6, before=1, changed=1, possible_duplicate=2)


def listed(world: World) -> dict[str, str]:
    """Return who is in the changed file, with the status."""
    if not world.has("people.changed.csv"):
        return {}
    return {row["first_name"]: row["vorel_status"] for row in world.rows("people.changed.csv")}


def record(world: World, name: str) -> str | None:
    [made] = world.crm.of(name)
    return made.record


def ref(world: World, name: str, file: str = "people.changed.csv") -> str:
    found = {row["first_name"]: row["vorel_ref"] for row in world.rows(file)}
    return found[name]


def acknowledge(world: World, *arguments: str) -> str:
    code, told, error = world.command("acknowledge", RESULTS, *arguments)
    assert code == 0, error
    return told


def refused(world: World, *arguments: str) -> str:
    before = world.read(RESULTS)
    code, _, error = world.command("acknowledge", RESULTS, *arguments)
    assert code == 2
    assert world.read(RESULTS) == before
    return error


def standing(world: World) -> dict[str, int]:
    """Return the rows of the list by what holds for them, as `status` counts them."""
    code, out, error = world.command("status", RESULTS, "--json")
    assert code == 0, error
    found = json.loads(out)
    counts = {**found["counts"], "left": found["left"], "before": found["undecided_before"]}
    return {name: count for name, count in counts.items() if count}


def test_the_message_of_a_possible_duplicate_names_the_field_that_it_shares(world: World) -> None:
    told = {
        row["first_name"]: row["vorel_error_message"] for row in world.rows("people.changed.csv")
    }
    same = "it may be somebody who has a record: the same email, and nothing more: "
    assert told["Zoe"] == f"{same}{record(world, 'Cyd')}"
    assert told["Ian"] == f"{same}{record(world, 'Dan')}"


def test_both_are_in_the_changed_file_with_the_record_and_what_to_do(world: World) -> None:
    rows = {row["first_name"]: row for row in world.rows("people.changed.csv")}

    assert listed(world) == {
        "Bo": "changed", "Zoe": "possible_duplicate", "Ian": "possible_duplicate",
    }  # fmt: skip
    assert {name: row["vorel_external_id"] for name, row in rows.items()} == {
        "Bo": record(world, "Bo"), "Zoe": record(world, "Cyd"), "Ian": record(world, "Dan"),
    }  # fmt: skip
    assert "--same REF" in rows["Zoe"]["vorel_hint"]
    assert "up to date" in rows["Bo"]["vorel_hint"]
    assert "up to date" not in rows["Zoe"]["vorel_hint"]


def test_without_options_changes_are_dealt_with_and_possible_duplicates_stay(world: World) -> None:
    told = acknowledge(world)

    assert "2 possible duplicates are left to decide about" in told
    assert listed(world) == {"Zoe": "possible_duplicate", "Ian": "possible_duplicate"}
    assert standing(world) == {"created": 1, "dealt_with": 1, "possible_duplicate": 2}
    run = world.run(*RUN).ended(6, before=2, possible_duplicate=2)
    assert run.report["list"]["created"] == 1
    assert run.report["list"]["dealt_with"] == 1


def test_the_same_is_one_with_its_record(world: World) -> None:
    told = acknowledge(world, "--same", ref(world, "Zoe"))

    assert "1 row is on record as the same" in told
    assert "1 possible duplicate is left" in told
    assert listed(world) == {"Bo": "changed", "Ian": "possible_duplicate"}
    assert standing(world) == {
        "created": 1, "dealt_with": 1, "changed": 1, "possible_duplicate": 1,
    }  # fmt: skip
    world.run(*RUN).ended(6, before=3, possible_duplicate=1)
    assert standing(world)["dealt_with"] == 1
    world.holds(Ada=1, Bo=1, Cyd=1, Dan=1)


def test_somebody_else_is_unsent_until_the_next_run_creates_a_record(world: World) -> None:
    told = acknowledge(world, "--new", ref(world, "Ian"))

    assert "the next run creates a record of it" in told
    assert f"vorel-import run {RUN[0]}" in told
    assert [row["first_name"] for row in world.rows("people.unsent.csv")] == ["Ian"]
    assert standing(world) == {"created": 1, "changed": 1, "possible_duplicate": 1, "left": 1}

    world.run(*RUN).ended(6, before=2, possible_duplicate=1, created=1)

    world.holds(Ada=1, Bo=1, Cyd=1, Dan=1, Ian=1)
    assert {row["first_name"] for row in world.rows("people.success.csv")} == {"Ada", "Ian"}
    world.run(*RUN).ended(6, before=3, possible_duplicate=1)


def test_all_are_those_that_nothing_else_was_said_of(world: World) -> None:
    told = acknowledge(world, "--same", "all", "--new", ref(world, "Ian"))

    assert "1 row is on record as the same" in told
    assert "1 row: somebody else" in told
    assert "left to decide" not in told
    world.run(*RUN).ended(0, before=3, created=1)
    world.holds(Ada=1, Bo=1, Cyd=1, Dan=1, Ian=1)
    assert "nothing was recorded" in acknowledge(world, "--new", "all")


def test_a_file_with_the_rows_that_are_left_of_the_changed_file_decides(world: World) -> None:
    rows = world.rows("people.changed.csv")
    save(world, "new.csv", [row for row in rows if row["first_name"] == "Ian"])
    save(world, "same.csv", [row for row in rows if row["first_name"] != "Ian"])

    acknowledge(world, "--same", "same.csv", "--new", "new.csv")

    assert standing(world) == {"created": 1, "dealt_with": 2, "left": 1}
    world.run(*RUN).ended(0, before=3, created=1)


def test_a_change_can_be_somebody_else_too(world: World) -> None:
    acknowledge(world, "--new", ref(world, "Bo"))

    world.run(*RUN).ended(6, before=1, created=1, possible_duplicate=2)
    world.holds(Ada=1, Bo=2, Cyd=1, Dan=1)


def test_what_was_decided_can_be_decided_otherwise_before_the_next_run(world: World) -> None:
    zoe = ref(world, "Zoe")
    acknowledge(world, "--same", zoe)
    acknowledge(world, "--new", zoe)
    acknowledge(world, "--same", zoe)

    world.run(*RUN).ended(6, before=3, possible_duplicate=1)
    world.holds(Ada=1, Bo=1, Cyd=1, Dan=1)


def test_what_names_no_such_row_is_refused_and_nothing_is_recorded(world: World) -> None:
    zoe, ada = ref(world, "Zoe"), ref(world, "Ada", "people.success.csv")

    assert "no vorel_ref of a row, and no file" in refused(world, "--same", "zoe")
    assert "another results file: folk." in refused(world, "--new", zoe.replace("people", "folk"))
    assert "no such row on record" in refused(world, "--same", f"{RESULTS}#{'0' * 64}-1")
    assert f"it is created (record {record(world, 'Ada')})" in refused(world, "--same", ada)
    assert "is in --same and in --new" in refused(world, "--same", zoe, "--new", zoe)
    assert "either the same or somebody else" in refused(world, "--same", "all", "--new", "all")
    assert "row 1 has no vorel_ref" in refused(world, "--same", "people.csv")
    assert "1 row is a change of somebody" in refused(world, "--new", "people.changed.csv")
    assert "row 1 is no possible" in refused(world, "--same", "people.success.csv")


def test_json_says_what_was_recorded_and_the_next_command(world: World) -> None:
    found = json.loads(acknowledge(world, "--same", ref(world, "Zoe"), "--json"))

    assert {name: found[name] for name in ("changes", "same", "new", "undecided")} == {
        "changes": False, "same": 1, "new": 0, "undecided": 1,
    }  # fmt: skip
    assert found["files"]["changed"] == "people.changed.csv"
    assert found["next"] == f"vorel-import acknowledge {RESULTS}"


def test_a_row_that_is_gone_is_told_in_each_run_until_somebody_has_decided(world: World) -> None:
    world.write("people.csv", HEADER + ADA + NEW_BO + IAN)

    run = world.run(*RUN).ended(6, before=2, possible_duplicate=1)

    assert run.report["undecided_before"] == 1
    assert "1 possible duplicate of an earlier run is undecided" in run.stderr
    assert f"acknowledge {RESULTS} --same REF" in run.stderr
    world.write("people.csv", HEADER + ADA + NEW_BO)
    world.run(*RUN).ended(6, before=2)
    assert standing(world) == {"created": 1, "changed": 1, "before": 2}
    _, shown, _ = world.command("status", RESULTS)
    assert "2 possible duplicates of earlier runs are undecided" in shown
    assert f"{RESULTS}#" in shown
    _, out, _ = world.command("status", RESULTS, "--json")
    first = json.loads(out)["undecided"][0]
    assert (first["external_id"], first["row"]) == (record(world, "Cyd"), 3)

    acknowledge(world, "--same", first["ref"])
    world.run(*RUN).ended(6, before=2)
    assert standing(world)["before"] == 1
    acknowledge(world, "--same", "all")
    world.run(*RUN).ended(0, before=2)


def test_check_says_the_same_as_a_run(world: World) -> None:
    code, out, _ = world.command("check", *RUN, "--json")
    found = json.loads(out)

    assert (code, found["counts"]["possible_duplicate"], found["undecided_before"]) == (6, 2, 0)
    acknowledge(world, "--new", "all")
    _, shown, _ = world.command("check", *RUN)
    assert "2  to send" in shown


def test_decisions_stay_when_the_list_has_changed_since(world: World) -> None:
    """The files cannot be written then, and the counts follow all the same."""
    zoe = ref(world, "Zoe")
    world.write("people.csv", HEADER + ADA + NEW_BO + ZOE + IAN + "Eve,Eden,eve@example.com,\n")

    assert "the next run writes its files again" in acknowledge(world, "--same", zoe)

    assert standing(world) == {
        "created": 1, "dealt_with": 1, "changed": 1, "possible_duplicate": 1,
    }  # fmt: skip
    world.run(*RUN).ended(6, before=3, possible_duplicate=1, created=1)


def test_a_changed_file_that_is_imported_as_it_is_sends_nothing(world: World) -> None:
    world.run("people.changed.csv", "--object", "contact").ended(6, before=1, possible_duplicate=2)

    acknowledge(world, "--new", ref(world, "Ian"))
    world.run("people.changed.csv", "--object", "contact")
    world.holds(Ada=1, Bo=1, Cyd=1, Dan=1)


def test_compacting_and_forgetting_keep_what_was_decided(world: World) -> None:
    acknowledge(world, "--same", ref(world, "Zoe"), "--new", ref(world, "Ian"))
    before = standing(world)

    assert world.command("compact", RESULTS)[0] == 0
    assert world.command("forget", RESULTS, "--before", "2999-01-01")[0] == 0

    assert standing(world) == before
    world.run(*RUN).ended(0, before=3, created=1)
    world.holds(Ada=1, Bo=1, Cyd=1, Dan=1, Ian=1)


def test_the_report_counts_like_status(world: World) -> None:
    world.reports = True
    acknowledge(world, "--same", ref(world, "Zoe"), "--new", ref(world, "Ian"))
    page = report(world)

    assert (page.now.counts["created"], page.now.counts["dealt_with"], page.now.left) == (1, 1, 1)
    assert (page.now.counts["changed"], page.now.counts["possible_duplicate"], page.need) == (
        1,
        0,
        0,
    )
    assert page.in_files["success"] == 2
    assert page.in_files["unsent"] == page.in_files["changed"] == 1
    assert [one.status for one in page.people] == ["changed"]

    acknowledge(world)
    world.write("people.csv", HEADER + ADA + NEW_BO + ZOE)
    world.run(*RUN).ended(0, before=3)
    page = report(world)
    assert (page.now.counts["created"], page.now.counts["dealt_with"], page.need) == (1, 2, 0)
    assert page.now.undecided_before == 0


def test_a_report_is_not_green_while_an_earlier_row_is_undecided(world: World) -> None:
    acknowledge(world)
    world.reports = True
    world.write("people.csv", HEADER + ADA + NEW_BO)
    world.run(*RUN).ended(6, before=2)

    assert report(world).now.undecided_before == 2
    text = world.read("people.report.html")
    assert "2 possible duplicates of earlier lists are not decided yet" in text
    assert "✓</span>All" not in text


def test_counts_of_a_run_that_was_killed_follow_too(world: World) -> None:
    acknowledge(world, "--same", ref(world, "Zoe"), "--new", ref(world, "Ian"))
    begun = [line for line in world.read(RESULTS).splitlines() if line.startswith('{"kind":"run"')]
    with (world.folder / RESULTS).open("a", encoding="utf-8") as stream:
        print(begun[-1].replace('"run":"', '"run":"k'), file=stream)

    counts = standing(world)

    assert (counts["changed"], counts["dealt_with"]) == (1, 1)
    assert "possible_duplicate" not in counts
    page = report(world)
    assert {name: count for name, count in page.now.counts.items() if count} == {
        "created": 3, "changed": 1, "dealt_with": 1,
    }  # fmt: skip


def report(world: World) -> Facts:
    return read_facts(world.folder / RESULTS)
