"""Runs one task for each import at a time, in threads of their own."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Literal

from importer.core.errors import ImporterError
from importer.core.locale.message import Message
from importer.ui.store.folder import Import

Kind = Literal["read", "check", "send"]


class Cancelled(Exception):  # noqa: N818 - it is asked for, and not an error
    """Raised inside a task that was cancelled."""


class Task:
    """
    Something that takes a while. `done` and `total` are rows, as far as they are known.

    `error` is what ended it early, worded for a person; of a bug it is the exception's text.
    """

    def __init__(self, kind: Kind) -> None:
        self.kind = kind
        self.done = 0
        self.total: int | None = None
        self.error: tuple[Message, Message | None] | None = None
        self.is_cancelled = False
        self._is_told = False
        self._thread: threading.Thread | None = None

    def progress(self, done: int, total: int) -> None:
        """Note how far the task is. Raises `Cancelled` if it is to end."""
        self.done, self.total = done, total
        self.go_on()

    def go_on(self) -> None:
        """Raise `Cancelled` if the task is to end."""
        if self.is_cancelled:
            raise Cancelled

    @property
    def is_running(self) -> bool:
        """Whether the task has not ended yet."""
        return self._thread is not None and self._thread.is_alive()

    def take_news(self) -> bool:
        """Return whether the task has ended and nobody was told yet."""
        is_news = not (self.is_running or self._is_told or self._thread is None)
        self._is_told |= is_news
        return is_news

    def cancel(self) -> None:
        """Ask the task to end; it may take a moment."""
        self.is_cancelled = True

    def start(self, work: Callable[[], None]) -> None:
        """Run `work` in a thread."""

        def run() -> None:
            try:
                work()
            except Cancelled:
                self.is_cancelled = True
            except ImporterError as error:
                self.error = error.message, error.hint
            except Exception as error:  # noqa: BLE001 - shown to the person who waits for it
                self.error = unexpected(error), None

        self._thread = threading.Thread(target=run, name=f"vorel-{self.kind}", daemon=True)
        self._thread.start()

    def wait(self, seconds: float | None = None) -> None:
        """Wait until the task has ended, or so long."""
        if self._thread is not None:
            self._thread.join(seconds)


def unexpected(error: BaseException) -> Message:
    """Return what is shown of an error that nobody has thought of."""
    return Message("%(type)s: %(text)s", type=type(error).__name__, text=error)


class Tasks:
    """The last task of each import."""

    def __init__(self) -> None:
        self._tasks: dict[str, Task] = {}
        self._lock = threading.Lock()

    def of(self, one: Import, kind: Kind | None = None) -> Task | None:
        """Return the last task of an import, if it is of this kind."""
        task = self._tasks.get(one.id)
        return task if task is not None and kind in {None, task.kind} else None

    def running(self, one: Import) -> Task | None:
        """Return the task that is under way for an import."""
        task = self._tasks.get(one.id)
        return task if task is not None and task.is_running else None

    def start(self, one: Import, task: Task, work: Callable[[], None]) -> None:
        """
        Start a task, unless rows of the import are being sent: then nothing else may begin.

        Another task of the import is cancelled first.
        """
        with self._lock:
            before = self.running(one)
            if before is not None and before.kind == "send":
                return
            if before is not None:
                before.cancel()
                before.wait()
            self._tasks[one.id] = task
            task.start(work)

    def forget(self, one: Import) -> None:
        """Forget the task of an import that is removed."""
        with self._lock:
            task = self._tasks.pop(one.id, None)
        if task is not None:
            task.cancel()
            task.wait(5)

    def all(self) -> list[Task]:
        """Return the tasks that are under way."""
        return [task for task in [*self._tasks.values()] if task.is_running]
