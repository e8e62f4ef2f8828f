"""The decisions about rows with one part of the law taken out: the machine has to notice each."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any
from unittest import mock

from importer.matching import equal_rows, matcher, row_ties
from importer.matching.content import ContentMatcher
from importer.matching.hashes import Hasher, MatchHashes
from importer.matching.matcher import Matcher
from importer.matching.open_rows import OpenRow
from importer.matching.row_ties import RowTies
from importer.matching.ties import Level, Tie, tie_of
from importer.run import loaded_import
from importer.run.job import Job
from importer.run.mapping_history import EarlierMappings
from importer.run.plan_execution import PlanExecution
from importer.writer.state.idempotency_keys import KeyState
from importer.writer.state.journal_state import JournalState

__all__ = ["MUTANTS", "mutated"]

_hashes = Hasher.hashes
_number = itertools.count()


def _without_meaning(self: Hasher, *arguments: Any, **others: Any) -> MatchHashes:
    return replace(_hashes(self, *arguments, **others), meaning=f"{next(_number):08}")


def _alike_alone(*arguments: Any) -> Tie | None:
    tie = tie_of(*arguments)
    return tie if tie is not None and tie.level is Level.ALIKE else None


def _always_certain(*arguments: Any) -> Tie | None:
    tie = tie_of(*arguments)
    return None if tie is None else tie._replace(level=min(tie.level, Level.CERTAIN))


def _to_anyone(units: Any, ties: Any) -> dict[Any, Any]:
    """Give every unit its first record, whoever else has it."""
    return {unit: min(ties[unit])[1] for unit in units if ties[unit]}


def _by_key_alone(self: Matcher, row: OpenRow, request: Any) -> bool:
    return request.base in {*self._ties.keys_on_record(row.today.key), row.today.row_key()}


_Change = tuple[Any, str, Any]

MUTANTS: dict[str, list[_Change]] = {
    # Who is known by content
    "a record is not first that of its own row": [(ContentMatcher, "is_held", lambda *_: False)],
    "a copy inherits nothing": [(JournalState, "_stays", lambda *_: False)],
    "later versions of a row are forgotten": [(JournalState, "reported", lambda _: iter(()))],
    "decisions made under other settings stay": [(Job, "decides", None)],
    # What ties
    "earlier mappings are forgotten": [(EarlierMappings, "forms", lambda *_: iter(()))],
    "what an earlier mapping sent ties nobody": [(RowTies, "_ties_then", lambda *_: iter(()))],
    "values written otherwise are others": [(Hasher, "hashes", _without_meaning)],
    "contact points are not compared": [(row_ties, "tie_of", _alike_alone)],
    "what may be is certain": [(row_ties, "tie_of", _always_certain)],
    "a shared detail is one's own": [(RowTies, "_is_own", lambda *_: lambda _: True)],
    "a namesake is never somebody else": [(Matcher, "_is_in_use", lambda *_: True)],
    # Whose record it is
    "a record is that of as many rows as it fits": [(matcher, "assign", _to_anyone)],
    # Rows that are one
    "equal rows are several": [(equal_rows, "shared_values", lambda row, _: [row.at])],
    "copies are new rows": [(Matcher, "_like_another", lambda *_: None)],
    "rows that are sent alike are one": [(OpenRow, "has_detail", property(lambda _: True))],
    "rows that are sent alike are several": [(Matcher, "_like_one_seen", lambda *_: None)],
    "an identity is believed whatever the name": [(row_ties, "_has_same_name", lambda *_: True)],
    # Requests without a clear answer
    "an unclear request counts as refused": [
        (KeyState, "is_refused", property(lambda self: not self.is_created, lambda *_: None))
    ],
    "a row in doubt is sent with its new key": [(Matcher, "_holds", lambda *_: False)],
    "a row in doubt is sent with a key of other content": [(Matcher, "_sends", _by_key_alone)],
    "a row takes the request of another one": [(Matcher, "_give_own_requests", lambda *_: None)],
    "a row in doubt is somebody who is gone": [(Matcher, "_left_over", lambda *_: None)],
    # Around them
    "rows that were refused go first": [(PlanExecution, "_is_retry", lambda *_: False)],
    "records of another target count": [(loaded_import, "check_target", lambda *_: False)],
}


@contextmanager
def mutated(name: str) -> Iterator[None]:
    """Break the law in the way `name` says, as long as the context lasts."""
    patches = [mock.patch.object(*change) for change in MUTANTS[name]]
    for patch in patches:
        patch.start()
    try:
        yield
    finally:
        for patch in patches:
            patch.stop()
