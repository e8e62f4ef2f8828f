"""Words what to do about a value that cannot be sent: changes to its line that were tried on it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from typing import Any

from importer.core.locale.language import N_
from importer.core.locale.message import Message, joined
from importer.core.problems import NOTHING_ELSE
from importer.core.records import RowError
from importer.core.shared import JsonValue
from importer.mapper.data import load_table
from importer.mapper.faults import bad_value
from importer.mapper.fields.extract import Values
from importer.mapper.fields.field_plan import FieldPlan
from importer.mapper.mapping.model import FieldMapping
from importer.mapper.mapping.toml_text import field_line, toml_value
from importer.mapper.values.date_formats import find_date_formats, iso_format, serial_of
from importer.mapper.values.dates import ISO
from importer.mapper.values.json_values import is_number
from importer.mapper.values.texts import BadValue, one_line, plain_digits

_CORRECT = Message("Correct it in the source.")
_OR_EMPTY = Message("Correct it in the source, or leave it empty.")
_WITHOUT = Message('Or send the row without it: on_error = "omit".')
_TRIED = 1000
"""So many values are tried; those of further rows get the hint of their kind."""
_SHORTEST = 6
_WHEN = {
    "%d": N_("%(change)s if the day comes first"),
    "%m": N_("%(change)s if the month comes first"),
    "%y": N_("%(change)s if the year comes first"),
}
_Plan = Callable[[FieldMapping], FieldPlan]


_Keys = Mapping[str, Any]
"""Keys of a line as they would be."""


@dataclass(frozen=True, slots=True)
class _Way:
    """Changes of a line of which any may be right, what they are for, and when each is right."""

    what: str
    changes: Sequence[_Keys]
    when: Callable[[_Keys], str] = lambda _: "%(change)s"

    def message(self, changes: Sequence[_Keys], source: FieldMapping) -> Message:
        """Return a hint with these of the changes of a line."""
        choices = [Message(self.when(one), change=_in_words(one, source)) for one in changes]
        return Message("%(what)s: %(choices)s.", what=Message(self.what), choices=choices)


def _in_words(keys: _Keys, source: FieldMapping) -> str:
    """
    Return the keys to add to a line.

    If it is just `field = "Column"`, no key can be added, and it is the whole new line.
    """
    if not field_line(source).endswith("}"):
        return field_line(_changed(source, keys))
    return ", ".join(f"{key} = {toml_value(value)}" for key, value in keys.items())


class Advice:
    """
    Words the faults of values, with changes to the mapping that make these very values good.

    `plan` makes a plan of a line; it raises `ValueError` for one that cannot be. `needed` are the
    fields without which no row is sent.
    """

    def __init__(self, plan: _Plan, needed: frozenset[str]) -> None:
        self._plan = plan
        self._needed = needed
        self._plans: dict[tuple[str, str], FieldPlan | None] = {}
        self._tried = 0

    def fault(self, plan: FieldPlan, raw: JsonValue, values: Values, bad: BadValue) -> RowError:
        """Return the error of a value that a line cannot read."""
        fault = bad_value(plan.source, plan.target, raw, bad)
        if plan.source.on_error == "omit":
            return fault  # seldom shown: the row is sent without the value
        self._tried += 1
        if self._tried <= _TRIED and (found := self._found(plan, raw, values)):
            fault = replace(fault, hint=found)
        return fault

    def with_hint(
        self, source: FieldMapping | None, fault: RowError, only: AbstractSet[str]
    ) -> RowError:
        """
        Return an error with a hint, which also says how to go without the value, if possible.

        `only` are the fields of which this row needs one, if it has no other.
        """
        if (
            source is None
            or source.on_error != "refuse"
            or source.const is not None
            or source.field in self._needed | only
            or fault.code != "invalid_value"
        ):
            is_only = source is not None and source.field in only - self._needed
            return (
                fault if fault.hint else replace(fault, hint=NOTHING_ELSE if is_only else _CORRECT)
            )
        return replace(fault, hint=joined([fault.hint or _OR_EMPTY, _WITHOUT], "sentences"))

    def _found(self, plan: FieldPlan, raw: JsonValue, values: Values) -> Message | None:
        """Return a hint with the first of the possible changes that work."""
        text = raw if isinstance(raw, str) else str(raw) if is_number(raw) else ""
        for way in _ways(plan, text):
            changes = [one for one in way.changes if self._works(plan, one, values)]
            if changes:
                return way.message(changes, plan.source)
        return None

    def _works(self, plan: FieldPlan, keys: _Keys, values: Values) -> bool:
        place = (plan.target, repr(keys))
        if place not in self._plans:
            try:
                self._plans[place] = self._plan(_changed(plan.source, keys))
            except ValueError:
                self._plans[place] = None
        other = self._plans[place]
        if other is None:
            return False
        raw = other.read(values)
        try:
            return raw is not None and other.value(raw, values) not in ("", [])
        except BadValue:
            return False


def _changed(source: FieldMapping, keys: _Keys) -> FieldMapping:
    """Return a line with other keys."""
    own = {key: keys[key] for key in keys if key == "type"}
    if "split" in keys:
        own["split"] = (keys["split"],)
    options = {key: value for key, value in keys.items() if key not in {"type", "split"}}
    if "formats" in options:
        options["formats"] = tuple(options["formats"])
    return replace(source, **own, options={**source.options, **options})


def _ways(plan: FieldPlan, text: str) -> Iterator[_Way]:
    """Yield the changes that may help, by the kind of the value, the most likely first."""
    kind = plan.kind.name
    if kind == "phone" and _digits(text) >= _SHORTEST:
        yield _Way(N_("To leave the extension out"), [{"extension": "drop"}])
    if plan.kind.split is not None and not plan.source.split:
        yield from _splits(plan, text)
    if kind in {"date", "datetime"}:
        yield from _dates(plan, text)
    if kind == "datetime" and "timezone" not in plan.source.options:
        what = N_("Say how the column writes dates and times, with your time zone")
        for way in _dates(plan, text):
            zoned = [{**keys, "timezone": "Asia/Dubai"} for keys in way.changes]
            yield replace(way, what=what, changes=zoned)
    marks: list[_Keys] = [{"decimal_mark": mark} for mark in ".,"]
    if kind in {"integer", "decimal", "money"} and _digits(text):
        yield _Way(N_("Say which mark is before the fraction"), marks)
    if kind in {"decimal", "money"} and _digits(text):
        for keys in ({}, *marks):
            anything = {"type": "money", "currency": "*", **keys}
            yield _Way(N_("To take amounts in any currency"), [anything])
    if kind == "name":
        orders = [{"order": order} for order in ("first last", "last first")]
        yield _Way(N_("Say how the column is written"), orders)


def _splits(plan: FieldPlan, text: str) -> Iterator[_Way]:
    is_list = plan.kind.json_type == "array"
    what = N_("Say what separates them") if is_list else N_("To take the first that can be read")
    for mark in (one for one in load_table("values")["separators"] if one in text):
        if not any(_may_be(plan.kind.name, part) for part in text.split(mark)):
            continue
        yield _Way(what, [{"split": mark}])
        if plan.kind.name == "phone":
            yield _Way(what, [{"split": mark, "extension": "drop"}])


def _digits(text: str) -> int:
    return sum(map(str.isdigit, text))


def _may_be(kind: str, part: str) -> bool:
    """Return whether it is worth to try to read a part of a cell."""
    if kind == "phone":
        return _digits(part) >= _SHORTEST
    return kind != "email" or "@" in part


def _dates(plan: FieldPlan, text: str) -> Iterator[_Way]:
    """Yield the formats that read a date, beside those that the line has already."""
    written = plain_digits(one_line(text))
    stated = list(plan.source.options.get("formats", (ISO,)))
    found = find_date_formats([written])
    others = (iso_format(written), serial_of([written]))
    certain = [*(form for form in found.formats[:1] if form != ISO), *filter(None, others)]
    what = (
        N_("Say how the column writes dates")
        if plan.kind.name == "date"
        else N_("Say how the column writes dates and times")
    )
    if found.ambiguous:
        certain = [found.formats[0], *(one[0] for one in found.others)]
        like = [form for form in certain if any(form[:2] == other[:2] for other in stated)]
        if not like:
            changes = [{"formats": [*stated, form]} for form in certain]
            yield _Way(what, changes, lambda keys: _WHEN[keys["formats"][-1][:2]])
            return
        certain = like[:1]  # the line has said already which comes first
    for form in certain:
        yield _Way(what, [{"formats": [*stated, form]}])
