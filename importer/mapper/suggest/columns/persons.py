"""Tells the person that a row is about from others whom its columns name: parents, agents."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache, lru_cache
from itertools import pairwise

from importer.mapper.data import load_words
from importer.mapper.headers.tokens import tokenize
from importer.mapper.headers.words import load_vocabulary
from importer.mapper.suggest.columns.rules import match_rule, rules_of

_PERSONS = frozenset({"contact", "customer", "person", "lead"})
_NAMES = frozenset({"fullname", "name", "first", "last"})
_REACH = frozenset({"email", "phone", "mobile"})
# On lists of these, whoever asks for something is another person than the row's, if there is one.
_NOT_OF_REQUESTS = frozenset({"contact", "lead", "appointment"})
_FIRST_ORDINAL = {"1", "01"}
_POSSESSIVE = "s"


def headers_of_the_row(columns: Sequence[str], object_: str) -> list[str]:
    """
    Return the headers without the word for a person whom the rows themselves are about.

    Where only `Parent Name`, `Parent Phone` and `Child Name` name people, the first of them is the
    person of the row: these headers become `name`, `phone` and stay `Child Name`. A lead is the
    parent who asked, though its child has a name too. So does whoever `Requester Name` and
    `Requester Phone` name become the person of an appointment; alone, `Requester` is a name.
    """
    own = _own_word(columns, object_)
    return [_without(column, own, object_) if own else column for column in columns]


def names_another_person(header: str, object_: str) -> bool:
    """Return whether a header is about a second person: `Contact2 Email`, `Spouse Phone`."""
    return _other_word(header, object_) is not None


@lru_cache(maxsize=4096)
def _other_word(header: str, object_: str) -> str | None:
    words = tokenize(header)
    for word in words:
        if word in _others() or word in _words("helpers") or _begins_as_other(word):
            return word
        if not word.isascii() and (
            inside := next((one for one in load_words("persons", "inside") if one in word), None)
        ):
            return inside
    vocabulary = load_vocabulary()
    if object_ in _NOT_OF_REQUESTS and "requester" in vocabulary.parse(header, {}, "").meanings:
        return next((word for word in words if _is_requester(word)), None)
    for word, number in pairwise(words):
        is_later = number.isdigit() and number not in _FIRST_ORDINAL and len(number) == 1
        if is_later and vocabulary.parse(word, {}, "").meanings & _PERSONS:
            return number if len(words) > 2 else None
    return None


@cache
def _words(key: str) -> frozenset[str]:
    """Return words for persons as `tokenize` returns those of a header."""
    return frozenset(token for word in load_words("persons", key) for token in tokenize(word))


def _is_of_pupil(header: str) -> bool:
    return not _words("pupils").isdisjoint(tokenize(header))


def _others() -> frozenset[str]:
    return _words("guardians") | _words("others")


def _begins_as_other(word: str) -> bool:
    return word.startswith(tuple(_words("beginnings")))


def _is_requester(word: str) -> bool:
    return load_vocabulary().parse(word, {}, "").meanings == {"requester"}


def _own_word(columns: Sequence[str], object_: str) -> str | None:
    """Return the word for the person of the row, where that is one of those for other people."""
    words = [_other_word(column, object_) for column in columns]
    if not any(words):
        return None
    pairs = list(zip(columns, words, strict=True))
    named = [column for column, word in pairs if not word and _role(column, object_) in _NAMES]
    are_pupils = object_ == "lead" and all(map(_is_of_pupil, named))
    if named and not are_pupils:
        return None
    for word in dict.fromkeys(filter(None, words)):
        roles = {_role(_without(one, word, object_), object_) for one, its in pairs if its == word}
        is_helper = not _is_requester(word) and (word in _words("helpers") or word not in _others())
        if named and word not in _words("guardians"):
            continue
        if roles & _NAMES and (roles & _REACH or not is_helper):
            return word
    return None


def _without(column: str, word: str, object_: str) -> str:
    if _other_word(column, object_) != word:
        return column
    left = " ".join(_left(tokenize(column), word))
    return left or ("name" if _is_requester(word) else "")


def _left(words: Sequence[str], word: str) -> Iterator[str]:
    for one in words:
        if one == _POSSESSIVE:
            continue
        if one != word and (rest := one.replace(word, "") if not word.isascii() else one):
            yield rest


def _role(header: str, object_: str) -> str | None:
    parsed = load_vocabulary().parse(header, {}, object_)
    match = match_rule(parsed, rules_of(object_))
    return match.role if match else None
