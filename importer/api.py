"""The calls for programs: a run or a dry run of a list in files, or of rows in memory."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar, Unpack, cast

import anyio

from importer.core.control import StopControl, refuse_loop
from importer.core.errors import ConfigError, MappingError
from importer.core.events import Hook
from importer.core.locale.message import Message
from importer.core.records import Summary
from importer.reader.program_rows import write_rows
from importer.reader.spool import spool_folder
from importer.run.checking.check_report import CheckReport
from importer.run.checking.dry_run import check as check_list
from importer.run.config import ImportConfig, ImportSettings
from importer.run.pipeline import run_import as run_list

_Found = TypeVar("_Found", Summary, CheckReport)
_CALLED = "rows"
_MAP = (
    "Give mapping=, the path of a mapping file or parse_mapping(text). suggest_mapping(columns, "
    "object) suggests a field for each column."
)


async def run_import(
    source: ImportConfig | Iterable[Mapping[str, Any]],
    *,
    hooks: Sequence[Hook] = (),
    control: StopControl | None = None,
    **settings: Unpack[ImportSettings],
) -> Summary:
    """
    Import a list, or continue where an earlier run with the same results file stopped.

        >>> config = ImportConfig(sources="contacts.csv", object="lead", base_url=url, api_key=key)
        >>> anyio.run(run_import, config).counts["created"]
        2

    `source` is an `ImportConfig` that names files; or the rows themselves, any iterable of mappings
    from column to value, such as a cursor, a generator or the rows of a data frame. Then the other
    settings are given by name, `results` among them:

        summary = await run_import(cursor, object="contact", mapping="mapping.toml",
                                   results="patients.results.jsonl", api_key=key)

    Values of rows are texts, numbers, dates, times, booleans, None, or lists and mappings of these.
    The rows are read to their end before the first request, and kept in a private temporary file
    meanwhile. A row is known again by its values, as one of a JSON list.

    `hooks` are called with each event (`importer.core.events`) on the event loop of the run.
    `control` lets the caller stop the run; requests in flight are waited for. A run that stops
    early returns a `Summary` too, with `stopped` and the exit code set.

    Raises `UsageError`, before anything is sent, for what the caller has to correct, and `StopRun`
    if the run is stopped before its first row.
    """
    with _config(source, settings) as config:
        return _renamed(await run_list(config, hooks=hooks, control=control), config)


def run_import_sync(
    source: ImportConfig | Iterable[Mapping[str, Any]],
    *,
    hooks: Sequence[Hook] = (),
    **settings: Unpack[ImportSettings],
) -> Summary:
    """
    Do what `run_import` does, for programs without an event loop: return when the run has ended.

        >>> config = ImportConfig(sources="contacts.csv", object="lead", base_url=url, api_key=key)
        >>> run_import_sync(config).exit_code
        0
    """
    refuse_loop("summary = await run_import(…)", "run_import_sync(…)")
    with _config(source, settings) as config:
        return _renamed(anyio.run(lambda: run_list(config, hooks=hooks)), config)


def check(
    source: ImportConfig | Iterable[Mapping[str, Any]], **settings: Unpack[ImportSettings]
) -> CheckReport:
    """
    Read, map and validate every row; send nothing and write nothing.

        >>> report = check(ImportConfig(sources="contacts.csv", object="contact"))
        >>> report.read, report.to_send, report.refused
        (2, 2, 0)

    `source` and `settings` are those of `run_import`. Earlier results are taken into account. No
    API key is needed. Raises `UsageError` like `run_import`.
    """
    with _config(source, settings) as config:
        return _renamed(check_list(config), config)


def _renamed(found: _Found, config: ImportConfig) -> _Found:
    """Return a result in which the files of rows are called as the rows are."""
    called = dict(zip(config.sources, config.called, strict=False))

    def name(text: str) -> str:
        for path, one in called.items():
            text = text.replace(path, one)
        return text

    def named(message: Message | None) -> Message | None:
        return None if message is None else message.map_texts(name)

    given: Any = found
    changes = {one: tuple(map(named, getattr(given, one, ()))) for one in ("notices", "read_as")}
    renamed: _Found = replace(
        given,
        stopped=named(given.stopped),
        hint=named(given.hint),
        problems=tuple(
            replace(one, hint=named(one.hint), sources=[called.get(s, s) for s in one.sources])
            for one in given.problems
        ),
        **{one: texts for one, texts in changes.items() if hasattr(given, one)},
    )
    return renamed


@contextmanager
def _config(
    source: ImportConfig | Iterable[Mapping[str, Any]], settings: ImportSettings
) -> Iterator[ImportConfig]:
    """Yield the settings of a run, with rows in a file as long as it lasts."""
    if isinstance(source, ImportConfig):
        if settings:
            raise ConfigError(
                "%(names)s: settings stand in the ImportConfig",
                names=", ".join(settings),
                hint="Use config.replace(…), or give rows in place of the ImportConfig.",
            )
        yield source
        return
    if isinstance(source, str | bytes | Path | Mapping) or not isinstance(source, Iterable):
        raise ConfigError(
            "the source is a %(type)s, neither an ImportConfig nor rows",
            type=type(source).__name__,
            hint="Files are named in an ImportConfig(sources=…). Rows are an iterable of mappings.",
        )
    if "sources" in settings or settings.get("results") is None:
        raise ConfigError(
            "rows come in place of sources, and need a results file",
            hint='Give results="people.results.jsonl", the same one each time, and no sources.',
        )
    with spool_folder() as spool:
        path = spool / "0" / f"{_CALLED}.jsonl"  # as lists from an address are kept
        path.parent.mkdir()
        write_rows(source, path)
        given = cast("ImportSettings", {"called": (_CALLED,), **settings, "sources": str(path)})
        try:
            yield ImportConfig(**given)
        except MappingError as error:
            if given.get("mapping") is not None:
                raise
            raise MappingError(error.message, hint=_MAP) from error  # `map` reads files alone
