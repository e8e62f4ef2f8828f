"""Gives records to rows: each record to one row, as many rows as possible, strong ties first."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterable, Mapping, Sequence
from typing import TypeVar

_Unit = TypeVar("_Unit", bound=Hashable)
_Record = TypeVar("_Record", bound=Hashable)
_Rank = TypeVar("_Rank", int, tuple[int, ...])


def assign(
    units: Sequence[_Unit], ties: Mapping[_Unit, Iterable[tuple[_Rank, _Record]]]
) -> dict[_Unit, _Record]:
    """
    Return the record of each unit that gets one.

    `ties` are (rank, record) pairs, the lowest rank the strongest. As many units as possible get a
    record of the first rank, then of the next ones; among equal ties the order of `units` decides.
    A unit moves on to another of its records if it leaves its own to one that has no other
    (augmenting paths, as in Kuhn's algorithm for bipartite matching).

    >>> assign(["ada", "bo"], {"ada": [(1, "r1"), (1, "r2")], "bo": [(1, "r1")]})
    {'ada': 'r2', 'bo': 'r1'}
    """
    by_rank: dict[_Rank, dict[_Unit, list[_Record]]] = defaultdict(dict)
    for unit in units:
        for rank, record in ties.get(unit, ()):
            by_rank[rank].setdefault(unit, []).append(record)
    open_to: dict[_Unit, dict[_Record, None]] = {unit: {} for unit in units}
    given: dict[_Unit, _Record] = {}
    holder: dict[_Record, _Unit] = {}
    for rank in sorted(by_rank):
        for unit, records in by_rank[rank].items():
            open_to[unit].update(dict.fromkeys(records))
        hopeless: set[_Record] = set()  # no path from these leads to a free record at this rank
        for unit in units:
            if unit not in given and open_to[unit]:
                _augment(unit, open_to, given, holder, hopeless)
    return given


def _augment(
    unit: _Unit,
    open_to: Mapping[_Unit, Iterable[_Record]],
    given: dict[_Unit, _Record],
    holder: dict[_Record, _Unit],
    hopeless: set[_Record],
) -> None:
    """Give a unit a record, and others another one for it, if there is a way."""
    came_from: dict[_Record, _Unit] = {}
    waiting = [unit]
    for one in waiting:
        for record in open_to[one]:
            if record in came_from or record in hopeless:
                continue
            came_from[record] = one
            if record in holder:
                waiting.append(holder[record])
                continue
            _hand_over(record, came_from, given, holder)
            return
    hopeless.update(came_from)


def _hand_over(
    free: _Record,
    came_from: Mapping[_Record, _Unit],
    given: dict[_Unit, _Record],
    holder: dict[_Record, _Unit],
) -> None:
    """Give a free record to the unit that was led to it, that one's to the next, and so on."""
    record: _Record | None = free
    while record is not None:
        taker = came_from[record]
        before = given.get(taker)
        given[taker], holder[record] = record, taker
        record = before
