"""A thread that does one thing every few seconds."""

from __future__ import annotations

import threading
from abc import ABC, abstractmethod
from typing import Self


class Periodic(ABC):
    """
    Calls `_act` every few seconds in a thread of its own, and `_end` at the end. Use it in `with`.

    No event loop can hold the thread up. At the end of the context it finishes what it is doing.
    """

    def __init__(self, name: str, every: float) -> None:
        self._every = every
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._serve, name=name, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join()

    def _serve(self) -> None:
        while not self._ended.wait(self._every):
            self._act()
        self._end()

    @abstractmethod
    def _act(self) -> None:
        """Do it once. What is raised here ends the thread."""

    def _end(self) -> None:
        """Do it once more, unless something else is left to do."""
        self._act()
