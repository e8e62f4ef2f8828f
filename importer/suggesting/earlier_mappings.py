"""Finds mapping files that were made for the columns of a list, for `vorel-import map`."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet
from contextlib import suppress
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import Any

from importer.core.errors import MappingError
from importer.mapper.mapping.file import load_mapping, parse_mapping
from importer.mapper.mapping.model import FieldMap
from importer.mapper.mapping.toml_text import as_toml
from importer.mapper.suggest.propose import tried
from importer.suggesting.sampling import Sample

_MOST_FILES, _LEAST = 500, 0.5
_FIRST_LINES = 1000  # a run puts its mapping on record before its rows


@dataclass(frozen=True, slots=True, kw_only=True)
class FittingMapping:
    """
    A mapping all of whose `columns` a list has, and how many of its rows it sends.

    `path` is its file. If that is gone, `results` is the results file that has it on record, and
    `text` what stood in it.
    """

    path: Path
    sendable: int
    columns: frozenset[str]
    results: Path | None = None
    text: str | None = None


def find_earlier_mappings(
    source: str,
    folder: str | None,
    object_: str,
    sample: Sample,
    output: str | None,
    suggested: AbstractSet[str],
) -> list[FittingMapping]:
    """
    Return the mapping files of a list's object and columns, the one that sends most rows first.

    They are looked for beside the list, in `folder`, and in what the results files beside the list
    say of earlier runs. `output` is left out, and so is a mapping that sends none of the rows, or
    less than half of the columns that are `suggested` today: it was made for another list.
    """
    found: list[FittingMapping] = []
    for path in dict.fromkeys(islice(_candidates(source, folder), _MOST_FILES)):
        if output is not None and path.resolve() == Path(output).resolve():
            continue
        with suppress(MappingError):  # another TOML file, or a mapping of another list
            found.append(_counted(load_mapping(path), path, object_, sample))
    there = {one.path.resolve() for one in found}
    gone = _gone(_folders(source, folder), object_, sample)
    found += (one for one in gone if one.path.resolve() not in there)
    useful = (
        one
        for one in found
        if (one.sendable or not sample.rows)
        and len(one.columns & suggested) >= _LEAST * len(suggested)
    )
    return sorted(useful, key=lambda one: (-one.sendable, -len(one.columns), str(one.path)))


def mapping_on_record(results: Path, object_: str, sample: Sample) -> FittingMapping | None:
    """Return the last mapping of a results file that fits the columns of a list, or None."""
    found = [*_of_results(results, object_, sample)]
    return found[-1] if found else None


def _counted(mapping: FieldMap, path: Path, object_: str, sample: Sample) -> FittingMapping:
    """Return a mapping with the rows it sends. Raises `MappingError` for one of another list."""
    found = tried(mapping, object_, sample.columns, sample.as_read)
    columns = frozenset(name for field in mapping.fields for name in field.reads)
    return FittingMapping(path=path, sendable=found.to_send, columns=columns)


def _gone(folders: Sequence[Path], object_: str, sample: Sample) -> Iterator[FittingMapping]:
    """Yield the last mapping of each results file whose mapping file is not there any more."""
    for one in folders:
        for results in islice(sorted(one.glob("*.results.jsonl")), _MOST_FILES):
            mapping = mapping_on_record(results, object_, sample)
            if mapping is not None and not mapping.path.is_file():
                yield mapping


def _of_results(results: Path, object_: str, sample: Sample) -> Iterator[FittingMapping]:
    for document in _mapping_lines(results):
        try:
            mapping = FieldMap.from_json(document["mapping"])
            text = as_toml(mapping)
            if text is not None and document.get("object", object_) == object_:
                again = parse_mapping(text.encode())
                path = mapping.path or results.with_suffix(".toml")
                found = _counted(again, path, object_, sample)
                yield replace(found, results=results, text=text)
        except (MappingError, TypeError, KeyError, ValueError):  # of another list, or version
            continue


def _folders(source: str, folder: str | None) -> list[Path]:
    folders = [Path(folder)] if folder is not None else []
    return [*folders, Path(source).parent] if Path(source).is_file() else folders


def _candidates(source: str, folder: str | None) -> Iterator[Path]:
    for one in _folders(source, folder):
        for results in sorted(one.glob("*.results.jsonl")):
            paths = (line["mapping"].get("path") for line in _mapping_lines(results))
            found = (Path(path) for path in paths if isinstance(path, str))
            yield from (path for path in found if path.is_file())
        yield from sorted(one.glob("*.toml"))


def _mapping_lines(results: Path) -> Iterator[dict[str, Any]]:
    """Yield the first lines of a results file that have a mapping."""
    with results.open(encoding="utf-8", errors="replace") as lines:
        for line in islice(lines, _FIRST_LINES):
            with suppress(ValueError):  # the end of a run that was killed
                document = json.loads(line)
                if isinstance(document, dict) and isinstance(document.get("mapping"), dict):
                    yield document
