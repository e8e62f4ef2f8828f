"""Finds what the headers of a list mean, also with unknown words in them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import islice

from importer.mapper.headers.words import Parsed, load_vocabulary
from importer.mapper.suggest.columns.rules import Rule, match_rule

_SHARED, _FEWEST = 0.6, 3
_PREFIX = re.compile(r"(.{1,40}?)(?: - |: ?|\.|_| +|/)(?=\S)")
_SUFFIX = re.compile(r"(?<=\S)(?: - |: ?|\.|_| +|/)(\S{1,20})$")
_BRACKETS = re.compile(r"[ _]*[(\[{][^)\]}]*[)\]}]")
# How forms number their questions.
_NUMBERED = re.compile(r"^(?:field|question|column|col|q)?\s*\d{1,2}\s*[:.)-]\s*", re.IGNORECASE)
# How columns of databases begin, and what that says of their values.
_TYPED = re.compile(r"(tx|ds|de|fc|dt|nm|cd|vl|nr)_(?=.)", re.IGNORECASE)
_TYPES = {
    "fc": "date ",
    "dt": "date ",
    "nm": "name ",
    "cd": "code ",
    "vl": "value ",
    "nr": "number ",
}
_JOINTS = re.compile(r"\s*(?:&+|\+|/|,|;| and | und | et | y | e | i | en | ve | и | و)\s*")
_ALTERNATIVE = re.compile(r" (?:or|o|ou|oder|of|lub|veya|или|أو) ", re.IGNORECASE)
_NAMES = frozenset({"name", "fullname", "first", "last"})
_REACH = frozenset({"email", "phone", "mobile"})


def parse_headers(columns: Sequence[str], object_: str, rules: tuple[Rule, ...]) -> list[Parsed]:
    """
    Return what each header means.

    A header that has no meaning is read again without what is in brackets or behind an "or", and
    without a beginning or an end that most columns share: `CON_Last_Name`, `Person - Name`. The
    beginnings of databases are read as what they say: `dt_reclamo` is a date.
    """
    vocabulary = load_vocabulary()
    votes = vocabulary.languages(columns)
    shared = _shared(columns)

    def parse(column: str) -> Parsed:
        first = vocabulary.parse(column, votes, object_)
        if match_rule(first, rules) is not None:
            return first
        others = (vocabulary.parse(text, votes, object_) for text in _shorter(column, shared))
        known = [one for one in others if one.meanings and not one.unknown]
        return next((one for one in known if match_rule(one, rules)), first)

    parsed = [parse(column) for column in columns]
    return [
        _first_part(column, one, parsed, rules) for column, one in zip(columns, parsed, strict=True)
    ]


def _shared(columns: Sequence[str]) -> tuple[set[str], set[str]]:
    """
    Return the beginnings and the ends that most columns share.

    Where there is none, a beginning of some columns will do that hold a person's name and what
    reaches that person: the first such person is the row's.
    """
    if len(columns) < _FEWEST:
        return set(), set()
    starts = Counter(match[0] for one in columns if (match := _PREFIX.match(one)))
    ends = Counter(match[0] for one in columns if (match := _SUFFIX.search(one)))
    least = max(_FEWEST, _SHARED * len(columns))
    common = {text for text, count in starts.items() if count >= least}
    if not common:
        persons = (text for text, count in starts.items() if count >= _FEWEST)
        common = {*islice((text for text in persons if _is_of_a_person(text, columns)), 1)}
    return common, {text for text, count in ends.items() if count >= least}


def _is_of_a_person(prefix: str, columns: Sequence[str]) -> bool:
    """Return whether the columns with a prefix include a name and contact details."""
    vocabulary = load_vocabulary()
    ends = [one.removeprefix(prefix) for one in columns if one.startswith(prefix)]
    meant = {word for end in ends for word in vocabulary.parse(end, {}, "").meanings}
    return bool(meant & _NAMES) and bool(meant & _REACH)


def _shorter(column: str, shared: tuple[set[str], set[str]]) -> Iterator[str]:
    texts = [column]
    if typed := _TYPED.match(column):
        texts.append(_TYPES.get(typed[1].lower(), "") + column[typed.end() :])
    if (bare := _NUMBERED.sub("", column)) and bare != column:
        texts.append(bare)
    if (bare := _BRACKETS.sub("", column).strip()) and bare != column:
        texts.append(bare)
    if (bare := _ALTERNATIVE.split(column)[0]) != column:
        texts.append(bare)
    for text in list(texts):
        texts += (text.removeprefix(one) for one in shared[0] if text.startswith(one))
    for text in list(texts):
        texts += (text.removesuffix(one) for one in shared[1] if text.endswith(one))
    yield from texts[1:]


def _first_part(
    column: str, parsed: Parsed, others: Sequence[Parsed], rules: tuple[Rule, ...]
) -> Parsed:
    """Return the first of several things that a header names, if the others have columns."""
    parts = [part for part in _JOINTS.split(column) if part]
    if len(parts) < 2 or match_rule(parsed, rules) is not None:
        return parsed
    vocabulary = load_vocabulary()
    votes = vocabulary.languages([column])
    meant = [vocabulary.parse(part, votes, "") for part in parts]
    elsewhere = [one.meanings for one in others if one is not parsed and not one.unknown]
    if meant[0].unknown or not all(one.meanings in elsewhere for one in meant[1:]):
        return parsed
    return replace(meant[0], typos=0) if match_rule(meant[0], rules) else parsed


def without_unknown(parsed: Parsed) -> Parsed:
    """Return what a header means without its unknown words."""
    return replace(parsed, unknown=())
