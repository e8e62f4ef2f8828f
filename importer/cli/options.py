"""
Flags that several commands share, and how flags become settings.

The flags of settings are made from their declarations in `importer.cli.setting_options`. A job file
may state settings, too.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, nullcontext, suppress
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from importer.cli.help import GroupedOption
from importer.core.addresses import is_remote, shown
from importer.core.errors import ConfigError
from importer.core.shared import parse_time

if TYPE_CHECKING:
    from importer.run.config import ImportConfig


def is_person_there() -> bool:
    """Return whether a person can be asked: both ends are a terminal."""
    return sys.stdin.isatty() and sys.stderr.isatty()


class Duration(click.ParamType):  # type: ignore[type-arg]  # generic from click 8.4 on
    """A time in seconds, or with a unit after it: `90m`, `24h`, `7d`."""

    name = "time"

    def __init__(self, *, allows_zero: bool = True, least: float = 0) -> None:
        self._allows_zero = allows_zero
        self._least = least

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> float:
        """Return the seconds."""
        try:
            seconds = parse_time(str(value))
        except ValueError as error:
            self.fail(str(error), param, ctx)
        if seconds < self._least or (seconds == 0 and not self._allows_zero):
            self.fail(f"{value!r} is too short a time", param, ctx)
        return seconds


source_type = click.Path(readable=False, allow_dash=True)
"""A list: a file, a folder, a glob or an address. Shells complete the names of files."""
sources_argument = click.argument("sources", nargs=-1, metavar="SOURCE...", type=source_type)


at_once_option = click.option(
    "--at-once",
    cls=GroupedOption,
    type=click.IntRange(min=1),
    metavar="N",
    default=50,
    help="How many jobs of a folder run side by side.  [default: 50]",
)

json_option = click.option(
    "--json", "as_json", is_flag=True, help="Print one JSON object on standard output."
)


row_option = click.option(
    "--row",
    type=click.IntRange(min=1),
    metavar="N",
    help="The row with this number (vorel_row) in the last run.",
)
before_option = click.option(
    "--before",
    type=click.DateTime(formats=["%Y-%m-%d"]),
    metavar="DATE",
    help="All that was recorded before this day (UTC).",
)


def refuse_both(row: int | None, before: datetime | None) -> None:
    """Raise `click.UsageError` unless one of both says what is to be forgotten."""
    if (row is None) == (before is None):
        raise click.UsageError("Give one of --row and --before.")


def load_api_key(path: str | None, *, ask: bool) -> str | None:
    """
    Return the API key from a file, from VOREL_API_KEY, or from a prompt on the terminal.

    Returns None if there is none. Raises `ConfigError` for a file that cannot be read.
    """
    if path is not None:
        from importer.jobs.api_keys import read_key_file

        return read_key_file(Path(path), "--api-key-file")
    from importer.run.config import from_environment

    if key := from_environment("api_key"):
        return key
    if ask and is_person_there():
        return str(click.prompt("API key (VOREL_API_KEY)", hide_input=True, err=True)).strip()
    return None


def given_flags(flags: Mapping[str, Any]) -> dict[str, Any]:
    """Return the flags that were given, with the name of a delimiter as its character."""
    given = {name: value for name, value in flags.items() if value is not None}
    if given.get("delimiter") in {"\\t", "tab"}:
        given["delimiter"] = "\t"
    return given


def settings_of(flags: Mapping[str, Any]) -> dict[str, Any]:
    """
    Return the flags of a command as `ImportConfig` takes them; those that are None were not given.

    They have whatever types click gives them: `ImportConfig` checks them.
    """
    from importer.core.settings import ReadOptions

    given = given_flags(flags)
    read = {name: given.pop(name) for name in ReadOptions.model_fields if name in given}
    read |= {name: "" for name in ("quote", "escape") if read.get(name) == "none"}
    return {**given, "read": read}


def build_config(**flags: Any) -> ImportConfig:
    """Return the settings for the flags of a command, and for what the environment says."""
    from importer.run.config import DEFAULT_BASE_URL, ImportConfig, from_environment

    base_url = from_environment("base_url") or DEFAULT_BASE_URL
    return ImportConfig(**{"base_url": base_url, **settings_of(flags)})


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
