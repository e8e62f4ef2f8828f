"""Proposes a mapping for the sample of a list, from what a person has stated about it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from importer.core.locale.message import Message
from importer.mapper.schema.objects import ObjectSchema
from importer.mapper.suggest.columns.choice import Choice
from importer.mapper.suggest.columns.choose import choose
from importer.mapper.suggest.lines.draft import is_active
from importer.mapper.suggest.propose import MappingDraft, draft_mapping
from importer.suggesting.sampling import Sample


@dataclass(frozen=True, slots=True, kw_only=True)
class Stated:
    """
    What a person has said about the values of a list; None for what nobody has said.

    `timezone` is that of times without one, `region` the country of phone numbers without a
    country code, and `month_first` how dates are written that can be read both ways. `columns` are
    those of fields that a person has named, `words` what the words of a column stand for, by the
    field, and `without` the parts of a record that nobody has.
    """

    timezone: str | None = None
    region: str | None = None
    month_first: bool | None = None
    columns: Mapping[str, str] = field(default_factory=dict)
    words: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    without: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """The field of each column, and the mapping that is made of them."""

    choices: list[Choice]
    draft: MappingDraft


def propose(
    schema: ObjectSchema,
    sample: Sample,
    stated: Stated,
    *,
    source: str,
    read: Mapping[str, Any],
    shows_samples: bool = False,
) -> Proposal:
    """Return the proposal for a list; `draft_mapping` describes the arguments."""
    choices = choose(sample.columns, schema, sample.values, region=stated.region)
    draft = draft_mapping(
        schema,
        choices,
        sample.values,
        cells=sample.cells,
        source=source,
        timezone=stated.timezone,
        region=stated.region,
        month_first=stated.month_first,
        read=read,
        is_whole=sample.is_whole,
        shows_samples=shows_samples,
        changes={
            **{name: {"column": column} for name, column in stated.columns.items()},
            **{name: {"values": words} for name, words in stated.words.items()},
        },
        without=stated.without,
    )
    return Proposal(choices=[*_used(choices, draft)], draft=draft)


def _used(choices: Sequence[Choice], draft: MappingDraft) -> Iterator[Choice]:
    """Yield the choices; a column that the line of its field does not read is left out."""
    named = {(line.target, column) for line in draft.lines for column in line.columns}
    lines = {line.target: line for line in draft.lines if line.active or line.decide}
    for choice in choices:
        line = lines.get(choice.field or "")
        if line is None or not is_active(choice) or (choice.field, choice.column) in named:
            yield choice
        else:
            column = next(iter(line.columns), "")
            text = "%(column)s fits %(field)s better"
            yield choice.drop(Message(text, column=column, field=choice.field))
