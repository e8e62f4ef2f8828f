"""Collects what the lines of a results file say about keys and rows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from importer import keys
from importer.marks import Marker
from importer.records import Outcome, Status
from importer.shared import FORGOTTEN
from importer.writer.ledger.key_state import KeyState
from importer.writer.ledger.keys_on_record import KeysOnRecord
from importer.writer.ledger.policy import Policy
from importer.writer.ledger.protocols import CreatedIndex
from importer.writer.ledger.settled import SettledRows
from importer.writer.lines.registry import Line
from importer.writer.lines.request import RequestLine
from importer.writer.lines.row import KnownLine, RowLine
from importer.writer.lines.run import RunLine

__all__ = ["OnRecord"]


class OnRecord:
    """
    What is on record in a results file; `keys` keeps it up to date during a run.

    `tried` are the source hashes of rows that were refused before. `salt` is that of the latest
    marks on record, and `marker` creates such marks; for a new file, it is the one passed in. Files
    that were joined have several salts: `markers` has all of them.
    """

    def __init__(self, policy: Policy, *, salt: str = "") -> None:
        self.keys = KeysOnRecord()
        self.settled = SettledRows()
        self.tried: set[str] = set()
        self.salt = salt
        self.marker = Marker(salt)
        self.markers: dict[str, Marker] = {}
        self._policy = policy
        self._refused: dict[str, list[str]] = {}
        self._known_as: dict[str, list[tuple[str, int]]] = {}
        self._stands_for: dict[tuple[str, int], str] = {}
        self._own: dict[tuple[str, int], str] = {}
        self._stay: dict[tuple[str, int], str | None] = {}
        self._duplicates_by_id: dict[str, dict[tuple[str, int], str]] = {}
        self._decides_alike = True
        self._said: dict[tuple[str, int], int] = {}

    def take(self, created: CreatedIndex) -> None:
        """Set the created rows, before anything else; `load` does not need their lines."""
        self.keys.take(created)
        self.settled.take(created)

    def load(self, lines: Iterable[Line]) -> None:
        """Load the lines of earlier runs, in file order."""
        for line in lines:
            at = self.keys.note_time(line.at)
            if isinstance(line, RowLine):
                self._note_row(line)
            elif isinstance(line, RequestLine):
                self.keys.note_request(line, at)
                self._said.pop((line.source_hash, line.occurrence or 1), None)
            elif isinstance(line, KnownLine):
                self._note_known(line)
            elif isinstance(line, RunLine):
                self._decides_alike = self._policy.decides in {None, line.decides}
                if line.salt:
                    self.salt = line.salt
                    self.marker = self.markers.setdefault(line.salt, Marker(line.salt))

    def _note_row(self, line: RowLine) -> None:
        outcome = line.outcome
        where = outcome.source_hash, outcome.occurrence
        is_created = outcome.status is Status.CREATED
        self._forget_known(where)
        stayed = self._forget_stay(where)
        self._said.pop(where, None)
        if is_created:
            self.settled.add(*where)
            if keys.is_key(outcome.idempotency_key):
                self._own[where] = keys.key_base(outcome.idempotency_key)
        elif self._decides_alike and self._stays(outcome):
            if stayed or not self.settled.holds(*where):
                self._let_stay(where, outcome)
                self.settled.add(*where)
        else:
            if stayed:  # it was decided about again, under other settings
                self.settled.release(*where)
            self._said[where] = _content(outcome)
        if outcome.status in {Status.FAILED, Status.INVALID}:
            self.tried.add(outcome.source_hash)
        if outcome.cells_hash is not None and outcome.corrected is None:
            self._refused.setdefault(outcome.cells_hash, []).append(outcome.source_hash)
        self.keys.note_row(line)

    def says(self, outcome: Outcome) -> bool:
        """
        Return whether the last line of a row says the same, and no request was made since.

        A row that repeats a record needs a line of its own under other settings, and stays so.
        """
        last = self._said.get((outcome.source_hash, outcome.occurrence))
        if last is None or outcome.attempts or outcome.is_settled():
            return False
        return last in {_content(outcome), _content(_forgotten(outcome))}

    def _stays(self, outcome: Outcome) -> bool:
        """
        Return whether a row without a record keeps its outcome under the same settings.

        What was held back because only a part of the list was read does not (`decisions.in_part`).
        """
        if outcome.status is Status.CHANGED:
            return self._policy.on_change == "report" and outcome.differs is True
        return outcome.is_settled()

    def _let_stay(self, where: tuple[str, int], outcome: Outcome) -> None:
        self._stay[where] = made = outcome.external_id
        if made is not None and outcome.status is Status.DUPLICATE:
            self._duplicates_by_id.setdefault(made, {})[where] = outcome.idempotency_key or ""

    def _forget_stay(self, where: tuple[str, int]) -> bool:
        """Forget that a row keeps its outcome. Returns whether it did."""
        if where not in self._stay:
            return False
        made = self._stay.pop(where)
        duplicates = self._duplicates_by_id.get(made or "", {})
        if duplicates.pop(where, None) is not None and not duplicates:
            del self._duplicates_by_id[made or ""]
        return True

    def duplicates_of(self, record: KeyState) -> Iterator[tuple[str, str]]:
        """Yield (source hash, key) of the rows that are skipped as duplicates of a record."""
        rows = self._duplicates_by_id.get(record.external_id or "", {})
        return ((source_hash, key) for (source_hash, _), key in rows.items())

    def _note_known(self, line: KnownLine) -> None:
        base = keys.key_base(line.idempotency_key)
        where = line.source_hash, line.occurrence
        self._forget_known(where)
        self._forget_stay(where)
        self._said.pop(where, None)
        self.settled.add(*where, is_known=True)
        self._known_as.setdefault(base, []).append(where)
        self._stands_for[where] = base

    def _forget_known(self, where: tuple[str, int]) -> None:
        """Forget that a row belongs to the record of another row: its last line counts."""
        base = self._stands_for.pop(where, None)
        if base is None:
            return
        self._known_as[base].remove(where)
        if not self._known_as[base]:
            del self._known_as[base]
        self.settled.release(*where)

    def release_copies(self) -> None:
        """
        Where equal rows are one record, let them keep one, and release the rest of them.

        An earlier run that counted equal rows has given them records of other rows, which may be
        edited by now. They keep a record of their own, or else the first one, and all records that
        were made of rows with the same content as that of this one.
        """
        if self._policy.numbers_equal_rows:
            return
        equal = {one for one, _ in self._stands_for if len(self.settled.occurrences(one)) > 1}
        for source_hash in equal:
            made_of = self._rows_of_records(source_hash)
            kept = min(made_of, key=lambda nth: (made_of[nth] != source_hash, nth), default=0)
            for nth, row in made_of.items():
                if (source_hash, nth) in self._stands_for and row != made_of[kept]:
                    self._forget_known((source_hash, nth))

    def _rows_of_records(self, source_hash: str) -> dict[int, str]:
        """Return the hash of the row that each of equal rows has the record of, by occurrence."""
        found = {}
        for occurrence in self.settled.occurrences(source_hash):
            base = self.record_of(source_hash, occurrence)
            if base is not None and (state := self.keys.find(base)) is not None:
                found[occurrence] = state.source_hash
        return found

    def record_of(self, source_hash: str, occurrence: int) -> str | None:
        """Return the key of the record that this very row has, or None."""
        where = source_hash, occurrence
        base = self._stands_for.get(where) or self._own.get(where)
        if base is None and occurrence == 1:
            base = self.settled.created_key(source_hash)
        state = self.keys.find(base) if base is not None else None
        return base if state is not None and state.is_created else None

    def says_the_same(self, other: OnRecord) -> bool:
        """Return whether every later decision would be the same with `other`."""
        return (
            self.keys.says_the_same(other.keys)
            and self.settled.says_the_same(other.settled)
            and self._said == other._said
            and self._corrected() == other._corrected()
            and self.salt == other.salt
            and self.markers.keys() == other.markers.keys()
            and all(self.record_of(*row) == other.record_of(*row) for row in self._own)
            and all(self.record_of(*row) == other.record_of(*row) for row in other._own)
            and self._known_as == other._known_as
            and self._stay == other._stay
            and self._duplicates_by_id == other._duplicates_by_id
        )

    def _corrected(self) -> dict[str, set[str]]:
        found = {cells: set(self.corrections_of(cells)) for cells in self._refused}
        return {cells: bases for cells, bases in found.items() if bases}

    def rows_of(self, base: str, state: KeyState) -> list[tuple[str, int]]:
        """Return the row that was sent with a key, then others that belong to its record."""
        return [(state.source_hash, state.occurrence), *self._known_as.get(base, [])]

    def contested(self) -> Iterator[tuple[tuple[str, int], str]]:
        """
        Release and yield the skipped rows whose record belongs to another skipped row.

        Such a row belonged to the record while the other one was not in the list. The source hash
        of the other one is yielded with it. It is not yielded if an equal row that is gone has left
        a record of its own: then it takes that one's place, and may contest it with others.
        """
        shared, is_settled = self._shared_records(), False
        while not is_settled:
            is_settled = True
            for where in [*self.settled.skipped_known()]:
                if self._stands_for.get(where) not in shared:
                    continue
                if (owner := self._met_before(where)) is None:
                    continue
                self._forget_known(where)
                follower = where[0], self.settled.last_met(where[0])
                has_own = follower not in self._stay and follower not in self._stands_for
                if follower[1] and has_own:
                    is_settled = False
                else:
                    yield where, owner

    def _shared_records(self) -> set[str]:
        """Return the keys of records of which more than one row may be in the list."""
        skipped = (self._stands_for.get(where) for where in self.settled.skipped_known())
        bases = [base for base in dict.fromkeys(skipped) if base is not None]
        rows = {base: self._known_as.get(base, ()) for base in bases}
        met = self.settled.met(one for known in rows.values() for one, _ in known)
        return {
            base
            for base, has_original in zip(bases, self.settled.have_met(bases), strict=True)
            if has_original
            or self.keys.begun(base) is not None
            or sum(one in met for one, _ in rows[base]) > 1
        }

    def _met_before(self, where: tuple[str, int]) -> str | None:
        """Return the hash of a row in the list that has the record of another one before it."""
        base = self._stands_for.get(where)
        state = None if base is None else self.keys.find(base)
        if base is None or state is None:
            return None
        rows = self.rows_of(base, state)
        before = (one for one in rows[: rows.index(where)] if self.settled.was_met(*one))
        return next((owner for owner, _ in before), None)

    def count_records(self) -> tuple[int, int]:
        """Return how many records there are, and how many of them have a row in the source."""
        without = self._stay | self._stands_for.keys()
        own = [row for row in self.settled.others() if row not in without]
        records = self.settled.count_created() + len(own)
        originals = self.settled.count_present() + sum(1 for _ in self.settled.present(own))
        versions = {self._stands_for[row] for row in self.settled.present(self._stands_for)}
        return records, originals + len(versions)

    def corrections_of(self, cells_hash: str | None) -> Iterator[str]:
        """Yield the keys of records that corrections of refused rows with these cells made."""
        hashes = () if cells_hash is None else self._refused.get(cells_hash, ())
        for source_hash in dict.fromkeys(hashes):
            yield from self.records_of(source_hash)

    def have_created(self, hashes: Sequence[str]) -> list[bool]:
        """Return for each of many source hashes whether `created_key` returns a key."""
        is_in_block = self.settled.have_created(hashes)
        return [
            (is_in or self.settled.has_added(one)) and self.created_key(one) is not None
            for one, is_in in zip(hashes, is_in_block, strict=True)
        ]

    def created_key(self, source_hash: str) -> str | None:
        """Return the key of the record that the first of the rows with this content has."""
        return next(self.records_of(source_hash), None)

    def records_of(self, source_hash: str) -> Iterator[str]:
        """
        Yield the keys of the records that rows with this content have.

        The content of a key is "" if no request was made with it; no row has it.
        """
        for occurrence in self.settled.occurrences(source_hash) if source_hash else ():
            if (base := self.record_of(source_hash, occurrence)) is not None:
                yield base


def _forgotten(outcome: Outcome) -> Outcome:
    """Return an outcome as it is on record once a person had its message taken out."""
    if outcome.error is None:
        return outcome
    return replace(outcome, error=replace(outcome.error, message=FORGOTTEN, hint=None))


def _content(outcome: Outcome) -> int:
    """Return a hash of all that an outcome says about its row, except the row's position."""
    return hash(
        (
            outcome.status,
            outcome.row_hash,
            outcome.idempotency_key,
            outcome.external_id,
            outcome.record_url,
            outcome.error,
            outcome.differs,
            outcome.left_out,
            outcome.kept,
            outcome.unproven,
        )
    )
