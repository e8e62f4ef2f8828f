"""Compares names: what a header is called apart from its looks, and what was probably meant."""

from __future__ import annotations

import difflib
import unicodedata
from collections.abc import Iterable

__all__ = ["closest", "did_you_mean", "normalize_header"]

_KEPT = frozenset("LMN")  # letters, marks and numbers; Hindi and Arabic vowels are marks
_CUTOFF = 0.65  # takes "fone" for "phone", and not "plate" for "last_name"


def normalize_header(header: str) -> str:
    """Return a header without case, spaces, underscores and punctuation: `E-Mail` is `email`."""
    folded = unicodedata.normalize("NFKC", header).casefold()
    return "".join(char for char in folded if unicodedata.category(char)[0] in _KEPT)


def closest(name: str, names: Iterable[str], *, cutoff: float = _CUTOFF) -> str | None:
    """Return the one of `names` that was probably meant by `name`, or None."""
    by_form: dict[str, str] = {}
    for candidate in names:
        by_form.setdefault(normalize_header(candidate), candidate)
    form = normalize_header(name)
    if form in by_form:
        return by_form[form]
    close = difflib.get_close_matches(form, by_form, n=1, cutoff=cutoff)
    return by_form[close[0]] if close else None


def did_you_mean(name: str, names: Iterable[str], *, cutoff: float = _CUTOFF) -> str:
    """Return a sentence to hang on a message, or nothing where no name is as close as `cutoff`."""
    meant = closest(name, names, cutoff=cutoff)
    return f" Did you mean {meant!r}?" if meant is not None else ""
