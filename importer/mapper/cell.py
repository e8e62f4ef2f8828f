"""Reads one field of a row, and says what becomes of its value: sent, changed, left out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, Self

from importer.core.shared import JsonValue
from importer.mapper.fields.extract import Values
from importer.mapper.fields.field_plan import FieldPlan
from importer.mapper.values.json_values import shown_value
from importer.mapper.values.numbers import is_cut
from importer.mapper.values.replacing import replacer
from importer.mapper.values.texts import BadValue, LostValue

LEFT_OUT = "left out, since it cannot be sent"
CUT_OFF = "left out, since a spreadsheet has cut it"
KEPT = "sent as written, though it cannot be read"
UNREAD: Mapping[str, Literal["left_out", "kept"]] = {LEFT_OUT: "left_out", KEPT: "kept"}
"""What is done to values that cannot be read (`importer.core.verdict.Lack`)."""


@dataclass(frozen=True, slots=True)
class Cell:
    """
    One field of a row.

    `raw` is what the row has, None for nothing, and `value` what that is converted to. If it cannot
    be read, `bad` says why; the value is None then, unless it `is_kept`: sent as it is written.
    `sent` is what is sent, None if the field is left out: the value, or a default in its place.
    `label` says what was done to a value that does not look as in the row (`Change.what`).
    """

    raw: JsonValue
    value: JsonValue = None
    bad: BadValue | None = None
    sent: JsonValue = None
    label: str | None = None

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
            return Cell(raw=raw, bad=error, label=left_out_label(raw))
        bad, value = error, plan.kept(raw)
    label = KEPT if bad is not None else _label(plan, raw, value) if value != raw else None
    sent = plan.default if value in ("", []) else value
    return Cell(raw=raw, value=value, bad=bad, sent=sent, label=label)


def left_out_label(raw: JsonValue) -> str:
    """Return what is said of a value that is left out (`Change.what`)."""
    return CUT_OFF if isinstance(raw, str) and is_cut(raw) else LEFT_OUT


def _label(plan: FieldPlan, raw: JsonValue, value: JsonValue) -> str | None:
    """Return what was done to a value (`Change.what`), or None if it looks the same."""
    before, source = shown_value(raw), plan.source
    is_only_split = isinstance(value, list) and all(str(part) in before for part in value)
    if before == shown_value(value) or is_only_split:
        return None
    if source.after is not None:
        return "minutes added to another time"
    if source.values is not None:
        return "mapped by values"
    if not isinstance(value, list) and any(mark in before for mark in source.split):
        return "first of several taken"
    if source.replace and replacer(source.replace)(before) != before:
        return "changed by replace"
    return plan.kind.change(plan.options, plan.spec, before, value)


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """
    One value that is not sent as it is in the source.

    `kind` is the type it was read as, `what` says in two or three words what was done to it:
    `normalised`, `mapped by values`, `first of several taken`, `extension left out`, `cut`,
    `hidden characters removed`, `characters of windows-1252 restored`, `changed by replace`,
    `minutes added to another time`, `left out, since it cannot be sent`, `left out, since a
    spreadsheet has cut it`, `sent as written, though it cannot be read`.
    `before` is the value in the source as text (spaces around it do not
    count), `after` is what is sent, or empty if the field is left out.
    """

    field: str
    kind: str
    what: str
    before: str
    after: JsonValue

    @classmethod
    def of(cls, plan: FieldPlan, cell: Cell, what: str) -> Self:
        """Return the change of a field; `what` is its label, or says that it is left out."""
        is_left_out = what in {LEFT_OUT, CUT_OFF}
        return cls(
            field=plan.target,
            kind=plan.kind.name,
            what=what,
            before=shown_value(cell.value if cell.is_kept and not is_left_out else cell.raw),
            after="" if is_left_out else cell.value,
        )
