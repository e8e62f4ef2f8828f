"""Runs the real decisions over a list, against a service that fails, as often as one likes."""

from __future__ import annotations

import json
from collections.abc import Coroutine, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, cast

from importer.core.clock import Clock
from importer.core.records import AlreadyCreated, Outcome, PendingDuplicate, Send
from importer.mapper.mapping.file import load_mapping
from importer.run.config import ImportConfig
from importer.run.job import Job, prepare
from importer.run.journal import Journal
from importer.run.loaded_import import LoadedImport, load_import
from importer.run.plan_execution import PlanExecution
from importer.run.planning import make_plan
from importer.run.tally import Tally
from importer.writer.line_reader import each_version, line_from_json
from importer.writer.lines.row_line import KnownLine, RowLine
from importer.writer.results import ResultsFile
from importer.writer.rewriting.compaction import compact
from law.lists import MAPPINGS, Line, csv_text
from law.service import Fate, Service

__all__ = ["Imports", "Ran", "Settings"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """How a run decides; see `importer.run.config.ImportConfig`."""

    mapping: str = "full"
    on_duplicate: Literal["skip", "send"] = "skip"
    on_change: Literal["report", "send"] = "report"
    namespace: str = ""
    resend_unknown: bool = False


@dataclass(slots=True)
class Ran:
    """
    What a run did: outcomes by row number, and which rows it passed over, and which it sent.

    Without `ended` it was killed.
    """

    outcomes: dict[int, Outcome] = field(default_factory=dict)
    sent: list[Send] = field(default_factory=list)
    before: int = 0
    ended: bool = False


class _Crash(Exception):  # noqa: N818 - the process is gone: what is not on record is forgotten
    pass


class _Lines:
    """Stands in for a `ResultsFile`: what is written is on disk at once."""

    def __init__(self, path: Path) -> None:
        self._path = path

    async def append(self, *lines: Mapping[str, Any]) -> None:
        with self._path.open("a", encoding="utf-8") as stream:
            stream.writelines(f"{json.dumps(line, separators=(',', ':'))}\n" for line in lines)


class Imports:
    """One import: a list and its results file in a folder, and the service that it goes to."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._results = folder / "people.results.jsonl"
        self._mappings = {}
        for name, mapping in MAPPINGS.items():
            path = folder / f"{name}.toml"
            path.write_text(mapping.text(), encoding="utf-8")
            self._mappings[name] = load_mapping(path)
        self.service = Service()
        self._runs = 0

    def lines(self) -> list[dict[str, Any]]:
        """Return what is on record, with a line for each version of a row."""
        if not self._results.exists():
            return []
        found: list[dict[str, Any]] = []
        for one in map(json.loads, self._results.read_bytes().splitlines()):
            line = line_from_json(one)
            if isinstance(line, KnownLine | RowLine) and line.packed:
                found += [each.to_json() for each in each_version(line)]
            else:
                found.append(one)
        return found

    def compact(self) -> None:
        """Make the results file smaller, if there is one."""
        if self._results.exists():
            compact(self._results)

    def job(self, lines: Sequence[Line], settings: Settings, **others: Any) -> Job:
        """Return the import of a list."""
        source = self._folder / "people.csv"
        source.write_text(csv_text(lines), encoding="utf-8")
        given: dict[str, Any] = {
            "sources": (str(source),),
            "mapping": self._mappings[settings.mapping],
            "results": self._results,
            "base_url": "http://localhost",
            "api_key": "vapk_test_" + "0" * 48,
            "on_duplicate": settings.on_duplicate,
            "on_change": settings.on_change,
            "namespace": settings.namespace,
            "resend_unknown": settings.resend_unknown,
        }
        return prepare(ImportConfig(**{**given, **others}), spool=self._folder)

    def run(
        self,
        lines: Sequence[Line],
        settings: Settings,
        fates: Sequence[Fate] = (),
        *,
        answers_wait: bool = False,
    ) -> Ran:
        """
        Import a list. The first requests have these `fates`, all others are answered.

        With `answers_wait`, no answer comes before all rows have been decided about.
        """
        job = self.job(lines, settings)
        with load_import(job, salt="salt") as loaded:
            return _Run(self, job, loaded, lines, settings, fates).run(answers_wait=answers_wait)

    def load_import(self, job: Job) -> None:
        """Look at what is on record, as a run or a check does that is about to begin."""
        load_import(job).close()

    def put(self, writing: Coroutine[Any, Any, None]) -> None:
        """Let a line be written: nothing in it waits."""
        try:
            writing.send(None)
        except StopIteration:
            return
        raise AssertionError("a line waits to be written")

    def journal(self) -> Journal:
        """Return what writes to the results file in one more run."""
        self._runs += 1
        return Journal(cast("ResultsFile", _Lines(self._results)), f"run {self._runs}", Clock())


class _Run:
    """A run, from its first line to its end or its death."""

    def __init__(
        self,
        imports: Imports,
        job: Job,
        loaded: LoadedImport,
        lines: Sequence[Line],
        settings: Settings,
        fates: Sequence[Fate],
    ) -> None:
        self._imports = imports
        self._journal = imports.journal()
        self._job = job
        self._loaded = loaded
        self._lines = lines
        self._mapping = MAPPINGS[settings.mapping]
        self._fates: Iterator[Fate] = iter(fates)
        self._tally = Tally()
        self._ran = Ran()

    def run(self, *, answers_wait: bool) -> Ran:
        imports, state = self._imports, self._loaded.state
        plan = make_plan(self._job, self._loaded, now=Clock().now())
        self._execution = PlanExecution(self._job, plan, state)
        imports.put(self._journal.begin(self._job, salt=state.salt, mapping=self._loaded.mapping))
        flying: list[Send] = []
        try:
            for decision in self._execution.decisions():
                if isinstance(decision, Send):
                    self._ran.sent.append(decision)
                    flying.append(decision)
                elif isinstance(decision, Outcome):
                    self._record(decision)
                elif isinstance(decision, AlreadyCreated):
                    self._ran.before += decision.rows
                    if decision.known is not None:
                        imports.put(self._journal.record(decision.known))
                else:
                    assert isinstance(decision, PendingDuplicate)
                while flying and not answers_wait:
                    self._deliver(flying.pop(0))
            for send in flying:
                self._deliver(send)
        except _Crash:
            return self._ran
        self._tally.before = self._ran.before
        imports.put(self._journal.end(self._tally))
        self._ran.ended = True
        assert self._ran.before + len(self._ran.outcomes) == len(self._lines), "the counts are off"
        return self._ran

    def _deliver(self, send: Send) -> None:
        service, line = self._imports.service, self._lines[send.record.row.number - 1]
        fate: Fate = next(self._fates, "answered")
        service.leave(send, line, self._mapping)
        self._imports.put(self._journal.sent(send))
        outcome = service.answer(send, line, self._mapping, fate)
        if outcome is None:
            raise _Crash
        for settled in [outcome, *self._execution.settle(outcome)]:
            self._record(settled)

    def _record(self, outcome: Outcome) -> None:
        assert outcome.number not in self._ran.outcomes, "a row has two outcomes"
        self._ran.outcomes[outcome.number] = outcome
        self._tally.add(outcome)
        self._imports.put(self._journal.record(outcome))
