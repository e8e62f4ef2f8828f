"""The calls for programs: a run or a dry run of a list in files, or of rows in memory."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date, time
from decimal import Decimal
from math import isfinite
from pathlib import Path
from typing import Any, Unpack, cast
from uuid import UUID

import anyio

from importer.checking import CheckReport
from importer.checking import check as check_list
from importer.config import ImportConfig, ImportSettings
from importer.control import StopControl
from importer.errors import ConfigError
from importer.events import Hook
from importer.reader.spool import spool_folder
from importer.records import Summary
from importer.running.pipeline import run_import as run_list
from importer.systems import OPEN_FLAGS

__all__ = ["check", "run_import", "run_import_sync"]

_CALLED = "rows"


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

    `hooks` are called with each event (`importer.events`) on the event loop of the run. `control`
    lets the caller stop the run; requests in flight are waited for. A run that stops early returns
    a `Summary` too, with `stopped` and the exit code set.

    Raises `UsageError`, before anything is sent, for what the caller has to correct, and `StopRun`
    if the run is stopped before its first row.
    """
    with _config(source, settings) as config:
        return await run_list(config, hooks=hooks, control=control)


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
    with _config(source, settings) as config:
        return anyio.run(lambda: run_list(config, hooks=hooks))


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
        return check_list(config)


@contextmanager
def _config(
    source: ImportConfig | Iterable[Mapping[str, Any]], settings: ImportSettings
) -> Iterator[ImportConfig]:
    """Yield the settings of a run, with rows in a file as long as it lasts."""
    if isinstance(source, ImportConfig):
        if settings:
            raise ConfigError(
                f"{', '.join(settings)}: settings stand in the ImportConfig",
                hint="Use config.replace(…), or give rows in place of the ImportConfig.",
            )
        yield source
        return
    if isinstance(source, str | bytes | Path | Mapping) or not isinstance(source, Iterable):
        raise ConfigError(
            f"the source is a {type(source).__name__}, neither an ImportConfig nor rows",
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
        _write(source, path)
        given = cast("ImportSettings", {"called": (_CALLED,), **settings, "sources": str(path)})
        yield ImportConfig(**given)


def _write(rows: Iterable[Mapping[str, Any]], path: Path) -> None:
    """Write rows as JSON Lines. Raises `ConfigError` for a row that is no mapping."""
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | OPEN_FLAGS
    with os.fdopen(os.open(path, flags, 0o600), "w", encoding="utf-8", newline="\n") as stream:
        for number, row in enumerate(rows, 1):
            if not isinstance(row, Mapping):
                raise ConfigError(
                    f"row {number} is a {type(row).__name__} and no mapping from column to value",
                    hint="Give each row as a dict, such as {'Name': 'Omar'}.",
                )
            cells = {
                str(name): _plain(value, f"row {number}, {name}") for name, value in row.items()
            }
            stream.write(json.dumps(cells, ensure_ascii=False, default=_number) + "\n")


def _plain(value: Any, where: str) -> Any:
    """Return a value as JSON has it. Raises `ConfigError` for one that it cannot have."""
    match value:
        case None | bool() | int() | str() | Decimal():
            return value
        case float():
            return value if isfinite(value) else None  # data frames write "not a number" for none
        case date() | time() | UUID():
            return str(value) if isinstance(value, UUID) else value.isoformat()
        case Mapping():
            return {str(name): _plain(one, where) for name, one in value.items()}
        case list() | tuple():
            return [_plain(one, where) for one in value]
    raise ConfigError(
        f"{where}: a {type(value).__name__} is no value that can be sent",
        hint="Give a text, a number, a date, a time, a boolean or None.",
    )


def _number(value: Any) -> Any:
    """Return a decimal number as JSON, with all of its digits: as a text."""
    return str(value)
