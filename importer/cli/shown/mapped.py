"""What `map --json` prints."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from importer.mapper.suggest.columns.choice import Choice
    from importer.mapper.suggest.lines.draft import DraftLine
    from importer.mapper.suggest.propose import MappingDraft
    from importer.suggesting.earlier_mappings import EarlierMapping
    from importer.suggesting.sampling import Sample

__all__ = ["as_dict"]


def as_dict(
    object_: str,
    choices: Sequence[Choice],
    sample: Sample,
    draft: MappingDraft,
    earlier: Sequence[EarlierMapping],
) -> dict[str, Any]:
    """Return the object that `map --json` prints."""
    from importer.mapper.suggest.toml import show

    return {
        "object": object_,
        "sendable": draft.sendable,
        "rows_read": sample.rows,
        "columns": [
            {
                "column": choice.column,
                "field": choice.field,
                "confidence": choice.confidence,
                "reason": choice.reason,
                "samples": show(choice, values),
            }
            for choice, values in zip(choices, sample.values, strict=True)
        ],
        "lines": [_line_as_dict(line) for line in draft.lines],
        "decisions": list(draft.decisions),
        "notices": list(sample.notices),
        "earlier": [
            {
                "path": str(one.path),
                "sendable": one.sendable,
                "columns": one.columns,
                "results": str(one.results) if one.results is not None else None,
            }
            for one in earlier
        ],
        "mapping": draft.text,
    }


def _line_as_dict(line: DraftLine) -> dict[str, Any]:
    tally = line.tally
    return {
        "field": line.target,
        "columns": list(line.columns),
        "active": line.active,
        "decide": line.decide,
        "rows": None
        if tally is None
        else {
            "values": tally.filled,
            "as_written": tally.as_written,
            "kept": tally.kept,
            "changed": tally.changed,
            "left_out": tally.left_out,
            "refused": tally.refused,
        },
    }
