"""Finds the lines of a results file that no later decision depends on."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field

from importer.core import keys
from importer.core.clock import instant
from importer.core.records import TO_CORRECT, Outcome, Status
from importer.core.row_marks import Where
from importer.core.shared import GUARD_EXIT
from importer.writer.index.created_rows import CreatedRows
from importer.writer.line_reader import Line
from importer.writer.lines.row_line import KnownLine, ReadingLine, RequestLine, RowLine
from importer.writer.lines.run_line import EndLine, ExportsLine, ListLine, RunLine
from importer.writer.state.idempotency_keys import NOT_THERE, was_held_back

_STEP = 1.0
"""If the clock went back by more seconds between two lines, both stay: ages depend on them."""
_FILES_KEPT = 2
"""How many records of a derived file stay: a run may be killed before moving the last one."""
_TRIED = {Status.CREATED, Status.FAILED, Status.UNKNOWN}
_PERSONS_WORDS = {"new_import", "same_account", "same_service"}


@dataclass(slots=True)
class _Key:
    """
    The request and row lines of one key that may have created no record.

    `last_row` is the last row line, and `last_tried` the last line about the end of a request. If
    it `is_odd`, the lines are unusual, for example about several rows: then all of them stay.
    """

    last_row: int | None = None
    last_tried: int | None = None
    is_odd: bool = False
    source_hash: str | None = None
    attempt: int = 0
    first: int | None = None
    last: int | None = None
    gone: list[int] = field(default_factory=list)

    def note_row_of(self, source_hash: str) -> None:
        """Note which row a line is about. A key with lines about several rows is odd."""
        self.is_odd = self.is_odd or self.source_hash not in {None, source_hash}
        self.source_hash = source_hash

    def needs(self, place: int) -> bool:
        """Return whether a row line decides the state of the key."""
        return place in {self.last_row, self.last_tried}

    def note_sent(self, place: int, attempt: int) -> None:
        """Keep the first and the last request of the latest attempt; the others are `gone`."""
        if attempt < self.attempt:
            self.is_odd = True
        elif attempt > self.attempt:
            self.gone += [at for at in {self.first, self.last} if at is not None]
            self.attempt, self.first, self.last = attempt, place, None
        else:
            self.gone += [self.last] if self.last is not None else []
            self.last = place


@dataclass(frozen=True, slots=True)
class _LastLine:
    """The last line about a row; with `stays` no later line supersedes it."""

    place: int
    base: str | None
    cells_hash: str | None
    stays: bool

    def has_cells_of(self, outcome: Outcome) -> bool:
        """Return whether a later line also has the cells of a row that was refused."""
        return self.cells_hash in {None, outcome.cells_hash}


@dataclass(slots=True)
class _LinesOfRun:
    """The first and last line of one run, the lines between, and whether later runs need them."""

    ends: list[int]
    is_needed: bool
    has_ended: bool = False
    lines: list[int] = field(default_factory=list)


class Superseded:
    """
    Finds superseded lines. Call `add` with all lines in order, without created rows.

    `place` is any number that identifies a line. In case of doubt a line stays. Lines in `pinned`
    have to stay where they are.
    """

    def __init__(self) -> None:
        self._rows: dict[Where, _LastLine] = {}
        self._over: list[tuple[int, str | None]] = []
        self._failing: dict[Where, _LastLine] = {}
        self._keys: dict[str, _Key] = {}
        self._created: set[str] = set()
        self._changes: set[tuple[str | None, str | None]] = set()
        self._known: dict[tuple[object, ...], int] = {}
        self._mapping: str | None = None
        """The SHA-256 of the mapping's file of the run whose lines are added."""
        self._known_again: list[int] = []
        self._files: dict[str, list[int]] = {}
        self._exports: dict[int, set[str]] = {}
        self._states: list[int] = []
        self._runs: list[_LinesOfRun] = []
        self._lists: list[_LinesOfRun] = []
        self.pinned: set[int] = set()
        self._last: tuple[int, float] | None = None

    def add(self, place: int, line: Line | None) -> None:
        """Add one line; None is a damaged one."""
        if line is None:
            return
        self._note_time(place, getattr(line, "at", None))
        match line:
            case RunLine():
                self._begin(place, line)
            case EndLine():
                self._end(place, line)
            case ListLine():
                self._states.append(place)
            case ExportsLine():
                self._note_exports(place, line)
            case RowLine():
                self._note_row(place, line)
            case RequestLine():
                self._note_request(place, line)
            case KnownLine():
                of = line.source_hash, line.occurrence, keys.key_base(line.idempotency_key)
                self._note_known(place, of)
            case ReadingLine():
                # What one mapping has read of the row of a record, another one has not.
                self._note_known(place, (line.source_hash, line.idempotency_key, self._mapping))

    def lines(self, created: CreatedRows) -> set[int]:
        """
        Return the lines that no later decision depends on.

        `created` has the rows whose lines were not added.
        """
        bases = [*self._keys]
        places = created.find_keys(bases)
        self._created.update(
            base for base, place in zip(bases, places, strict=True) if place is not None
        )
        found = {place for place, base in self._over if self._is_over(place, base)}
        found |= {at for base, key in self._keys.items() if self._is_plain(base) for at in key.gone}
        found |= set(self._known_again)
        kept = {at for places in self._files.values() for at in places[-_FILES_KEPT:]}
        found |= self._exports.keys() - kept
        found |= set(self._states[:-1])
        return found - self.pinned

    def runs(self, gone: Collection[int]) -> set[int]:
        """Return the first and last lines of runs that have no other lines without `gone`."""
        found = {
            place
            for run in self._runs[:-1]
            if run.has_ended and not run.is_needed and run not in self._lists[-1:]
            if all(place in gone for place in run.lines)
            for place in run.ends
        }
        return found - self.pinned

    def _note_time(self, place: int, at: str | None) -> None:
        time = instant(at)
        if time is None:
            return
        now = time.timestamp()
        if self._last is not None and now < self._last[1] - _STEP:
            self.pinned |= {self._last[0], place}
        self._last = place, now

    # Rows and their requests

    def _note_row(self, place: int, line: RowLine) -> None:
        outcome = line.outcome
        key = outcome.idempotency_key
        base = keys.key_base(key) if keys.is_key(key) else None
        is_created = outcome.status is Status.CREATED
        if is_created and base is not None:
            self._created.add(base)
        change = (key, outcome.row_hash)
        is_first_report = outcome.status is Status.CHANGED and change not in self._changes
        if is_first_report:
            self._changes.add(change)
        where = outcome.where
        before = self._rows.get(where)
        row = _LastLine(place, base, outcome.cells_hash, is_created or is_first_report)
        first = self._failing.get(where)
        over = [before] if before is not None and before is not first else []
        if outcome.status in TO_CORRECT:  # its first line says since when
            self._failing.setdefault(where, row)
        elif first is not None:
            over.append(self._failing.pop(where))
        self._over += [
            (one.place, one.base) for one in over if not one.stays and one.has_cells_of(outcome)
        ]
        self._rows[where] = row
        if base is not None:
            state = self._keys.setdefault(base, _Key())
            code = outcome.error.code if outcome.error is not None else None
            if state.last_row is None or not was_held_back(outcome):  # it says nothing new then
                state.last_row = place
                if outcome.status in _TRIED:
                    state.last_tried = place
            state.is_odd = state.is_odd or outcome.unproven or code == NOT_THERE
            state.note_row_of(outcome.source_hash)
        if outcome.corrected is not None:
            self.pinned |= {place} if before is None else {place, before.place}
        self._need(place)

    def _note_request(self, place: int, line: RequestLine) -> None:
        key = line.idempotency_key
        state = self._keys.setdefault(keys.key_base(key), _Key())
        state.note_row_of(line.source_hash)
        if line.kind == "sent":
            state.is_odd = state.is_odd or line.is_presumed
            state.note_sent(place, keys.key_attempt(key))
        else:
            state.is_odd = True
        self._need(place)

    def _is_over(self, place: int, base: str | None) -> bool:
        """Return whether a row's earlier line is not needed for its key either."""
        return base is None or (self._is_plain(base) and not self._keys[base].needs(place))

    def _is_plain(self, base: str) -> bool:
        """Return whether a key has created no record, and its lines are not odd."""
        key = self._keys[base]
        return not key.is_odd and base not in self._created and key.last_row is not None

    def _note_known(self, place: int, known: tuple[object, ...]) -> None:
        if known in self._known:
            self._known_again.append(self._known[known])
        self._known[known] = place
        self._need(place)

    # Runs, and the files they wrote

    def _begin(self, place: int, line: RunLine) -> None:
        self._mapping = line.mapping_sha256
        says = any(line.settings.get(name) for name in _PERSONS_WORDS)
        run = _LinesOfRun([place], is_needed=says or bool(line.undone) or not self._runs)
        if line.undone:
            self._changes.clear()  # a change that was undone can be reported first once more
        self._runs.append(run)
        if line.source is None or not line.source.is_derived:
            self._lists.append(run)

    def _end(self, place: int, line: EndLine) -> None:
        if not self._runs:
            return
        run = self._runs[-1]
        run.ends.append(place)
        run.has_ended = True
        if line.exit_code == GUARD_EXIT and self._lists[-1:] == [run]:
            del self._lists[-1]  # a guard has refused it: it is not the last list
        made = line.requests or line.counts.get("created") or line.counts.get("unknown")
        run.is_needed = run.is_needed or bool(made) or line.requests is None

    def _need(self, place: int) -> None:
        if self._runs:
            self._runs[-1].lines.append(place)

    def _note_exports(self, place: int, line: ExportsLine) -> None:
        if any(file.is_edited for file in line.files.values()):
            self.pinned.add(place)
        self._exports[place] = set(line.files)
        for name in line.files:
            self._files.setdefault(name, []).append(place)
