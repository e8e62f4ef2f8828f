"""Removes quoted values of a list from its results file; later runs decide as before."""

from __future__ import annotations

import glob
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, BinaryIO

from msgspec import structs

from importer.core.clock import instant
from importer.core.errors import UsageError
from importer.core.locale.message import Message
from importer.core.logs.event_log import known_word
from importer.core.records import RowError, Status
from importer.core.row_marks import Where
from importer.core.shared import FORGOTTEN
from importer.writer.group_commit import encode_line
from importer.writer.index_file import output_stem, remove
from importer.writer.line_reader import Line, parse_line, read_lines
from importer.writer.lines.row_line import RowLine
from importer.writer.lines.run_line import ExportsLine, RunLine
from importer.writer.results import ResultsFile, torn_line_kept
from importer.writer.rewriting.replacement import rewrite
from importer.writer.state.idempotency_keys import NOT_THERE, UNCLEAR

_QUOTE_NOTHING = frozenset(
    {UNCLEAR, NOT_THERE, "first_not_created", Status.CHANGED, Status.POSSIBLE_DUPLICATE}
)
"""Codes of errors whose messages have ids, times and names of files, and no value of a row."""
_ROW = "row"
_WITH_PROBLEMS = frozenset({"end", "list"})
"""Kinds of lines that quote the problems of a list."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Forgotten:
    """
    How many lines lost their texts, and how many damaged lines were removed.

    `files` are other files of the import that may have values: the person has to look at them.
    `notices` are for the person.
    """

    lines: int
    damaged: int
    files: tuple[str, ...]
    notices: tuple[Message, ...] = ()


def forget(path: Path, *, row: int | None = None, before: datetime | None = None) -> Forgotten:
    """
    Remove messages and examples from the lines of a row, or from all lines `before` a time.

    `row` is its number in the last run that has a line for it. Hashes, keys and ids stay, so later
    runs decide as before. The new file replaces the old one as in `compact`. Damaged lines are
    removed, since nobody knows what they quote.

    Raises `UsageError` if nothing is on record about the row, `ResultsError` if there is no such
    file or a run is using it, and `JournalError` if the new file cannot be written: then nothing
    has changed.
    """
    real = path.resolve()
    with closing(ResultsFile(real, is_there=True)) as opened:
        scope = _Before(before) if before is not None else _of_row(real, row)
        change = _LineEraser(scope)
        with real.open("rb") as source:
            for text in source:
                change.of(text)
        if change.lines or change.damaged:
            rewrite(
                opened,
                lambda source, target: _fill(source, target, scope),
                seen_as=_without_texts,
            )
            remove(real)
    return Forgotten(
        lines=change.lines,
        damaged=change.damaged,
        files=tuple(sorted(_files_of(real))),
        notices=tuple(torn_line_kept(opened.path, opened.torn)),
    )


class _Before:
    """All lines before a time. A line without one belongs to the line above it."""

    def __init__(self, before: datetime) -> None:
        self._before = before if before.tzinfo else before.replace(tzinfo=UTC)

    def has_line(self, line: Mapping[str, Any] | None, last: str | None) -> bool:
        """Return whether a line is in scope; `last` is the last time in the lines above it."""
        at = line.get("at") if line is not None else None
        return self._is_before(at if isinstance(at, str) else last)

    def has_problem(self, _problem: Mapping[str, Any]) -> bool:
        """Return whether a problem in an `end` line is one of the rows in scope."""
        return True

    def has_text(self, _text: str) -> bool:
        """Return whether to remove a text of an `end` line."""
        return True

    def _is_before(self, at: str | None) -> bool:
        time = instant(at)
        return time is not None and time < self._before


@dataclass(frozen=True, slots=True)
class _LinesOfRow:
    """
    The lines of one row, by its hashes, and the problems that have its causes.

    A problem stands for many rows, and its message may be that of this one.
    """

    identities: frozenset[Where]
    causes: frozenset[tuple[str | None, str | None]] = field(default=frozenset())
    messages: frozenset[str] = field(default=frozenset())

    def has_line(self, line: Mapping[str, Any] | None, _last: str | None) -> bool:
        if line is None or line["kind"] in _WITH_PROBLEMS:
            return True
        return line["kind"] == _ROW and _identity(line) in self.identities

    def has_problem(self, problem: Mapping[str, Any]) -> bool:
        return (problem.get("code"), problem.get("field")) in self.causes

    def has_text(self, text: str) -> bool:
        return any(message in text for message in self.messages)


_Scope = _Before | _LinesOfRow


def _of_row(path: Path, number: int | None) -> _LinesOfRow:
    """Return all lines of the rows that have this number in their last line."""
    last: dict[Where, int] = {}
    errors: dict[Where, list[Mapping[str, Any]]] = {}
    for line in read_lines(path, RowLine):
        where = line.where
        last[where] = line.number
        if line.error is not None:
            errors.setdefault(where, []).append(line.error)
    found = frozenset(where for where, row in last.items() if row == number)
    if not found:
        raise UsageError(
            "%(path)s: no line on record is about row %(number)s",
            path=path,
            number=number,
            hint="The numbers are those of the last run: see vorel_row in the failed file.",
        )
    said = [error for where in found for error in errors.get(where, [])]
    return _LinesOfRow(
        found,
        frozenset((one.get("code"), one.get("field")) for one in said),
        frozenset(str(one["message"]) for one in said if one.get("message")),
    )


def _identity(line: Mapping[str, Any]) -> Where:
    occurrence = line.get("occurrence")
    return str(line.get("source_hash")), occurrence if isinstance(occurrence, int) else 1


class _LineEraser:
    """Makes the new text of each line, and counts the changed ones."""

    def __init__(self, scope: _Scope) -> None:
        self.lines = 0
        self.damaged = 0
        self._scope = scope
        self._last: str | None = None

    def of(self, text: bytes) -> bytes:
        """Return the text of a line in the new file: empty for a damaged one."""
        line = parse_line(text)
        if line is not None and isinstance(line.get("at"), str):
            self._last = line["at"]
        if not text.strip() or not self._scope.has_line(line, self._last):
            return text
        if line is None:
            self.damaged += 1
            return b""
        if not _take_texts(line, self._scope):
            return text
        self.lines += 1
        return encode_line(line)


def _fill(source: BinaryIO, target: BinaryIO, scope: _Scope) -> None:
    change = _LineEraser(scope)
    target.writelines(change.of(text) for text in source)


def _take_texts(line: dict[str, Any], scope: _Scope) -> bool:
    """Remove the texts of a line. Returns whether it had any."""
    if line["kind"] == _ROW:
        return _take_message(line.get("error"))
    if line["kind"] not in _WITH_PROBLEMS:
        return False
    problems = line.get("problems")
    taken = [
        _take_message(one)
        for one in (problems if isinstance(problems, list) else ())
        if isinstance(one, dict) and scope.has_problem(one)
    ]
    stopped = line.get("stopped")
    if isinstance(stopped, str) and stopped != FORGOTTEN and scope.has_text(stopped):
        line["stopped"] = FORGOTTEN
        line.pop("stopped_parts", None)
        return True
    return any(taken)


def _take_message(error: Any) -> bool:
    if not isinstance(error, dict) or error.get("code") in _QUOTE_NOTHING:
        return False
    if error.get("message") == FORGOTTEN:
        return False
    error["message"] = FORGOTTEN
    for name in ("message_parts", "hint_parts"):
        error.pop(name, None)
    if isinstance(code := error.get("code"), str):  # a CRM chooses its own words
        error["code"] = known_word(code)
    for name in ("hint", "example"):
        if name in error:
            error[name] = None
    return True


def _without_texts(line: Line) -> Line:
    """Return a line without the texts, which no later decision depends on."""
    if not isinstance(line, RowLine) or line.error is None:
        return line
    error = RowError.from_json(line.error)
    error = replace(error, code=known_word(error.code) or "", message=Message(""), hint=None)
    return structs.replace(line, error=error.to_json())


def _files_of(results: Path) -> Iterable[str]:
    """Yield the paths of files next to a results file that may have values of its rows."""
    stem = output_stem(results)
    own = {results.name, f"{results.name}.lock", f"{stem}.results.index"}
    taken = set(_inputs(results))
    folder = results.parent
    for path in {
        *folder.glob(f"{glob.escape(stem)}.*"),
        *(folder / name for name in _on_record(results)),
    }:
        if path.name not in own and path.is_file() and path.resolve() not in taken:
            yield str(path)


def _inputs(results: Path) -> Iterator[Path]:
    """Yield the paths of lists and mapping files of the runs: they are not the importer's."""
    for line in read_lines(results, RunLine):
        sources = line.settings.get("sources")
        named = [*(sources if isinstance(sources, list) else ()), line.settings.get("mapping")]
        for name in named:
            if isinstance(name, str):
                yield Path(name).resolve()
                yield (results.parent / name).resolve()


def _on_record(results: Path) -> Iterator[str]:
    for line in read_lines(results, ExportsLine):
        yield from line.files
