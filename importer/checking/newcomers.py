"""Finds the rows that nothing on record is about, without asking the ledger for each of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cached_property, partial
from itertools import chain

import polars as pl

from importer import keys
from importer.checking.chunks import RowChunk
from importer.mapper import Mapper
from importer.mapper.blocks.mapper import BlockMapper, MappedBlock
from importer.marks import Marker, findable_texts, without_case
from importer.running.job import Job
from importer.running.recall import Recalled
from importer.shared import JsonValue

__all__ = ["Newcomers", "map_chunk"]


def map_chunk(mapper: BlockMapper, chunk: RowChunk) -> MappedBlock:
    """Map the rows of a chunk that could be read."""
    if isinstance(chunk.values, pl.DataFrame):
        return mapper.map_table(chunk.values)
    return mapper.map(chunk.values, len(chunk.read), texts=chunk.is_text)


class Newcomers:
    """
    Finds the rows of a list that neither its results file nor those of other imports know.

    These are most rows of a new list, and the new rows of a list that is imported again. They are
    decided about as the ledger would. `columns` are those that the mappings of earlier runs read.
    """

    def __init__(self, job: Job, recalled: Recalled) -> None:
        self._mapper = job.mapper
        self._namespace = job.config.rerun.namespace
        self._ledger = recalled.ledger
        self._records = [
            (ledger, [(BlockMapper(mapper), mapper, space) for mapper, space in earlier.mappers])
            for ledger, earlier in recalled.ledgers
        ]
        read = (one.mapped_columns for _, some in self._records for _, one, _ in some)
        self.columns = tuple(dict.fromkeys(name for names in read for name in names))
        has_own_way = job.corrected or recalled.ledger.numbers_equal_rows
        self._looks_up = not (recalled.is_first or has_own_way)
        self._keys: dict[int, tuple[str, str | None]] = {}

    def look_up(self, chunk: RowChunk, mapped: MappedBlock) -> None:
        """Look up the rows of a chunk, for `decide`."""
        self._keys = {}
        if not self._looks_up or chunk.batch.marks:
            return
        today = _MappedRows(mapped, self._mapper, self._namespace, len(chunk.read))
        hashes = [chunk.batch.hashes[row] for row in chunk.read]
        related: set[int] = set()
        for ledger, mappings in self._records:
            earlier = (
                _MappedRows(map_chunk(blocks, chunk), mapper, namespace, len(chunk.read))
                for blocks, mapper, namespace in mappings
            )
            related |= ledger.unrelated.related(hashes, [today, *earlier])
        found = zip(today.places, today.keys, today.keys_without_case, strict=True)
        self._keys = {at: (key, plain) for at, key, plain in found if at not in related}

    def decide(self, place: int) -> bool | None:
        """
        Decide about a row of the chunk by its place in `chunk.read`; ask for each, in order.

        Returns True if it is sent, False if it repeats such a row, and None if only the ledger can
        decide, which has to be asked before the next row.
        """
        found = self._keys.get(place)
        return None if found is None else self._ledger.unrelated.send(*found)


class _MappedRows:
    """The rows of a block that a mapping maps."""

    def __init__(self, mapped: MappedBlock, mapper: Mapper, namespace: str, rows: int) -> None:
        self.places = [place for place in range(rows) if place not in mapped.refused]
        self._mapped = mapped
        self._identity = mapper.mapping.identity
        self._namespace = namespace

    @cached_property
    def keys(self) -> Sequence[str]:
        """The key of each row."""
        return self._made(lambda value: value)

    @cached_property
    def keys_without_case(self) -> Sequence[str | None]:
        """The key with the addresses of the identity in lower case; None without an identity."""
        return [None] * len(self.places) if self._identity is None else self._made(without_case)

    def findable(self, marker: Marker) -> tuple[Sequence[int], Sequence[str]]:
        """Return the marks that the rows are searched by, and before them the place of each."""
        places = [at for at, texts in zip(self.places, self._texts, strict=True) for _ in texts]
        return places, marker.findable(chain.from_iterable(self._texts))

    @cached_property
    def _values(self) -> Mapping[str, Sequence[JsonValue]]:
        return self._mapped.values(self.places)

    @cached_property
    def _texts(self) -> Sequence[Sequence[str]]:
        object_, rows = self._mapped.object, len(self.places)
        return list(findable_texts(object_, self._values, rows, self._identity))

    def _made(self, form: Callable[[JsonValue], JsonValue]) -> list[str]:
        make = partial(keys.row_key, self._mapped.object, namespace=self._namespace)
        if self._identity is None:
            return [make(row_hash) for row_hash in self._mapped.row_hashes(self.places)]
        columns = [map(form, self._values[name]) for name in self._identity]
        return [make("", identity=identity) for identity in zip(*columns, strict=True)]
