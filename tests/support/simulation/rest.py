"""What must hold once nothing is left to do: nobody was made twice, and nobody is lost."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from law.lists import ListMapping
from law.truth import Made, covers, is_own, lost, may_know, mixed, must_know, twice

from importer.core import keys
from importer.core.records import Status
from simulation.checks import waits_for_a_namesake
from simulation.on_file import is_left_to_people, last_of_equal_rows
from simulation.people import Line, People
from simulation.server import CrmRecord, Server

__all__ = ["Ran", "lines_left_to_people", "people_lost", "people_made_twice"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Ran:
    """
    What a run was given: the list as it stood then, its mapping, and settings that decide.

    `unclear` are the requests that had no clear answer on record when it began. `begun` are the
    keys of all that may have left by then, and `versions` those of rows that were held back since
    their record was made, by its id. `read` are the keys of the records whose rows its mapping had
    read by then.
    """

    process: int
    lines: Sequence[Line]
    unclear: Sequence[Made]
    begun: AbstractSet[str]
    mapping: ListMapping
    settings: Mapping[str, Any]
    versions: Mapping[str, tuple[Made, ...]]
    read: AbstractSet[str]

    def as_known(self, external_id: str, record: CrmRecord) -> CrmRecord:
        """Return a record with the versions of its row that were on record."""
        is_read = keys.key_base(record.key) in self.read
        return replace(record, versions=self.versions.get(external_id, ()), is_read=is_read)

    @property
    def sends_all(self) -> bool:
        """Whether each of several equal rows becomes a record."""
        return self.settings.get("on_duplicate") == "send"


def people_made_twice(runs: Sequence[Ran], server: Server) -> Iterator[str]:
    """
    Yield whom a run made again.

    Twins whose key the service had forgotten do not count. What a person has sent on purpose, after
    a look into the CRM, is compared with their own records alone; nobody finds anybody there by
    names alone, which namesakes have as well.
    """
    records = {made: one for made, one in server.records.items() if not one.excused}
    listed: Sequence[Line] = ()  # before a person took out of the list whom they found
    for run in runs:
        new = [one for one in records.values() if one.process == run.process]
        before = [
            run.as_known(made, one) for made, one in records.items() if one.process < run.process
        ]
        if not run.settings.get("resend_unknown"):
            listed = run.lines
        if not new:
            continue
        surely = run.settings.get("on_change") == "send"
        if run.settings.get("resend_unknown"):
            yield from (
                f"run {run.process} sent {one.line.ref} again after a look"
                for one in new
                for other in before
                if one.line.who == other.line.who
                and {"email", "external_ref"} & run.mapping.fields.keys()
                and run.mapping.identity != "last_name"
                and must_know(other, one.line, run.mapping, surely=surely)
                and not _are_others(one, other, run, listed, [*before, *new])
            )
            continue
        for found in twice(
            before,
            [one for one in new if one.key not in run.begun],  # these are finished, not made again
            run.lines,
            run.mapping,
            sends_all=run.sends_all,
            surely=surely,
            unclear=run.unclear,
            earlier=[one.lines for one in runs if one.process < run.process and one.sends_all],
        ):
            yield f"run {run.process}: {found}"


def _are_others(
    one: CrmRecord,
    other: CrmRecord,
    run: Ran,
    lines: Sequence[Line],
    records: Sequence[CrmRecord],
) -> bool:
    """Return whether two records may be those of two rows that were to have one each."""
    if one.line == other.line and not run.sends_all:
        return False
    return any(
        _has_a_row_for_each(people, run, lines, records)
        for people in _taken_for_one_another(one.line.who, records, lines)
    )


def _taken_for_one_another(
    who: int, records: Sequence[Made], lines: Sequence[Line]
) -> Iterator[AbstractSet[int]]:
    """Yield a person alone, and with all whom an earlier mapping takes for the same person."""
    yield {who}
    yield from (people for people in mixed(records, lines) if who in people)


def _has_a_row_for_each(
    people: AbstractSet[int], run: Ran, lines: Sequence[Line], records: Sequence[CrmRecord]
) -> bool:
    """
    Return whether people have no more records than rows, each of which was to have one.

    A row that is always refused may have the record of a row that equals it.
    """
    same = run.mapping.same
    theirs = [line for line in lines if line.who in people]
    good = {same(line) for line in theirs if line.kind in {"good", "flaky"}}
    rows = [line for line in theirs if same(line) in good and line.kind not in _NEVER_SENT]
    needed = len(rows) if run.sends_all else len(good)
    return sum(one.line.who in people for one in records) <= needed


def lines_left_to_people(results: Path, people: People) -> list[Line]:
    """Return the lines that are not sent before a person has looked for their record."""
    last = last_of_equal_rows(results)
    return [
        line
        for line in people.lines
        if any(map(is_left_to_people, last.get(line.source_hash(), ())))
    ]


def people_lost(results: Path, server: Server, people: People, run: Ran) -> Iterator[str]:
    """Yield whom nobody made; `run` was the last one."""
    today, last = run.mapping, _last_outcomes(results, people)
    # Rows that are the same record as one that is not made wait for it.
    waits = {today.same(line) for line in people.lines if line.kind == "refused"}
    waits |= {today.same(line) for line, one in last if one and one["status"] in _WAITING}
    asked = {
        number: line.who
        for number, (line, one) in enumerate(last, 1)
        if one and one["status"] == "possible_duplicate"
    }
    passed: list[Line] = []
    for line, outcome in last:
        if outcome is None:
            yield f"{line.ref} has no outcome"
        elif line.kind in _NEVER_SENT:
            if outcome["status"] != "invalid" and not waits_for_a_namesake(
                outcome["status"], today
            ):
                yield f"{line.ref} ({line.kind}) is {outcome['status']}"
        elif outcome["status"] == "possible_duplicate":
            continue  # it is told in each run, and a person decides
        elif outcome["status"] == "changed":
            record = server.records[outcome["external_id"]]
            is_theirs = server.was_asked_for(record, line.who)
            before, status = people.versions_of(line.who), Status.CHANGED
            if not (is_theirs or is_own(record, line, people.lines, today, status, before)):
                yield f"{line.ref} is taken for {record.line.ref}"
        elif asked.get(outcome.get("duplicate_of") or 0) == line.who:
            continue  # it waits for the decision about another row of the same person
        elif outcome["external_id"] is None:
            yield from _not_made(line, outcome, server, today, waits)
        elif outcome["status"] != "duplicate" or today.same(line) not in waits:
            passed.append(line)
    records = list(server.records.values())
    yield from lost(records, passed, today, sends_all=run.sends_all)


def _not_made(
    line: Line,
    outcome: Mapping[str, Any],
    server: Server,
    today: ListMapping,
    waits: AbstractSet[object],
) -> Iterator[str]:
    """Yield what speaks against an outcome that names no record."""
    if server.is_stuck(outcome["idempotency_key"], line.kind):
        return  # it is refused for good
    if outcome["status"] == "possible_duplicate":
        if not any(may_know(one, line, today) for one in server.records.values()):
            yield f"{line.ref} is a possible duplicate, and like nobody"
    elif outcome["status"] != "unknown":
        if today.same(line) not in waits:
            yield f"{line.ref} was not created: {outcome['status']}"
    elif line.kind != "refused" and not _may_exist(outcome, line, server, today):
        yield f"{line.ref} is left unknown, and no request for it was unclear"


_NEVER_SENT = {"invalid", "malformed"}
_WAITING = {"changed", "possible_duplicate", "unknown"}


def _last_outcomes(results: Path, people: People) -> list[tuple[Line, Mapping[str, Any] | None]]:
    """Return each line of the list with its last outcome; equal lines share theirs."""
    on_file = {known: iter(lines) for known, lines in last_of_equal_rows(results).items()}
    return [(line, next(on_file.get(line.source_hash(), iter(())), None)) for line in people.lines]


def _may_exist(last: Mapping[str, Any], line: Line, server: Server, today: ListMapping) -> bool:
    """Return whether a row that is unknown may have been made by a request without an answer."""
    if not server.asked_with[last["idempotency_key"]]:
        return True  # the process died after `sent` was written and before the request left
    unclear = server.unclear(server.created.keys())
    return any(covers(made, line) or may_know(made, line, today) for made in unclear)
