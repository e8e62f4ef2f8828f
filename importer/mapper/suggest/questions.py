"""Finds what only a person can say of a list: countries, time zones, what its words stand for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from importer.mapper.regions import is_bare
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
