"""Reads one field of a row, and says what becomes of its value: sent, kept as written, left out."""

from __future__ import annotations

from dataclasses import dataclass

from importer.mapper.fields.extract import Values
from importer.mapper.fields.plan import FieldPlan
from importer.mapper.values.text import BadValue, LostValue
from importer.shared import JsonValue


@dataclass(frozen=True, slots=True)
class Cell:
    """
    One field of a row.

    `raw` is what the row has, None for nothing, and `value` what that is converted to. If it cannot
    be read, `bad` says why; the value is None then, unless it `is_kept`: sent as it is written.
    `sent` is what is sent, None if the field is left out: the value, or a default in its place.
    """

    raw: JsonValue
    value: JsonValue = None
    bad: BadValue | None = None
    sent: JsonValue = None

    @property
    def is_kept(self) -> bool:
        """Whether a value that cannot be read is sent as it is written."""
        return self.bad is not None and self.value is not None

    @property
    def is_blank(self) -> bool:
        """Whether the row gives no value: it has none, or one that is empty once it is read."""
        return self.value is None or self.value in ("", [])


def read_cell(plan: FieldPlan, row: Values) -> Cell:
    """Return one field of a row, as the line of the mapping says that it is read."""
    raw = plan.read(row)
    if raw is None:
        return Cell(raw=None, sent=plan.when_empty)
    bad = None
    try:
        value = plan.value(raw, row)
    except BadValue as error:
        if plan.source.on_error != "keep" or isinstance(error, LostValue):
            return Cell(raw=raw, bad=error)
        bad, value = error, plan.kept(raw)
    return Cell(raw=raw, value=value, bad=bad, sent=plan.default if value in ("", []) else value)
