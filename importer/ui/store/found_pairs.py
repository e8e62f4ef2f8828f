"""The rows that a check has found to be like others, and what a person has said of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING

from importer.core.records import Outcome
from importer.core.row_marks import RowRef
from importer.core.shared import JsonValue
from importer.ui.store.folder import Import
from importer.writer.lines.row_line import RowLine

if TYPE_CHECKING:
    from importer.run.checking.shown_rows import Resemblance

PAIRS = "pairs"


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundPair:
    """
    A repeat or a possible duplicate: the `line` that says what would become of it, and its values.

    `other` are the values of the row that it is like, on the line `other_line`, or None if that row
    is not in the list. `said` is what a person has decided, `same` or `new`, or empty.
    """

    ref: str
    line: Mapping[str, JsonValue]
    values: Mapping[str, JsonValue]
    other: Mapping[str, JsonValue] | None
    other_line: int | None
    said: str = ""

    @property
    def outcome(self) -> Outcome:
        """What would become of the row."""
        line = RowLine.from_json(self.line)
        assert line is not None  # noqa: S101 - `keep_pairs` has written it
        return line.outcome


def keep_pairs(one: Import, found: Sequence[Resemblance]) -> None:
    """Keep what a check has found. What a person has decided about stays, to be changed."""
    own = f"{one.results.name}#"
    said = {pair.ref: pair for pair in found_pairs(one) if pair.said and pair.ref.startswith(own)}
    kept = dict(said)
    for pair in found:
        ref = str(RowRef(results=one.results.name, where=pair.outcome.where))
        kept[ref] = FoundPair(
            ref=ref,
            line=RowLine.of(pair.outcome, run=None, at=None).to_json(),
            values=pair.row.values,
            other=None if pair.of is None else pair.of.values,
            other_line=None if pair.of is None else pair.of.line,
            said=said[ref].said if ref in said else "",
        )
    _keep(one, sorted(kept.values(), key=lambda pair: pair.outcome.line))


def found_pairs(one: Import) -> list[FoundPair]:
    """Return what the last check has found, in the order of the list."""
    return [FoundPair(**form) for form in one.kept(PAIRS) or ()]


def note_said(one: Import, ref: str, said: str) -> None:
    """Note what a person has decided about a row."""
    _keep(one, [replace(pair, said=said) if pair.ref == ref else pair for pair in found_pairs(one)])


def _keep(one: Import, found: Sequence[FoundPair]) -> None:
    one.keep(PAIRS, [asdict(pair) for pair in found])
