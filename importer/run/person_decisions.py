"""Puts on record what a person has decided about changes and possible duplicates."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from pathlib import Path

from importer.core.clock import Clock
from importer.core.errors import ConfigError
from importer.core.locale.message import Message
from importer.core.records import Outcome, Status
from importer.core.row_marks import RowRef, Where
from importer.core.settings import ReadOptions
from importer.reader.spool import spool_folder
from importer.run.derived_files import Exported, export_list
from importer.run.survey import read_survey, survey_of_list
from importer.writer.line_reader import reading, refuse_other_file
from importer.writer.lines.row_line import RowLine
from importer.writer.lines.run_line import AcknowledgedLine, ListLine
from importer.writer.loading import load_results
from importer.writer.outcome_index import OutcomeIndex
from importer.writer.results import ResultsFile, has_lines, torn_line_kept
from importer.writer.state.journal_state import JournalState, Version, VersionKind

ALL = "all"
"""Names all possible duplicates that nobody has decided about."""

_DECIDABLE = {VersionKind.MAYBE, VersionKind.CHANGED, VersionKind.DEALT_WITH}


@dataclass(frozen=True, slots=True, kw_only=True)
class Acknowledged:
    """
    What a person has decided: how many rows are the `same` as their record, how many are `new`.

    Without decisions about rows, the person has dealt with all changes: `changes` counts those that
    were open by the file of their rows, since a results file may have several lists. `undecided` is
    the number of possible duplicates that are left. `exported` are the derived files, or None if
    the list of the last run was changed or is gone: then the next run writes them. `notices` are
    for the person.
    """

    same: int
    new: int
    undecided: int
    exported: Exported | None
    changes: Mapping[str, int] = field(default_factory=dict)
    notices: Sequence[Message] = ()


async def acknowledge(
    results: Path,
    *,
    same: Sequence[str] = (),
    new: Sequence[str] = (),
    found: Sequence[Outcome] = (),
) -> Acknowledged:
    """
    Record that a person has dealt with all changes, or has decided about single rows.

    Each of `same` and `new` is a `vorel_ref`, the path of a file with rows that have one, or `ALL`.
    A row that is the `same` is the record that it was compared with. A `new` one is somebody else:
    the next run creates its record. The derived files are written again.

    `found` are outcomes that `check` has foreseen: of possible duplicates and repeats that no run
    has reported. They can be decided about as well, also before the first run.

    Raises `ConfigError`, and records nothing, if an argument does not name such a row. Raises
    `ResultsError` and `JournalError` like `export_again`.
    """
    is_new = bool(found) and not has_lines(results)
    if not is_new:
        with reading(results):
            refuse_other_file(results)
    with spool_folder() as spool, closing(ResultsFile(results)) as opened:
        state = JournalState()
        if not is_new:
            load_results(results, state)
        foreseen = _foreseen(found, state)
        decided = _Decided(results, state, spool, foreseen).by_options(same, new)
        for where in decided:
            if where in foreseen and foreseen[where].outcome.status is Status.POSSIBLE_DUPLICATE:
                await opened.append(foreseen[where].to_json())
        line = AcknowledgedLine(
            at=Clock().timestamp(),
            same=tuple(where for where, said in decided.items() if said == "same"),
            new=tuple(where for where, said in decided.items() if said == "new"),
            earlier=tuple(
                dict.fromkeys(one for where in decided for one in state.earlier_versions(where))
            ),
        )
        exported, open_changes = None, Counter[str]()
        if not (same or new):
            versions = (state.version(*where) for where in state.changes.open_rows())
            left = [one for one in versions if one is not None and not state.is_followed(one)]
            open_changes.update(one.outcome.source for one in left if one.outcome is not None)
        if decided or not (same or new):
            await opened.append(line.to_json())
            state.load([line])
            survey = survey_of_list(results, state.history.runs, spool)
            if survey is not None:
                exported = await export_list(opened, state.history, survey)
                if exported.list_status is not None:
                    told = ListLine(at=Clock().timestamp(), list_status=exported.list_status)
                    await opened.append(told.to_json())
    kept = torn_line_kept(results, opened.torn)
    return Acknowledged(
        same=len(line.same),
        new=len(line.new),
        undecided=len(state.left_undecided()),
        exported=exported,
        changes=dict(sorted(open_changes.items())),
        notices=kept if exported is None else [*kept, *exported.notices],
    )


def _foreseen(found: Sequence[Outcome], state: JournalState) -> Mapping[Where, RowLine]:
    """
    Return the lines of rows that `check` has found and no run has reported, and load them.

    Hashes are compared with others of the same salt alone: before the first run there is none.
    """
    now = Clock().timestamp()
    lines = {}
    for one in found:
        where = one.where
        if state.version(*where) is None:
            outcome = one if state.salt else replace(one, hashes=None, field_hashes=None)
            lines[where] = RowLine.of(outcome, run=None, at=now)
    state.load(lines.values())
    return lines


@dataclass(frozen=True, slots=True)
class _Decided:
    """Finds the rows that a person has named. `foreseen` are rows that no run has reported."""

    results: Path
    state: JournalState
    spool: Path
    foreseen: Mapping[Where, RowLine]

    def by_options(self, same: Sequence[str], new: Sequence[str]) -> Mapping[Where, str]:
        """Return what was decided about each row. Raises `ConfigError`."""
        if ALL in same and ALL in new:
            raise ConfigError(
                "--same all and --new all: a row is either the same or somebody else",
                hint="Name the rows of one of the two.",
            )
        found: dict[Where, str] = {}
        for said, refs in (("same", same), ("new", new)):
            for ref in refs:
                for named in () if ref == ALL else self._rows(ref, said):
                    where = self.state.latest_version(named)
                    if found.setdefault(where, said) != said:
                        raise ConfigError(
                            "%(ref)s is in --same and in --new: a row is either the same or "
                            "somebody else",
                            ref=RowRef(results=self.results.name, where=where),
                            hint="Nothing was recorded. Take it out of one of the two.",
                        )
        for said, refs in (("same", same), ("new", new)):
            if ALL in refs:
                left = self.state.left_undecided()
                found |= {one.where: said for one in left if one.where not in found}
        return found

    def _rows(self, ref: str, said: str) -> Iterator[Where]:
        named = RowRef.from_text(ref)
        if named is not None:
            yield self._checked(named, f"--{said} {ref}")
        elif Path(ref).is_file():
            yield from self._rows_of_file(Path(ref), said)
        else:
            raise ConfigError(
                "--%(key)s %(ref)s: this is no vorel_ref of a row, and no file that is there",
                key=said,
                ref=ref,
                hint=Message(
                    "Take it from the column vorel_ref of the changed file, or say %(all)s.",
                    all=ALL,
                ),
            )

    def _rows_of_file(self, path: Path, said: str) -> Iterator[Where]:
        survey = read_survey((str(path),), ReadOptions(), spool=self.spool)
        changes = rows = 0
        for batch in survey.batches():
            for at in range(len(batch)):
                rows += 1
                mark = batch.marks.get(at)
                if mark is None or mark.ref is None:
                    raise ConfigError(
                        "--%(key)s %(path)s: row %(rows)s has no vorel_ref",
                        key=said,
                        path=path,
                        rows=rows,
                        hint="Keep that column of the changed file; it says which row it is.",
                    )
                where = self._checked(mark.ref, f"--{said} {path}: row {rows}")
                version = self._version(where)
                # A row that another import has created has no record here: a person decides.
                if version is not None and version.base is not None:
                    outcome = version.outcome
                    changes += outcome is not None and outcome.status is Status.CHANGED
                yield where
        if said == "new" and changes:
            are = "row is a change" if changes == 1 else "rows are changes"
            raise ConfigError(
                "--new %(path)s: %(count)s %(are)s of somebody who has a record, who would have a "
                "second one then",
                path=path,
                count=f"{changes:,}",
                are=are,
                hint=Message(
                    "Nothing was recorded. Take these rows out of the file, or name one that "
                    "is somebody "
                    "else by its vorel_ref. --new %(all)s is about possible duplicates alone.",
                    all=ALL,
                ),
            )

    def _checked(self, ref: RowRef, named: str) -> Where:
        """Return the row of a `vorel_ref`. Raises `ConfigError` if there is nothing to decide."""
        if ref.results != self.results.name:
            raise ConfigError(
                "%(name)s is of another results file: %(path)s",
                name=named,
                path=ref.results,
                hint=Message("Nothing was recorded. This one is %(path)s.", path=self.results),
            )
        where = ref.where
        version = self._version(where)
        if where in self.foreseen:
            return where
        if version is None or version.kind not in _DECIDABLE:
            raise ConfigError(
                "%(name)s is no possible duplicate and no change: %(what)s",
                name=named,
                what=self._told(where, version),
                hint="Nothing was recorded.",
            )
        return where

    def _version(self, where: Where) -> Version | None:
        return self.state.version(*where)

    def _told(self, where: Where, version: Version | None) -> Message:
        """Return in words what is on record of a row, for an error message."""
        with closing(OutcomeIndex(self.results)) as index:
            outcome = index.outcome(where)
        if outcome is None:
            return Message("there is no such row on record")
        if self.state.decided.get(where) == "earlier":
            return Message("it was decided about together with a row that was reported later")
        record: Message | str = ""
        if outcome.external_id is not None:
            record = Message(" (record %(id)s)", id=outcome.external_id)
        if version is not None and version.kind is VersionKind.KNOWN:
            return Message("it is known as the row of a record%(rest)s", rest=record)
        return Message("it is %(found)s%(rest)s", found=outcome.status.value, rest=record)
