"""Finds the allowed word of a field for each word of a column."""

from __future__ import annotations

from collections.abc import Sequence

from importer.mapper.headers.names import normalize_header
from importer.mapper.schema.objects import FieldSpec

__all__ = ["fit_words"]

_LISTED, _SHOWN = 20, 8
_UNKNOWN = "???"
# Words that can only mean one of the allowed values.
_SAME = {
    "canceled": "cancelled",
    "done": "completed",
    "complete": "completed",
    "finished": "completed",
    "noshow": "no_show",
    "moved": "rescheduled",
    "postponed": "rescheduled",
    "won": "converted",
}


def fit_words(
    spec: FieldSpec, values: Sequence[str], column: str
) -> tuple[dict[str, str], str | None]:
    """
    Return the key `values` of a line, and what a person has to decide.

    The key is empty if all words are those of the field. A word that can mean several, or none, is
    mapped to `"???"`, for a person to decide.
    """
    words = sorted({text.strip() for text in values})
    if set(words) <= set(spec.enum):
        return {}, None
    forms = {normalize_header(one): one for one in spec.enum}
    meant = {word: _meant(normalize_header(word), forms, spec) for word in words}
    table = {word: meant[word] or _UNKNOWN for word in words[:_LISTED]}
    unknown = [word for word in words if meant[word] is None]
    if not unknown:
        return {word: str(one) for word, one in meant.items()}, None
    listed = ", ".join(map(repr, unknown[:_SHOWN]))
    return table, f"which of {', '.join(spec.enum)} stands for {listed} in {column!r}"


def _meant(word: str, forms: dict[str, str], spec: FieldSpec) -> str | None:
    same = _SAME.get(word)
    return forms.get(word) or (same if same in spec.enum else None)
