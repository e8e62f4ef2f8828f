"""Finds mapping files that were made for the columns of a list, for `vorel-import map`."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from importer.errors import MappingError
from importer.mapper import load_mapping
from importer.mapper.suggest.propose import count_sendable
from importer.suggesting.sampling import Sample

__all__ = ["EarlierMapping", "find_earlier_mappings"]

_MOST_FILES = 500
_FIRST_LINES = 1000  # a run puts its mapping on record before its rows


@dataclass(frozen=True, slots=True, kw_only=True)
class EarlierMapping:
    """A mapping file all of whose columns a list has, and how many of its rows it sends."""

    path: Path
    sendable: int
    columns: int


def find_earlier_mappings(
    source: str, folder: str | None, object_: str, sample: Sample, output: str | None
) -> list[EarlierMapping]:
    """
    Return the mapping files of a list's object and columns, the one that sends most rows first.

    They are looked for beside the list, in `folder`, and in what the results files beside the list
    say of earlier runs. `output` is left out.
    """
    found = []
    for path in dict.fromkeys(islice(_candidates(source, folder), _MOST_FILES)):
        if output is not None and path.resolve() == Path(output).resolve():
            continue
        try:
            mapping = load_mapping(path)
            sendable = count_sendable(
                mapping,
                object_,
                sample.columns,
                sample.cells or sample.values,
                texts=sample.cells is None,
            )
        except MappingError:  # another TOML file, or a mapping of another list
            continue
        columns = {name for field in mapping.fields for name in field.reads}
        found.append(EarlierMapping(path=path, sendable=sendable, columns=len(columns)))
    return sorted(found, key=lambda one: (-one.sendable, -one.columns, str(one.path)))


def _candidates(source: str, folder: str | None) -> Iterator[Path]:
    folders: list[Path] = [Path(folder)] if folder is not None else []
    if Path(source).is_file():
        folders.append(Path(source).parent)
    for one in folders:
        for results in sorted(one.glob("*.results.jsonl")):
            yield from _on_record(results)
        yield from sorted(one.glob("*.toml"))


def _on_record(results: Path) -> Iterator[Path]:
    """Yield the mapping files that the runs of a results file were made with, if still there."""
    with results.open(encoding="utf-8", errors="replace") as lines:
        for line in _mapping_lines(list(islice(lines, _FIRST_LINES))):
            path = line.get("path")
            if isinstance(path, str) and Path(path).is_file():
                yield Path(path)


def _mapping_lines(lines: Sequence[str]) -> Iterator[dict[str, object]]:
    for line in lines:
        try:
            document = json.loads(line)
        except ValueError:  # the end of a run that was killed
            continue
        mapping = document.get("mapping") if isinstance(document, dict) else None
        if isinstance(mapping, dict):
            yield mapping
