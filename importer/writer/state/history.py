"""The runs of a results file: when they began and ended, with which list and mapping."""

from __future__ import annotations

from bisect import bisect
from dataclasses import dataclass, field

from importer.core.records import Status
from importer.core.shared import GUARD_EXIT
from importer.writer.line_reader import Line
from importer.writer.lines.run_line import (
    AcknowledgedLine,
    EndLine,
    ExportsRecord,
    MappingLine,
    RunLine,
)


@dataclass(frozen=True, slots=True)
class History:
    """
    The runs of a results file: their beginnings and ends, and the damaged lines.

    `mappings` are the mappings of its records, each once, the latest last. `acknowledged` are the
    ids of the runs after which a person acknowledged the changes. `numbers` has how many runs had
    begun before each.
    """

    runs: list[RunLine] = field(default_factory=list)
    mappings: list[MappingLine] = field(default_factory=list)
    ends: list[EndLine] = field(default_factory=list)
    damaged: list[int] = field(default_factory=list)
    acknowledged: list[str | None] = field(default_factory=list)
    numbers: dict[str | None, int] = field(default_factory=dict)
    _ends: dict[str | None, EndLine] = field(default_factory=dict)
    """By run: its last end."""
    _began: list[int] = field(default_factory=list)
    """The place of each run's first line."""
    _mapping_files: set[str] = field(default_factory=set)
    """The SHA-256 of the files of recorded mappings."""

    def note(self, line: Line, position: int = 0) -> None:
        """Take in the next line. `position` is its place in the file."""
        if isinstance(line, RunLine):
            self.numbers[line.run] = len(self.runs)
            self.runs.append(line)
            self._began.append(position)
        elif isinstance(line, MappingLine):
            self.mappings.append(line)
            if line.sha256 is not None:
                self._mapping_files.add(line.sha256)
        elif isinstance(line, EndLine):
            self.ends.append(line)
            self._ends[line.run] = line
        elif isinstance(line, AcknowledgedLine) and self.runs:
            self.acknowledged.append(self.runs[-1].run)

    def _run(self, run: str | None) -> RunLine | None:
        number = self.numbers.get(run)
        return None if number is None else self.runs[number]

    def end_of(self, run: RunLine) -> EndLine | None:
        """Return the end of a run, or None if it was killed."""
        return self._ends.get(run.run)

    @property
    def not_guarded(self) -> list[RunLine]:
        """The runs that no guard has stopped before they began."""
        ended = ((run, self.end_of(run)) for run in self.runs)
        return [run for run, end in ended if end is None or end.exit_code != GUARD_EXIT]

    @property
    def last_run(self) -> RunLine | None:
        """The last run that no guard has stopped before it began."""
        return next(reversed(self.not_guarded), None)

    @property
    def last_with_records(self) -> RunLine | None:
        """The last run that created records, or may have created some because it was killed."""
        return next(reversed(self.with_records), None)

    @property
    def with_records(self) -> list[RunLine]:
        """The runs that created records, or may have created some because they were killed."""
        return [run for run in self.runs if _may_have_made(self.end_of(run))]

    @property
    def declared_the_same(self) -> list[RunLine]:
        """The later runs that a person has declared to have the same target."""
        last = self.last_with_records
        later = [] if last is None else self.runs[self.runs.index(last) + 1 :]
        return [
            run
            for run in later
            if run.settings.get("same_service") or run.settings.get("same_account")
        ]

    @property
    def exports(self) -> ExportsRecord | None:
        """The record of the derived files of the last run, or None if it wrote none."""
        if not self.runs or not self.ends or self.runs[-1].run != self.ends[-1].run:
            return None
        if self.ends[-1].run in self.acknowledged:
            return None
        return self.ends[-1].exports

    @property
    def last_mapping(self) -> str | None:
        """The SHA-256 of the file of the last run's mapping, or None if that is not on record."""
        return self.mapping_of(self._last)

    def mapping_of(self, run: str | None) -> str | None:
        """Return the SHA-256 of the file of a run's mapping, or None if it is not on record."""
        line = self._run(run)
        had = None if line is None or line.command is not None else line.mapping_sha256
        return had if had in self._mapping_files else None

    def mapping_at(self, position: int) -> str | None:
        """Return the `mapping_of` the run that has written the line at a place of the file."""
        begun = bisect(self._began, position)
        return self.mapping_of(self.runs[begun - 1].run) if begun else None

    def mapped_in(self, run: str | None, mapping: str | None) -> bool:
        """
        Return whether a run may have had the mapping with this SHA-256 of its file.

        It had not if it is on record that it had another one.
        """
        return self.mapping_of(run) in {None, mapping}

    def is_of_list(self, run: str | None) -> bool:
        """Return whether a run has read a list, and no derived files."""
        line = self._run(run)
        return line is not None and line.is_of_list

    def is_same_list(self, run: str | None, other: str | None) -> bool:
        """Return whether two runs have read the same list."""
        read, others = self._run(run), self._run(other)
        if run == other or read is None or others is None:
            return run == other
        if read.source is None or others.source is None or read.source.sha256 is None:
            return False
        return read.source.sha256 == others.source.sha256

    def was_in_last_list(self, made_in: str | None) -> bool:
        """Return whether the last run has read the same list as the run that made a record."""
        return self.is_same_list(made_in, self._last)

    @property
    def _last(self) -> str | None:
        return self.runs[-1].run if self.runs else None


def _may_have_made(end: EndLine | None) -> bool:
    return end is None or any(end.counts.get(one) for one in (Status.CREATED, Status.UNKNOWN))
