"""The format of the file that all runs with the same key share on one computer."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import NamedTuple

from importer.core import systems
from importer.core.clock import NANOSECONDS

MAX_SHARED_RATE = 6000
"""Requests a minute above which a run does not share: no key has them, and locking is slow."""

# No valid time in the file is further ahead. Another run may have read the clock later and written
# first.
_FURTHEST_NS = 66 * NANOSECONDS
_RUNS = 64
_MAGIC = b"vipace02"
_HEAD = struct.Struct("<8sqq")  # magic, how many places follow, when the next request may leave
_RUN = struct.Struct("<qqqq")
_INSTANT = struct.Struct("<q")
_TOP = _HEAD.size + _RUNS * _RUN.size
_WHOLE = _TOP + MAX_SHARED_RATE * _INSTANT.size


class RunSlot(NamedTuple):
    """The entry of one run: `wants` is the time since when it has been waiting, or 0."""

    token: int
    rate: int
    sent: int
    wants: int

    def last_seen(self) -> int:
        """Return when the run last asked for a request."""
        return max(self.sent, self.wants)


@dataclass(slots=True)
class Table:
    """
    The content of the file: `places` are the latest times at which requests may be counted.

    All times are nanoseconds of the system's monotonic clock, which all processes share.
    """

    places: list[int]
    next: int
    runs: list[RunSlot]


def write_top(fd: int, table: Table) -> None:
    """Write everything except the places, with at most 64 runs. Raises `OSError`."""
    head = _HEAD.pack(_MAGIC, len(table.places), table.next)
    runs = b"".join(_RUN.pack(*run) for run in table.runs[:_RUNS])
    systems.current.write_at(fd, (head + runs).ljust(_TOP, b"\0"), 0)


def read_table(fd: int, now: int) -> Table:
    """
    Return the content of the file, or an empty table if it is invalid. Raises `OSError`.

    A time in the future is from before a restart of the computer: then the file is started anew.
    """
    data = systems.current.read_at(fd, _WHOLE, 0)
    if len(data) < _TOP:
        return Table([], 0, [])
    magic, count, next_ = _HEAD.unpack_from(data)
    end = _TOP + count * _INSTANT.size
    if magic != _MAGIC or not 0 <= count <= MAX_SHARED_RATE or end > len(data):
        return Table([], 0, [])
    slots = _RUN.iter_unpack(data[_HEAD.size : _TOP])
    runs = [RunSlot(*slot) for slot in slots if slot[0]]  # 0 is the token of an empty slot
    places = list(struct.unpack(f"<{count}q", data[_TOP:end]))
    latest = max([next_, *places, *(run.last_seen() for run in runs)])
    if latest > now + _FURTHEST_NS or not all(0 <= run.rate <= MAX_SHARED_RATE for run in runs):
        return Table([], 0, [])
    return Table(places, next_, runs)


def write_place(fd: int, index: int, instant: int) -> None:
    """Write one place. Raises `OSError`."""
    systems.current.write_at(fd, _INSTANT.pack(instant), _TOP + index * _INSTANT.size)
