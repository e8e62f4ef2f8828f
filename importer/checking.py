"""The whole-file dry run: what `run` would do with every row, without sending any."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from importer.config import ImportConfig
from importer.job import Job, prepare
from importer.problems import Problem, group_problems
from importer.records import Outcome, RowError, Send, Status, Summary
from importer.writer import Ledger, Twin, read_lines

__all__ = ["CheckSummary", "check"]

_SAMPLES = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckSummary(Summary):
    """
    What a run would do.

    `unsent` counts the rows it would send, `requests` how many of them `limit` allows, `seconds`
    how long they take at the pace. `samples` are request bodies exactly as they would be sent,
    `problems` the grouped errors.
    """

    problems: tuple[Problem, ...] = ()
    samples: tuple[dict[str, Any], ...] = ()


def check(config: ImportConfig) -> CheckSummary:
    """
    Read, map and validate every row; send nothing and write nothing.

    Earlier results are taken into account. Raises `UsageError` like `run_import`; an API key is
    not needed.
    """
    with TemporaryDirectory(prefix="vorel-import-") as spool:
        return _Check(prepare(config, spool=Path(spool))).run()


class _Check:
    def __init__(self, job: Job) -> None:
        self._job = job
        self._config = job.config
        self._counts = dict.fromkeys((status.value for status in Status), 0)
        self._before = self._to_send = self._read = 0
        self._samples: list[dict[str, Any]] = []

    def run(self) -> CheckSummary:
        ledger = Ledger(
            retry=self._config.retry,
            on_duplicate=self._config.on_duplicate,
            on_change=self._config.on_change,
            namespace=self._config.namespace,
        )
        if self._job.results.exists():
            ledger.load(read_lines(self._job.results))
        problems = group_problems(self._errors(ledger))
        refused = self._counts[Status.INVALID] + self._counts[Status.CHANGED]
        requests = self._to_send
        if self._config.limit is not None:
            requests = min(requests, self._config.limit)
        return CheckSummary(
            run="",
            object=self._job.object,
            exit_code=1 if refused else 0,
            read=self._read,
            before=self._before,
            unsent=self._to_send,
            counts=self._counts,
            requests=requests,
            seconds=_duration(requests, self._config),
            results=str(self._job.results),
            notices=self._job.notices,
            problems=tuple(problems),
            samples=tuple(self._samples),
        )

    def _errors(self, ledger: Ledger) -> Iterator[tuple[int, RowError]]:
        for source_hash, batch, index in self._job.survey.hashed():
            self._read += 1
            decision = self._job.decide(source_hash, batch, index, ledger)
            if isinstance(decision, Send):
                self._note_send(decision)
            elif isinstance(decision, Outcome):
                self._counts[decision.status] += 1
                if decision.error is not None:
                    yield decision.line, decision.error
            elif isinstance(decision, Twin):
                self._counts[Status.DUPLICATE] += 1
            else:
                self._before += 1

    def _note_send(self, send: Send) -> None:
        self._to_send += 1
        if len(self._samples) < _SAMPLES:
            self._samples.append(
                {
                    "object": send.record.object,
                    "fields": dict(send.record.fields),
                    "idempotency_key": send.key,
                }
            )


def _duration(requests: int, config: ImportConfig) -> float:
    """Return the seconds `requests` take at the pace, answers and retries left aside."""
    if config.pace == "burst":
        return max(0, -(-requests // config.rate) - 1) * 60.0
    return max(0, requests - 1) * 60.0 / config.rate
