"""Reads the beginning of a list, and drafts a mapping for it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from functools import lru_cache, partial
from itertools import islice
from typing import TYPE_CHECKING, Any

from importer.core.shared import shortened
from importer.mapper.suggest.columns.sensitive import mask
from importer.ui.store.folder import Import, write_private
from importer.ui.work.page_config import schema_of

if TYPE_CHECKING:
    from importer.mapper.suggest.columns.choice import Choice
    from importer.mapper.suggest.lines.draft import DraftLine
    from importer.mapper.suggest.propose import Proposal
    from importer.suggesting.sampling import Sample
    from importer.ui.store.state import ListHints
    from importer.ui.work.previewing import Preview
    from importer.ui.work.tasks import Task

_CACHED = 4
_FIRST_ROWS = 5
_SHOWN_VALUES = 2
_LONGEST = 120


def _sample_of(one: Import) -> Sample:
    """Return the first rows of a list as it is read now. Raises `UsageError`."""
    read = json.dumps(one.state.read, sort_keys=True)
    return _sample(one.state.source, read, tuple(one.source_stamp))


@lru_cache(_CACHED)
def _sample(source: str, read: str, stamp: tuple[int, ...]) -> Sample:
    """Return the first rows of a list that has this stamp."""
    from importer.suggesting.sampling import take_sample

    del stamp
    return take_sample(source, json.loads(read))


def is_out_of_date(one: Import) -> bool:
    """Return whether the list was written to, or replaced by another, since it was read."""
    reading = one.kept("reading")
    return reading is not None and reading.get("stamp", one.source_stamp) != one.source_stamp


def encoding_of(one: Import) -> str:
    """Return the encoding of a list, which its failed file has too."""
    reading = one.kept("reading") or {}
    return next((str(file["encoding"]) for file in reading.get("files", [])), "utf-8")


def masked(one: Import, cells: Mapping[str, str]) -> dict[str, str]:
    """Return the cells of a row, with ids of persons, passwords and the like hidden unless sent."""
    hidden = {
        column["name"]
        for column in (one.kept("draft") or {}).get("columns", ())
        if column["sensitive"] and not column["chosen"]
    }
    return {name: mask(text) if text and name in hidden else text for name, text in cells.items()}


def read_list(one: Import, task: Task) -> None:
    """Read the beginning of a list, keep what is shown of it, and draft a mapping."""
    from importer.suggesting.likely_objects import likely_object, list_in_object, sheet_of_people

    one.drop("reading", "draft", "check")
    stamp = one.source_stamp
    schema = schema_of(one) if one.state.is_object_chosen else None
    if sheet := sheet_of_people(one.state.source, one.state.read, schema):
        with one.update() as state:
            state.read = {**state.read, "sheet": sheet}
    if schema and (lists := list_in_object(one.state.source, one.state.read, schema)):
        with one.update() as state:
            state.read = {**state.read, "record_path": lists[0]}
    task.go_on()
    sample = _sample_of(one)
    task.go_on()
    if not one.state.is_object_chosen:
        with one.update() as state:
            state.object = likely_object(sample.columns, sample.values)
    draft(one)
    task.go_on()
    hidden = {column["name"] for column in one.kept("draft")["columns"] if column["sensitive"]}
    one.keep(
        "reading",
        {
            "stamp": stamp,
            "files": [
                {
                    "name": name.rpartition("/")[2],
                    "format": layout.format,
                    "sheet": layout.sheet,
                    "encoding": layout.encoding,
                    "evidence": list(layout.evidence),
                    "notices": list(layout.notices),
                }
                for name, layout in sample.files
            ],
            "notices": list(sample.notices),
            "columns": list(sample.columns),
            "rows": sample.rows,
            "is_whole": sample.is_whole,
            "first": [
                [
                    mask(column[at]) if name in hidden else shortened(column[at], _LONGEST)
                    for name, column in zip(sample.columns, sample.values, strict=True)
                ]
                for at in range(min(_FIRST_ROWS, sample.rows))
            ],
        },
    )


def draft(one: Import) -> None:
    """Draft the mapping from what is suggested and what a person has decided, and keep it."""
    from importer.mapper.suggest.propose import Stated, propose
    from importer.ui.work.previewing import Preview

    state, sample = one.state, _sample_of(one)
    hints = state.hints
    stated = Stated(
        timezone=hints.timezone,
        region=hints.region,
        month_first=hints.month_first,
        fields=state.fields,
        changes=state.changes,
    )
    found = propose(schema_of(one), sample, stated, source=state.name)
    write_private(one.mapping, found.draft.text)
    kept = _as_json(found, sample, Preview(found.draft.text, one, sample))
    one.keep("draft", {**kept, "region": _region(found, sample, hints)})


def _region(found: Proposal, sample: Sample, hints: ListHints) -> dict[str, Any] | None:
    """
    Return what is to be said of the country of phone numbers, or None if it is known.

    It `is_needed` if most numbers have no country code. `likely` are the countries they may be of,
    each with one number as it would be sent, and `only` is the one that is left.
    """
    from importer.suggesting.countries import likely_countries

    question = next((one for one in found.draft.questions if one.about == "region"), None)
    if question is None:
        return None
    likely = likely_countries(question.values, found.choices, sample, hints.timezone)
    return {
        "is_needed": len(question.values) > question.of / 2,
        "likely": [[one.code, one.number, one.sent] for one in likely.countries],
        "only": likely.only,
    }


def _as_json(found: Proposal, sample: Sample, preview: Preview) -> dict[str, Any]:
    columns = zip(found.suggested, found.choices, sample.values, strict=True)
    return {
        "rows": sample.rows,
        "is_whole": sample.is_whole,
        "verdict": found.draft.verdict.to_json(),
        "columns": [_column(*one, preview) for one in columns],
        # An unsure column is left out until a person decides.
        "lines": [_line(line) for line in found.draft.lines if line.active or line.decide],
    }


def _column(
    suggested: Choice, chosen: Choice, values: Sequence[str], preview: Preview
) -> dict[str, Any]:
    from importer.mapper.suggest.lines.draft import is_active

    field = chosen.field if is_active(chosen) else None
    filled = [text for text in values if text.strip()]
    shown = dict.fromkeys(filled)
    rows = [values.index(text) for text in islice(shown, _SHOWN_VALUES)]
    sent = preview.sent(field, rows) if field else ()
    shows = mask if suggested.sensitive else partial(shortened, most=_LONGEST)
    return {
        "name": suggested.column,
        "filled": len(filled),
        "samples": [shows(values[at]) for at in rows],
        "sent": [[shows(one.text) if one.text else "", one.how] for one in sent],
        "field": suggested.field,
        "confidence": suggested.confidence,
        "reason": suggested.reason,
        "sensitive": suggested.sensitive,
        "chosen": field or "",
    }


def _line(line: DraftLine) -> dict[str, Any]:
    tally = line.tally
    return {
        "field": line.target,
        "table": dict(line.table),
        "columns": list(line.columns),
        "active": line.active,
        "decide": line.decide,
        "lacks": sorted(line.lacks),
        "words": [{"text": one.text, "count": one.count, "meant": one.meant} for one in line.words],
        "tally": None
        if tally is None
        else {
            "left_out": tally.left_out,
            "kept": tally.kept,
            "refused": tally.refused,
            "examples": [shortened(text, _LONGEST) for text in tally.examples[:_SHOWN_VALUES]],
        },
    }
