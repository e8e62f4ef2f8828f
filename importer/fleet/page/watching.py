"""Keeps what was seen last of a fleet, so that no page waits for its database."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property

from importer.core.errors import ImporterError
from importer.fleet.showing.overview import JobState

Ask = Callable[[], Sequence[JobState]]
"""Asks the database for the state of all jobs, by name."""
EVERY_SECONDS = 5.0
"""How often the database is asked as long as somebody looks."""
_OLD_SECONDS = 4 * EVERY_SECONDS
_MOMENT = 0.05
_PATIENCE = 3.0
_SILENT = "The database does not answer"


@dataclass(frozen=True)
class Seen:
    """
    What was seen of a fleet `at` a time, or None if nothing was seen yet.

    `error` and `hint` say why nothing was seen since.
    """

    jobs: Sequence[JobState] = ()
    at: datetime | None = None
    error: str | None = None
    hint: str | None = None

    @cached_property
    def states(self) -> Mapping[str, int]:
        """How many jobs are in which state."""
        return Counter(job.state for job in self.jobs)

    @cached_property
    def pace(self) -> float:
        """The requests a minute of all jobs together."""
        return sum(job.pace or 0.0 for job in self.jobs)

    def job(self, name: str) -> JobState | None:
        """Return the job of this name, or None."""
        return next((job for job in self.jobs if job.name == name), None)


class Watch:
    """
    Asks for the jobs of a fleet when somebody looks, in a thread, and at most every five seconds.

    Nobody waits longer than a moment for what was seen just before, so a page is quick with
    thousands of jobs, and when the database is away.
    """

    def __init__(
        self,
        ask: Ask,
        *,
        every: float = EVERY_SECONDS,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._ask = ask
        self._every = every
        self._clock = clock
        self._changed = threading.Condition()
        self._thread: threading.Thread | None = None
        self._seen = Seen()
        self._is_closed = False
        self._tried = self._found = float("-inf")
        self.answers = 0
        """How often the database was asked."""

    @property
    def is_closed(self) -> bool:
        """Whether nobody is to look any more."""
        return self._is_closed

    def look(self, patience: float | None = None) -> Seen:
        """
        Return what was seen last, and ask again if that was five seconds ago.

        Whoever looks waits for the answer: a moment, or 3 s if what was seen is old. `patience`
        says another time.
        """
        with self._changed:
            now = self._clock()
            if self._thread is None and now - self._tried >= self._every and not self._is_closed:
                self._thread = threading.Thread(
                    target=self._renew, name="vorel-fleet-page", daemon=True
                )
                self._thread.start()
            if patience is None:
                is_old = now - self._found > _OLD_SECONDS and self._seen.error is None
                patience = _PATIENCE if is_old else _MOMENT
            is_answered = self._changed.wait_for(lambda: self._thread is None, patience)
            is_old = self._clock() - self._found > _OLD_SECONDS
            if is_old and not is_answered and self._seen.at and self._seen.error is None:
                return replace(self._seen, error=_SILENT)
            return self._seen

    def _renew(self) -> None:
        found = self._answer()
        with self._changed:
            self._seen = found
            self._tried = self._clock()
            if found.error is None:
                self._found = self._tried
            self.answers += 1
            self._thread = None
            self._changed.notify_all()

    def _answer(self) -> Seen:
        try:
            jobs = self._ask()
        except ImporterError as error:
            return replace(self._seen, error=error.message, hint=error.hint)
        except Exception as error:  # noqa: BLE001 - the next time may be better
            what = f"This should not have happened, please report it: {type(error).__name__}"
            return replace(self._seen, error=what, hint=None)
        return Seen(jobs, datetime.now().astimezone())

    def close(self) -> None:
        """Ask no more. A question that is under way is waited for, for a short time."""
        with self._changed:
            self._is_closed = True
            self._changed.wait_for(lambda: self._thread is None, _PATIENCE)
