"""Decides about each row from what earlier runs have recorded, without reading any file."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime

from importer import keys
from importer.records import (
    AlreadyCreated,
    Decision,
    Outcome,
    PendingDuplicate,
    Postponed,
    Record,
    Rejected,
    RowIdentity,
    Send,
)
from importer.writer.ledger import decisions, protocols
from importer.writer.ledger.attempts import Attempts
from importer.writer.ledger.derived_rows import DerivedRows
from importer.writer.ledger.equal_rows import EqualRows
from importer.writer.ledger.key_maker import KeyMaker
from importer.writer.ledger.key_state import KeyState
from importer.writer.ledger.on_record import OnRecord
from importer.writer.ledger.ownership import ListHashes, Ownership
from importer.writer.ledger.policy import Policy
from importer.writer.ledger.recogniser import Recogniser
from importer.writer.ledger.unrelated import UnrelatedRows
from importer.writer.lines.registry import Line

__all__ = ["Ledger"]


class Ledger:
    """
    The state of a results file, kept up to date during a run.

    Pass it the lines of the file with `load`, call `decide` for each record in source order, and
    pass each outcome to `settle`. Call `decide` again for `Postponed` rows at the end, with
    `is_last_chance`. A row whose outcome is unclear is sent again with its key, for as long as
    `key_lifetime` of the policy after its first request. Later it is sent only with
    `resend_unknown`: the service may have forgotten the key, and would create a second record.
    """

    def __init__(
        self,
        policy: Policy | None = None,
        *,
        salt: str = "",
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._policy = policy or Policy()
        self._on_record = OnRecord(self._policy, salt=salt)
        self._keys = self._on_record.keys
        self._make = KeyMaker(self._policy.namespace, self._on_record)
        self._records = Ownership(self._on_record)
        self._attempts = Attempts(self._policy, self._keys, self._records, now)
        self._recogniser = Recogniser(self._policy, self._on_record, self._records)
        self._doubts = self._recogniser.doubts
        self._equal_rows = EqualRows(self._make, self._keys, self._records)
        self.derived_rows = DerivedRows(self._on_record)
        self.unrelated = UnrelatedRows(self._on_record, self._recogniser, self._equal_rows)
        self._pending: dict[str, list[Outcome]] = {}

    @property
    def salt(self) -> str:
        """The salt of the marks in this results file."""
        return self._on_record.salt

    def take(self, created: protocols.CreatedIndex) -> None:
        """Set the created rows, before anything else; `load` does not need their lines."""
        self._on_record.take(created)

    def load(self, lines: Iterable[Line]) -> None:
        """Load the lines of earlier runs, in file order."""
        self._on_record.load(lines)

    def recognise_by(
        self,
        *,
        earlier: protocols.EarlierMappings | None = None,
        marks: protocols.MarksOnRecord | None = None,
        elsewhere: protocols.OtherResults | None = None,
        list_hashes: ListHashes = tuple,
        is_same_list: bool = False,
        is_part: bool = False,
    ) -> None:
        """
        Set what else rows are recognised by, and how to go through the whole list.

        With `is_same_list` the sources are byte for byte those of the last run. With `is_part` they
        are only a part of the list, and records may belong to rows of the rest.
        """
        self._doubts.earlier = earlier
        self._recogniser.candidates.marks = marks
        self._recogniser.elsewhere = elsewhere
        self._records.set_list(list_hashes, is_same_list=is_same_list, is_part=is_part)
        self._on_record.release_copies()

    @property
    def numbers_equal_rows(self) -> bool:
        """Whether each of several equal rows becomes a record of its own."""
        return self._policy.numbers_equal_rows

    # Decisions about the next row

    def skip_settled(self, hashes: Sequence[str]) -> list[tuple[int, int]]:
        """
        Count the rows of a batch, in source order, by their source hashes.

        Returns (index in the batch, occurrence) of each row that is not settled, so that `decide`
        or `refuse` has to be called for it.
        """
        return self._on_record.settled.skip(hashes)

    def see(self, source_hash: str) -> int:
        """Count one more row with this hash. Returns its occurrence among equal rows."""
        nth = self._on_record.settled.see(source_hash)
        return self._on_record.settled.occurrence_for(source_hash, nth)

    def refuse(
        self, rejected: Rejected, row: RowIdentity, *, is_last_chance: bool = False
    ) -> Outcome | Postponed | AlreadyCreated:
        """Decide about a row that reader or mapper refused."""
        if row.source_hash not in self._on_record.tried:
            corrected = self._on_record.corrections_of(rejected.cells_hash)
            if (base := self._records.first_free(corrected)) is not None:
                return self._records.known(row, base, rejected.number)
        if (held := self._doubts.check_refused(rejected, row)) is not None:
            return held
        if row.source_hash in self._on_record.tried and not is_last_chance:
            return Postponed()
        return decisions.refused(rejected, row)

    def decide(self, record: Record, row: RowIdentity, *, is_last_chance: bool = False) -> Decision:
        """Return what to do with the next record."""
        if row.made_as is not None:
            return self._decide_edited(record, row, is_last_chance=is_last_chance)
        if self._on_record.settled.holds(row.source_hash, row.occurrence):
            return AlreadyCreated()
        is_tried = row.source_hash in self._on_record.tried and row.corrected is None
        first = self._make.first(record, row.source_hash, row.occurrence)
        send = replace(first, corrected=row.corrected)
        self._records.release_own(send)
        decide = self._decide_numbered if self.numbers_equal_rows else self._decide_single
        may_send = is_last_chance or not is_tried
        decision = decide(send, is_last_chance=is_last_chance, may_send=may_send)
        if isinstance(decision, Outcome) and self._keys.was_reported(decision):
            # If a column that is not mapped has changed, the change has been reported already.
            return AlreadyCreated(reported=decision)
        # A row that was refused comes last, whatever else it waits for.
        return Postponed() if is_tried and isinstance(decision, Postponed) else decision

    def _decide_edited(self, record: Record, row: RowIdentity, *, is_last_chance: bool) -> Decision:
        """Return what to do with a row that was corrected after its record was created."""
        send = self._make.first(record, row.source_hash, row.occurrence)
        was = row.made_as or (row.source_hash, row.occurrence)
        base = self._on_record.record_of(*was) or self._on_record.created_key(was[0])
        if base is None or (state := self._keys.find(base)) is None:
            return AlreadyCreated()
        is_same = send.key == base and not decisions.differs(send, state)
        if is_same or self._recogniser.candidates.means_the_same(send, base):
            return self._records.recognised(send, base)
        return self._changed(
            send, base, state, report=decisions.corrected_again, is_last_chance=is_last_chance
        )

    def as_sent(self, record: Record, source_hash: str) -> Send:
        """Return a record as it would be sent first."""
        return self._make.first(record, source_hash)

    def _decide_single(self, send: Send, *, is_last_chance: bool, may_send: bool) -> Decision:
        """Decide about a row where all rows with one key are one record."""
        state = self._keys.find(send.key)
        is_free = state is None or state.is_refused
        known = None
        if state is not None:
            known = self._known_today(send, state, is_last_chance=is_last_chance)
            is_other = state.is_created and not self._doubts.is_change_in_part(send, state)
            if known is None and is_other and not self._records.is_free(send.key, state, send):
                return self._decide_beside(send, is_last_chance=is_last_chance, may_send=may_send)
        if known is None:
            today = {send.key}
            if state is not None and state.is_created:
                today.add(self._make.as_row(send).key)  # as a change
            known = self._recogniser.recognise(
                send, today, is_last_chance=is_last_chance, by_contacts=is_free
            )
        if known is not None or not may_send:
            return known or Postponed()
        first = self._equal_rows.key_of_first(send) if is_free else None
        if first is not None and (taken := self._keys.find(first)) is not None:
            return self._duplicate(replace(send, key=first), taken)
        if state is None:
            return self._attempts.first(send)
        # A run that sent each of several equal rows may have made the record with another key.
        made = (send.key, state) if state.is_created else self._equal_rows.find(send).other
        if made is not None:
            return self._changed(send, *made, is_last_chance=is_last_chance)
        return self._attempts.again(send, state, is_last_chance=is_last_chance)

    def _known_today(self, send: Send, state: KeyState, *, is_last_chance: bool) -> Decision | None:
        """Decide by the current key. Returns None if it made no record, or that of another row."""
        if self._records.is_of_another(send, send.key):
            return None
        if (base := self._records.corrected(state)) is not None:
            return self._records.recognised(send, base)
        if self._records.is_claimed(send.key):
            held = self._recogniser.beside_claimed(send, state, is_last_chance=is_last_chance)
            return held or self._equal_in_this_run(send, state)
        if not state.is_created:
            same = self._equal_rows.find(send).same
            return None if same is None else self._records.recognised(send, same)
        if not self._records.is_free(send.key, state, send):
            return self._recogniser.duplicate_of(
                send, send.key, state, is_last_chance=is_last_chance
            )
        return None if decisions.differs(send, state) else self._records.recognised(send, send.key)

    def _equal_in_this_run(self, send: Send, state: KeyState) -> Outcome | PendingDuplicate:
        """Return what to do with a row whose key an earlier row of this run has."""
        as_row = self._make.as_row(send)
        if self._records.is_claimed(as_row.key) and (changed := self._keys.find(as_row.key)):
            return self._duplicate(as_row, changed)
        return self._duplicate(send, state)

    def _decide_beside(self, send: Send, *, is_last_chance: bool, may_send: bool) -> Decision:
        """Decide about a row whose key has made another row's record, as about a second one."""
        if (beside := self._equal_rows.beside(send)) is not None:
            held = self._doubts.check_duplicate(send, send.key, is_last_chance=is_last_chance)
            return held or self._duplicate(*beside)
        decision = self._decide_numbered(send, is_last_chance=is_last_chance, may_send=may_send)
        self._equal_rows.note_beside(send, decision)
        return decision

    def _decide_numbered(self, send: Send, *, is_last_chance: bool, may_send: bool) -> Decision:
        """
        Decide about a row where each of several equal rows becomes a record of its own.

        Equal rows are interchangeable: of n rows with k records, n - k are sent.
        """
        equal = self._equal_rows.find(send)
        if equal.same is not None:
            return self._recogniser.give(send, equal.same, is_last_chance=is_last_chance)
        as_a_change = set() if equal.other is None else {self._make.as_row(send).key}
        other = self._recogniser.recognise(
            send,
            equal.bases | as_a_change,
            is_last_chance=is_last_chance,
            by_contacts=not (self.numbers_equal_rows and equal.is_decisive),
        )
        if other is not None or not may_send:
            return other or Postponed()
        if equal.other is not None and not equal.has_unclear:
            return self._changed(send, *equal.other, is_last_chance=is_last_chance)
        if equal.again is not None:
            base, state = equal.again
            return self._attempts.again(
                replace(send, key=base), state, is_last_chance=is_last_chance
            )
        if equal.in_doubt is not None:
            held = self._beside_unclear(send, *equal.in_doubt, is_last_chance=is_last_chance)
            if held is not None:
                return held
        return self._attempts.first(replace(send, key=self._make.numbered(send, equal.number)))

    def _beside_unclear(
        self, send: Send, base: str, state: KeyState, *, is_last_chance: bool
    ) -> Decision | None:
        """Decide about a row whose identity has the unclear request `base` of another row."""
        if not is_last_chance:  # that row, if it is in the list, takes its key first
            return Postponed(waits_for_others=True)
        if state.row_hash is None and self._recogniser.candidates.means_the_same(send, base):
            return self._attempts.again(replace(send, key=base), state, is_last_chance=True)
        return self._doubts.hold_back(send, base, state)

    def _changed(
        self,
        send: Send,
        base: str,
        state: KeyState,
        *,
        report: Callable[[Send, KeyState], Outcome] = decisions.changed,
        is_last_chance: bool,
    ) -> Decision:
        """Decide about a row whose identity an earlier run created with other content."""
        if not is_last_chance:  # a row with the record's content has it first
            return self._recogniser.candidates.after_others(send, [base])
        as_row = self._make.as_row(send)
        sent = self._keys.find(as_row.key)
        self._records.claim(base)
        if self._policy.on_change == "report" and (sent is None or sent.is_refused):
            return report(send, state)
        if sent is None:
            return self._attempts.first(as_row)
        if self._records.is_claimed(as_row.key):
            return self._duplicate(as_row, sent)
        if not sent.is_created:
            return self._attempts.again(as_row, sent, is_last_chance=is_last_chance)
        is_free = self._records.is_free(as_row.key, sent)
        take, repeat = self._records.recognised, decisions.duplicate
        return take(as_row, as_row.key) if is_free else repeat(as_row, sent)

    def _duplicate(self, send: Send, state: KeyState) -> Outcome | PendingDuplicate:
        """Return what to do with a row whose key an earlier row of this run has."""
        outcome = decisions.duplicate(send, state)
        if not state.in_flight:
            return outcome
        self._pending.setdefault(send.key, []).append(replace(outcome, error=None))
        return PendingDuplicate()

    # At the end of the list

    def contested(self) -> Iterator[tuple[str, int]]:
        """Yield skipped rows whose record belongs to a row that is back in the list."""
        for row, owner in self._on_record.contested():
            self._recogniser.wanted.add(owner)
            yield row

    @property
    def wanted(self) -> set[str]:
        """The source hashes of rows that `note_owner` needs before the last chance."""
        return self._recogniser.wanted

    def note_owner(self, record: Record, source_hash: str) -> None:
        """Note a `wanted` row as the current mapping maps it."""
        self._records.note_owner(self._make.first(record, source_hash))

    def is_on_record(self, outcome: Outcome) -> bool:
        """Return whether this very outcome is the last thing on record about its row."""
        return self._on_record.says(outcome)

    def have_created(self, hashes: Sequence[str]) -> list[bool]:
        """Return for each of many source hashes whether a row with this content was created."""
        return self._on_record.have_created(hashes)

    def record_of(self, send: Send) -> KeyState | None:
        """Return the record that was created from a row, or from one that may be the same."""
        return self._recogniser.candidates.record_of(send, self._doubts.earlier)

    def settle(self, outcome: Outcome) -> list[Outcome]:
        """Note the outcome of a sent row. Returns the outcomes of duplicates that waited for it."""
        self._keys.note_outcome(outcome, this_run=True)
        if outcome.idempotency_key is None:
            return []
        pending = self._pending.pop(keys.key_base(outcome.idempotency_key), [])
        return [decisions.duplicate_outcome(one, outcome) for one in pending]
