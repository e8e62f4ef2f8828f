"""Reads the next chunks in the background while the present one is used."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Generic, Self, TypeVar

from importer.reader.text.chunks import ChunkStream

__all__ = ["Prefetcher"]

T = TypeVar("T")

# polars works outside the interpreter's lock, but not all of a chunk's work is its: three threads
# keep two cores busy, a seventh faster than two (measured). More gain nothing and cost memory.
_AT_ONCE = 3


class Prefetcher(Generic[T]):
    """
    What `read` makes of a source's chunks, begun before it is asked for.

    `read` runs in threads and gets bytes alone; the source itself is only read in `take`. What
    `read` raises comes out of `take`; where it returns None the exact reader is to go on.
    Leaving the `with` block waits for what is under way and drops the rest.
    """

    def __init__(self, chunks: ChunkStream, read: Callable[[bytes], T | None]) -> None:
        self._chunks = chunks
        self._read = read
        self._begun: dict[int, Future[T | None]] = {}
        self._threads = ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="vorel-read")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self._threads.shutdown(cancel_futures=True)

    def take(self) -> T | None:
        """Pass over the next chunk and return what was made of it; None for nothing."""
        here = self._chunks.passed
        for passed in [place for place in self._begun if place < here]:
            del self._begun[passed]  # the exact reader needed its text
        for place, chunk in enumerate(self._chunks.ahead(_AT_ONCE + 1), here):
            if place not in self._begun:
                self._begun[place] = self._threads.submit(self._read, chunk)
        if here not in self._begun:
            return None
        made = self._begun.pop(here).result()
        if made is not None:
            self._chunks.skip()
        return made
