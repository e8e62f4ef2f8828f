"""Loads what earlier runs have recorded, from which a run or a check decides."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Self

import anyio

from importer.errors import Interrupted, JournalError, ResultsInUse, StopRun
from importer.running.earlier_mappings import EarlierMappings, mapping_line
from importer.running.job import Job
from importer.running.other_imports import other_results_files
from importer.running.target import check_target, has_other_target
from importer.shared import OVERLAP_EXIT
from importer.writer import (
    History,
    JournalState,
    LineStore,
    MappingLine,
    MarksIndex,
    OpenStore,
    ResultsFile,
    load_results,
)

__all__ = ["OnFile", "Place", "Recalled", "open_results", "recall"]


@dataclass(frozen=True, slots=True)
class Place:
    """
    Where the lines of a run are kept, and what others have sent: a results file, and nothing.

    `open_store` opens what keeps the lines of the import. `sent_before` are the instants of the
    run's monotonic clock by which requests that others have sent with its key were counted. With
    `counts_by_lines` others will count this run's requests by the times of its lines in turn.
    `writers` limits how many requests of all runs in the process are put on record at once.
    `in_slices` says that others go on with a run that is interrupted, or whose lines or files
    cannot be written: it leaves all files to them.
    """

    open_store: OpenStore = ResultsFile
    sent_before: Sequence[int] = ()
    counts_by_lines: bool = False
    writers: anyio.Semaphore | None = None
    in_slices: bool = False

    def is_left(self, stop: StopRun | None) -> bool:
        """Return whether others go on with a run that stops so."""
        return self.in_slices and isinstance(stop, Interrupted | JournalError)


@dataclass(frozen=True, slots=True)
class OnFile:
    """
    What one results file says: of keys and rows, of its runs, and by which hashes rows are found.

    `earlier` are the mappings of its runs, without today's. `name` is its path.
    """

    name: str
    state: JournalState
    history: History
    earlier: EarlierMappings
    hashes: MarksIndex | None


@dataclass(frozen=True, slots=True)
class Recalled:
    """
    What is recorded of an import. Close it after use, or use it in `with`.

    `own` is its results file. `others` returns those of other imports in the same folder; they are
    loaded when it is first called. `mapping` is the mapping to record, or None if it is recorded
    already. With `is_elsewhere` the results file belongs to another target and has to be set aside.
    """

    own: OnFile
    others: Callable[[], Sequence[OnFile]]
    mapping: MappingLine | None
    is_elsewhere: bool
    opened: ExitStack

    @property
    def history(self) -> History:
        """The runs of the import."""
        return self.own.history

    @property
    def state(self) -> JournalState:
        """What is on record of the import."""
        return self.own.state

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the results files that were read."""
        self.opened.close()


def recall(job: Job, *, salt: str = "", is_locked: bool = False) -> Recalled:
    """
    Load the results file of an import, if there is one.

    `salt` is used for hashes in a new file. If the file `is_locked`, its index is kept up to date
    (`scan_results`). Raises `QuestionError` if only a person knows whether
    the file belongs to this import, or whether another import has created its rows.
    """
    state = JournalState(decides=job.decides, salt=salt)
    path = job.results
    has_results = path.exists() and path.stat().st_size > 0
    history = load_results(path, state, keeps_index=is_locked) if has_results else History()
    today = mapping_line(job)
    is_new_import = job.config.rerun.new_import or any(
        run.settings.get("new_import") for run in history.runs
    )
    with ExitStack() as opened:
        is_elsewhere = check_target(job, history)
        hashes = None
        if has_results:
            hashes = opened.enter_context(closing(MarksIndex(path, keeps_index=is_locked)))
        earlier = EarlierMappings(history.mappings, today)
        own = OnFile(str(path), state, history, earlier, hashes)
        on_record = any(line.makes_the_same(today) for line in history.mappings)
        left_open = opened.pop_all()
        return Recalled(
            own=own,
            others=cache(lambda: () if is_new_import else _load_others(job, left_open)),
            mapping=None if on_record else today,
            is_elsewhere=is_elsewhere,
            opened=left_open,
        )


def _load_others(job: Job, opened: ExitStack) -> Sequence[OnFile]:
    """Load the results files of other imports with the same target; `opened` closes them."""
    found = []
    for path in other_results_files(job):
        state = JournalState()
        try:
            history = load_results(path, state)
            hashes = MarksIndex(path)
        except OSError:
            continue
        opened.enter_context(closing(hashes))
        last = history.last_with_records
        if last is not None and not has_other_target(last, job):
            earlier = EarlierMappings(history.mappings, mapping_line(job))
            found.append(OnFile(str(path), state, history, earlier, hashes))
    return found


def open_results(
    job: Job, open_store: OpenStore, *, salt: str
) -> tuple[LineStore, Recalled, Path | None]:
    """
    Open the results file of an import with `open_store`, and load what is in it.

    A file of another target is set aside first if a person has agreed; its new path is returned
    last. Raises `ResultsError`, and `QuestionError` like `recall`.
    """
    try:
        results = open_store(job.results)
    except ResultsInUse as error:
        if job.config.job is not None:
            error.exit_code = OVERLAP_EXIT
        raise
    try:
        recalled = recall(job, salt=salt, is_locked=True)
        if not recalled.is_elsewhere:
            return results, recalled, None
        recalled.close()
        aside = results.set_aside()
        results = open_store(job.results)
        return results, recall(job, salt=salt, is_locked=True), aside
    except BaseException:
        results.close()
        raise
