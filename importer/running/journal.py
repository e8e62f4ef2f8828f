"""What a run writes into the results file about itself, and what it checks there first."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

from importer._version import __version__
from importer.errors import ResultsError, StopRun
from importer.records import Send
from importer.running.job import Job
from importer.running.tally import Tally
from importer.shared import LOOPBACK
from importer.writer import History, ResultsFile, process_identity

__all__ = [
    "compare",
    "end_line",
    "left_rows",
    "refused_line",
    "run_line",
    "sent_line",
    "unsent_line",
]


def run_line(job: Job, run: str, at: str) -> dict[str, Any]:
    """Return the line of kind `run`: what a later run is compared with. It holds no secret."""
    config = job.config
    key = config.api_key.get_secret_value() if config.api_key else ""
    return {
        "kind": "run",
        "run": run,
        "at": at,
        "version": __version__,
        "object": job.object,
        "base_url": config.base_url,
        "source": {
            "name": job.survey.name,
            "bytes": job.survey.size,
            "sha256": job.survey.sha256,
            "rows": job.survey.rows,
            **({"is_about": True} if job.survey.is_about else {}),
        },
        "mapping_sha256": job.mapping_sha256,
        "api_key_sha256_8": hashlib.sha256(key.encode()).hexdigest()[:8],
        "settings": config.stated(),
        **process_identity(),
    }


def sent_line(send: Send, at: str) -> dict[str, Any]:
    """Return the line of kind `sent`: a request with this key is about to leave."""
    return _request_line("sent", send, at)


def refused_line(send: Send, at: str) -> dict[str, Any]:
    """
    Return the line of kind `refused`: no request with this key created or will create anything.

    The row has no outcome yet; its next request takes the next key.
    """
    return _request_line("refused", send, at)


def unsent_line(send: Send, at: str) -> dict[str, Any]:
    """
    Return the line of kind `unsent`: no request with this key was taken, by a run that stops.

    The row is as it was before them.
    """
    return _request_line("unsent", send, at)


def _request_line(kind: str, send: Send, at: str) -> dict[str, Any]:
    return {
        "kind": kind,
        "idempotency_key": send.key,
        "row": send.record.row.number,
        "source_hash": send.source_hash,
        "occurrence": send.occurrence,
        "at": at,
    }


def end_line(
    tally: Tally,
    run: str,
    at: str,
    *,
    stop: StopRun | None,
    requests: int,
    exports: Mapping[str, Any] | None,
) -> dict[str, Any]:
    """Return the line of kind `end`: what became of the rows of a run."""
    return {
        "kind": "end",
        "run": run,
        "at": at,
        "exit_code": tally.exit_code(stop),
        "read": tally.read,
        "rows": tally.rows,
        "before": tally.before,
        "unsent": tally.unsent,
        "left": left_rows(exports),
        "counts": dict(tally.counts),
        "requests": requests,
        "stopped": stop.message if stop else None,
        "exports": exports,
    }


def left_rows(exports: Mapping[str, Any] | None) -> int | None:
    """Return how many rows of the sources have no outcome, where the derived files tell."""
    return exports["rows"]["unsent"] if exports else None


def compare(job: Job, results: ResultsFile, history: History) -> Iterator[str]:
    """
    Yield what a person should know about going on after the earlier runs in `history`.

    Raises `ResultsError` where the file belongs to another import, unless `force` is set.
    """
    if results.torn is not None:
        yield f"the last line of {results.path} was torn; it is kept in {results.torn}"
    if history.damaged:
        yield (
            f"{results.path}: {len(history.damaged)} damaged lines were passed over, the first is "
            f"line {history.damaged[0]}; a row without an outcome is sent again with the same key"
        )
    if history.runs:
        yield from _compare(job, history.runs[-1])


def _compare(job: Job, last: Mapping[str, Any]) -> Iterator[str]:
    config = job.config
    now = run_line(job, "", "")
    if not config.rerun.force:
        for name, here in (("object", job.object), ("base_url", config.base_url)):
            there = last.get(name)
            if isinstance(there, str) and _place(there) != _place(here):
                raise ResultsError(
                    f"{job.results} belongs to an import with {name} {there}, not {here}",
                    hint="Name another results file with --results, or go on with --force.",
                )
    if last.get("api_key_sha256_8") != now["api_key_sha256_8"]:
        yield "another API key than last time; it must belong to the same Vorel account"
    if last.get("mapping_sha256") != now["mapping_sha256"]:
        yield (
            "the mapping has changed since the last run; rows that were created before are not "
            "sent again"
        )
    source = last.get("source")
    if isinstance(source, Mapping) and source.get("sha256") != job.survey.sha256:
        yield (
            f"the source ({job.survey.name}) differs from the last run's ({source.get('name')}); "
            "rows are recognised by their content"
        )


def _place(address: str) -> str:
    """Compare hosts and not ports where the host is this machine: local servers move about."""
    parts = urlsplit(address)
    if not parts.hostname:
        return address
    return "localhost" if parts.hostname in LOOPBACK else f"{parts.scheme}://{parts.netloc}"
