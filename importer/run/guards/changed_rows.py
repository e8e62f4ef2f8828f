"""Finds the known rows that have changed, and describes the changes without any value."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from importer.core.locale.message import Message, joined
from importer.core.records import Status
from importer.matching.field_hashes import DAMAGED, EMPTIED, FILLED, SWAPPED, FieldChange
from importer.matching.open_rows import RowVerdict
from importer.matching.reasons import Reason, Say
from importer.run.plan import Plan

_SHOWN = 5
_MOST = 0.5
_USUAL = 0.02
"""A field that has changed in a smaller share of the changed rows has, as on other nights."""
_NEARLY_ALL = 0.9
_TELLING = 20
"""From so many rows on, a message may say that a column was sorted alone, or has one value."""
_WORDS: Mapping[str, Message] = {
    "zeros": Message("with a leading zero they are as before"),
    "no_zeros": Message("without leading zeros they are as before"),
    "letters": Message("in other capitals they are as before"),
    "encoding": Message("read in another encoding they are as before"),
    "scaled": Message("multiplied or divided by 10, 100 or 1,000 they are as before"),
    "day_month": Message("with day and month exchanged they are as before"),
    DAMAGED: Message("letters have become `?` or signs of another encoding"),
    EMPTIED: Message("they are empty now"),
    FILLED: Message("they were empty before"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangedRows:
    """
    The number of `known` rows of a plan, and of the `changed` ones among them.

    `refused` of the changed rows cannot be sent any more. `fields` are the changes by field.
    """

    known: int
    changed: int
    refused: int
    fields: Mapping[str, FieldChanges]


@dataclass(slots=True)
class FieldChanges:
    """The changes of one field: the number of rows, the kinds of change, the hashes of values."""

    rows: int = 0
    how: Counter[str] = field(default_factory=Counter)
    then: Counter[str] = field(default_factory=Counter)
    now: Counter[str] = field(default_factory=Counter)

    def add(self, change: FieldChange) -> None:
        """Count one change."""
        self.rows += 1
        if change.how is not None:
            self.how[change.how] += 1
        self.then[change.then] += 1
        self.now[change.now] += 1

    def words(self) -> Message | None:
        """Return the change of most values in words, or None if it cannot be seen."""
        how, count = next(iter(self.how.most_common(1)), ("", 0))
        if count > _MOST * self.rows:
            if how.startswith(SWAPPED):
                return Message(
                    "they are those of %(field)s before", field=how.removeprefix(SWAPPED)
                )
            return _WORDS[how]
        if self.rows >= _TELLING:
            if self.now.most_common(1)[0][1] >= _NEARLY_ALL * self.rows:
                return Message("nearly all have the same value now")
            known = sum(n for mark, n in self.now.items() if mark in self.then)
            if known > _MOST * self.rows and len(self.now) > _MOST * self.rows:
                return Message("they are those of other rows before: was the column sorted alone?")
        return None


def changed_rows(plan: Plan) -> ChangedRows:
    """
    Return which known rows have changed since the last list, by the reasons of a plan.

    A row counts too if it only has another spelling, or if it is refused or held back now and was
    not so before.
    """
    found = [one for one in plan.planned.values() if _has_changed(one, plan)]
    refused = plan.counts[Status.INVALID] - plan.rejected_before
    fields: dict[str, FieldChanges] = {}
    for one in found:
        for change in one.changes or ():
            fields.setdefault(change.field, FieldChanges()).add(change)
    changed = len(found) + refused
    unchanged = plan.before - sum(one.say is Say.BEFORE for one in found)
    return ChangedRows(known=unchanged + changed, changed=changed, refused=refused, fields=fields)


def _has_changed(one: RowVerdict, plan: Plan) -> bool:
    match one.say:
        case Say.CHANGED:
            is_elsewhere = one.reason is Reason.MADE_ELSEWHERE
            return not is_elsewhere and (one.changes is None or len(one.changes) > 0)
        case Say.POSSIBLE_DUPLICATE:
            is_made = one.record is not None and one.record.is_created
            return is_made and one.base not in plan.asked_about
        case Say.BEFORE:
            return bool(one.changes)
        case _:
            return False


def field_lines(found: ChangedRows) -> Iterator[Message]:
    """
    Yield a line for each field in which many rows have changed, the most frequent first.

    It has no values, so a message may quote it.
    """
    ordered = sorted(
        ((name, one) for name, one in found.fields.items() if one.rows >= _USUAL * found.changed),
        key=lambda one: (-one[1].rows, one[0]),
    )
    for name, of_field in ordered[:_SHOWN]:
        words = of_field.words()
        count = Message(
            "%(key)s: %(count)s of %(rows)s",
            key=name,
            count=f"{of_field.rows:,}",
            rows=f"{found.known:,}",
        )
        yield joined([count, words or ""])
    if len(ordered) > _SHOWN:
        yield Message("and %(count)s other fields", count=len(ordered) - _SHOWN)
    if found.refused:
        yield Message(
            "%(count)s more than in the last list cannot be sent: see check",
            count=f"{found.refused:,}",
        )
    elif not ordered:
        yield Message("in which fields is not on record: their records are from an earlier version")
