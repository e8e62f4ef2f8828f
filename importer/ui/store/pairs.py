"""The rows that a check has found to be like others, and what a person has said of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from importer.core.records import Outcome
from importer.core.row_marks import RowRef
from importer.core.shared import JsonValue
from importer.ui.store.folder import Import
from importer.writer.lines.row_line import RowLine

if TYPE_CHECKING:
    from importer.run.checking.shown_rows import Resemblance

PAIRS = "pairs"


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """
    A repeat or a possible duplicate: what would become of it, and its values.

    `other` are the values of the row that it is like, on the line `other_line`, or None if that row
    is not in the list. `said` is what a person has decided, `same` or `new`, or empty.
    """

    ref: str
    outcome: Outcome
    values: Mapping[str, JsonValue]
    other: Mapping[str, JsonValue] | None
    other_line: int | None
    said: str


def keep_pairs(one: Import, found: Sequence[Resemblance]) -> None:
    """Keep what a check has found. What a person has decided about stays, to be changed."""
    now = {form["ref"]: form for form in (_as_json(one, pair) for pair in found)}
    own = f"{one.results.name}#"
    said = (form for form in one.kept(PAIRS) or () if form["said"])
    before = {form["ref"]: form for form in said if form["ref"].startswith(own)}
    for ref, form in now.items():
        form["said"] = before.get(ref, form)["said"]
    kept = [*now.values(), *(form for ref, form in before.items() if ref not in now)]
    one.keep(PAIRS, sorted(kept, key=lambda form: int(form["line"]["line"])))


def found_pairs(one: Import) -> list[Found]:
    """Return what the last check has found, in the order of the list."""
    return [_from_json(form) for form in one.kept(PAIRS) or ()]


def note_said(one: Import, ref: str, said: str) -> None:
    """Note what a person has decided about a row."""
    forms = one.kept(PAIRS) or []
    for form in forms:
        if form["ref"] == ref:
            form["said"] = said
    one.keep(PAIRS, forms)


def _as_json(one: Import, pair: Resemblance) -> dict[str, Any]:
    outcome = pair.outcome
    ref = RowRef(results=one.results.name, where=outcome.where)
    of = pair.of
    return {
        "ref": str(ref),
        "line": RowLine.of(outcome, run=None, at=None).to_json(),
        "values": pair.row.values,
        "other": None if of is None else of.values,
        "other_line": None if of is None else of.line,
        "said": "",
    }


def _from_json(form: Mapping[str, Any]) -> Found:
    line = RowLine.from_json(form["line"])
    assert line is not None  # noqa: S101 - `_as_json` has written it
    return Found(
        ref=form["ref"],
        outcome=line.outcome,
        values=form["values"],
        other=form["other"],
        other_line=form["other_line"],
        said=form["said"],
    )
