"""What a report says: every figure of it, from a results file and the files beside it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from importer.core.paths import whole_of
from importer.core.records import FOR_A_PERSON, TO_CORRECT, Outcome, Problem, Status
from importer.core.row_marks import Where
from importer.core.shared import DEALT_WITH
from importer.core.systems.contents import PrefixDigest
from importer.mapper.mapping.model import FieldMap, FieldMapping
from importer.report.import_status import ImportStatus, read_status
from importer.report.people import find_names, find_people
from importer.report.timeline import Timeline, timeline
from importer.writer.lines.run_line import ExportsRecord, RunLine
from importer.writer.run_timeline import RunPart, RunTimeline, read_run_timeline

_RUNS_SHOWN = 20
_CAUSES_SHOWN = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """
    An import as its results file tells it: its state `now`, and its runs as they were `found`.

    `names` has what people of the list are called, as far as that is known. `in_files` counts the
    rows in each derived file, if that is on record. `changes` are those of `changes_known` runs.
    """

    results: Path
    now: ImportStatus
    found: RunTimeline
    in_files: Mapping[str, int]
    files: Mapping[str, str]
    timeline: Timeline
    requests: int | None
    problems: Sequence[Problem]
    other_problems: int
    people: Sequence[Outcome]
    names: Mapping[Where, str]
    fields: SentFields | None
    changes: Mapping[tuple[str, str], int] | None
    changes_known: int

    @property
    def runs(self) -> Sequence[RunPart]:
        """The last runs, as many as are shown."""
        return self.found.runs[-_RUNS_SHOWN:]

    @property
    def last(self) -> RunLine | None:
        """The beginning of the last run."""
        return self.found.runs[-1].run if self.found.runs else None

    @property
    def list_(self) -> RunLine | None:
        """The beginning of the last run that had a list."""
        return _last_of_list(self.found)

    @property
    def rows(self) -> int:
        """The rows of the list."""
        return sum(self.now.counts.values()) + self.now.left

    @property
    def made(self) -> int:
        """How many records were created by all runs."""
        created = (part.outcomes.get(Status.CREATED) for part in self.found.runs)
        return sum(counts.total() for counts in created if counts is not None)

    @property
    def need(self) -> int:
        """How many rows need a person before they can have a record."""
        counts, failed = self.now.counts, self.in_files.get("failed")
        if failed is None:
            failed = sum(counts[status] for status in TO_CORRECT)
        known = self.now.verdict.changed - counts[Status.CHANGED]
        return failed - known + counts[Status.POSSIBLE_DUPLICATE]

    @property
    def stopped(self) -> str | None:
        """Why the last run ended early, or None."""
        end = self.runs[-1].end if self.runs else None
        return end.stopped if end else None


def read_facts(results: Path, digest: PrefixDigest | None = None) -> Facts:
    """
    Read a results file, whose `digest` may be begun, without locking it.

    Raises `ResultsError` if it cannot be read.
    """
    (now, rows), found = read_status(results), read_run_timeline(results, digest)
    end = found.runs[-1].end if found.runs else None
    exports = end.exports if end else None
    shown = now.problems[:_CAUSES_SHOWN]
    ends = [part.end for part in found.runs if part.end is not None]
    sent = [one.requests for one in ends if one.requests is not None]
    changes = [one.changes for one in ends if one.changes is not None]
    changed = Counter[tuple[str, str]]()
    for one in changes:
        changed.update(one)
    problem_rows = sum(now.counts[status] for status in FOR_A_PERSON)
    counted = sum(one.count for one in shown if one.status != Status.DUPLICATE)
    mapping = None if found.mapping is None else FieldMap.on_record(found.mapping.mapping)
    return Facts(
        results=results,
        now=now,
        found=found,
        in_files=_in_files(exports, now),
        files=_files(results, exports),
        timeline=timeline(found.runs),
        requests=sum(sent) if len(sent) == len(found.runs) else None,
        problems=shown,
        other_problems=max(0, problem_rows - counted),
        people=find_people(results, found, rows, exports),
        names={} if mapping is None else find_names(results, exports, mapping.columns_of_fields),
        fields=None if mapping is None else _sent_fields(mapping, _last_of_list(found)),
        changes=dict(changed.most_common()) if changes else None,
        changes_known=len(changes),
    )


def _last_of_list(found: RunTimeline) -> RunLine | None:
    return next((one.run for one in reversed(found.runs) if not one.is_derived), None)


def _in_files(exports: ExportsRecord | None, now: ImportStatus) -> Mapping[str, int]:
    """Return how many rows each derived file has: decisions since the last run move some."""
    if exports is None:
        return {}
    rows, then = dict(exports.rows), exports.list_status
    if then is not None:
        dealt_with = now.counts[DEALT_WITH] - then.counts[DEALT_WITH]
        sent_next = now.left - then.left
        rows["success"] = rows.get("success", 0) + dealt_with
        rows["unsent"] = rows.get("unsent", 0) + sent_next
        rows["changed"] = rows.get("changed", 0) - dealt_with - sent_next
    return rows


def _files(results: Path, exports: ExportsRecord | None) -> Mapping[str, str]:
    """Return the names of the derived files that are there, by kind."""
    files = exports.paths(results.parent) if exports else {}
    return {kind: path.name for kind, path in files.items()}


@dataclass(frozen=True, slots=True, kw_only=True)
class SentField:
    """
    One field: the columns it is made of, and how.

    `how` has the words of the mapping file, such as `type` or `values`; `constant` is the text
    that is sent for each row, if it is one.
    """

    field: str
    columns: Sequence[str]
    how: Sequence[str]
    constant: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SentFields:
    """The fields of a mapping. `not_sent` are the unused columns, or None if not known."""

    fields: Sequence[SentField]
    not_sent: Sequence[str] | None


def _sent_fields(mapping: FieldMap, run: RunLine | None) -> SentFields:
    columns = run.source.columns if run and run.source else ()
    reads = {name for one in mapping.fields for name in one.reads}
    used = reads | {whole_of(one) for one in reads if one not in columns}
    left = [name for name in columns if not _is_used(name, used)] if columns else None
    return SentFields(fields=[_field(one) for one in mapping.fields], not_sent=left)


def _is_used(name: str, used: set[str]) -> bool:
    """Return whether a column is used; in JSON, also as a part of a used object."""
    parts = name.split(".")
    return any(".".join(parts[:end]) in used for end in range(1, len(parts) + 1))


def _field(one: FieldMapping) -> SentField:
    how = [f"type = {one.type}"] if one.type else []
    how += [f"{key} = {value}" for key, value in one.options.items() if isinstance(value, str)]
    stated = {
        "template": one.template,
        "values": one.values,
        "split": one.split,
        "replace": one.replace,
        "default": one.default is not None,
        "after": one.after,
        "join": one.take == "joined",
        "valid_first": one.take == "first valid",
    }
    how += [key for key, value in stated.items() if value]
    how += [f"unless = {list(one.unless)}"] if one.unless else []
    how += [f"on_error = {one.on_error}"] if one.on_error != "refuse" else []
    constant = None if one.const is None else str(one.const)
    return SentField(field=one.field, columns=one.holds, how=how, constant=constant)
