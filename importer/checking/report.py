"""What a dry run returns."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from importer.checking.columns import ColumnProfile
from importer.checking.repeats import Repeated
from importer.records import Summary

__all__ = ["Changes", "CheckSummary"]


@dataclass(slots=True, kw_only=True)
class Changes:
    """
    How many values of a field are not sent as they stand in the source, and the first of them.

    `kind` is the type they were read as, `what` says what was done to them.
    """

    field: str
    kind: str
    what: str
    count: int
    before: str
    after: Any


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckSummary(Summary):
    """
    What a run would do.

    `unsent` counts the rows it would send, `requests` how many of them `limit` allows, `seconds`
    how long they take at the pace. `read_as` says of each source how it is read. `samples` are
    request bodies exactly as they would be sent, `problems` the grouped errors, all faults of a
    row counted. Of the rows that would be sent, `changes` are the values that are not sent as
    they stand, and `repeated` the phones and emails that an earlier row has too (of contacts and
    leads). `columns` are the sources' columns, each with what it holds.
    """

    read_as: tuple[str, ...] = ()
    samples: tuple[dict[str, Any], ...] = ()
    changes: tuple[Changes, ...] = ()
    repeated: tuple[Repeated, ...] = ()
    columns: tuple[ColumnProfile, ...] = ()
