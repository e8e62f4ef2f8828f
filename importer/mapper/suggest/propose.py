"""Proposes a whole mapping for a list, tries it on rows, and asks what only a person can say."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

from importer.core.clock import Clock
from importer.core.errors import MappingError
from importer.core.locale.message import Message, joined
from importer.core.paths import whole_of
from importer.core.verdict import LackCounts, Verdict
from importer.mapper.cell import UNREAD
from importer.mapper.data import load_words
from importer.mapper.headers.kept_back import is_technical_header, is_technical_value
from importer.mapper.headers.words import load_vocabulary
from importer.mapper.mapper import Mapper
from importer.mapper.mapping.file import parse_mapping
from importer.mapper.mapping.model import FieldMap
from importer.mapper.mapping.toml_text import toml_line, toml_value
from importer.mapper.regions import is_bare
from importer.mapper.schema.object_schema import ObjectSchema, fields_of_kind
from importer.mapper.suggest.columns.choice import PERSON, Choice
from importer.mapper.suggest.columns.choose import choose
from importer.mapper.suggest.columns.headers import (
    columns_of_second_people,
    names_a_relation,
    pupil_and_guardian,
)
from importer.mapper.suggest.columns.names_in_values import are_words, may_be_names
from importer.mapper.suggest.columns.values import (
    counts_rows,
    kind_reached,
    may_be_amount,
    reach_fields,
)
from importer.mapper.suggest.lines.cures import Hints, Lack
from importer.mapper.suggest.lines.draft import (
    DraftLine,
    changed_lines,
    draft_lines,
    is_active,
    with_names_of_companies,
)
from importer.mapper.suggest.lines.enums import Word
from importer.mapper.suggest.lines.phones import PhoneHints, country_column, placed
from importer.mapper.suggest.lines.rehearsal import Rehearsal
from importer.mapper.suggest.lines.unsent import with_unsent_values
from importer.mapper.suggest.toml import mapping_text, one_line
from importer.mapper.values.date_formats import find_date_formats


@dataclass(frozen=True, slots=True, kw_only=True)
class Excerpt:
    """
    The first rows of a list: its columns in order, and the values of each as text.

    `cells` has the values unchanged, if not all of them are texts. `is_whole` is True if there are
    no further rows. `read` are the options by which the list is read.
    """

    columns: Sequence[str]
    values: Sequence[Sequence[str]]
    cells: Sequence[Sequence[Any]] | None = None
    is_whole: bool = True
    read: Mapping[str, Any] = field(default_factory=dict)

    @property
    def as_read(self) -> Sequence[Sequence[Any]]:
        """The values of each column, unchanged."""
        return self.cells or self.values

    @property
    def rows(self) -> int:
        """How many rows were read."""
        return len(self.values[0]) if self.values else 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Stated:
    """
    What a person has said about the values of a list; None for what nobody has said.

    `timezone` is that of times without one, `region` the country of phone numbers without a
    country code, and `month_first` how dates are written that can be read both ways. `fields` has
    the field of a column, or "" to leave it out. `changes` are keys set in the line of a field, or
    taken away (None); a field may have no other line. `without` are the parts of a record that
    nobody has.
    """

    timezone: str | None = None
    region: str | None = None
    month_first: bool | None = None
    fields: Mapping[str, str] = field(default_factory=dict)
    changes: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    without: Sequence[str] = ()

    def change(self, name: str, keys: Mapping[str, Any]) -> Stated:
        """Return it with more keys set in the line of a field."""
        changes = {**self.changes, name: {**self.changes.get(name, {}), **keys}}
        return replace(self, changes=changes)


_ORDER: tuple[Lack, ...] = ("region", "order", "timezone")
_MOST_WORDS = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """
    What a person should say about the `values` of `columns`, such as the first one.

    `of` is how many values the columns have in all. If it is about `words`, each of them stands for
    one that `field` allows: one of `allowed`.
    """

    about: Lack
    columns: tuple[str, ...]
    values: tuple[str, ...] = ()
    of: int = 0
    field: str = ""
    words: tuple[Word, ...] = ()
    allowed: tuple[str, ...] = ()

    @property
    def example(self) -> str:
        """The first value."""
        return self.values[0] if self.values else ""


def questions_of(
    lines: Sequence[DraftLine], values: Mapping[str, Sequence[str]], schema: ObjectSchema
) -> Iterator[Question]:
    """Yield a question for each thing that the lines lack. `values` has those of each column."""
    for about in _ORDER:
        lacking = [line for line in lines if about in line.lacks]
        if lacking:
            columns = tuple(dict.fromkeys(name for line in lacking for name in line.columns))
            given = [text for name in columns for text in values.get(name, ()) if text.strip()]
            yield _question(about, columns, given)
    for line in lines:
        spec = schema.spec(line.target)
        if "words" in line.lacks and spec is not None and len(line.words) <= _MOST_WORDS:
            yield Question(
                about="words",
                columns=line.columns,
                values=tuple(word.text for word in line.words if not word.is_sure),
                field=line.target,
                words=line.words,
                allowed=tuple(spec.enum),
            )


def _question(about: Lack, columns: tuple[str, ...], given: Sequence[str]) -> Question:
    waiting = given
    if about == "region":
        waiting = [text for text in given if is_bare(text)]
    elif about == "order":
        waiting = [text for text in given if find_date_formats([text]).ambiguous] or given
    values = tuple(text.strip() for text in waiting)
    return Question(about=about, columns=columns, values=values, of=len(given))


_REFERENCE = "external_ref"


@dataclass(frozen=True, slots=True, kw_only=True)
class MappingDraft:
    """
    The text of a mapping file, and the results from trying it on the rows that were read.

    `decisions` has a sentence for each thing a person has to decide in it, or should know of.
    `verdict` says what becomes of the rows with it as it is, of which `sendable` can be sent.
    `questions` are what a person can say so that more is sent. `asks` are the parts of a record
    that none of the rows has, though records are hardly worth sending without them. It `is_ready`
    if `run` accepts it: a line is there, and one for each field that every record needs. `nulls`
    are texts of the list that it takes for empty, `in_attributes` the columns without a line that
    are sent in `attributes`.
    """

    text: str
    decisions: tuple[str, ...]
    lines: tuple[DraftLine, ...]
    verdict: Verdict
    questions: tuple[Question, ...] = ()
    asks: tuple[str, ...] = ()
    is_ready: bool = True
    nulls: tuple[str, ...] = ()
    in_attributes: tuple[str, ...] = ()

    @property
    def sendable(self) -> int:
        """How many rows can be sent."""
        return self.verdict.to_send


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """
    The field of each column, and the mapping that is made of them.

    `suggested` are the choices before a person has decided.
    """

    suggested: list[Choice]
    choices: list[Choice]
    draft: MappingDraft


def _about_columns(
    schema: ObjectSchema, choices: Sequence[Choice], samples: Sequence[Sequence[str]]
) -> Iterator[str]:
    """Yield what a person has to decide about columns, and not about their values."""
    yield from _second_people(schema, choices, samples)
    yield from _whose_number(choices, schema)
    yield from (f"{choice.column!r}: {choice.reason}" for choice in choices if choice.in_texts)
    yield from _amounts(schema, choices, samples)
    yield from _other_address(schema, choices, samples)


def _left_out(choices: Sequence[Choice], *, as_whole_lists: bool) -> list[Choice]:
    """Return the choices without a field; `as_whole_lists` has those in a list of JSON as one."""
    found = [choice for choice in choices if choice.field is None]
    if not as_whole_lists:
        return found
    whole = (replace(one, column=whole_of(one.column)) for one in found)
    return [*{one.column: one for one in whole}.values()]


def propose(
    schema: ObjectSchema,
    sample: Excerpt,
    stated: Stated = Stated(),
    *,
    source: str = "",
    shows_samples: bool = False,
) -> Proposal:
    """
    Return the field of each column of a list, and a mapping file for it.

    Certain and likely choices become lines, each tried on the rows with all ways to read its
    values; what cannot be sent even so becomes a comment, like the unsure choices. `source` is the
    name of the list. With `shows_samples` the comments contain values of it.
    """
    suggested = choose(sample.columns, schema, sample.values, region=stated.region)
    choices = [_decided(choice, stated.fields, schema) for choice in suggested]
    draft = _drafted(schema, choices, sample, stated, source, shows_samples=shows_samples)
    used = [*_used(choices, draft.lines)]
    triples = zip(suggested, choices, used, strict=True)
    return Proposal(
        suggested=[one if last is chosen else last for one, chosen, last in triples],
        choices=used,
        draft=draft,
    )


def _decided(choice: Choice, fields: Mapping[str, str], schema: ObjectSchema) -> Choice:
    """Return the choice for a column as a person has decided, if it names a field there is."""
    field = fields.get(choice.column)
    if field is None or (field and field.partition(".")[0] not in schema.fields):
        return choice
    if field == "":
        return replace(choice.drop(Message("left out by you")), sensitive=choice.sensitive)
    if field == choice.field:
        return replace(choice, score=1.0, hedged=False, sensitive=False)
    return replace(
        choice,
        field=field,
        role=None,
        score=1.0,
        hedged=False,
        sensitive=False,
        reason=Message("chosen by you"),
    )


def _used(choices: Sequence[Choice], lines: Sequence[DraftLine]) -> Iterator[Choice]:
    """Yield the choices; a column that the line of its field does not read is left out."""
    named = {(line.target, column) for line in lines for column in line.columns}
    made = {line.target: line for line in lines if line.active or line.decide}
    for choice in choices:
        line = made.get(choice.field or "")
        if line is None or not is_active(choice) or (choice.field, choice.column) in named:
            yield choice
        else:
            column = next(iter(line.columns), "")
            text = "%(column)s fits %(field)s better"
            yield choice.drop(Message(text, column=column, field=choice.field))


def _drafted(
    schema: ObjectSchema,
    choices: Sequence[Choice],
    sample: Excerpt,
    stated: Stated,
    source: str,
    *,
    shows_samples: bool,
) -> MappingDraft:
    rehearsal = Rehearsal(schema, sample.columns, sample.as_read, texts=sample.cells is None)
    lines = _lines(schema, choices, sample, stated, rehearsal)
    values = dict(zip(sample.columns, sample.values, strict=True))
    head = _HeadOfMapping(schema, choices, sample, lines, stated, source)
    nulls = sorted(rehearsal.nulls - {""})
    write = partial(
        mapping_text,
        lines=lines,
        left_out=_left_out(choices, as_whole_lists=bool(head.spare) and not rehearsal.is_text),
        read={**sample.read, **({"null": nulls} if nulls else {})},
        samples=values if shows_samples else {},
        has_rest=bool(head.spare),
    )
    try:
        mapping = parse_mapping(write(head.lines).encode())
        verdict = tried(mapping, schema.name, sample.columns, sample.as_read)
        is_ready = True
    except MappingError:  # there is no line, or a required field has no column
        verdict = Verdict(object=schema.name, planned=True, person=rehearsal.rows)
        is_ready = False
    asks = () if set(verdict.lacks_all_of()) <= {*stated.without} else verdict.lacks_all_of()
    if asks:
        likely = [
            choice.column
            for choice, values in zip(choices, sample.values, strict=True)
            if not (is_active(choice) or choice.sensitive or choice.of_other)
            and "name" in asks
            and may_be_names(choice.column, values)
        ]
        head.ask_for(asks, verdict, likely)
    return MappingDraft(
        text=write(head.lines),
        decisions=tuple(head.decisions),
        lines=tuple(lines),
        verdict=verdict,
        questions=tuple(questions_of(lines, values, schema)),
        asks=asks,
        is_ready=is_ready,
        nulls=tuple(nulls),
        in_attributes=tuple(head.spare),
    )


def _lines(
    schema: ObjectSchema,
    choices: Sequence[Choice],
    sample: Excerpt,
    stated: Stated,
    rehearsal: Rehearsal,
) -> list[DraftLine]:
    """Return the lines of the mapping, as a person has changed them."""
    month_first = stated.month_first
    if month_first is None and stated.region is not None:
        month_first = stated.region in load_words("dates", "month_first")
    hints = Hints(
        today=Clock().now().date(),
        timezone=stated.timezone,
        month_first=month_first,
        phones=_phone_hints(choices, sample.values, stated.region),
        required=frozenset(schema.required),
    )
    lines = draft_lines(schema, choices, sample.values, rehearsal, hints)
    lines = with_names_of_companies(lines, rehearsal)
    lines = with_unsent_values(lines, rehearsal, hints.phones.region)
    return list(changed_lines(lines, rehearsal, stated.changes))


class _HeadOfMapping:
    """What a mapping says above its lines, and the decisions that it leaves to a person."""

    def __init__(
        self,
        schema: ObjectSchema,
        choices: Sequence[Choice],
        sample: Excerpt,
        lines: Sequence[DraftLine],
        stated: Stated,
        source: str,
    ) -> None:
        self.decisions: list[str] = []
        self.spare = _spare(schema, choices, sample.values)
        self.lines = [
            *(
                [f"# Suggested from the headers and values of {one_line(source)}."]
                if source
                else []
            ),
            "# Review it, then run vorel-import check to see what becomes of every row.",
            "",
            f'object = "{schema.name}"',
            *_identity(lines, sample.rows, is_whole=sample.is_whole),
            *(_rest(choices, sample.values) if self.spare else ()),
            *_lacking(schema, lines, self.decisions),
        ]
        open_ = [line for line in lines if line.decide or _is_open(line, lines)]
        self.decisions += _about_columns(schema, choices, sample.values)
        self.decisions += _reached_elsewhere(schema, choices, sample, lines, stated.region)
        open_.sort(key=lambda line: -(line.tally.bad if line.tally else 0))
        self.decisions += map(_decision, open_)
        if stated.without:
            without = toml_value(list(stated.without))
            self.lines.append(f"without = {without}  # nobody on this list has it")

    def ask_for(self, parts: Sequence[str], verdict: Verdict, columns: Sequence[str]) -> None:
        """Ask first why no record has any of some parts, which `columns` may have."""
        self.decisions.insert(0, _nobody_has(verdict, parts, columns))
        without = toml_value(list(parts))
        self.lines.append(f"# without = {without}  # To decide: {self.decisions[0]}")


def _second_people(
    schema: ObjectSchema, choices: Sequence[Choice], samples: Sequence[Sequence[str]]
) -> Iterator[str]:
    """Yield what to do about the other one, if each row has two people, and one is sent."""
    others = columns_of_second_people([choice.column for choice in choices], schema.name)
    of_people = schema.fields_of(PERSON) | fields_of_kind("phone") | fields_of_kind("email")
    is_sent = any(choice.field in of_people and is_active(choice) for choice in choices)
    if others and is_sent and not _are_mostly_one(choices, samples, others):
        yield (
            "each row has two people, and one of them is sent: not the one of "
            f"{', '.join(map(repr, others))}; to send that one too, write a second mapping of "
            "these columns, and run it with --new-import and another file as --results"
        )


def _are_mostly_one(
    choices: Sequence[Choice], samples: Sequence[Sequence[str]], others: Sequence[str]
) -> bool:
    """Return whether the other people of most rows have only what the rows' own are sent with."""
    pairs = [*zip(choices, samples, strict=True)]
    theirs = [values for one, values in pairs if one.column in others]
    sent = [values for one, values in pairs if is_active(one) and one.column not in others]

    def texts(columns: Sequence[Sequence[str]], at: int) -> set[str]:
        return {values[at].strip().casefold() for values in columns} - {""}

    filled = [at for at in range(len(theirs[0])) if texts(theirs, at)]
    return 2 * sum(texts(theirs, at) <= texts(sent, at) for at in filled) > len(filled)


def _whose_number(choices: Sequence[Choice], schema: ObjectSchema) -> Iterator[Message]:
    """Yield whose number is not known, if rows have a pupil, a guardian and numbers of either."""
    found = pupil_and_guardian([one.column for one in choices], schema.name)
    phones = [one for one in choices if one.field in fields_of_kind("phone") and is_active(one)]
    is_sent = any(one.column == found[0] and is_active(one) for one in choices) if found else False
    if found is not None and phones and is_sent:
        text = (
            "the list does not say whose number %(column)s is: it is sent with the name in "
            "%(column_2)s; if it is that of %(columns)s, name that column in the line of the name"
        )
        yield Message(text, column=phones[0].column, column_2=found[0], columns=[found[1]])


def _amounts(
    schema: ObjectSchema, choices: Sequence[Choice], samples: Sequence[Sequence[str]]
) -> Iterator[Message]:
    """Yield which columns may be the amount, if none is."""
    target = schema.field_of("amount")
    if target is None or any(one.field == target for one in choices):
        return
    pairs = zip(choices, samples, strict=True)
    if columns := [one.column for one, values in pairs if may_be_amount(one, values)]:
        text = "which of %(columns)s is %(field)s: map it, or none is sent"
        yield Message(text, columns=columns, field=target)


def _reached_elsewhere(
    schema: ObjectSchema,
    choices: Sequence[Choice],
    sample: Excerpt,
    lines: Sequence[DraftLine],
    region: str | None,
) -> Iterator[Message]:
    """Yield which columns that are left out reach rows that nothing else reaches."""
    reaching = [line for line in lines if line.active and line.target in reach_fields()]
    values = dict(zip(sample.columns, sample.values, strict=True))
    for kind in ("phone", "email"):
        if (target := schema.field_of(kind)) is None:
            continue
        found = [
            one
            for one in choices
            if not (is_active(one) or one.sensitive)
            and kind_reached(one, values[one.column], region) == kind
        ]
        others = [one.column for one in found if one.of_other]
        its = [line for line in reaching if line.target in fields_of_kind(kind)]
        if others and not its:
            text = (
                "no row has its own %(field)s, and those of other people are left out "
                "(%(columns)s): if that is whom to contact, write %(line)s below [fields]"
            )
            line = _line_to(target, others[0], kind, region)
            said = [Message(text, columns=others, field=target, line=line)]
            if people := _names_before(others, choices, values):
                said.append(Message("their names are in %(columns)s", columns=people))
            yield joined(said)
        sent = [values[column] for line in its for column in line.columns]
        for one in found:
            if not one.of_other and (count := _alone(values[one.column], sent)):
                text = (
                    "%(field)s (%(column)s): in some rows (%(count)s) this is the only one, and it "
                    "is not sent; to send it there, write %(others)s"
                )
                line = _line_to(target, one.column, kind, region)
                yield Message(
                    text,
                    field=target,
                    column=one.column,
                    count=count,
                    others=_with_column(one.column, its) or line,
                )


def _line_to(target: str, column: str, kind: str, region: str | None) -> str:
    """Return the line of a mapping that sends a column of phones or emails to a field."""
    table: dict[str, Any] = {"column": column, "type": kind}
    if kind == "phone":
        table |= {"region": region} if region else {"on_error": "keep"}
    return toml_line(target, table)


def _names_before(
    columns: Sequence[str], choices: Sequence[Choice], values: Mapping[str, Sequence[str]]
) -> list[str]:
    """Return the columns of names that are left out, each before one of some others."""
    found: dict[str, None] = {}
    last = None
    for one in choices:
        if one.column in columns:
            found |= {last: None} if last else {}
        elif not (is_active(one) or names_a_relation(one.column)) and are_words(values[one.column]):
            last = one.column
    return [*found]


def _with_column(column: str, lines: Sequence[DraftLine]) -> str:
    """Return the first line that reads columns with another one behind them, or ""."""
    for line in lines:
        keys = {key: value for key, value in line.table.items() if key not in {"column", "columns"}}
        columns = line.table.get("columns") or [line.table.get("column")]
        if None not in columns:
            return toml_line(line.target, {"columns": [*columns, column], **keys})
    return ""


def _alone(values: Sequence[str], others: Sequence[Sequence[str]]) -> int:
    """Return in how many rows a column has a value, and none of some others."""
    rows = (at for at, text in enumerate(values) if text.strip())
    return sum(not any(one[at].strip() for one in others) for at in rows)


def _phone_hints(
    choices: Sequence[Choice], samples: Sequence[Sequence[str]], region: str | None
) -> PhoneHints:
    column = countries = None
    for choice, values in zip(choices, samples, strict=True):
        meant = load_vocabulary().parse(choice.column, {}, "")
        if meant.meanings.isdisjoint({"country", "callingcode"}) or meant.unknown:
            continue
        countries = country_column(values)
        if countries is not None:
            column = choice.column
            break
    if region is not None:
        return PhoneHints(region=region, column=column)
    numbers = [
        text
        for choice, values in zip(choices, samples, strict=True)
        if choice.field in fields_of_kind("phone") and is_active(choice)
        for text in values
        if text.strip()
    ]
    found = placed(numbers, countries)
    if found is None:
        return PhoneHints(column=column)
    return PhoneHints(region=found[0], column=column, reason=found[1])


def _identity(lines: Sequence[DraftLine], rows: int, *, is_whole: bool) -> Iterator[str]:
    """Yield the line for `identity` if each row has an id of its own."""
    line = next((one for one in lines if one.target == _REFERENCE and one.active), None)
    if (
        line is None
        or line.tally is None
        or rows < 2
        or not set(line.table) <= {"column", "replace"}
    ):
        return
    values = list(map(str, line.tally.sent.values()))
    if line.tally.filled == rows and len({*values}) == rows and not counts_rows(values):
        column = one_line(line.table["column"])
        why = f"each of the {rows} rows read has another {column}: a corrected row stays the same"
        yield f'{"" if is_whole else "# "}identity = ["{_REFERENCE}"]  # {why} record'


def _spare(
    schema: ObjectSchema, choices: Sequence[Choice], samples: Sequence[Sequence[str]]
) -> list[str]:
    """Return the columns without a line that are sent, if the object has a field for them."""
    if "attributes" not in schema.fields:
        return []
    return [
        choice.column
        for choice, values in zip(choices, samples, strict=True)
        if not is_active(choice)
        and any(map(str.strip, values))
        and not _is_kept_back(choice, values)
    ]


def _rest(choices: Sequence[Choice], samples: Sequence[Sequence[str]]) -> list[str]:
    """Return the lines that send the columns without a line."""
    pairs = zip(choices, samples, strict=True)
    secret = [one.column for one, values in pairs if _is_kept_back(one, values)]
    lines = ['rest = "attributes"  # the columns that no line names']
    return lines + ([f"leave_out = {toml_value(secret)}"] if secret else [])


def _is_kept_back(choice: Choice, values: Sequence[str]) -> bool:
    """Return whether a column without a line is never sent: secrets, and what servers note."""
    is_technical = is_technical_header(choice.column) or is_technical_value(values)
    return choice.sensitive or (is_technical and not is_active(choice))


def _lacking(
    schema: ObjectSchema, lines: Sequence[DraftLine], decisions: list[str]
) -> Iterator[str]:
    """Yield a comment for each required field without a line, and decide on lines that lack."""
    there = {line.target for line in lines if line.active}
    if not there:
        decisions.append(
            f"no column is surely a field of the object {schema.name}: write lines for some"
        )
    waiting = {line.target for line in lines if line.decide and not line.active}
    if "scheduled_start" in waiting:
        waiting.add("scheduled_end")  # which is worked out from the start
    for name in schema.required:
        if name in waiting - there:
            yield f"# Required: {name}. It waits for what a person has to decide below."
        elif name not in there:
            decisions.append(f"every {schema.name} needs {name}: map a column to it")
            yield f"# Required, but no column was found: {name}. Add a line below [fields]."
    if schema.any_of and there.isdisjoint(schema.any_of):
        listed = ", ".join(schema.any_of)
        decisions.append(f"map a column to at least one of {listed}")
        yield f"# Required, but no column was found: one of {listed}."


def _other_address(
    schema: ObjectSchema, choices: Sequence[Choice], samples: Sequence[Sequence[str]]
) -> Iterator[Message]:
    """Yield a sentence about the rows that only have the address which is not sent."""
    for name in ("street", "city"):
        target = schema.field_of(name)
        pairs = [*zip(choices, samples, strict=True)]
        of = [(one, values) for one, values in pairs if target and one.field == target]
        sent = [values for one, values in of if is_active(one)]
        others = [(one.column, values) for one, values in of if not is_active(one)]
        columns = [one.column for one, _ in of if is_active(one)]
        for column, values in others if sent else ():
            if alone := _alone(values, sent):
                yield Message(
                    "%(field)s (%(column)s): in some rows (%(count)s) this is the only address, "
                    "and it is not sent; to send it there, name the columns of both addresses in "
                    "each line, as in %(others)s",
                    field=target,
                    column=column,
                    count=alone,
                    others=f"{target} = {{ columns = {toml_value([*columns[:1], column])} }}",
                )
                return


def _nobody_has(verdict: Verdict, parts: Sequence[str], columns: Sequence[str]) -> str:
    """Return that no record has any of some parts, and what to do; `columns` may have them."""
    *some, last = (f"{'an' if part[0] in 'aeiou' else 'a'} {part}" for part in parts)
    listed = f"{', '.join(some)} or {last}" if some else last
    such = f", such as {', '.join(map(repr, columns))}" if columns else ""
    return (
        f"none of the {verdict.counted:,} rows gets {listed}: map a column to it{such}; if that is "
        f"right, write without = {toml_value(list(parts))} above [fields]"
    )


def _is_open(line: DraftLine, lines: Sequence[DraftLine]) -> bool:
    """Return whether a person has to decide if a column is a field without a line."""
    return not line.active and not any(
        other.target == line.target and other.active for other in lines
    )


def _decision(line: DraftLine) -> str:
    columns = ", ".join(map(repr, line.columns))
    if line.decide is None:
        return f"whether {columns} is {line.target}"
    return (
        f"{line.target} ({columns}): {line.decide}" if columns else f"{line.target}: {line.decide}"
    )


def tried(
    mapping: FieldMap,
    object_: str,
    columns: Sequence[str],
    cells: Sequence[Sequence[Any]],
) -> Verdict:
    """
    Return the verdict on rows that are sent with a mapping.

    Raises `MappingError` for a mapping of other columns, or of another object.
    """
    mapper = Mapper(mapping, object_)
    mapper.check_columns(columns)
    rows = len(cells[0]) if cells else 0
    block = mapper.map_columns(dict(zip(columns, cells, strict=True)), rows)
    sent = [row for row in range(rows) if row not in block.rejected]
    lacks = LackCounts()
    for one in block.fields:
        if one.labels is not None:
            labels = one.labels[sent]
            for label, what in UNREAD.items():
                if count := int((labels == label).sum()):
                    lacks.add_several(one.plan.target, what, count)
    return Verdict(
        object=object_,
        planned=True,
        to_send=len(sent),
        person=len(block.rejected),
        counted=len(sent),
        has=block.parts(sent),
        lacks=lacks.result(),
    )
