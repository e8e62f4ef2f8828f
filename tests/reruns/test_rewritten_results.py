"""The results file was rewritten or damaged between runs, and rows are corrected in the list."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from referee import World, lost, refusal
from referee.fixtures import beginning

from importer.writer import index_file
from importer.writer.loading import load_results
from importer.writer.state.journal_state import JournalState

PEOPLE = """\
    First,Last,Mail,Phone
    Ada,Abboud,ada@example.com,+971501234567
    Bo,Berg,bo@example.com,+971507654321
    Cyd,Cohen,cyd@example.com,+971509998888
    """
MAPPING = """\
    object = "contact"
    [fields]
    first_name = "First"
    last_name = "Last"
    email = "Mail"
    phone = "Phone"
    """
RUN = ("people.csv", "--mapping", "mapping.toml")
RESULTS = "people.results.jsonl"


@beginning
def imported(world: World) -> None:
    world.write("people.csv", PEOPLE)
    world.write("mapping.toml", MAPPING)
    world.run(*RUN).ended(0, created=3)


def says_the_same_in_blocks(results: Path, monkeypatch: pytest.MonkeyPatch) -> bool:
    """Return whether a file that is read in blocks decides as one that is read line by line."""
    states = [JournalState(), JournalState()]
    for state, size in zip(states, (0, 1_000_000), strict=True):
        monkeypatch.setattr(index_file, "_SMALL_BYTES", size)
        load_results(results, state)
    return states[0].says_the_same(states[1])


def with_crlf(text: bytes) -> bytes:
    return text.replace(b"\n", b"\r\n")


def with_spaces(text: bytes) -> bytes:
    return b"".join(json.dumps(json.loads(line)).encode() + b"\n" for line in text.splitlines())


def sorted_by_name(text: bytes) -> bytes:
    lines = [json.dumps(json.loads(line), sort_keys=True) for line in text.splitlines()]
    return "\n".join([*lines, ""]).encode()


@pytest.mark.parametrize("rewrite", [with_crlf, with_spaces, sorted_by_name])
def test_a_corrected_row_is_still_a_change(
    imported: World, rewrite: Callable[[bytes], bytes]
) -> None:
    results = imported.folder / RESULTS
    results.write_bytes(rewrite(results.read_bytes()))
    imported.edit("people.csv", ("+971501234567", "+971501110000"))
    imported.run(*RUN).ended(6, before=2, changed=1)
    imported.settled(Ada=1, Bo=1, Cyd=1)


def test_a_corrected_row_is_a_change_beside_lines_that_hold_no_text(imported: World) -> None:
    results = imported.folder / RESULTS
    damaged = b'{"kind":"row","source":"\xff\xfe\n' + bytes(9) + b"\n"
    results.write_bytes(results.read_bytes() + damaged)
    imported.edit("people.csv", ("+971501234567", "+971501110000"))
    code, _, told = imported.command("run", *RUN, "--no-input")
    assert code == 6, told
    assert "skipped 2 damaged lines" in told
    imported.holds(Ada=1, Bo=1, Cyd=1)


OTHERS = """\
    First,Last,Mail,Phone
    Dee,Dorr,dee@example.com,+971501112222
    Eli,Eck,eli@example.com,+971503334444
    """
MOVED = {
    "an address": (("ada@example.com", "ada@elsewhere.example"), ("dee@", "dee.dorr@")),
    "a name": (("Ada,Abboud", "Ada Maria,Abboud"), ("Dee,Dorr", "Dee Diana,Dorr")),
}


def test_a_file_with_a_row_that_was_held_back_can_be_made_smaller(imported: World) -> None:
    """Holding it back says nothing new about its key: the line about its request stays."""
    world = imported
    world.write("more.csv", "First,Last,Mail,Phone\nDee,Dorn,dee@example.com,+971501112233\n")
    world.crm.script("Dee", lost, refusal("validation_error"))
    run = ("more.csv", *RUN[1:], "--results", RESULTS, "--key-lifetime", "0")
    for _ in range(3):
        world.run(*run).ended(1, unknown=1)
    assert world.command("compact", RESULTS)[0] == 0
    world.run(*run).ended(1, unknown=1)
    assert len(world.crm.of("Dee")) == 1


def test_a_file_with_a_row_that_was_refused_by_two_mappings_can_be_made_smaller(
    world: World,
) -> None:
    """Corrected by the one mapping, the row is finished by the other one, too."""
    too_long = f"{'x' * 300}@example.com"
    world.write("people.csv", PEOPLE.replace("bo@example.com", too_long))
    world.write("mapping.toml", MAPPING)
    world.run(*RUN).ended(1, created=2, invalid=1)
    typed = 'email = { column = "Mail", type = "email" }'
    world.edit("mapping.toml", ('email = "Mail"', typed), ('phone = "Phone"', ""))
    world.run(*RUN).ended(1, before=2, invalid=1)
    world.edit("people.failed.csv", (too_long, "bo@example.com"))
    world.run("people.failed.csv", *RUN[1:]).ended(0, created=1)
    assert world.command("compact", RESULTS)[0] == 0
    world.run(*RUN).ended(0, before=3)
    world.write("mapping.toml", MAPPING)
    world.run(*RUN).ended(0, before=3)
    world.settled(Ada=1, Bo=1, Cyd=1)


def test_a_row_that_was_created_with_another_key_is_so_in_blocks_and_line_by_line(
    imported: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A smaller file has other blocks: what they decide is the same, or it would not be made."""
    imported.write("people.csv", PEOPLE + "    Dee,Dorr,dee@example.com,+971501112222\n")
    imported.crm.script("Dee", refusal("vendor_unavailable"))
    imported.run(*RUN).ended(1, before=3, failed=1)
    imported.edit("people.csv", ("+971501234567", "+971501110000"))
    imported.run(*RUN, "--namespace", "spring").ended(6, before=2, created=1, changed=1)
    results = imported.folder / RESULTS
    at_once = re.sub(rb'"at":"[^"]*"', b'"at":"2026-03-02T09:30:00.000Z"', results.read_bytes())
    results.write_bytes(at_once)  # where times go back, lines are read one by one
    assert says_the_same_in_blocks(results, monkeypatch)


def test_a_row_that_has_changed_back_is_so_in_blocks_and_line_by_line(
    imported: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was said of it after its record was made counts, though a block has that."""
    there = ("ada@example.com", "ada.new@example.com")
    for old, new in (there, there[::-1]):
        imported.edit("people.csv", (old, new))
        imported.run(*RUN).ended(6, before=2, changed=1)
        imported.acknowledge()
    assert says_the_same_in_blocks(imported.folder / RESULTS, monkeypatch)


def test_a_file_with_a_row_that_another_mapping_has_created_can_be_made_smaller(
    world: World,
) -> None:
    world.write("people.csv", PEOPLE.replace("bo@example.com", f"{'x' * 300}@example.com"))
    world.write("mapping.toml", MAPPING)
    world.run(*RUN).ended(1, created=2, invalid=1)
    omitting = 'email = { column = "Mail", on_error = "omit" }'
    world.edit("mapping.toml", ('email = "Mail"', omitting))
    world.run(*RUN).ended(0, before=2, created=1)
    assert world.command("compact", RESULTS)[0] == 0
    world.write("mapping.toml", MAPPING)
    world.run(*RUN).ended(0, before=3)
    world.settled(Ada=1, Bo=1, Cyd=1)


def test_a_file_with_a_duplicate_whose_first_row_was_refused_at_first_can_be_made_smaller(
    world: World,
) -> None:
    """Three equal rows are refused by one mapping; by the next, two are left, and one is sent."""
    header, ada, bo = PEOPLE.splitlines(keepends=True)[:3]
    world.write("people.csv", header + ada * 3)
    world.write(
        "mapping.toml", MAPPING.replace('email = "Mail"', "").replace('phone = "Phone"', "")
    )
    world.crm.script("Ada", refusal("validation_error"))
    world.run(*RUN).ended(1, failed=1, duplicate=2)
    world.write("mapping.toml", MAPPING)
    world.write("people.csv", header + bo + ada * 2)
    world.crm.script("Bo", refusal("validation_error"))
    world.run(*RUN).ended(1, failed=1, created=1, duplicate=1)
    assert world.command("compact", RESULTS)[0] == 0
    world.run(*RUN).ended(0, before=2, created=1)
    world.settled(Ada=1, Bo=1)


@pytest.mark.parametrize("first", ["people", "others"])
@pytest.mark.parametrize("changes", MOVED.values(), ids=MOVED)
@pytest.mark.parametrize("compacted", [False, True])
def test_two_results_files_are_joined(
    imported: World, first: str, changes: tuple[tuple[str, str], ...], *, compacted: bool
) -> None:
    world = imported
    world.write("others.csv", OTHERS)
    world.run("others.csv", *RUN[1:]).ended(0, created=2)
    names = [f"{name}.results.jsonl" for name in sorted(("people", "others"), key=first.__ne__)]
    joined = "".join(world.read(name) for name in names)
    world.delete(*names)
    world.write("all.results.jsonl", joined)
    rows = world.read("people.csv") + "".join(
        world.read("others.csv").splitlines(keepends=True)[1:]
    )
    world.write("all.csv", rows)
    world.edit("all.csv", *changes)
    if compacted:
        assert world.command("compact", "all.results.jsonl")[0] == 0
    run = ("all.csv", *RUN[1:])
    world.run(*run).ended(6, before=3, changed=2)
    world.run(*run).knew(5)
    world.holds(Ada=1, Bo=1, Cyd=1, Dee=1, Eli=1)
