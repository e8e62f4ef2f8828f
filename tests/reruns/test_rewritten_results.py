"""The results file was rewritten or damaged between runs, and rows are corrected in the list."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from referee import World

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


@pytest.fixture
def imported(world: World) -> World:
    world.write("people.csv", PEOPLE)
    world.write("mapping.toml", MAPPING)
    world.run(*RUN).ended(0, created=3)
    return world


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
