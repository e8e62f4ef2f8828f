"""What a person can do next with an import, with the command for it."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from glob import escape
from pathlib import Path
from typing import Any

from importer.cli.terminal_text import megabytes
from importer.core import systems
from importer.core.addresses import ADDRESS, is_remote
from importer.core.errors import ImporterError
from importer.core.records import Problem, Status
from importer.core.settings import READING, RowLimit
from importer.core.shared import FINISHED, counted
from importer.run.config import SETTINGS

_OF_A_LIST = {
    "format", "sheet", "record_path", "no_header", "header_rows", "skip_lines", "comment",
}  # fmt: skip
"""Settings for reading the list; the failed file does not need them."""
_FLAGS = {name: one for name, one in {**SETTINGS, **READING}.items() if one.flag is not None}
_FETCHED = re.compile(r"[/\\]vorel-import-[a-z0-9_]{8}[/\\]\d+[/\\][^/\\]+$")
"""The copy of a list from an address (`importer.jobs.remote`): it is gone at the end of the run."""
_GO_ON = {
    3: "Once the cause is removed, continue:",
    4: "Once the cause is removed, continue:",
    5: "Once the service answers again, or there is time, continue:",
    7: "Once the list is exported again, continue (if it is right as it is, add --accept-list):",
}

_SHARE = 2
"""Compacting is suggested if it saves a half."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NextStep:
    """Something to do, and the command for it, if there is one."""

    text: str
    command: str | None = None


def first_command(steps: Sequence[NextStep]) -> str | None:
    """Return the command to go on with, if there is one."""
    return next((step.command for step in steps if step.command), None)


class Command:
    """
    The command line of a run, from the settings in its results file.

    `here` is the results file, as a path from the current folder; the run may have been
    started in another one. `more` are arguments that no results file keeps, such as
    --api-key-file.
    """

    def __init__(
        self, settings: Mapping[str, Any], here: Path, *, more: Sequence[str] = ()
    ) -> None:
        self._settings = {
            name: value
            for name, value in settings.items()
            if (name == "read" or (name in _FLAGS and (not _FLAGS[name].once)))
        }
        self._plan = settings.get("plan")
        sources = [str(source) for source in settings.get("sources", ["SOURCE"])]
        self._sources = [ADDRESS if _FETCHED.search(one) else one for one in sources]
        self._here = here
        self._more = more
        self._folder = _started_in(self._settings.get("results"), self._sources[0], here)
        own = self._settings.pop("job", None)
        self._is_list_of_job = own is not None
        self._job = str(own) if own is not None else self._job_of_mapping()

    def of(self, name: str, *options: str) -> str:
        """Return a command that needs the results file alone."""
        return systems.current.command_line(["vorel-import", name, str(self._here), *options])

    def with_list(self, name: str) -> str:
        """Return a command that needs the results file and the list, or SOURCE in its place."""
        is_there = self._has_list() and "-" not in self._sources
        return self.of(name, *(map(self._path, self._sources) if is_there else ["SOURCE"]))

    def go_on(self, unsent: str | None = None) -> str:
        """
        Return the command that goes on with a list: a plan is carried out to its end.

        `unsent` is the file of the rows without an outcome. That is imported if the run has read a
        derived file, which has other rows, or if the file that it has read is gone. Corrected rows
        are in the last copy that was kept of an edited file.
        """
        if not self._has_list() and (file := self._kept() or unsent) is not None:
            return self.for_file(file)
        return self.again({} if self._plan is None else {"plan": self._plan})

    def _kept(self) -> str | None:
        """Return the copy that was kept last of an edited file, if the file of the run is gone."""
        from importer.writer.index_file import output_stem

        if Path(self._path(self._sources[0])).exists():
            return None
        kept = self._here.parent.glob(f"{escape(output_stem(self._here))}.edited-*.*.csv")
        return str(max(kept, key=lambda path: path.stat().st_mtime, default="")) or None

    def _has_list(self) -> bool:
        """Return whether what the run has read is there, and no derived file."""
        from importer.writer.placement import is_own_file  # only where rows are left

        if self._is_list_of_job or len(self._sources) > 1:
            return True
        source = self._path(self._sources[0])
        if source in {"-", ADDRESS} or is_remote(source) or Path(source).is_dir():
            return True
        return Path(source).is_file() and not is_own_file(Path(source))

    def again(self, more: Mapping[str, Any] | None = None) -> str:
        """Return the command that runs the import again, with more settings."""
        sources = [self._path(source) for source in self._sources]
        if self._job is not None:
            return self._of_job(self._job, [] if self._is_list_of_job else sources, more)
        settings = {**self._settings, **(more or {})}
        if settings.pop("results", None) is not None or not self._is_beside():
            settings["results"] = str(self._here)
        return self._words(sources, settings)

    def for_file(self, path: str) -> str:
        """Return the command that imports a derived file."""
        if self._job is not None:
            return self._of_job(self._job, [path])
        settings = {**self._settings, "results": str(self._here)}
        read = settings.pop("read", None) or {}
        kept = {name: value for name, value in read.items() if name not in _OF_A_LIST}
        return self._words([path], {**settings, "read": kept})

    def _job_of_mapping(self) -> str | None:
        """Return the job of a run of another list: its mapping, if it has this results file."""
        mapping = self._settings.get("mapping")
        if not isinstance(mapping, str):
            return None
        path = Path(self._path(mapping))
        with suppress(OSError, ImporterError):
            if b"[job]" in path.read_bytes():
                from importer.jobs.job_file import load_job  # only where there is a job

                is_same = load_job(path).results.absolute() == self._here.absolute()
                return mapping if is_same else None
        return None

    def _of_job(
        self, job: str, sources: Sequence[str], more: Mapping[str, Any] | None = None
    ) -> str:
        """Return the command for a job, with the settings that its file does not have."""
        from importer.jobs.job_file import load_job  # only where there is a job

        of_file: Mapping[str, Any] = {}
        with suppress(ImporterError):
            of_file = load_job(Path(self._path(job))).config().stated()
        settings = {
            name: value
            for name, value in self._settings.items()
            if name != "read" and not self._is_same(name, value, of_file.get(name))
        }
        return self._words(sources, {"job": job, **settings, **(more or {})})

    def _is_same(self, name: str, value: Any, of_file: Any) -> bool:
        """Return whether a setting of the run is that of a job file, from whatever folder."""
        if value is None or of_file is None or _FLAGS[name].type is not Path:
            return bool(value == of_file)
        return Path(self._path(str(value))).absolute() == Path(str(of_file)).absolute()

    def _is_beside(self) -> bool:
        """Return whether a run of the sources finds the results file without `--results`."""
        source = Path(self._path(self._sources[0]))
        return len(self._sources) == 1 and (
            source.with_name(f"{source.stem}.results.jsonl").absolute() == self._here.absolute()
        )

    def _words(self, sources: Sequence[str], settings: Mapping[str, Any]) -> str:
        words = ["vorel-import", "run", *sources]
        for name, value in sorted(_flags(settings)):
            setting = _FLAGS[name]
            flag = str(setting.flag).partition("/")[0]
            if setting.type is Path and name != "results":
                value = self._path(str(value))  # noqa: PLW2901
            words += [flag] if value is True else [flag, value]
        return systems.current.command_line([*words, *self._more])

    def _path(self, path: str) -> str:
        """Return a path of the run, relative to the current folder."""
        is_elsewhere = path in {"-", ADDRESS} or is_remote(path)
        if self._folder is None or is_elsewhere or Path(path).is_absolute():
            return path
        whole = Path(os.path.normpath(self._folder / path))
        return str(whole.relative_to(Path.cwd()) if whole.is_relative_to(Path.cwd()) else whole)


def _started_in(results: Any, source: str, here: Path) -> Path | None:
    """
    Return the folder that a run was started in, or None if that is not known.

    The results file is in `here`; for the run it was `results`, or in the folder of the source.
    """
    at_the_time = Path(str(results)) if results else Path(source).parent / here.name
    if at_the_time.is_absolute() or ".." in at_the_time.parts or (source == "-" and not results):
        return None
    folder = here.absolute().parent
    for part in reversed(at_the_time.parent.parts):
        if folder.name != part:
            return None
        folder = folder.parent
    return folder


def _flags(settings: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """Yield the flags of settings, with their texts."""
    for name, value in settings.items():
        if name == "read":
            yield from _flags({n: v for n, v in value.items() if n in _FLAGS})
        elif isinstance(value, Mapping):
            yield name, str(RowLimit.model_validate(value))
        elif isinstance(value, bool):
            if value:
                yield name, True
        elif value is not None:
            yield name, f"{value:g}" if isinstance(value, float) else str(value)


def next_steps(
    command: Command,
    *,
    counts: Mapping[str, int],
    left: int,
    problems: Sequence[Problem],
    files: Mapping[str, str | None],
    exit_code: int | None,
    undecided: int = 0,
    elsewhere: int = 0,
) -> list[NextStep]:
    """
    Return what to do next, the most urgent first; nothing if all is done.

    `exit_code` is that of the last run, or None if it was killed. So many possible duplicates of
    earlier runs are `undecided`, whose rows are not in the list any more. Of the changed rows,
    `elsewhere` have a record of another import.
    """
    steps: list[NextStep] = []
    stopped = exit_code not in FINISHED
    go_on = command.go_on(files.get("unsent_jsonl") or files.get("unsent"))
    if stopped:
        steps.append(NextStep(text=_GO_ON.get(exit_code or 0, "Go on:"), command=go_on))
    elif left:
        have = "row of the list has" if left == 1 else "rows of the list have"
        steps.append(NextStep(text=f"{left:,} {have} no outcome yet. Go on:", command=go_on))
    later = {status: _retryable(problems, status) for status in (Status.FAILED, Status.UNKNOWN)}
    correct = counts[Status.INVALID] + counts[Status.FAILED] - later[Status.FAILED]
    failed = files.get("failed_jsonl") or files.get("failed")
    if correct > 0 and failed:
        text = f"Correct what can be corrected in {failed} ({_rows(correct)}), and import it:"
        steps.append(NextStep(text=text, command=command.for_file(failed)))
    elif correct > 0 and not steps:
        text = f"{_rows(correct)} can be corrected, but the file of them is gone. Write it again:"
        steps.append(NextStep(text=text, command=command.again()))
    if any(later.values()) and not stopped:
        text = f"{_rows(sum(later.values()))} may be taken later. Wait, then:"
        steps.append(NextStep(text=text, command=command.again()))
    if unclear := counts[Status.UNKNOWN] - later[Status.UNKNOWN]:
        may = "it may" if unclear == 1 else "they may"
        text = f"Look up {_rows(unclear)} without a clear answer in the CRM: {may} be there."
        steps.append(NextStep(text=text))
    changes = files.get("changed")
    changed = counts[Status.CHANGED] - elsewhere
    steps += _about_changes(command, changed, changes, files.get("updates"))
    if elsewhere > 0:
        have = "has a record that" if elsewhere == 1 else "have records that"
        seen = f" ({changes} has the ids)" if changes else ""
        text = f"{_rows(elsewhere)} {have} another import has created{seen}: compare them."
        steps.append(NextStep(text=f"{text} Once that is done:", command=command.of("acknowledge")))
    steps += _about_possible(command, counts[Status.POSSIBLE_DUPLICATE], undecided, changes)
    if vanished := files.get("vanished"):
        text = (
            f"{vanished} has the records whose rows have left the list: see to them in the CRM, "
            f"then `{command.of('acknowledge')}`."
        )
        steps.append(NextStep(text=text))
    return steps or [*_about_other_rows(command, failed, changes)]


def _about_other_rows(
    command: Command, failed: str | None, changes: str | None
) -> Iterator[NextStep]:
    """Yield what to do about files that only have rows which are not in the list."""
    if failed:
        text = f"{failed} has rows that are not in the list. Correct what can be corrected:"
        yield NextStep(text=text, command=command.for_file(failed))
    if changes:
        text = (
            f"{changes} has rows that are not in the list: compare them with their records. Answer "
            "possible duplicates with --same or --new and their vorel_ref."
        )
        yield NextStep(text=f"{text} Once that is done:", command=command.of("acknowledge"))


def _about_changes(
    command: Command, changed: int, where: str | None, updates: str | None
) -> Iterator[NextStep]:
    """Yield what to do about changed rows; `updates` is the file of them for the CRM's import."""
    if changed > 0:
        seen = f" ({where} has them, with the ids of the records)" if where else ""
        file = command.with_list("updates")
        how = (
            f"Bring the records up to date in the CRM (`{file}` writes a file for its own import)."
        )
        if updates:
            how = f"Import {updates} into the CRM as an update of records."
        sent = "it was sent" if changed == 1 else "they were sent"
        yield NextStep(
            text=f"{_rows(changed)} changed since {sent}{seen}. {how} Once that is done:",
            command=command.of("acknowledge", *(("--same", updates) if updates else ())),
        )


def _about_possible(
    command: Command, rows: int, undecided: int, where: str | None
) -> Iterator[NextStep]:
    """Yield what to do about possible duplicates in the list, and about those of earlier runs."""
    told = []
    if rows > 0:
        seen = f" ({where} has the rows, with the ids of the records)" if where else ""
        may = "may have a record already, or be one with another row"
        told.append(f"{_rows(rows)} {may}: look at both{seen}.")
    if undecided > 0:
        told.append(f"{undecided_words(undecided)} (`status` names them all).")
    if told:
        refs = "REF is the vorel_ref of a row, a file with the rows, or `all`"
        told.append(f"If they are one and the same ({refs}):")
        yield NextStep(text=" ".join(told), command=command.of("acknowledge", "--same", "REF"))
        yield NextStep(
            text="If it is another one, of which the next run creates a record:",
            command=command.of("acknowledge", "--new", "REF"),
        )


def undecided_words(count: int) -> str:
    """Return that possible duplicates of earlier runs are undecided."""
    if count == 1:
        return (
            "1 possible duplicate of an earlier run is undecided, and its row is not in the list "
            "any more"
        )
    return (
        f"{count:,} possible duplicates of earlier runs are undecided, and their rows are not in "
        "the list any more"
    )


def _retryable(problems: Sequence[Problem], status: Status) -> int:
    """Return how many rows with this status may succeed unchanged."""
    return sum(one.count for one in problems if one.retryable and one.status == status)


def _rows(count: int) -> str:
    return counted(count, "row")


def compact_steps(command: Command, results: Path) -> list[NextStep]:
    """Return the step that makes a results file smaller, if at least half of it is superseded."""
    from importer.writer.rewriting.compaction_policy import may_save_enough, saves_enough

    # It takes a moment, where counting the bytes reads every line.
    if not may_save_enough(results, _SHARE):
        return []
    from importer.writer.rewriting.compaction import superseded_bytes

    size = results.stat().st_size
    spare = superseded_bytes(results)
    if not saves_enough(spare, size, _SHARE):
        return []
    text = f"{megabytes(spare)} of {results} are no longer needed. To make it smaller:"
    return [NextStep(text=text, command=command.of("compact"))]
