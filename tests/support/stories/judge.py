"""Judges each run of a list by what the service has, and counts what was held back needlessly."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from referee import Run

from stories.doubts import POSSIBLE_DUPLICATE
from stories.files import Table
from stories.register import Entry, read_name
from stories.service import Service
from stories.ties import Book, Version
from stories.writings import words

__all__ = ["Judge", "Listed", "Night", "Told"]

_FILES = ("success", "failed", "changed", "unsent")
_BAD = ("invalid", "failed", "unknown")
_HELD = {"changed", POSSIBLE_DUPLICATE, "unknown"}
_COLUMNS = ("status", "external_id", "ref")
Truth = tuple[str, ...]


@dataclass(frozen=True, eq=False)
class Listed:
    """A row of the list as it is in a run: the cells of its file, and what a run sees of them."""

    entry: Entry
    cells: dict[str, str]
    version: Version

    @property
    def who(self) -> str:
        """Whom the row is about."""
        return self.entry.who


@dataclass(frozen=True)
class Told:
    """What a derived file says of a row. `listed` is None where today's list does not have it."""

    who: str
    file: str
    status: str
    made: str
    ref: str
    listed: Listed | None


@dataclass(frozen=True)
class Night:
    """A run of the whole list; `before` counts the records of people that it found."""

    run: Run
    rows: Sequence[Listed]
    identity: str | None
    before: Counter[str]


@dataclass
class Judge:
    """
    What is true so far, and what was found.

    A person may have as many records as they had rows in one list, not counting copies. `faults`
    are pairs of a sort and a sentence; `needless` counts versions of rows that were held back
    although nothing was new about them, or although they were new people, by what was done to
    them; `played` counts all versions.
    """

    crm: Service
    book: Book = field(default_factory=Book)
    allowed: Counter[str] = field(default_factory=Counter)
    faults: list[tuple[str, str]] = field(default_factory=list)
    needless: Counter[str] = field(default_factory=Counter)
    played: Counter[str] = field(default_factory=Counter)
    row_days: int = 0
    excused: int = 0
    open_doubts: set[str] = field(default_factory=set)
    """Whose rows were possible duplicates in the last run, and nobody has decided."""
    _resembled: dict[str, str] = field(default_factory=dict)
    """By person: the id of the record that somebody was asked about last."""
    open_changes: set[tuple[str, Truth]] = field(default_factory=set)
    """Whose rows were reported as changed, and how; nobody has acknowledged it."""
    _names: defaultdict[tuple[str, ...], set[str]] = field(default_factory=lambda: defaultdict(set))
    _contacts: defaultdict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    _seen: set[tuple[str, ...]] = field(default_factory=set)
    _lost: set[str] = field(default_factory=set)
    _unconnected: set[str] = field(default_factory=set)
    _unsettled: set[str] = field(default_factory=set)
    """Whose rows of today nothing connects with those that somebody was asked about."""
    _mixed_up: set[tuple[str, str]] = field(default_factory=set)
    _settled: set[tuple[str, Truth]] = field(default_factory=set)

    # Who is who

    def learn(self, entry: Entry, spellings: Iterable[str]) -> None:
        """Learn what the name and the contact details of a row may look like in a record."""
        for text in spellings:
            self._names[words(text)].add(entry.who)
        for column in ("Mail", "Tel", "Ref"):
            self._contacts[_plain(entry.facts[column])].add(entry.who)

    def who_is(self, name: str, *details: object) -> str:
        """Return whom a name and details belong to."""
        found = self._names.get(words(name), set())
        for detail in details:
            if len(found) > 1 and (both := found & self._contacts[_plain(str(detail or ""))]):
                found = both
        assert len(found) == 1, f"the judge takes {name!r} {details} for {sorted(found)}"
        return next(iter(found))

    def who_has(self, record: str) -> str:
        """Return whom a record is about."""
        fields: Mapping[str, Any] = self.crm.records[record].fields
        name = " ".join(
            str(fields[part]) for part in ("name", "first_name", "last_name") if fields.get(part)
        )
        return self.who_is(name, *(fields.get(one) for one in ("email", "phone", "external_ref")))

    def people(self) -> Counter[str]:
        """Count the records of each person."""
        return Counter(map(self.who_has, self.crm.records))

    # What may be

    def expect(self, rows: Sequence[Listed], identity: str | None) -> None:
        """Note the rows of the next run, and whom nothing connects with their records any more."""
        versions = [row.version for row in rows]
        there = self.people()
        for who in self.book.unconnected(versions, identity):
            if there[who] and self.allowed[who] <= there[who]:
                self.allowed[who] += 1
                self.excused += 1
                self._unconnected.add(who)
        made_of = {row.entry.copied or row.entry: row.who for row in rows}
        for who, count in Counter(made_of.values()).items():
            self.allowed[who] = max(self.allowed[who], count)

    def excuse(self, people: Iterable[str]) -> None:
        """Let people have one more record than they have: they were sent on purpose."""
        there = self.people()
        for who in people:
            self.allowed[who] = max(self.allowed[who], there[who] + 1)

    def changes_to_send(self, rows: Sequence[Listed]) -> list[str]:
        """
        Return the people whose rows are as no run has created, and nobody has acknowledged.

        So are those who were told as changed for a name that was only damaged.
        """
        there = self.people()
        told = self.open_changes
        return [
            row.who
            for row in rows
            if there[row.who]
            and ((row.who, row.version.truth) not in self._settled - told)
            and not (row.who in self.open_doubts and self.book.knows_truth(row.version))
        ]

    # What a run did

    def fault(self, sort: str, what: str) -> None:
        """Note a fault."""
        self.faults.append((sort, what))

    def look(self, night: Night, folder: Path, stem: str) -> list[Told]:
        """Judge a run of the whole list by its derived files and the service."""
        there = self.people()
        self._nobody_twice(there)
        told = self._read_files(night.rows, folder, stem)
        self._row_for_row(night.rows, told)
        for one in told:
            self._is_true(one, night, there)
        self._exit_code(night, told, there)
        self._count_held(night, told)
        self._put_on_record(told)
        return told

    def _nobody_twice(self, there: Counter[str]) -> None:
        for who, count in sorted(there.items()):
            if count > self.allowed[who]:
                self.fault("twice", f"TWICE: {who} has {count} records of {self.allowed[who]}")
                self.allowed[who] = count

    def _read_files(self, rows: Sequence[Listed], folder: Path, stem: str) -> list[Told]:
        """Return what the derived files say of rows of the list, and of those held back."""
        left: defaultdict[tuple[str, ...], list[Listed]] = defaultdict(list)
        for row in rows:
            left[tuple(row.cells.values())].append(row)
        told = []
        for file in _FILES:
            path = folder / f"{stem}.{file}.csv"
            for cells in Table.read(path).rows if path.exists() else ():
                own = {name: str(text) for name, text in cells.items() if name[:6] != "vorel_"}
                found = left.get(tuple(own.values()))
                listed = found.pop() if found else None
                who = (
                    listed.who
                    if listed
                    else self.who_is(read_name(own), *(own.get(c) for c in ("Mail", "Tel", "Ref")))
                )
                extra = [str(cells.get(f"vorel_{name}") or "") for name in _COLUMNS]
                told.append(Told(who, file, extra[0], extra[1], extra[2], listed))
        return told

    def _row_for_row(self, rows: Sequence[Listed], told: Sequence[Told]) -> None:
        listed = {id(one.listed) for one in told if one.listed}
        for row in rows:
            if id(row) not in listed:
                self.fault("untrue", f"no file has the row of {row.who}")
        for one in told:
            if one.listed is None and one.status != POSSIBLE_DUPLICATE:
                self.fault("untrue", f"{one.file} has a row of {one.who} that is not in the list")

    def _is_true(self, one: Told, night: Night, there: Counter[str]) -> None:
        """Check that a row that is said to have a record has one, and its own."""
        has_record = one.file == "success" or one.status == "changed"
        if one.file == "success" and not there[one.who]:
            if one.who not in self._lost:
                self.fault("lost", f"LOST: {one.who} is said to be {one.status}")
            self._lost.add(one.who)
        elif one.made and one.made not in self.crm.records:
            self.fault("untrue", f"{one.who} has the id {one.made}, which is no record")
        elif has_record and not one.made:
            self.fault("untrue", f"{one.who} is {one.status} without an id")
        elif has_record and self.who_has(one.made) != one.who:
            self._wrong_id(one, night)

    def _wrong_id(self, one: Told, night: Night) -> None:
        """Note that a row has the id of another person, if that could be known."""
        other = self.who_has(one.made)
        is_gone = all(row.who != other for row in night.rows)
        version = one.listed.version if one.listed else None
        if version and is_gone and self.book.is_certain(version, other, night.identity):
            return
        if (one.who, other) not in self._mixed_up:
            self._mixed_up.add((one.who, other))
            self.fault("untrue", f"{one.who} is {one.status} with the id of {other}")

    def _exit_code(self, night: Night, told: Sequence[Told], there: Counter[str]) -> None:
        """Check the exit code against the files, the counts and the service."""
        counts, code, rows = night.run.counts, night.run.exit_code, night.rows
        without = sorted({row.who for row in rows if not there[row.who]})
        if code == 0 and without:
            self.fault("exit 0", f"EXIT 0 although {', '.join(without)} have no record")
        if sum(counts.values()) != len(rows):
            self.fault("untrue", f"the run counts {counts}, the list has {len(rows)} rows")
        # A possible duplicate that somebody has found to be the same is in the success file.
        statuses = Counter(one.status for one in told if one.listed and one.file != "success")
        for name in (POSSIBLE_DUPLICATE, *_BAD):
            if statuses[name] != counts.get(name, 0):
                self.fault("untrue", f"the run counts {counts}, its files {dict(statuses)}")
        today = {one.who for one in told if one.listed}
        # Nothing connects their rows of today with those that somebody was asked about.
        self._unsettled |= {
            who for who in self.open_doubts & today if there[who] > night.before[who]
        }
        doubts = [one for one in told if one.status == POSSIBLE_DUPLICATE]
        self.open_doubts = {one.who for one in doubts if one.file != "success"} | {
            who for who in self.open_doubts if who not in today
        }
        self._resembled.update({one.who: one.made for one in doubts})
        # Who has left the list is nobody whose record has its own row in it.
        own = {one.made for one in told if one.listed and one.status != POSSIBLE_DUPLICATE}
        gone = {who for who in self.open_doubts - today if self._resembled.get(who) not in own}
        if any(counts.get(name) for name in _BAD):
            wanted = {1}
        elif counts.get("changed") or counts.get(POSSIBLE_DUPLICATE):
            wanted = {6}
        else:
            wanted = {6} if gone else {0}
            wanted |= {6} if self._unsettled else set()
        if code not in wanted:
            self.fault("untrue", f"exit code {code} with {counts}, not {wanted}")

    def _count_held(self, night: Night, told: Sequence[Told]) -> None:
        """Count each version of a row once, and those that were held back needlessly."""
        self.row_days += len(night.rows)
        held = _HELD if night.run.counts.get("changed") else _HELD - {"changed"}  # else it is old
        for one in told:
            if one.listed is None:
                continue
            entry, version = one.listed.entry, one.listed.version
            key = (one.who, *{**one.listed.cells, "Exported": ""}.values())
            if key in self._seen:
                continue
            self._seen.add(key)
            self.played[entry.label] += 1
            is_new = not night.before[one.who]
            is_old = self.book.knows_truth(version) and not (
                one.status == "changed" and (one.who, version.truth) in self.open_changes
            )
            if one.status in held and (is_new or is_old):
                self.needless[entry.label] += 1

    def _put_on_record(self, told: Sequence[Told]) -> None:
        for one in told:
            if one.listed is None or one.status in {"invalid", "failed", "unsent"}:
                continue
            version = one.listed.version
            self.book.note(version)
            if one.file == "success":
                self._settled.add((one.who, version.truth))
            elif one.status == "changed":
                self.open_changes.add((one.who, version.truth))

    def nobody_lost(self, told: Sequence[Told]) -> None:
        """Check, once everything is decided, that everybody in the list has a record."""
        there = self.people()
        for one in told:
            if one.listed and not there[one.who] and one.who not in self._lost:
                self._lost.add(one.who)
                self.fault("lost", f"LOST: {one.who} is {one.status} for ever")
            elif (
                one.status == POSSIBLE_DUPLICATE
                and one.file != "success"
                and there[one.who]
                and one.who not in self._unconnected
            ):
                self.fault("untrue", f"{one.who} has a record, and nobody can decide whose it is")

    def forget(self) -> None:
        """Forget what was on record: the results file is gone."""
        self.book.forget()
        self.open_doubts.clear()
        self.open_changes.clear()
        self._settled.clear()

    def decide(self, people: set[str], *, asked: set[str]) -> None:
        """
        Note that somebody has decided about people; `asked` are all who are asked about.

        Whoever has left the list may seem to be an earlier version of one of them.
        """
        self.open_doubts -= people
        if people:
            self._unsettled |= self.open_doubts - asked
            self.open_doubts &= asked

    def acknowledge(self) -> None:
        """Note that all changes have been dealt with."""
        self._settled |= self.open_changes
        self.open_changes.clear()


def _plain(text: str) -> str:
    """Return an address, a number or an id without what may differ in the way it is written."""
    if "@" in text:
        return text.casefold()
    digits = "".join(letter for letter in text if letter.isdecimal())
    return digits[-9:].lstrip("0")
