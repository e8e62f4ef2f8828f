"""Tells a text's encoding from the letters its bytes would be, by which languages write so."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from importer.reader.encoding.languages import LANGUAGES, Language

__all__ = ["Guess", "guess_encodings"]

_WESTERN = ("Western", "German", "French", "Spanish", "Portuguese", "Italian", "Nordic")
_CENTRAL = ("Central European", "Polish", "Czech", "Slovak", "Hungarian", "Romanian", "Croatian")
_CYRILLIC = ("Russian", "Ukrainian", "Bulgarian", "Serbian")
# In order of preference: where two of them give the same text, the first is named. cp932, cp950 and
# cp949 are Shift-JIS, Big5 and EUC-KR as Windows writes them: they know more characters.
_CANDIDATES: tuple[tuple[str, float, tuple[str, ...]], ...] = (
    ("windows-1252", 0, (*_WESTERN, "Icelandic")),
    ("windows-1256", 0, ("Arabic", "Persian", "French")),
    ("windows-1250", -0.5, (*_CENTRAL, "German")),
    ("windows-1251", 0, _CYRILLIC),
    ("windows-1254", -0.5, ("Turkish", *_WESTERN)),
    ("windows-1253", -0.5, ("Greek",)),
    ("windows-1255", -0.5, ("Hebrew",)),
    ("windows-1257", -2, ("Baltic",)),
    ("gb18030", -1, ("Chinese", "Traditional Chinese")),
    ("cp932", -1, ("Japanese",)),
    ("cp950", -1, ("Traditional Chinese",)),
    ("cp949", -1, ("Korean",)),
    ("iso-8859-15", -3, _WESTERN),
    ("iso-8859-2", -2, (*_CENTRAL, "German")),
    ("cp850", -2, _WESTERN),
    ("mac-roman", -2, _WESTERN),
    ("cp437", -3, _WESTERN),
    ("cp852", -3, _CENTRAL),
    ("iso-8859-6", -3, ("Arabic",)),
    ("cp720", -4, ("Arabic",)),
    ("koi8-r", -2, ("Russian",)),
    ("cp866", -2, ("Russian",)),
    ("iso-8859-5", -3, _CYRILLIC),
    ("mac-cyrillic", -4, ("Russian",)),
    ("iso-8859-7", -3, ("Greek",)),
    ("iso-8859-8", -3, ("Hebrew",)),
    ("cp857", -4, ("Turkish",)),
    ("euc_jp", -3, ("Japanese",)),
)
_MOST_BYTES = 4000
_WORD = re.compile(rb"""(?<![^\s,;"])[^\s,;"\x80-\xff]*[\x80-\xff][^\s,;"]*""")
_HIGH = re.compile(rb"[\x80-\xff]")
_IN_WORDS = "\u2019\u00b4·"  # apostrophes, and the point of "col·lega"
_GARBAGE = math.log(1 / 128)
_IMPOSSIBLE = -16.0
_SURE = 4.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Guess:
    """
    An encoding, how well its text fits a language (in logarithms), and a word to show.

    It is not `plausible` where bytes that are no text at all would be likelier.
    """

    encoding: str
    language: str
    score: float
    text: str
    example: str
    plausible: bool


def guess_encodings(lines: Iterable[bytes]) -> tuple[list[Guess], bool]:
    """
    Return the encodings that lines beyond ASCII may be in, the best first, and whether it is sure.

    Of encodings that give the same text only the first is named. It is sure where the best one
    is about 50 times likelier than the next, and no less likely than bytes that are no text.
    """
    words = _words(lines)
    sample = b" ".join(words)
    if not sample:
        return [], False
    garbage = _GARBAGE * len(_HIGH.findall(sample))
    found: dict[str, Guess] = {}
    for encoding, prior, languages in _CANDIDATES:
        text = sample.decode(encoding, "replace")
        features = _features(text)
        score, language = max(
            (prior + LANGUAGES[name].prior + _score(features, LANGUAGES[name]), name)
            for name in languages
        )
        if text not in found or found[text].score < score - 4:
            found[text] = Guess(
                encoding=encoding,
                language=language,
                score=score,
                text=text,
                example=_example(text),
                plausible=score > garbage,
            )
    guesses = sorted(found.values(), key=lambda guess: -guess.score)
    best = guesses[0].score
    clear = len(guesses) == 1 or best - guesses[1].score >= _SURE
    return guesses, clear and guesses[0].plausible


def _words(lines: Iterable[bytes]) -> list[bytes]:
    """Return different words with bytes beyond ASCII, from all over the lines, not too many."""
    words = list(dict.fromkeys(word for line in lines for word in _WORD.findall(line)))
    size = sum(len(_HIGH.findall(word)) for word in words)
    return words[:: size // _MOST_BYTES + 1]


def _example(text: str) -> str:
    """Return the longest of the first words, without what stands around it."""
    words = [word.strip("().:-/'") for word in text.split()[:20]]
    return max(words, key=len)[:40] if words else ""


_Feature = tuple[str, str, bool, str]


def _features(text: str) -> Counter[_Feature]:
    """Count each character beyond ASCII: what it is, what stands beside it, whether it fits."""
    counts: Counter[_Feature] = Counter()
    last = len(text) - 1
    for place, char in enumerate(text):
        if char.isascii():
            continue
        before = text[place - 1] if place else " "
        after = text[place + 1] if place < last else " "
        previous = before if _is_far(before) else ""
        counts[char, _beside(before, after), _misfits(char, before, after), previous] += 1
    return counts


def _beside(before: str, after: str) -> str:
    if (before.isalpha() and before.isascii()) or (after.isalpha() and after.isascii()):
        return "ascii" if not (_is_far(before) or _is_far(after)) else "both"
    return "far" if _is_far(before) or _is_far(after) else "none"


def _is_far(char: str) -> bool:
    return not char.isascii() and char.isalpha()


def _misfits(char: str, before: str, after: str) -> bool:
    """Tell a capital inside a word, a small letter among capitals, a sign inside a word."""
    if char.isupper():
        return before.islower()
    if char.islower():
        return before.isupper() and after.isupper() and char not in "ßıµ"
    inside = before.isalpha() and after.isalpha()
    return inside and not char.isalpha() and char not in _IN_WORDS and not _is_mark(char)


def _is_mark(char: str) -> bool:
    return "\u0640" <= char <= "\u0655" or "\u0591" <= char <= "\u05c7"


_BESIDE = {
    "latin": {"ascii": 0.75, "both": 0.2, "none": 0.03, "far": 0.02},
    "other": {"ascii": 0.003, "both": 0.01, "none": 0.04, "far": 0.95},
    "han": {"ascii": 0.005, "both": 0.02, "none": 0.06, "far": 0.9},
}


def _score(features: Counter[_Feature], language: Language) -> float:
    beside = {kind: math.log(share) for kind, share in _BESIDE[language.script].items()}
    total = 0.0
    for (char, kind, misfits, before), count in features.items():
        total += count * (_share(char, before, language) + (-4 if misfits else 0))
        if char.isalpha():
            total += count * (beside[kind] + _turn(char, before, language))
    return total


def _turn(char: str, before: str, language: Language) -> float:
    """Vowels and consonants take turns, more often than not; letters of no language do not."""
    if not before or not language.vowels:
        return 0
    vowel, vowel_before = char.lower() in language.vowels, before.lower() in language.vowels
    if vowel != vowel_before:
        return 0.35
    return -1 if vowel else -0.35


def _share(char: str, before: str, language: Language) -> float:
    """Return the logarithm of a character's share; capitals have a fifth of their letter's."""
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
