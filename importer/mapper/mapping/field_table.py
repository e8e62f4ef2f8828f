"""Reads one line of `[fields]` in a mapping file, and reports all its faults."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field

from importer.core.locale.message import Message
from importer.core.shared import OWN_PREFIX
from importer.mapper.headers.names import did_you_mean
from importer.mapper.kinds import OPTIONS, TYPES
from importer.mapper.mapping.codes import read_codes
from importer.mapper.mapping.model import FieldMapping
from importer.mapper.mapping.template import parse_template
from importer.mapper.values.durations import read_minutes
from importer.mapper.values.kind import FromColumn
from importer.mapper.values.replacing import check_replacement
from importer.mapper.values.written import Name, Names, Strict, checked, checked_by, stated

_Scalar = str | bool | int | Decimal
_Minutes = Annotated[int, Field(ge=1)] | Annotated[Name, checked_by(read_minutes)]


class _MinutesColumn(FromColumn):
    """The column with minutes; `default` is for rows where it is empty."""

    default: _Minutes | None = None


def _two(pair: list[str]) -> list[str]:
    pattern, text = pair
    check_replacement(pattern, text)
    return pair


_Replacement = Annotated[list[str], Field(min_length=2, max_length=2), AfterValidator(_two)]


class _FieldTable(Strict):
    """The keys of a line that do not depend on the kind."""

    column: Name | None = stated("a column's name in quotes")
    columns: Names | None = stated('a list of columns, as in ["Phone 1", "Phone 2"]')
    template: Annotated[Name, checked_by(parse_template)] | None = stated(
        'a text with columns in braces, as in "{First Name} {Last Name}"'
    )
    const: _Scalar | list[str] | None = stated("a text, a number, true, false or a list of texts")
    join: Names | None = stated('a list of columns, as in ["Remarks", "Area"]')
    separator: str | None = stated('the text between two columns, as in "; "')
    valid_first: Names | Literal[True] | None = stated(
        'a list of columns, as in ["Mobile", "Phone"], or true beside columns'
    )
    after: Name | None = stated('the field of a time in quotes, as in "scheduled_start"')
    minutes: _Minutes | _MinutesColumn | None = stated(
        'a number of minutes, as in 30 or "1:30", or { column = "Duration", default = 30 }'
    )
    default: _Scalar | list[str] | None = stated("a text, a number, true, false or a list of texts")
    type: Name | None = stated("a type's name in quotes")
    replace: list[_Replacement] | None = stated(
        'a list of pairs of a pattern and a text, as in [["\\\\s+GmbH$", ""]]', min_length=1
    )
    values: dict[str, _Scalar] | None = stated(
        'a table of texts, as in { "Hot" = "qualified", "*" = "new" }', min_length=1
    )
    codes: Name | None = stated('the name of a CSV file of two columns, as in "stages.csv"')
    split: Name | Names | None = stated(
        'the text between two values, as in ";", or a list of such texts'
    )
    on_error: Literal["refuse", "omit", "keep"] = stated('"refuse", "omit" or "keep"', "refuse")
    unless: Names | None = stated('a list of columns, as in ["First Name", "Last Name"]')

    @property
    def columns_read(self) -> tuple[str, ...]:
        """The columns from which the value is taken."""
        if self.column is not None:
            return (self.column,)
        if isinstance(self.minutes, _MinutesColumn):
            return (self.minutes.column,)
        named = self.valid_first if isinstance(self.valid_first, list) else None
        return tuple(self.columns or self.join or named or ())


_KEYS = (*_FieldTable.model_fields, *OPTIONS)
_SOURCES = ("column", "columns", "template", "const", "join", "valid_first", "after")
# The other keys of a line with `after`: the minutes, and what to do with bad ones.
_WITH_AFTER = frozenset({"after", "minutes", "on_error"})


def read_field(
    target: str, value: Any, faults: list[Message], folder: Path = Path()
) -> FieldMapping | None:
    """
    Return the mapping of the field `target`; None if `value` cannot be read as one.

    `value` is the TOML value of the field, the tables of codes that it names are in `folder`. Each
    fault is added to `faults`.
    """
    found: list[Message] = []
    field = None
    if isinstance(value, str):
        field = _read_table(target, {"column": value}, folder, found)
    elif not isinstance(value, dict) and (key := key_of_line(target)):
        found.append(key)
    elif not isinstance(value, dict):
        found.append(Message("it must be a column's name in quotes, or a table."))
    elif quoted := _unquoted_dots(target, value):
        found.append(Message("a name with a dot must be in quotes: %(expected)s.", expected=quoted))
    else:
        field = _read_table(target, value, folder, found)
    faults += (Message("%(key)s: %(fault)s", key=target, fault=fault) for fault in found)
    return field


def key_of_line(target: str) -> Message | None:
    """Return where a key belongs that is written as if it was a field, or None for other names."""
    if target not in _KEYS or target == "currency":  # that is a field of deals, too
        return None
    return Message(
        "%(key)s goes into the line of a field, as in "
        '<field> = { column = "<column>", %(key)s = … }.',
        key=target,
    )


def _unquoted_dots(target: str, value: Mapping[str, Any]) -> str | None:
    """
    Return how names with a dot should be written, if that explains the table `value`.

    TOML reads a bare attributes.bedrooms = "Beds" as a table within a table.
    """
    nested = [key for key, inner in value.items() if isinstance(inner, str | dict)]
    if not nested or set(value) & set(_KEYS) or any(did_you_mean(key, _KEYS) for key in nested):
        return None
    return " and ".join(f'"{target}.{key}"' for key in nested)


def _read_table(
    target: str, value: Mapping[str, Any], folder: Path, faults: list[Message]
) -> FieldMapping | None:
    options = _read_options(value, faults)
    common = {name: value[name] for name in value if name not in OPTIONS}
    table = checked(_FieldTable, common, faults, keys=_KEYS)
    if table is None:
        return None
    faults += _table_faults(table, options)
    split = [table.split] if isinstance(table.split, str) else table.split
    return FieldMapping(
        field=target,
        columns=table.columns_read,
        take="joined" if table.join else "first valid" if table.valid_first else "first",
        separator="; " if table.separator is None else table.separator,
        template=table.template,
        const=table.const,
        after=table.after,
        default=_default(table),
        type=table.type,
        replace=tuple((one, other) for one, other in table.replace or ()),
        values=_values(table, folder, faults),
        codes=table.codes,
        split=tuple(split or ()),
        options=options,
        on_error=table.on_error,
        unless=tuple(table.unless or ()),
    )


def _values(
    table: _FieldTable, folder: Path, faults: list[Message]
) -> Mapping[str, _Scalar] | None:
    """Return the values with those of the table of codes; those in the line take precedence."""
    if table.codes is None:
        return table.values
    return {**read_codes(folder / table.codes, faults), **(table.values or {})}


def _default(table: _FieldTable) -> Any:
    if isinstance(table.minutes, _MinutesColumn):
        return table.minutes.default
    return table.minutes if table.minutes is not None else table.default


def _read_options(value: Mapping[str, Any], faults: list[Message]) -> dict[str, Any]:
    """Return the checked keys of kinds, without those that have their default."""
    options: dict[str, Any] = {}
    for name in (name for name in value if name in OPTIONS):
        found = checked(OPTIONS[name], {name: value[name]}, faults)
        options |= {} if found is None else found.changed()
    return options


def _table_faults(table: _FieldTable, options: Mapping[str, Any]) -> Iterator[Message]:
    sources = [key for key in _SOURCES if getattr(table, key) not in (None, True)]
    if table.valid_first is True and table.columns is None:
        yield Message("valid_first: true goes with columns only.")
    if len(sources) != 1:
        given = (
            Message("there are %(expected)s", expected=" and ".join(sources))
            if sources
            else Message("there is none")
        )
        yield Message("it needs exactly one of %(names)s; %(what)s.", names=_SOURCES, what=given)
    if table.type is not None and table.type not in TYPES:
        yield Message(
            "type: there is no type %(value)s.%(meant)s The types are %(names)s.",
            value=table.type,
            meant=did_you_mean(table.type, TYPES),
            names=[*TYPES],
        )
    if table.const is not None:
        yield from _const_faults(table, options)
    if table.separator is not None and table.join is None:
        yield Message("separator: it goes with join only.")
    if table.default is not None and "" in (table.values or {}):
        yield Message('default: values has an entry for "" already; remove one of the two.')
    if table.unless and (table.default is not None or "" in (table.values or {})):
        yield Message("unless: it goes with no value for empty cells; remove one of the two.")
    yield from _after_faults(table, options)
    own = [
        name for name in (*table.columns_read, *(table.unless or ())) if name.startswith(OWN_PREFIX)
    ]
    yield from (
        Message(
            "%(key)s: columns that begin %(expected)s are the importer's own.",
            key=name,
            expected=OWN_PREFIX,
        )
        for name in own
    )


def _const_faults(table: _FieldTable, options: Mapping[str, Any]) -> Iterator[Message]:
    if table.values or table.codes or table.split or table.replace or table.default is not None:
        yield Message(
            "a constant takes none of values, codes, split, replace and default; write it as it is "
            "sent."
        )
    if table.unless:
        yield Message("unless: a constant is sent in every row; remove one of the two.")
    for key, option in options.items():
        if isinstance(option, FromColumn):
            yield Message(
                "%(key)s: a constant is the same in every row; state one %(key)s, not a column.",
                key=key,
            )
    if table.on_error != "refuse":
        yield Message("on_error: a constant is never left out; correct it, or remove on_error.")


def _after_faults(table: _FieldTable, options: Mapping[str, Any]) -> Iterator[Message]:
    if table.after is None:
        if table.minutes is not None:
            yield Message('minutes: it goes with after only, as in after = "scheduled_start".')
        return
    if table.minutes is None:
        expected = _FieldTable.model_fields["minutes"].description
        yield Message("after: it needs minutes beside it: %(expected)s.", expected=expected)
    for key in sorted({*table.model_fields_set, *options} - _WITH_AFTER - {*_SOURCES}):
        yield Message("%(key)s: it does not go with after, which adds minutes to a time.", key=key)
    if table.on_error == "keep":
        yield Message(
            "on_error: what is not a number of minutes cannot be kept; use omit or refuse."
        )
