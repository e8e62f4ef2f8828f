"""The plan of a run: a verdict about every row of the list."""

from __future__ import annotations

import hashlib
from array import array
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from heapq import merge

from importer.core.locale.language import N_
from importer.core.locale.message import Message
from importer.core.records import Outcome, RowIdentity, Status
from importer.core.row_marks import Where
from importer.core.verdict import Lack, PartCounts, Verdict
from importer.matching.open_rows import RowVerdict
from importer.matching.reasons import Reason, Say
from importer.writer.state.journal_state import Version

_COLUMNS_NAMED = 10


@dataclass(slots=True, kw_only=True)
class Plan:
    """
    The verdicts about all rows of a list.

    `rows` is their number. A row whose place is in none of these fields is known by its content.

    - `fresh`: the places, in order, of new rows that resemble nothing on record or in the list.
    - `rejected`: the places of rows that the reader or the mapper rejects.
    - `rejected_before`: how many of the rows that are rejected were rejected by an earlier run.
    - `recognised`: the key of the record, and the source hash, of each row that has changed only in
      unmapped columns.
    - `to_read`: the same of each row known by its content of which it is not on record what
      today's mapping reads: the run records it, so that later versions can be compared with it.
    - `planned`: the verdicts about all other rows; `identities` has which row each of them is.
    - `duplicates`: the outcomes of rows known by their content whose record another row has.
    - `edited`: how many rows of derived files have a record, and were edited all the same.
    - `shared`: how many rows that are no duplicates have a record that another row has as well.
    - `reported`: the versions of rows known by their content that are a change which nobody has
      dealt with; they have no `base` if another import has made the record.
    - `undone`: the rows on record whose changes nobody has dealt with, and no row of the list has.
    - `undecided`: how many possible duplicates on record have no row in the list.
    - `asked_about`: the keys of the records that possible duplicates on record may be.
    """

    rows: int
    fresh: Sequence[int] = ()
    rejected: Sequence[int] = ()
    rejected_before: int = 0
    recognised: Mapping[int, tuple[str, str]] = field(default_factory=dict)
    to_read: Mapping[int, tuple[str, str]] = field(default_factory=dict)
    planned: Mapping[int, RowVerdict] = field(default_factory=dict)
    identities: Mapping[int, RowIdentity] = field(default_factory=dict)
    duplicates: Sequence[Outcome] = ()
    edited: int = 0
    shared: int = 0
    reported: Sequence[Version] = ()
    undone: Collection[Where] = ()
    undecided: int = 0
    asked_about: Collection[str] = ()

    def notices(self) -> list[Message]:
        """Return notices about rows that may not be what they are taken for."""
        return [*self._about_one_record(), *self._about_two_records(), *self._about_edited()]

    def _about_edited(self) -> Iterator[Message]:
        """Yield how many rows were edited to no effect."""
        if self.edited:
            rows = (
                N_("%(count)s row with a record was edited here")
                if self.edited == 1
                else N_("%(count)s rows with a record were edited here")
            )
            yield Message(
                "%(rows)s, which is not sent: change the list, or the record in the CRM",
                rows=Message(rows, count=f"{self.edited:,}"),
            )

    def _about_two_records(self) -> Iterator[Message]:
        """Yield how many new rows may be people who have a record by another row."""
        count = sum(one.reason is Reason.BESIDE_ANOTHER for one in self.planned.values())
        if count == 1:
            yield Message(
                "1 new row is like another row that has a record: it has the name and an address, "
                "number or id, or the first name and two of these. If both are one person, that "
                "person gets two records"
            )
        elif count:
            yield Message(
                "%(count)s new rows are like other rows that have records: they have the name and "
                "an address, number or id, or the first name and two of these. If two are one "
                "person, that person gets two records",
                count=f"{count:,}",
            )

    def _about_one_record(self) -> Iterator[Message]:
        """Yield how many rows count as one record with another although they differ."""
        found = [one for one in self.planned.values() if one.say is Say.DUPLICATE and one.differs]
        if not found:
            return
        columns = Counter(name for one in found for name in one.columns)
        named = [name for name, _ in columns.most_common(5)] or Message("columns of their own")
        text = (
            N_(
                "%(count)s row has the identity of another row and no other name, and differs "
                "from it in %(listed)s: one record is made of each person"
            )
            if len(found) == 1
            else N_(
                "%(count)s rows have the identity of another row and no other name, and differ "
                "from it in %(listed)s: one record is made of each person"
            )
        )
        yield Message(text, count=f"{len(found):,}", listed=named)

    @property
    def new_from(self) -> int:
        """The place from which on every row is new, or is rejected and was not seen before."""
        at = self.rows
        for one in merge(reversed(self.fresh), reversed(self.rejected), reverse=True):
            if one < at - 1:
                break
            at = one
        return at

    @property
    def before(self) -> int:
        """How many rows have a record already."""
        others = sum(one.say is not Say.BEFORE for one in self.planned.values())
        return self.rows - len(self.fresh) - len(self.rejected) - others

    @property
    def rejected_versions(self) -> int:
        """How many rejected rows have a record that was made of an earlier version of them."""
        return sum(one.say is Say.INVALID and one.has_record for one in self.planned.values())

    @property
    def changed(self) -> int:
        """How many rows have a record that needs an update."""
        open_changes = sum(
            one.say is Say.CHANGED or (one.say is Say.BEFORE and one.is_open_change)
            for one in self.planned.values()
        )
        return len(self.reported) + open_changes + self.rejected_versions

    @property
    def elsewhere(self) -> int:
        """How many of the changed rows have a record that another import has created."""
        found = [
            one
            for one in self.planned.values()
            if (one.say is Say.CHANGED and one.reason is Reason.MADE_ELSEWHERE)
            or (one.say is Say.BEFORE and one.is_open_change and one.base is None)
        ]
        return sum(one.base is None for one in self.reported) + len(found)

    @property
    def to_send(self) -> int:
        """How many rows would be sent."""
        return len(self.fresh) + sum(
            one.say in {Say.NEW, Say.AGAIN} for one in self.planned.values()
        )

    @property
    def counts(self) -> dict[str, int]:
        """The number of rows by status, without those that are known or to be sent."""
        found = Counter(
            one.say.value
            for one in self.planned.values()
            if one.say not in {Say.NEW, Say.AGAIN, Say.BEFORE}
        )
        counts = {status.value: found[status.value] for status in Status}
        counts[Status.INVALID] += len(self.rejected)
        return counts

    def verdict(
        self, object_: str, parts: PartCounts, lacks: Sequence[Lack], *, why: Message | None = None
    ) -> Verdict:
        """Return the verdict on the plan; `parts` and `lacks` are about the rows to be sent."""
        counts = self.counts
        known = counts[Status.CHANGED] + self.rejected_versions
        planned = [one for one in self.planned.values() if one.say is Say.DUPLICATE]
        merged: list[RowVerdict | Outcome] = [*planned, *self.duplicates]
        differing = [one for one in merged if one.differs or one.columns]
        columns = Counter(name for one in differing for name in one.columns)
        return Verdict(
            object=object_,
            planned=True,
            records=self.before - len(self.duplicates) - self.shared + known,
            changed=self.changed,
            to_send=self.to_send,
            copies=len(merged) - len(differing),
            shared=self.shared,
            differing=len(differing),
            differ_in=tuple(name for name, _ in columns.most_common(_COLUMNS_NAMED)),
            person=sum(counts.values()) - counts[Status.DUPLICATE] - known,
            counted=parts.of,
            has=dict(parts.has),
            lacks=tuple(lacks),
            alone=parts.alone,
            alone_lines=tuple(sorted(parts.alone_lines)),
            undecided=self.undecided,
            elsewhere=self.elsewhere,
            why=why,
        )

    def sent(self) -> Sequence[int]:
        """Return the places of the rows that would be sent, in order."""
        found = [at for at, one in self.planned.items() if one.say in {Say.NEW, Say.AGAIN}]
        return array("L", merge(self.fresh, sorted(found)))

    def id(self, *made_of: str) -> str:
        """Return the id of the plan: a hash of its verdicts and of `made_of`, such as settings."""
        found = hashlib.sha256("\0".join(made_of).encode())
        found.update(repr([self.rows, *self.fresh, -1, *self.rejected]).encode())
        for at, (base, _) in self.recognised.items():
            found.update(f"\0{at}:{base}".encode())
        for at, one in sorted(self.planned.items()):
            key = one.key or one.as_key
            found.update(f"\0{at}:{one.say}:{one.reason}:{key}:{one.base}".encode())
        return found.hexdigest()[:16]
