"""Collects the lines of a results file by idempotency key."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from functools import cached_property

from importer import keys
from importer.records import Outcome, Status
from importer.writer.ledger.decisions import NOT_THERE, was_held_back
from importer.writer.ledger.key_state import KeyState
from importer.writer.ledger.protocols import CreatedIndex
from importer.writer.lines.request import RequestLine
from importer.writer.lines.row import RowLine

__all__ = ["KeysOnRecord"]

_KEYED = {Status.CREATED, Status.FAILED, Status.UNKNOWN}


class KeysOnRecord:
    """The state of each key, from earlier runs and this one."""

    def __init__(self) -> None:
        self._clock = _RecordClock()
        self._created: CreatedIndex | None = None
        self._states: dict[str, KeyState] = {}
        self._sent: dict[str, list[str]] = {}
        self._reported: set[tuple[str, str | None]] = set()
        self._unaccepted: set[tuple[str, str]] = set()

    def take(self, created: CreatedIndex) -> None:
        """Set the created rows, before anything else; their lines are not passed one by one."""
        self._created = created

    def note_time(self, at: str | None) -> float | None:
        """Note the time of a line, in file order, and return it on the clock of the ledger."""
        return self._clock.note(at)

    def note_request(self, line: RequestLine, at: float | None) -> None:
        """Note a line about a request, with its time from `note_time`."""
        key = line.idempotency_key
        if line.kind == "unsent":
            self._unaccepted.add((key, line.source_hash))
            self._note_unsent(key)
            return
        self._note_sent(line, at)
        if line.kind == "sent":
            self._unaccepted.discard((key, line.source_hash))
            self._link(line.source_hash, keys.key_base(key))

    def _note_unsent(self, key: str) -> None:
        """Forget an attempt whose requests were not accepted; the attempt before was refused."""
        base, attempt = keys.key_base(key), keys.key_attempt(key)
        state = self._states.get(base)
        if state is None or state.status is not None or state.attempt != attempt or state.refused:
            return
        state.attempt, state.refused = attempt - 1, True
        state.sent = state.sent_at = None
        state.is_presumed = False

    def _note_sent(self, line: RequestLine, at: float | None) -> None:
        key = line.idempotency_key
        attempt = keys.key_attempt(key)
        state = self._states.setdefault(keys.key_base(key), KeyState(attempt=attempt))
        if state.is_created or attempt < state.attempt:
            return
        is_anew = attempt > state.attempt or state.is_cleared
        if is_anew or state.sent_at is None:
            state.sent, state.sent_at = at, None if at is None else line.at
        state.is_presumed = line.is_presumed or (state.is_presumed and not is_anew)
        state.requests = state.requests if attempt == state.attempt else 0
        state.requests += line.kind == "sent"
        if attempt > state.attempt or line.source_hash != state.source_hash:
            state.row_hash = None  # it is sent with other content than before
        state.attempt, state.status, state.refused = attempt, None, line.kind == "refused"
        state.is_cleared = False
        state.row = line.row
        state.source_hash, state.occurrence = line.source_hash, line.occurrence or 1

    def note_row(self, line: RowLine) -> None:
        """Note the outcome of a row in an earlier run."""
        outcome = line.outcome
        if _is_change(outcome) and outcome.idempotency_key is not None:
            self._reported.add((outcome.idempotency_key, outcome.row_hash))
        if not keys.is_key(outcome.idempotency_key) or outcome.status not in _KEYED:
            return
        base = keys.key_base(outcome.idempotency_key)
        if base not in self._states or not was_held_back(outcome):
            self.note_outcome(outcome, this_run=False)
        if outcome.status is not Status.CREATED:
            self._link(outcome.source_hash, base)

    def _link(self, source_hash: str, base: str) -> None:
        bases = self._sent.setdefault(source_hash, [])
        if base not in bases:
            bases.append(base)

    def note_outcome(self, outcome: Outcome, *, this_run: bool) -> None:
        """Note an outcome that says something about its key."""
        if not keys.is_key(outcome.idempotency_key) or outcome.status not in _KEYED:
            return
        base = keys.key_base(outcome.idempotency_key)
        state = self._states.setdefault(base, KeyState())
        state.in_flight = False
        if state.is_created:
            return  # what was created stays created, whatever a later line says
        attempt = keys.key_attempt(outcome.idempotency_key)
        if attempt != state.attempt:
            state.sent = state.sent_at = None
            state.is_presumed = False
            state.requests = 0
        # One request and one answer prove enough, whatever version wrote them.
        state.unproven = outcome.unproven and (state.requests > 1 or state.unproven)
        state.attempt, state.status, state.refused = attempt, outcome.status, False
        state.row, state.row_hash = outcome.number, outcome.row_hash
        state.source_hash, state.occurrence = outcome.source_hash, outcome.occurrence
        state.corrected = outcome.corrected
        state.external_id, state.record_url = outcome.external_id, outcome.record_url
        state.error, state.this_run = outcome.error, this_run
        state.is_cleared = outcome.error is not None and outcome.error.code == NOT_THERE

    def says_the_same(self, other: KeysOnRecord) -> bool:
        """
        Return whether the same is known of every key in both.

        Which created rows were read one by one, and not in a block, makes no difference.
        """
        for base in self._states.keys() | other._states.keys():
            mine, theirs = self.find(base), other.find(base)
            if mine is None or theirs is None or not mine.says_the_same(theirs):
                return False
        return (
            self._open_keys() == other._open_keys()
            and self._reported == other._reported
            and self._unaccepted == other._unaccepted
        )

    def _open_keys(self) -> dict[str, set[str]]:
        """Return the keys that rows were sent with, by source hash, without those created."""
        found = {
            source_hash: {base for base in bases if not self._states[base].is_created}
            for source_hash, bases in self._sent.items()
        }
        return {source_hash: bases for source_hash, bases in found.items() if bases}

    def unclear(self) -> Iterator[tuple[str, KeyState]]:
        """Yield each key, that of the first attempt, whose request may have made a record."""
        for base in list(self._states):
            state = self.find(base)
            if state is not None and state.is_unclear:
                yield base, state

    def was_made_by_another(self, key: str, source_hash: str) -> bool:
        """Return whether a row's request with this key was not accepted, and another row's was."""
        if (key, source_hash) not in self._unaccepted:
            return False
        state = self.find(keys.key_base(key))
        return state is not None and state.source_hash != source_hash

    def was_reported(self, outcome: Outcome) -> bool:
        """Return whether an earlier run reported the same change for a row with other content."""
        said = outcome.idempotency_key, outcome.row_hash
        return _is_change(outcome) and said in self._reported

    def begin(self, base: str, state: KeyState) -> None:
        """Note a key that this run is about to use for the first time."""
        self._states[base] = state

    def find(self, base: str) -> KeyState | None:
        """Return the state of a key; `base` is that of its first attempt."""
        state = self._states.get(base)
        if self._created is not None and (state is None or not state.is_created):
            outcome = self._created.find_key(base)
            if outcome is not None:
                state = self._states[base] = KeyState()
                self.note_outcome(outcome, this_run=False)
        return state

    def may_have(self, bases: Sequence[str]) -> Iterator[bool]:
        """Yield for each of many keys of first attempts whether something may be known of it."""
        places = [None] * len(bases) if self._created is None else self._created.find_keys(bases)
        for base, place in zip(bases, places, strict=True):
            yield place is not None or base in self._states

    def begun(self, base: str) -> KeyState | None:
        """Return the state of a key that is not that of a created row read in a block."""
        return self._states.get(base)

    @cached_property
    def has_unclear(self) -> bool:
        """
        Whether some request of an earlier run may have created a record that is not known.

        It is computed once, after all lines were loaded.
        """
        return any(state.is_unclear for state in self._states.values())

    def sent_keys(self, source_hash: str) -> list[str]:
        """Return the keys (of first attempts) that a row was sent with, or held back for."""
        return self._sent.get(source_hash, [])

    def is_older(self, state: KeyState, lifetime: timedelta, now: Callable[[], datetime]) -> bool:
        """Return whether a key was first sent longer ago than `lifetime`, or at an unknown time."""
        if state.sent is None:
            return True
        return self._clock.to(now()) - state.sent > lifetime.total_seconds()


def _is_change(outcome: Outcome) -> bool:
    """Return whether a row is changed, and not held back for what a part of a list may hide."""
    return outcome.status is Status.CHANGED and outcome.differs is True


class _RecordClock:
    """
    A clock that follows the recorded times forward, and never goes back.

    If the system clock was set back, only the steps forward before and after that are counted. So
    an age may be too high if the clock was wrong, but never too low for the recorded times.
    """

    def __init__(self) -> None:
        self._last: float | None = None
        self._set_back = 0.0

    def note(self, at: str | None) -> float | None:
        """
        Note the `at` of a line, in file order.

        Returns it in seconds on this clock, or None if it is not a time.
        """
        try:
            instant = datetime.fromisoformat(at or "")
        except ValueError:
            return None
        return self.to(instant if instant.tzinfo else instant.replace(tzinfo=UTC))

    def to(self, instant: datetime) -> float:
        """Move on to an instant. Returns the seconds on this clock."""
        seconds = instant.timestamp()
        if self._last is not None and seconds < self._last:
            self._set_back += self._last - seconds
        self._last = seconds
        return seconds + self._set_back
