"""Folds the names of people, so that two spellings of one name are found to be the same."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from functools import cache

__all__ = ["FOLDING_VERSION", "first_name_forms", "name_forms", "name_words"]

FOLDING_VERSION: int = 1
"""
Records on file keep only hashes of forms, which can be compared with forms of the same version
alone: raise it with every change of what the functions below return.
"""

# White space and commas separate words. Other signs join them: Al-Amin is Alamin, Sa'id is Said.
_SIGNS: dict[int, str | None] = {
    code: " " if chr(code).isspace() else None for code in range(128) if not chr(code).isalnum()
} | dict.fromkeys(map(ord, ",،、"), " ")
# Letters that keyboards for Arabic, Persian and Urdu write with different characters. A tatweel
# only makes a word longer; hamzas on other letters are marks.
_ARABIC = str.maketrans("ةۃہھەىیےکٱ", "هههههيييكا", "ـ")
# Accents, Hebrew points, Arabic vowels. Marks of other scripts tell letters apart, as that of й.
_MARKS = re.compile(
    r"(?<!и)[\u0300-\u036f]|[\u0591-\u05c7\u0610-\u061a\u064b-\u065f\u0670\u06d6-\u06ed]"
)
# Latin, Greek, Cyrillic, Armenian and Georgian, which `anyascii` reads letter by letter. In other
# scripts it loses too much: Omar (عمر) and Amer (عامر) would be one name.
_READABLE = re.compile(r"[\u0080-\u058f\u10a0-\u10ff\u1e00-\u1fff]+")
# ü is also written u and ue; ø and ö o and oe; ä and æ a and ae; å a and aa.
_LONG_VOWELS = ("ae", "aa", "oe", "ue")
# What spreadsheet programs take UTF-8 for, by language and system.
_WRONG_ENCODINGS = "cp1252 cp1250 cp1251 cp1253 cp1254 cp1256 mac_roman cp850".split()
# A byte that the encoding has no character for becomes a control; this makes it a byte again.
_CONTROLS = {code: 0xDC00 + code for code in range(0x80, 0xA0)}
_TITLES = frozenset(
    "mr mrs ms miss dr prof herr frau mme السيد السيده الدكتور الدكتوره د".split()
)
# Halves of first names that are none by themselves: Abd Allah and Abd Rahman are two names.
_HALVES = frozenset("abd abdul abdel abu عبد ابو".split())


def name_forms(names: Sequence[str]) -> frozenset[str]:
    """
    Return the folded forms of a whole name; spellings of one name have at least one in common.

    `names` are the texts of the fields that a name may stand in, in any order. The result is empty
    if they have fewer than two words, which white space, a comma or the end of a text separates.
    A text that repeats all other ones is the whole name.

    Case, accents, punctuation and the order of the words do not matter, neither does in which
    field a word stands, whether it is joined to the next one, nor whether ü is written u or ue.

    >>> name_forms(["Jürgen", "Müller"]) == name_forms(["MUELLER, Juergen"])
    True
    >>> name_forms(["Rana Al-Amin"]) & name_forms(["Al Amin", "Rana"])
    frozenset({'alaminrana'})
    >>> name_forms(["Rana"])
    frozenset()

    The first form is a ring: the letters of all words, joined, read from where they come first in
    the alphabet. Joining words does not change it, nor does moving words from one end to the other
    (first and last name). Names of three words or more have their sorted words as a second form,
    for any other order.
    """
    words = _whole_name(names)
    if len(words) < 2:
        return frozenset()
    ring = _ring("".join(words))
    if len(words) == 2:
        return frozenset((ring,))
    return frozenset((ring, " ".join(sorted(map(_short_vowels, words)))))


def first_name_forms(first: str | None, name: str | None) -> frozenset[str]:
    """
    Return the folded forms of a first name: of the first word of `first`, or else of `name`.

    In `name` it is the word after a comma, if there is one. Titles are skipped. Where it is known
    to have more words than one, they are joined as another form.

    >>> sorted(first_name_forms("Anna Maria", None))
    ['anna', 'annamaria']
    >>> first_name_forms(None, "Haddad, Dr. Rana") == first_name_forms(None, "RANA HADDAD")
    True
    """
    if first is not None and (words := _first_names(first)):
        forms = {words[0], "".join(words)}
    elif name is not None:
        last, _, after = name.replace("،", ",").partition(",")
        words = _first_names(after)
        forms = {words[0], "".join(words)} if words else set(_first_names(last)[:1])
    else:
        return frozenset()
    return frozenset(map(_short_vowels, forms))


def name_words(names: Sequence[str]) -> frozenset[str]:
    """
    Return the folded words of a name.

    >>> sorted(name_words(["Søren", "Ørsted"]))
    ['orsted', 'soren']
    """
    return frozenset(_short_vowels(word) for text in names for word in _words(text))


def _whole_name(names: Sequence[str]) -> list[str]:
    """Return the words of all texts, or those of the one text that has all others in it."""
    texts = [words for text in names if (words := _words(text))]
    every = [word for words in texts for word in words]
    if len(texts) > 1 and len(every) > len(texts):
        longest = max(texts, key=len)
        if Counter(every) <= Counter(longest + longest):
            return longest
    return every


def _first_names(text: str) -> list[str]:
    """Return the words of a first name, without the titles before it."""
    words = _words(text)
    while words and words[0] in _TITLES:
        del words[0]
    if len(words) > 1 and words[0] in _HALVES:
        words[:2] = ["".join(words[:2])]
    return words


def _words(text: str) -> list[str]:
    """Return the words of a text in lower case, without accents and punctuation."""
    letters = text.lower() if text.isascii() else _letters(text)
    return letters.translate(_SIGNS).split()


def _letters(text: str) -> str:
    """Return a text in lower case, without accents, and in ASCII if nothing is lost by that."""
    letters = unicodedata.normalize("NFKD", _repaired(text)).casefold()
    letters = _MARKS.sub("", letters)
    if letters.isascii():
        return letters
    letters = unicodedata.normalize("NFC", letters).translate(_ARABIC).translate(_SIGNS)
    letters = "".join(one for one in letters if one == " " or unicodedata.category(one)[0] in "LMN")
    if _READABLE.search(letters) is None:
        return letters
    from anyascii import anyascii

    return _READABLE.sub(lambda found: anyascii(found[0]), letters).lower()


def _repaired(text: str) -> str:
    """Return a text as it was before it was read with a wrong encoding ("MÃ¼ller"), if it was."""
    if not _garbled().search(text):
        return text
    given = text.translate(_CONTROLS)
    for encoding in _WRONG_ENCODINGS:
        try:
            return given.encode(encoding, "surrogateescape").decode("utf-8")
        except UnicodeError:
            continue
    return text


@cache
def _garbled() -> re.Pattern[str]:
    """Return the pattern of what the first two bytes of a character become in a wrong encoding."""
    first, more = bytes(range(0xC2, 0xF5)), bytes(range(0x80, 0xC0))
    return re.compile(
        "|".join(
            f"[{re.escape(first.decode(encoding, 'ignore'))}]"
            f"[\x80-\x9f{re.escape(more.decode(encoding, 'ignore'))}]"
            for encoding in _WRONG_ENCODINGS
        )
    )


def _ring(letters: str) -> str:
    """
    Return the same text wherever one starts to read letters that are written in a ring.

    >>> _ring("ranahaddad"), _ring("haddadrana")
    ('addadranah', 'addadranah')
    """
    start = letters.lstrip("ae")  # so that no long vowel is cut in two
    letters = _short_vowels(start + letters[: len(letters) - len(start)])
    lowest, twice, size = min(letters), letters + letters, len(letters)
    return min(twice[at : at + size] for at, one in enumerate(letters) if one == lowest)


def _short_vowels(letters: str) -> str:
    """
    Return the letters with one vowel where two may stand for it.

    >>> _short_vowels("juergen"), _short_vowels("aagaard")
    ('jurgen', 'agard')
    """
    for long in _LONG_VOWELS:
        while long in letters:
            letters = letters.replace(long, long[0])
    return letters
