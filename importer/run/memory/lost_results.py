"""Stops a run before its first request if its results file was lost, or is an older copy."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from importer.core import systems
from importer.core.errors import MemoryLost, UsageError
from importer.core.locale.message import Message
from importer.run.config import DEFAULT_BASE_URL, ImportConfig
from importer.run.file_names import results_path
from importer.run.memory.claims import Claim, find_claims
from importer.run.memory.known_records import KnownRecords


def refuse_lost_memory(results: Path, config: ImportConfig) -> None:
    """
    Raise `MemoryLost` if a file next to a results file has records that the results file lacks.

    The results file may be missing. Files from before the last run with `--new-import` do not
    count, and in a run with `--new-import` no file does.
    """
    known = KnownRecords(results)
    if not config.new_import and not known.is_foreign:
        refuse_claims(known, find_claims(known, config), config)


def is_lost(config: ImportConfig) -> bool:
    """Return whether `refuse_lost_memory` will stop the run of an import."""
    try:
        refuse_lost_memory(results_path(config), config)
    except MemoryLost:
        return True
    except (UsageError, OSError):  # the run itself says it
        return False
    return False


def refuse_claims(known: KnownRecords, claims: Iterable[Claim], config: ImportConfig) -> None:
    """Raise `MemoryLost` for claims that are newer than the last `--new-import` on record."""
    news = [one for one in claims if one.at > known.last_new_import]
    if not news:
        return
    raise MemoryLost(
        "%(path)s does not know records that were made; nothing was sent"
        if known.is_there
        else "%(path)s is not there; nothing was sent",
        path=known.path,
        hint=Message(
            "Put the last copy of %(name)s back, and run the same command. To create these "
            "records once more all the same, add --new-import. %(rest)s",
            name=known.path.name,
            rest=_without_copy(known.path, news, config),
        ),
        known=[one.says for one in news],
    )


def _without_copy(results: Path, claims: list[Claim], config: ImportConfig) -> Message:
    """Return the hint for a person without a copy of the results file."""
    files = [str(one.recovers) for one in claims if one.recovers is not None]
    if not files:
        return Message(
            "If there is no copy, vorel-import recover builds it again from the success files of "
            "this import, and from its changed file."
        )
    words = ["vorel-import", "recover", str(results), *files]
    if isinstance(config.mapping, Path):
        words += ["--mapping", str(config.mapping)]
    if config.object is not None:
        words += ["--object", config.object]
    if config.namespace:
        words += ["--namespace", config.namespace]
    if config.base_url != DEFAULT_BASE_URL:
        words += ["--base-url", config.base_url]
    command = systems.current.command_line(words)
    return Message(
        "If there is no copy, build it again as far as possible: %(command)s", command=command
    )
