"""Stops a run before its first request if files beside its results file know more records."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from importer import reader
from importer.core import systems
from importer.core.errors import ImporterError, MemoryLost, UsageError
from importer.core.keys import DIGEST_BYTES
from importer.core.locale.message import Message
from importer.core.settings import ReadOptions
from importer.core.shared import counted
from importer.run.config import DEFAULT_BASE_URL, ImportConfig
from importer.run.file_names import results_path
from importer.run.memory.known_records import KnownRecords
from importer.writer.derived_rows import DerivedFile, DerivedRow
from importer.writer.index_file import beside, index_path, left_behind

_WITH_ROWS = ("success", "changed")
"""The derived files whose rows have records."""
_OF_RECORDS = ("undo", "vanished")
_ENDINGS = ("csv", "jsonl")
_RUN_FOLDER = re.compile(r"(\d{4}-\d\d-\d\d_\d{6})-([0-9a-f]{6})")
"""The name of the folder of a run in `output`: when the run ended, and how its id begins."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """
    A file that has records which the results file lacks.

    `says` is a sentence about it, and `at` when it was written, in seconds since 1970. `recovers`
    is the file if the results file can be built again from it.
    """

    says: Message
    at: float
    recovers: Path | None = None


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


def find_claims(known: KnownRecords, config: ImportConfig) -> list[Claim]:
    """
    Return the files that have more records than a results file.

    These are files that runs have written: derived files, the index, and the files of the last run
    in the folder `output`. A file that the results file names is not read.
    """
    claims = [*_of_files(known, config)]
    if not claims and not known.is_there:
        claims = [*_of_failed(known, config.read.encoding)]
    return claims


def _of_files(known: KnownRecords, config: ImportConfig) -> Iterator[Claim]:
    encoding = config.read.encoding
    for path in _present(known.path, _WITH_ROWS):
        if not known.has_written(path):
            yield from _of_rows(known, path, encoding)
    if isinstance(config.output, Path):
        yield from _of_last_run(known, config.output, encoding)
    yield from _of_index(known)
    if not known.is_there:
        for path in _present(known.path, _OF_RECORDS):
            ids = [row.values.get("external_id") for row in _rows(path, "utf-8")]
            yield from _unknown(known, path, [str(one) for one in ids if one])


def _present(results: Path, kinds: tuple[str, ...]) -> Iterator[Path]:
    """Yield the derived files of these kinds; of a JSON list, the CSV file has the same rows."""
    for kind in kinds:
        paths = (beside(results, f"{kind}.{ending}") for ending in _ENDINGS)
        found = next((path for path in paths if path.is_file()), None)
        if found is not None:
            yield found


def _of_rows(
    known: KnownRecords, path: Path, encoding: str | None, of_run: Message | str = ""
) -> Iterator[Claim]:
    """
    Yield a claim if the rows of a derived file name records that are in no results file.

    `encoding` is the stated encoding of the list, which its derived files have too.
    """
    of_file = (row.said for row in _rows(path, encoding) if _is_of(row, known))
    ids = filter(None, (said.get("vorel_external_id") for said in of_file))
    for one in _unknown(known, path, [*ids], of_run):
        objects = path.with_suffix(".jsonl")
        yield replace(one, recovers=objects if objects.is_file() else path)


def _unknown(
    known: KnownRecords, path: Path, named: Sequence[str], of_run: Message | str = ""
) -> Iterator[Claim]:
    """Yield a claim if some of the records that a file names are in no results file beside it."""
    ids = known.without_others(known.without(set(named)))
    if not ids:
        return
    at = path.stat().st_mtime
    rest = (
        Message("does not know %(count)s of them", count=f"{len(ids):,}")
        if known.is_there
        else Message("is not there")
    )
    yield Claim(
        says=Message(
            "%(path)s (written %(at)s%(of_run)s) has %(rows)s with a record; %(name)s %(rest)s",
            path=path,
            at=_day(at),
            of_run=of_run,
            rows=counted(len(named), "row"),
            name=known.path.name,
            rest=rest,
        ),
        at=at,
    )


def _of_last_run(known: KnownRecords, output: Path, encoding: str | None) -> Iterator[Claim]:
    """Yield a claim if the last run in `output` is not on record (two, if one second had both)."""
    last = 0.0
    for folder, ended, run in _kept(output):
        paths = [*_present(folder / known.path.name, _WITH_ROWS)]
        if not paths:
            continue
        if ended < last:
            return
        last = ended
        for path in () if known.has_run(run, ended) else paths:
            yield from _of_rows(known, path, encoding, Message(" by run %(run)s…", run=run))


def _kept(output: Path) -> Iterator[tuple[Path, float, str]]:
    """Yield the folders of runs, the last one first, each with its time and its run."""
    names: list[str] = []
    with suppress(OSError):
        names = sorted((one.name for one in output.iterdir()), reverse=True)
    for name in names:
        if (match := _RUN_FOLDER.fullmatch(name)) is not None:
            ended = datetime.strptime(match[1], "%Y-%m-%d_%H%M%S").replace(tzinfo=UTC)
            yield output / name, ended.timestamp(), match[2]


def _of_index(known: KnownRecords) -> Iterator[Claim]:
    """Yield a claim if the index was written for a longer results file, with more records."""
    found = left_behind(known.path)
    if found is None:
        return
    stamp, sections = found
    rows = sections.get("digests", 0) // DIGEST_BYTES
    is_longer = not known.is_there or stamp.size > known.path.stat().st_size
    if not rows or not is_longer or known.created >= rows:
        return
    index = index_path(known.path)
    rest = f"knows {known.created:,}" if known.is_there else "is not there"
    yield Claim(
        says=Message(
            "%(path)s goes with a results file of %(rows)s; %(name)s %(rest)s",
            path=index,
            rows=counted(rows, "record"),
            name=known.path.name,
            rest=rest,
        ),
        at=index.stat().st_mtime,
    )


def _of_failed(known: KnownRecords, encoding: str | None) -> Iterator[Claim]:
    """Yield a claim if the files of rows without a record lack rows of the list."""
    paths = [*_present(known.path, ("failed", "unsent"))]
    rows = [
        row.said.get("vorel_row", "")
        for path in paths
        for row in _rows(path, encoding)
        if _is_of(row, known)
    ]
    numbers = [int(number) for number in rows if number.isdecimal()]
    elsewhere = max(numbers, default=0) - len(numbers)
    if elsewhere > 0:
        yield Claim(
            says=Message(
                "%(path)s is of a list of which %(rows)s had a record; %(name)s is not there",
                path=paths[0],
                rows=counted(elsewhere, "more row"),
                name=known.path.name,
            ),
            at=paths[0].stat().st_mtime,
        )


def _day(at: float) -> str:
    return f"{datetime.fromtimestamp(at, UTC):%Y-%m-%d %H:%M} UTC"


def _is_of(row: DerivedRow, known: KnownRecords) -> bool:
    """Return whether a row is of the results file with this name."""
    return row.said.get("vorel_ref", "").startswith(f"{known.path.name}#")


def _rows(path: Path, encoding: str | None) -> Iterator[DerivedRow]:
    """Yield the rows of a derived file, as far as it can be read."""
    with suppress(ImporterError, OSError, UnicodeError, csv.Error, ValueError):
        if path.suffix == ".csv":
            options = ReadOptions(format="csv", encoding=encoding)
            [file] = reader.find_sources((str(path),), options=options)
            encoding = reader.detect_layout(file, options).encoding
        yield from DerivedFile(path, encoding or "utf-8").rows()
