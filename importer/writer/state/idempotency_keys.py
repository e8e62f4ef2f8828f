"""The state of each idempotency key: its requests, their answers, its record."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from importer.core import keys
from importer.core.clock import instant
from importer.core.records import Origin, Outcome, RowError, Status
from importer.writer.index.created_rows import CreatedRows
from importer.writer.lines.row_line import RequestLine, RowLine

UNCLEAR = "unclear"
"""The code of a row that is not sent, since an earlier request may have created it."""
NOT_THERE = "not_there"
"""The code of a row that an export of the CRM lacks: it may be sent again, with the same key."""
_KEYED = {Status.CREATED, Status.FAILED, Status.UNKNOWN}


@dataclass(slots=True)
class KeyState:
    """
    The state of one key.

    `status` is None from the first `sent` line until there is an outcome. `attempt` is the current
    attempt, or 0 if no request was accepted yet. `sent` is the time of the first request of the
    current attempt by the clock of the keys, `sent_at` the same time as it is on record; both are
    None if unknown. It `is_refused` if every request with the key was clearly refused, whether that
    is the outcome or another attempt follows. If it `is_presumed`, a request may have been sent,
    with this key or another one. `requests` counts the requests of the attempt. `source_hash`,
    `occurrence` and `corrected` identify the row that was sent (`RowIdentity`). If it `is_cleared`,
    an export of the CRM has shown that no request so far has made a record. `run` is the run that
    has recorded its outcome.
    """

    attempt: int = 1
    sent: float | None = None
    sent_at: str | None = None
    is_presumed: bool = False
    requests: int = 0
    status: Status | None = None
    row: int | None = None
    source_hash: str = ""
    occurrence: int = 1
    corrected: str | None = None
    row_hash: str | None = None
    external_id: str | None = None
    record_url: str | None = None
    error: RowError | None = None
    is_refused: bool = False
    unproven: bool = False
    is_cleared: bool = False
    run: str | None = None

    @property
    def is_created(self) -> bool:
        """Whether a record was created with this key."""
        return self.status is Status.CREATED

    @property
    def is_unclear(self) -> bool:
        """Whether a request with this key may have created a record that is not known."""
        return not self.is_created and not self.is_refused

    def says_the_same(self, other: KeyState) -> bool:
        """
        Return whether both lead to the same decisions; it is enough to count two requests.

        Once a record was created, the requests for it do not matter.
        """
        is_over = self.is_created and other.is_created
        mine, theirs = (
            replace(
                one,
                run=None,
                sent=None,
                sent_at=None if is_over else one.sent_at,
                requests=0 if is_over else min(one.requests, 2),
            )
            for one in (self, other)
        )
        both_known = is_over or (self.sent is None) == (other.sent is None)
        return mine == theirs and both_known

    def key(self, base: str) -> str:
        """Return the key of the current attempt; `base` is the key of the first one."""
        return _attempt(base, self.attempt)

    def next_key(self, base: str) -> str:
        """Return the key of the next attempt."""
        return _attempt(base, self.attempt + 1)


def _attempt(base: str, attempt: int) -> str:
    return base if attempt <= 1 else f"{base}-{attempt}"


def was_held_back(outcome: Outcome) -> bool:
    """Return whether a run sent no request for an unknown row, because an earlier one is open."""
    error = outcome.error
    if outcome.status is not Status.UNKNOWN or error is None:
        return False
    return error.code == UNCLEAR or error.origin in {Origin.READER, Origin.MAPPER}


class IdempotencyKeys:
    """The state of each key. Takes the lines of a results file in their order."""

    def __init__(self) -> None:
        self._clock = _RecordClock()
        self._created = CreatedRows()
        self._states: dict[str, KeyState] = {}
        self._sent: dict[str, list[str]] = {}
        self._change_of: dict[str, str] = {}
        """By key of what was sent since its row had changed: the key of the record before it."""
        self._sent_again: dict[str, str] = {}
        """By key of a record: the key with which its changed row was sent last."""
        self._unaccepted: set[tuple[str, str]] = set()
        self._not_created: set[str] = set()

    def take(self, created: CreatedRows) -> None:
        """Set the created rows, before anything else; their lines are not passed one by one."""
        self._created = created

    @property
    def is_empty(self) -> bool:
        """Whether no key is on record."""
        return not self._states and not self._created

    def note_time(self, at: str | None) -> float | None:
        """Note the time of a line, in file order, and return it on the clock of the keys."""
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
            base = keys.key_base(key)
            self._link(line.source_hash, base)
            if line.change_of is not None:
                self._note_change(base, line.change_of)

    def _note_change(self, base: str, before: str) -> None:
        """Note that a changed row was sent; links that would close a circle are left out."""
        if self.first_of(before) != base and self._change_of.setdefault(base, before) == before:
            self._sent_again[before] = base

    def first_of(self, base: str) -> str:
        """Return the key of the first record of what was sent again since its row had changed."""
        while (before := self._change_of.get(base)) is not None:
            base = before
        return base

    @property
    def sent_again(self) -> Collection[str]:
        """The keys with which changed rows were sent."""
        return self._change_of.keys()

    def latest_of(self, base: str) -> str:
        """Return the key of the latest record of what was sent again."""
        while (later := self._sent_again.get(base)) is not None:
            state = self.find(later)
            if state is None or not state.is_created:
                break
            base = later
        return base

    def _note_unsent(self, key: str) -> None:
        """Forget an attempt without an accepted request; the attempt before it was refused."""
        base, attempt = keys.key_base(key), keys.key_attempt(key)
        state = self._states.get(base)
        if state is None or state.attempt != attempt:
            return
        if state.status is not None or state.is_refused:
            return
        state.attempt, state.is_refused = attempt - 1, True
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
        state.attempt, state.status, state.is_refused = attempt, None, line.kind == "refused"
        state.is_cleared = False
        state.row = line.row
        state.source_hash, state.occurrence = line.source_hash, line.occurrence or 1

    def note_row(self, line: RowLine) -> None:
        """Note the outcome of a row in an earlier run."""
        outcome = line.outcome
        if not keys.is_key(outcome.idempotency_key) or outcome.status not in _KEYED:
            return
        base = keys.key_base(outcome.idempotency_key)
        if base not in self._states or not was_held_back(outcome):
            self.note_outcome(outcome)
        if outcome.status is not Status.CREATED:
            self._link(outcome.source_hash, base)

    def _link(self, source_hash: str, base: str) -> None:
        bases = self._sent.setdefault(source_hash, [])
        if base not in bases:
            bases.append(base)

    def note_outcome(self, outcome: Outcome) -> None:
        """Note an outcome that is about its own key."""
        if not keys.is_key(outcome.idempotency_key) or outcome.status not in _KEYED:
            return
        base = keys.key_base(outcome.idempotency_key)
        state = self._states.setdefault(base, KeyState())
        if state.is_created:
            return  # what was created stays created, whatever a later line says
        attempt = keys.key_attempt(outcome.idempotency_key)
        if attempt != state.attempt:
            state.sent = state.sent_at = None
            state.is_presumed = False
            state.requests = 0
        # One request and one answer prove enough, whatever version wrote them.
        state.unproven = outcome.unproven and (state.requests > 1 or state.unproven)
        state.attempt, state.status = attempt, outcome.status
        state.is_refused = outcome.status is Status.FAILED and not state.unproven
        state.row, state.row_hash = outcome.number, outcome.row_hash
        state.source_hash, state.occurrence = outcome.where
        state.corrected = outcome.corrected
        state.external_id, state.record_url = outcome.external_id, outcome.record_url
        state.error, state.run = outcome.error, outcome.run
        state.is_cleared = outcome.error is not None and outcome.error.code == NOT_THERE

    def says_the_same(self, other: IdempotencyKeys) -> bool:
        """
        Return whether both have the same state of every key.

        It does not matter which created rows were read one by one, and which in a block.
        """
        for base in self._states.keys() | other._states.keys():
            mine, theirs = self.find(base), other.find(base)
            if mine is None or theirs is None or not mine.says_the_same(theirs):
                return False
        return (
            self._open_keys() == other._open_keys()
            and self._unaccepted == other._unaccepted
            and self._change_of == other._change_of
            and self._sent_again == other._sent_again
        )

    def _open_keys(self) -> dict[str, set[str]]:
        """Return the keys that rows were sent with, by source hash, without those created."""
        found = {
            source_hash: {base for base in bases if not self._states[base].is_created}
            for source_hash, bases in self._sent.items()
        }
        return {source_hash: bases for source_hash, bases in found.items() if bases}

    def unclear(self) -> Iterator[tuple[str, KeyState]]:
        """Yield each key (of the first attempt) whose request may have made a record."""
        for base in list(self._states):
            state = self.find(base)
            if state is not None and state.is_unclear:
                yield base, state

    def was_made_by_another(self, key: str, source_hash: str) -> bool:
        """Return whether a request with this key was accepted for another row, not for this one."""
        if (key, source_hash) not in self._unaccepted:
            return False
        state = self.find(keys.key_base(key))
        return state is not None and state.source_hash != source_hash

    def find(self, base: str) -> KeyState | None:
        """Return the state of a key; `base` is that of its first attempt."""
        state = self._states.get(base)
        is_open = state is None or not state.is_created
        if self._created and is_open and base not in self._not_created:
            outcome = self._created.find_key(base)
            if outcome is None:
                self._not_created.add(base)  # a row is asked for the same keys many times
            else:
                state = self._states[base] = KeyState()
                self.note_outcome(outcome)
        return state

    def may_have(self, bases: Sequence[str]) -> Iterator[bool]:
        """Yield for each of many keys of first attempts whether it may be on record."""
        for base, place in zip(bases, self._created.find_keys(bases), strict=True):
            yield place is not None or base in self._states

    def made_of(self, bases: Sequence[str], positions: Sequence[int]) -> Iterator[str | None]:
        """
        Yield the `row_hash` of the values that the record of each key was made of, or None.

        `positions` are those of `CreatedRows.find_keys`. It is also None if the row was corrected.
        """
        sent = self._created.sent(positions)
        for base, (key, row_hash) in zip(bases, sent, strict=True):
            if (state := self._states.get(base)) is None:
                yield row_hash if key == base else None
            else:
                yield state.row_hash if state.is_created and state.corrected is None else None

    def sent_keys(self, source_hash: str) -> list[str]:
        """Return the keys (of first attempts) that a row was sent with, or held back for."""
        return self._sent.get(source_hash, [])

    def is_older(self, state: KeyState, lifetime: timedelta, now: datetime) -> bool:
        """Return whether a key was first sent longer ago than `lifetime`, or at an unknown time."""
        if state.sent is None:
            return True
        return self._clock.to(now) - state.sent > lifetime.total_seconds()


class _RecordClock:
    """
    A clock that follows the recorded times forward, and never goes back.

    If the system clock was set back, only the steps forward before and after that are counted. So
    an age may be too high if the clock was wrong, but never too low for the recorded times.
    """

    def __init__(self) -> None:
        self._last: float | None = None
        self._set_back = 0.0
        self._noted: tuple[str | None, float | None] = None, None

    def note(self, at: str | None) -> float | None:
        """
        Note the `at` of a line, in file order.

        Returns it in seconds on this clock, or None if it is not a time.
        """
        if at != self._noted[0]:  # many lines have the time of the one before
            time = instant(at)
            self._noted = at, None if time is None else self.to(time)
        return self._noted[1]

    def to(self, time: datetime) -> float:
        """Move on to a time. Returns the seconds on this clock."""
        seconds = time.timestamp()
        if self._last is not None and seconds < self._last:
            self._set_back += self._last - seconds
        self._last = seconds
        return seconds + self._set_back
