"""Compares an import with the earlier runs of its results file."""

from __future__ import annotations

from collections.abc import Iterator

from importer.running.job import Job
from importer.running.journal import api_key_digest
from importer.writer import History, LineStore, RunLine, torn_line_kept

__all__ = ["compare"]


def compare(job: Job, results: LineStore, history: History) -> Iterator[str]:
    """Yield what a person should know before continuing the earlier runs in `history`."""
    yield from torn_line_kept(results.path, results.torn)
    if history.damaged:
        yield (
            f"{results.path}: skipped {len(history.damaged)} damaged lines, the first is line "
            f"{history.damaged[0]}; a row without an outcome is sent again with the same key"
        )
    if (last := history.last_run) is not None:
        yield from _changes(job, last)


def _changes(job: Job, last: RunLine) -> Iterator[str]:
    if last.api_key_sha256_8 != api_key_digest(job.config):
        yield "another API key than last time; it must belong to the same Vorel account"
    if last.source is not None and last.source.sha256 != job.survey.sha256:
        yield (
            f"the source ({_called(job)}) differs from the last run's ({_last_called(last)}); "
            "rows are recognised by their content"
        )


def _called(job: Job) -> str:
    """Return what a person is shown of the list: the copy of one from an address is soon gone."""
    return ", ".join(job.config.called) or job.survey.name


def _last_called(last: RunLine) -> str:
    called = last.settings.get("called")
    name = (last.source.name if last.source is not None else None) or "unknown"
    return ", ".join(map(str, called)) if isinstance(called, list) and called else name
