"""A service that makes one record a key, and remembers what it was asked."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from importer.core import keys
from importer.core.locale.message import Message
from importer.core.records import Origin, Outcome, RowError, Send, Status
from law.lists import Line, ListMapping
from law.truth import Made

__all__ = ["FATES", "Fate", "Service"]

Fate = Literal[
    "answered", "lost on the way", "answer lost", "refused", "crash before", "crash after"
]
FATES: tuple[Fate, ...] = (
    "answered", "lost on the way", "answer lost", "refused", "crash before", "crash after",
)  # fmt: skip


@dataclass(slots=True)
class Service:
    """
    Keeps what it made under its key, and refuses the rows of `bad` people.

    `unclear` are the requests that may have made a record for all the importer knows.
    """

    made: list[Made] = field(default_factory=list)
    bad: set[int] = field(default_factory=set)
    unclear: dict[str, Made] = field(default_factory=dict)
    _stored: dict[str, tuple[dict[str, object], str]] = field(default_factory=dict)
    _refused: set[str] = field(default_factory=set)

    def made_as(self, external_id: str) -> Made:
        """Return the record with this id."""
        return self.made[int(external_id.removeprefix("x")) - 1]

    def leave(self, send: Send, line: Line, mapping: ListMapping) -> None:
        """Take a request that leaves. Raises `AssertionError` where its key must not be used."""
        base, attempt = keys.key_base(send.key), keys.key_attempt(send.key)
        before = base if attempt == 2 else f"{base}-{attempt - 1}"
        assert attempt == 1 or before in self._refused, "a new key after no clear refusal"
        assert send.unclear or send.key not in self.unclear, "an unclear request is taken for clear"
        self.unclear[send.key] = Made(line, mapping, send.key)

    def answer(self, send: Send, line: Line, mapping: ListMapping, fate: Fate) -> Outcome | None:
        """Deal with a request. Returns what the importer hears of it: None where it dies."""
        if fate in {"crash before", "lost on the way"}:
            return None if fate == "crash before" else _unknown(send)
        outcome = self._deal(send, line, mapping, refuses=fate == "refused")
        if fate == "crash after":
            return None
        if fate == "answer lost":
            return _unknown(send)
        if outcome.status is Status.CREATED:
            del self.unclear[send.key]
        elif send.unclear:
            return _unknown(send)
        elif outcome.error is not None and outcome.error.code != "conflict":
            del self.unclear[send.key]
            self._refused.add(send.key)
        return outcome

    def _deal(self, send: Send, line: Line, mapping: ListMapping, *, refuses: bool) -> Outcome:
        fields: dict[str, object] = dict(send.record.fields)
        stored = self._stored.get(send.key)
        if stored is None:
            if refuses or line.who in self.bad:
                return send.outcome(Status.FAILED, error=_error("validation_error"))
            self.made.append(Made(line, mapping, send.key))
            stored = self._stored[send.key] = fields, f"x{len(self.made)}"
        if stored[0] != fields:
            return send.outcome(Status.FAILED, error=_error("conflict"))
        return send.outcome(Status.CREATED, external_id=stored[1])


def _unknown(send: Send) -> Outcome:
    return send.outcome(Status.UNKNOWN, error=_error("timeout"))


def _error(code: str) -> RowError:
    return RowError(code=code, origin=Origin.API, message=Message("no"))
