"""The decisions about rows with one part of the law taken out: the machine has to notice each."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any
from unittest import mock

from importer.matching import matcher
from importer.matching.content import ContentMatcher
from importer.matching.hashes import Hasher, MatchHashes
from importer.matching.matcher import Matcher, OpenRow
from importer.matching.ties import Level, Tie
from importer.running import recall
from importer.running.carrying_out import CarryingOut
from importer.running.earlier_mappings import EarlierMappings
from importer.running.job import Job
from importer.writer import KeyState

__all__ = ["MUTANTS", "mutated"]

_hashes, _tie_of = Hasher.hashes, matcher.tie_of

_number = itertools.count()


def _without_meaning(self: Hasher, *arguments: Any, **others: Any) -> MatchHashes:
    return replace(_hashes(self, *arguments, **others), meaning=f"{next(_number):08}")


def _alike_alone(*arguments: Any) -> Tie | None:
    tie = _tie_of(*arguments)
    return tie if tie is not None and tie.level is Level.ALIKE else None


def _to_anyone(units: Any, ties: Any) -> dict[Any, Any]:
    """Give every unit its first record, whoever else has it."""
    return {unit: min(ties[unit])[1] for unit in units if ties[unit]}


MUTANTS: dict[str, list[tuple[Any, str, Any]]] = {
    "earlier mappings are forgotten": [(EarlierMappings, "forms", lambda *_: iter(()))],
    "a record is that of as many rows as it fits": [(matcher, "assign", _to_anyone)],
    "a record is not first that of its own row": [(ContentMatcher, "is_held", lambda *_: False)],
    "values written otherwise are others": [(Hasher, "hashes", _without_meaning)],
    "contact points are not compared": [(matcher, "tie_of", _alike_alone)],
    "copies are new rows": [(Matcher, "_like_another", lambda *_: None)],
    "decisions made under other settings stay": [(Job, "decides", None)],
    "an unclear request counts as refused": [
        (KeyState, "is_refused", property(lambda self: not self.is_created))
    ],
    "a row in doubt is sent with its new key": [(Matcher, "_holds", lambda *_: False)],
    "rows that were refused go first": [(CarryingOut, "_is_retry", lambda *_: False)],
    "records of another target count": [(recall, "check_target", lambda *_: False)],
    "people who share a detail are one": [
        (OpenRow, "has_detail", property(lambda _: True)),
    ],
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
