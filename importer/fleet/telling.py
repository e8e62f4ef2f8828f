"""How what happens in a fleet is told, and trouble that lasts only twice: at its ends."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Protocol

from importer.core.locale.message import Message


class Tell(Protocol):
    """Tells a person a text; in a log it is an `event`, about a `job` if it is about one."""

    def __call__(self, text: Message, *, event: str = "notice", job: str | None = None) -> None:
        """Tell it, in any thread."""


def tell_nobody(text: Message, *, event: str = "notice", job: str | None = None) -> None:
    """Let nobody know, as whoever runs jobs here and now sees how they end."""


class Trouble:
    """
    One kind of trouble, which something tries again and again.

        >>> trouble = Trouble(print, Message("the queue fails"), Message("the queue is used again"))
        >>> for _ in range(3):
        ...     trouble.found(Message("permission denied"))
        the queue fails (permission denied); it is tried again
        >>> trouble.over()
        the queue is used again

    It is over only if it has not been found for `seconds`, since something else may work meanwhile.
    May be used in several threads.
    """

    def __init__(
        self, tell: Callable[[Message], None], what: Message, over: Message, *, seconds: float = 0
    ) -> None:
        self._tell = tell
        self._what = what
        self._over = over
        self._seconds = seconds
        self._told: set[Message] = set()
        self._last = 0.0
        self._lock = threading.Lock()

    def found(self, reason: Message) -> None:
        """Tell of it, unless this reason has been told already and it was not over since."""
        with self._lock:
            self._last = time.monotonic()
            is_new = reason not in self._told
            self._told.add(reason)
        if is_new:
            self._tell(
                Message("%(what)s (%(why)s); it is tried again", what=self._what, why=reason)
            )

    def over(self) -> None:
        """Tell that it is over, if it was there."""
        with self._lock:
            is_over = bool(self._told) and time.monotonic() - self._last >= self._seconds
            if is_over:
                self._told.clear()
        if is_over:
            self._tell(self._over)
