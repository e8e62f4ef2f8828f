"""Finds the meanings of headers from their words, in 40 languages (`schemas/words.toml`)."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import NamedTuple

from importer.core.resources import data_folder
from importer.mapper.data import load_words
from importer.mapper.headers.tokens import tokenize

_NOT_EXACT = "~"


class Phrase(NamedTuple):
    """A phrase, and whether a header that is just this phrase is a field's exactly."""

    text: str
    is_exact: bool


@lru_cache(maxsize=1)
def load_phrases() -> Mapping[str, Mapping[str, str]]:
    """Return the phrases of each meaning by language, as the file lists them. It is read once."""
    text = data_folder("schemas").joinpath("words.toml").read_text(encoding="utf-8")
    document: dict[str, dict[str, str]] = tomllib.loads(text)
    return document


def split_phrases(listed: str) -> Iterator[Phrase]:
    """Yield the phrases of a list as the file has it: commas between them, `~` before some."""
    for part in listed.split(","):
        if text := part.strip():
            yield Phrase(text.removeprefix(_NOT_EXACT), not text.startswith(_NOT_EXACT))


def exact_phrases(meaning: str) -> Iterator[str]:
    """Yield the phrases that are exact headers of the fields with this meaning, English first."""
    for listed in load_phrases()[meaning].values():
        yield from (phrase.text for phrase in split_phrases(listed) if phrase.is_exact)


def label_of(meaning: str, header: str) -> str:
    """
    Return the first phrase for a meaning in the language of a header that has it.

    >>> label_of("pobox", "postfach_nr")
    'Postfach'
    """
    votes = load_vocabulary().languages([header])
    language = max(load_phrases()[meaning], key=lambda one: votes.get(one, 0))
    listed = load_phrases()[meaning][language]
    return next(phrase.text for phrase in split_phrases(listed))


_JOINED = frozenset("وبل")  # Arabic writes "and", "in" and "for" as part of the next word
_LONGEST_PHRASE = 6
_SHORTEST_PART = 3
_LONGEST_COMPOUND = 80
# Scripts that put no spaces between words: Chinese, kana and, as `tokenize` has it, Hangul.
_DENSE = re.compile(r"[\u3040-\u30ff\u3099\u309a\u3400-\u9fff\u1100-\u11ff]+")
_SHORTEST_DENSE, _SHORTEST_HEAD = 2, 4
_TELLING = frozenset(
    {"phone", "mobile", "email", "website", "name"}
    | {"secret_password", "secret_token", "secret_card", "secret_number", "secret_bank"}
    | {"secret_account", "secret_id"}
)
_HIGHEST_ORDINAL = 9
_SHORT_WORD, _SHORT_SHARE, _SHARE = 3, 0.35, 0.12


@dataclass(frozen=True, slots=True)
class Parsed:
    """
    What a header means.

    `meanings` are those of its words, and `unknown` the words that have none. `ordinal` is the
    number in the header, or 1. `place` is the short beginning that tells one address of a list from
    another, such as `po` of `POCity`, or "".
    """

    meanings: frozenset[str]
    ordinal: int = 1
    unknown: tuple[str, ...] = ()
    place: str = ""


@dataclass(frozen=True, slots=True)
class _Sense:
    meaning: str
    languages: frozenset[str]


class Vocabulary:
    """Finds the meanings of headers by the phrases of `schemas/words.toml`."""

    def __init__(self, document: Mapping[str, Mapping[str, str]]) -> None:
        index: dict[tuple[str, ...], dict[str, set[str]]] = {}
        for meaning, languages in document.items():
            for language, phrases in languages.items():
                for phrase in split_phrases(phrases):
                    for words in _spellings(phrase.text):
                        index.setdefault(words, {}).setdefault(meaning, set()).add(language)
        self._index = {
            words: tuple(_Sense(meaning, frozenset(found)) for meaning, found in senses.items())
            for words, senses in index.items()
        }

    def languages(self, headers: Iterable[str]) -> dict[str, float]:
        """Return how much the headers' words suggest each language. Shared words count less."""
        votes: dict[str, float] = {}
        for header in headers:
            for words in self._phrases(self._known_words(tokenize(header))):
                found = {one for sense in self._index.get(words, ()) for one in sense.languages}
                for language in found:
                    votes[language] = votes.get(language, 0) + 1 / len(found)
        return votes

    def parse(self, header: str, votes: Mapping[str, float], prefer: str) -> Parsed:
        """
        Return what a header means on a list with these `votes`, which `languages` returns.

        Where a phrase has several meanings, `prefer` is the one to take. It is the list's object.
        """
        words = self._known_words(tokenize(header))
        meanings: list[str] = []
        unknown: list[str] = []
        ordinal = 1
        for phrase in self._phrases(words):
            senses = self._index.get(phrase)
            senses = tuple(one for one in senses or () if _is_spoken(phrase, one, votes))
            if not senses and phrase[0].isdigit():
                ordinal = max(ordinal, int(phrase[0]))
            elif not senses:
                unknown.append(" ".join(phrase))
            else:
                meanings.append(_best(senses, votes, prefer))
        if ordinal > _HIGHEST_ORDINAL:
            unknown.append(str(ordinal))
        return Parsed(frozenset(meanings), ordinal, tuple(unknown))

    def _phrases(self, words: Sequence[str]) -> list[tuple[str, ...]]:
        """
        Cut words into phrases: with the fewest unknown words, then with the fewest phrases.

        Particles are dropped, except one at the end that says by whom: "Creato da".
        """
        best: list[tuple[int, int, int, list[tuple[str, ...]]]] = [(0, 0, 0, [])]
        for at in range(len(words) - 1, -1, -1):
            ways = []
            for length in range(1, min(_LONGEST_PHRASE, len(words) - at) + 1):
                unknown, count, dropped, rest = best[-length]
                phrase = tuple(words[at : at + length])
                if phrase in self._index:
                    ways.append((unknown, count + 1, dropped, [phrase, *rest]))
                elif length == 1:
                    ways.append((unknown + 1, count + 1, dropped, [phrase, *rest]))
                if length == 1 and self._drops_out(words, at):
                    ways.append((unknown, count, dropped + 1, rest))
            best.append(min(ways, key=lambda way: way[:3]))
        return best[-1][3]

    def _drops_out(self, words: Sequence[str], at: int) -> bool:
        by_whom = words[at] in load_words("headers", "agents") and at == len(words) - 1
        return len(words) > 1 and words[at] in _no_meaning() and not by_whom

    def _known_words(self, words: Sequence[str]) -> list[str]:
        """Return the words, with unknown ones split into known ones where they are compounds."""
        inside = {word for phrase in self._matches(words) for word in phrase}
        found: list[str] = []
        for word in words:
            if word in inside or word.isdigit() or word in _no_meaning():
                found.append(word)
            elif word[0] in _JOINED and (word[1:],) in self._index:
                found.append(word[1:])
            else:
                found += self._compound(word) or self._with_known_end(word) or [word]
        return found

    def _matches(self, words: Sequence[str]) -> Iterator[tuple[str, ...]]:
        for at in range(len(words)):
            for length in range(1, min(_LONGEST_PHRASE, len(words) - at) + 1):
                if (phrase := tuple(words[at : at + length])) in self._index:
                    yield phrase

    def _compound(self, word: str) -> list[str] | None:
        """Split `geschaftstelefon`, `emailaddress`, `顧客電話` or `ชื่อลูกค้า` into known words."""
        shortest = _SHORTEST_DENSE if _DENSE.fullmatch(word) else _SHORTEST_PART
        if not 2 * shortest <= len(word) <= _LONGEST_COMPOUND:
            return None
        for end in range(len(word) - 2, shortest - 1, -1):
            if (word[:end],) not in self._index:
                continue
            for linker in ("", *(load_words("headers", "linkers") if word.isascii() else ())):
                rest = word[end:].removeprefix(linker) if word[end:].startswith(linker) else ""
                tail = rest in load_words("headers", "short_ends") or len(rest) >= shortest
                if tail and (rest,) in self._index:
                    return [word[:end], rest]
        return None

    def _with_known_end(self, word: str) -> list[str] | None:
        """
        Split `netzpasswort` or `교회전화` before its known end, which says what it is.

        What is before stays unknown, so that the values decide; a secret stays one.
        """
        shortest = _SHORTEST_DENSE if _DENSE.fullmatch(word) else _SHORTEST_HEAD
        if len(word) > _LONGEST_COMPOUND:
            return None
        for cut in range(shortest, len(word) - shortest + 1):
            # A word that values or nobody may see: `capacity` ends in no city.
            if any(one.meaning in _TELLING for one in self._index.get((word[cut:],), ())):
                return [word[:cut], word[cut:]]
        return None


@cache
def _no_meaning() -> frozenset[str]:
    """Return the words that have no meaning of their own."""
    return load_words("headers", "particles") | load_words("headers", "units")


def _spellings(phrase: str) -> set[tuple[str, ...]]:
    """Return the words of a phrase with and without particles, and with umlauts as ae, oe, ue."""
    spelt = phrase.casefold().replace("ä", "ae").replace("ö", "oe").replace("ü", "ue")
    found = set()
    particles = load_words("headers", "particles")
    for form in {phrase, spelt}:
        words = tokenize(form)
        inner = (word for word in words[1:-1] if word not in particles)
        found |= {words, (*words[:1], *inner, *words[1:][-1:])}
    return found - {()}


def _best(senses: tuple[_Sense, ...], votes: Mapping[str, float], prefer: str) -> str:
    """Return the best meaning of a phrase: the preferred one, else the most likely language's."""
    if len(senses) == 1:
        return senses[0].meaning
    return max(
        senses,
        key=lambda sense: (
            sense.meaning == prefer,
            max(votes.get(language, 0) for language in sense.languages),
            "en" in sense.languages,
        ),
    ).meaning


def _is_spoken(words: tuple[str, ...], sense: _Sense, votes: Mapping[str, float]) -> bool:
    """
    Return whether a phrase may have this meaning: `ad` does not mean name in English lists.

    In another script than the English one, it may.
    """
    if "en" in sense.languages or not words[0].isascii():
        return True
    short = len(words) == 1 and len(words[0]) <= _SHORT_WORD
    share = max(votes.get(language, 0) for language in sense.languages)
    return share >= max(votes.values(), default=0) * (_SHORT_SHARE if short else _SHARE)


@lru_cache(maxsize=1)
def load_vocabulary() -> Vocabulary:
    """Return the vocabulary of `schemas/words.toml`. It is built once."""
    return Vocabulary(load_phrases())


def same_meaning(header: str, others: Sequence[str]) -> str | None:
    """Return the one of `others` that means the same as `header`, or None if not exactly one."""
    vocabulary = load_vocabulary()
    votes = vocabulary.languages([header, *others])
    meant = vocabulary.parse(header, votes, "")
    if meant.unknown or not meant.meanings:
        return None
    same = [one for one in others if vocabulary.parse(one, votes, "") == meant]
    return same[0] if len(same) == 1 else None
