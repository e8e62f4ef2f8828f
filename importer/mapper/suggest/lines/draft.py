"""Makes the lines of a mapping from choices, and tries each of them on the rows."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from statistics import median
from typing import Any

from importer.core.locale.message import Message
from importer.mapper.headers.tokens import tokenize
from importer.mapper.headers.words import label_of, load_vocabulary
from importer.mapper.kinds import KINDS
from importer.mapper.mapping.rest import attribute_name
from importer.mapper.mapping.template import parse_template
from importer.mapper.schema.object_schema import ObjectSchema
from importer.mapper.suggest.columns.choice import (
    BOTH,
    CITY_AND_STATE,
    FLAG,
    NO_REASON,
    PERSON,
    Choice,
)
from importer.mapper.suggest.columns.names_in_values import are_others
from importer.mapper.suggest.columns.postal_addresses import POST_BOX
from importer.mapper.suggest.columns.values import currency_named
from importer.mapper.suggest.lines.cures import Fit, Hints, fit_line
from importer.mapper.suggest.lines.enums import flags_line
from importer.mapper.suggest.lines.rehearsal import Rehearsal, Table
from importer.mapper.suggest.nulls import given, null_words, share
from importer.mapper.values.date_formats import is_time
from importer.mapper.values.durations import read_minutes
from importer.mapper.values.replacing import literal
from importer.mapper.values.texts import reads

_NAME_ORDER = ("first", "name", "particle", "last")
_NEARLY = 0.8
_NUMBER = r"(\+?[0-9](?:(?:[ ().-]*|/)[0-9]){6,14})"
_WITHOUT_NUMBER = [[rf"[^\p{{L}}0-9+.]*{_NUMBER}[^\p{{L}}0-9]*", " "]]
# What has letters still has no number.
_NUMBER_ALONE = [[rf"^.*?{_NUMBER}.*$", "$1"], [r"^.*\p{L}.*$", ""]]
_STATE = r"\s*[/,(\x{2013}-]\s*([A-Z]{2,3})\)?$"
_WITHOUT_STATE = [[_STATE, ""]]
# What is longer than a code has no state.
_STATE_ALONE = [[f"^.*?{_STATE}", "$1"], ["^.{4,}$", ""]]
_STREET_ORDER = ("street", "house")
# Languages in which the number of a house comes before the street.
_NUMBER_FIRST = frozenset({"en", "fr"})


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftLine(Fit):
    """The line of `[fields]` for `target`. `choices` are the columns it was chosen for, if any."""

    target: str
    choices: tuple[Choice, ...] = ()
    reason: Message = NO_REASON

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns that the line was made for."""
        return tuple(choice.column for choice in self.choices)


def _line_of(fit: Fit, target: str, choices: Sequence[Choice]) -> DraftLine:
    found = {one.name: getattr(fit, one.name) for one in fields(fit)}
    return DraftLine(target=target, choices=tuple(choices), **found)


def is_active(choice: Choice) -> bool:
    """Return whether a choice is sure enough for a line, and not just for a comment."""
    return choice.field is not None and choice.confidence != "unsure"


def draft_lines(
    schema: ObjectSchema,
    choices: Sequence[Choice],
    samples: Sequence[Sequence[str]],
    rehearsal: Rehearsal,
    hints: Hints,
) -> list[DraftLine]:
    """Return a line for each field that a column was chosen for, in the order of the schema."""
    drafter = _Drafter(schema, choices, samples, rehearsal, hints)
    return list(drafter.lines())


class _Drafter:
    def __init__(
        self,
        schema: ObjectSchema,
        choices: Sequence[Choice],
        samples: Sequence[Sequence[str]],
        rehearsal: Rehearsal,
        hints: Hints,
    ) -> None:
        self._schema = schema
        self._rehearsal = rehearsal
        self._hints = hints
        self._choices = choices
        votes = load_vocabulary().languages([choice.column for choice in choices])
        language = max(votes, key=lambda one: votes[one], default="")
        is_first = language in _NUMBER_FIRST
        self._street_order = _STREET_ORDER[::-1] if is_first else _STREET_ORDER
        self._values = {
            choice.column: values for choice, values in zip(choices, samples, strict=True)
        }
        self._by_field: dict[str, list[Choice]] = {}
        for choice in sorted(choices, key=lambda one: -one.score):
            if choice.field is not None:
                self._by_field.setdefault(choice.field, []).append(choice)
        rehearsal.nulls = {"", *self._nulls()}

    def _nulls(self) -> Iterator[str]:
        for target, choices in self._by_field.items():
            spec = self._schema.spec(target)
            are_texts = spec is None or not KINDS[spec.kind].needs_samples
            are_names = spec is not None and not PERSON.isdisjoint(spec.roles)
            for choice in filter(is_active, choices):
                values = self._values[choice.column]
                yield from null_words(values, are_texts=are_texts, are_names=are_names)

    def lines(self) -> Iterator[DraftLine]:
        done: dict[str, Table] = {}
        for target in dict.fromkeys((*self._schema.fields, *self._by_field)):
            if target in self._by_field:
                for line in self._lines_of(target):
                    if line.active:
                        done[target] = line.table
                    yield line
            elif target == "scheduled_end" and "scheduled_start" in done:
                yield self._end(done)
            elif target == "currency" and "amount" in done:
                yield from self._currency(done["amount"])

    def _currency(self, amount: Table) -> Iterator[DraftLine]:
        """Yield a line for the currency that a header names, or that is next to each amount."""
        if amount.get("type") != "money":
            if code := currency_named(" ".join(_columns_of(amount))):
                reason = Message("the header of the amounts names it")
                yield DraftLine(target="currency", table={"const": code}, reason=reason)
            return
        kept = {key: amount[key] for key in ("column", "on_error") if key in amount}
        table = {**kept, "type": "currency"}
        amounts = self._rehearsal.tally("amount", amount)
        tally = self._rehearsal.tally("currency", table) if "column" in table else None
        if tally is None or amounts is None or tally.filled == tally.bad:
            return
        if {*tally.examples} <= {*amounts.examples}:
            reason = Message("the currency next to each amount")
            yield DraftLine(target="currency", table=table, tally=tally, reason=reason)

    def _end(self, done: Mapping[str, Table]) -> DraftLine:
        """Return the line of an end time without a column of its own."""
        length = next((one for one in self._choices if one.role == "duration"), None)
        table, decide = _end_without_column(done["scheduled_start"], length, self._values)
        return DraftLine(
            target="scheduled_end",
            table=table,
            choices=(length,) if "minutes" in table and length is not None else (),
            reason=Message("worked out from the start"),
            tally=self._rehearsal.tally("scheduled_end", table, done),
            decide=decide,
        )

    def _lines_of(self, target: str) -> Iterator[DraftLine]:
        found = self._by_field[target]
        if both := next((one for one in found if one.role in {BOTH, CITY_AND_STATE}), None):
            yield from self._both(target, both)
            return
        active = [choice for choice in found if is_active(choice)]
        for choice in found:
            if choice not in active:
                table = {"column": choice.column}
                yield DraftLine(target=target, table=table, choices=(choice,), active=False)
        if not active:
            return
        fit, used = self._fitted(target, active)
        if target == "scheduled_start" and (hours := self._unread_hours(fit, used)):
            fit, used = self._asked(fit, used[0], hours)
        yield _line_of(fit, target, used)
        if fit.active and "words" in fit.lacks and "attributes" in self._schema.fields:
            # What the line leaves out is sent as it is.
            for column in (one.column for one in used):
                reason = Message("its words, also those that are not known")
                table = {"column": column}
                yield DraftLine(target=attribute_name(column), table=table, reason=reason)

    def _both(self, target: str, choice: Choice) -> Iterator[DraftLine]:
        """Yield the lines of two values in the same cells: name and number, or city and state."""
        if choice.role == CITY_AND_STATE:
            other = self._schema.field_of("state")
            own, others = _WITHOUT_STATE, _STATE_ALONE
        else:
            number = "mobile" if "mobile" in tokenize(choice.column) else "phone"
            other = self._schema.field_of(number) or self._schema.field_of("phone")
            own, others = _WITHOUT_NUMBER, _NUMBER_ALONE
        for field_, pairs in ((target, own), (other, others)):
            if field_ is not None:
                table = {"column": choice.column, "replace": pairs}
                fit = fit_line(self._rehearsal, field_, table, self._hints)
                yield _line_of(fit, field_, [choice])

    def _fitted(self, target: str, active: list[Choice]) -> tuple[Fit, list[Choice]]:
        """Return the best line for the columns of one field, and the columns that it uses."""
        spec = self._schema.spec(target)
        if spec is not None and all(choice.role == FLAG for choice in active):
            in_order = [one for one in self._choices if one in active]
            table = flags_line(self._rehearsal, target, spec, [one.column for one in in_order])
            return Fit(table=table, tally=self._rehearsal.tally(target, table)), in_order
        tables = [*self._tables(target, active)]
        fits = [fit_line(self._rehearsal, target, table, self._hints) for table in tables]
        most = max(map(_worth, fits))
        # The first is the most likely one, and a few odd values do not make another one better.
        best = next(at for at, fit in enumerate(fits) if _worth(fit) >= _NEARLY * most)
        used = [one for one in active if one.column in _columns_of(tables[best])]
        return fits[best], used or active

    def _unread_hours(self, fit: Fit, used: Sequence[Choice]) -> list[Choice]:
        """Return the other columns of times, if a line makes starts at midnight of days alone."""
        starts = list(fit.tally.sent.values()) if fit.active and fit.tally is not None else []
        if share(lambda start: _MIDNIGHT in start, map(str, starts)) <= _HALF:
            return []
        return [
            one
            for one in self._choices
            if one not in used
            and one.role != "duration"
            and share(_says_when, self._values[one.column]) > _HALF
        ]

    def _asked(self, fit: Fit, day: Choice, hours: Sequence[Choice]) -> tuple[Fit, list[Choice]]:
        """
        Return the line with a day and its most likely hour, for a person to decide.

        If the header says that it is the hour, nobody has to.
        """
        pair = (replace(day, role="date"), replace(hours[0], role="time"))
        table = next(_times_of("start", pair, [], self._values))
        with_hour = fit_line(self._rehearsal, "scheduled_start", table, self._hints)
        if with_hour.active and hours[0].field == "scheduled_start" and is_active(hours[0]):
            return with_hour, [day, hours[0]]
        decide = Message(
            "%(column)s has no time of day: whether the times in %(columns)s are when it starts",
            column=day.column,
            columns=[one.column for one in hours],
        )
        fit = with_hour if with_hour.active else fit
        return replace(fit, decide=decide, active=False), [day]

    def _tables(self, target: str, active: Sequence[Choice]) -> Iterator[Table]:
        """Yield the ways to make one value of the columns, the most likely first."""
        if target in {"scheduled_start", "scheduled_end"}:
            starts = [*filter(is_active, self._by_field.get("scheduled_start", ()))]
            edge = target.removeprefix("scheduled_")
            yield from _times_of(edge, active, starts, self._values)
            return
        if box := next((one for one in active if one.role == POST_BOX), None):
            yield self._with_box(target, box, [one for one in active if one is not box])
            return
        parts = _parts(active, self._street_order)
        if parts and not self._below(active):
            yield _with_spaces(parts)
            return
        columns = [choice.column for choice in active]
        if lines := self._below(active):
            house = _parts(active, self._street_order)
            first = house or [one for one in columns if one not in lines][:1]
            # Only between lines a comma is right for sure: "Lindenstr. 14 Hinterhaus".
            yield {"join": [*first, *lines], "separator": " " if house else ", "}
            return
        if len(columns) == 1:
            yield {"column": columns[0]}
        elif target == "notes":
            order = [one.column for one in self._choices if one.column in columns]
            yield {"join": order, "separator": "\n"}
        else:
            yield {"columns": columns}

    def _below(self, active: Sequence[Choice]) -> list[str]:
        """Return the columns of the lines below a street, in the order of the list."""
        return [one.column for one in self._choices if one.role == "line" and one in active]

    def _with_box(self, target: str, box: Choice, others: Sequence[Choice]) -> Table:
        """Return the line of a street, with "P.O. Box" before a number of one that stands alone."""
        street = next(self._tables(target, others)) if others else {}
        columns = [one for one in street.get("join", [street.get("column")]) if one]
        before = street.get("template") or ", ".join(f"{{{one}}}" for one in columns)
        if set("{}") & {*box.column, *"".join(columns)}:
            return {"join": [*columns, box.column], "separator": ", "}
        label = label_of("pobox", box.column)
        written = literal(label)
        pairs = [[r"(?:, )+", ", "], [f"^, |,? ?{written}$", ""], [rf"{written} (\P{{N}})", "$1"]]
        template = f"{before}, {label} {{{box.column}}}" if before else f"{label} {{{box.column}}}"
        return {"template": template, "replace": pairs if before else pairs[2:]}


def _worth(fit: Fit) -> float:
    """Return how much a line sends; one that sends nothing is worth more than a comment."""
    if not fit.active:
        return 0
    return 0.5 if fit.tally is None else 0.5 + fit.tally.filled - fit.tally.bad


def _with_spaces(columns: Sequence[str]) -> Table:
    """Return the line of several columns with spaces between their values."""
    if any(set("{}") & {*one} for one in columns):
        return {"join": list(columns), "separator": " "}
    return {"template": " ".join(f"{{{one}}}" for one in columns)}


def _parts(active: Sequence[Choice], street: Sequence[str]) -> list[str]:
    """Return the columns that make one value together: first and last name, street and number."""
    roles = {choice.role: choice.column for choice in active}
    for order in (_NAME_ORDER, street):
        parts = [roles[role] for role in order if role in roles]
        if len(parts) > 1:
            return parts
    return []


def _columns_of(table: Table) -> set[str]:
    if "template" in table:
        return {part.text for part in parse_template(table["template"]) if part.is_column}
    several = table.get("columns") or table.get("join")
    return set(several) if several else {table.get("column", "")}


_BY_A_PERSON = Message("set by you")


def changed_lines(
    lines: Sequence[DraftLine], rehearsal: Rehearsal, changes: Mapping[str, Table]
) -> Iterator[DraftLine]:
    """
    Yield the lines with the keys that a person has set for their fields.

    A key with the value None is taken away. Changes of a field without a line are a line of their
    own if they say where its value comes from. What a person has decided is left to decide no more,
    unless the line cannot be one.
    """
    tables = {line.target: line.table for line in lines if line.active}
    # Of several lines of a field, the one that holds is changed, else the last one proposed.
    places = {line.target: at for at, line in enumerate(lines)}
    places |= {line.target: at for at, line in enumerate(lines) if line.active}
    left = dict(changes)
    for at, line in enumerate(lines):
        change = left.pop(line.target, None) if places[line.target] == at else None
        if change is None:
            yield line
            continue
        table = _with(line.table, change)
        tally = rehearsal.tally(line.target, table, tables)
        if tally is None:  # keys that do not go together: the line stays as it was
            yield line
        else:
            lacks = line.lacks - {"words"} if "values" in change else line.lacks
            yield replace(line, table=table, tally=tally, decide=None, active=True, lacks=lacks)
    for target, change in left.items():
        table = _with({}, change)
        if rehearsal.read(target, table) is not None:
            tally = rehearsal.tally(target, table, tables)
            yield DraftLine(target=target, table=table, tally=tally, reason=_BY_A_PERSON)


def _with(table: Table, change: Mapping[str, Any]) -> Table:
    return {key: value for key, value in {**table, **change}.items() if value is not None}


_FEW = 0.01
_NAME, _COMPANY = "name", "company"
_PARTS_OF_NAME = ("first", "last")


def with_names_of_companies(lines: Sequence[DraftLine], rehearsal: Rehearsal) -> list[DraftLine]:
    """
    Return the lines with a company's name as that of its row, where no person has one.

    Where first and last names have columns, no name is sent beside them that is another one's.
    """
    active = {line.target: line for line in lines if line.active}
    name, company = active.get(_NAME), active.get(_COMPANY)
    any_of = rehearsal.schema.any_of
    if _NAME not in any_of:
        return list(lines)
    lost = 0
    if company is not None and "column" in company.table:
        people = [one for one in map(rehearsal.schema.field_of, PERSON) if one in active]
        # No person's name is below `Company`: beside first and last names only a row that would be
        # lost has it.
        is_certain = name is None and any(one.role == _COMPANY for one in company.choices)
        needed = any_of if is_certain else people or any_of
        known = [_sent(rehearsal, active[one]) for one in needed if one in active]
        companies = _sent(rehearsal, company)
        lost = sum(bool(one and not any(has)) for one, *has in zip(companies, *known, strict=True))
    table = name.table if name else {}
    is_companies = lost > _FEW * rehearsal.rows and (not name or set(table) == {"column"})
    if is_companies and company is not None:
        column = company.table["column"]
        table = {"columns": [table["column"], column]} if name else {"column": column}
    if not table:
        return list(lines)
    line = replace(
        name or DraftLine(target=_NAME, table=table),
        table=_alone(table, active, rehearsal, always=is_companies),
    )
    if is_companies and company is not None:
        text = "companies without a person (%(count)s) are sent under the company's name"
        choices = (*line.choices, *company.choices)
        line = replace(line, choices=choices, decide=Message(text, count=lost))
    line = replace(line, tally=rehearsal.tally(_NAME, line.table))
    return [line if one is name else one for one in lines] + ([] if name else [line])


def _alone(
    table: Table, active: Mapping[str, DraftLine], rehearsal: Rehearsal, *, always: bool
) -> Table:
    """
    Return the line of a name, for rows without first and last names if it may be another one's.

    So it `always` is, if some row has both.
    """
    names = map(rehearsal.schema.field_of, _PARTS_OF_NAME)
    lines = [active[one] for one in names if one is not None and one in active]
    people = [*map(" ".join, zip(*(_sent(rehearsal, line) for line in lines), strict=True))]
    whole = _sent(rehearsal, DraftLine(target=_NAME, table=table))
    both = [pair for pair in zip(whole, people, strict=False) if all(map(str.strip, pair))]
    if not always and len(lines) == len(_PARTS_OF_NAME):
        same_letters = (pair for pair in both if len({*map(str.isascii, pair)}) == 1)
        always = any(are_others([one], [[two]]) for one, two in same_letters)
    if not (always and both):
        return table
    return {**table, "unless": list(dict.fromkeys(one for line in lines for one in line.columns))}


def _sent(rehearsal: Rehearsal, line: DraftLine) -> list[str]:
    """Return for each row the text that a line sends, or ""."""
    field = rehearsal.field(line.target, line.table)
    if field is None:
        return [""] * rehearsal.rows
    return [str(value or "") for value in field.series.values()]


DEFAULT_MINUTES = 30
_HALF, _CLEARLY, _SHORTEST = 0.5, 0.8, 5
_MIDNIGHT = "T00:00:00"
_HOUR = r"[0-9]{1,2}(?:[:.h][0-9]{2}(?::[0-9]{2})?)?(?: ?(?:[AaPp]\.?[Mm]\.?|[صم]))?"
_TO = r"(?:-|\u2013|\u2014|\bto\b|\bbis\b|\bà\b|\ba\b|\btot\b|\bdo\b|إلى|الى)"
_SLOT = re.compile(rf"{_HOUR} *{_TO} *{_HOUR}")
_ENDS_IN_SLOT = re.compile(rf"[0-9] +{_HOUR} *{_TO} *{_HOUR}$")
# Of 09:00-08:00 the second may be an offset from UTC: those west of it, of today and of history.
_ENDS_IN_OFFSET = re.compile(r"[0-9] *-(?:(?:0[0-9]|1[0-2])(?::?00)?|0[2349]:?30)$")
_BARE_HOUR = re.compile(r"[0-9]{1,2}(?:\.[0-9]{2})?")
# Of "2024-05-31 09:00 - 09:30" the first hour stays, or the second one in its place.
_FIRST = [rf"({_HOUR})\s*{_TO}\s*{_HOUR}$", "$1"]
_SECOND = [rf"{_HOUR}\s*{_TO}\s*({_HOUR})$", "$1"]
# Databases and spreadsheets write a day with midnight, and an hour with their first day.
_DAY_ZERO = re.compile("^(?:1899-12-3[01]|1900-01-0[01])[T ]")
_ZEROS = (
    ([r"[T ]00:00(?::00(?:\.0+)?)? ", " "], re.compile(r"[0-9][T ]00:00(?::00(?:\.0+)?)?$").search),
    ([r" (?:1899-12-3[01]|1900-01-0[01])[T ]", " "], _DAY_ZERO.search),
)


def _times_of(
    edge: str,
    own: Sequence[Choice],
    starts: Sequence[Choice],
    values: Mapping[str, Sequence[str]],
) -> Iterator[Table]:
    """
    Yield the lines that may make a start or an end, the most likely first.

    `edge` says which, `own` are its columns, `starts` those of the start: an end that only has an
    hour is on the day of the start.
    """
    roles = {one.role: one for one in (*reversed(starts), *reversed(own))}
    mine = {one.role: one for one in reversed(own)}
    whole = [one.column for one in own if one.role not in {"date", "time"}]
    day, hour = roles.get("date"), mine.get(edge) or mine.get("time")
    if day is not None and hour is not None:
        hours = values[hour.column]
        has_hours = any(map(str.strip, hours))
        both = _with_spaces([day.column, hour.column])
        texts = (*values[day.column], *hours)
        pairs = [pair for pair, has_it in _ZEROS if any(map(has_it, texts))]
        both = {**both, "replace": pairs} if pairs else both
        if share(_SLOT.fullmatch, hours) > _HALF:
            yield {**both, "replace": [*pairs, _FIRST if edge == "start" else _SECOND]}
        elif not whole or not has_hours or share(_is_hour, hours) > _HALF:
            yield both
        if has_hours and not whole:
            return  # where its hours cannot be read, the day alone would be midnight
    columns = whole or [own[0].column]
    if edge == "start" and _are_slots(values[own[0].column]):
        yield {"column": own[0].column, "replace": [_FIRST]}
        return
    yield {"column": columns[0]} if len(columns) == 1 else {"columns": columns}


def _are_slots(values: Sequence[str]) -> bool:
    """Return whether most values are a day with both its hours, and not all may have an offset."""
    slots = [value for value in values if _ENDS_IN_SLOT.search(value)]
    is_most = len(slots) > _HALF * len(values)
    return is_most and not all(map(_ENDS_IN_OFFSET.search, slots))


def _says_when(text: str) -> bool:
    return is_time(text) or (":" in text and _SLOT.fullmatch(text) is not None)


def _is_hour(text: str) -> bool:
    text = _DAY_ZERO.sub("", text)
    return is_time(text) or _BARE_HOUR.fullmatch(text) is not None


def _end_without_column(
    start: Table, duration: Choice | None, values: Mapping[str, Sequence[str]]
) -> tuple[Table, Message | None]:
    """Return the line of an end time without a column, and what a person should know about it."""
    if _FIRST in (pairs := start.get("replace", [])):
        return {**start, "replace": [_SECOND if pair == _FIRST else pair for pair in pairs]}, None
    after = {"after": "scheduled_start"}
    lengths = values[duration.column] if duration is not None else ()
    if duration is not None and _are_minutes(lengths):
        column = {"column": duration.column}
        is_whole = all(map(str.strip, lengths))
        more = {} if is_whole else {"default": DEFAULT_MINUTES}
        return {**after, "minutes": {**column, **more}}, None
    decide = Message(
        "no column is read as its end: %(count)s minutes after its start are assumed",
        count=DEFAULT_MINUTES,
    )
    return {**after, "minutes": f"{DEFAULT_MINUTES} min"}, decide


def _are_minutes(values: Sequence[str]) -> bool:
    """Return whether nearly all values are durations, and not hours taken for minutes."""
    texts = given(values)
    read = [read_minutes(text) for text in texts if reads(read_minutes, text)]
    return bool(read) and len(read) >= _CLEARLY * len(texts) and median(read) >= _SHORTEST
