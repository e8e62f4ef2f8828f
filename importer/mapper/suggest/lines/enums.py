"""Finds the allowed word of a field for each word of a column."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from importer.core.locale.message import Message
from importer.mapper.data import load_table
from importer.mapper.headers.names import normalize_header
from importer.mapper.schema.objects import FieldSpec

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
    forms = {normalize_header(one): one for one in spec.enum}
    counts = Counter(text.strip() for text in values)
    return [_word(text, count, forms) for text, count in sorted(counts.items())]


def _word(text: str, count: int, forms: dict[str, str]) -> Word:
    word = normalize_header(text)
    same, mostly = (load_table("values")[key].get(word, "") for key in ("same", "mostly"))
    sure = forms.get(word) or forms.get(normalize_header(same))
    meant = sure or forms.get(normalize_header(mostly))
    return Word(text=text, count=count, meant=meant, is_sure=sure is not None)


def fit_words(
    spec: FieldSpec, words: Sequence[Word], column: str
) -> tuple[dict[str, str], Message | None]:
    """
    Return the key `values` of a line, and what a person has to decide.

    The key is empty if all words are those of the field. A word that can mean several, or none, is
    mapped to `"???"`, for a person to decide.
    """
    if {word.text for word in words} <= set(spec.enum):
        return {}, None
    unknown = [word.text for word in words if not word.is_sure]
    if not unknown:
        return {word.text: str(word.meant) for word in words}, None
    table = {word.text: word.meant if word.is_sure and word.meant else _UNKNOWN for word in words}
    decide = Message(
        "which of %(words)s stands for %(columns)s in %(column)s",
        words=spec.enum,
        columns=unknown[:_SHOWN],
        column=column,
    )
    return dict([*table.items()][:_LISTED]), decide
