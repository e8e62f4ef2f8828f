"""Compares an import with the earlier runs of its results file, before anything is sent."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlsplit

from importer.errors import ResultsError
from importer.running.job import Job
from importer.running.journal import api_key_digest
from importer.shared import LOOPBACK
from importer.writer import History, ResultsFile, RunLine

__all__ = ["compare"]


def compare(job: Job, results: ResultsFile, history: History) -> Iterator[str]:
    """
    Yield what a person should know about going on after the earlier runs in `history`.

    Raises `ResultsError` where the file belongs to another import, unless `force` is set.
    """
    if results.torn is not None:
        yield f"the last line of {results.path} was torn; it is kept in {results.torn}"
    if history.damaged:
        yield (
            f"{results.path}: skipped {len(history.damaged)} damaged lines, the first is line "
            f"{history.damaged[0]}; a row without an outcome is sent again with the same key"
        )
    if history.runs:
        _check_target(job, history.runs[-1])
        yield from _changes(job, history.runs[-1])


def _check_target(job: Job, last: RunLine) -> None:
    """Raise `ResultsError` where the last run made other objects, or sent them elsewhere."""
    if job.config.rerun.force:
        return
    for name, there, here in (
        ("object", last.object, job.object),
        ("base_url", last.base_url, job.config.base_url),
    ):
        if there is not None and _place(there) != _place(here):
            raise ResultsError(
                f"{job.results} belongs to an import with {name} {there}, not {here}",
                hint="Name another results file with --results, or go on with --force.",
            )


def _changes(job: Job, last: RunLine) -> Iterator[str]:
    if last.api_key_sha256_8 != api_key_digest(job.config):
        yield "another API key than last time; it must belong to the same Vorel account"
    if last.mapping_sha256 != job.mapping_sha256:
        yield (
            "the mapping has changed since the last run; rows that were created before are not "
            "sent again"
        )
    if last.source is not None and last.source.sha256 != job.survey.sha256:
        yield (
            f"the source ({job.survey.name}) differs from the last run's ({last.source.name}); "
            "rows are recognised by their content"
        )


def _place(address: str) -> str:
    """Compare hosts and not ports where the host is this machine: local servers move about."""
    parts = urlsplit(address)
    if not parts.hostname:
        return address
    return "localhost" if parts.hostname in LOOPBACK else f"{parts.scheme}://{parts.netloc}"
