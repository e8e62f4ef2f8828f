"""Reads the next chunks in the background while the current one is used."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Generic, Self, TypeVar

from importer.reader.text.chunks import ChunkStream

T = TypeVar("T")

# Not all work on a chunk is done by polars, without the interpreter's lock: three threads keep two
# cores busy and are a seventh faster than two (measured). More threads only cost memory.
_AT_ONCE = 3


class Prefetcher(Generic[T]):
    """
    Runs `read` over the next chunks of a source in threads, before the results are needed.

    Only `take` reads the source itself, in the caller's thread; `read` gets bytes. `take` raises
    the exceptions of `read`; if `read` returns None, the chunk has to be read row by row. Leaving
    the `with` block waits for running threads and drops their results.
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
        """Return the result of `read` for the next chunk, and skip it; None skips nothing."""
        here = self._chunks.passed
        for passed in [place for place in self._begun if place < here]:
            del self._begun[passed]  # it was read row by row
        for place, chunk in enumerate(self._chunks.ahead(_AT_ONCE + 1), here):
            if place not in self._begun:
                self._begun[place] = self._threads.submit(self._read, chunk)
        if here not in self._begun:
            return None
        made = self._begun.pop(here).result()
        if made is not None:
            self._chunks.skip()
        return made
