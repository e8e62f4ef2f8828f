"""Finds what only a person can say of a list: countries, time zones, what its words stand for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from importer.mapper.regions import find_regions, is_bare
from importer.mapper.schema.objects import ObjectSchema
from importer.mapper.suggest.lines.cures import Lack
from importer.mapper.suggest.lines.draft import DraftLine
from importer.mapper.suggest.lines.enums import Word
from importer.mapper.values.date_formats import find_date_formats

__all__ = ["Question", "questions_of"]

_ORDER: tuple[Lack, ...] = ("region", "order", "timezone")
_MOST_WORDS = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """
    What a person should say about the values of `columns`, such as `example`.

    `likely` are answers that the values allow, the best first. `count` is how many values wait.
    If it is about `words`, `likely` are those that `field` allows.
    """

    about: Lack
    columns: tuple[str, ...]
    example: str
    count: int
    likely: tuple[str, ...] = ()
    field: str = ""
    words: tuple[Word, ...] = ()


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
            open_ = tuple(word for word in line.words if not word.is_sure)
            yield Question(
                about="words",
                columns=line.columns,
                example=open_[0].text,
                count=sum(word.count for word in open_),
                likely=tuple(spec.enum),
                field=line.target,
                words=line.words,
            )


def _question(about: Lack, columns: tuple[str, ...], given: Sequence[str]) -> Question:
    likely: tuple[str, ...] = ()
    if about == "region":
        given = [text for text in given if is_bare(text)]
        likely = tuple(find_regions(given))
    elif about == "order":
        given = [text for text in given if find_date_formats([text]).ambiguous] or given
    return Question(
        about=about,
        columns=columns,
        example=given[0].strip() if given else "",
        count=len(given),
        likely=likely,
    )
