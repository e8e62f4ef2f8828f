"""Makes the lines of a mapping from choices, and tries each of them on the rows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from importer.mapper.headers.words import load_vocabulary
from importer.mapper.kinds import KINDS
from importer.mapper.mapping.template import parse_template
from importer.mapper.schema.objects import ObjectSchema
from importer.mapper.suggest.columns.choice import Choice
from importer.mapper.suggest.lines.cures import Fit, Hints, Lack, fit_line
from importer.mapper.suggest.lines.enums import Word
from importer.mapper.suggest.lines.rehearsal import LineTally, Rehearsal, Table
from importer.mapper.suggest.lines.times import TimeColumn, end_without_column, times_of
from importer.mapper.suggest.nulls import null_words

__all__ = ["DraftLine", "draft_lines", "is_active"]

_NAME_ORDER = ("first", "name", "last", "final")
_NEARLY = 0.8
_STREET_ORDER = ("street", "house")
# Languages in which the number of a house comes before the street.
_NUMBER_FIRST = frozenset({"en", "fr"})


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftLine:
    """
    A line of `[fields]` as it is proposed.

    `choices` are the columns it was chosen for, `tally` the counts from trying it on the rows that
    were read. `decide` is what a person has to decide about it, or should know. A line that is not
    `active` is written as a comment. `lacks` and `words` are as in `Fit`.
    """

    target: str
    table: Table
    choices: tuple[Choice, ...] = ()
    reason: str = ""
    tally: LineTally | None = None
    decide: str | None = None
    active: bool = True
    lacks: frozenset[Lack] = frozenset()
    words: tuple[Word, ...] = ()

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns that the line was made for."""
        return tuple(choice.column for choice in self.choices)


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
            for choice in filter(is_active, choices):
                yield from null_words(self._values[choice.column], are_texts=are_texts)

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
            elif target == "currency" and done.get("amount", {}).get("type") == "money":
                yield from self._currency(done["amount"])

    def _currency(self, amount: Table) -> Iterator[DraftLine]:
        """Yield a line for the currency that is next to each amount, if all amounts have one."""
        table = {"column": amount.get("column", ""), "type": "currency"}
        tally = self._rehearsal.tally("currency", table) if table["column"] else None
        if tally is not None and tally.filled and not tally.bad:
            reason = "the currency next to each amount"
            yield DraftLine(target="currency", table=table, tally=tally, reason=reason)

    def _end(self, done: Mapping[str, Table]) -> DraftLine:
        """Return the line of an end time without a column of its own."""
        lengths = [one for one in self._choices if one.role == "duration"]
        clock = self._clock(lengths[0]) if lengths else None
        table, decide = end_without_column(done["scheduled_start"], clock)
        return DraftLine(
            target="scheduled_end",
            table=table,
            choices=tuple(lengths[:1]) if "minutes" in table and clock else (),
            reason="worked out from the start",
            tally=self._rehearsal.tally("scheduled_end", table, done),
            decide=decide,
        )

    def _lines_of(self, target: str) -> Iterator[DraftLine]:
        found = self._by_field[target]
        active = [choice for choice in found if is_active(choice)]
        for choice in found:
            if choice not in active:
                table = {"column": choice.column}
                yield DraftLine(target=target, table=table, choices=(choice,), active=False)
        if not active:
            return
        fit, used = self._fitted(target, active)
        yield DraftLine(
            target=target,
            table=fit.table,
            choices=tuple(used),
            tally=fit.tally,
            decide=fit.decide,
            active=fit.active,
            lacks=fit.lacks,
            words=fit.words,
        )

    def _fitted(self, target: str, active: list[Choice]) -> tuple[Fit, list[Choice]]:
        """Return the best line for the columns of one field, and the columns that it uses."""
        tables = [*self._tables(target, active)]
        fits = [
            fit_line(self._rehearsal, target, table, self._read(target, table), self._hints)
            for table in tables
        ]
        most = max(map(_worth, fits))
        # The first is the most likely one, and a few odd values do not make another one better.
        best = next(at for at, fit in enumerate(fits) if _worth(fit) >= _NEARLY * most)
        used = [one for one in active if one.column in _columns_of(tables[best])]
        return fits[best], used or active

    def _tables(self, target: str, active: Sequence[Choice]) -> Iterator[Table]:
        """Yield the ways to make one value of the columns, the most likely first."""
        if target in {"scheduled_start", "scheduled_end"}:
            starts = filter(is_active, self._by_field.get("scheduled_start", ()))
            clocks = [list(map(self._clock, some)) for some in (active, starts)]
            yield from times_of(target.removeprefix("scheduled_"), *clocks)
            return
        if parts := _parts(active, self._street_order):
            yield {"template": " ".join(f"{{{one}}}" for one in parts)}
            return
        columns = [choice.column for choice in active]
        if len(columns) == 1:
            yield {"column": columns[0]}
        elif target == "notes":
            order = [one.column for one in self._choices if one.column in columns]
            yield {"join": order, "separator": "\n"}
        else:
            yield {"columns": columns}

    def _clock(self, choice: Choice) -> TimeColumn:
        return TimeColumn(choice.role, choice.column, self._values[choice.column])

    def _read(self, target: str, table: Table) -> list[str]:
        """Return the text that a line reads from each row."""
        return self._rehearsal.texts(target, table)


def _worth(fit: Fit) -> float:
    """Return how much a line sends; one that sends nothing is worth more than a comment."""
    if not fit.active:
        return 0
    return 0.5 if fit.tally is None else 0.5 + fit.tally.filled - fit.tally.bad


def _parts(active: Sequence[Choice], street: Sequence[str]) -> list[str]:
    """Return the columns that make one value together: first and last name, street and number."""
    roles = {choice.role: choice.column for choice in active}
    for order in (_NAME_ORDER, street):
        parts = [roles[role] for role in order if role in roles]
        if len(parts) > 1 and not any(set("{}") & set(one) for one in parts):
            return parts
    return []


def _columns_of(table: Table) -> set[str]:
    if "template" in table:
        return {part.text for part in parse_template(table["template"]) if part.is_column}
    several = table.get("columns") or table.get("join")
    return set(several) if several else {table.get("column", "")}
