"""Reads the columns of a source, its first 5,000 rows and some further ones, for suggestions."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from importer import reader
from importer.core.errors import ConfigError, SourceError
from importer.core.locale.message import Message
from importer.core.paths import walk_leaves
from importer.core.records import Row
from importer.core.settings import ReadOptions, describe_faults
from importer.mapper.suggest.columns.headers import lists_people, lists_what_people_have
from importer.mapper.suggest.propose import Excerpt
from importer.reader import Layout
from importer.reader.encoding.decide import encoding_for_region
from importer.reader.files.compression import container_format
from importer.reader.spool import spool_folder

_ROWS, _FEWEST, _CELLS = 5000, 100, 100_000
"""How many rows are looked at; of lists with very many columns fewer, but so many at least."""
# Further down a list may be written otherwise: of its next rows, a few are looked at too.
_FURTHER, _STEP = 5_000, 50
# So many objects of a list are looked at, and so many lists in each other: the phones of contacts.
_ITEMS, _NESTED = 3, 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample(Excerpt):
    """
    The first rows of a list, and some further ones.

    `files` has the name of each file and how it is read, `notices` what people should know of
    them. The first row is on the line `first_line`.
    """

    files: tuple[tuple[str, Layout], ...] = ()
    notices: tuple[Message, ...] = ()
    first_line: int = 0


def take_sample(source: str, overrides: Mapping[str, Any]) -> Sample:
    """
    Return the columns of one source and the values of its first rows.

    In JSON Lines a column is the dotted path of a leaf, and `phones.0.number` that of the first
    object in a list of phone numbers. Raises `SourceError` for a source without columns, and
    `ConfigError` for an invalid override.
    """
    try:
        options = ReadOptions(**overrides)
    except ValidationError as error:
        raise ConfigError(describe_faults(error)) from None
    columns: dict[str, None] = {}
    rows: list[dict[str, Any]] = []
    is_whole = True
    files: list[tuple[str, Layout]] = []
    notices: list[Message] = []
    first_line = 0
    with spool_folder() as spool:
        for file in reader.find_sources((source,), spool=spool, options=options):
            layout = reader.detect_layout(file, options)
            files.append((file.name, layout))
            with reader.open_source(file, layout, options) as stream:
                columns |= dict.fromkeys(stream.columns or ())
                good: Iterator[Row] = (row for row in stream if isinstance(row, Row))
                first = [*islice(good, 1)]
                most = _most_rows([*columns, *(path for one in first for path in _leaves(one))])
                good = chain(first, good)
                taken = [*islice(good, max(0, most - len(rows)))]
                is_whole &= (more := next(good, None)) is None
                if more is not None and len(rows) < most:
                    taken += [more, *islice(good, _STEP, _FURTHER, _STEP)]
                first_line = first_line or next((row.line for row in taken), 0)
                for row in taken:
                    rows.append(_leaves(row))
                    columns |= dict.fromkeys(rows[-1])
                notices += stream.notices
    if not columns:
        raise SourceError(
            "%(name)s has no columns to map.", name=source, hint="Check that it is the right file."
        )
    cells = tuple([row.get(column, "") for row in rows] for column in columns)
    values = tuple([_text(cell) for cell in column] for column in cells)
    is_text = all(isinstance(cell, str) for column in cells for cell in column)
    return Sample(
        columns=tuple(columns),
        values=values,
        cells=None if is_text else cells,
        is_whole=is_whole,
        read=dict(overrides),
        files=tuple(files),
        notices=tuple(dict.fromkeys(notices)),
        first_line=first_line,
    )


def encoding_of(
    source: str, overrides: Mapping[str, Any], region: str | None
) -> tuple[str, str] | None:
    """
    Return the encoding of a list and one of its words, if only its country decides it.

    None if nothing is to be stated: an encoding is among the overrides, the country is not known,
    the letters alone are certain, or they fit no encoding of the country.
    """
    if region is None or "encoding" in overrides or not Path(source).is_file():
        return None
    if container_format(Path(source)) is not None:
        return None
    return encoding_for_region(reader.SourceFile(name=source, path=Path(source)), region)


def _leaves(row: Row) -> dict[str, Any]:
    found = row.values
    for _ in range(_NESTED):
        found = {path: one for leaf in walk_leaves(found) for path, one in _items(*leaf)}
    return dict(walk_leaves(found))


def _items(path: str, value: Any) -> Iterator[tuple[str, Any]]:
    """Yield the first objects of a list of what people have, or of people, else the value."""
    are_objects = (
        isinstance(value, list)
        and value
        and all(isinstance(one, dict) and one for one in value[:_ITEMS])
    )
    if are_objects and (lists_people(path) or lists_what_people_have(path)):
        yield from ((f"{path}.{at}", one) for at, one in enumerate(value[:_ITEMS]))
    else:
        yield path, value


def _most_rows(columns: Sequence[str]) -> int:
    return max(_FEWEST, min(_ROWS, _CELLS // max(1, len(set(columns)))))


def _text(value: Any) -> str:
    if isinstance(value, str):
        return value
    if value is None or value in ([], {}):
        return ""
    if isinstance(value, list) and all(isinstance(item, str) for item in value):
        return ", ".join(value)
    return json.dumps(value, ensure_ascii=False, default=str)
