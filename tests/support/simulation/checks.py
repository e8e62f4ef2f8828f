"""What must hold after every run, read from the results file as a script would read it."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from importer import keys
from importer.records import Summary
from simulation.people import People
from simulation.server import Server

__all__ = ["broken_after_run", "broken_at_the_end", "rows_left_to_people"]

_Row = tuple[str, int]


def _lines(results: Path) -> tuple[list[dict[str, Any]], int]:
    """Return the whole lines, and how many are damaged by something else than a disk's zeros."""
    lines, damaged = [], 0
    for text in results.read_bytes().split(b"\n")[:-1]:
        try:
            lines.append(json.loads(text))
        except ValueError:
            damaged += b"\0" not in text
    return lines, damaged


def broken_after_run(
    results: Path, server: Server, people: People, summary: Summary, *, ended: bool
) -> Iterator[str]:
    """Yield what is wrong with a run that came to its end; `ended` where it could say so."""
    lines, damaged = _lines(results)
    if damaged:
        yield f"{damaged} lines of the results file are damaged"
    mine = [line for line in lines if line.get("run") == summary.run]
    kinds = Counter(line["kind"] for line in mine)
    begun = ended or kinds["row"] > 0
    if (begun and kinds["run"] != 1) or (ended and kinds["end"] != 1):
        yield f"the run has {kinds['run']} beginnings and {kinds['end']} ends"
    rows = [line for line in mine if line["kind"] == "row"]
    if ended:
        others = [line for line in lines if line["kind"] == "row" and line not in rows]
        yield from _uneven(rows, {_row(line): line["status"] for line in others}, summary)
        if not results.read_bytes().endswith(b"\n"):
            yield "the results file is not whole"
    for line in rows:
        person = people.lines[line["row"] - 1]
        record = server.records.get(line["external_id"])
        if line["status"] in {"created", "duplicate"} and line["external_id"] is not None:
            if record is None or record.ref != person.ref or record.row_hash != line["row_hash"]:
                yield f"{person.ref} has a record that is not its own: {line['external_id']}"
        elif line["external_id"] is not None or line["status"] == "created":
            yield f"{person.ref} is {line['status']} with the id {line['external_id']}"
        if (line["status"] == "invalid") != (person.kind in {"invalid", "malformed"}):
            yield f"{person.ref} ({person.kind}) is {line['status']}"
    before = _done(line for line in lines if line.get("run") != summary.run)
    if again := before & {_row(line) for line in rows if line["status"] == "created"}:
        yield f"{len(again)} rows were created by two runs"


def _uneven(rows: list[dict[str, Any]], before: dict[_Row, str], summary: Summary) -> Iterator[str]:
    """
    Each row has one outcome in a run, and the summary counts what is on record.

    An outcome that an earlier run has put on record (`before`) is counted and not written again.
    """
    mine = {_row(line) for line in rows}
    if len(mine) != len(rows):
        yield "a row has two outcomes in one run"
    found = Counter(line["status"] for line in rows)
    known = Counter(status for row, status in before.items() if row not in mine)
    for name in found.keys() | summary.counts.keys():
        if not found[name] <= summary.counts.get(name, 0) <= found[name] + known[name]:
            yield f"the run counted {dict(summary.counts)} and {dict(found)} are on record"


def _row(line: dict[str, Any]) -> _Row:
    return line["source_hash"], line["occurrence"]


def _done(lines: Iterator[dict[str, Any]]) -> set[_Row]:
    return {_row(line) for line in lines if line.get("status") == "created"}


def _is_left_to_people(line: dict[str, Any]) -> bool:
    return bool(line["status"] == "unknown" and line["error"]["code"] == "unclear")


def rows_left_to_people(results: Path) -> set[str]:
    """Return the source hashes of rows whose key is too old to be sent again."""
    last = {_row(line): line for line in _lines(results)[0] if line["kind"] == "row"}
    return {line["source_hash"] for line in last.values() if _is_left_to_people(line)}


def _last_of_equal_rows(results: Path) -> dict[str, Iterator[dict[str, Any]]]:
    """
    Return the last lines of equal rows, by their source hash.

    Those of rows that are done come first: equal rows stand for each other, and one that is left
    of two is the one that was created.
    """
    lines = _lines(results)[0]
    made = [line for line in lines if line.get("status") == "created"]
    created = {keys.key_base(line["idempotency_key"]): line for line in made}
    last = {_row(line): line for line in lines if line["kind"] == "row"}
    for line in lines:
        if line["kind"] == "known":  # the row stands for a record that another one became
            last[_row(line)] = {**created[line["idempotency_key"]], "status": "duplicate"}
    found: dict[str, list[dict[str, Any]]] = {}
    for (source_hash, _), line in sorted(last.items()):
        found.setdefault(source_hash, []).append(line)
    return {
        source_hash: iter(sorted(lines, key=lambda line: line["external_id"] is None))
        for source_hash, lines in found.items()
    }


def broken_at_the_end(results: Path, server: Server, people: People) -> Iterator[str]:
    """Yield what is wrong after the faults have stopped and nothing is left to do."""
    last = _last_of_equal_rows(results)
    left = set(map(people.ref_of, rows_left_to_people(results)))
    ids: dict[str, list[str]] = {}
    for person in people.lines:
        line = next(last.get(person.source_hash(), iter(())), None)
        if line is None:
            yield f"{person.ref} has no outcome"
        elif person.kind in {"good", "flaky"}:
            stuck = line["status"] in {"unknown", "duplicate"} and server.is_stuck(
                line["idempotency_key"], person.kind
            )
            if line["external_id"] and server.records[line["external_id"]].ref != person.ref:
                yield f"{person.ref} is taken for {server.records[line['external_id']].ref}"
            if line["external_id"] is None and person.ref in left:
                continue  # its record, or its equal's, is known to a person alone
            if line["external_id"] is None and not stuck:
                yield f"{person.ref} was not created: {line['status']}"
            elif not stuck:
                ids.setdefault(person.ref, []).append(line["external_id"])
        elif line["external_id"] is not None:
            yield f"{person.ref} ({person.kind}) was created"
    for ref, found in ids.items():
        if len(set(found)) < min(len(found), people.allowed(ref)):
            yield f"{ref}: {len(found)} rows, and records {sorted(set(found))}"
        if server.made[ref] > people.allowed(ref) + server.excused[ref]:
            yield f"{ref} was made {server.made[ref]} times"
