"""Knows the settled rows by their content, and counts equal rows in the source of this run."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence

from importer.writer.state.idempotency_keys import CreatedIndex

__all__ = ["SettledRows"]


class SettledRows:
    """
    The rows that need nothing any more, by source hash and occurrence.

    A list that is imported again mostly has them in the order of the results, so a whole batch is
    compared at once, and rows that moved are looked up. The sets have only the rest: settled rows
    that are not in `CreatedIndex`, and rows of this run that are not in it.
    """

    def __init__(self) -> None:
        self._created: CreatedIndex | None = None
        self._others: set[tuple[str, int]] = set()
        self._known: set[tuple[str, int]] = set()
        self._skipped: list[tuple[str, int]] = []
        self._later: dict[str, list[int]] = {}
        self._ranked: dict[str, list[int]] = {}
        self._seen: Counter[str] = Counter()
        self._met = bytearray()
        self._next = 0
        self._present: Counter[str] = Counter()
        self._present_at = bytearray()

    def take(self, created: CreatedIndex) -> None:
        """Set the created rows with the occurrence 1, before anything else."""
        self._created = created
        self._met = bytearray(len(created))

    def add(self, source_hash: str, occurrence: int, *, is_known: bool = False) -> None:
        """Note that a row is settled; `is_known` if it belongs to the record of another row."""
        if is_known:
            self._known.add((source_hash, occurrence))
        if (source_hash, occurrence) in self._others:
            return
        self._others.add((source_hash, occurrence))
        self._ranked.pop(source_hash, None)
        if occurrence > 1:
            self._later.setdefault(source_hash, []).append(occurrence)

    def has_added(self, source_hash: str) -> bool:
        """Return whether a row with this content was added by itself."""
        return (source_hash, 1) in self._others or bool(self._later.get(source_hash))

    def occurrences(self, source_hash: str) -> Sequence[int]:
        """Return in order which of equal rows may be settled: the first one, if no others are."""
        return self._rank(source_hash) or (1,)

    def release(self, source_hash: str, occurrence: int) -> None:
        """Note that a row without a record of its own is no longer settled."""
        self._known.discard((source_hash, occurrence))
        self._others.discard((source_hash, occurrence))
        self._ranked.pop(source_hash, None)
        if occurrence > 1:
            self._later[source_hash].remove(occurrence)

    def skipped_known(self) -> list[tuple[str, int]]:
        """Return the rows that `skip` has skipped, and that belong to the record of another row."""
        return self._skipped

    def last_met(self, source_hash: str) -> int:
        """
        Return the last settled occurrence that was among the rows counted so far.

        It is 0 if fewer are settled than were counted.
        """
        settled, met = self._rank(source_hash), self._count_met(source_hash)
        return 0 if settled is None or not 0 < met <= len(settled) else settled[met - 1]

    def was_met(self, source_hash: str, occurrence: int) -> bool:
        """Return whether this settled row was among those counted so far."""
        return self._is_among(source_hash, occurrence, self._count_met(source_hash))

    def met(self, hashes: Iterable[str]) -> set[str]:
        """Return those of many source hashes of which rows were counted so far."""
        wanted = set(hashes)
        found = wanted & self._seen.keys()
        if self._created is not None:
            rest = [*wanted - found]
            places = zip(rest, self._created.find(rest), strict=True)
            found |= {one for one, at in places if at is not None and self._met[at]}
        return found

    def have_met(self, keys: Sequence[str]) -> list[bool]:
        """Return for each of many keys whether a row that it may have created was counted."""
        if self._created is None:
            return [False] * len(keys)
        return [at is not None and self._met[at] > 0 for at in self._created.find_keys(keys)]

    def _count_met(self, source_hash: str) -> int:
        seen = self._seen.get(source_hash, 0)
        if not seen and self._created is not None:
            position = self._created.find([source_hash])[0]
            seen = 0 if position is None else self._met[position]
        return seen

    def says_the_same(self, other: SettledRows) -> bool:
        """Return whether the same rows are settled in both, in `CreatedIndex` or not."""
        return (
            self._count() == other._count()
            and all(other.holds(*row) for row in self._others)
            and all(self.holds(*row) for row in other._others)
        )

    def _count(self) -> int:
        """Return how many rows are settled."""
        if self._created is None:
            return len(self._others)
        first = [source_hash for source_hash, occurrence in self._others if occurrence == 1]
        both = sum(position is not None for position in self._created.find(first))
        return len(self._created) + len(self._others) - both

    def occurrence_for(self, source_hash: str, nth: int) -> int:
        """
        Return the occurrence of the `nth` of equal rows; settled occurrences come first.

        So if one of two equal rows was created, and either of them is deleted, nothing is sent.
        """
        settled = self._rank(source_hash)
        if settled is None:
            return nth
        if nth <= len(settled):
            return settled[nth - 1]
        left = nth - len(settled)
        # The number of settled ones that have fewer than `left` others before them.
        return left + bisect_left(range(len(settled)), left, key=lambda at: settled[at] - at - 1)

    def _rank(self, source_hash: str) -> list[int] | None:
        """Return the settled occurrences in order, or None if there is at most the first one."""
        later = self._later.get(source_hash)
        if later is None:
            return None
        settled = self._ranked.get(source_hash)
        if settled is None:
            settled = sorted([1, *later] if self.holds(source_hash, 1) else later)
            self._ranked[source_hash] = settled
        return settled

    def see(self, source_hash: str) -> int:
        """Count one more row with this hash. Returns its number among equal rows, from 1."""
        position = None
        if self._created is not None and source_hash not in self._seen:
            position = self._created.find([source_hash])[0]
        return self._see(source_hash, position)

    def _see(self, source_hash: str, position: int | None) -> int:
        seen = self._seen.get(source_hash)
        if seen is None and position is not None:
            if not self._met[position]:
                self._met[position] = 1
                return 1
            seen = 1
        self._seen[source_hash] = (seen or 0) + 1
        return self._seen[source_hash]

    def holds(self, source_hash: str, occurrence: int) -> bool:
        """Return whether this very row is settled."""
        if (source_hash, occurrence) in self._others:
            return True
        if occurrence != 1 or self._created is None:
            return False
        return self._created.find([source_hash])[0] is not None

    def have_created(self, hashes: Sequence[str]) -> Sequence[bool]:
        """Return for each of many source hashes whether `created_key` returns a key."""
        if self._created is None:
            return [False] * len(hashes)
        return [position is not None for position in self._created.find(hashes)]

    def created_key(self, source_hash: str) -> str | None:
        """Return the key that a row in `CreatedIndex` was created with."""
        if self._created is None:
            return None
        position = self._created.find([source_hash])[0]
        return None if position is None else self._created.key(position)

    def see_all(self, hashes: Sequence[str]) -> Iterator[tuple[int | None, int]]:
        """
        Count a batch of rows. Yields (position in `CreatedIndex`, number among equal rows) of each.

        The position is that of the first equal row, or None if that was not created.
        """
        if self._created is None:
            positions: list[int | None] = [None] * len(hashes)
        else:
            positions = self._created.find(hashes)
        for source_hash, position in zip(hashes, positions, strict=True):
            occurrence = self._see(source_hash, position)
            if position is not None and occurrence == 1:
                self._next = position + 1
            yield position, occurrence

    def skip(self, hashes: Sequence[str]) -> list[tuple[int, int]]:
        """Count a batch of rows. Returns (index, occurrence) of those that are not settled."""
        if self.take_whole(hashes) is not None:
            return []
        left = []
        for index, (position, nth) in enumerate(self.see_all(hashes)):
            if position is not None and nth == 1:
                continue
            occurrence = self.occurrence_for(hashes[index], nth)
            where = hashes[index], occurrence
            if where in self._others:
                if where in self._known:
                    self._skipped.append(where)
                continue
            if not (occurrence == 1 and position is not None):
                left.append((index, occurrence))
        return left

    def take_whole(self, hashes: Sequence[str]) -> int | None:
        """
        Count a batch that is in `CreatedIndex` in exactly the same order.

        Returns its first position, or None if it is not there; then nothing is counted.
        """
        if self._created is None:
            return None
        if self._seen and not self._seen.keys().isdisjoint(hashes):
            return None
        begin, end = self._next, self._next + len(hashes)
        if any(self._met[begin:end]) or not self._created.has_next(begin, hashes):
            return None
        self._met[begin:end] = b"\1" * len(hashes)
        self._next = end
        return begin

    def look_ahead(self, batches: Iterable[Sequence[str]]) -> None:
        """Read, once, the hashes of all rows of the source, for `is_present`."""
        self._present_at = bytearray(len(self._met))
        settled = {source_hash for source_hash, _ in self._others}
        for hashes in batches:
            if self._created is not None:
                for position in self._created.find(hashes):
                    if position is not None:
                        self._present_at[position] = 1
            self._present.update(filter(settled.__contains__, hashes))

    def count_created(self) -> int:
        """Return how many rows are in `CreatedIndex`."""
        return len(self._met)

    def count_present(self) -> int:
        """Return how many rows of `CreatedIndex` are in the source."""
        return self._present_at.count(1)

    def present(self, rows: Iterable[tuple[str, int]]) -> Iterator[tuple[str, int]]:
        """Yield those of some rows that were added one by one and are in the source."""
        return (row for row in rows if self._present.get(row[0]) and self.is_present(*row))

    def others(self) -> Collection[tuple[str, int]]:
        """Return the rows that were added one by one."""
        return self._others

    def is_any_present(self, source_hash: str) -> bool:
        """Return whether the source has a row with the content of one that was added by itself."""
        return bool(self._present.get(source_hash))

    def is_present(self, source_hash: str, occurrence: int) -> bool:
        """Return whether this settled row is in the source, by its content."""
        count = self._present.get(source_hash, 0)
        if not count and self._created is not None:
            position = self._created.find([source_hash])[0]
            count = 0 if position is None else self._present_at[position]
        return self._is_among(source_hash, occurrence, count)

    def _is_among(self, source_hash: str, occurrence: int, count: int) -> bool:
        """Return whether this occurrence is among `count` rows with this content."""
        settled = self._rank(source_hash)
        if settled is None:
            return occurrence == 1 and count > 0
        return occurrence in settled[:count]
