"""The settings of a run or a check: from flags alone, or from a job file and flags."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from importer.cli.options import build_config, load_api_key
from importer.core.addresses import is_remote, shown
from importer.core.errors import ConfigError

if TYPE_CHECKING:
    from importer.jobs.job_file import JobFile
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
    key = key_of_job(found, api_key_file, asks=asks, sends=sends)
    if sources:
        with fetched(sources) as files:
            given = {**flags, "called": _called(sources)}
            yield config_of_job(found, files, key, **given)
        return
    with found.source.found(found.folder) as files:
        yield config_of_job(found, files, key, **{**flags, "job": found.path})


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


def key_of_job(
    found: JobFile, path: str | None = None, *, asks: bool = False, sends: bool = True
) -> str | None:
    """
    Return the API key of a job: of the file at `path`, of the job, or of what `load_api_key` finds.

    Raises `ConfigError` if the job says where it is and it is not there, unless the command `sends`
    nothing.
    """
    key = None
    if path is None:
        with nullcontext() if sends else suppress(ConfigError):
            key = found.read_api_key()
    return key or load_api_key(path, ask=asks)


def configured_job(found: JobFile, files: Sequence[str]) -> ImportConfig:
    """Return the settings of a job of a folder, whose list is in these files."""
    return config_of_job(found, files, key_of_job(found), job=found.path)


def config_of_job(
    found: JobFile, sources: Sequence[str], key: str | None = None, **flags: Any
) -> ImportConfig:
    """
    Return the settings of a job that has this API key, with flags that take precedence.

    Raises `UsageError`.
    """
    return build_config(
        api_key=key,
        of_job=found.config_settings(),
        sources=tuple(sources),
        **{"called": found.source.called(), **flags},
    )
