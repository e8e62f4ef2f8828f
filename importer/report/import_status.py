"""Reports the state of an import, from its results file alone."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from importer.core import keys
from importer.core.locale.message import Message
from importer.core.records import TO_COMPARE, Outcome, Problem, Status
from importer.core.row_marks import RowRef, Where
from importer.core.verdict import Verdict
from importer.report.found_report import find_report
from importer.writer.index.created_rows import CreatedRows
from importer.writer.index_file import beside
from importer.writer.line_reader import Line, reading
from importer.writer.lines.row_line import RequestLine, RowLine
from importer.writer.lines.run_line import AcknowledgedLine, ExportsLine, ListLine, RunLine
from importer.writer.list_status import ListStatus, ListStatusCounter
from importer.writer.loading import scan_results
from importer.writer.results import torn_line_left_out
from importer.writer.state.failing_rows import FailingRows
from importer.writer.state.journal_state import JournalState, Version, VersionKind


@dataclass(frozen=True, slots=True, kw_only=True)
class Undecided:
    """
    A possible duplicate that nobody has decided about.

    `ref` is its `vorel_ref` for `acknowledge`. `row` is its number in the list of the run that has
    reported it, `external_id` and `record_url` are those of the record that it was compared with,
    or None if that was a row of the list.
    """

    ref: str
    row: int | None
    external_id: str | None
    record_url: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportStatus:
    """
    The state of an import after its last run.

    `counts` has the number of rows by status, `left` is the number of rows without an outcome, and
    `problems` are the errors grouped by cause; `corrected` of the created rows were corrected in a
    derived file. If `is_exact` is False, the last run was killed or stopped at once, so these are
    not on record: then `counts` covers all rows of all runs, and `left` is the number of rows in
    the list minus those.

    `counts` has the rows that a person has dealt with under `dealt_with`. `undecided` are all
    possible duplicates that nobody has decided about; so many of them are `undecided_before`: their
    rows are not in the list of the last run. So many changes of other lists are `changed_before`,
    and nobody has dealt with them. `verdict` says all that in one sentence.

    `before` counts the rows that were created before the last run. `unclear` counts requests that
    were sent and have no outcome: their rows are sent again with the same key. `ended` is False if
    the last run was killed. `source` is what the list is called; an address has no user, password
    or query. If only a derived file was counted, it is what that is called. `files` are the derived
    files that it wrote, by kind. `last_run` and `last_end` are the last lines of these kinds, or
    empty. `notices` are what a person should know.
    """

    results: str
    source: str | None
    runs: int
    counts: Mapping[str, int]
    before: int
    left: int
    is_exact: bool
    unclear: int
    ended: bool
    files: Mapping[str, str]
    last_run: dict[str, Any]
    last_end: dict[str, Any]
    problems: tuple[Problem, ...]
    verdict: Verdict
    corrected: int = 0
    undecided_before: int = 0
    changed_before: int = 0
    undecided: tuple[Undecided, ...] = ()
    notices: tuple[Message, ...] = ()

    @property
    def rows(self) -> int:
        """The number of rows in the list, or 0 if it is not known."""
        if self.is_exact:
            return sum(self.counts.values()) + self.left
        return _rows(self.last_run, self.last_end)


@dataclass(slots=True)
class RowsOnRecord:
    """
    What the lines of a results file say of its rows.

    `since` are the lines about files and decisions that have come after the last run began. `state`
    is what all lines say of rows.
    """

    since: list[AcknowledgedLine | ListLine | ExportsLine] = field(default_factory=list)
    outcomes: dict[Where, tuple[int, Outcome]] = field(default_factory=dict)
    failing: FailingRows = field(default_factory=FailingRows)
    sent: set[str] = field(default_factory=set)
    created: set[str] = field(default_factory=set)
    state: JournalState = field(default_factory=JournalState)

    def add(self, offset: int, line: Line | None) -> None:
        """Take in the next line, which begins at this offset."""
        if line is not None:
            self.state.note(line, offset)
        match line:
            case RunLine():
                self.since = []
            case AcknowledgedLine() | ListLine() | ExportsLine():
                self.since.append(line)
            case RequestLine(kind="sent", idempotency_key=key):
                self.sent.add(keys.key_base(key))
            case RequestLine(idempotency_key=key):
                self.sent.discard(keys.key_base(key))
            case RowLine(outcome=outcome, at=at):
                self.failing.note(outcome, at)
                self.outcomes[outcome.where] = offset, outcome
                if outcome.idempotency_key is not None:
                    base = keys.key_base(outcome.idempotency_key)
                    self.sent.discard(base)
                    if outcome.status is Status.CREATED:
                        self.created.add(base)

    @property
    def _runs(self) -> Sequence[RunLine]:
        return self.state.history.runs

    @property
    def source(self) -> str | None:
        """What was imported by the last run."""
        return self._runs[-1].list_name if self._runs else None

    @property
    def list_name(self) -> str | None:
        """What was imported by the last run that had a list."""
        lists = (run.list_name for run in reversed(self._runs) if run.is_of_list)
        return next(lists, None)

    def outcome_of(self, row: Where) -> Outcome | None:
        """Return the outcome in the last line of a row, by source hash and occurrence."""
        found = self.outcomes.get(row)
        return None if found is None else found[1]

    def open_outcome(self, row: Where) -> Outcome | None:
        """Return the last outcome of a row, or None if it has a record, or somebody has decided."""
        outcome = self.outcome_of(row)
        if outcome is None or outcome.status is Status.CREATED:
            return None
        version = self.state.version(*row)
        if version is None or version.is_unwritten:
            return outcome
        is_over = version.kind in {VersionKind.OWN, VersionKind.KNOWN, VersionKind.DEALT_WITH}
        return None if is_over or version.is_new else outcome

    def open_outcomes(self, statuses: Collection[Status]) -> Iterator[Outcome]:
        """Yield the `open_outcome` of each row with one of these, in the order of their lines."""
        found = ((at, row) for row, (at, one) in self.outcomes.items() if one.status in statuses)
        last = sorted(found)
        return filter(None, (self.open_outcome(row) for _, row in last))

    def latest(self) -> dict[str, int]:
        """Return the offset of the last line about each record, by its key."""
        found: dict[str, int] = {}
        for offset, outcome in self.outcomes.values():
            if (record := _record_of(outcome)) is not None:
                found[record] = max(offset, found.get(record, offset))
        return found

    def made(self, created: CreatedRows) -> int:
        """Return the number of records."""
        return len(created) + sum(at is None for at in created.find_keys([*self.created]))

    def unclear(self, created: CreatedRows) -> int:
        """Return the number of requests without an outcome."""
        return sum(created.find_key(base) is None for base in self.sent - self.created)


def import_status(results: Path | str) -> ImportStatus:
    """
    Return the state of an import. Raises `ResultsError` if there is no results file.

    The file is not locked, so this works while a run is using it.

        >>> import_status(Path("contacts.results.jsonl")).counts["created"]
        2
    """
    return read_status(Path(results))[0]


def read_status(results: Path) -> tuple[ImportStatus, RowsOnRecord]:
    """Return the state of an import like `import_status`, and what it is made of."""
    lines = RowsOnRecord()
    with reading(results):
        return _status(results, lines), lines


def _status(results: Path, lines: RowsOnRecord) -> ImportStatus:
    scanned = scan_results(results)
    created = scanned.created
    lines.state.take(created, scanned.known, scanned.readings)
    for _, offset, line in scanned.lines:
        lines.add(offset, line)
    history = lines.state.history
    run = history.runs[-1] if history.runs else None
    end = None if run is None else history.end_of(run)
    last_run, last_end = ({} if one is None else one.to_json() for one in (run, end))
    then = end.verdict if end else None
    exports = end.exports if end else None
    on_record = exports.list_status if exports else None
    if on_record is None:
        list_status = _seen(lines, created, _rows(last_run, last_end))
    else:
        list_status = _after_decisions(on_record, lines)
    undecided = lines.state.left_undecided()
    changes = sum(1 for _ in lines.state.changes.open_rows())
    in_list = list_status.counts[Status.POSSIBLE_DUPLICATE]
    undecided_before = 0 if on_record is None else max(0, len(undecided) - in_list)
    if then is not None and not any(isinstance(one, AcknowledgedLine) for one in lines.since):
        undecided_before = then.undecided
    is_of_list = on_record is not None and not list_status.is_of_derived
    verdict = list_status.verdict_now(str(last_run.get("object") or ""), then, undecided_before)
    if on_record is None and then is not None and then.why is not None:
        verdict = replace(then, undecided=undecided_before)  # the list was not taken
    elif on_record is None and any(one.list_status is not None for one in history.ends):
        # Versions of rows are no people that could be counted.
        why = Message(
            "the last run has not ended, and the next one counts the list. "
            "Records so far: %(count)s",
            count=lines.made(created),
        )
        sent = lines.unclear(created)
        verdict = Verdict(object=verdict.object, left=sent, unclear=sent, whole=False, why=why)
    report = find_report(results)
    return ImportStatus(
        results=str(results),
        source=(is_of_list and lines.list_name) or lines.source,
        runs=len(history.runs),
        counts=list_status.counts,
        before=(end.before if end else None) or 0,
        left=list_status.left,
        is_exact=on_record is not None,
        unclear=lines.unclear(created),
        ended=bool(last_end),
        files={
            kind: str(path)
            for kind, path in (exports.paths(results.parent) if exports else {}).items()
        }
        | _updates(results, lines)
        | _vanished(results, lines)
        | ({} if report is None else {"report": str(report[0])}),
        last_run=last_run,
        last_end=last_end,
        problems=list_status.problems,
        verdict=verdict,
        corrected=list_status.corrected,
        undecided_before=undecided_before,
        changed_before=max(0, changes - list_status.counts[Status.CHANGED]),
        undecided=tuple(_undecided(results, one) for one in undecided),
        notices=(*torn_line_left_out(results), *_alone(lines, list_status)),
    )


def _alone(lines: RowsOnRecord, list_status: ListStatus) -> Iterator[Message]:
    """Yield that a derived file alone was counted, if it was."""
    if list_status.is_of_derived and lines.list_name is not None:
        yield Message(
            "this is about %(name)s alone: %(list)s has changed since it was imported, or is "
            "gone. A run of the list counts its rows",
            name=lines.source,
            list=lines.list_name,
        )


def _after_decisions(list_status: ListStatus, lines: RowsOnRecord) -> ListStatus:
    """
    Return the status of a list after the decisions since it was counted.

    It may count rows that have left the list, until the next run counts again.
    """
    for line in lines.since:
        if isinstance(line, ListLine):  # it was counted again
            list_status = line.list_status
        if not isinstance(line, AcknowledgedLine):
            continue
        if line.is_about_changes:
            list_status = list_status.acknowledged()
        found = [[*filter(None, map(lines.outcome_of, rows))] for rows in (line.same, line.new)]
        same, new = (Counter(one.status for one in rows) for rows in found)
        for status in TO_COMPARE:
            list_status = list_status.decided(status, same=same[status], new=new[status])
        elsewhere = sum(one.is_made_elsewhere for rows in found for one in rows)
        left = max(0, list_status.elsewhere - elsewhere)
        shared = sum(one.duplicate_of is not None for one in found[0])
        list_status = replace(list_status, elsewhere=left, shared=list_status.shared + shared)
    return list_status


def _undecided(results: Path, version: Version) -> Undecided:
    outcome = version.outcome
    ref = RowRef(results=results.name, where=version.where)
    return Undecided(
        ref=str(ref),
        row=None if outcome is None else outcome.number,
        external_id=None if outcome is None else outcome.external_id,
        record_url=None if outcome is None else outcome.record_url,
    )


def _updates(results: Path, lines: RowsOnRecord) -> dict[str, str]:
    """Return the file of changes for the CRM's own import, unless a run has begun since."""
    path = beside(results, "updates.csv")
    was_written = any(
        isinstance(one, ExportsLine) and path.name in one.files for one in lines.since
    )
    return {"updates": str(path)} if was_written and path.exists() else {}


def _vanished(results: Path, lines: RowsOnRecord) -> dict[str, str]:
    """Return the file of the records whose rows have left the list, until they are dealt with."""
    path = beside(results, "vanished.csv")
    decided = (one for one in lines.since if isinstance(one, AcknowledgedLine))
    is_open = path.exists() and not any(one.is_about_changes for one in decided)
    return {"vanished": str(path)} if is_open else {}


def _seen(lines: RowsOnRecord, created: CreatedRows, rows: int) -> ListStatus:
    """
    Return the state of a list of so many rows, from all rows that any run has seen.

    Of somebody whose row has changed, the latest version counts.
    """
    counter = ListStatusCounter()
    hashes = [source_hash for source_hash, _ in lines.outcomes]
    places = created.find(hashes)
    latest = lines.latest()
    doubts = {one.where for one in lines.state.left_undecided()}
    spoken_of = _spoken_of(latest, created)
    for (where, (offset, outcome)), place in zip(lines.outcomes.items(), places, strict=True):
        record = _record_of(outcome)
        is_overtaken = record is not None and latest[record] != offset
        is_doubt = outcome.status is Status.POSSIBLE_DUPLICATE
        is_open = where in doubts or lines.state.decided.get(where) in {"same", "new"}
        if is_overtaken or (is_doubt and not is_open):
            continue
        if place is not None and where[1] == 1:
            if created.offset(place) >= offset:
                continue
            spoken_of.add(place)
        version = lines.state.version(*where)
        if version is not None and version.outcome is not None and lines.state.is_new(*where):
            continue  # the next run sends it
        is_dealt_with = version is not None and version.kind is VersionKind.DEALT_WITH
        dated = lines.failing.dated(outcome)
        counter.add(replace(dated, is_acknowledged=is_dealt_with))
    counter.add_created(len(created) - len(spoken_of))
    seen = counter.result()
    left = max(0, rows - sum(seen.counts.values()))
    return replace(seen, left=left, unclear=min(left, lines.unclear(created)))


def _record_of(outcome: Outcome) -> str | None:
    """Return the key of the record of a row, or None if it is not known to have one."""
    of_row = {Status.CREATED: outcome.idempotency_key, Status.CHANGED: outcome.record_key}
    key = of_row.get(outcome.status)
    return None if key is None else keys.key_base(key)


def _spoken_of(latest: Mapping[str, int], created: CreatedRows) -> set[int]:
    """Return the places of created rows of which a later line says how they are now."""
    places = zip(latest.values(), created.find_keys([*latest]), strict=True)
    return {
        place for offset, place in places if place is not None and created.offset(place) < offset
    }


def _rows(run: Mapping[str, Any], end: Mapping[str, Any]) -> int:
    """Return the number of rows in the list of a run, as far as it is known."""
    counted = end.get("rows")
    return int((run.get("source") or {}).get("rows") or 0) if counted is None else int(counted)
