"""Finds the results file that derived files belong to, if they are used as sources."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from importer.core.errors import ConfigError
from importer.core.locale.message import Message
from importer.core.records import Outcome, Rejected, Row, Status
from importer.core.row_marks import RowMark
from importer.reader import Batch

Refs = Mapping[str, bool]
"""The results files that the rows of a file name; True if the file is a view of a JSON list."""


def refuse_crossed_refs(batches: Iterable[Batch], name: str) -> Iterator[Batch]:
    """
    Yield the batches of a file; raise `ConfigError` if its rows have each other's `vorel_ref`.

    This happens if somebody sorts some columns without the others. A row would then be imported
    instead of another one, and the other one never. `name` is the file's, for the message.
    """
    rows = 0
    edited: dict[str, int] = {}
    named: dict[str, int] = {}
    for batch in batches:
        for index, mark in batch.marks.items():
            content = batch.hashes[index]
            # Rows that have a record are never imported, whatever they name.
            if mark.ref is not None and mark.ref.source_hash != content and not mark.has_record:
                edited.setdefault(content, rows + index + 1)
                named.setdefault(mark.ref.source_hash, rows + index + 1)
        rows += len(batch)
        yield batch
    for content, number in edited.items():
        if (other := named.get(content)) is not None:
            raise ConfigError(
                "%(name)s has its vorel_ref mixed up: row %(number)s is the row that the "
                "vorel_ref of row %(other)s names",
                name=name,
                number=number,
                other=other,
                hint="Sort whole rows, not a column without the others: undo that, or correct "
                "the rows in a new file, which vorel-import export writes.",
            )


def refuse_views(files: Sequence[tuple[str, Refs]]) -> None:
    """
    Raise `ConfigError` for a file that is a view of a JSON list: it has texts instead of values.

    `files` are the names of the sources, each with the results files that its rows name.
    """
    for name, refs in files:
        if any(refs.values()):
            path = Path(name)
            objects = path.with_name(f"{path.stem}.jsonl")
            use = objects.name if objects.exists() else "the .jsonl file in the same folder"
            raise ConfigError(
                "%(name)s shows rows of a JSON list to people: in it numbers and lists are texts, "
                "which would change the values",
                name=name,
                hint=Message("Correct and import %(name)s instead.", name=use),
            )


def results_file_named_by(files: Sequence[tuple[str, Refs]]) -> Path | None:
    """
    Return the results file that the rows of a source name, or None if they name none.

    It has to be in the folder of the source: else, or if rows name several, raises `ConfigError`.
    """
    names = {name: source for source, refs in files for name in refs}
    if not names:
        return None
    if len(names) > 1:
        raise ConfigError(
            "%(name)s has rows of several imports: %(names)s",
            name=files[0][0],
            names=", ".join(sorted(names)),
            hint="Import the rows of each by themselves, or name one with --results.",
        )
    [(name, source)] = names.items()
    path = Path(source).parent / Path(name).name
    if not path.exists():
        raise ConfigError(
            "%(name)s has rows of an import whose results file %(name_2)s is not in the same "
            "folder",
            name=source,
            name_2=name,
            hint=Message(
                "Name it with --results FOLDER/%(name)s: it knows which rows were created.",
                name=path.name,
            ),
        )
    return path


def refuse_list_and_derived_file(files: Sequence[tuple[str, Refs]], results: Path) -> None:
    """
    Raise `ConfigError` if a source is a derived file of `results`, and another one is its list.

    A row and its correction would count as two rows, and the row in the list as unsent.
    """
    lists = [name for name, refs in files if not refs]
    for name, refs in files:
        if lists and results.name in refs:
            raise ConfigError(
                "%(name)s has rows of %(path)s: it cannot be imported together with the list "
                "%(name_2)s",
                name=name,
                path=results.name,
                name_2=lists[0],
                hint=Message("Import %(name)s by itself, then the list.", name=name),
            )


def outcome_of_mark(row: Row | Rejected, mark: RowMark) -> Outcome:
    """Return the outcome that a derived file states for a row with a record."""
    return Outcome(
        number=row.number,
        line=row.line,
        source=row.source,
        source_hash="",
        occurrence=1,
        status=Status.CREATED,
        external_id=mark.external_id or None,
        record_url=mark.record_url or None,
    )
