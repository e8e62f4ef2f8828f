"""Says how a run works together with other runs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import anyio

from importer.core.errors import Interrupted, JournalError, StopRun
from importer.writer.results import OpenStore, ResultsFile


@dataclass(frozen=True, slots=True)
class RunEnvironment:
    """
    How a run works together with other runs; by default it is alone and has a results file.

    `open_store` opens the store of the lines. `sent_before` are the times, by the run's monotonic
    clock, of requests that other runs have sent with the same key. With `counts_by_lines` other
    runs count the requests of this one by the times of its lines. `writers` limits how many
    requests of all runs in the process are recorded at the same time. With `in_slices` another
    worker goes on if the run is interrupted or cannot write, and writes the derived files.
    """

    open_store: OpenStore = ResultsFile
    sent_before: Sequence[int] = ()
    counts_by_lines: bool = False
    writers: anyio.Semaphore | None = None
    in_slices: bool = False

    @property
    def has_results_file(self) -> bool:
        """Whether the lines are in a results file. Other stores notice losses themselves."""
        return self.open_store is ResultsFile

    def is_left(self, stop: StopRun | None) -> bool:
        """Return whether another worker goes on after this stop."""
        return self.in_slices and isinstance(stop, Interrupted | JournalError)
