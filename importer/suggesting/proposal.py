"""Proposes a mapping for the sample of a list, from what a person has stated about it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from importer.mapper.schema.objects import ObjectSchema
from importer.mapper.suggest.columns.choice import Choice
from importer.mapper.suggest.columns.choose import choose
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
    return Proposal(choices=choices, draft=draft)
