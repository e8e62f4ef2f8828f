"""The changes that runs have reported, and those of them that a person has dealt with."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from importer.core.records import Outcome
from importer.core.row_marks import Where

_Change = tuple[str | None, str | None]


@dataclass(slots=True)
class ReportedChanges:
    """
    The reported changes, and whether a person has dealt with them. Takes the lines in their order.

    The key and the hash of the sent values identify a change, so it stays dealt with if only
    unmapped columns differ. The record has the values of the latest change that was dealt with. A
    change back to an earlier one is open again, and told once more. A change is undone if no row of
    the list has it any more, before anybody has dealt with it.
    """

    _records: dict[_Change, str | None] = field(default_factory=dict)
    _of_record: dict[str, set[_Change]] = field(default_factory=dict)
    _dealt_with: set[_Change] = field(default_factory=set)
    _latest: dict[str, _Change] = field(default_factory=dict)
    _overtaken: set[_Change] = field(default_factory=set)
    """Changes that nobody has dealt with, reported before the latest one that was."""
    _undone: set[_Change] = field(default_factory=set)
    _rows: dict[_Change, Where] = field(default_factory=dict, compare=False)
    """The last row with each change, by source hash and occurrence."""

    def note(self, outcome: Outcome) -> None:
        """Note a row that was reported as changed."""
        change = _change(outcome)
        self._records.pop(change, None)
        self._overtaken.discard(change)
        self._undone.discard(change)
        self._records[change] = base = outcome.record_key
        self._rows[change] = outcome.where
        if base is not None:
            self._of_record.setdefault(base, set()).add(change)
        if base is not None and self._latest.get(base, change) != change:
            self._dealt_with.discard(change)

    def open_rows(self) -> Iterator[Where]:
        """Return a row with each change that is neither dealt with, nor undone or overtaken."""
        return (self._rows[change] for change in self._records if self._is_open(change))

    def open_row(self, outcome: Outcome) -> Where | None:
        """Return the row with such a change that has the values of another row, or None."""
        change = _change(outcome)
        return self._rows[change] if self._is_open(change) else None

    def _is_open(self, change: _Change) -> bool:
        is_settled = change in self._dealt_with or change in self._undone
        return change in self._records and not is_settled and change not in self._overtaken

    def undo(self, outcome: Outcome) -> None:
        """Note that a run has found the values of the record in a row again."""
        self._undone.add(_change(outcome))

    def deal_with(self, outcome: Outcome) -> None:
        """Note that a person has dealt with the change of a row."""
        self._deal_with(_change(outcome))

    def deal_with_all(self) -> None:
        """Note that a person has dealt with all changes so far that were not undone."""
        for change in self._records:
            if change not in self._undone:
                self._deal_with(change)

    def _deal_with(self, change: _Change) -> None:
        self._dealt_with.add(change)
        self._overtaken.discard(change)
        self._undone.discard(change)
        if (base := self._records.get(change)) is not None:
            self._latest[base] = change
            self._overtaken |= self._of_record[base] - self._dealt_with

    def is_dealt_with(self, outcome: Outcome) -> bool:
        """Return whether a person has dealt with the change of a row."""
        return _change(outcome) in self._dealt_with

    def is_overtaken(self, outcome: Outcome) -> bool:
        """Return whether a record has other values since this change of its row was reported."""
        change = _change(outcome)
        is_old = change in self._dealt_with and not self.is_latest(outcome)
        return is_old or change in self._overtaken

    def is_latest(self, outcome: Outcome) -> bool:
        """Return whether the record of a changed row has the values of this row."""
        base = outcome.record_key
        return base is not None and self._latest.get(base) == _change(outcome)

    def latest_row(self, base: str) -> Where | None:
        """Return the row with the last change of a record that was dealt with, or None."""
        return self._rows.get(self._latest.get(base, (None, None)))

    def latest(self, base: str) -> str | None:
        """Return the hash of a record's values after the last change dealt with, or None."""
        return self._latest.get(base, (None, None))[1]

    def is_undone(self, outcome: Outcome) -> bool:
        """Return whether the change of a row was undone, and not reported since."""
        return _change(outcome) in self._undone

    @property
    def has_returned(self) -> bool:
        """Whether there are rows that would say something new if they were in the list again."""
        return bool(self._latest or self._undone)

    @property
    def records(self) -> list[str]:
        """The keys of the records with a change that was dealt with."""
        return [*self._latest]


def _change(outcome: Outcome) -> _Change:
    return outcome.idempotency_key, outcome.row_hash
