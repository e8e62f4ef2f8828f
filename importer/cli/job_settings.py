"""The settings of a run or a check: from flags alone, or from a job file and flags."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from importer.cli.options import build_config, load_api_key, settings_of
from importer.core.addresses import is_remote, shown
from importer.core.errors import ConfigError

if TYPE_CHECKING:
    from importer.run.config import ImportConfig


@contextmanager
def configured(
    *,
    job: str | None,
    sources: tuple[str, ...],
    api_key_file: str | None = None,
    asks: bool = False,
    sends: bool = True,
    **flags: Any,
) -> Iterator[ImportConfig]:
    """
    Return the settings for the flags of a command, and find the list of a `job`.

    With `asks` a missing API key is asked for. A command that `sends` nothing needs none. Raises
    `UsageError`.
    """
    if job is None:
        if not sources:
            raise click.UsageError("Missing argument 'SOURCE...'; or name a job file with --job.")
        if any(map(is_remote, sources)) and flags.get("results") is None:
            raise ConfigError(
                "with a list from an address, the results file must be named",
                hint="Use --results import.results.jsonl, the same one each time.",
            )
        key = load_api_key(api_key_file, ask=asks)
        with fetched(sources) as files:
            yield build_config(api_key=key, sources=files, called=_called(sources), **flags)
        return
    from importer.jobs.job_file import load_job

    found = load_job(Path(job))
    given, key = settings_of(flags), None
    if found.api_key is not None and api_key_file is None:
        with nullcontext() if sends else suppress(ConfigError):
            key = found.api_key.read(found.folder)
    given["api_key"] = key or load_api_key(api_key_file, ask=asks)
    if sources:
        with fetched(sources) as files:
            yield found.run_config(files, **given, called=_called(sources), job=None)
        return
    with found.source.found(found.folder) as files:
        yield found.run_config(files, **given)


@contextmanager
def fetched(sources: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    """
    Yield files for sources, of which those at addresses are copied (`importer.jobs.remote`).

    Nothing is loaded that files of this computer do not need.
    """
    if not any(map(is_remote, sources)):
        yield sources
        return
    from importer.jobs import remote

    with remote.fetched(sources) as files:
        yield files


def _called(sources: tuple[str, ...]) -> tuple[str, ...]:
    """Return what a person is shown of sources, if one of them is at an address."""
    return tuple(map(shown, sources)) if any(map(is_remote, sources)) else ()
