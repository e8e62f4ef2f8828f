"""Guesses a text's encoding: under which one its bytes are letters as a language uses them."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, NamedTuple

Script = Literal["latin", "other", "han"]

_SIGNS = "’‘“”„–—…«»°§€£©®·½¼²³´¨¡¿ªº№×•‚\u00a0،؛؟、。・（）「」"
_SIGN_SHARE = 0.02
_FOREIGN_SHARE = 0.01
_VOWELS = "аеёиоуыэюяіїєαεηιουωάέήίόύώϊϋΐΰ"
_WESTERN_LETTERS = "éáíóöäüñçãèßåêøàâôëîïõæúìòùûýœðþÿ"

_MAX_SAMPLE_BYTES = 4000
_WORD = re.compile(rb"""(?<![^\s,;"])[^\s,;"\x80-\xff]*[\x80-\xff][^\s,;"]*""")
_HIGH = re.compile(rb"[\x80-\xff]")
_IN_WORDS = "\u2019\u00b4·"  # apostrophes, and the dot of the Catalan "col·lega"
_HARD_SPACE = "\u00a0"
# What programs leave at the ends of cells that were copied from a page: common in every language.
_HARD_SPACE_SHARE = math.log(0.1)
_RANDOM_BYTE = math.log(1 / 128)
_IMPOSSIBLE = -16.0
_CERTAIN_LEAD = 4.0  # logarithm: about 50 times as likely
_SAME_TEXT_LEAD = 4.0
_Feature = tuple[str, str, bool, str]
_NEIGHBOUR_SHARES = {
    "latin": {"ascii": 0.75, "both": 0.2, "none": 0.03, "other": 0.02},
    "other": {"ascii": 0.003, "both": 0.01, "none": 0.04, "other": 0.95},
    "han": {"ascii": 0.005, "both": 0.02, "none": 0.06, "other": 0.9},
}


@dataclass(frozen=True, slots=True, kw_only=True)
class LanguageLetters:
    """
    One language's non-ASCII letters, each with the logarithm of its share among them.

    `rest` is the share of any letter that the language does not use, `prior` how common lists in it
    are; both are logarithms too. `vowels` are given for Cyrillic and Greek.
    """

    name: str
    script: Script
    shares: Mapping[str, float]
    rest: float
    prior: float
    vowels: str = ""


def _language(
    name: str, letters: str, *, slope: float, script: Script, prior: float
) -> LanguageLetters:
    """Build a language from its letters, most frequent first; each has e^(-1/slope) of the last."""
    weights = {letter: math.exp(-rank / slope) for rank, letter in enumerate(letters)}
    share = (1 - _SIGN_SHARE - _FOREIGN_SHARE) / sum(weights.values())
    shares = {sign: math.log(_SIGN_SHARE / len(_SIGNS)) for sign in _SIGNS}
    if script != "latin":  # lists in any language may have Western names
        shares |= {
            letter: math.log(_FOREIGN_SHARE / 2 / len(_WESTERN_LETTERS))
            for letter in _WESTERN_LETTERS
        }
    shares |= {letter: math.log(weight * share) for letter, weight in weights.items()}
    rest = math.log(_FOREIGN_SHARE / 2 / 800)
    vowels = _VOWELS if script == "other" and not set(_VOWELS).isdisjoint(letters) else ""
    return LanguageLetters(
        name=name, script=script, shares=shares, rest=rest, prior=prior, vowels=vowels
    )


def _han(name: str, common: str, others: str, prior: float) -> LanguageLetters:
    """Build a language of thousands of signs; the common ones make up most of a text."""
    shares = {sign: math.log(0.02 / len(_SIGNS)) for sign in _SIGNS}
    shares |= dict.fromkeys(others, math.log(0.3 / max(len(others), 1)))
    signs = dict.fromkeys(common)
    shares |= dict.fromkeys(signs, math.log((0.4 if others else 0.7) / len(signs)))
    return LanguageLetters(
        name=name, script="han", shares=shares, rest=math.log(0.25 / 1500), prior=prior
    )


def _lines(table: str) -> Iterator[list[str]]:
    """Yield the cells of each line of a table in this folder, below its header."""
    text = Path(__file__).with_name(table).read_text(encoding="utf-8")
    return (line.split("\t") for line in text.splitlines()[1:])


def _read_languages() -> Iterator[LanguageLetters]:
    """Yield the languages of `languages.tsv`; `letters` are the most frequent ones first."""
    for name, script, prior, letters, others in _lines("languages.tsv"):
        if script == "han":
            yield _han(name, letters, others, float(prior))
        elif script == "latin":
            slope = 3.0 if len(letters) < 20 else 9.0
            yield _language(name, letters, slope=slope, script="latin", prior=float(prior))
        else:
            slope = len(letters) / 3.5
            yield _language(name, letters, slope=slope, script="other", prior=float(prior))


LANGUAGES = {language.name: language for language in _read_languages()}


class KnownEncoding(NamedTuple):
    """
    A line of `encodings.tsv`, in which the first of two that give the same text is preferred.

    `prior` is a logarithm: how much rarer it is. `alphabet` is the code page that Windows has for
    the same letters, in the languages of these `countries` (Microsoft, National Language Support:
    ANSI code page of a locale). Its `common_name` is that of the encoding to which Windows has
    added characters.
    """

    name: str
    prior: float
    alphabet: str
    languages: Sequence[str]
    countries: Sequence[str]
    common_name: str


ENCODINGS = {
    name: KnownEncoding(name, float(prior), page, spoken.split(", "), countries.split(), common)
    for name, prior, page, spoken, countries, common in _lines("encodings.tsv")
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Guess:
    """
    An encoding, how likely its text is in a language (a logarithm), and a word to show people.

    It is not `plausible` if random bytes would be more likely than such text.
    """

    encoding: str
    language: str
    score: float
    text: str
    example: str
    plausible: bool


def guess_encodings(lines: Iterable[bytes]) -> tuple[list[Guess], bool]:
    """
    Return the encodings that lines with non-ASCII letters may be in, and whether it is certain.

    The most likely one comes first. Of encodings that give the same text, only one is returned. It
    is certain that the first is right if it is about 50 times as likely as the next one, and more
    likely than random bytes.
    """
    words = _words(lines)
    sample = b" ".join(words)
    if not sample:
        return [], False
    random_bytes = _RANDOM_BYTE * len(_HIGH.findall(sample))
    found: dict[str, Guess] = {}
    for encoding, known in ENCODINGS.items():
        text = sample.decode(encoding, "replace")
        features = _features(text)
        score, language = max(
            (known.prior + LANGUAGES[name].prior + _score(features, LANGUAGES[name]), name)
            for name in known.languages
        )
        if text not in found or found[text].score < score - _SAME_TEXT_LEAD:
            found[text] = Guess(
                encoding=encoding,
                language=language,
                score=score,
                text=text,
                example=_example(text),
                plausible=score > random_bytes,
            )
    guesses = sorted(found.values(), key=lambda guess: -guess.score)
    best = guesses[0].score
    clear = len(guesses) == 1 or best - guesses[1].score >= _CERTAIN_LEAD
    return guesses, clear and guesses[0].plausible


def _words(lines: Iterable[bytes]) -> list[bytes]:
    """Return different words with non-ASCII bytes, from all over the lines but not too many."""
    words = list(dict.fromkeys(word for line in lines for word in _WORD.findall(line)))
    size = sum(len(_HIGH.findall(word)) for word in words)
    return words[:: size // _MAX_SAMPLE_BYTES + 1]


def _example(text: str) -> str:
    """Return the longest of the first words, without punctuation around it."""
    words = [word.strip("().:-/'") for word in text.split()[:20]]
    return max(words, key=len)[:40] if words else ""


def _features(text: str) -> Counter[_Feature]:
    """Count each non-ASCII character with its neighbours, and whether it fits between them."""
    counts: Counter[_Feature] = Counter()
    last = len(text) - 1
    for index, char in enumerate(text):
        if char.isascii():
            continue
        before = text[index - 1] if index else " "
        after = text[index + 1] if index < last else " "
        previous = before if _is_non_ascii_letter(before) else ""
        counts[char, _neighbours(before, after), _misfits(char, before, after), previous] += 1
    return counts


def _neighbours(before: str, after: str) -> str:
    if (before.isalpha() and before.isascii()) or (after.isalpha() and after.isascii()):
        return (
            "ascii" if not (_is_non_ascii_letter(before) or _is_non_ascii_letter(after)) else "both"
        )
    return "other" if _is_non_ascii_letter(before) or _is_non_ascii_letter(after) else "none"


def _is_non_ascii_letter(char: str) -> bool:
    return not char.isascii() and char.isalpha()


def _misfits(char: str, before: str, after: str) -> bool:
    """Return whether a character is unlikely here, such as a capital or a sign inside a word."""
    if char.isupper():
        return before.islower()
    if char.islower():
        # Also at the end of a word of capitals: there, a hard space looks like a letter of DOS.
        is_last = not after.isalpha() and char not in "ªº"
        return before.isupper() and (after.isupper() or is_last) and char not in "ßıµ"
    inside = before.isalpha() and after.isalpha()
    return inside and not char.isalpha() and char not in _IN_WORDS and not _is_mark(char)


def _is_mark(char: str) -> bool:
    return "\u0640" <= char <= "\u0655" or "\u0591" <= char <= "\u05c7"


def _score(features: Counter[_Feature], language: LanguageLetters) -> float:
    neighbours = {
        kind: math.log(share) for kind, share in _NEIGHBOUR_SHARES[language.script].items()
    }
    total = 0.0
    for (char, kind, misfits, before), count in features.items():
        if char == _HARD_SPACE and not misfits:
            total += count * _HARD_SPACE_SHARE
            continue
        total += count * (_share(char, before, language) + (-4 if misfits else 0))
        if char.isalpha():
            total += count * (neighbours[kind] + _alternation(char, before, language))
    return total


def _alternation(char: str, before: str, language: LanguageLetters) -> float:
    """Score that vowels and consonants alternate, as they mostly do in real words."""
    if not before or not language.vowels:
        return 0
    vowel, vowel_before = char.lower() in language.vowels, before.lower() in language.vowels
    if vowel != vowel_before:
        return 0.35
    return -1 if vowel else -0.35


def _share(char: str, before: str, language: LanguageLetters) -> float:
    """Return the logarithm of a character's share; a capital has a fifth of its small letter's."""
    share = language.shares.get(char)
    if share is None and char.isupper() and (share := language.shares.get(char.lower())):
        return share - (0.4 if before.isupper() else 1.6)
    if share is not None:
        return share
    if char == "\ufffd" or not char.isprintable():
        return _IMPOSSIBLE
    if language.script == "han" and not _is_syllable(char):
        return math.log(1e-5)
    return language.rest


def _is_syllable(char: str) -> bool:
    return "\u4e00" <= char <= "\u9fff" or "\uac00" <= char <= "\ud7a3"
