"""The changes that runs have reported, and those of them that a person has dealt with."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from importer.core.records import Outcome
from importer.core.row_marks import Where

_Change = tuple[str | None, str | None]


@dataclass(slots=True)
class _Reported:
    """
    A reported change: the key of its record, and the last row that has it.

    It `is_overtaken` if it was reported before the latest one that was dealt with, and nobody has
    dealt with it.
    """

    base: str | None = None
    where: Where = field(default=("", 1), compare=False)
    is_dealt_with: bool = False
    is_overtaken: bool = False
    is_undone: bool = False

    @property
    def is_open(self) -> bool:
        """Whether it is neither dealt with, nor undone or overtaken."""
        return not (self.is_dealt_with or self.is_overtaken or self.is_undone)


_UNREPORTED = _Reported()


@dataclass(slots=True)
class ReportedChanges:
    """
    The reported changes, and whether a person has dealt with them. Takes the lines in their order.

    The key and the hash of the sent values identify a change, so it stays dealt with if only
    unmapped columns differ. The record has the values of the latest change that was dealt with. A
    change back to an earlier one is open again, and told once more. A change is undone if no row of
    the list has it any more, before anybody has dealt with it.
    """

    _changes: dict[_Change, _Reported] = field(default_factory=dict)
    _latest: dict[str, _Change] = field(default_factory=dict)
    """By record: the latest change that was dealt with."""

    def note(self, outcome: Outcome) -> None:
        """Note a row that was reported as changed."""
        change, base = _change(outcome), outcome.record_key
        one = self._changes.pop(change, None) or _Reported()
        self._changes[change] = one
        one.base, one.where = base, outcome.where
        one.is_overtaken = one.is_undone = False
        if base is not None and self._latest.get(base, change) != change:
            one.is_dealt_with = False

    def _of(self, outcome: Outcome) -> _Reported:
        return self._changes.get(_change(outcome), _UNREPORTED)

    def open_rows(self) -> Iterator[Where]:
        """Return a row with each change that is neither dealt with, nor undone or overtaken."""
        return (one.where for one in self._changes.values() if one.is_open)

    def open_row(self, outcome: Outcome) -> Where | None:
        """Return the row with such a change that has the values of another row, or None."""
        one = self._changes.get(_change(outcome))
        return one.where if one is not None and one.is_open else None

    def undo(self, outcome: Outcome) -> None:
        """Note that a run has found the values of the record in a row again."""
        if (one := self._changes.get(_change(outcome))) is not None:
            one.is_undone = True

    def deal_with(self, outcomes: Iterable[Outcome]) -> None:
        """Note that a person has dealt with the changes of rows."""
        self._deal_with([one for one in map(_change, outcomes) if one in self._changes])

    def deal_with_all(self) -> None:
        """Note that a person has dealt with all changes so far that were not undone."""
        self._deal_with([change for change, one in self._changes.items() if not one.is_undone])

    def _deal_with(self, changes: Sequence[_Change]) -> None:
        records = set()
        for change in changes:
            one = self._changes[change]
            one.is_dealt_with, one.is_undone = True, False
            if one.base is not None:
                self._latest[one.base] = change
                records.add(one.base)
        for one in self._changes.values():
            if one.base in records:
                one.is_overtaken = not one.is_dealt_with

    def is_dealt_with(self, outcome: Outcome) -> bool:
        """Return whether a person has dealt with the change of a row."""
        return self._of(outcome).is_dealt_with

    def is_overtaken(self, outcome: Outcome) -> bool:
        """Return whether a record has other values since this change of its row was reported."""
        one = self._of(outcome)
        return one.is_overtaken or (one.is_dealt_with and not self.is_latest(outcome))

    def is_latest(self, outcome: Outcome) -> bool:
        """Return whether the record of a changed row has the values of this row."""
        base = outcome.record_key
        return base is not None and self._latest.get(base) == _change(outcome)

    def latest_row(self, base: str) -> Where | None:
        """Return the row with the last change of a record that was dealt with, or None."""
        latest = self._latest.get(base)
        return None if latest is None else self._changes[latest].where

    def latest(self, base: str) -> str | None:
        """Return the hash of a record's values after the last change dealt with, or None."""
        return self._latest.get(base, (None, None))[1]

    def is_undone(self, outcome: Outcome) -> bool:
        """Return whether the change of a row was undone, and not reported since."""
        return self._of(outcome).is_undone

    @property
    def has_returned(self) -> bool:
        """Whether there are rows that would say something new if they were in the list again."""
        return bool(self._latest) or any(one.is_undone for one in self._changes.values())

    @property
    def records(self) -> list[str]:
        """The keys of the records with a change that was dealt with."""
        return [*self._latest]


def _change(outcome: Outcome) -> _Change:
    return outcome.idempotency_key, outcome.row_hash
