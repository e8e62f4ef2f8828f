"""What must hold after every run."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from law.lists import ListMapping
from law.truth import is_own

from importer.core.records import Status, Summary
from simulation.on_file import Row, read_lines, row_of
from simulation.people import People
from simulation.server import Server

__all__ = ["broken_after_run"]

_Line = Mapping[str, Any]
_HELD = {"changed", "possible_duplicate"}
_WITH_AN_ID = {"created", "duplicate", "invalid", *_HELD}
"""A row that is refused has the id of a record that is certainly its own."""


def broken_after_run(
    results: Path, server: Server, people: People, summary: Summary, *, ended: bool
) -> Iterator[str]:
    """Yield what is wrong with a run that came to its end; `ended` where it could say so."""
    lines, damaged = read_lines(results)
    if damaged:
        yield f"{damaged} lines of the results file are damaged"
    mine = [line for line in lines if line.get("run") == summary.run]
    kinds = Counter(line["kind"] for line in mine)
    begun = ended or kinds["row"] > 0
    if (begun and kinds["run"] != 1) or (ended and kinds["end"] != 1):
        yield f"the run has {kinds['run']} beginnings and {kinds['end']} ends"
    rows = [line for line in mine if line["kind"] == "row"]
    earlier = [line for line in lines if line["kind"] == "row" and line not in rows]
    if ended:
        yield from _uneven(rows, earlier, summary)
        if not results.read_bytes().endswith(b"\n"):
            yield "the results file is not whole"
    for line in rows:
        yield from _untrue(line, server, people)
    before = _created(earlier)
    if again := before & _created(rows):
        yield f"{len(again)} rows were created by two runs"


def waits_for_a_namesake(status: str, mapping: ListMapping) -> bool:
    """Return whether a row may wait for the lost answer of a request with its name alone."""
    return status == "unknown" and not {"email", "external_ref"} & mapping.fields.keys()


def _untrue(line: _Line, server: Server, people: People) -> Iterator[str]:
    """Yield what an outcome says that is not so."""
    person = people.lines[line["row"] - 1]
    status, external_id = line["status"], line["external_id"]
    record = server.records.get(external_id)
    is_rejected = person.kind in {"invalid", "malformed"}
    if (status == "invalid") != is_rejected and not waits_for_a_namesake(status, server.mapping):
        yield f"{person.ref} ({person.kind}) is {status}"
    if external_id is None:
        if status in {"created", "changed"}:
            yield f"{person.ref} is {status} without an id"
    elif record is None or status not in _WITH_AN_ID:
        yield f"{person.ref} is {status} with the id {external_id}"
    elif status == "possible_duplicate":
        return  # the record may be that of this person; nobody says that it is
    elif status == "changed" and server.was_asked_for(record, person.who):
        return
    elif not is_own(
        *(record, person, people.lines, server.mapping, Status(status)),
        people.versions_of(person.who),
    ):
        yield f"{person.ref} is {status} with the record of {record.line.ref}: {external_id}"
    elif status == "created" and record.row_hash != line["row_hash"]:
        yield f"{person.ref} has a record with other content"


def _uneven(rows: Sequence[_Line], earlier: Sequence[_Line], summary: Summary) -> Iterator[str]:
    """
    Each row has one outcome in a run, and the summary counts what is on record.

    An outcome that an earlier run has put on record is counted and not written again. The other way
    round, a change that an earlier run reported of a row with other content is written and not
    counted.
    """
    mine = {row_of(line) for line in rows}
    if len(mine) != len(rows):
        yield "a row has two outcomes in one run"
    reported = {_change(line) for line in earlier}
    old = Counter(line["status"] for line in rows if _change(line) in reported)
    found = Counter(line["status"] for line in rows)
    last = {row_of(line): line["status"] for line in earlier}
    known = Counter(status for row, status in last.items() if row not in mine)
    for name in found.keys() | summary.counts.keys():
        least = found[name] - (old[name] if name in _HELD else 0)
        if not least <= summary.counts.get(name, 0) <= found[name] + known[name]:
            yield f"the run counted {dict(summary.counts)} and {dict(found)} are on record"


def _change(line: _Line) -> tuple[str, ...]:
    return line["status"], line["idempotency_key"], line["row_hash"]


def _created(lines: Iterable[_Line]) -> set[Row]:
    return {row_of(line) for line in lines if line["status"] == "created"}
