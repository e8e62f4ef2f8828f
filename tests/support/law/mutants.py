"""The decisions about rows with one part of the law taken out: the machine has to notice each."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any
from unittest import mock

from importer.marks import Marker, Marks
from importer.running import recall
from importer.running.earlier_mappings import EarlierMappings
from importer.running.job import Job
from importer.writer import Ledger
from importer.writer.ledger.doubts import Doubts
from importer.writer.ledger.key_state import KeyState
from importer.writer.ledger.ownership import Ownership
from importer.writer.ledger.recogniser import Recogniser

__all__ = ["MUTANTS", "mutated"]

_decide, _refuse = Ledger.decide, Ledger.refuse
_marks = Marker.marks


_number = itertools.count()


def _without_meaning(self: Marker, *arguments: Any, **others: Any) -> Marks:
    return replace(_marks(self, *arguments, **others), meaning=f"{next(_number):08}")


MUTANTS: dict[str, list[tuple[Any, str, Any]]] = {
    "earlier mappings are forgotten": [(EarlierMappings, "forms", lambda *_: iter(()))],
    "a record is that of as many rows as it fits": [(Ownership, "claim", lambda *_: None)],
    "a record is not first that of its own row": [(Ownership, "owners", lambda *_: [])],
    "a copy inherits nothing": [(Ownership, "_heirs_of", lambda *_: {})],
    "values written otherwise are others": [(Marker, "marks", _without_meaning)],
    "contact points are not compared": [(Marks, "may_be", lambda *_, **__: False)],
    "copies are new rows": [
        (Recogniser, "_by_copy", lambda *_: None),
        (Recogniser, "_by_same_today", lambda *_: None),
    ],
    "decisions made under other settings stay": [(Job, "decides", None)],
    "an unclear request counts as refused": [
        (KeyState, "is_refused", property(lambda self: not self.is_created and not self.in_flight))
    ],
    "a row in doubt is sent with its new key": [(Doubts, "hold_back", lambda *_: None)],
    "rows that were refused go first": [
        (Ledger, "decide", lambda *row, **_: _decide(*row, is_last_chance=True)),
        (Ledger, "refuse", lambda *row, **_: _refuse(*row, is_last_chance=True)),
    ],
    "records of another target count": [(recall, "check_target", lambda *_: False)],
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
