"""Loads what earlier runs have recorded, from which a run or a check decides."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Self

import anyio

from importer.errors import Interrupted, JournalError, ResultsInUse, StopRun
from importer.running.earlier_mappings import EarlierMappings, mapping_line
from importer.running.job import Job
from importer.running.other_imports import OtherResultsFiles, check_other_imports
from importer.running.target import check_target
from importer.shared import OVERLAP_EXIT
from importer.writer import (
    History,
    Ledger,
    LineStore,
    MappingLine,
    MarksIndex,
    OpenStore,
    ResultsFile,
    load_results,
)

__all__ = ["Place", "Recalled", "open_results", "recall"]


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
class Recalled:
    """
    What is recorded of an import. Close it after use, or use it in `with`.

    `is_first` is True if neither this import nor another one in the same folder has created a
    record. `mapping` is the mapping to record, or None if it is recorded already. With
    `is_elsewhere` the results file belongs to another target and has to be set aside. `ledgers` are
    `ledger` and those of the other imports, each with the mappings of its earlier runs.
    """

    ledger: Ledger
    history: History
    is_first: bool
    mapping: MappingLine | None
    is_elsewhere: bool
    opened: ExitStack
    ledgers: Sequence[tuple[Ledger, EarlierMappings]]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the results files that were read."""
        self.opened.close()


def recall(
    job: Job,
    *,
    salt: str = "",
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
    is_locked: bool = False,
) -> Recalled:
    """
    Load the results file of an import, if there is one.

    `salt` is used for marks in a new file. If the file `is_locked`, its index is kept up to date
    (`scan_results`). Raises `QuestionError` if only a person knows whether
    the file belongs to this import, or whether another import has created its rows.
    """
    ledger = job.open_ledger(salt=salt, now=now)
    path = job.results
    has_results = path.exists() and path.stat().st_size > 0
    history = load_results(path, ledger, keeps_index=is_locked) if has_results else History()
    today, last = mapping_line(job), history.last_run
    is_new_import = job.config.rerun.new_import or any(
        run.settings.get("new_import") for run in history.runs
    )
    with ExitStack() as opened:
        is_elsewhere = check_target(job, history)
        others = None if is_new_import else opened.enter_context(closing(OtherResultsFiles(job)))
        if others is not None:
            check_other_imports(job, history, others, ledger)
        earlier = EarlierMappings(history.mappings, today)
        ledger.recognise_by(
            earlier=earlier,
            marks=opened.enter_context(closing(MarksIndex(path, keeps_index=is_locked)))
            if has_results
            else None,
            elsewhere=others,
            list_hashes=job.list_hashes,
            is_same_list=last is not None
            and last.source is not None
            and last.source.sha256 == job.survey.sha256,
            is_part=job.survey.is_derived,
        )
        on_record = any(line.makes_the_same(today) for line in history.mappings)
        elsewhere = () if others is None or not others.files() else others.ledgers
        return Recalled(
            ledger=ledger,
            history=history,
            is_first=not has_results and not elsewhere,
            mapping=None if on_record else today,
            is_elsewhere=is_elsewhere,
            opened=opened.pop_all(),
            ledgers=((ledger, earlier), *elsewhere),
        )


def open_results(
    job: Job, open_store: OpenStore, *, salt: str, now: Callable[[], datetime]
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
        recalled = recall(job, salt=salt, now=now, is_locked=True)
        if not recalled.is_elsewhere:
            return results, recalled, None
        recalled.close()
        aside = results.set_aside()
        results = open_store(job.results)
        return results, recall(job, salt=salt, now=now, is_locked=True), aside
    except BaseException:
        results.close()
        raise
