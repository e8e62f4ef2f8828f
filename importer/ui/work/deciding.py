"""Repeats and possible duplicates, each beside what it resembles, and what is decided of them."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from contextlib import closing
from dataclasses import asdict, dataclass, replace
from functools import partial
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import anyio

from importer.core.records import Outcome, Status
from importer.core.row_marks import RowRef
from importer.core.shared import JsonValue
from importer.report.import_status import import_status
from importer.run.person_decisions import Acknowledged, acknowledge
from importer.ui.store.folder import Import
from importer.ui.work.list_reading import encoding_of, masked
from importer.writer.derived_rows import DerivedFile, DerivedRow
from importer.writer.exporter import flatten
from importer.writer.lines.row_line import RowLine
from importer.writer.outcome_index import OutcomeIndex

if TYPE_CHECKING:
    from importer.run.checking.shown_rows import Resemblance

PAIRS = "pairs"
Said = Literal["same", "new", "changes"]
"""A row is the same as what it resembles, or another one; or all changes are dealt with."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundPair:
    """
    A repeat or a possible duplicate: the `line` that says what would become of it, and its values.

    `other` are the values of the row that it is like, on the line `other_line`, or None if that row
    is not in the list. `said` is what a person has decided, `same` or `new`, or empty.
    """

    ref: str
    line: Mapping[str, JsonValue]
    values: Mapping[str, JsonValue]
    other: Mapping[str, JsonValue] | None
    other_line: int | None
    said: str = ""

    @property
    def outcome(self) -> Outcome:
        """What would become of the row."""
        line = RowLine.from_json(self.line)
        assert line is not None  # noqa: S101 - `keep_pairs` has written it
        return line.outcome


def keep_pairs(one: Import, found: Sequence[Resemblance]) -> None:
    """Keep what a check has found. What a person has decided about stays, to be changed."""
    own = f"{one.results.name}#"
    said = {pair.ref: pair for pair in found_pairs(one) if pair.said and pair.ref.startswith(own)}
    kept = dict(said)
    for pair in found:
        ref = str(RowRef(results=one.results.name, where=pair.outcome.where))
        kept[ref] = FoundPair(
            ref=ref,
            line=RowLine.of(pair.outcome, run=None, at=None).to_json(),
            values=pair.row.values,
            other=None if pair.of is None else pair.of.values,
            other_line=None if pair.of is None else pair.of.line,
            said=said[ref].said if ref in said else "",
        )
    _keep(one, sorted(kept.values(), key=lambda pair: pair.outcome.line))


def found_pairs(one: Import) -> list[FoundPair]:
    """Return what the last check has found, in the order of the list."""
    return [FoundPair(**form) for form in one.kept(PAIRS) or ()]


def note_said(one: Import, ref: str, said: str) -> None:
    """Note what a person has decided about a row."""
    _keep(one, [replace(pair, said=said) if pair.ref == ref else pair for pair in found_pairs(one)])


def _keep(one: Import, found: Sequence[FoundPair]) -> None:
    one.keep(PAIRS, [asdict(pair) for pair in found])


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """
    A repeat or a possible duplicate: its `ref`, its line in the list and its cells by column.

    `said` is what a person has decided about it before it was sent, or empty. `other` has the cells
    of the row that it resembles, if that row is in the list, and `other_line` its line. `record`
    and `url` are those of the record that it may have.
    """

    ref: str
    line: str
    cells: Mapping[str, str]
    record: str
    url: str
    other: Mapping[str, str] | None = None
    other_line: str = ""
    said: str = ""

    @property
    def columns(self) -> Sequence[str]:
        """The columns in which one of both has a value."""
        other = self.other or {}
        names = dict.fromkeys((*self.cells, *other))
        return [one for one in names if self.cells.get(one) or other.get(one)]

    def differs(self, column: str) -> bool:
        """Return whether both rows differ in a column."""
        return self.other is not None and self.cells.get(column, "") != self.other.get(column, "")


def possible_duplicates(one: Import, most: int) -> list[Pair]:
    """Return the first possible duplicates that nobody has decided about."""
    found = (row for row in _rows(one, "changed") if row.ref)
    rows = (row for row in found if _status(row) == Status.POSSIBLE_DUPLICATE)
    shown = list(islice(rows, most))
    if not shown:
        return []
    with closing(OutcomeIndex(one.results)) as index:
        outcomes = [_outcome(index, row) for row in shown]
    known = [*filter(None, outcomes)]
    ids = {str(outcome.external_id) for outcome in known}
    numbers = {str(outcome.duplicate_of) for outcome in known if outcome.external_id is None}
    others = _others(one, ids, numbers)
    return [_pair(one, row, outcome, others) for row, outcome in zip(shown, outcomes, strict=True)]


def foreseen(one: Import, status: str, start: int, most: int) -> tuple[list[Pair], int]:
    """
    Return some of the rows that would have a status, as the last check has found them.

    `status` is that of repeats, or of possible duplicates. The second value is how many there are.
    """
    found = [one for one in found_pairs(one) if one.outcome.status == status]
    shown = found[start : start + most]
    ids = {str(f.outcome.external_id) for f in shown if f.other is None and f.outcome.external_id}
    others = _others(one, ids) if ids else {}
    return [_foreseen(one, f, others) for f in shown], len(found)


def _foreseen(one: Import, found: FoundPair, others: Mapping[tuple[str, str], DerivedRow]) -> Pair:
    outcome = found.outcome
    record, url = outcome.external_id or "", outcome.record_url or ""
    row = others.get(("record", record))
    other, line = found.other, "" if found.other_line is None else str(found.other_line)
    if other is None and row is not None:
        other, line = row.values, row.said.get("vorel_line", "")
    elif other is None and outcome.status == Status.DUPLICATE and not outcome.differs:
        other = found.values  # it is equal in all cells
    return Pair(
        ref=found.ref,
        line=str(outcome.line),
        cells=_cells(one, found.values),
        record=record,
        url=_web(url),
        other=None if other is None else _cells(one, other),
        other_line=line,
        said=found.said,
    )


def created(one: Import, start: int, most: int) -> list[DerivedRow]:
    """Return some of the rows of the list that have a record, each with its id and link."""
    found = (row for row in _rows(one, "success") if _status(row) == Status.CREATED)
    return list(islice(found, start, start + most))


def repeats(one: Import, most: int) -> list[Pair]:
    """Return the first rows that are the same record as another row, each beside that row."""
    found = (row for row in _rows(one, "success") if _status(row) == Status.DUPLICATE)
    shown = list(islice(found, most))
    ids = {row.said.get("vorel_external_id", "") for row in shown}
    others = _others(one, ids) if shown else {}
    return [_pair(one, row, None, others) for row in shown]


def _status(row: DerivedRow) -> str:
    return row.said.get("vorel_status", "")


def _rows(one: Import, kind: str) -> Iterator[DerivedRow]:
    """Yield the rows of a derived file that the last run has written, if there is one."""
    path = ((one.state.run.summary or {}).get("files") or {}).get(kind)
    file = DerivedFile(Path(path), encoding_of(one)) if path else None
    if file:
        yield from file.rows()


def _outcome(index: OutcomeIndex, row: DerivedRow) -> Outcome | None:
    ref = RowRef.from_text(row.ref)
    return None if ref is None else index.outcome(ref.where)


def _others(
    one: Import, ids: AbstractSet[str], numbers: AbstractSet[str] = frozenset()
) -> Mapping[tuple[str, str], DerivedRow]:
    """Return the rows that others resemble, by id of their record and by number."""
    found: dict[tuple[str, str], DerivedRow] = {}
    wanted = {*(("record", one) for one in ids), *(("row", one) for one in numbers)}
    for row in _rows(one, "success"):
        if _status(row) != Status.CREATED:
            continue
        keys = (
            ("record", row.said.get("vorel_external_id", "")),
            ("row", row.said.get("vorel_row", "")),
        )
        for key in wanted.intersection(keys):
            found.setdefault(key, row)
        if len(found) == len(wanted):
            break
    return found


def _pair(
    one: Import,
    row: DerivedRow,
    outcome: Outcome | None,
    others: Mapping[tuple[str, str], DerivedRow],
) -> Pair:
    record, url = row.said.get("vorel_external_id", ""), row.said.get("vorel_record_url", "")
    other = others.get(("record", record))
    if other is None and not record and outcome is not None:
        other = others.get(("row", str(outcome.duplicate_of)))
    if other is not None and not record:
        record = other.said.get("vorel_external_id", "")
        url = other.said.get("vorel_record_url", "")
    return Pair(
        ref=row.ref,
        line=row.said.get("vorel_line", ""),
        cells=_cells(one, row.values),
        record=record,
        url=_web(url),
        other=None if other is None else _cells(one, other.values),
        other_line="" if other is None else other.said.get("vorel_line", ""),
    )


def _cells(one: Import, values: Mapping[str, JsonValue]) -> Mapping[str, str]:
    return masked(one, dict(flatten(values)))


def _web(url: str) -> str:
    """Return the link of a record, if it is one that a browser may follow."""
    return url if url.startswith(("https://", "http://")) else ""


def decide_before(one: Import, said: Literal["same", "new"], ref: str) -> None:
    """
    Put on record what a person has decided about a row that was not sent yet.

    The list has to be checked again then. Raises `ConfigError` for a row that the last check has
    not found, and `ResultsError` while rows are being sent.
    """
    _record(one, said, ref, [pair.outcome for pair in found_pairs(one) if pair.ref == ref])
    note_said(one, ref, said)
    one.keep("edits", {"at": time.time_ns()})
    one.drop("check")


def decide(one: Import, said: Said, ref: str) -> None:
    """
    Put on record what a person has decided, and count anew where the list stands.

    Raises `ConfigError` for a row that is no possible duplicate any more, and `ResultsError` while
    rows are being sent.
    """
    done = _record(one, said, ref)
    found = import_status(one.results)
    with one.update() as state:
        if state.run.summary is None:
            return
        counted: dict[str, Any] = {
            "list": {**found.counts, "left": found.left, "corrected": found.corrected},
            "left": found.left,
            "problems": [asdict(problem) for problem in found.problems],
            "undecided_before": found.undecided_before,
            "verdict": found.verdict.to_json(),
        }
        if done.exported is not None:
            counted["files"] = dict(done.exported.files)
        state.run.summary = {**state.run.summary, **counted}


def _record(one: Import, said: Said, ref: str, found: Sequence[Outcome] = ()) -> Acknowledged:
    same, new = ((ref,) if said == one_way else () for one_way in ("same", "new"))
    return anyio.run(partial(acknowledge, one.results, same=same, new=new, found=found))
