"""What is on record and what follows from it for the next row: pure decisions, no I/O."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, fields, replace
from typing import Any, Literal

from importer import keys
from importer.records import Origin, Outcome, Record, Rejected, Row, RowError, Send, Status

__all__ = ["Before", "Ledger", "Twin", "hash_of", "outcome_of", "row_line"]

_KEYED = {Status.CREATED, Status.FAILED, Status.UNKNOWN}
_SETTLED = {Status.CREATED, Status.DUPLICATE}


@dataclass(frozen=True, slots=True)
class Before:
    """The row was created by an earlier run; nothing is to be done."""


@dataclass(frozen=True, slots=True)
class Twin:
    """The row waits for the outcome of an equal one that is in flight."""


@dataclass(slots=True)
class _KeyState:
    """What is known of one key: `status` is None from `sent` until there is an outcome."""

    attempt: int = 1
    status: Status | None = None
    row: int | None = None
    row_hash: str | None = None
    external_id: str | None = None
    record_url: str | None = None
    error: RowError | None = None
    this_run: bool = False
    in_flight: bool = False


def hash_of(row: Row | Rejected) -> str:
    """Return the source hash of a row: of its columns, or of its text where it has none."""
    if isinstance(row, Row):
        return keys.source_hash(row.values)
    # Undecodable bytes are kept as surrogates, which JSON cannot hold.
    return keys.source_hash(row.raw.encode("utf-8", "backslashreplace").decode("utf-8"))


def row_line(outcome: Outcome, *, run: str, at: str) -> dict[str, Any]:
    """Return the line of kind `row` that stands for an outcome."""
    line: dict[str, Any] = {
        "kind": "row",
        "run": run,
        "source": outcome.source,
        "row": outcome.number,
        "line": outcome.line,
        "source_hash": outcome.source_hash,
        "occurrence": outcome.occurrence,
        "row_hash": outcome.row_hash,
        "idempotency_key": outcome.idempotency_key,
        "status": outcome.status.value,
        "external_id": outcome.external_id,
        "record_url": outcome.record_url,
        "error": asdict(outcome.error) if outcome.error else None,
        "attempts": outcome.attempts,
        "at": at,
    }
    if outcome.status in {Status.DUPLICATE, Status.CHANGED}:
        line |= {"duplicate_of": outcome.duplicate_of, "differs": outcome.differs}
    return line


def outcome_of(line: Mapping[str, Any]) -> Outcome:
    """
    Return the outcome a line of kind `row` stands for; names it does not know are passed over.

    Raises `KeyError`, `TypeError` or `ValueError` where the line lacks what every one has.
    """
    error = line.get("error")
    known = {field.name for field in fields(RowError)}
    return Outcome(
        number=int(line["row"]),
        line=int(line["line"]),
        source=str(line["source"]),
        source_hash=str(line["source_hash"]),
        occurrence=int(line["occurrence"]),
        status=Status(line["status"]),
        row_hash=line.get("row_hash"),
        idempotency_key=line.get("idempotency_key"),
        external_id=line.get("external_id"),
        record_url=line.get("record_url"),
        error=RowError(**{k: v for k, v in error.items() if k in known}) if error else None,
        attempts=int(line.get("attempts", 0)),
        duplicate_of=line.get("duplicate_of"),
        differs=line.get("differs"),
    )


class Ledger:
    """
    The fold over a results file, kept up to date while a run goes on.

    Feed it the file's lines with `load`, then ask `decide` for each record in source order and
    tell it each outcome with `settle`.
    """

    def __init__(
        self,
        *,
        retry: Literal["all", "transient", "none"] = "all",
        on_duplicate: Literal["skip", "send"] = "skip",
        on_change: Literal["report", "send"] = "report",
        namespace: str = "",
    ) -> None:
        self._retry = retry
        self._on_change = on_change
        self._namespace = namespace
        self.numbers_twins = on_duplicate == "send"
        self._done: set[tuple[str, int]] = set()
        self._keys: dict[str, _KeyState] = {}
        self._seen: Counter[str] = Counter()
        self._numbers: Counter[str] = Counter()
        self._claimed: set[str] = set()
        self._twins: dict[str, list[Outcome]] = {}

    def load(self, lines: Iterable[Mapping[str, Any]]) -> None:
        """Take in the lines of earlier runs, in file order. Unknown kinds are passed over."""
        for line in lines:
            try:
                if line["kind"] == "sent":
                    self._note_sent(line["idempotency_key"])
                elif line["kind"] == "row":
                    self._note_row(outcome_of(line))
            except (KeyError, TypeError, ValueError):
                continue  # written by something else: nothing can be concluded from it

    def _note_sent(self, key: str) -> None:
        attempt = keys.key_attempt(key)
        state = self._keys.setdefault(keys.key_base(key), _KeyState(attempt=attempt))
        if state.status is not Status.CREATED and attempt >= state.attempt:
            state.attempt, state.status = attempt, None

    def _note_row(self, outcome: Outcome) -> None:
        if outcome.status in _SETTLED and outcome.external_id is not None:
            self._done.add((outcome.source_hash, outcome.occurrence))
        self._note_key(outcome, this_run=False)

    def _note_key(self, outcome: Outcome, *, this_run: bool) -> None:
        if outcome.idempotency_key is None or outcome.status not in _KEYED:
            return
        base = keys.key_base(outcome.idempotency_key)
        state = self._keys.setdefault(base, _KeyState())
        state.in_flight = False
        if state.status is Status.CREATED:
            return  # what was created stays created, whatever is said later
        state.attempt = keys.key_attempt(outcome.idempotency_key)
        state.status = outcome.status
        state.row, state.row_hash = outcome.number, outcome.row_hash
        state.external_id, state.record_url = outcome.external_id, outcome.record_url
        state.error, state.this_run = outcome.error, this_run

    def see(self, source_hash: str) -> int:
        """Count one more row with this hash. Returns which one it is, from 1."""
        self._seen[source_hash] += 1
        return self._seen[source_hash]

    def is_done(self, source_hash: str, occurrence: int) -> bool:
        """Tell whether an earlier run created this very row."""
        return (source_hash, occurrence) in self._done

    def refuse(self, rejected: Rejected, source_hash: str, occurrence: int) -> Outcome:
        """Return the outcome of a row that reader or mapper refused, with all its faults."""
        error = rejected.error
        if rejected.more:
            others = "; ".join(f"{other.field}: {other.message}" for other in rejected.more)
            error = replace(error, message=f"{error.message}; {others}")
        return Outcome(
            number=rejected.number,
            line=rejected.line,
            source=rejected.source,
            source_hash=source_hash,
            occurrence=occurrence,
            status=Status.INVALID,
            error=error,
        )

    def decide(
        self, record: Record, source_hash: str, occurrence: int
    ) -> Send | Outcome | Twin | Before:
        """Tell what is to be done with a record that this run has reached."""
        row_hash = keys.row_hash(record.object, record.fields)
        send = Send(
            record=record,
            key=self._base(record, row_hash, record.identity),
            row_hash=row_hash,
            source_hash=source_hash,
            occurrence=occurrence,
            unclear=False,
        )
        if self.is_done(source_hash, occurrence):
            return Before()
        state = self._keys.get(send.key)
        if record.identity is not None and state is not None and _changed(send, state):
            if self._on_change == "report":
                return _report_change(send, state)
            send = replace(send, key=self._base(record, row_hash, None))
            state = self._keys.get(send.key)
        if state is None:
            self._keys[send.key] = _KeyState(
                row=record.row.number, row_hash=row_hash, this_run=True, in_flight=True
            )
            self._claimed.add(send.key)
            return send
        if send.key in self._claimed or state.status is Status.CREATED:
            return self._twin(send, state)
        self._claimed.add(send.key)
        return self._again(send, state)

    def _base(self, record: Record, row_hash: str, identity: tuple[Any, ...] | None) -> str:
        """Return the key of the first attempt; equal ones are numbered where all are sent."""

        def key(number: int) -> str:
            return keys.row_key(
                record.object,
                row_hash,
                identity=identity,
                namespace=self._namespace,
                occurrence=number,
            )

        first = key(1)
        if not self.numbers_twins:
            return first
        self._numbers[first] += 1
        return key(self._numbers[first])

    def _again(self, send: Send, state: _KeyState) -> Send | Outcome:
        """Decide about a row whose key is on record without a creation."""
        state.row, state.row_hash, state.this_run = send.record.row.number, send.row_hash, True
        current = send.key if state.attempt == 1 else f"{send.key}-{state.attempt}"
        if state.status is not Status.FAILED:
            state.in_flight = True
            return replace(send, key=current, unclear=True)
        last = state.error
        if self._retry == "none" or (
            self._retry == "transient" and not (last is not None and last.retryable)
        ):
            return replace(send, key=current).outcome(Status.FAILED, error=last)
        state.in_flight = True
        # A conflict over an identity says that the key already stands for other content, which
        # may have been created elsewhere: another key could make the same person twice.
        if last is not None and last.code == "conflict" and send.record.identity is not None:
            return replace(send, key=current)
        return replace(send, key=keys.next_key(current))

    def _twin(self, send: Send, state: _KeyState) -> Outcome | Twin:
        outcome = send.outcome(
            Status.DUPLICATE,
            duplicate_of=state.row,
            differs=state.row_hash is not None and state.row_hash != send.row_hash,
        )
        if state.in_flight:
            self._twins.setdefault(send.key, []).append(outcome)
            return Twin()
        return replace(outcome, external_id=state.external_id, record_url=state.record_url)

    def settle(self, outcome: Outcome) -> list[Outcome]:
        """Take in a sent row's outcome. Returns the outcomes of its twins that waited for it."""
        self._note_key(outcome, this_run=True)
        if outcome.idempotency_key is None:
            return []
        twins = self._twins.pop(keys.key_base(outcome.idempotency_key), [])
        return [
            replace(twin, external_id=outcome.external_id, record_url=outcome.record_url)
            for twin in twins
        ]


def _changed(send: Send, state: _KeyState) -> bool:
    """Tell whether an earlier run created this identity with other content."""
    return state.status is Status.CREATED and not state.this_run and state.row_hash != send.row_hash


def _report_change(send: Send, state: _KeyState) -> Outcome:
    error = RowError(
        code="changed",
        origin=Origin.MAPPER,
        message="a record with this identity was created before with other content: "
        f"{state.external_id}",
        hint="Change it in the CRM, or create a second record with --on-change send.",
    )
    return send.outcome(Status.CHANGED, error=error, duplicate_of=state.row, differs=True)
