"""Stops a run before its first request if its list differs too much from the last one."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from importer.errors import ListDiffers
from importer.guards.differences import (
    allowed_new,
    column_differences,
    new_rows,
    reading_differences,
    shrinkage,
)
from importer.guards.earlier_lists import FEWEST_ROWS, earlier_lists
from importer.guards.shape import ShapeSampler
from importer.reader import Batch
from importer.running.job import Job
from importer.running.plan import Plan
from importer.shared import JsonValue
from importer.writer import History

__all__ = ["Guard"]


class Guard:
    """
    Compares the list of a run with the lists of earlier runs of the same results file.

    Show it every batch of the list (`see`). It judges the list only if it `is_active`: an earlier
    run had a list of the same name and at least 100 rows, and the list has changed since.
    """

    def __init__(self, job: Job, history: History, now: datetime) -> None:
        survey, config = job.survey, job.config
        self._guards = config.guards
        self._name = survey.name
        self._read_as = [(layout.encoding, layout.delimiter) for _, layout in survey.files]
        self._sampler = ShapeSampler(job.mapper.mapped_columns, survey.rows)
        earlier = None if survey.is_derived else earlier_lists(history, config.sources, config.job)
        is_same = earlier is not None and earlier.last.sha256 == survey.sha256
        # That of a list which is the same as last time is on record: its rows are not sampled.
        self._known_shape = earlier.last.shape if earlier is not None and is_same else None
        self._earlier = earlier
        self.is_active = (
            earlier is not None
            and not is_same
            and not self._guards.accept_list
            and earlier.longest >= FEWEST_ROWS
        )
        days = earlier.days_since_last(now) if earlier is not None else 0.0
        self.allowed_new = (
            allowed_new(earlier, self._guards.max_new, days=days) if earlier is not None else 0
        )
        self._survey = survey
        self._samples = self._known_shape is None and not survey.is_derived

    def see(self, batch: Batch) -> None:
        """Look at the next batch of the list."""
        if self._samples:
            self._sampler.see(batch)

    def shape(self) -> Mapping[str, JsonValue] | None:
        """Return the shape of the list for the record, once it was read; None if derived."""
        if self._survey.is_derived:
            return None
        return (self._known_shape or self._sampler.result(self._read_as)).to_json()

    def look(self) -> int:
        """
        Look at the whole list, if it is to be compared, and return how many rows it has.

        Raises `ListDiffers` if it differs too much from the last one, whatever is new in it.
        """
        if not self.is_active:
            return 0
        rows = 0
        for batch in self._survey.batches():
            rows += len(batch)
            self.see(batch)
        self._samples = False  # each row is sampled once
        if (verdict := self.judge(rows=rows, new=0)) is not None:
            raise verdict
        return rows

    def check(self, plan: Plan) -> None:
        """Raise `ListDiffers` if a plan would send too many rows."""
        if (verdict := self.judge(rows=plan.rows, new=plan.to_send)) is not None:
            raise verdict

    def judge(self, *, rows: int, new: int) -> ListDiffers | None:
        """Return the reason to stop, if there is one. `new` of the `rows` would be sent."""
        earlier = self._earlier
        if not self.is_active or earlier is None:
            return None
        found = [*shrinkage(rows, earlier, self._guards.max_shrink)]
        found += new_rows(rows, new, self.allowed_new)
        before, now = earlier.last_shape, self._sampler.result(self._read_as)
        if before is not None:
            found += reading_differences(now, before)
            found += column_differences(now, before)
        if not found:
            return None
        return ListDiffers(
            f"{self._name} differs too much from the last list ({earlier.last.at[:10]}); nothing "
            "was sent:",
            hint="If the list is wrong, export it again and run the same command. If it is right, "
            "run the command once with --accept-list.",
            differences=found,
        )
