"""The differences between a list and the last one: one function for each kind."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence

from importer.core.locale.message import Message
from importer.core.settings import RowLimit
from importer.run.guards.earlier_lists import FEWEST_ROWS, EarlierLists
from importer.run.guards.list_shape import ListShape

_SHARE = 0.2
_FACTOR = 3
_AT_LEAST = 50
"""
This share of a list, and a multiple of what is usual in a night, may be new, and may have changed;
and a few rows may always be new. A list that is exported every night changes by a few per cent,
and a campaign may add 15 %; a list whose ids or formats have changed is another one as a whole.
"""
_COLLAPSED = 0.5
_ERRORS = 6
"""
A column has collapsed if its share has halved, and if that is at least six standard errors of the
sample: by chance this happens less than once in a hundred million comparisons.
"""
_USUAL = 0.8


def shrinkage(rows: int, earlier: EarlierLists, limit: RowLimit) -> Iterator[Message]:
    """Yield a message if the list is empty or has shrunk."""
    before = earlier.last_rows
    if not before:
        return
    if not rows:
        yield Message("it has no rows; the last one had %(before)s", before=f"{before:,}")
    elif before - rows > limit.rows(before):
        share = 100 * (before - rows) / before
        yield Message(
            "it has %(rows)s rows; the last one had %(before)s (%(share)s %% fewer; "
            "--max-shrink allows %(most)s)",
            rows=f"{rows:,}",
            before=f"{before:,}",
            share=f"{share:.0f}",
            most=limit,
        )


def allowed_new(earlier: EarlierLists, limit: RowLimit | None, *, days: float) -> int:
    """
    Return how many rows may be new, `days` after the last run.

    The number includes rows of the last list that have no record yet.
    """
    rows = earlier.last_rows or 0
    if limit is not None:
        return math.floor(limit.rows(rows)) + earlier.last.unsettled
    grown = _FACTOR * earlier.usually_new() * max(1.0, days)
    return math.floor(max(_AT_LEAST, _SHARE * rows, grown)) + earlier.last.unsettled


def allowed_changed(
    known: int, earlier: EarlierLists, limit: RowLimit | None, *, days: float
) -> int:
    """Return how many of the `known` rows may have changed, `days` after the last run."""
    if limit is not None:
        return math.floor(limit.rows(known))
    usual = _FACTOR * earlier.usually_changed() * max(1.0, days)
    return math.floor(max(_SHARE * max(known, FEWEST_ROWS), usual))


def new_rows(rows: int, new: int, allowed: int) -> Iterator[Message]:
    """Yield a message if too many rows look new."""
    if new > allowed:
        yield Message(
            "%(new)s of its %(rows)s rows look new; %(allowed)s would be expected at most "
            "(--max-new allows more): have ids, names or formats changed?",
            new=f"{new:,}",
            rows=f"{rows:,}",
            allowed=f"{allowed:,}",
        )


def reading_differences(now: ListShape, before: ListShape) -> Iterator[Message]:
    """Yield a message if the encoding or the delimiter has changed since the last list."""
    was, is_ = _one_of_each(before.read_as), _one_of_each(now.read_as)
    # Letters of ASCII are the same in all the usual encodings: the first accent tells one.
    if was[0] and is_[0] and was[0] != is_[0] and not before.is_ascii:
        yield Message(
            "it is encoded in %(now)s; the last one was in %(before)s",
            now=_listed(is_[0]),
            before=_listed(was[0]),
        )
    if was[1] and is_[1] and was[1] != is_[1]:
        yield Message(
            "its delimiter is %(now)s; that of the last one was %(before)s",
            now=_quoted(is_[1]),
            before=_quoted(was[1]),
        )


def _one_of_each(read_as: Sequence[tuple[str, str]]) -> tuple[set[str], set[str]]:
    return {one for one, _ in read_as}, {one for _, one in read_as}


def _listed(names: set[str]) -> str:
    return ", ".join(sorted(name.upper() for name in names))


def _quoted(marks: set[str]) -> str:
    return ", ".join(repr(mark) for mark in sorted(marks))


def column_differences(now: ListShape, before: ListShape) -> Iterator[Message]:
    """Yield a message for each column whose values are mostly gone, or have another form."""
    for name, was in before.columns.items():
        is_ = now.columns.get(name)
        if is_ is None or not now.rows:
            continue  # it is not mapped any more, which is a change of the mapping
        if _has_collapsed(sum(was.values()), before.rows, sum(is_.values()), now.rows):
            yield Message(
                "column %(mapped)s is filled in %(share)s of its rows; in the last one "
                "in %(before)s",
                mapped=name,
                share=_percent(sum(is_.values()), now.rows),
                before=_percent(sum(was.values()), before.rows),
            )
        else:
            yield from _other_form(name, was, is_)


def _usual_form(forms: Mapping[str, int]) -> str:
    """Return the form of most values, or an empty text if there are none."""
    return max(forms, key=lambda form: forms[form], default="")


def _other_form(name: str, was: Mapping[str, int], is_: Mapping[str, int]) -> Iterator[Message]:
    form, before, now = _usual_form(was), sum(was.values()), sum(is_.values())
    if was.get(form, 0) < _USUAL * before or not before:
        return
    if _has_collapsed(was[form], before, is_.get(form, 0), now):
        yield Message(
            "column %(mapped)s mostly holds %(looks)s; in the last one it held %(looked)s",
            mapped=name,
            looks=_WORDS.get(_usual_form(is_), Message("nothing")),
            looked=_WORDS.get(form, form),
        )


_WORDS = {
    "email": Message("email addresses"),
    "digits": Message("numbers"),
    "code": Message("letters with digits"),
    "words": Message("words"),
    "signs": Message("signs"),
    "nested": Message("objects or lists"),
}


def _has_collapsed(was: int, of_was: int, is_: int, of_is: int) -> bool:
    """Return whether a share has halved, by more than chance explains in a sample."""
    if not of_was or not of_is:
        return False
    before, now = was / of_was, is_ / of_is
    error = math.sqrt(before * (1 - before) * (1 / of_was + 1 / of_is))
    return now < _COLLAPSED * before and before - now > _ERRORS * error and was >= _AT_LEAST


def _percent(part: int, whole: int) -> str:
    return f"{100 * part / whole:.0f} %" if whole else "0 %"
