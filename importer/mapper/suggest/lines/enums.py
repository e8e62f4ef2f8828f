"""Finds the allowed word of a field for each word of a column."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from importer.core.locale.message import Message
from importer.mapper.kinds.boolean import read_boolean
from importer.mapper.schema.object_schema import FieldSpec
from importer.mapper.suggest.lines.rehearsal import Rehearsal, Table
from importer.mapper.suggest.statuses import allowed_word, likely_word, word_in_header

_LISTED, _SHOWN = 20, 8
_UNKNOWN = "???"


@dataclass(frozen=True, slots=True, kw_only=True)
class Word:
    """
    A word of a column, how many cells have it, and the allowed word it is proposed for, or None.

    It `is_sure` if it can mean nothing else.
    """

    text: str
    count: int
    meant: str | None
    is_sure: bool


def words_of(spec: FieldSpec, values: Sequence[str]) -> list[Word]:
    """Return the different words of a column, in order."""
    counts = Counter(text.strip() for text in values)
    return [_word(text, count, spec) for text, count in sorted(counts.items())]


def _word(text: str, count: int, spec: FieldSpec) -> Word:
    sure = allowed_word(text, spec)
    meant = sure or likely_word(text, spec)
    return Word(text=text, count=count, meant=meant, is_sure=sure is not None)


def fit_words(
    spec: FieldSpec, words: Sequence[Word], column: str
) -> tuple[dict[str, str], Message | None]:
    """
    Return the key `values` of a line, and what a person has to decide.

    The key is empty if all words are those of the field. About a word that can mean several, or
    none, a person decides. It is not in the key, unless no word is known: then each is mapped to
    `"???"`.
    """
    if {word.text for word in words} <= set(spec.enum):
        return {}, None
    unknown = [word.text for word in words if not word.is_sure]
    if not unknown:
        return {word.text: str(word.meant) for word in words}, None
    if known := {word.text: word.meant for word in words if word.is_sure and word.meant}:
        decide = Message(
            "which of %(words)s stands for %(columns)s in %(column)s: these are left out until "
            "its line has them in values",
            words=spec.enum,
            columns=unknown[:_SHOWN],
            column=column,
        )
        return known, decide
    table = dict.fromkeys([word.text for word in words], _UNKNOWN)
    decide = Message(
        "which of %(words)s stands for %(columns)s in %(column)s",
        words=spec.enum,
        columns=unknown[:_SHOWN],
        column=column,
    )
    return dict([*table.items()][:_LISTED]), decide


_SPECIAL = re.compile(r"([.^$*+?()\[\]{}|\\])")


def flags_line(rehearsal: Rehearsal, target: str, spec: FieldSpec, columns: Sequence[str]) -> Table:
    """
    Return the line of columns whose headers are words of a field, and whose values yes or no.

    A row gets the word of the column that says yes, and none if all say no. Of several that say
    yes, `cancelled` comes before the others, since the last thing that happens is what holds.
    """
    is_one = len(columns) == 1 or any(set("{}") & {*column} for column in columns)
    source: Table = {"template": "/".join(f"{{{column}}}" for column in columns)}
    if is_one:
        source, columns = {"column": columns[0]}, columns[:1]
    flags = [rehearsal.texts(target, {"column": column}) for column in columns]
    words = [word_in_header(column, spec) for column in columns]
    values: dict[str, str] = {}
    empty: dict[str, None] = {}
    for text, *row in zip(rehearsal.texts(target, source), *flags, strict=True):
        set_ = {word for word, flag in zip(words, row, strict=True) if flag and read_boolean(flag)}
        meant = min((word for word in set_ if word), key=_last_first, default=None)
        if meant is not None:
            values[text] = meant
        elif text:
            empty[text] = None
    pattern = "|".join(_SPECIAL.sub(r"\\\1", text) for text in empty)
    keys = {"replace": [[f"^(?:{pattern})$", ""]]} if empty else {}
    return {**source, **keys, **({"values": values} if values else {}), "on_error": "omit"}


def _last_first(word: str) -> tuple[bool, str]:
    return word != "cancelled", word
