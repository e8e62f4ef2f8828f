"""Stops a run before its first request if its list differs too much from the last one."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from functools import cached_property
from pathlib import Path

from importer.core import systems
from importer.core.errors import ListDiffers, ListGrows, QuestionError
from importer.core.locale.language import N_
from importer.core.locale.message import Message
from importer.core.shared import JsonValue
from importer.reader import Batch
from importer.run.guards.changed_rows import changed_rows, field_lines
from importer.run.guards.differences import (
    allowed_changed,
    allowed_new,
    column_differences,
    new_rows,
    reading_differences,
    shrinkage,
)
from importer.run.guards.earlier_lists import FEWEST_ROWS, earlier_lists
from importer.run.guards.list_shape import ListShape, ShapeSampler
from importer.run.job import Job
from importer.run.plan import Plan
from importer.writer.state.history import History

_REPEATED = 0.1
WAYS_ON = N_(
    "If the list is wrong, export it again and run the same command. If it is right, run the "
    "command once with --accept-list."
)
"""The hint of a list that differs."""
WAYS_ON_OF_JOB = N_(
    "If the list is wrong, export it again, then: %(command)s. If it is right: %(command)s "
    "--accept-list"
)
"""The hint of a job whose list differs; a fleet has another `command`."""


class ListGuard:
    """
    Compares the list of a run with the lists of earlier runs of the same results file.

    Call `see` with every batch of the list. The guard judges the list only if it `is_active`: an
    earlier run had a list of the same name and at least 100 rows, and the list has changed since.
    """

    def __init__(self, job: Job, history: History, now: datetime) -> None:
        self._job = job
        survey, config = job.survey, job.config
        self.earlier = earlier = None if survey.is_derived else earlier_lists(config, history)
        """The lists of earlier runs; derived files have none."""
        is_same = earlier is not None and earlier.last.sha256 == survey.sha256
        self.is_active = (
            earlier is not None
            and not is_same
            and not config.accept_list
            and earlier.longest >= FEWEST_ROWS
        )
        self._days = earlier.days_since_last(now) if earlier is not None else 0.0
        self.rows: int | None = None
        """The number of rows of the list, if it was read before the plan."""
        self._sampler = ShapeSampler(job.mapper.mapped_columns, survey.expected_rows)
        # The shape of an unchanged list is on record: its rows are not sampled.
        self._known_shape = earlier.last.shape if earlier is not None and is_same else None
        self._samples = self._known_shape is None and not survey.is_derived

    def see(self, batch: Batch) -> None:
        """Look at the next batch of the list."""
        if self._samples:
            self._sampler.see(batch)

    def shape(self) -> Mapping[str, JsonValue] | None:
        """Return the shape of the list after reading it, to be recorded; None for derived files."""
        return None if self._job.survey.is_derived else self._shape.to_json()

    @cached_property
    def _shape(self) -> ListShape:
        """The shape of the list, once it was read."""
        read_as = [(layout.encoding, layout.delimiter) for _, layout in self._job.survey.files]
        return self._known_shape or self._sampler.result(read_as)

    def news(self) -> Iterator[Message]:
        """Yield a notice if many more rows of the list repeat others than last time."""
        if self.earlier is None or self._sampler.rows < FEWEST_ROWS:  # also if none was sampled
            return
        last = self.earlier.last
        repeated = self._sampler.rows - (self._shape.different or 0)
        before = max(0, (last.rows or 0) - (last.different or 0))
        if repeated - before > _REPEATED * self._sampler.rows:
            yield Message(
                "%(count)s of the %(rows)s rows of the list repeat others; in the last one "
                "%(before)s did: was it exported twice?",
                count=f"{repeated:,}",
                rows=f"{self._sampler.rows:,}",
                before=f"{before:,}",
            )

    def plan(
        self, make: Callable[[], Plan], *, stops_at_once: bool = False
    ) -> tuple[Plan, ListDiffers | None]:
        """
        Look at the list, make its plan, and return it with the reason not to carry it out, if any.

        With `stops_at_once`, a reason that is found before is raised: matching takes long if ids or
        columns have changed.

        If the last list raised no `QuestionError`, raises `ListDiffers` instead: with the same
        settings its rows were distinct, so the list is wrong, not the mapping.
        """
        refusal = self._look()
        if refusal is not None and stops_at_once:
            raise refusal
        try:
            plan = make()
        except QuestionError as error:
            wrong = self._refusal(
                [Message("%(what)s; this was not so in the last list", what=error.message)]
            )
            if wrong is None:
                raise
            raise wrong from error
        return plan, refusal or self._judge(plan)

    def _look(self) -> ListDiffers | None:
        """
        Read the whole list if the guard is active.

        Returns a reason if the number of rows, the columns or the way of reading differ too much
        from the last list.
        """
        if not self.is_active:
            return None
        rows = 0
        for batch in self._job.survey.batches():
            rows += len(batch)
            self.see(batch)
        self.rows = rows
        self._samples = False  # each row is sampled once
        return self._refusal(self._differences())

    def _judge(self, plan: Plan) -> ListDiffers | None:
        """Return the reason to stop before the plan is carried out, or None."""
        if plan.to_send and (written := self._job.survey.changed()):
            return _still_written(written)
        found = self._differences()
        if (earlier := self.earlier) is not None:
            allowed = allowed_new(earlier, self._job.config.max_new, days=self._days)
            found += new_rows(plan.rows, plan.to_send, allowed)
            changed = changed_rows(plan)
            may_change = allowed_changed(
                changed.known, earlier, self._job.config.max_changed, days=self._days
            )
            if changed.changed > may_change:
                found.append(
                    Message(
                        "%(count)s of the %(rows)s rows that were known have changed; %(allowed)s "
                        "would be expected at most (--max-changed allows more)",
                        count=f"{changed.changed:,}",
                        rows=f"{changed.known:,}",
                        allowed=f"{may_change:,}",
                    )
                )
                found += field_lines(changed)
        return self._refusal(found)

    def _differences(self) -> list[Message]:
        """Return the differences that do not depend on the plan."""
        earlier = self.earlier
        if not self.is_active or earlier is None:
            return []
        before, now = earlier.last_shape, self._shape
        found = [*shrinkage(now.different or 0, earlier, self._job.config.max_shrink)]
        if before is not None:
            found += reading_differences(now, before)
            found += column_differences(now, before)
        return found

    def _refusal(self, found: Sequence[Message]) -> ListDiffers | None:
        if not self.is_active or self.earlier is None or not found:
            return None
        return ListDiffers(
            "%(name)s differs too much from the last list (%(at)s)",
            name=self._job.survey.name,
            at=self.earlier.last.at[:10],
            hint=_ways_on(self._job.config.job),
            differences=found,
        )


def _ways_on(job: Path | None) -> Message:
    """Return what to do, with the command of a job: who gets it in a message has not typed it."""
    if job is None:
        return Message(WAYS_ON)
    again = systems.current.command_line(["vorel-import", "run", "--job", str(job.absolute())])
    return Message(WAYS_ON_OF_JOB, command=again)


def _still_written(names: Sequence[str]) -> ListGrows:
    return ListGrows(
        "%(names)s was written to while it was read",
        names=names,
        hint="Run the same command again once the list is complete. An export that is written "
        "under another name, and renamed at its end, is never read too early.",
        differences=[
            Message("the export was not at its end, or another program has changed the file")
        ],
    )
