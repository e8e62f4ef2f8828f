"""What is on record and what follows from it for the next row: pure decisions, no I/O."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

from importer import keys
from importer.records import Outcome, Record, Rejected, Send, Status
from importer.writer.ledger import decisions
from importer.writer.ledger.created_index import CreatedIndex
from importer.writer.ledger.key_state import KeyState
from importer.writer.ledger.record_clock import Elapsed
from importer.writer.ledger.settled import DoneRows
from importer.writer.result_lines import Line, RequestLine, RowLine

__all__ = ["Before", "Ledger", "Twin"]

_KEYED = {Status.CREATED, Status.FAILED, Status.UNKNOWN}


@dataclass(frozen=True, slots=True)
class Before:
    """So many rows, one behind the other, were created by earlier runs; nothing is to be done."""

    rows: int = 1


@dataclass(frozen=True, slots=True)
class Twin:
    """The row waits for the outcome of an equal one that is in flight."""


class Ledger:
    """
    The fold over a results file, kept up to date while a run goes on.

    Feed it the file's lines with `load`, then ask `decide` for each record in source order and
    tell it each outcome with `settle`. A row whose outcome is unclear is sent again with its key
    as long as that was sent first no more than `key_lifetime` ago, by `now`; afterwards only with
    `resend_unknown`, since the service may have forgotten the key and make a second record.
    """

    def __init__(
        self,
        *,
        retry: Literal["all", "transient", "none"] = "all",
        on_duplicate: Literal["skip", "send"] = "skip",
        on_change: Literal["report", "send"] = "report",
        namespace: str = "",
        has_identity: bool = False,
        key_lifetime: timedelta | None = None,
        resend_unknown: bool = False,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._retry = retry
        self._key_lifetime = None if resend_unknown else key_lifetime
        self._resends = resend_unknown
        self._now = now
        self._elapsed = Elapsed()
        self._on_change = on_change
        self._namespace = namespace
        self.numbers_twins = on_duplicate == "send"
        # Records of one identity are numbered by their order, whatever became of each.
        self._interchangeable = self.numbers_twins and not has_identity
        self._done = DoneRows()
        self._created: CreatedIndex | None = None
        self._keys: dict[str, KeyState] = {}
        self._last_keys: dict[str, str] = {}
        self._numbers: Counter[str] = Counter()
        self._claimed: set[str] = set()
        self._twins: dict[str, list[Outcome]] = {}

    def take(self, created: CreatedIndex) -> None:
        """Take in, before all else, rows that were created, which `load` need not be given."""
        self._created = created
        self._done.take(created)

    def load(self, lines: Iterable[Line]) -> None:
        """Take in the lines of earlier runs, in file order."""
        for line in lines:
            at = self._elapsed.note(line.at)
            if isinstance(line, RowLine):
                self._note_row(line.outcome)
            elif isinstance(line, RequestLine):
                self._note_request(line, at)

    def _note_request(self, line: RequestLine, at: float | None) -> None:
        key = line.idempotency_key
        if line.kind == "unsent":
            self._note_unsent(key)
        else:
            self._note_sent(key, at, line.at, refused=line.kind == "refused")
        if line.kind == "sent":
            self._last_keys[line.source_hash] = keys.key_base(key)

    def _note_unsent(self, key: str) -> None:
        """Forget an attempt none of whose requests was taken; the one before was refused."""
        base, attempt = keys.key_base(key), keys.key_attempt(key)
        state = self._keys.get(base)
        if state is None or state.status is not None or state.attempt != attempt or state.refused:
            return
        if attempt == 1:
            del self._keys[base]
        else:
            state.attempt, state.refused = attempt - 1, True
            state.sent = state.sent_at = None

    def _note_sent(self, key: str, at: float | None, text: str | None, *, refused: bool) -> None:
        attempt = keys.key_attempt(key)
        state = self._keys.setdefault(keys.key_base(key), KeyState(attempt=attempt))
        if state.status is Status.CREATED or attempt < state.attempt:
            return
        if attempt > state.attempt or state.sent_at is None:
            state.sent, state.sent_at = at, None if at is None else text
        state.attempt, state.status, state.refused = attempt, None, refused

    def _note_row(self, outcome: Outcome) -> None:
        if outcome.is_settled():
            self._done.add(outcome.source_hash, outcome.occurrence)
        self._note_key(outcome, this_run=False)
        if keys.is_key(key := outcome.idempotency_key):
            self._last_keys[outcome.source_hash] = keys.key_base(key)

    def _note_key(self, outcome: Outcome, *, this_run: bool) -> None:
        if not keys.is_key(outcome.idempotency_key) or outcome.status not in _KEYED:
            return
        base = keys.key_base(outcome.idempotency_key)
        state = self._keys.setdefault(base, KeyState())
        state.in_flight = False
        if state.status is Status.CREATED:
            return  # what was created stays created, whatever is said later
        attempt = keys.key_attempt(outcome.idempotency_key)
        if attempt != state.attempt:
            state.sent = state.sent_at = None
        state.attempt, state.status = attempt, outcome.status
        state.row, state.row_hash = outcome.number, outcome.row_hash
        state.external_id, state.record_url = outcome.external_id, outcome.record_url
        state.error, state.this_run = outcome.error, this_run

    def _known(self, key: str) -> KeyState | None:
        """Return what is known of the key of a first attempt."""
        state = self._keys.get(key)
        if self._created is None or key in self._claimed:
            return state
        if state is None or state.status is not Status.CREATED:
            outcome = self._created.find_key(key)
            if outcome is not None:
                state = self._keys[key] = KeyState()
                self._note_key(outcome, this_run=False)
        return state

    def pass_over(self, hashes: Sequence[str]) -> list[tuple[int, int]]:
        """
        Count the rows of a batch, in source order, by their source hashes.

        Returns (index in the batch, occurrence) of each that `decide` or `refuse` is to be asked
        about: of those that no earlier run created, or of all where equal rows are numbered.
        """
        if self.numbers_twins:
            return [(index, self.see(one)) for index, one in enumerate(hashes)]
        return self._done.pass_over(hashes)

    def see(self, source_hash: str) -> int:
        """
        Count one more row with this hash. Returns which one it is, from 1.

        Where equal rows are numbered by their content, those that are done come first.
        """
        nth = self._done.see(source_hash)
        return self._done.stands_for(source_hash, nth) if self._interchangeable else nth

    def is_done(self, source_hash: str, occurrence: int) -> bool:
        """Tell whether an earlier run created this very row."""
        return self._done.holds(source_hash, occurrence)

    def knows(self, key: str) -> bool:
        """Tell whether there is anything on record about a key (that of a first attempt)."""
        return self._known(key) is not None

    def refuse(self, rejected: Rejected, source_hash: str, occurrence: int) -> Outcome:
        """Return the outcome of a row that reader or mapper refused, with all its faults."""
        return decisions.refused(rejected, source_hash, occurrence)

    def decide(
        self, record: Record, source_hash: str, occurrence: int
    ) -> Send | Outcome | Twin | Before:
        """Tell what is to be done with a record that this run has reached."""
        done = self.is_done(source_hash, occurrence)
        if done and record.identity is None:
            return Before()
        row_hash = keys.row_hash(record.object, record.fields)
        send = Send(
            record=record,
            key=self._base(record, row_hash),
            row_hash=row_hash,
            source_hash=source_hash,
            occurrence=occurrence,
            unclear=False,
        )
        if done:
            return Before()
        state = self._known(send.key)
        if record.identity is not None and state is not None and _changed(send, state):
            changed, known = send, state
            send = replace(send, key=self._key(record, row_hash, None, 1))
            state = self._known(send.key)
            sent_before = state is not None and state.status is not Status.FAILED
            if self._on_change == "report" and not sent_before:
                return decisions.changed(changed, known.row, known.external_id)
        if state is None:
            return self._under_another_key(send) or self._first(send)
        if send.key in self._claimed or state.status is Status.CREATED:
            return self._twin(send, state)
        self._claimed.add(send.key)
        return self._again(send, state)

    def _key(
        self, record: Record, row_hash: str, identity: tuple[Any, ...] | None, number: int
    ) -> str:
        return keys.row_key(
            record.object,
            row_hash,
            identity=identity,
            namespace=self._namespace,
            occurrence=number,
        )

    def _base(self, record: Record, row_hash: str) -> str:
        """
        Return the key of the first attempt; equal ones are numbered where all are sent.

        Rows of equal content stand for each other, so each takes the first number that neither
        this run nor an earlier creation has taken, whatever order the source is in now.
        """
        first = self._key(record, row_hash, record.identity, 1)
        if not self.numbers_twins:
            return first
        while True:
            self._numbers[first] += 1
            key = self._key(record, row_hash, record.identity, self._numbers[first])
            state = self._known(key)
            if record.identity is not None or state is None or state.status is not Status.CREATED:
                return key

    def _first(self, send: Send) -> Send:
        self._keys[send.key] = KeyState(
            row=send.record.row.number, row_hash=send.row_hash, this_run=True, in_flight=True
        )
        self._claimed.add(send.key)
        return send

    def _under_another_key(self, send: Send) -> Outcome | None:
        """
        Return the outcome of a row that may have been created under the key it had before.

        The mapping has changed since a request for it got no clear answer: with its new key it
        might become a second record. Where equal rows are numbered they share their keys.
        """
        base = self._last_keys.get(send.source_hash)
        if base is None or base == send.key or self._resends or self.numbers_twins:
            return None
        state = self._keys.get(base)
        if state is None or state.refused or state.status not in {None, Status.UNKNOWN}:
            return None
        self._claimed.add(send.key)  # rows of the same content now are its duplicates
        self._keys[send.key] = KeyState(row=send.record.row.number, row_hash=send.row_hash)
        key = base if state.attempt == 1 else f"{base}-{state.attempt}"
        return decisions.mapped_anew(replace(send, key=key), state.sent_at)

    def _again(self, send: Send, state: KeyState) -> Send | Outcome:
        """Decide about a row whose key is on record without a creation."""
        state.row, state.row_hash, state.this_run = send.record.row.number, send.row_hash, True
        current = send.key if state.attempt == 1 else f"{send.key}-{state.attempt}"
        if state.status is None and state.refused:
            state.in_flight = True
            return replace(send, key=keys.next_key(current))
        last = state.error
        failed = state.status is Status.FAILED
        if failed and (
            self._retry == "none"
            or (self._retry == "transient" and not (last is not None and last.retryable))
        ):
            return replace(send, key=current).outcome(Status.FAILED, error=last)
        # A conflict over an identity says that the key already stands for other content, which
        # may have been created elsewhere: another key could make the same person twice.
        conflict = last is not None and last.code == "conflict"
        if not failed or (conflict and send.record.identity is not None):
            if self._is_too_old(state):
                return decisions.unclear(replace(send, key=current), state.sent_at)
            state.in_flight = True
            return replace(send, key=current, unclear=True)
        state.in_flight = True
        return replace(send, key=keys.next_key(current))

    def _is_too_old(self, state: KeyState) -> bool:
        """Tell whether the service may have forgotten the key, or nobody knows its age."""
        if self._key_lifetime is None or state.sent is None:
            return self._key_lifetime is not None
        age = self._elapsed.to(self._now()) - state.sent
        return age > self._key_lifetime.total_seconds()

    def _twin(self, send: Send, state: KeyState) -> Outcome | Twin:
        outcome = send.outcome(
            Status.DUPLICATE,
            duplicate_of=state.row,
            differs=state.row_hash is not None and state.row_hash != send.row_hash,
        )
        if state.in_flight:
            self._twins.setdefault(send.key, []).append(outcome)
            return Twin()
        return decisions.twin_of(outcome, state)

    def settle(self, outcome: Outcome) -> list[Outcome]:
        """Take in a sent row's outcome. Returns the outcomes of its twins that waited for it."""
        self._note_key(outcome, this_run=True)
        if outcome.idempotency_key is None:
            return []
        twins = self._twins.pop(keys.key_base(outcome.idempotency_key), [])
        return [decisions.twin_of(twin, outcome) for twin in twins]


def _changed(send: Send, state: KeyState) -> bool:
    """Tell whether an earlier run created this identity with other content."""
    return state.status is Status.CREATED and not state.this_run and state.row_hash != send.row_hash
