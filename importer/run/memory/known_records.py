"""Answers what a results file has on record, with as little reading as possible."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from functools import cached_property
from pathlib import Path
from typing import TypeVar

from importer.core.clock import instant
from importer.core.records import Status
from importer.core.systems.contents import sha256_of
from importer.writer.line_reader import last_lines, read_line
from importer.writer.lines.line import ResultLine
from importer.writer.lines.row_line import RowLine
from importer.writer.lines.run_line import EndLine, ExportsLine, RunLine
from importer.writer.results import has_lines, is_results_file

_OfKind = TypeVar("_OfKind", bound=ResultLine)
_AN_HOUR = 3600
_ID = re.compile(rb'"external_id":\s*("(?:[^"\\]|\\.)*")')
_CREATED = re.compile(rb'"status":\s*"created"')


class KnownRecords:
    """
    The records, runs and files that a results file knows. The file may be missing.

    Most answers come from the last lines of the file. `keys`, `created`, `without` and
    `has_records` may read all of it: ask them only if another file does not fit its last lines.
    """

    def __init__(self, results: Path) -> None:
        self.path = results
        self.is_there = has_lines(results)
        self.is_foreign = self.is_there and not is_results_file(results)
        """Whether the file is something else, which the run refuses."""

    @cached_property
    def _last_files(self) -> Mapping[str, tuple[int, int]]:
        """Size and time of each derived file as the last run left it, by name."""
        for end in self._last(EndLine):
            exports = end.exports
            if exports is not None:
                return {name: (size, at) for name, size, at in exports.files.values()}
        return {}

    def _last(self, kind: type[_OfKind]) -> Iterator[_OfKind]:
        return last_lines(self.path, kind) if self.is_there else iter(())

    def has_written(self, path: Path) -> bool:
        """
        Return whether a run has recorded that it wrote this file, so all its records are known.

        The file is not read if its size and time are those of the last run.
        """
        found = path.stat()
        if self._last_files.get(path.name) == (found.st_size, found.st_mtime_ns):
            return True
        if not self.is_there:
            return False
        digest = sha256_of(path)
        for exports in self._last(ExportsLine):
            of_name = exports.files.get(path.name)
            if of_name is not None and of_name.sha256 == digest:
                return True
        return False

    def has_run(self, begin: str, at: float) -> bool:
        """Return whether a run is on record whose id begins so and that ended just before `at`."""
        for end in self._last(EndLine):
            if (end.run or "").startswith(begin):
                return True
            if seconds_of(end.at) < at - _AN_HOUR:
                break
        return False

    def has_records(self, count: int) -> bool:
        """Return whether it knows so many records, or a list with so many rows that had one."""
        for end in self._last(EndLine):
            status = end.list_status
            if status is not None and status.counts[Status.CREATED] >= count:
                return True
        return self.created >= count

    @cached_property
    def created(self) -> int:
        """How many rows were created. Reads the whole file."""
        if not self.is_there:
            return 0
        with self.path.open("rb") as stream:
            return sum(_CREATED.search(line) is not None for line in stream)

    def without(self, ids: set[str]) -> set[str]:
        """Return the ids of records that it does not know. Reads the whole file."""
        return ids.difference(one for one, _ in self._lines_with(ids))

    def keys(self, ids: set[str]) -> dict[str, str | None]:
        """Return the key of each of these records that it knows. Reads the whole file."""
        found: dict[str, str | None] = {}
        for external_id, line in self._lines_with(ids):
            row, key = read_line(line), found.get(external_id)
            if isinstance(row, RowLine):
                key = row.idempotency_key if row.status is Status.CREATED else row.record_key or key
            found[external_id] = key
        return found

    def _lines_with(self, ids: set[str]) -> Iterator[tuple[str, bytes]]:
        """Yield each line that names one of these records, with its id."""
        if self.is_there and ids:
            with self.path.open("rb") as stream:
                for line in stream:
                    match = _ID.search(line)
                    if match is not None and (external_id := json.loads(match[1])) in ids:
                        yield external_id, line

    def without_others(self, ids: set[str]) -> set[str]:
        """
        Return the ids of records that no other results file in the folder knows.

        If that is a renamed one of this import, the run itself asks about it.
        """
        left = set(ids)
        for path in sorted(self.path.parent.glob("*.jsonl")) if left else ():
            if path.name != self.path.name and is_results_file(path):
                left = KnownRecords(path).without(left)
        return left

    @cached_property
    def last_new_import(self) -> float:
        """When the last run with `--new-import` began, in seconds since 1970; 0 if none did."""
        for run in self._last(RunLine):
            if run.settings.get("new_import"):
                return seconds_of(run.at)
        return 0.0


def seconds_of(at: str | None) -> float:
    """Return a time on record in seconds since 1970; 0 if it is not known."""
    time = instant(at)
    return 0.0 if time is None else time.timestamp()
